// What the taskbar and the title say of the work under way: all jobs together, as one bar.

import type { JobView } from '../../../shared/model/window.ts'

export type Progress = {
  /** 0 to 1; null: nobody can tell yet. */
  readonly fraction: number | null
  readonly mode: 'none' | 'normal' | 'indeterminate' | 'paused'
  readonly title: string
}

const name = 'Venti Mirror'
const idle: Progress = { fraction: null, mode: 'none', title: name }

/** Of what there is to do, how much is done; a restore does not know how much there is. */
function amountOf(job: JobView): readonly [done: number, total: number] {
  if (job.kind === 'extract') return [0, 0]
  if (job.kind === 'check') return [job.checked, job.known]
  let [done, total] = [0, 0]
  for (const target of job.targets) {
    done += target.bytesDone
    total += target.bytesTotal
  }
  return [done, total]
}

export function progressOf(jobs: readonly JobView[]): Progress {
  const open = jobs.filter(({ state }) => state !== 'ended')
  if (open.length === 0) return idle
  const isPaused = open.every(({ state }) => state === 'paused' || state === 'pausing')
  // Each job counts alike: bytes of a copy and blocks of a check have no common measure.
  const known = open.map(amountOf).filter(([, total]) => total > 0)
  const subjects = [...new Set(open.flatMap(({ mirror }) => (mirror === null ? [] : [mirror])))].join(', ')
  const what = subjects === '' ? name : `${subjects} – ${name}`
  if (known.length === 0) return { fraction: null, mode: isPaused ? 'paused' : 'indeterminate', title: what }
  const fraction = known.reduce((sum, [done, total]) => sum + Math.min(1, done / total), 0) / known.length
  const words = `${Math.floor(fraction * 100)} %${isPaused ? ', paused' : ''}`
  return { fraction, mode: isPaused ? 'paused' : 'normal', title: `${words} · ${what}` }
}

export const isBusy = (jobs: readonly JobView[]): boolean =>
  jobs.some(({ state }) => state === 'running' || state === 'pausing' || state === 'cancelling')
