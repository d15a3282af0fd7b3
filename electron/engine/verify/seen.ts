// What a walk has met already, in typed arrays (about 40 bytes each, millions of them): blocks by (score, wire type) with
// what was found, and subtrees by everything that decides how they are read (vac-and-fossil.md 9.6): codes of pointer
// blocks are shared by files and directories, so that skipping by (score, wire type) alone would hide a subtree.

import { hash } from 'node:crypto'
import { fromHex } from '../bytes/hex.ts'
import type { Score } from '../../../shared/model/score.ts'
import { ScoreTable } from '../venti/server/score-table.ts'

/** `wanted`: somebody is about to ask for it. `present`: the store says it has it. `good`: read, hash compared. */
export const blockStates = ['wanted', 'present', 'good', 'missing', 'corrupt'] as const
export type BlockState = (typeof blockStates)[number]

const bytesOf = (score: Score): Uint8Array => fromHex(score) ?? new Uint8Array(20)

export class SeenBlocks {
  readonly #table = new ScoreTable()

  get count(): number {
    return this.#table.count
  }

  get memoryBytes(): number {
    return this.#table.memoryBytes
  }

  /** True for the first to ask: it has to look after the block. */
  claim(score: Score, type: number): boolean {
    const bytes = bytesOf(score)
    if (this.#table.find(bytes, 0, type) >= 0) return false
    this.#table.add(bytes, 0, type, 0, 0, 0)
    return true
  }

  state(score: Score, type: number): BlockState | null {
    const entry = this.#table.find(bytesOf(score), 0, type)
    return entry < 0 ? null : (blockStates[this.#table.arenaOf(entry)] as BlockState)
  }

  /** The state before. */
  set(score: Score, type: number, state: BlockState): BlockState | null {
    const bytes = bytesOf(score)
    const entry = this.#table.find(bytes, 0, type)
    const number = blockStates.indexOf(state)
    if (entry < 0) {
      this.#table.add(bytes, 0, type, number, 0, 0)
      return null
    }
    const before = blockStates[this.#table.arenaOf(entry)] as BlockState
    this.#table.move(entry, number, 0)
    return before
  }
}

/** Keys of any length, kept as their SHA-1. */
export class SeenKeys {
  readonly #table = new ScoreTable()

  get count(): number {
    return this.#table.count
  }

  get memoryBytes(): number {
    return this.#table.memoryBytes
  }

  /** True the first time. */
  claim(key: string): boolean {
    const digest = hash('sha1', key, 'buffer')
    if (this.#table.find(digest, 0, 0) >= 0) return false
    this.#table.add(digest, 0, 0, 0, 0, 0)
    return true
  }
}
