// The service in a thread or process of its own. One that dies (memory, a mistake of ours) takes nothing with it but what it
// was doing: whoever waits for an answer gets a problem, the service is started again after a while, pages are told to ask
// anew, and a sync that was under way goes on from its cursors when it is started again.

import type { EventMessage, Result } from '../../shared/contract.ts'
import type { Problem } from '../../shared/model/window.ts'
import type { ServiceLink } from './link.ts'
import type { FromWorker, ToWorker } from './port-messages.ts'
import { Sequence } from './sequence.ts'

/** Between the death of a worker and the next one. */
const restartMs = 2000
/** A disk that does not answer must not keep the program from ending; syncs are given ten seconds for their checkpoint. */
const closePatienceMs = 15_000

/** A thread or a process that the service runs in. */
export type ServiceProcess = {
  send(message: ToWorker): void
  /** Without a checkpoint. */
  kill(): void
}
export type ServiceEars = {
  readonly onMessage: (message: FromWorker) => void
  /** Once, when it is gone, however that came. */
  readonly onGone: () => void
}
/** `isRestart`: the one before it died in the same program. */
export type StartProcess = (ears: ServiceEars, isRestart: boolean) => ServiceProcess

export type ServiceClientOptions = {
  readonly restartMs?: number
  /** After one that died, when the next one is there to be asked. */
  readonly onRestarted?: () => void
}

const died: Problem = {
  code: 'bug',
  happened: 'the part of the program that does the work ended unexpectedly; it is started again',
  safe: 'The source was only read. Everything that targets confirmed is kept.',
  next: 'Try again in a few seconds; a sync that was running goes on where it was when you start it again.',
}
const ending: Problem = {
  code: 'cancelled',
  happened: 'the program is ending',
  safe: 'Everything confirmed so far is kept.',
  next: 'Start it again when it suits.',
}

export class ServiceClient implements ServiceLink {
  readonly #startProcess: StartProcess
  readonly #restartMs: number
  readonly #onRestarted: () => void
  readonly #sequence = new Sequence()
  readonly #listeners = new Set<(message: EventMessage) => void>()
  readonly #waiting = new Map<number, (result: Result<unknown>) => void>()
  #process: ServiceProcess | null = null
  #timer: NodeJS.Timeout | null = null
  #lastId = 0
  #closing: Promise<void> | null = null
  #onGone: (() => void) | null = null

  constructor(startProcess: StartProcess, options: ServiceClientOptions = {}) {
    this.#startProcess = startProcess
    this.#restartMs = options.restartMs ?? restartMs
    this.#onRestarted = options.onRestarted ?? (() => undefined)
    this.#start(false)
  }

  async ask(channel: string, asked: unknown): Promise<Result<unknown>> {
    const service = this.#process
    if (this.#closing !== null) return { ok: false, problem: ending }
    if (service === null) return { ok: false, problem: died }
    const id = ++this.#lastId
    return await new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      service.send({ id, channel, asked })
    })
  }

  onEvent(told: (message: EventMessage) => void): () => void {
    this.#listeners.add(told)
    return () => void this.#listeners.delete(told)
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  #start(isRestart: boolean): void {
    this.#timer = null
    const ears = { onMessage: (message: FromWorker) => this.#onMessage(message), onGone: () => this.#onExit() }
    this.#process = this.#startProcess(ears, isRestart)
  }

  #onMessage(message: FromWorker): void {
    if ('told' in message) this.#tell(message.told)
    else {
      const resolve = this.#waiting.get(message.id)
      this.#waiting.delete(message.id)
      resolve?.(message.result)
    }
  }

  #tell(message: EventMessage): void {
    for (const told of this.#listeners) told(message)
  }

  #onExit(): void {
    this.#process = null
    const isEnding = this.#closing !== null
    for (const resolve of this.#waiting.values()) resolve({ ok: false, problem: isEnding ? ending : died })
    this.#waiting.clear()
    this.#onGone?.()
    if (isEnding) return
    this.#timer = setTimeout(() => {
      this.#start(true)
      this.#tell({ event: 'app.changed', value: { sequence: this.#sequence.next() } })
      this.#onRestarted()
    }, this.#restartMs)
  }

  async #close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    const service = this.#process
    if (service === null) return
    const gone = new Promise<void>((resolve) => {
      this.#onGone = resolve
    })
    service.send({ close: true })
    const timer = setTimeout(() => service.kill(), closePatienceMs)
    await gone
    clearTimeout(timer)
  }
}
