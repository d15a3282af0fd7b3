// The clump directory of one arena, read block-wise as needed. A cross-check for the log and, where the log is damaged,
// the map to the other side: counted from its end, it gives every clump's offset. Address arithmetic: clump-info.ts.

import { cancelledError } from '../../../../shared/errors.ts'
import { readOrBadPlace } from '../../source/bad-place.ts'
import type { Arena } from './arena.ts'
import { clumpHeaderBytes } from '../format/clump.ts'
import { clumpInfoBytes, clumpInfosPerBlock, infoStoredSize, infoUncompressedSize } from '../format/clump-info.ts'
import { maxLumpBytes } from '../format/constants.ts'

/** Directory bytes fetched at a time, at most. */
const readBytes = 256 * 1024
/** Sums kept in memory, however many clumps a tail claims (R9). */
const maxSegments = 64 * 1024
/** Unreadable blocks remembered for the report. */
const maxBadBlocks = 4096

type Group = { readonly firstBlock: number; readonly blocks: number; readonly bytes: Uint8Array }

/** `before[i]` is the sum of (38 + size) of all entries before segment i, each of which is `length` entries. */
type Sums = { readonly before: Float64Array; readonly length: number; readonly total: number }

export type UnreadableBlocks = { readonly partitionOffset: number; readonly length: number }

export class ClumpDirectory {
  readonly count: number
  readonly #arena: Arena
  readonly #used: number
  readonly #perBlock: number
  #group: Group | null = null
  /** Made when first needed. */
  #sums: Sums | null = null
  readonly #badBlocks = new Set<number>()
  readonly #signal: AbortSignal | undefined

  /** `count` entries exist, describing `used` bytes of log. */
  constructor(arena: Arena, count: number, used: number, signal?: AbortSignal) {
    this.#arena = arena
    this.#signal = signal
    this.count = count
    this.#used = used
    this.#perBlock = clumpInfosPerBlock(arena.blockSize)
  }

  has(index: number): boolean {
    const group = this.#group
    if (group === null) return false
    const block = Math.floor(index / this.#perBlock)
    return block >= group.firstBlock && block < group.firstBlock + group.blocks
  }

  /** Address of the first of `blocks` blocks, of which `firstBlock` stands last on disk. */
  #addressOf(firstBlock: number, blocks: number): number {
    const { blockSize, dataBase, sizeBytes } = this.#arena
    return dataBase + sizeBytes - (firstBlock + blocks) * blockSize
  }

  /** Brings entry `index` into memory, and as many after it (up to `last`) as one read gives. */
  async load(index: number, last: number): Promise<void> {
    if (this.#signal?.aborted === true) throw cancelledError()
    const { blockSize, partition } = this.#arena
    const firstBlock = Math.floor(index / this.#perBlock)
    const lastBlock = Math.floor(Math.min(last, this.count - 1) / this.#perBlock)
    const blocks = Math.max(1, Math.min(lastBlock - firstBlock + 1, Math.floor(readBytes / blockSize) || 1))
    const read = await readOrBadPlace(partition.source, this.#addressOf(firstBlock, blocks), blocks * blockSize)
    const bytes = read instanceof Uint8Array ? read : await this.#salvage(firstBlock, blocks)
    this.#group = { firstBlock, blocks, bytes }
  }

  /** Block by block, zeros for those that cannot be read: no valid entry, so nobody takes them for one. */
  async #salvage(firstBlock: number, blocks: number): Promise<Uint8Array> {
    const { blockSize, partition } = this.#arena
    const bytes = new Uint8Array(blocks * blockSize)
    for (let block = firstBlock; block < firstBlock + blocks; block++) {
      const read = await readOrBadPlace(partition.source, this.#addressOf(block, 1), blockSize)
      if (read instanceof Uint8Array) bytes.set(read, (firstBlock + blocks - 1 - block) * blockSize)
      else if (this.#badBlocks.size < maxBadBlocks) this.#badBlocks.add(block)
    }
    return bytes
  }

  /** What of the directory could not be read so far, as regions in ascending order. */
  get unreadable(): readonly UnreadableBlocks[] {
    const { blockSize } = this.#arena
    const regions: UnreadableBlocks[] = []
    for (const block of [...this.#badBlocks].toSorted((a, b) => b - a)) {
      const address = this.#addressOf(block, 1)
      const last = regions.at(-1)
      if (last !== undefined && last.partitionOffset + last.length === address) {
        regions[regions.length - 1] = { partitionOffset: last.partitionOffset, length: last.length + blockSize }
      } else regions.push({ partitionOffset: address, length: blockSize })
    }
    return regions
  }

  /** False for an entry whose block the disk cannot read: what `entry` gives then says nothing. */
  isReadable(index: number): boolean {
    return this.#badBlocks.size === 0 || !this.#badBlocks.has(Math.floor(index / this.#perBlock))
  }

  /** The 25 bytes of entry `index`, which must have been loaded. Borrowed. */
  entry(index: number): Uint8Array {
    const group = this.#group as Group
    const block = Math.floor(index / this.#perBlock)
    // Blocks stand in descending order on disk, so the highest block number comes first in the bytes read.
    const inGroup = group.blocks - 1 - (block - group.firstBlock)
    const at = inGroup * this.#arena.blockSize + (index % this.#perBlock) * clumpInfoBytes
    return group.bytes.subarray(at, at + clumpInfoBytes)
  }

  async entryAt(index: number): Promise<Uint8Array> {
    if (!this.has(index)) await this.load(index, this.count - 1)
    return this.entry(index)
  }

  /** Bytes of log that clump `index` takes, as its entry says. */
  async #clumpBytes(index: number): Promise<number> {
    if (!this.has(index)) await this.load(index, this.count - 1)
    return clumpHeaderBytes + infoStoredSize(this.entry(index), 0)
  }

  async #makeSums(): Promise<Sums> {
    if (this.#sums !== null) return this.#sums
    const blocks = Math.ceil(this.count / this.#perBlock)
    const length = Math.max(1, Math.ceil(blocks / maxSegments)) * this.#perBlock
    const before = new Float64Array(Math.ceil(this.count / length))
    let total = 0
    for (let index = 0; index < this.count; index++) {
      if (index % length === 0) before[index / length] = total
      if (!this.has(index)) await this.load(index, this.count - 1)
      total += clumpHeaderBytes + infoStoredSize(this.entry(index), 0)
    }
    this.#sums = { before, length, total }
    return this.#sums
  }

  /** Its sizes add up to the log the tail counts: then every offset it gives can be believed. */
  async addsUp(): Promise<boolean> {
    return (await this.#makeSums()).total === this.#used
  }

  /** Could entry `index` be one at all? Zeros and most garbage could not. */
  async isSound(index: number): Promise<boolean> {
    const entry = await this.entryAt(index)
    const [size, uncompressed] = [infoStoredSize(entry, 0), infoUncompressedSize(entry, 0)]
    return size > 0 && size <= uncompressed && uncompressed <= maxLumpBytes
  }

  /** Clump offset of entry `index` counted back from the end of the log: right whenever all later sizes are. */
  async offsetFromEnd(index: number): Promise<number> {
    const { before, length, total } = await this.#makeSums()
    if (index >= this.count) return this.#used
    const segment = Math.floor(index / length)
    let sum = before[segment] as number
    for (let i = segment * length; i < index; i++) sum += await this.#clumpBytes(i)
    return this.#used - total + sum
  }

  /** Number of the clump that starts at `offset` counted back from the end of the log; null when none does. */
  async indexFromEnd(offset: number): Promise<number | null> {
    const { before, length, total } = await this.#makeSums()
    const wanted = offset - (this.#used - total)
    let low = 0
    for (let high = before.length; high - low > 1;) {
      const middle = (low + high) >>> 1
      if ((before[middle] as number) <= wanted) low = middle
      else high = middle
    }
    let sum = before[low] ?? 0
    const end = Math.min(this.count, (low + 1) * length)
    for (let index = low * length; index < end && sum <= wanted; index++) {
      if (sum === wanted) return index
      sum += await this.#clumpBytes(index)
    }
    return null
  }

  /** Number of the clump that starts at `offset`, by summing sizes from the beginning; null when none does. */
  async indexAtOffset(offset: number): Promise<number | null> {
    let sum = 0
    for (let index = 0; index < this.count && sum <= offset; index++) {
      if (sum === offset) return index
      sum += await this.#clumpBytes(index)
    }
    return sum === offset ? this.count : null
  }

  /** First entry from `from` on that equals `info` but for its type, which nothing vouches for; null when none does. */
  async find(info: Uint8Array, from: number): Promise<number | null> {
    for (let index = from; index < this.count; index++) {
      if (!this.has(index)) await this.load(index, this.count - 1)
      if (sameButType(this.entry(index), info, 0)) return index
    }
    return null
  }
}

/** Compares a directory entry with the 25 bytes at `at`, without the first: the score does not cover the type. */
export function sameButType(entry: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 1; i < clumpInfoBytes; i++) if (entry[i] !== bytes[at + i]) return false
  return true
}
