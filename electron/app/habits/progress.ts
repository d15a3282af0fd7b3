// What the taskbar, the title and the tray say of the work under way: all jobs together, as one bar. Pure.

import type { JobView, TargetCopy } from '../../../shared/model/window.ts'
import { printable } from '../../../shared/text/format.ts'

export type Progress = {
  /** 0 to 1; null: nobody can tell yet. */
  readonly fraction: number | null
  readonly mode: 'none' | 'normal' | 'indeterminate' | 'paused' | 'error'
  readonly title: string
  /** One line for each job. */
  readonly tooltip: string
}

const name = 'Venti Mirror'
const idle: Progress = { fraction: null, mode: 'none', title: name, tooltip: `${name}: nothing is running` }
/** Windows cuts off what is longer, in the middle of a line. */
const longestTooltip = 127

/** A target that was left behind would hold the bar where it is for ever. */
const takingPart = (targets: readonly TargetCopy[]): readonly TargetCopy[] => {
  const good = targets.filter(({ phase }) => phase !== 'failed')
  return good.length > 0 ? good : targets
}

/** Of what there is to do, how much is done; a restore does not know how much there is. */
function amountOf(job: JobView): readonly [done: number, total: number] {
  if (job.kind === 'extract') return [0, 0]
  if (job.kind === 'check') return [job.checked, job.known]
  // The check behind a copy is a bar of its own.
  if (job.stage === 'verify') return [job.checking?.checked ?? 0, job.checking?.known ?? 0]
  let [done, total] = [0, 0]
  for (const target of takingPart(job.targets)) {
    done += target.bytesDone
    total += target.bytesTotal
  }
  return [done, total]
}

function fractionOf(job: JobView): number | null {
  const [done, total] = amountOf(job)
  return total > 0 ? Math.min(1, done / total) : null
}

const isPaused = ({ state }: JobView): boolean => state === 'paused' || state === 'pausing'

/** A pause and a cancel end every target's part in a sync: nothing is wrong with them. */
const isFailing = (job: JobView): boolean =>
  job.kind === 'sync' && job.state === 'running' && job.targets.some(({ phase }) => phase === 'failed')

/** Never 100 before it has ended. */
const percentWords = (fraction: number): string => `${Math.min(99, Math.floor(fraction * 100))} %`

const verbs = { sync: 'copying', check: 'checking', extract: 'restoring' } as const

function lineOf(job: JobView): string {
  const verb = job.kind === 'sync' && job.stage === 'verify' ? verbs.check : verbs[job.kind]
  const fraction = fractionOf(job)
  const words = [
    isPaused(job) ? 'paused' : job.state === 'cancelling' ? 'stopping' : verb,
    ...(fraction === null ? [] : [percentWords(fraction)]),
    ...(isFailing(job) ? ['a target was left behind'] : []),
  ]
  return `${printable(job.mirror ?? name)}: ${words.join(', ')}`
}

const cut = (text: string): string => (text.length > longestTooltip ? `${text.slice(0, longestTooltip - 1)}…` : text)

export function progressOf(jobs: readonly JobView[]): Progress {
  const open = jobs.filter(({ state }) => state !== 'ended')
  if (open.length === 0) return idle
  const tooltip = cut(open.map(lineOf).join('\n'))
  const paused = open.every(isPaused)
  const mode = paused ? 'paused' : open.some(isFailing) ? 'error' : 'normal'
  const subjects = [...new Set(open.flatMap(({ mirror }) => (mirror === null ? [] : [printable(mirror)])))].join(', ')
  const what = subjects === '' ? name : `${subjects} – ${name}`
  // Each job counts alike: bytes of a copy and blocks of a check have no common measure.
  const known = open.map(fractionOf).filter((one) => one !== null)
  if (known.length === 0) {
    const title = paused ? `Paused · ${what}` : what
    return { fraction: null, mode: mode === 'normal' ? 'indeterminate' : mode, title, tooltip }
  }
  const fraction = known.reduce((sum, one) => sum + one, 0) / known.length
  return { fraction, mode, title: `${percentWords(fraction)}${paused ? ', paused' : ''} · ${what}`, tooltip }
}

export const isBusy = (jobs: readonly JobView[]): boolean =>
  jobs.some(({ state }) => state === 'running' || state === 'pausing' || state === 'cancelling')
