// One hash tree, read lazily: any leaf, any range, or all of it in order with leaves read ahead. What is not stored is not
// fetched and not spelled out: a zero subtree is one piece, whatever it claims to cover, and a leaf is handed out as it is
// stored with the number of zeros that belong behind it (R9). Authority: plan9port libventi/file.c blockwalk.

import { assert } from '../../../shared/assert.ts'
import { cancelledError, type AppError } from '../../../shared/errors.ts'
import type { Score } from '../../../shared/model/score.ts'
import { maxLumpBytes, scoreBytes } from '../venti/format/constants.ts'
import { isTreeFault } from './block-faults.ts'
import type { BlockStore } from './block-store.ts'
import { wireTypeOf, type VacEntry } from './entry.ts'
import { leafCount, leavesUnder, pointerAt, pointersPerBlock } from './pointers.ts'

/** A stretch of a stream: `bytes`, then zeros up to `length`. */
export type Piece = { readonly offset: number; readonly length: number; readonly bytes: Uint8Array }

/** A stretch that cannot be read, because of one block of the tree. */
export type Gap = { readonly offset: number; readonly length: number; readonly error: AppError }

export type StreamOptions = {
  /** Leaves asked for before the first of them is used. Default 32. */
  readonly readAhead?: number
  readonly signal?: AbortSignal | undefined
}

const defaultReadAhead = 32
const nothing = new Uint8Array(0)

/** The leaf's score; or null and the leaves from here on that share an empty subtree, or one that cannot be read. */
type Found = { readonly score: Score | null; readonly leaves: number; readonly error?: AppError }

/** `known` as soon as it was read. */
type KeptPointers = { readonly number: number; readonly block: Promise<Uint8Array>; known?: Uint8Array }

export class HashTree {
  readonly entry: VacEntry
  readonly leafCount: number
  readonly #store: BlockStore
  readonly #options: StreamOptions
  readonly #perBlock: number
  /** The last pointer block used of each level, by its number in that level. */
  readonly #levels = new Map<number, KeptPointers>()

  constructor(store: BlockStore, entry: VacEntry, options: StreamOptions = {}) {
    this.#store = store
    this.entry = entry
    this.#options = options
    this.#perBlock = pointersPerBlock(entry.psize)
    this.leafCount = leafCount(entry.size, entry.dsize)
  }

  get size(): number {
    return this.entry.size
  }

  /** What stands in the tree for leaf `n`; null for this many leaves of zeros. Reads pointer blocks only. */
  async leafScore(n: number): Promise<{ readonly score: Score | null; readonly leaves: number }> {
    const { score, leaves, error } = await this.#find(n)
    if (error !== undefined) throw error
    return { score, leaves }
  }

  /** Leaf `n`, cut to the stream. */
  async leaf(n: number): Promise<Piece> {
    const { score } = await this.leafScore(n)
    return this.#piece(n, 1, score === null ? nothing : await this.#readLeaf(score))
  }

  /** Bytes of a range, cut to the stream. The caller bounds `length`. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const from = Math.min(offset, this.size)
    const end = Math.min(this.size, from + length)
    const out = new Uint8Array(end - from)
    for await (const piece of this.pieces(from, end)) out.set(piece.bytes, piece.offset - from)
    return out
  }

  /** The stream from `from` to `to` in order. The first block that cannot be read ends it with its error. */
  async *pieces(from: number = 0, to: number = this.size): AsyncGenerator<Piece, void, void> {
    for await (const stretch of this.stretches(from, to)) {
      if ('error' in stretch) throw stretch.error
      yield stretch
    }
  }

  /** The same, past blocks that cannot be read; pieces and gaps together cover the range. */
  async *stretches(from: number = 0, to: number = this.size): AsyncGenerator<Piece | Gap, void, void> {
    const { dsize } = this.entry
    const end = Math.min(to, this.size)
    if (from >= end) return
    const ahead: (Piece | Gap | Promise<Piece | Gap>)[] = []
    const room = Math.max(1, this.#options.readAhead ?? defaultReadAhead)
    const last = Math.ceil(end / dsize)
    let n = Math.floor(from / dsize)
    while (n < last || ahead.length > 0) {
      while (n < last && ahead.length < room) {
        const found = this.#findNow(n) ?? (await this.#find(n))
        ahead.push(this.#stretch(n, found))
        n += found.leaves
      }
      yield clip(await (ahead.shift() as Piece | Gap | Promise<Piece | Gap>), from, end)
    }
  }

  #stretch(n: number, { score, leaves, error }: Found): Piece | Gap | Promise<Piece | Gap> {
    const empty = this.#piece(n, leaves, nothing)
    if (error !== undefined) return { offset: empty.offset, length: empty.length, error }
    if (score === null) return empty
    const stretch = this.#readLeaf(score).then(
      (bytes): Piece => this.#piece(n, 1, bytes),
      (failed: unknown): Gap => {
        if (!isTreeFault(failed)) throw failed
        return { offset: empty.offset, length: empty.length, error: failed }
      },
    )
    // Whoever stops early never looks at it again.
    stretch.catch(() => undefined)
    return stretch
  }

  #piece(n: number, leaves: number, stored: Uint8Array): Piece {
    const { dsize, size } = this.entry
    const offset = n * dsize
    const length = Math.min(leaves * dsize, size - offset)
    return { offset, length, bytes: stored.subarray(0, length) }
  }

  /** What #find() would find, where the pointer block above the leaf is at hand: so it is for all but one in hundreds. */
  #findNow(n: number): Found | null {
    const { depth, score } = this.entry
    if (this.#options.signal?.aborted === true || score === null) return null
    if (depth === 0) return { score, leaves: 1 }
    const kept = this.#levels.get(1)
    if (kept?.known === undefined || kept.number !== Math.floor(n / this.#perBlock)) return null
    const leaf = pointerAt(kept.known, n % this.#perBlock)
    return leaf === null ? null : { score: leaf, leaves: 1 }
  }

  async #find(n: number): Promise<Found> {
    const { signal } = this.#options
    if (signal?.aborted === true) throw cancelledError()
    assert(Number.isSafeInteger(n) && n >= 0 && n < this.leafCount, `leaf ${n} of ${this.leafCount}`)
    let score = this.entry.score
    if (score === null) return { score, leaves: this.leafCount - n }
    for (let level = this.entry.depth; level > 0; level--) {
      const under = leavesUnder(this.#perBlock, level - 1)
      try {
        const block = await this.#pointers(level, Math.floor(n / leavesUnder(this.#perBlock, level)), score)
        const index = Math.floor(n / under) % this.#perBlock
        score = pointerAt(block, index)
        if (score === null) return { score, leaves: this.#leavesLeft(n, level - 1, this.#emptyRun(block, index)) }
      } catch (error) {
        if (!isTreeFault(error)) throw error
        return { score: null, leaves: this.#leavesLeft(n, level, 1), error }
      }
    }
    return { score, leaves: 1 }
  }

  /** From leaf `n` to the end of the subtree of that level around it, and of so many in all. */
  #leavesLeft(n: number, level: number, subtrees: number): number {
    const under = leavesUnder(this.#perBlock, level)
    return Math.min(this.leafCount, (Math.floor(n / under) + subtrees) * under) - n
  }

  /** Empty pointers from `index` on, to the end of the block. */
  #emptyRun(block: Uint8Array, index: number): number {
    const stored = Math.min(this.#perBlock, Math.floor(block.length / scoreBytes))
    for (let i = index; i < stored; i++) if (pointerAt(block, i) !== null) return i - index
    return this.#perBlock - index
  }

  #pointers(level: number, number: number, score: Score): Promise<Uint8Array> {
    const kept = this.#levels.get(level)
    if (kept?.number === number) return kept.block
    const block = this.#store.read(score, wireTypeOf(this.entry, level), Math.min(this.entry.psize, maxLumpBytes))
    const keep: KeptPointers = { number, block }
    this.#levels.set(level, keep)
    block.then(
      (known) => (keep.known = known),
      () => {
        // A connection that failed once may be back the next time.
        if (this.#levels.get(level) === keep) this.#levels.delete(level)
      },
    )
    return block
  }

  #readLeaf(score: Score): Promise<Uint8Array> {
    return this.#store.read(score, wireTypeOf(this.entry, 0), Math.min(this.entry.dsize, maxLumpBytes))
  }
}

function clip(stretch: Piece | Gap, from: number, to: number): Piece | Gap {
  const offset = Math.max(stretch.offset, from)
  const length = Math.min(stretch.offset + stretch.length, to) - offset
  if ('error' in stretch) return { offset, length, error: stretch.error }
  const skipped = offset - stretch.offset
  return { offset, length, bytes: stretch.bytes.subarray(skipped, skipped + length) }
}
