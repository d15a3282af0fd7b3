// The text for somebody who is to help: what runs here, how the mirrors stand, the last lines of the log. Addresses and names
// of targets and places on the disk stay out of it, scores are masked (R10). The log may be older than its own rules of
// masking, so everything is masked here again.

import type { DesktopSettings } from '../../shared/desktop.ts'
import type { AppView, JobView, MirrorView, Problem, Settings } from '../../shared/model/window.ts'
import { redacted } from '../platform/redact.ts'
import { namesOf, replacePlaces } from './report-names.ts'

export type ReportFacts = {
  readonly version: string
  /** "linux x64 6.1, Electron 45.4.1, Node 24.1" */
  readonly platform: string
  readonly home: string
  /** Left out: not known. */
  readonly desktop?: DesktopSettings
  /** Null: the service did not answer. */
  readonly view: AppView | null
  readonly log: readonly string[]
}

export function reportText({ version, platform, home, desktop, view, log }: ReportFacts): string {
  const head = [
    `Venti Mirror ${version} on ${platform}`,
    'Left out: addresses and names of targets (target-1 …), paths of sources (source-1 …), of 9fats and of local stores, the',
    'home folder (~), passwords, and all of a score but its ends. Names of mirrors stand in it. Read it before you send it.',
    '',
  ]
  const lines = [
    ...(desktop === undefined ? [] : [desktopLine(desktop)]),
    ...(view === null ? ['The service did not answer.'] : stateLines(view)),
    '',
    'Log, its last lines:',
    ...log,
  ]
  return [...head, replacePlaces(redacted(lines.join('\n')), namesOf(view), home)].join('\n')
}

const yesNo = (isSo: boolean): string => (isSo ? 'yes' : 'no')

const desktopLine = ({ tray, startAtLogin, dailyAt }: DesktopSettings): string =>
  `Desktop: tray ${yesNo(tray)}, start at login ${yesNo(startAtLogin)}, daily sync ${dailyAt ?? 'no'}`

const settingsLine = ({ theme, lateAfterHours, notifyFailures, notifySuccess }: Settings): string =>
  `Settings: theme ${theme}, late after ${lateAfterHours} h, tells failures ${yesNo(notifyFailures)}, tells success ${yesNo(notifySuccess)}`

const problemWords = ({ code, happened }: Problem): string => `${code}: ${happened}`

function mirrorLines({ name, source, targets, isLate, damage, lastRun }: MirrorView, index: number): readonly string[] {
  const run = lastRun === null ? 'never run' : `last run ${lastRun.at} ${lastRun.result}`
  const count = `${targets.length} ${targets.length === 1 ? 'target' : 'targets'}`
  return [
    `Mirror ${index + 1}, ${JSON.stringify(name)}: ${count}${isLate ? ', late' : ''}, damaged places: ${damage}, ${run}`,
    ...(source.problem === null ? [] : [`  source: ${problemWords(source.problem)}`]),
    ...targets.map((target) => {
      const problem = target.problem === null ? '' : `, ${problemWords(target.problem)}`
      const kind = target.store === null ? '' : ', store on this computer'
      const state = `${target.state}${kind}${target.isLate ? ', late' : ''}, behind by ${target.behindBlocks} blocks`
      return `  ${target.dial}: ${state}, last sync ${target.lastSync ?? 'never'}${problem}`
    }),
  ]
}

function jobLine({ kind, mirror, state, problem, startedAt, result }: JobView): string {
  const ended = typeof result === 'string' ? `, ${result}` : ''
  const of = mirror === null ? '' : ` of ${JSON.stringify(mirror)}`
  return `Job: ${kind}${of}, ${state}${ended}, begun ${startedAt}${problem === null ? '' : `, ${problemWords(problem)}`}`
}

function stateLines({ mirrors, jobs, problems, settings }: AppView): readonly string[] {
  return [
    settingsLine(settings),
    ...mirrors.flatMap(mirrorLines),
    ...jobs.map(jobLine),
    ...problems.map((problem) => `Problem: ${problem}`),
  ]
}
