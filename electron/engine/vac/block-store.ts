// Where blocks of a tree come from: a venti server, or the arenas of a source. Everything that walks, lists or extracts
// reads through this, so that it can be run against either, and against a store in memory in tests.

import type { Score } from '../../../shared/model/score.ts'

export interface BlockStore {
  /** For messages. */
  readonly name: string
  /**
   * The whole block as stored (truncated), its SHA-1 verified. `type` is the wire code. Rejects with `block-missing` when
   * the store says it has none, `block-corrupt` when it has one that cannot be given back or does not match its score, and
   * with a code of the client when the store itself fails.
   */
  read(score: Score, type: number, maxBytes: number): Promise<Uint8Array>
  /** Size of the block as stored, without moving it; null: not there. Absent where a store cannot tell without reading. */
  readonly probe?: (score: Score, type: number) => Promise<number | null>
  /** What `probe` does, without a promise for each of a million blocks: `done` is called exactly once, later. */
  readonly ask?: (score: Score, type: number, done: AskDone) => void
  close(): Promise<void>
}

export type AskDone = (error: unknown, lengthBytes: number | null) => void

/** One that can tell without reading. */
export type ProbingStore = BlockStore & Required<Pick<BlockStore, 'probe'>>
