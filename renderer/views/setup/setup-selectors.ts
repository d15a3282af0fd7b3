// What the wizard reads from the store. Each returns something that stands in the state.

import type { CheckJobView, MirrorView, SetupDraft, SyncJobView } from '../../../shared/model/window.ts'
import { useApp } from '../../store/hooks.tsx'
import type { AppState } from '../../store/store.ts'
import { newestSyncOf } from '../overview/overview-selectors.ts'
import type { SetupFacts } from './steps.ts'

export const mirrorNamed =
  (name: string | null) =>
  ({ mirrors }: AppState): MirrorView | null =>
    mirrors.find((one) => one.name === name) ?? null

/** The newest check of a mirror on a target in this session. */
export const newestCheckOn =
  (mirror: string, dial: string) =>
  ({ jobs }: Pick<AppState, 'jobs'>): CheckJobView | null =>
    jobs.findLast((job): job is CheckJobView => job.kind === 'check' && job.mirror === mirror && job.dial === dial) ??
    null

const noSync = (): SyncJobView | null => null

/** All that guards and words are about. */
export function useSetupFacts(draft: SetupDraft): SetupFacts {
  const { mirror: name } = draft
  const mirror = useApp(mirrorNamed(name))
  const job = useApp(name === null ? noSync : newestSyncOf(name))
  return { draft, job, mirror }
}
