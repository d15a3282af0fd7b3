// The clump directory of one arena, read block-wise as needed. A cross-check for the log and, where the log is damaged,
// the map to the other side: counted from its end, it gives every clump's offset. Address arithmetic: clump-info.ts.

import { hexNumber } from '../../bytes/hex.ts'
import type { Arena } from './arena.ts'
import { clumpHeaderBytes } from '../format/clump.ts'
import { clumpInfoBytes, clumpInfosPerBlock, infoStoredSize } from '../format/clump-info.ts'

/** Directory bytes fetched at a time, at most. */
const readBytes = 256 * 1024

type Group = { readonly firstBlock: number; readonly blocks: number; readonly bytes: Uint8Array }

export class ClumpDirectory {
  readonly count: number
  readonly #arena: Arena
  readonly #used: number
  readonly #perBlock: number
  #group: Group | null = null
  /** Sum of (38 + size) of all entries before each block, and of all; made when first needed. */
  #prefix: { readonly before: Float64Array; readonly total: number } | null = null
  /** What could not be read, for the report; reading goes on without. */
  readonly unreadable: string[] = []

  /** `count` entries exist, describing `used` bytes of log. */
  constructor(arena: Arena, count: number, used: number) {
    this.#arena = arena
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

  /** Brings entry `index` into memory, and as many after it (up to `last`) as one read gives. */
  async load(index: number, last: number): Promise<void> {
    const { blockSize, dataBase, sizeBytes, partition } = this.#arena
    const firstBlock = Math.floor(index / this.#perBlock)
    const lastBlock = Math.floor(Math.min(last, this.count - 1) / this.#perBlock)
    const blocks = Math.max(1, Math.min(lastBlock - firstBlock + 1, Math.floor(readBytes / blockSize) || 1))
    const end = dataBase + sizeBytes - firstBlock * blockSize
    const start = end - blocks * blockSize
    try {
      this.#group = { firstBlock, blocks, bytes: await partition.source.read(start, blocks * blockSize) }
    } catch (error) {
      // Zeros are no valid entry, so whoever compares sees that nothing is there.
      this.#group = { firstBlock, blocks, bytes: new Uint8Array(blocks * blockSize) }
      if (this.unreadable.length < 10)
        this.unreadable.push(`${blocks * blockSize} bytes at ${hexNumber(start)}: ${String(error)}`)
    }
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

  async #sums(): Promise<{ readonly before: Float64Array; readonly total: number }> {
    if (this.#prefix !== null) return this.#prefix
    const before = new Float64Array(Math.ceil(this.count / this.#perBlock))
    let total = 0
    for (let index = 0; index < this.count; index++) {
      if (index % this.#perBlock === 0) before[index / this.#perBlock] = total
      if (!this.has(index)) await this.load(index, this.count - 1)
      total += clumpHeaderBytes + infoStoredSize(this.entry(index), 0)
    }
    this.#prefix = { before, total }
    return this.#prefix
  }

  /** Clump offset of entry `index` counted back from the end of the log: right whenever all later sizes are. */
  async offsetFromEnd(index: number): Promise<number> {
    const { before, total } = await this.#sums()
    if (index >= this.count) return this.#used
    const block = Math.floor(index / this.#perBlock)
    let sum = before[block] as number
    for (let i = block * this.#perBlock; i < index; i++) {
      sum += clumpHeaderBytes + infoStoredSize(await this.entryAt(i), 0)
    }
    return this.#used - total + sum
  }

  /** Number of the clump that starts at `offset`, by summing sizes from the beginning; null when none does. */
  async indexAtOffset(offset: number): Promise<number | null> {
    let sum = 0
    for (let index = 0; index < this.count && sum <= offset; index++) {
      if (sum === offset) return index
      if (!this.has(index)) await this.load(index, this.count - 1)
      sum += clumpHeaderBytes + infoStoredSize(this.entry(index), 0)
    }
    return sum === offset ? this.count : null
  }
}
