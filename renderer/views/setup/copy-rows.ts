// Which arenas the table of the copy shows: all of a few, of many those around the one at hand. Pure.

import type { ArenaMap, SyncJobView } from '../../../shared/model/window.ts'
import { handOf, type LiveCursors } from '../../components/arena-map/arena-view.ts'
import { slowestOf } from '../../text/run-words.ts'

export type CopyRows = {
  /** Indices into the map. */
  readonly shown: readonly number[]
  /** Arenas with blocks before and after those, and arenas without any. */
  readonly before: number
  readonly after: number
  readonly empty: number
}

const mostRows = 12
const rowsBehind = 4

export function copyRows(map: ArenaMap, live: LiveCursors, job: SyncJobView | null): CopyRows {
  const filled = [...map.used.keys()].filter((index) => (map.used[index] ?? 0) > 0)
  const empty = map.used.length - filled.length
  if (filled.length <= mostRows) return { shown: filled, before: 0, after: 0, empty }
  const hand = (job === null ? null : slowestOf(job)?.arena?.index) ?? handOf(map, live)
  const at = Math.max(
    0,
    filled.findIndex((index) => index >= hand),
  )
  const first = Math.max(0, Math.min(at - rowsBehind, filled.length - mostRows))
  const shown = filled.slice(first, first + mostRows)
  return { shown, before: first, after: filled.length - first - shown.length, empty }
}
