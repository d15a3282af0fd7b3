// What a person is told while not looking at the window: a job that failed, a mirror that has grown late, and, if wished, a
// sync that came through. Everything told here is in the window too. Each thing is told once.

import type { EventMessage } from '../../../shared/contract.ts'
import type { DesktopCommand } from '../../../shared/desktop.ts'
import type { JobView, MirrorView, Settings } from '../../../shared/model/window.ts'

export type Notice = {
  readonly title: string
  readonly body: string
  /** Where a click leads. */
  readonly command: DesktopCommand
  readonly mirror: string | null
}

const nouns = { sync: 'sync', check: 'check', extract: 'restore' } as const

function failureOf(job: JobView): Notice | null {
  if (job.kind === 'check') {
    if (job.result === null ? job.problem === null : job.result.ok || job.result.cancelled) return null
  } else if (job.result !== 'failed' && job.result !== 'attention') return null
  const what = `The ${nouns[job.kind]}${job.mirror === null ? '' : ` of ${job.mirror}`}`
  const body = job.problem?.happened ?? job.notes.at(-1) ?? 'The window says what, and what to do.'
  return {
    title: job.problem === null ? `${what} needs your attention` : `${what} did not come through`,
    body: body.slice(0, 200),
    command: job.kind === 'sync' ? 'overview' : 'verify',
    mirror: job.mirror,
  }
}

function successOf(job: JobView): Notice | null {
  if (job.kind !== 'sync' || job.result !== 'ok') return null
  const targets = job.targets.map(({ name }) => name).join(', ')
  return {
    title: `${job.mirror ?? 'The mirror'} is in step`,
    body: `Everything is on ${targets}.`,
    command: 'overview',
    mirror: job.mirror,
  }
}

export class Notices {
  readonly #ended = new Set<string>()
  readonly #late = new Set<string>()

  /** `settings`: as they are now. */
  of(message: EventMessage, settings: Settings): Notice | null {
    if (message.event === 'job.view') return this.#ofJob(message.value as JobView, settings)
    if (message.event === 'mirror.view') return this.ofMirror(message.value as MirrorView, settings)
    return null
  }

  ofMirror({ name, isLate, lateAfterHours }: MirrorView, { notifyFailures }: Settings): Notice | null {
    if (!isLate) this.#late.delete(name)
    if (!isLate || this.#late.has(name)) return null
    this.#late.add(name)
    if (!notifyFailures) return null
    return {
      title: `${name} has grown late`,
      body: `Its last sync or its last check is older than ${lateAfterHours} hours. Sync it, or see why it was not.`,
      command: 'overview',
      mirror: name,
    }
  }

  #ofJob(job: JobView, { notifyFailures, notifySuccess }: Settings): Notice | null {
    if (job.state !== 'ended') this.#ended.delete(job.id)
    if (job.state !== 'ended' || this.#ended.has(job.id)) return null
    this.#ended.add(job.id)
    return (notifyFailures ? failureOf(job) : null) ?? (notifySuccess ? successOf(job) : null)
  }
}
