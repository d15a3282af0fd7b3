// Reads the blocks a walk needs, notes what was found of each, and keeps the last few in memory: the same directory block
// is wanted once for its entries and once for the names that refer to them.

import { type AppError, asAppError } from '../../../shared/errors.ts'
import type { Score } from '../../../shared/model/score.ts'
import type { VerifyDepth } from '../../../shared/model/verify.ts'
import type { AskDone, BlockStore } from '../vac/block-store.ts'
import { maxLumpBytes } from '../venti/format/constants.ts'
import { wireData } from '../venti/format/block-type.ts'
import type { FaultList } from './faults.ts'
import { waiting, type Ended } from './scheduler.ts'
import { SeenBlocks } from './seen.ts'
import type { TreePath } from './tree-path.ts'

const cacheBytes = 32 * 1024 * 1024

/** `full` is what a block of this kind extends to: a longer one cannot be meant. */
export type Place = {
  readonly score: Score
  readonly type: number
  readonly fullBytes: number
  readonly path: TreePath
}

/** Leaves of data that an earlier, unfinished look need not be followed by a second question for; and who keeps them. */
export type ReaderOptions = {
  /** What earlier looks met; this one begins a look of its own unless the caller carries one on. */
  readonly seen?: SeenBlocks
  /** Told of every leaf of data that was asked for and found. */
  readonly onFound?: (score: Score, lengthBytes: number) => void
}

export class BlockReader {
  readonly seen: SeenBlocks
  /** Different blocks found good, and the bytes of all that were found. */
  good = 0
  bytes = 0
  /** Blocks asked for that had been read before: a tree that makes many of them is built to waste time. */
  rereads = 0
  /** Of the good ones, leaves that an earlier look found: they were not asked for again. */
  earlier = 0
  readonly #onFound: ReaderOptions['onFound']
  readonly #store: BlockStore
  /** Null: whether a block is there is seen by reading it. */
  readonly #ask: ((score: Score, type: number, done: AskDone) => void) | null
  readonly #depth: VerifyDepth
  readonly #faults: FaultList
  readonly #kept = new Map<string, Uint8Array>()
  #keptBytes = 0
  readonly #coming = new Map<string, Promise<Uint8Array | null>>()

  constructor(store: BlockStore, depth: VerifyDepth, faults: FaultList, options: ReaderOptions = {}) {
    this.seen = options.seen ?? new SeenBlocks()
    this.#onFound = options.onFound
    this.#store = store
    this.#ask = depth === 'full' ? null : askOf(store)
    this.#depth = depth
    this.#faults = faults
  }

  /** For the first to ask for a leaf of data, what it has to call check() with; null for all others. */
  claim(place: Place): number | null {
    const claim = this.seen.claim(place.score, wireData, this.#depth === 'full' ? 'good' : 'present')
    if (typeof claim === 'string') return claim === 'ask' ? this.seen.claimed : null
    this.earlier++
    this.good++
    this.bytes += claim.earlierBytes
    this.#fits(place, claim.earlierBytes)
    return null
  }

  /** A leaf whose content nobody needs: asked for or, in depth full, read. Fails when the store itself does. */
  check(place: Place, claimed: number, ended: Ended): void {
    const { score, type } = place
    if (this.#ask === null) {
      waiting(async () => await this.#readLeaf(place))(ended)
      return
    }
    this.#ask(score, type, (error, length) => {
      if (error !== null) {
        // Neither yes nor no: only reading tells.
        if (faultKind(asAppError(error)) === null) ended(error)
        else waiting(async () => void (await this.#load(place)))(ended)
        return
      }
      // Somebody may have read it meanwhile, which says more.
      if (this.seen.stateAt(claimed) === 'wanted') {
        if (length === null) this.#fault(place, 'missing', null)
        else {
          this.seen.setAt(claimed, 'present', length)
          this.good++
          this.bytes += length
          this.#fits(place, length)
          this.#onFound?.(score, length)
        }
      }
      ended(null)
    })
  }

  async #readLeaf(place: Place): Promise<void> {
    const block = await this.#load(place)
    if (block !== null) this.#onFound?.(place.score, block.length)
  }

  /** The block as stored, or null when it is not to be had (which is noted). Rejects when the store itself fails. */
  async read(place: Place): Promise<Uint8Array | null> {
    const key = `${place.score}/${place.type}`
    const kept = this.#kept.get(key)
    if (kept !== undefined) {
      // The last used is the last to go.
      this.#kept.delete(key)
      this.#kept.set(key, kept)
      return kept
    }
    const coming = this.#coming.get(key)
    if (coming !== undefined) return await coming
    const load = this.#load(place)
    this.#coming.set(key, load)
    try {
      const block = await load
      if (block !== null) this.#keep(key, block)
      return block
    } finally {
      this.#coming.delete(key)
    }
  }

  async #load(place: Place): Promise<Uint8Array | null> {
    const { score, type } = place
    const state = this.seen.state(score, type)
    if (state === 'missing' || state === 'corrupt') return null
    if (state === 'good') this.rereads++
    try {
      const block = await this.#store.read(score, type, maxLumpBytes)
      this.#found(place, block.length)
      return block
    } catch (thrown) {
      const error = asAppError(thrown)
      const kind = faultKind(error)
      if (kind === null) throw error
      this.#fault(place, kind, detailOf(error))
      return null
    }
  }

  #found(place: Place, length: number): void {
    const before = this.seen.set(place.score, place.type, 'good', length)
    if (before !== 'present' && before !== 'good') {
      this.good++
      this.bytes += length
    }
    this.#fits(place, length)
  }

  #fits(place: Place, length: number): void {
    if (length > place.fullBytes) {
      const text = `a block of ${length} bytes stands where ${place.fullBytes} are the most (type ${place.type})`
      this.#faults.problem(place.path, text)
    }
  }

  #fault(place: Place, kind: 'missing' | 'corrupt', detail: string | null): void {
    const { score, type, path } = place
    const before = this.seen.set(score, type, kind)
    if (before === 'missing' || before === 'corrupt') return
    if (before === 'present' || before === 'good') this.good--
    this.#faults.add({ score, type, kind, detail: kind === 'missing' ? null : detail }, path)
  }

  #keep(key: string, block: Uint8Array): void {
    this.#kept.set(key, block)
    this.#keptBytes += block.length
    for (const [oldest, bytes] of this.#kept) {
      if (this.#keptBytes <= cacheBytes) break
      this.#kept.delete(oldest)
      this.#keptBytes -= bytes.length
    }
  }
}

function askOf(store: BlockStore): ((score: Score, type: number, done: AskDone) => void) | null {
  if (store.ask !== undefined) return (score, type, done) => store.ask?.(score, type, done)
  const { probe } = store
  if (probe === undefined) return null
  return (score, type, done) => {
    probe.call(store, score, type).then(
      (lengthBytes) => done(null, lengthBytes),
      (error: unknown) => done(error, null),
    )
  }
}

/** What an error says about the block; null when it is about the store. */
export function faultKind(error: AppError): 'missing' | 'corrupt' | null {
  if (error.code === 'block-missing') return 'missing'
  // A server has many words for a block it cannot load; none of them is a reason to stop (vac-and-fossil.md 9.6).
  if (error.code === 'block-corrupt' || error.code === 'target-refused') return 'corrupt'
  return null
}

/** The store's own words. */
export function detailOf(error: AppError): string | null {
  const words = error.data['detail'] ?? error.data['serverText']
  return typeof words === 'string' ? words : null
}
