// The service as its faces use it: requests by channel, events as they are told, nothing of it replaced. Jobs are waited for
// by their pictures. Everything that came out is kept as text, to look for what must not be in it.

import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import type { ServiceOptions } from '../../electron/service/context.ts'
import type { ServiceLink } from '../../electron/service/link.ts'
import { createService } from '../../electron/service/service.ts'
import type { Answer, Asked, Channel, EventMessage, EventName, Events } from '../../shared/contract.ts'
import type { JobId, JobView, Problem, SyncJobView } from '../../shared/model/window.ts'
import type { FakeVenti } from './fake-venti.ts'
import { stateDirIn } from './sync-runs.ts'

export const sampleDir = fileURLToPath(new URL('../../build/sample', import.meta.url))

export function serviceOptions(folder: string, options: Partial<ServiceOptions> = {}): ServiceOptions {
  return { stateDir: stateDirIn(folder), home: folder, environment: {}, version: '0', sampleDir, ...options }
}

type Waiting = { readonly isIt: (message: EventMessage) => boolean; readonly met: () => void }

export class ServiceRun {
  readonly link: ServiceLink
  readonly events: EventMessage[] = []
  /** When each event came, in the order of `events`; milliseconds. */
  readonly toldMs: number[] = []
  #text = ''
  readonly #waiting = new Set<Waiting>()

  constructor(link: ServiceLink) {
    this.link = link
    link.onEvent((message) => {
      this.events.push(message)
      this.toldMs.push(performance.now())
      this.#text += `${JSON.stringify(message)}\n`
      for (const one of this.#waiting) {
        if (!one.isIt(message)) continue
        this.#waiting.delete(one)
        one.met()
      }
    })
  }

  /** Every answer and event so far. */
  get text(): string {
    return this.#text
  }

  /** Rejects with the words of a problem. */
  async ask<C extends Channel>(channel: C, asked: Asked<C>): Promise<Answer<C>> {
    const result = await this.link.ask(channel, asked)
    this.#text += `${JSON.stringify(result)}\n`
    if (!result.ok) throw new Error(`${channel}: ${result.problem.code}: ${result.problem.happened}`)
    return result.value as Answer<C>
  }

  /** What a request that must not be answered is refused with. */
  async refusal(channel: string, asked: unknown): Promise<Problem> {
    const result = await this.link.ask(channel, asked)
    this.#text += `${JSON.stringify(result)}\n`
    if (result.ok) throw new Error(`${channel} was answered: ${JSON.stringify(result.value)}`)
    return result.problem
  }

  /** The first event like this, from now on. */
  async told<E extends EventName>(event: E, isIt: (value: Events[E]) => boolean): Promise<Events[E]> {
    return await new Promise((resolve) => {
      let found: Events[E]
      this.#waiting.add({
        isIt: (message) => {
          if (message.event !== event) return false
          found = message.value as Events[E]
          return isIt(found)
        },
        met: () => resolve(found),
      })
    })
  }

  async job(id: JobId): Promise<JobView> {
    const { jobs } = await this.ask('app.view', {})
    const view = jobs.find((one) => one.id === id)
    if (view === undefined) throw new Error(`no job ${id}`)
    return view
  }

  async reached(id: JobId, isIt: (view: JobView) => boolean): Promise<JobView> {
    const coming = this.told('job.view', (view) => view.id === id && isIt(view))
    const now = await this.job(id)
    return isIt(now) ? now : await coming
  }

  async synced(id: JobId): Promise<SyncJobView> {
    const view = await this.reached(id, ({ state }) => state === 'ended')
    if (view.kind !== 'sync') throw new Error(`job ${id} is a ${view.kind}`)
    return view
  }
}

/** Something asks a venti that holds its replies: what asks is in its middle, and stays there. */
export async function isHeld({ store }: FakeVenti): Promise<void> {
  await expect.poll(() => store.held.length, { timeout: 30_000, interval: 10 }).toBeGreaterThan(0)
}

/** In this thread, with the state in `folder`/state; closed when the test ends. */
export function serviceIn(folder: string, options: Partial<ServiceOptions> = {}): ServiceRun {
  const run = new ServiceRun(createService(serviceOptions(folder, options)))
  onTestFinished(() => run.link.close())
  return run
}
