// The rollover that happened while somebody was looking: what the map draws once. Those that a run had behind it when the
// page came are history and not drawn. Pure; the hook around it is in use-hand-over.ts.

import type { SyncJobView } from '../../../shared/model/window.ts'

export type HandOver = {
  readonly job: string
  readonly dial: string
  readonly fromArena: string
  readonly toArena: string
  readonly at: string
}

export type Watched = {
  readonly job: string | null
  /** Rollovers of that job that were seen. */
  readonly seen: number
  readonly handOver: HandOver | null
}

export const nothingWatched: Watched = { job: null, seen: 0, handOver: null }

/** `isFresh`: the run began while the page was open, so that its first rollover is news too. */
export function watch(before: Watched, job: SyncJobView | null, isFresh: boolean): Watched {
  if (job === null) return before
  const { id, rollovers } = job
  if (before.job !== id) {
    if (!isFresh || rollovers.length === 0) return { job: id, seen: rollovers.length, handOver: null }
  } else if (rollovers.length <= before.seen) return before
  const last = rollovers.at(-1)
  if (last === undefined) return before
  const { dial, fromArena, toArena, at } = last
  return { job: id, seen: rollovers.length, handOver: { job: id, dial, fromArena, toArena, at } }
}
