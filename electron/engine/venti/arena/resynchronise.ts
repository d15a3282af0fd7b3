// Finds the way out of damage inside the counted region of an arena: where is the next clump that can be trusted?
// Steps and their order: venti-arenas.md 7.5. The directory counted from its end is the better witness while its sizes are
// plausible; the clump magic with a full check is the other. A hit at no directory offset may be a clump of another arena
// stored as data inside a block, so with a plausible directory it counts only when the chain of clumps behind it is longer
// than any block.

import type { Arena } from './arena.ts'
import { examineClump, type ClumpState } from './clump-check.ts'
import type { ClumpDirectory } from './clump-directory.ts'
import type { LogReader } from './log-reader.ts'
import { clumpHeaderBytes, clumpTypeAt, magicBytes, maxClumpBytes } from '../format/clump.ts'
import { clumpInfoBytes, infoScoreAt, infoStoredSize } from '../format/clump-info.ts'
import { toHex } from '../../bytes/hex.ts'

export type ResyncTarget = {
  readonly offset: number
  /** Number of the clump there; null when the directory does not know it. */
  readonly index: number | null
  /** The directory's sizes lead from the damaged clump to the target. */
  readonly sizesAgree: boolean
}

/** Checks made while searching may hash this many times the arena's size before the rest is given up (R9). */
const searchBudgetFactor = 4

export class Resynchroniser {
  readonly #arena: Arena
  readonly #log: LogReader
  readonly #directory: ClumpDirectory | null
  readonly #magic: Uint8Array
  #budget: number

  constructor(arena: Arena, log: LogReader, directory: ClumpDirectory | null) {
    this.#arena = arena
    this.#log = log
    this.#directory = directory
    this.#magic = magicBytes(arena.clumpMagic)
    this.#budget = searchBudgetFactor * arena.sizeBytes + maxClumpBytes
  }

  async #examine(offset: number, end: number): Promise<ClumpState> {
    const { bytes, at, available } = await this.#log.get(offset, Math.min(maxClumpBytes, Math.max(0, end - offset)))
    const state = examineClump(bytes, at, at + available, this.#arena.clumpMagic)
    if (state.state !== 'no-header')
      this.#budget -= clumpHeaderBytes + (state.state === 'good' ? state.data.length : state.storedSize)
    return state
  }

  /** The 25 bytes of directory entry `index` are the clump header's at `offset`: aligned, even if the block is damaged. */
  async #headerIsEntry(offset: number, index: number | null, end: number): Promise<boolean> {
    const directory = this.#directory
    if (directory === null || index === null || index >= directory.count || end - offset < clumpHeaderBytes)
      return false
    const entry = await directory.entryAt(index)
    const { bytes, at } = await this.#log.get(offset, clumpHeaderBytes)
    for (let i = 0; i < clumpInfoBytes; i++) if (entry[i] !== bytes[at + clumpTypeAt + i]) return false
    return true
  }

  async #acceptable(offset: number, index: number | null, end: number): Promise<boolean> {
    if (offset > end) return false
    const count = this.#directory?.count ?? 0
    if (offset === end) return index === null || index === count
    if ((await this.#examine(offset, end)).state === 'good') return true
    return await this.#headerIsEntry(offset, index, end)
  }

  /** Where to go on after the damage at `offset`; `end` is the end of the counted region, reached when nothing else is. */
  async after(offset: number, index: number | null, end: number, state: ClumpState): Promise<ResyncTarget> {
    const nextIndex = index === null ? null : index + 1
    const sizes: number[] = []
    if (state.state === 'bad-data' || state.state === 'marked-corrupt') sizes.push(state.storedSize)
    if (this.#directory !== null && index !== null && index < this.#directory.count) {
      const entry = await this.#directory.entryAt(index)
      sizes.push(infoStoredSize(entry, 0))
    }
    for (const size of sizes) {
      const next = offset + clumpHeaderBytes + size
      if (size > 0 && (await this.#acceptable(next, nextIndex, end))) {
        return { offset: next, index: nextIndex, sizesAgree: true }
      }
    }
    return await this.#search(offset, index, end)
  }

  async #search(offset: number, index: number | null, end: number): Promise<ResyncTarget> {
    const directory = this.#directory
    const count = directory?.count ?? 0
    const lost: ResyncTarget = { offset: end, index: directory === null ? null : count, sizesAgree: false }
    let plausible = false
    let cursor = index === null ? count : index + 1
    if (directory !== null && index !== null && index + 1 <= count) {
      const expected = await directory.offsetFromEnd(index + 1)
      const length = expected - offset
      plausible = length > clumpHeaderBytes && length <= maxClumpBytes
      if (plausible && (await this.#acceptable(expected, index + 1, end))) {
        return { offset: expected, index: index + 1, sizesAgree: true }
      }
    }
    let cursorOffset = directory === null ? end : await directory.offsetFromEnd(cursor)
    for (let from = offset + 1; this.#budget > 0;) {
      const hit = await this.#log.find(this.#magic, from, end)
      if (hit === null) break
      from = hit + 1
      const state = await this.#examine(hit, end)
      if (state.state !== 'good') continue
      while (directory !== null && cursor < count && cursorOffset < hit) {
        cursorOffset += clumpHeaderBytes + infoStoredSize(await directory.entryAt(cursor), 0)
        cursor++
      }
      if (directory !== null && cursor < count && cursorOffset === hit) {
        return { offset: hit, index: cursor, sizesAgree: plausible }
      }
      if (!plausible || (await this.#chainIsLong(hit, end))) {
        return {
          offset: hit,
          index: await this.#findScore(state.score, index === null ? 0 : index + 1),
          sizesAgree: false,
        }
      }
    }
    return lost
  }

  async #chainIsLong(start: number, end: number): Promise<boolean> {
    let offset = start
    while (offset - start <= maxClumpBytes && offset < end) {
      const state = await this.#examine(offset, end)
      if (state.state !== 'good') return false
      offset += clumpHeaderBytes + state.storedSize
    }
    return true
  }

  async #findScore(score: string, from: number): Promise<number | null> {
    const directory = this.#directory
    if (directory === null) return null
    this.#budget -= (directory.count - from) * clumpInfoBytes
    for (let index = from; index < directory.count; index++) {
      if (!directory.has(index)) await directory.load(index, directory.count - 1)
      if (toHex(directory.entry(index).subarray(infoScoreAt)) === score) return index
    }
    return null
  }

  /** The next clump that verifies behind `offset`, without any directory; null when there is none before `end`. */
  async searchMagic(offset: number, end: number): Promise<number | null> {
    for (let from = offset + 1; this.#budget > 0;) {
      const hit = await this.#log.find(this.#magic, from, end)
      if (hit === null) return null
      if ((await this.#examine(hit, end)).state === 'good') return hit
      from = hit + 1
    }
    return null
  }
}
