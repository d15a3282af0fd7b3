// The blocks of a venti over a connection that may break: reads change nothing, so they are simply made again over a new
// one. Probes are used where the server answers them as described (venti-protocol.md 3.4), which is tried on every
// connection with a block that is known to be there; elsewhere a block is asked for by reading it.

import { type AppError, asAppError, cancelledError } from '../../../shared/errors.ts'
import type { Score } from '../../../shared/model/score.ts'
import { pause } from '../pause.ts'
import { probesWork } from '../sync/take-over.ts'
import type { AskDone, ProbingStore } from '../vac/block-store.ts'
import { ventiBlocks } from '../vac/venti-blocks.ts'
import { connectVenti, type VentiClient } from '../venti/client/client.ts'
import type { Dial } from '../venti/client/dial.ts'
import { usableTags } from '../venti/client/tags.ts'
import { maxLumpBytes } from '../venti/format/constants.ts'

/** About 15 s for a server that restarts. */
const defaultTries = 6
const firstPauseMs = 500

export type TargetOptions = {
  readonly signal?: AbortSignal | undefined
  readonly connectTimeoutMs?: number
  readonly replyTimeoutMs?: number
  /** Before the connection is tried again; doubles each time. */
  readonly retryPauseMs?: number
  /** In a row without a single answer between them. Default 6. */
  readonly tries?: number
  readonly onNote?: (line: string) => void
}

type Known = { readonly score: Score; readonly type: number; readonly length: number }

type Line = {
  readonly client: VentiClient
  readonly store: ReturnType<typeof ventiBlocks>
  /** Null until it was tried. */
  probes: Promise<boolean> | null
}

/** A line whose server was seen to answer probes as it should, with the promise it came out of. */
type ProbedLine = { readonly line: Line; readonly coming: Promise<Line> }

/** A function of its own, because the compiler takes an earlier look for the present one. */
const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true

export class TargetStore implements ProbingStore {
  readonly name: string
  /** False as soon as the server did not answer a probe as it should: then everything is read. */
  probesWork = true
  readonly #dial: Dial
  readonly #options: TargetOptions
  readonly #tries: number
  #line: Promise<Line> | null = null
  #probed: ProbedLine | null = null
  #failuresInRow = 0
  #known: Known | null = null
  #closed = false
  readonly #onAbort = (): void => {
    void this.#line?.then(
      ({ client }) => client.destroy(cancelledError()),
      () => undefined,
    )
  }

  constructor(dial: Dial, options: TargetOptions = {}) {
    this.name = dial.text
    this.#dial = dial
    this.#options = options
    this.#tries = options.tries ?? defaultTries
    options.signal?.addEventListener('abort', this.#onAbort)
  }

  /** The connection as it is now. Rejects when there is none. */
  async client(): Promise<VentiClient> {
    return (await this.#connected()).client
  }

  async read(score: Score, type: number, maxBytes: number = maxLumpBytes): Promise<Uint8Array> {
    return await this.#insist(async (line) => {
      const block = await line.store.read(score, type, maxBytes)
      this.#known ??= { score, type, length: block.length }
      return block
    })
  }

  async probe(score: Score, type: number): Promise<number | null> {
    return await this.#insist(async (line, coming) => {
      line.probes ??= this.#calibrate(line)
      if (await line.probes) {
        this.#probed = { line, coming }
        return await line.store.probe(score, type)
      }
      this.probesWork = false
      try {
        return (await line.store.read(score, type, maxLumpBytes)).length
      } catch (thrown) {
        if (asAppError(thrown).code === 'block-missing') return null
        throw thrown
      }
    })
  }

  /** As a rule one object and no promise for a block; whatever is out of the rule goes the way of probe(). */
  ask(score: Score, type: number, done: AskDone): void {
    const probed = this.#probed
    if (probed === null || probed.coming !== this.#line) {
      this.#askSlowly(this.probe(score, type), done)
      return
    }
    probed.line.store.ask(score, type, (thrown, lengthBytes) => {
      if (thrown === null) {
        this.#failuresInRow = 0
        done(null, lengthBytes)
      } else {
        const judged = this.#judge(probed.coming, probed.line, asAppError(thrown))
        this.#askSlowly(
          judged.then(async () => await this.probe(score, type)),
          done,
        )
      }
    })
  }

  #askSlowly(answer: Promise<number | null>, done: AskDone): void {
    answer.then(
      (lengthBytes) => done(null, lengthBytes),
      (error: unknown) => done(error, null),
    )
  }

  /** Makes no further use of a connection that failed the caller. */
  async drop(client: VentiClient): Promise<void> {
    const line = this.#line
    const now = await line?.catch(() => null)
    if (now?.client === client && this.#line === line) this.#line = null
    client.destroy()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
    const line = await this.#line?.catch(() => null)
    await line?.client.close()
  }

  async #calibrate({ client, store }: Line): Promise<boolean> {
    const known = this.#known
    if (known === null || !(await probesWork(client))) return false
    try {
      return (await store.probe(known.score, known.type)) === known.length
    } catch (thrown) {
      const error = asAppError(thrown)
      if (error.retriable) throw error
      return false
    }
  }

  async #insist<T>(work: (line: Line, coming: Promise<Line>) => Promise<T>): Promise<T> {
    for (;;) {
      const coming = this.#connected()
      const line = await coming
      try {
        const result = await work(line, coming)
        this.#failuresInRow = 0
        return result
      } catch (thrown) {
        await this.#judge(coming, line, asAppError(thrown))
      }
    }
  }

  /** Resolves where the request is to be made again over another connection; else it rejects with why not. */
  async #judge(coming: Promise<Line>, line: Line, error: AppError): Promise<void> {
    if (isAborted(this.#options.signal)) throw cancelledError()
    if (!error.retriable || this.#closed) throw error
    // Many requests fail with one connection; the first of them ends it.
    if (this.#line === coming) await this.#lose(line, error)
  }

  async #lose(line: Line, error: AppError): Promise<void> {
    this.#failuresInRow++
    this.#line = null
    line.client.destroy()
    if (this.#failuresInRow >= this.#tries) {
      this.#line = Promise.reject(error)
      this.#line.catch(() => undefined)
      throw error
    }
  }

  #connected(): Promise<Line> {
    this.#line ??= this.#connect()
    return this.#line
  }

  async #connect(): Promise<Line> {
    const { signal, connectTimeoutMs, replyTimeoutMs, onNote } = this.#options
    const firstEver = this.#failuresInRow === 0
    for (;;) {
      if (this.#failuresInRow > 0) {
        const pauseMs = (this.#options.retryPauseMs ?? firstPauseMs) * 2 ** (this.#failuresInRow - 1)
        onNote?.(`${this.name}: the connection was lost; trying again in ${pauseMs / 1000} s`)
        await pause(pauseMs, signal)
      }
      if (isAborted(signal)) throw cancelledError()
      try {
        const client = await connectVenti(this.#dial, {
          signal,
          windowRequests: usableTags,
          ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
          ...(replyTimeoutMs === undefined ? {} : { replyTimeoutMs }),
        })
        return { client, store: ventiBlocks(client), probes: null }
      } catch (thrown) {
        const error = asAppError(thrown)
        if (isAborted(signal)) throw cancelledError()
        this.#failuresInRow++
        if (firstEver || !error.retriable || this.#failuresInRow >= this.#tries) throw error
      }
    }
  }
}

/** Connects at once, so that a target that cannot be reached is told before anything else. */
export async function openTarget(dial: Dial, options: TargetOptions = {}): Promise<TargetStore> {
  const store = new TargetStore(dial, options)
  try {
    await store.client()
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}
