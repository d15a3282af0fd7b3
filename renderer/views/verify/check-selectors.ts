// Checks of a root on a target in this session, newest first.

import type { CheckJobView, CheckResult, JobView, RootId } from '../../../shared/model/window.ts'
import type { AppState } from '../../store/store.ts'

const isCheckOf = (job: JobView, root: RootId, dial: string): job is CheckJobView =>
  job.kind === 'check' && job.root === root && job.dial === dial

export const newestCheck =
  (root: RootId, dial: string) =>
  ({ jobs }: AppState): CheckJobView | null =>
    jobs.findLast((job): job is CheckJobView => isCheckOf(job, root, dial)) ?? null

/** Of the newest check that came to its end; it stands while the next one runs. */
export const newestResult =
  (root: RootId, dial: string) =>
  ({ jobs }: AppState): CheckResult | null => {
    const ended = jobs.findLast((job): job is CheckJobView => isCheckOf(job, root, dial) && job.result !== null)
    return ended?.result ?? null
  }
