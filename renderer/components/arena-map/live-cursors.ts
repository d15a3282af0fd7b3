// How far each target is while a run goes on: the map's cursors, moved on by what the job says, without asking for the map
// again. A run goes through the arenas in the map's order, so those before the one at hand are finished. Pure.

import type { ArenaMap, SyncJobView, TargetCopy } from '../../../shared/model/window.ts'
import { restingCursors, type LiveCursors } from './arena-view.ts'

type Live = LiveCursors['targets'][number]

export function liveCursors(map: ArenaMap, job: SyncJobView | null): LiveCursors {
  if (job === null) return restingCursors(map)
  return {
    targets: map.targets.map(({ dial, cursors }) => {
      const copy = job.targets.find((one) => one.dial === dial)
      return copy === undefined ? { cursors, onItsWay: null } : moved(map, cursors, copy, job.rollovers)
    }),
  }
}

function moved(map: ArenaMap, cursors: readonly number[], copy: TargetCopy, rollovers: SyncJobView['rollovers']): Live {
  // All of it is confirmed: what came behind the map's numbers as well.
  if (copy.phase === 'done') return { cursors: upTo(map, cursors, map.names.length), onItsWay: null }
  const { confirmed, arena } = copy
  // A rollover is told at once, what is confirmed with the next picture of the progress.
  const last = rollovers.findLast(({ dial }) => dial === copy.dial)
  const left = last === undefined ? -1 : map.names.indexOf(last.fromArena)
  const reached = confirmed === null ? -1 : map.names.indexOf(confirmed.arena)
  const finished = Math.max(left + 1, reached)
  let now = finished > 0 ? upTo(map, cursors, finished) : cursors
  if (reached >= 0 && confirmed !== null) now = now.with(reached, Math.max(now[reached] ?? 0, confirmed.offset))
  if (arena === null || arena.blocksTotal <= 0) return { cursors: now, onItsWay: null }
  const base = cursors[arena.index] ?? 0
  const used = map.used[arena.index] ?? 0
  const part = Math.min(1, arena.blocksDone / arena.blocksTotal)
  return { cursors: now, onItsWay: { arena: arena.index, offset: base + Math.max(0, used - base) * part } }
}

/** Everything of the arenas before `end`. */
function upTo(map: ArenaMap, cursors: readonly number[], end: number): readonly number[] {
  return cursors.map((cursor, index) => (index < end ? Math.max(cursor, map.used[index] ?? 0) : cursor))
}
