// The picture of everything that the service keeps: mirrors, jobs, settings. Only bridge.ts writes it, the newer sequence
// number winning; the actions here ask the service and leave the rest to what it tells.

import type { AppView, JobId, JobView, MirrorView, Settings } from '../../shared/model/window.ts'
import type { SliceOf } from './store.ts'

export type AppSlice = {
  /** Null until the first picture came. */
  readonly app: Omit<AppView, 'mirrors' | 'jobs' | 'settings' | 'setup' | 'question'> | null
  readonly mirrors: readonly MirrorView[]
  readonly jobs: readonly JobView[]
  readonly settings: Settings
  readonly changeSettings: (change: Partial<Settings>) => Promise<void>
  readonly startSync: (mirror: string, dials: readonly string[] | null) => Promise<void>
  readonly pauseJob: (job: JobId) => Promise<void>
  readonly resumeJob: (job: JobId) => Promise<void>
  readonly cancelJob: (job: JobId) => Promise<void>
}

export const appSlice: SliceOf<AppSlice> = (_set, _get, api) => ({
  app: null,
  mirrors: [],
  jobs: [],
  settings: { theme: 'system', lateAfterHours: 36, notifyFailures: true, notifySuccess: false },
  changeSettings: async (change) => void (await api.ask('settings.change', change)),
  startSync: async (mirror, dials) => void (await api.ask('sync.start', { mirror, dials })),
  pauseJob: async (job) => void (await api.ask('job.pause', { job })),
  resumeJob: async (job) => void (await api.ask('job.resume', { job })),
  cancelJob: async (job) => void (await api.ask('job.cancel', { job })),
})
