// Finds the way out of damage inside the counted region of an arena: where is the next clump that can be trusted?
// Steps and their order: venti-arenas.md 7.5. The directory counted from its end is the better witness while its sizes are
// plausible; the clump magic with a full check is the other. A hit at no directory offset may be a clump of another arena
// stored as data inside a block, so with a plausible directory it counts only when the chain of clumps behind it is longer
// than any block.

import type { Arena } from './arena.ts'
import { examineClump, type ClumpState } from './clump-check.ts'
import { sameButType, type ClumpDirectory } from './clump-directory.ts'
import type { LogReader } from './log-reader.ts'
import { clumpHeaderBytes, clumpTypeAt, magicBytes, maxClumpBytes } from '../format/clump.ts'
import { clumpInfoBytes, infoStoredSize } from '../format/clump-info.ts'

export type ResyncTarget = {
  readonly offset: number
  /** Number of the clump there; null when the directory does not know it. */
  readonly index: number | null
  /** The directory's sizes lead from the damaged clump to the target. */
  readonly sizesAgree: boolean
}

/** Checks made while searching may decode and hash this many times what is there before the rest is given up (R9). */
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
    this.#budget = searchBudgetFactor * arena.readableBytes + 64 * maxClumpBytes
  }

  async #examine(offset: number, end: number): Promise<ClumpState> {
    const { bytes, at, available } = await this.#log.get(offset, Math.min(maxClumpBytes, Math.max(0, end - offset)))
    const state = examineClump(bytes, at, at + available, this.#arena.clumpMagic)
    if (state.state === 'good') this.#budget -= state.data.length
    else if (state.state === 'bad-data') this.#budget -= state.uncompressedSize
    return state
  }

  /** The directory entry `index` is the clump header's at `offset`: aligned, even if the block is damaged. */
  async #headerIsEntry(offset: number, index: number | null, end: number): Promise<boolean> {
    const directory = this.#directory
    if (directory === null || index === null || index >= directory.count || end - offset < clumpHeaderBytes)
      return false
    const entry = await directory.entryAt(index)
    const { bytes, at } = await this.#log.get(offset, clumpHeaderBytes)
    return sameButType(entry, bytes, at + clumpTypeAt) && (await directory.isSound(index))
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

  /** Are the directory's offsets behind the damage worth more than a clump that merely verifies? */
  async #isPlausible(directory: ClumpDirectory, offset: number, index: number | null): Promise<boolean> {
    if (await directory.addsUp()) return true
    if (index === null || index >= directory.count) return false
    const length = (await directory.offsetFromEnd(index + 1)) - offset
    if (length <= clumpHeaderBytes || length > maxClumpBytes) return false
    return index + 1 === directory.count || (await directory.isSound(index + 1))
  }

  async #search(offset: number, index: number | null, end: number): Promise<ResyncTarget> {
    const directory = this.#directory
    const plausible = directory !== null && (await this.#isPlausible(directory, offset, index))
    if (directory !== null && plausible && index !== null && index < directory.count) {
      const expected = await directory.offsetFromEnd(index + 1)
      if (expected > offset && (await this.#acceptable(expected, index + 1, end))) {
        return { offset: expected, index: index + 1, sizesAgree: true }
      }
    }
    for (let from = offset + 1; this.#budget > 0;) {
      const hit = await this.#log.find(this.#magic, from, end)
      if (hit === null) break
      from = hit + 1
      if ((await this.#examine(hit, end)).state !== 'good') continue
      const aligned = directory === null ? null : await directory.indexFromEnd(hit)
      if (aligned !== null && (index === null || aligned > index)) {
        return { offset: hit, index: aligned, sizesAgree: await this.#sizesAgree(offset, index) }
      }
      if (directory === null || !plausible || (await this.#chainIsTrusted(hit, end, directory))) {
        return { offset: hit, index: await this.#findEntry(hit, index), sizesAgree: false }
      }
    }
    const count = directory === null ? null : directory.count
    return { offset: end, index: count, sizesAgree: await this.#sizesAgree(offset, index) }
  }

  /** The directory counted from its end has the damaged clump where it is, so it has everything behind it right. */
  async #sizesAgree(offset: number, index: number | null): Promise<boolean> {
    return this.#directory !== null && index !== null && (await this.#directory.offsetFromEnd(index)) === offset
  }

  /**
   * Clump follows clump for longer than any block could hold them, or up to the end. The last block of an arena may itself
   * end with clumps of another one, so the end proves nothing against a directory that adds up.
   */
  async #chainIsTrusted(start: number, end: number, directory: ClumpDirectory): Promise<boolean> {
    let offset = start
    while (offset < end) {
      if (offset - start > maxClumpBytes) return true
      const state = await this.#examine(offset, end)
      if (state.state !== 'good') return false
      offset += clumpHeaderBytes + state.storedSize
    }
    return !(await directory.addsUp())
  }

  async #findEntry(offset: number, after: number | null): Promise<number | null> {
    const directory = this.#directory
    if (directory === null) return null
    const from = after === null ? 0 : after + 1
    this.#budget -= Math.max(0, directory.count - from) * clumpInfoBytes
    const { bytes, at } = await this.#log.get(offset, clumpHeaderBytes)
    return await directory.find(bytes.subarray(at + clumpTypeAt, at + clumpTypeAt + clumpInfoBytes), from)
  }

  /** Number of the good clump at `offset` where damage before it left that unknown; null while it stays unknown. */
  async indexOf(offset: number, end: number): Promise<number | null> {
    const index = (await this.#directory?.indexFromEnd(offset)) ?? null
    return (await this.#headerIsEntry(offset, index, end)) ? index : null
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
