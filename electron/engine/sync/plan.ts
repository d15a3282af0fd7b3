// What each target lacks, from the tails' counters and the cursors alone (pure). Blocks behind the counters are extra.

import type { Cursor } from '../../../shared/model/mirror.ts'
import type { ArenaPlan } from '../../../shared/model/run.ts'
import { cursorAt } from './cursor.ts'
import type { ArenaView } from './source-view.ts'

/** True when a scan of the arena could find something for a target that has it up to `offset`. */
export function needsScan(view: ArenaView, offset: number): boolean {
  const { arena } = view
  if (arena === null) return false
  if (arena.counted === null) return true
  return offset < arena.counted.used || view.moreBehind
}

function planArena(view: ArenaView, cursor: Cursor | undefined): ArenaPlan | null {
  const counted = view.arena?.counted ?? null
  if (counted === null) return null
  const from = cursor?.offset ?? 0
  if (from >= counted.used) return null
  // Without the clumps below the cursor (damage there) stored bytes are the closest estimate.
  const clumps = cursor === undefined ? 0 : cursor.clumps
  const uncompressed = cursor === undefined ? 0 : cursor.uncompressed
  return {
    name: view.name,
    from,
    to: counted.used,
    blocks:
      clumps === null ? Math.ceil(((counted.used - from) / counted.used) * counted.clumps) : counted.clumps - clumps,
    bytes: uncompressed === null ? counted.used - from : counted.uncompressed - uncompressed,
  }
}

export function planTarget(
  arenas: readonly ArenaView[],
  cursors: Readonly<Record<string, Cursor>>,
): { arenas: readonly ArenaPlan[]; blocks: number; bytes: number } {
  const plans = arenas.map((view) => planArena(view, cursorAt(cursors, view.name))).filter((plan) => plan !== null)
  return {
    arenas: plans,
    blocks: plans.reduce((sum, plan) => sum + plan.blocks, 0),
    bytes: plans.reduce((sum, plan) => sum + plan.bytes, 0),
  }
}
