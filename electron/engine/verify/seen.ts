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

/** What becomes of a claim: the first of this look has to ask, unless an earlier look found the block. */
export type Claim = 'ask' | 'taken' | { readonly earlierBytes: number }

/** Where the table has a clump offset stand the look (from 1 on) and, below it, the length of the block. */
const lookUnit = 2 ** 16

const bytesOf = (score: Score): Uint8Array => fromHex(score) ?? new Uint8Array(20)

export class SeenBlocks {
  readonly #table = new ScoreTable()
  #look = 1
  #count = 0

  /** Blocks met in this look. */
  get count(): number {
    return this.#count
  }

  /** Blocks met in any look. */
  get known(): number {
    return this.#table.count
  }

  get memoryBytes(): number {
    return this.#table.memoryBytes
  }

  /** Everything is to be met again; what was found is remembered, for claim() to tell. */
  lookAgain(): void {
    this.#look++
    this.#count = 0
  }

  /** A block that an earlier look found. */
  addEarlier(bytes: Uint8Array, at: number, type: number, state: 'present' | 'good', lengthBytes: number): void {
    if (this.#table.find(bytes, at, type) >= 0) return
    this.#table.add(bytes, at, type, blockStates.indexOf(state), lengthBytes, 0)
  }

  /** `need`: what an earlier look must have found, for the block not to be asked for again. */
  claim(score: Score, type: number, need: 'present' | 'good' = 'good'): Claim {
    const bytes = bytesOf(score)
    const entry = this.#table.find(bytes, 0, type)
    if (entry < 0) {
      this.#add(bytes, type, 'wanted', 0)
      return 'ask'
    }
    if (this.#lookOf(entry) === this.#look) return 'taken'
    const state = this.#stateOf(entry)
    const earlierBytes = this.#table.offsetOf(entry) % lookUnit
    const isFound = state === 'good' || (state === 'present' && need === 'present')
    this.#move(entry, isFound ? state : 'wanted', earlierBytes)
    return isFound ? { earlierBytes } : 'ask'
  }

  /** Null where this look has not met it. */
  state(score: Score, type: number): BlockState | null {
    const entry = this.#table.find(bytesOf(score), 0, type)
    return entry < 0 || this.#lookOf(entry) !== this.#look ? null : this.#stateOf(entry)
  }

  /** The state before, in this look. */
  set(score: Score, type: number, state: BlockState, lengthBytes = 0): BlockState | null {
    const bytes = bytesOf(score)
    const entry = this.#table.find(bytes, 0, type)
    if (entry < 0) {
      this.#add(bytes, type, state, lengthBytes)
      return null
    }
    const before = this.#lookOf(entry) === this.#look ? this.#stateOf(entry) : null
    this.#move(entry, state, lengthBytes)
    return before
  }

  #lookOf(entry: number): number {
    return Math.floor(this.#table.offsetOf(entry) / lookUnit)
  }

  #stateOf(entry: number): BlockState {
    return blockStates[this.#table.arenaOf(entry)] as BlockState
  }

  #add(bytes: Uint8Array, type: number, state: BlockState, lengthBytes: number): void {
    this.#table.add(bytes, 0, type, blockStates.indexOf(state), this.#look * lookUnit + lengthBytes, 0)
    this.#count++
  }

  #move(entry: number, state: BlockState, lengthBytes: number): void {
    if (this.#lookOf(entry) !== this.#look) this.#count++
    this.#table.move(entry, blockStates.indexOf(state), this.#look * lookUnit + lengthBytes)
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
