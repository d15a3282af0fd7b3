// Every arena of a source, column by column, with how far each target has it. Reads a tail for each arena, and the seal of a
// full one once: what is sealed does not change, so it is remembered.

import type { ArenaState } from '../../shared/model/arena.ts'
import type { MirrorState } from '../../shared/model/mirror.ts'
import type { ArenaMap } from '../../shared/model/window.ts'
import { readOrBadPlace } from '../engine/source/bad-place.ts'
import { cursorAt } from '../engine/sync/cursor.ts'
import { inParallel, type ArenaView, type SourceView } from '../engine/sync/source-view.ts'
import { scoreBytes } from '../engine/venti/format/constants.ts'
import { decodeSealScore } from '../engine/venti/format/arena-tail.ts'
import { targetNameOf } from './mirror-preferences.ts'

/** Arenas known to be sealed, by where they are and what is in them. */
export type SealedArenas = Set<string>

/** Of all mirrors together; beyond this they are asked again (R9). */
const maxRemembered = 200_000

function keyOf({ partition, entry, arena }: ArenaView): string {
  return [partition.source.name, entry.start, arena?.clumpMagic, arena?.counted?.used].join(' ')
}

async function isSealed(view: ArenaView, sealed: SealedArenas): Promise<boolean> {
  const key = keyOf(view)
  if (sealed.has(key)) return true
  const { source, usableBytes } = view.partition
  const { stop } = view.entry
  if (stop > usableBytes) return false
  const bytes = await readOrBadPlace(source, stop - scoreBytes, scoreBytes)
  const found = bytes instanceof Uint8Array && decodeSealScore(bytes) !== null
  if (!found) return false
  if (sealed.size >= maxRemembered) sealed.clear()
  sealed.add(key)
  return true
}

async function stateOf(view: ArenaView, sealed: SealedArenas): Promise<ArenaState> {
  const counted = view.arena?.counted ?? null
  if (counted?.sealed === true) return (await isSealed(view, sealed)) ? 'sealed' : 'full, seal pending'
  return (counted?.clumps ?? 0) === 0 && !view.moreBehind ? 'empty' : 'active'
}

function damageByArena(view: SourceView, mirror: MirrorState | null): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  const add = (arena: string): void => void counts.set(arena, (counts.get(arena) ?? 0) + 1)
  // What a sync recorded includes what this look would find; without a mirror only the look is there.
  if (mirror !== null) for (const { damage } of mirror.damage) add(damage.arena)
  else for (const { arena } of [...view.damage, ...view.arenas.flatMap(({ damage }) => damage)]) add(arena)
  return counts
}

/** `mirror` null: a source by itself. */
export async function arenaMapOf(
  view: SourceView,
  mirror: MirrorState | null,
  sealed: SealedArenas,
): Promise<ArenaMap> {
  const states = await inParallel(view.arenas, async (one) => await stateOf(one, sealed))
  const damage = damageByArena(view, mirror)
  const indexOf = new Map(view.partitions.map((partition, index) => [partition, index]))
  return {
    mirror: mirror?.name ?? null,
    partitions: view.partitions.map(({ source }) => source.name),
    partition: view.arenas.map(({ partition }) => indexOf.get(partition) ?? 0),
    names: view.arenas.map(({ name }) => name),
    offsets: view.arenas.map(({ entry }) => entry.start),
    sizes: view.arenas.map(({ entry, partition }) => entry.stop - entry.start - 2 * partition.header.blockSize),
    used: view.arenas.map(({ arena }) => arena?.counted?.used ?? 0),
    clumps: view.arenas.map(({ arena }) => arena?.counted?.clumps ?? 0),
    states,
    damage: view.arenas.map(({ name }) => damage.get(name) ?? 0),
    targets: (mirror?.targets ?? []).map(({ dial, cursors }) => ({
      dial,
      name: targetNameOf(mirror, dial),
      cursors: view.arenas.map(({ name }) => cursorAt(cursors, name)?.offset ?? 0),
    })),
  }
}
