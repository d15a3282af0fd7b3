// What a person is told while not looking at the window: a job that failed, a mirror that has grown late, a question that
// work waits for, and, if wished, a sync that came through. Everything told here is in the window too. Each thing is told once.

import type { EventMessage } from '../../../shared/contract.ts'
import type { DesktopCommand } from '../../../shared/desktop.ts'
import type {
  JobView,
  MachineQuestion,
  MachineQuestionView,
  MirrorView,
  Settings,
  SyncJobView,
  TargetView,
} from '../../../shared/model/window.ts'
import { countOf, printable } from '../../../shared/text/format.ts'
import { redacted } from '../../platform/redact.ts'

export type Notice = {
  readonly title: string
  /** Below 200 characters. */
  readonly body: string
  /** Where a click leads. */
  readonly command: DesktopCommand
  readonly mirror: string | null
  readonly isFailure: boolean
}

const nouns = { sync: 'sync', check: 'check', extract: 'restore' } as const
const longestTitle = 80
const longestBody = 199
/** What happened leaves room for what to do. */
const longestHappened = 120

/** Not through the middle of a character. */
const cut = (text: string, longest: number): string =>
  text.length <= longest ? text : `${text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, '')}…`

/** Masked before it is cut: half a score would not be known for one. */
const plain = (text: string): string => printable(redacted(text).replaceAll(/\s+/g, ' ').trim())

const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`)

function notice(
  [title, happened, next]: readonly [title: string, happened: string, next: string],
  rest: Omit<Notice, 'title' | 'body'>,
): Notice {
  const body = `${sentence(cut(plain(happened), longestHappened))} ${sentence(plain(next))}`
  return { title: cut(plain(title), longestTitle), body: cut(body, longestBody), ...rest }
}

function resultOf(job: JobView): 'ok' | 'attention' | 'failed' | 'cancelled' {
  if (job.problem?.code === 'cancelled') return 'cancelled'
  if (job.result === null) return job.problem === null ? 'ok' : 'failed'
  if (job.kind !== 'check') return job.result ?? 'ok'
  const { cancelled, ok } = job.result
  return cancelled ? 'cancelled' : ok ? 'ok' : 'attention'
}

function happenedIn(job: JobView): string {
  const failed = job.kind === 'sync' ? job.targets.filter(({ error }) => error !== null) : []
  const [first] = failed
  if (job.problem !== null) return job.problem.happened
  if (first !== undefined) return `${first.name} was left behind: ${first.error}`
  if (job.kind === 'check') {
    const faults = (job.result?.missing.length ?? 0) + (job.result?.corrupt.length ?? 0)
    if (faults > 0) return `${countOf(faults, 'block is', 'blocks are')} missing or damaged`
  }
  if (job.kind === 'extract' && job.failed.length > 0)
    return `${countOf(job.failed.length, 'file was', 'files were')} not restored`
  return job.notes.at(-1) ?? 'It did not come through as it should'
}

function failureOf(job: JobView): Notice | null {
  const result = resultOf(job)
  if (result === 'ok' || result === 'cancelled') return null
  const what = `The ${nouns[job.kind]}${job.mirror === null ? '' : ` of ${job.mirror}`}`
  const title = result === 'attention' ? `${what} needs your attention` : `${what} did not come through`
  const next = job.problem?.next ?? 'Open the window to see what to do'
  const command = job.kind === 'sync' ? 'overview' : 'verify'
  return notice([title, happenedIn(job), next], { command, mirror: job.mirror, isFailure: true })
}

function successOf(job: SyncJobView): Notice {
  const sent = Math.max(0, ...job.targets.map(({ blocksDone, present }) => blocksDone - present))
  const names = job.targets.map(({ name }) => name).join(', ')
  const happened = sent === 0 ? `Nothing new for ${names}` : `${countOf(sent, 'block')} sent to ${names}`
  return notice([`${job.mirror ?? 'The mirror'} is in step`, happened, 'There is nothing to do'], {
    command: 'overview',
    mirror: job.mirror,
    isFailure: false,
  })
}

const hasSent = ({ targets }: SyncJobView): boolean => targets.some(({ blocksDone, present }) => blocksDone > present)

function latenessOf({ name, lateAfterHours }: MirrorView, late: readonly TargetView[]): Notice {
  const where = late.map((target) => target.name).join(', ')
  const age = `${lateAfterHours} ${lateAfterHours === 1 ? 'hour' : 'hours'}`
  const happened = where === '' ? 'It' : where
  return notice(
    [
      `${name} has grown late`,
      `${happened}: the last sync or check is more than ${age} ago`,
      'Sync it now, or see why it was not',
    ],
    { command: 'overview', mirror: name, isFailure: true },
  )
}

function questionNotice({ kind, machine }: MachineQuestion): Notice {
  const happened = kind === 'host-key' ? `It has to be said whether the key of ${machine} is right` : `${machine} asks`
  return notice(['A question has to be answered', happened, 'Open the window: what needs the answer waits for it'], {
    command: 'overview',
    mirror: null,
    isFailure: true,
  })
}

export class Notices {
  readonly #ended = new Set<string>()
  /** Of each mirror, the dial strings of those that were late in its last picture. */
  readonly #late = new Map<string, ReadonlySet<string>>()
  readonly #daily = new Set<string>()
  #asked: string | null = null

  /** `settings`: as they are now. */
  of(message: EventMessage, settings: Settings): Notice | null {
    if (message.event === 'job.view') return this.#ofJob(message.value as JobView, settings)
    if (message.event === 'machine.question') return this.#ofQuestion(message.value as MachineQuestionView, settings)
    if (message.event === 'mirror.view') return this.ofMirror(message.value as MirrorView, settings)
    return null
  }

  #ofQuestion({ question }: MachineQuestionView, { notifyFailures }: Settings): Notice | null {
    if (question === null || question.id === this.#asked) return null
    this.#asked = question.id
    return notifyFailures ? questionNotice(question) : null
  }

  /** The next sync of it to end is that of the daily time: worth telling also when there was nothing to send. */
  dailyBegins(mirror: string): void {
    this.#daily.add(mirror)
  }

  ofMirror(mirror: MirrorView, { notifyFailures }: Settings): Notice | null {
    const late = mirror.targets.filter(({ isLate }) => isLate)
    const before = this.#late.get(mirror.name)
    const isNew = mirror.isLate && (before === undefined || late.some(({ dial }) => !before.has(dial)))
    if (mirror.isLate) this.#late.set(mirror.name, new Set(late.map(({ dial }) => dial)))
    else this.#late.delete(mirror.name)
    if (!isNew || !notifyFailures) return null
    return latenessOf(
      mirror,
      late.filter(({ dial }) => before?.has(dial) !== true),
    )
  }

  #ofJob(job: JobView, { notifyFailures, notifySuccess }: Settings): Notice | null {
    if (job.state !== 'ended') this.#ended.delete(job.id)
    if (job.state !== 'ended' || this.#ended.has(job.id)) return null
    this.#ended.add(job.id)
    const isDaily = job.kind === 'sync' && job.mirror !== null && this.#daily.delete(job.mirror)
    const failure = failureOf(job)
    if (failure !== null) return notifyFailures ? failure : null
    if (!notifySuccess || job.kind !== 'sync' || job.result !== 'ok') return null
    return isDaily || hasSent(job) ? successOf(job) : null
  }
}
