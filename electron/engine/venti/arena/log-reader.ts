// The clump log of an arena as a window that slides over it in large sequential reads, the next one already under way.
// Offsets are clump offsets. A region the disk cannot read becomes zeros and is remembered: the scanner then meets a
// damaged clump there instead of an error that would end the scan.

import { AppError } from '../../../../shared/errors.ts'
import type { BlockSource } from '../../source/block-source.ts'
import { maxClumpBytes } from '../format/clump.ts'

const chunkBytes = 1024 * 1024
/** Read first behind the end the tail gives: most often there is nothing. */
const peekBytes = 512
const salvageSteps = [64 * 1024, 4096] as const

export type UnreadableRange = { readonly offset: number; readonly length: number }

type Chunk = { readonly offset: number; readonly bytes: Uint8Array }

const endOf = (chunk: Chunk): number => chunk.offset + chunk.bytes.length

export class LogReader {
  readonly unreadable: UnreadableRange[] = []
  readonly #source: BlockSource
  readonly #base: number
  /** Nothing at or behind this offset is ever read. */
  readonly #hardEnd: number
  /** Chunks stop here unless more is asked for: bytes behind it are probably not log. */
  #plannedEnd: number
  #chunk: Chunk = { offset: 0, bytes: new Uint8Array(0) }
  /** A copy of the bytes around the seam of two chunks, so that a clump across it is contiguous. */
  #seam: Chunk | null = null
  #ahead: { readonly offset: number; readonly promise: Promise<Chunk> } | null = null
  readonly #onChunk: ((offset: number, bytes: Uint8Array) => void) | null

  constructor(
    source: BlockSource,
    base: number,
    hardEnd: number,
    plannedEnd: number,
    onChunk: ((offset: number, bytes: Uint8Array) => void) | null = null,
  ) {
    this.#source = source
    this.#base = base
    this.#hardEnd = hardEnd
    this.#plannedEnd = Math.min(plannedEnd, hardEnd)
    this.#onChunk = onChunk
  }

  /** Bytes that hold [offset, offset + length), with the position of `offset` in them; null when not in memory. */
  peek(offset: number, length: number): { bytes: Uint8Array; at: number } | null {
    for (const chunk of [this.#chunk, this.#seam]) {
      if (chunk !== null && offset >= chunk.offset && offset + length <= endOf(chunk)) {
        return { bytes: chunk.bytes, at: offset - chunk.offset }
      }
    }
    return null
  }

  /** Up to `length` bytes from `offset`: fewer only at the hard end. */
  async get(offset: number, length: number): Promise<{ bytes: Uint8Array; at: number; available: number }> {
    const wanted = Math.max(0, Math.min(length, this.#hardEnd - offset))
    const inMemory = this.peek(offset, wanted)
    if (inMemory !== null) return { ...inMemory, available: wanted }
    const current = this.#chunk
    if (offset >= current.offset && offset < endOf(current)) {
      const next = await this.#fetch(endOf(current), offset + wanted - endOf(current))
      const rest = current.bytes.subarray(offset - current.offset)
      // As much of the next chunk as any clump that starts before the seam can need.
      const seam = Buffer.concat([rest, next.bytes.subarray(0, maxClumpBytes)])
      this.#seam = { offset, bytes: seam }
      this.#chunk = next
      if (seam.length >= wanted) return { bytes: seam, at: 0, available: wanted }
    } else {
      this.#seam = null
      this.#chunk = await this.#fetch(offset, wanted)
    }
    const found = this.peek(offset, wanted)
    if (found !== null) return { ...found, available: wanted }
    // Only when `wanted` is more than a chunk: never for a clump.
    return { bytes: this.#chunk.bytes, at: 0, available: this.#chunk.bytes.length }
  }

  /** First offset at or behind `from` and before `before` where `pattern` (4 bytes) stands, or null. */
  async find(pattern: Uint8Array, from: number, before: number): Promise<number | null> {
    let offset = from
    while (offset + 4 <= Math.min(before, this.#hardEnd)) {
      const span = Math.min(256 * 1024, before - offset, this.#hardEnd - offset)
      const { bytes, at, available } = await this.get(offset, span)
      const view = Buffer.from(bytes.buffer, bytes.byteOffset + at, available)
      const hit = view.indexOf(pattern)
      if (hit >= 0) return offset + hit
      if (available < 4) return null
      offset += available - 3
    }
    return null
  }

  async #fetch(offset: number, needed: number): Promise<Chunk> {
    const ahead = this.#ahead
    this.#ahead = null
    let chunk: Chunk | null = ahead !== null && ahead.offset === offset ? await ahead.promise : null
    if (ahead !== null && chunk === null) await ahead.promise.catch(() => undefined)
    if (chunk === null || chunk.bytes.length < needed) chunk = await this.#read(offset, this.#sizeAt(offset, needed))
    this.#onChunk?.(chunk.offset, chunk.bytes)
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
    const grown = endOf(this.#chunk) === offset ? Math.min(chunkBytes, 2 * this.#chunk.bytes.length) : 0
    const size = planned > 0 ? planned : Math.max(peekBytes, grown)
    return Math.min(Math.max(size, needed), this.#hardEnd - offset)
  }

  async #read(offset: number, length: number): Promise<Chunk> {
    try {
      return { offset, bytes: await this.#source.read(this.#base + offset, length) }
    } catch (error) {
      return { offset, bytes: await this.#salvage(offset, length, 0, error) }
    }
  }

  /** The same bytes in smaller reads, zeros where even those fail. */
  async #salvage(offset: number, length: number, level: number, cause: unknown): Promise<Uint8Array> {
    if (level === 0 && !(await this.#sourceAnswers())) {
      throw new AppError('source-read', `${this.#source.name}: it can no longer be read`, { cause })
    }
    const bytes = new Uint8Array(length)
    const step = salvageSteps[level]
    if (step === undefined) {
      this.#remember(offset, length)
      return bytes
    }
    for (let at = 0; at < length; at += step) {
      const size = Math.min(step, length - at)
      try {
        bytes.set(await this.#source.read(this.#base + offset + at, size), at)
      } catch (error) {
        bytes.set(await this.#salvage(offset + at, size, level + 1, error), at)
      }
    }
    return bytes
  }

  #remember(offset: number, length: number): void {
    const last = this.unreadable.at(-1)
    if (last !== undefined && last.offset + last.length === offset) {
      this.unreadable[this.unreadable.length - 1] = { offset: last.offset, length: last.length + length }
    } else this.unreadable.push({ offset, length })
  }

  /** A disk with bad sectors still gives its first block; one that was pulled out gives nothing. */
  async #sourceAnswers(): Promise<boolean> {
    try {
      await this.#source.read(0, Math.min(4096, this.#source.sizeBytes))
      return true
    } catch {
      return false
    }
  }
}
