// The sentences of a run: how it stands, how it ended and what to do next, what an earlier one did. Pure.

import type { ActivityLine, MirrorView, RunTarget, SyncJobView, TargetCopy } from '../../shared/model/window.ts'
import { count, counted, percent, printable, rate, size, timeRange } from './format.ts'
import { capital, listed } from './overview-words.ts'

/** What a screen reader and the line under the map say the moment it happens. */
export function handOverWords(job: SyncJobView, fromArena: string, toArena: string, dial: string): string {
  const name = job.targets.find((target) => target.dial === dial)?.name ?? dial
  return `${printable(fromArena)} is full and complete on ${printable(name)}; ${printable(toArena)} takes over.`
}

/** What happened last: a run, in one sentence. */
export function runWords(run: Extract<ActivityLine, { kind: 'run' }>): string {
  if (run.result === 'cancelled')
    return `Cancelled after ${counted(sum(run.targets), 'block')}; the rest is sent by the next sync.`
  const good = run.targets.filter(({ ok }) => ok)
  const failed = run.targets.filter(({ ok }) => !ok)
  const parts = good.map(({ name, blocks }) =>
    blocks === 0 ? `nothing new for ${printable(name)}` : `${counted(blocks, 'block')} to ${printable(name)}`,
  )
  const failures = failed.map(
    ({ name, error }) => `${printable(name)} was left behind${error === null ? '' : `: ${printable(error)}`}`,
  )
  const damage = run.damage === 0 ? [] : [`${counted(run.damage, 'damaged place')} left out`]
  return `${capital([...parts, ...failures, ...damage].join('; '))}.`
}

const sum = (targets: readonly RunTarget[]): number => targets.reduce((total, { blocks }) => total + blocks, 0)

/**
 * Whether something new was written since this run, as the mirror's picture says: a target that it brought up to date is
 * behind again. A picture from before its end says nothing.
 */
export function isOvertaken(job: SyncJobView, { job: open, lastRun, targets }: MirrorView): boolean {
  if (open !== null || lastRun === null || lastRun.at < job.startedAt) return false
  const isBehind = (dial: string): boolean => targets.some((one) => one.dial === dial && one.behindBlocks > 0)
  return job.targets.some(({ dial, phase, error }) => phase === 'done' && error === null && isBehind(dial))
}

export type EndWords = { readonly tone: 'ok' | 'warn' | 'bad'; readonly title: string; readonly next: string }

/** Why the check of the newest root did not pass, each reason once; empty: it did, or there was none. */
function unsoundWords({ verified }: SyncJobView): string {
  const reasons = verified
    .filter(({ ok }) => !ok)
    .map(({ problem }) => problem ?? 'blocks are missing: look under Verify')
  return [...new Set(reasons)].map((reason) => `${capital(printable(reason)).replace(/\.$/, '')}.`).join(' ')
}

/** How a run ended, and what to do next. */
export function endWords(job: SyncJobView): EndWords {
  const failed = job.targets.filter(({ error, phase }) => error !== null || phase === 'failed')
  const good = job.targets.filter((target) => !failed.includes(target))
  const blocks = Math.max(0, ...good.map(({ blocksDone }) => blocksDone))
  const goodNames = listed(good.map(({ name }) => printable(name)))
  const failedNames = listed(failed.map(({ name }) => printable(name)))
  const unsound = job.verified.filter(({ ok }) => !ok)
  if (job.result === 'cancelled') {
    return {
      tone: 'warn',
      title: 'Cancelled.',
      next: 'What was confirmed stays; the next sync goes on from there.',
    }
  }
  if (job.result === 'failed' || good.length === 0) {
    return {
      tone: 'bad',
      title: failed.length > 0 ? `Nothing could be sent to ${failedNames}.` : 'The sync failed.',
      next: 'The source was only read and every position is where it was. Try again when the cause is gone.',
    }
  }
  const done =
    blocks === 0
      ? `Nothing was new: everything is on ${goodNames}.`
      : `Done: ${counted(blocks, 'block')}, everything is on ${goodNames}.`
  if (failed.length > 0) {
    return {
      tone: 'warn',
      title: `${goodNames} ${good.length === 1 ? 'has' : 'have'} everything; ${failedNames} ${failed.length === 1 ? 'was' : 'were'} left behind.`,
      next: `Retry ${failedNames} when it can be reached: it goes on from its own position, the others are not touched. ${unsoundWords(job)}`.trim(),
    }
  }
  if (unsound.length > 0) {
    return {
      tone: 'warn',
      title: 'All blocks are there, but the check of the newest root did not pass.',
      next: unsoundWords(job),
    }
  }
  if (job.damage > 0) {
    return {
      tone: 'warn',
      title: `${done.replace(/\.$/, '')} but ${counted(job.damage, 'damaged block')}.`,
      next: 'Damaged blocks are listed under Activity; each is sent as soon as a good copy is in the source.',
    }
  }
  if (job.result === 'attention') {
    return { tone: 'warn', title: done, next: attentionWords(job) }
  }
  const checked = job.verified.length > 0
  return {
    tone: 'ok',
    title: done,
    next: checked
      ? 'Every block of the newest root was found there too.'
      : 'To be sure that it is whole there, check the newest root.',
  }
}

/** Of a run that ended so though every target has everything: what it said last. */
export function attentionWords({ notes }: SyncJobView): string {
  const last = notes.at(-1)
  return last === undefined
    ? 'Something needs a look: see Activity.'
    : `${capital(printable(last)).replace(/\.$/, '')}.`
}

const active = (targets: readonly TargetCopy[]): readonly TargetCopy[] =>
  targets.filter(({ phase }) => phase !== 'failed' && phase !== 'done')

/** Those that have not failed; all when every one has. */
function takingPart(job: SyncJobView): readonly TargetCopy[] {
  const good = job.targets.filter(({ phase }) => phase !== 'failed')
  return good.length > 0 ? good : job.targets
}

/** The heading of a run under way. */
export function runHeadline(job: SyncJobView): string {
  switch (job.state) {
    case 'pausing':
      return 'Pausing at the next checkpoint …'
    case 'paused':
      return 'Paused'
    case 'cancelling':
      return 'Stopping at the next checkpoint …'
    case 'running':
    case 'ended':
      break
  }
  if (job.stage === 'verify') return 'Checking the newest root on the targets'
  const slowest = slowestOf(job)
  if (slowest === null || slowest.blocksTotal === 0) return 'Looking for new blocks'
  return `Sending ${counted(slowest.blocksTotal, 'block')} to ${listed(takingPart(job).map(({ name }) => printable(name)))}`
}

/** The one that the run waits for: the running one with the most left. */
export function slowestOf(job: SyncJobView): TargetCopy | null {
  const running = active(job.targets)
  return (running.length > 0 ? running : job.targets).reduce<TargetCopy | null>(
    (most, one) => (most === null || one.bytesTotal - one.bytesDone > most.bytesTotal - most.bytesDone ? one : most),
    null,
  )
}

const phaseWords = {
  connecting: 'connecting',
  copying: 'copying',
  waiting: 'cannot be reached now, trying again',
  syncing: 'waiting for its confirmation',
  done: 'has everything',
  failed: 'failed',
} as const satisfies Record<TargetCopy['phase'], string>

/** "412 of 1 284 blocks · 9.8 MB of 12.0 MB · 108.0 MB/s · 8 to 9 minutes left". */
export function copyWords(target: TargetCopy): string {
  if (target.phase === 'done') {
    return target.blocksDone === 0
      ? 'has everything, nothing was new'
      : `has everything, ${counted(target.blocksDone, 'block')} more`
  }
  if (target.phase === 'failed') return target.error === null ? 'failed' : printable(target.error)
  if (target.blocksTotal === 0) return phaseWords[target.phase]
  const parts = [
    `${percent(target.bytesDone, target.bytesTotal)} %`,
    `${size(target.bytesDone)} of ${size(target.bytesTotal)}`,
  ]
  if (target.phase !== 'copying') parts.push(phaseWords[target.phase])
  else if (target.bytesPerSecond > 0) {
    parts.push(rate(target.bytesPerSecond))
    parts.push(target.secondsLeft === null ? 'time left not known yet' : `${timeRange(target.secondsLeft)} left`)
  }
  return parts.join(' · ')
}

/** "12 of 40 blocks, 1 missing": how far the check of the newest root is. */
export function checkingWords({ checking = null }: SyncJobView): string {
  if (checking === null) return 'beginning'
  const faults = checking.faults === 0 ? 'all good so far' : `${count(checking.faults)} missing or damaged`
  return `${count(checking.checked)} of ${counted(checking.known, 'block')}, ${faults}`
}

/** What is said aloud: the stage and tenths, so that it changes a dozen times in a run. */
export function spokenProgress(job: SyncJobView): string {
  if (job.state !== 'running' || job.stage === 'verify') return runHeadline(job)
  const slowest = slowestOf(job)
  if (slowest === null || slowest.blocksTotal === 0) return runHeadline(job)
  return `${Math.floor(percent(slowest.bytesDone, slowest.bytesTotal) / 10) * 10} percent sent to ${printable(slowest.name)}`
}
