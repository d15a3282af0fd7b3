// Rollover: a cursor that left a full arena behind and now stands in the next one. Pure.

import type { Rollover } from '../../../shared/model/run.ts'
import type { Arena } from '../venti/arena/arena.ts'
import { cursorAt, type Cursors } from './cursor.ts'
import type { ArenaView } from './source-view.ts'

/** Those between two saved states of a target's cursors. `scanned` has arenas as this run's scan found them. */
export function rolloversOf(
  arenas: readonly ArenaView[],
  scanned: ReadonlyMap<string, Arena>,
  dial: string,
  before: Cursors,
  after: Cursors,
): readonly Rollover[] {
  const found: Rollover[] = []
  for (const [index, view] of arenas.entries()) {
    const previous = arenas[index - 1]
    if (previous === undefined) continue
    if ((cursorAt(after, view.name)?.offset ?? 0) === 0 || (cursorAt(before, view.name)?.offset ?? 0) > 0) continue
    const full = (scanned.get(previous.name) ?? previous.arena)?.counted
    const left = cursorAt(after, previous.name)
    if (full?.sealed !== true || left === undefined || left.offset < full.used) continue
    found.push({
      dial,
      fromArena: previous.name,
      fromOffset: left.offset,
      toArena: view.name,
      toArenaOffset: view.entry.start,
    })
  }
  return found
}
