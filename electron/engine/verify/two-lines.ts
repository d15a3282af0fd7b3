// A second connection to a target for a long look at it: one connection has 255 tags, which neither fills a long line nor
// keeps a server busy that takes the requests of a connection one by one. It is an addition and nothing more: opened once
// the look turns out to be long, used while the first has more to answer, and given up without a word when it fails.

import { asAppError } from '../../../shared/errors.ts'
import type { Score } from '../../../shared/model/score.ts'
import type { AskDone, ProbingStore } from '../vac/block-store.ts'
import { maxLumpBytes } from '../venti/format/constants.ts'
import type { TargetStore } from './target-store.ts'

/** Requests after which a look is long. */
const longLook = 2_000

export class TwoLines implements ProbingStore {
  readonly name: string
  readonly #first: TargetStore
  readonly #open: () => Promise<TargetStore>
  /** A block that is there, to try the second with. */
  #known: { readonly score: Score; readonly type: number } | null = null
  #requests = 0
  #second: TargetStore | null = null
  #opening: Promise<void> | null = null
  #waitingFirst = 0
  #waitingSecond = 0
  #closed = false

  /** `first` stays its owner's; `open` connects to the same server. */
  constructor(first: TargetStore, open: () => Promise<TargetStore>) {
    this.name = first.name
    this.#first = first
    this.#open = open
  }

  async read(score: Score, type: number, maxBytes: number = maxLumpBytes): Promise<Uint8Array> {
    const second = this.#lesser()
    if (second !== null) {
      this.#waitingSecond++
      try {
        return await second.read(score, type, maxBytes)
      } catch (thrown) {
        // What it says of the block is as good as what the first would say.
        if (!asAppError(thrown).retriable) throw thrown
        this.#giveUp(second)
      } finally {
        this.#waitingSecond--
      }
    }
    this.#waitingFirst++
    try {
      const block = await this.#first.read(score, type, maxBytes)
      this.#known ??= { score, type }
      return block
    } finally {
      this.#waitingFirst--
    }
  }

  probe(score: Score, type: number): Promise<number | null> {
    return this.#first.probe(score, type)
  }

  ask(score: Score, type: number, done: AskDone): void {
    const second = this.#lesser()
    if (second === null) {
      this.#askFirst(score, type, done)
      return
    }
    this.#waitingSecond++
    second.ask(score, type, (error, lengthBytes) => {
      this.#waitingSecond--
      if (error === null) done(null, lengthBytes)
      else {
        if (asAppError(error).retriable) this.#giveUp(second)
        this.#askFirst(score, type, done)
      }
    })
  }

  /** The second connection alone. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#opening
    await this.#second?.close()
  }

  #askFirst(score: Score, type: number, done: AskDone): void {
    this.#waitingFirst++
    this.#first.ask(score, type, (error, lengthBytes) => {
      this.#waitingFirst--
      done(error, lengthBytes)
    })
  }

  /** The second where it is there and has less to answer than the first. */
  #lesser(): TargetStore | null {
    this.#requests++
    if (this.#requests === longLook && this.#known !== null) this.#opening = this.#connect(this.#known)
    return this.#second !== null && this.#waitingSecond < this.#waitingFirst ? this.#second : null
  }

  /** Never rejects. */
  async #connect({ score, type }: { readonly score: Score; readonly type: number }): Promise<void> {
    const second = await this.#open().catch(() => null)
    if (second === null) return
    try {
      await second.read(score, type)
      await second.probe(score, type)
      if (second.probesWork === this.#first.probesWork && !this.#closed) {
        this.#second = second
        return
      }
    } catch {
      // The first does alone.
    }
    await second.close()
  }

  #giveUp(second: TargetStore): void {
    if (this.#second !== second) return
    this.#second = null
    void second.close()
  }
}
