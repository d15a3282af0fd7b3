// The clump log of an arena as a window that slides over it in large sequential reads, the next one already under way.
// Offsets are clump offsets. A region the disk cannot read becomes zeros and is remembered: the scanner then meets a
// damaged clump there instead of an error that would end the scan.

import { cancelledError } from '../../../../shared/errors.ts'
import { requireSource } from '../../source/bad-place.ts'
import type { BlockSource } from '../../source/block-source.ts'
import { maxClumpBytes } from '../format/clump.ts'
import type { Piece, PiecePool } from './piece.ts'

const chunkBytes = 1024 * 1024
/** Read first behind the end the tail gives: most often there is nothing. */
const peekBytes = 512
const salvageSteps = [64 * 1024, 4096] as const

export type UnreadableRange = { readonly offset: number; readonly length: number }

export type LogReaderOptions = {
  /** Sees every chunk as it is read. */
  readonly onChunk?: (offset: number, bytes: Uint8Array) => void
  /** Long searches end with it too. */
  readonly signal?: AbortSignal
  /** Chunks are read into its pieces. Bytes whose piece is not held by the caller are good until the second get() after. */
  readonly pool?: PiecePool
}

/** `piece`: what the bytes lie in, where that can be used again. */
type Chunk = { readonly offset: number; readonly bytes: Uint8Array; readonly piece: Piece | null }

export type LogBytes = { readonly bytes: Uint8Array; readonly at: number; readonly piece: Piece | null }

const endOf = (chunk: Chunk): number => chunk.offset + chunk.bytes.length

export class LogReader {
  readonly #unreadable: UnreadableRange[] = []
  readonly #source: BlockSource
  readonly #base: number
  /** Nothing at or behind this offset is ever read. */
  readonly #hardEnd: number
  /** Chunks stop here unless more is asked for: bytes behind it are probably not log. */
  #plannedEnd: number
  #chunk: Chunk = { offset: 0, bytes: new Uint8Array(0), piece: null }
  /** A copy of the bytes around the seam of two chunks, so that a clump across it is contiguous. */
  #seam: Chunk | null = null
  /** Of the chunk before, at which a caller may still look while the next one comes. */
  #past: Piece | null = null
  #ahead: { readonly offset: number; readonly promise: Promise<Chunk> } | null = null
  readonly #options: LogReaderOptions

  constructor(source: BlockSource, base: number, hardEnd: number, plannedEnd: number, options: LogReaderOptions = {}) {
    this.#source = source
    this.#base = base
    this.#hardEnd = hardEnd
    this.#plannedEnd = Math.min(plannedEnd, hardEnd)
    this.#options = options
  }

  /** In ascending order without overlap, however often a place was tried. */
  get unreadable(): readonly UnreadableRange[] {
    const merged: UnreadableRange[] = []
    for (const range of this.#unreadable.toSorted((a, b) => a.offset - b.offset)) {
      const last = merged.at(-1)
      if (last === undefined || range.offset > last.offset + last.length) merged.push(range)
      else {
        const end = Math.max(last.offset + last.length, range.offset + range.length)
        merged[merged.length - 1] = { offset: last.offset, length: end - last.offset }
      }
    }
    return merged
  }

  /** Bytes that hold [offset, offset + length), with the position of `offset` in them; null when not in memory. */
  peek(offset: number, length: number): LogBytes | null {
    for (const chunk of [this.#chunk, this.#seam]) {
      if (chunk !== null && offset >= chunk.offset && offset + length <= endOf(chunk)) {
        return { bytes: chunk.bytes, at: offset - chunk.offset, piece: chunk.piece }
      }
    }
    return null
  }

  /** Up to `length` bytes from `offset`: fewer only at the hard end. */
  async get(offset: number, length: number): Promise<LogBytes & { readonly available: number }> {
    const wanted = Math.max(0, Math.min(length, this.#hardEnd - offset))
    const inMemory = this.peek(offset, wanted)
    if (inMemory !== null) return { ...inMemory, available: wanted }
    if (wanted === 0) return { bytes: new Uint8Array(0), at: 0, available: 0, piece: null }
    const current = this.#chunk
    if (offset >= current.offset && offset < endOf(current)) {
      const rest = current.bytes.subarray(offset - current.offset)
      const next = await this.#fetch(endOf(current), wanted - rest.length)
      // As much of the next chunk as any clump that starts before the seam can need.
      const seam = Buffer.concat([rest, next.bytes.subarray(0, Math.max(maxClumpBytes, wanted - rest.length))])
      this.#seam = { offset, bytes: seam, piece: null }
      this.#moveTo(next)
      return { bytes: seam, at: 0, available: wanted, piece: null }
    }
    this.#seam = null
    this.#moveTo(await this.#fetch(offset, wanted))
    return { bytes: this.#chunk.bytes, at: 0, available: wanted, piece: this.#chunk.piece }
  }

  /** First offset at or behind `from` and before `before` where `pattern` (4 bytes) stands, or null. */
  async find(pattern: Uint8Array, from: number, before: number): Promise<number | null> {
    const end = Math.min(before, this.#hardEnd)
    for (let offset = from; offset + 4 <= end;) {
      // What is in memory is searched first: a search among many false hits must not read anything twice.
      let held = this.#held(offset)
      if (held === null || held.available < 4) held = await this.get(offset, Math.min(maxClumpBytes, end - offset))
      const span = Math.min(held.available, end - offset)
      const hit = Buffer.from(held.bytes.buffer, held.bytes.byteOffset + held.at, span).indexOf(pattern)
      if (hit >= 0) return offset + hit
      offset += span - 3
    }
    return null
  }

  /** As many bytes from `offset` as are in memory; null when not even the first is. */
  #held(offset: number): { bytes: Uint8Array; at: number; available: number } | null {
    let best: Chunk | null = null
    for (const chunk of [this.#chunk, this.#seam]) {
      if (chunk === null || offset < chunk.offset || offset >= endOf(chunk)) continue
      if (best === null || endOf(chunk) > endOf(best)) best = chunk
    }
    return best === null ? null : { bytes: best.bytes, at: offset - best.offset, available: endOf(best) - offset }
  }

  #moveTo(chunk: Chunk): void {
    this.#past?.release()
    this.#past = this.#chunk.piece
    this.#chunk = chunk
  }

  async #fetch(offset: number, needed: number): Promise<Chunk> {
    if (this.#options.signal?.aborted === true) throw cancelledError()
    const ahead = this.#ahead
    this.#ahead = null
    let chunk: Chunk | null = ahead !== null && ahead.offset === offset ? await ahead.promise : null
    if (ahead !== null && chunk === null) await ahead.promise.catch(() => undefined)
    if (chunk === null || chunk.bytes.length < needed) chunk = await this.#read(offset, this.#sizeAt(offset, needed))
    this.#options.onChunk?.(chunk.offset, chunk.bytes)
    const next = endOf(chunk)
    if (next < this.#plannedEnd) {
      const promise = this.#read(next, this.#sizeAt(next, 0))
      // Whoever asks for it gets the error; nobody may ever ask.
      promise.catch(() => undefined)
      this.#ahead = { offset: next, promise }
    }
    return chunk
  }

  #sizeAt(offset: number, needed: number): number {
    const planned = Math.min(chunkBytes, this.#plannedEnd - offset)
    // Behind the plan reads start small and double for as long as there is more log.
    const { offset: before, bytes } = this.#chunk
    const goesOn = before >= this.#plannedEnd && before + bytes.length === offset
    const grown = goesOn ? Math.min(chunkBytes, 2 * bytes.length) : 0
    const size = planned > 0 ? planned : Math.max(peekBytes, grown)
    return Math.min(Math.max(size, needed), this.#hardEnd - offset)
  }

  async #read(offset: number, length: number): Promise<Chunk> {
    // Little is read where little is new: that needs no memory for much.
    const piece = length < chunkBytes ? null : (this.#options.pool?.take() ?? null)
    try {
      const bytes = await this.#source.read(this.#base + offset, length, piece?.bytes)
      if (bytes.buffer === piece?.bytes.buffer) return { offset, bytes, piece }
      piece?.release()
      return { offset, bytes, piece: null }
    } catch (error) {
      return { offset, bytes: await this.#salvage(offset, length, 0, error), piece: null }
    }
  }

  /** The same bytes in smaller reads, zeros where even those fail. */
  async #salvage(offset: number, length: number, level: number, cause: unknown): Promise<Uint8Array> {
    if (level === 0) await requireSource(this.#source, cause)
    const bytes = new Uint8Array(length)
    const step = salvageSteps[level]
    if (step === undefined) {
      this.#unreadable.push({ offset, length })
      return bytes
    }
    for (let at = 0, size = 0; at < length; at += size) {
      // Pieces begin where the disk's own do, so that a bad one costs no good one.
      size = Math.min(step - ((this.#base + offset + at) % step), length - at)
      try {
        bytes.set(await this.#source.read(this.#base + offset + at, size), at)
      } catch (error) {
        bytes.set(await this.#salvage(offset + at, size, level + 1, error), at)
      }
    }
    return bytes
  }
}
