// What the overview reads from the store. Each returns something that stands in the state.

import type { SyncJobView } from '../../../shared/model/window.ts'
import type { AppState } from '../../store/store.ts'

/** The newest sync of a mirror, running or ended; null: none in this session of the service. */
export const newestSyncOf =
  (mirror: string) =>
  (state: AppState): SyncJobView | null =>
    state.jobs.reduce<SyncJobView | null>((newest, job) => {
      if (job.kind !== 'sync' || job.mirror !== mirror) return newest
      return newest === null || job.startedAt >= newest.startedAt ? job : newest
    }, null)

export const isOpen = (job: SyncJobView | null): job is SyncJobView => job !== null && job.state !== 'ended'

/** Whether anything may be asked for: the connection stands and this page has control. */
export const mayAct = (state: AppState): boolean => state.connected && state.control
