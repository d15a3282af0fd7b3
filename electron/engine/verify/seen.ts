// What a walk has met already, in typed arrays (about 40 bytes each, millions of them): blocks by (score, wire type) with
// what was found, and subtrees by everything that decides how they are read (vac-and-fossil.md 9.6): codes of pointer
// blocks are shared by files and directories, so that skipping by (score, wire type) alone would hide a subtree.

import { hash } from 'node:crypto'
import { putHex } from '../bytes/hex.ts'
import type { Score } from '../../../shared/model/score.ts'
import { scoreBytes } from '../venti/format/constants.ts'
import { ScoreTable } from '../venti/server/score-table.ts'

/** `wanted`: somebody is about to ask for it. `present`: the store says it has it. `good`: read, hash compared. */
export const blockStates = ['wanted', 'present', 'good', 'missing', 'corrupt'] as const
export type BlockState = (typeof blockStates)[number]

/** What becomes of a claim: the first of this look has to ask, unless an earlier look found the block. */
export type Claim = 'ask' | 'taken' | { readonly earlierBytes: number }

/** Where the table has a clump offset stand the look (from 1 on) and, below it, the length of the block. */
const lookUnit = 2 ** 16

export class SeenBlocks {
  readonly #table = new ScoreTable()
  /** The score at hand: several are looked up for every block of a tree. */
  readonly #bytes = new Uint8Array(scoreBytes)
  #look = 1
  #count = 0
  #claimed = -1

  /** Where the block of the last claim() stands, for stateAt() and setAt(): it stays there. */
  get claimed(): number {
    return this.#claimed
  }

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
    const entry = this.#find(score, type)
    this.#claimed = entry
    if (entry < 0) {
      this.#claimed = this.#add(type, 'wanted', 0)
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
    const entry = this.#find(score, type)
    return entry < 0 ? null : this.stateAt(entry)
  }

  stateAt(entry: number): BlockState | null {
    return this.#lookOf(entry) === this.#look ? this.#stateOf(entry) : null
  }

  /** The state before, in this look. */
  set(score: Score, type: number, state: BlockState, lengthBytes = 0): BlockState | null {
    const entry = this.#find(score, type)
    if (entry >= 0) return this.setAt(entry, state, lengthBytes)
    this.#add(type, state, lengthBytes)
    return null
  }

  setAt(entry: number, state: BlockState, lengthBytes = 0): BlockState | null {
    const before = this.stateAt(entry)
    this.#move(entry, state, lengthBytes)
    return before
  }

  #find(score: Score, type: number): number {
    // Scores are hex by their type; what is none must not be taken for the one before.
    if (score.length !== 2 * scoreBytes || !putHex(score, this.#bytes, 0)) this.#bytes.fill(0)
    return this.#table.find(this.#bytes, 0, type)
  }

  #lookOf(entry: number): number {
    return Math.floor(this.#table.offsetOf(entry) / lookUnit)
  }

  #stateOf(entry: number): BlockState {
    return blockStates[this.#table.arenaOf(entry)] as BlockState
  }

  /** The block that #find() just did not find. */
  #add(type: number, state: BlockState, lengthBytes: number): number {
    this.#count++
    const found = this.#look * lookUnit + lengthBytes
    return this.#table.add(this.#bytes, 0, type, blockStates.indexOf(state), found, 0)
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
