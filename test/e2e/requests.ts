// Requests to a running program as its page makes them, from the test itself. How they get there is the program's:
// browser-host.ts, electron-program.ts.

import type { Answer, Asked, Channel, EventMessage, EventName, Events, Result } from '../../shared/contract.ts'
import type { AppView, JobId, SyncJobView } from '../../shared/model/window.ts'

type Waiting = {
  readonly event: EventName
  readonly isIt: (value: never) => boolean
  readonly met: (value: never) => void
}

export abstract class Requests {
  readonly #waiting = new Set<Waiting>()
  /** When each event came, milliseconds. */
  readonly events: { readonly name: EventName; readonly ms: number }[] = []

  /** What nobody needs any more. */
  abstract close(): Promise<void>
  protected abstract send(channel: string, asked: unknown): Promise<Result<unknown>>

  /** Rejects with the words of a problem. */
  async ask<C extends Channel>(channel: C, asked: Asked<C>): Promise<Answer<C>> {
    const result = await this.send(channel, asked)
    if (!result.ok) throw new Error(`${channel}: ${result.problem.code}: ${result.problem.happened}`)
    return result.value as Answer<C>
  }

  /** The first event like this, from now on. */
  async told<E extends EventName>(event: E, isIt: (value: Events[E]) => boolean): Promise<Events[E]> {
    return await new Promise((met) => this.#waiting.add({ event, isIt, met }))
  }

  async ended(job: JobId): Promise<SyncJobView> {
    const isIt = (view: AppView['jobs'][number]): boolean => view.id === job && view.state === 'ended'
    const coming = this.told('job.view', isIt)
    const { jobs } = await this.ask('app.view', {})
    return (jobs.find(isIt) ?? (await coming)) as SyncJobView
  }

  protected hear({ event, value }: EventMessage): void {
    this.events.push({ name: event, ms: performance.now() })
    for (const one of this.#waiting) {
      if (one.event !== event || !one.isIt(value as never)) continue
      this.#waiting.delete(one)
      one.met(value as never)
    }
  }
}
