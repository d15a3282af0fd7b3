// The entries of a directory's source stream by number. Names refer to them in any order, so a few leaves are kept; how
// many does not depend on what the directory claims (R9).

import type { BlockStore } from './block-store.ts'
import { decodeEntry, type VacEntry } from './entry.ts'
import { entriesPerLeaf, entryBytes, entrySlots } from './pointers.ts'
import { HashTree, type Piece, type StreamOptions } from './stream.ts'
import { extendLeaf } from './truncate.ts'

const keptLeaves = 64

export class EntryTable {
  /** Slots, used or not. */
  readonly slots: number
  readonly #tree: HashTree
  readonly #perLeaf: number
  /** In the order of use. */
  readonly #leaves = new Map<number, Promise<Piece>>()

  constructor(store: BlockStore, source: VacEntry, options: StreamOptions = {}) {
    this.#tree = new HashTree(store, source, options)
    this.#perLeaf = entriesPerLeaf(source.dsize)
    this.slots = entrySlots(source.size, source.dsize)
  }

  /** Null for an empty slot and for a number beyond the last. Rejects with `bad-tree` or because the leaf cannot be read. */
  async entry(number: number, name: string): Promise<VacEntry | null> {
    if (number >= this.slots) return null
    const { bytes } = await this.#leaf(Math.floor(number / this.#perLeaf))
    const at = entryBytes * (number % this.#perLeaf)
    return decodeEntry(extendLeaf(bytes.subarray(at, at + entryBytes), entryBytes), 0, name)
  }

  #leaf(n: number): Promise<Piece> {
    const kept = this.#leaves.get(n)
    this.#leaves.delete(n)
    const leaf = kept ?? this.#tree.leaf(n)
    this.#leaves.set(n, leaf)
    if (kept === undefined) {
      leaf.catch(() => {
        if (this.#leaves.get(n) === leaf) this.#leaves.delete(n)
      })
    }
    if (this.#leaves.size > keptLeaves) this.#leaves.delete(this.#leaves.keys().next().value as number)
    return leaf
  }
}
