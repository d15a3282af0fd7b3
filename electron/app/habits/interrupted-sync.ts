// Syncs that are to go on, and what a job tells about that: whether something other than its owner broke it, and whether it
// can do without a network.

import type { JobView, SyncJobView } from '../../../shared/model/window.ts'
import { needsNetwork } from './needs-network.ts'

/** A sync to begin again: the mirror, and its targets if not all. */
export type Interrupted = { readonly mirror: string; readonly dials: readonly string[] | null }

/** One that nobody waits for at the screen. `isLocal`: it is known to do without a network. */
export type Wanted = Interrupted & { readonly isLocal?: boolean }

export type SyncJob = SyncJobView & { readonly mirror: string }

export const isSync = (job: JobView): job is SyncJob => job.kind === 'sync' && job.mirror !== null

export const isHere = ({ dials }: Interrupted): boolean => dials !== null && !needsNetwork(dials)

export const isBroken = (job: SyncJobView): boolean =>
  job.state === 'ended' &&
  (job.result === 'failed' || job.result === 'attention') &&
  (job.problem !== null || job.targets.some(({ error }) => error !== null))

/** The targets it was begun for are those it shows. */
export function interruptedOf({ mirror, targets }: SyncJob): Interrupted {
  return { mirror, dials: targets.length === 0 ? null : targets.map(({ dial }) => dial) }
}
