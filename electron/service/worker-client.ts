// The service behind a worker thread. A worker that dies (memory, a mistake of ours) takes nothing with it but what it was
// doing: whoever waits for an answer gets a problem, the worker is started again after a while, pages are told to ask
// anew, and a sync that was under way goes on from its cursors when it is started again.

import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { EventMessage, Result } from '../../shared/contract.ts'
import type { Problem } from '../../shared/model/window.ts'
import type { ServiceOptions } from './context.ts'
import type { ServiceLink } from './link.ts'
import type { FromWorker, ToWorker } from './port-messages.ts'
import { Sequence } from './sequence.ts'

/** Between the death of a worker and the next one. */
const restartMs = 2000
/** A disk that does not answer must not keep the program from ending; syncs are given ten seconds for their checkpoint. */
const closePatienceMs = 15_000

export type WorkerOptions = {
  /** Default: worker.js beside the program. */
  readonly workerPath?: string
  readonly restartMs?: number
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

function ownWorkerPath(): string {
  return join(dirname(fileURLToPath(import.meta.url)), 'worker.js')
}

/** A thread of our own, not a window: there is no origin to name. */
function send(worker: Worker, message: ToWorker): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  worker.postMessage(message)
}

class WorkerClient implements ServiceLink {
  readonly #options: ServiceOptions
  readonly #path: string
  readonly #restartMs: number
  readonly #sequence = new Sequence()
  readonly #listeners = new Set<(message: EventMessage) => void>()
  readonly #waiting = new Map<number, (result: Result<unknown>) => void>()
  #worker: Worker | null = null
  #timer: NodeJS.Timeout | null = null
  #lastId = 0
  #closing: Promise<void> | null = null
  #onGone: (() => void) | null = null

  constructor(
    options: ServiceOptions,
    { workerPath = ownWorkerPath(), restartMs: pauseMs = restartMs }: WorkerOptions,
  ) {
    this.#options = options
    this.#path = workerPath
    this.#restartMs = pauseMs
    this.#start(false)
  }

  async ask(channel: string, asked: unknown): Promise<Result<unknown>> {
    const worker = this.#worker
    if (this.#closing !== null) return { ok: false, problem: ending }
    if (worker === null) return { ok: false, problem: died }
    const id = ++this.#lastId
    return await new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      send(worker, { id, channel, asked })
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
    const worker = new Worker(this.#path, {
      workerData: { role: 'service', ...this.#options, isRestart },
      name: 'service',
    })
    this.#worker = worker
    worker.on('message', (message: FromWorker) => this.#onMessage(message))
    // An exit follows.
    worker.on('error', () => undefined)
    worker.on('exit', () => this.#onExit())
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
    this.#worker = null
    const isEnding = this.#closing !== null
    for (const resolve of this.#waiting.values()) resolve({ ok: false, problem: isEnding ? ending : died })
    this.#waiting.clear()
    this.#onGone?.()
    if (isEnding) return
    this.#timer = setTimeout(() => {
      this.#start(true)
      this.#tell({ event: 'app.changed', value: { sequence: this.#sequence.next() } })
    }, this.#restartMs)
  }

  async #close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    const worker = this.#worker
    if (worker === null) return
    const gone = new Promise<void>((resolve) => {
      this.#onGone = resolve
    })
    send(worker, { close: true })
    const timer = setTimeout(() => void worker.terminate(), closePatienceMs)
    await gone
    clearTimeout(timer)
  }
}

export function startServiceWorker(options: ServiceOptions, worker: WorkerOptions = {}): ServiceLink {
  return new WorkerClient(options, worker)
}
