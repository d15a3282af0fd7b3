// What the checks of a wrcmd (bookkeeping/wrcmd-check.ts) want to know of an opened source: the arena map of the partition it
// means, with the head that wrarena would begin at, and whether a clump begins at an offset.

import { AppError } from '../../../shared/errors.ts'
import type { ArenaMap, AskBoundary } from '../bookkeeping/wrcmd-check.ts'
import { arenaMapOf, viewsOf } from '../sync/arena-map.ts'
import type { SourceView } from '../sync/source-view.ts'
import type { ArenaPartition } from '../venti/arena/arena-partition.ts'
import { openArena } from '../venti/arena/arena.ts'
import { clumpBoundary } from './clump-boundary.ts'

/** The head of the arena at `address` is read as well; a quick look at a source leaves heads out. */
export async function readArenaMap(
  view: SourceView,
  partition: ArenaPartition,
  address: number | null,
): Promise<ArenaMap> {
  const views = viewsOf(view, partition)
  const map = arenaMapOf(views, partition)
  const own = views.find(({ entry }) => entry.start === address)
  if (own === undefined || own.arena === null) return map
  const { damage } = await openArena(partition, own.entry, { head: true, seal: false })
  const head = damage.find(({ kind }) => kind === 'head-missing' || kind === 'head-differs')
  if (head === undefined) return map
  const arenas = map.arenas.map((one) => (one.start === address ? { ...one, problem: head.detail } : one))
  return { ...map, arenas }
}

/** The answers reject with `cancelled` or `source-read`. */
export function boundariesOf(view: SourceView, partition: ArenaPartition, signal?: AbortSignal): AskBoundary {
  return async ({ start, name }, offset) => {
    const own = viewsOf(view, partition).find(({ entry }) => entry.start === start)
    if (own === undefined || own.arena === null) throw new AppError('source-read', `arena ${name} cannot be read`)
    return await clumpBoundary(own.arena, offset, signal)
  }
}
