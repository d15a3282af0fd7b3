// What a check of an archive on a target found: JSON-safe; `verify --json` prints a VerifyResult as it is, and the history
// of checks keeps a VerifyRecord. Root scores are masked in both unless they were asked for (R10).

export type VerifyDepth = 'present' | 'full'

/** Why a block is not there, as far as the source can tell. */
export type MissingReason =
  /** Beyond the target's cursor: the next sync brings it. */
  | 'not-sent-yet'
  /** The source's own server has it, its partition does not yet. */
  | 'not-on-disk-yet'
  /** The source has a copy that does not match its score. */
  | 'damaged-in-source'
  /** The source has a good copy and the target's cursor is past it: it was lost there. */
  | 'lost-on-target'
  /** The target's index knows it and cannot give it back: writing it again stores nothing. */
  | 'damaged-on-target'
  /** No arena of the source has it. */
  | 'nowhere'
  /** No source was named. */
  | 'unknown'

export type FaultyBlock = {
  /** Masked where it is a root. */
  readonly score: string
  /** API type number as venti's error texts have it: 0 data, 8 directory, 9 to 15 pointers, 16 root. */
  readonly type: number
  /** Path of the first file or directory met that needs it, from the root; the root itself is "/". */
  readonly path: string
  readonly arena: string | null
  /** Clump offset in that arena. */
  readonly offset: number | null
  readonly reason: MissingReason
  /** The server's own words, where it said more than "no block". */
  readonly detail: string | null
  readonly repaired: boolean
}

/** A tree that its blocks spell out wrongly: every block is there and good, but they do not make sense together. */
export type TreeProblem = { readonly path: string; readonly message: string }

export type DrilledFile = {
  readonly path: string
  /** Read from the target and good. */
  readonly bytes: number
  readonly ok: boolean
  readonly problem: string | null
}

/** Of each, something is kept until the end. */
export const maxDrillFiles = 10_000
export const maxDrillSeed = 2 ** 32 - 1

/** Files drawn at random and read whole. */
export type DrillResult = {
  /** The same seed draws the same files of the same archive. */
  readonly seed: number
  /** With the bytes in the source; else every block was checked against its score, and that is all. */
  readonly compared: boolean
  readonly files: readonly DrilledFile[]
  readonly bytes: number
  readonly ok: boolean
}

export type VerifyResult = {
  readonly ok: boolean
  readonly root: string
  readonly dial: string
  readonly depth: VerifyDepth
  /** Different blocks (score and type) reached, the root block included, and how many of them were found good. */
  readonly blocks: number
  readonly good: number
  /** Bytes of blocks read or, in depth present, of their lengths as the server gave them. */
  readonly bytes: number
  readonly missing: readonly FaultyBlock[]
  readonly corrupt: readonly FaultyBlock[]
  readonly problems: readonly TreeProblem[]
  /** Faults beyond the ones listed. */
  readonly unlisted: number
  readonly repaired: number
  readonly files: number
  readonly directories: number
  /** Null: none was asked for, or it was interrupted. */
  readonly drill: DrillResult | null
  /** The interrupted check that this one went on with, and how many blocks it had found; null: none. */
  readonly resumed: { readonly since: string; readonly blocks: number } | null
  readonly cancelled: boolean
  readonly warnings: readonly string[]
  readonly durationMs: number
}

export type VerifyRecord = {
  readonly at: string
  readonly root: string
  /** Tells roots apart that look alike when masked, and gives none away; lines of older versions lack it. */
  readonly rootKey?: string
  readonly dial: string
  readonly depth: VerifyDepth
  readonly ok: boolean
  readonly blocks: number
  readonly missing: number
  readonly corrupt: number
  readonly repaired: number
  /** Files that passed a drill, and the seed that drew them; null: there was none. */
  readonly drill: number | null
  readonly drillSeed: number | null
  readonly durationMs: number
  readonly cancelled: boolean
}

export type VerifySnapshot = {
  /** Blocks known so far, and how many of them are checked; the walk finds more as it goes. */
  readonly known: number
  readonly checked: number
  readonly faults: number
  readonly blocksPerSecond: number
  readonly path: string
}
