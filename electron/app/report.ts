// The text for somebody who is to help: what runs here, how the mirrors stand, the last lines of the log. Names of targets
// and folders stay out of it, scores are masked.

import type { AppView } from '../../shared/model/window.ts'
import { redacted } from '../platform/log.ts'

export type ReportFacts = {
  readonly version: string
  /** "linux x64 6.1, Electron 45.4.1, Node 24.1" */
  readonly platform: string
  readonly home: string
  /** Null: the service did not answer. */
  readonly view: AppView | null
  readonly log: readonly string[]
}

export function reportText({ version, platform, home, view, log }: ReportFacts): string {
  const places = new Map<string, string>()
  for (const [index, mirror] of (view?.mirrors ?? []).entries()) {
    places.set(mirror.source.path, `source-${index + 1}`)
    for (const { dial } of mirror.targets) if (!places.has(dial)) places.set(dial, `target-${places.size + 1}`)
  }
  const lines = [
    `Venti Mirror ${version} on ${platform}`,
    'Paths of sources and addresses of targets are replaced by names, scores are masked. Read it before you send it.',
    '',
    ...(view === null ? ['The service did not answer.'] : stateLines(view)),
    '',
    'Log:',
    ...log,
  ]
  let text = redacted(lines.join('\n'))
  // The longest first: one may be the beginning of another.
  for (const [place, name] of [...places].toSorted(([a], [b]) => b.length - a.length))
    text = text.replaceAll(place, name)
  return home.length > 1 ? text.replaceAll(home, '~') : text
}

function stateLines({ mirrors, jobs, problems, settings }: AppView): readonly string[] {
  return [
    `Late after ${settings.lateAfterHours} h`,
    ...mirrors.map(
      ({ source, targets, isLate, damage, lastRun }, index) =>
        `Mirror ${index + 1}: ${targets.length} targets${isLate ? ', late' : ''}, ${damage} damaged places, last run ${lastRun?.at ?? 'never'}` +
        (source.problem === null ? '' : `, source: ${source.problem.happened}`),
    ),
    ...jobs.map(
      ({ kind, state, problem }) =>
        `Job ${kind}: ${state}${problem === null ? '' : `, ${problem.code}: ${problem.happened}`}`,
    ),
    ...problems,
  ]
}
