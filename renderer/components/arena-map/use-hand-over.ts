// Watches the run of a mirror for rollovers.

import { useState } from 'react'
import type { SyncJobView } from '../../../shared/model/window.ts'
import { nothingWatched, watch, type HandOver } from './hand-over.ts'

/** The newest rollover that happened since the component came; null: none. `job`: the run under way, or the last one. */
export function useHandOver(job: SyncJobView | null): HandOver | null {
  const [openedAt] = useState(() => Date.now())
  const [watched, setWatched] = useState(nothingWatched)
  const isFresh = job !== null && Date.parse(job.startedAt) >= openedAt
  const next = watch(watched, job, isFresh)
  // State from state, not in an effect: the same picture that brings a rollover draws it.
  if (next !== watched) setWatched(next)
  return next.handOver
}
