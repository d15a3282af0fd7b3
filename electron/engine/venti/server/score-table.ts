// The server's index, in memory only: where the block of a (score, type code) stands. The arenas are the truth, the table
// is rebuilt from their directories when a store is opened. Authority for the key: plan9port srv/index.c (score and disk
// type code). Typed arrays in chunks, so that nothing is ever copied whole: 32 bytes an entry and 5 to 11 for its slot.
//
//   word 0-4 score   5 type code, arena << 8, damaged in the top bit   6 low half of the clump offset
//   word 7   high part of the clump offset << 16, uncompressed size of the block

import { assert } from '../../../../shared/assert.ts'

const entryWords = 8
const chunkShift = 12
const chunkEntries = 1 << chunkShift
/** One segment for each value of a score's first byte: growing one moves 1/256 of the slots, so no write waits long. */
const segments = 256
const firstSlots = 16
const typeWord = 5
const lowWord = 6
const highWord = 7
const damagedBit = 0x80000000 | 0
const arenaLimit = 1 << 16
const offsetLimit = 2 ** 48

type Segment = { slots: Uint32Array; used: number }

const word = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!

export class ScoreTable {
  #chunks: Int32Array[] = []
  #count = 0
  #segments: Segment[] = Array.from({ length: segments }, () => ({ slots: new Uint32Array(firstSlots), used: 0 }))

  get count(): number {
    return this.#count
  }

  /** Memory of the table, for the promise of 48 bytes a block. */
  get memoryBytes(): number {
    const slots = this.#segments.reduce((sum, segment) => sum + segment.slots.byteLength, 0)
    return slots + this.#chunks.length * chunkEntries * entryWords * 4
  }

  /** The entry of the score at bytes[at..at+20), or -1. The whole score is compared. */
  find(bytes: Uint8Array, at: number, type: number): number {
    const { slots } = this.#segments[bytes[at]!]!
    const mask = slots.length - 1
    const w1 = word(bytes, at + 4)
    for (let slot = w1 & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot]! - 1
      if (entry < 0) return -1
      const chunk = this.#chunks[entry >>> chunkShift]!
      const base = (entry & (chunkEntries - 1)) * entryWords
      if (
        chunk[base + 1] === w1 &&
        chunk[base] === word(bytes, at) &&
        chunk[base + 2] === word(bytes, at + 8) &&
        chunk[base + 3] === word(bytes, at + 12) &&
        chunk[base + 4] === word(bytes, at + 16) &&
        (chunk[base + typeWord]! & 0xff) === type
      ) {
        return entry
      }
    }
  }

  /** The caller has made sure with find() that the key is new. */
  add(bytes: Uint8Array, at: number, type: number, arena: number, offset: number, sizeBytes: number): number {
    assert(
      arena < arenaLimit && offset < offsetLimit && sizeBytes < 1 << 16,
      `index entry ${arena}/${offset}/${sizeBytes}`,
    )
    const entry = this.#count++
    if (entry >>> chunkShift === this.#chunks.length) this.#chunks.push(new Int32Array(chunkEntries * entryWords))
    const chunk = this.#chunks[entry >>> chunkShift]!
    const base = (entry & (chunkEntries - 1)) * entryWords
    for (let i = 0; i < 5; i++) chunk[base + i] = word(bytes, at + 4 * i)
    chunk[base + typeWord] = type | (arena << 8)
    chunk[base + lowWord] = offset | 0
    chunk[base + highWord] = (Math.floor(offset / 2 ** 32) << 16) | sizeBytes
    const segment = this.#segments[bytes[at]!]!
    if (4 * (segment.used + 1) > 3 * segment.slots.length) this.#grow(segment)
    segment.used++
    this.#place(segment.slots, entry, chunk[base + 1]!)
    return entry
  }

  /** The same block now stands somewhere else: a newer copy. */
  move(entry: number, arena: number, offset: number): void {
    assert(arena < arenaLimit && offset < offsetLimit, `index entry ${arena}/${offset}`)
    const { chunk, base } = this.#entry(entry)
    chunk[base + typeWord] = (chunk[base + typeWord]! & 0xff) | (arena << 8)
    chunk[base + lowWord] = offset | 0
    chunk[base + highWord] = (Math.floor(offset / 2 ** 32) << 16) | (chunk[base + highWord]! & 0xffff)
  }

  arenaOf(entry: number): number {
    const { chunk, base } = this.#entry(entry)
    return (chunk[base + typeWord]! >>> 8) & 0xffff
  }

  offsetOf(entry: number): number {
    const { chunk, base } = this.#entry(entry)
    return (chunk[base + highWord]! >>> 16) * 2 ** 32 + (chunk[base + lowWord]! >>> 0)
  }

  sizeOf(entry: number): number {
    const { chunk, base } = this.#entry(entry)
    return chunk[base + highWord]! & 0xffff
  }

  /** A reader found that the stored clump cannot be given back. */
  isDamaged(entry: number): boolean {
    const { chunk, base } = this.#entry(entry)
    return (chunk[base + typeWord]! & damagedBit) !== 0
  }

  markDamaged(entry: number): void {
    const { chunk, base } = this.#entry(entry)
    chunk[base + typeWord]! |= damagedBit
  }

  #entry(entry: number): { chunk: Int32Array; base: number } {
    return { chunk: this.#chunks[entry >>> chunkShift]!, base: (entry & (chunkEntries - 1)) * entryWords }
  }

  #place(slots: Uint32Array, entry: number, w1: number): void {
    const mask = slots.length - 1
    let slot = w1 & mask
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = entry + 1
  }

  #grow(segment: Segment): void {
    const slots = new Uint32Array(2 * segment.slots.length)
    for (const used of segment.slots) {
      if (used === 0) continue
      const { chunk, base } = this.#entry(used - 1)
      this.#place(slots, used - 1, chunk[base + 1]!)
    }
    segment.slots = slots
  }
}
