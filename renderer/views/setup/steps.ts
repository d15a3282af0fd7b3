// The order of the set-up, and which step may be shown when: pure guards over the draft, the copy and the mirror it made. The
// service guards the same way; here it decides what can be pressed, and says why not.

import {
  setupSteps,
  type MirrorView,
  type SetupDraft,
  type SetupStep,
  type SyncJobView,
} from '../../../shared/model/window.ts'

export type SetupFacts = {
  readonly draft: SetupDraft
  /** The newest sync of the mirror in this session of the service. */
  readonly job: SyncJobView | null
  /** Null until the copy was begun. */
  readonly mirror: MirrorView | null
}

export const stepNames: Readonly<Record<SetupStep, string>> = {
  source: 'Source',
  targets: 'Targets',
  bookkeeping: 'Bookkeeping',
  plan: 'Plan',
  copy: 'Copy',
  verify: 'Verify',
  done: 'Done',
}

/** Once the mirror exists its source and bookkeeping stand: those steps only show what was chosen. */
export const isFixed = (draft: SetupDraft): boolean => draft.mirror !== null

export const hasSource = ({ source }: SetupDraft): boolean => source !== null && source.totals !== null

/** The owner chose a 9fat that can be followed, or none. */
export const isBookkeepingSettled = ({ ninefat, noNinefat }: SetupDraft): boolean =>
  ninefat === null ? noNinefat : ninefat.canImport

export const isOpenJob = (job: SyncJobView | null): job is SyncJobView => job !== null && job.state !== 'ended'

/** Some target has everything. */
export function isCopied({ draft, job, mirror }: SetupFacts): boolean {
  if (draft.mirror === null) return false
  if (draft.step === 'verify' || draft.step === 'done') return true
  if (job !== null && (job.stage === 'verify' || job.targets.some(({ phase }) => phase === 'done'))) return true
  return mirror?.targets.some(({ behindBlocks, lastSync }) => behindBlocks === 0 && lastSync !== null) ?? false
}

/** The newest root was found whole on every target. */
export function isVerified({ job, mirror }: SetupFacts): boolean {
  if (mirror === null || (job !== null && job.state !== 'ended')) return false
  const found = job?.verified ?? []
  return mirror.targets.every(({ dial, lastVerified }) => {
    return lastVerified !== null || found.some((one) => one.dial === dial && one.ok)
  })
}

const needs: Readonly<Record<SetupStep, (facts: SetupFacts) => string | null>> = {
  source: () => null,
  targets: ({ draft }) => (isFixed(draft) || hasSource(draft) ? null : 'Choose a source first.'),
  bookkeeping: ({ draft }) => (isFixed(draft) || draft.targets.length > 0 ? null : 'Add a target first.'),
  plan: ({ draft }) =>
    isFixed(draft) || isBookkeepingSettled(draft) ? null : 'Say first which 9fat is kept up to date, or none.',
  copy: ({ draft }) => (isFixed(draft) ? null : 'Start the copy under Plan first.'),
  verify: (facts) => (isCopied(facts) ? null : 'No target has everything yet.'),
  done: ({ job }) => (isOpenJob(job) ? 'The copy has not ended yet.' : null),
}

/** What has to be done before a step can be shown; null: nothing. */
export function missingFor(step: SetupStep, facts: SetupFacts): string | null {
  for (const one of setupSteps.slice(0, setupSteps.indexOf(step) + 1)) {
    const missing = needs[one](facts)
    if (missing !== null) return missing
  }
  return null
}

export type StepState = 'done' | 'current' | 'open' | 'closed'

/** `current` wins: what was done before can be looked at again. */
export function stateOfStep(step: SetupStep, facts: SetupFacts): StepState {
  if (step === facts.draft.step) return 'current'
  if (missingFor(step, facts) !== null) return 'closed'
  return isStepDone(step, facts) ? 'done' : 'open'
}

function isStepDone(step: SetupStep, facts: SetupFacts): boolean {
  if (step === 'verify') return isVerified(facts)
  const next = setupSteps[setupSteps.indexOf(step) + 1]
  return next !== undefined && missingFor(next, facts) === null
}

/** Null at the first. */
export const stepBefore = (step: SetupStep): SetupStep | null => setupSteps[setupSteps.indexOf(step) - 1] ?? null

/** Null at the last. */
export const stepAfter = (step: SetupStep): SetupStep | null => setupSteps[setupSteps.indexOf(step) + 1] ?? null
