// A mirror as it is kept between runs: where the source is, how far each target has it, what is damaged.
// This is the content of mirrors/NAME.json; `schema` changes whenever a reader of the old form would misunderstand it.

import type { Damage } from './damage.ts'
import type { Score } from './score.ts'

export const mirrorSchema = 1

/**
 * For one target and one arena: everything below `offset` is on that target's disk (R2). The other fields let the next run
 * know that it looks at the same arena (R5) and how much is left.
 */
export type Cursor = {
  readonly start: number
  readonly version: 4 | 5
  readonly clumpMagic: number
  readonly offset: number
  /** Clumps below `offset`, and their uncompressed bytes; null after damage that left them unknown. */
  readonly clumps: number | null
  readonly uncompressed: number | null
  /** The last clump below `offset`. */
  readonly last: { readonly offset: number; readonly score: Score } | null
  /** Blocks up to here were acknowledged too, but the source's tail did not count them yet. */
  readonly seenTo: number
}

export type MirrorTarget = {
  /** Canonical dial string. */
  readonly dial: string
  readonly cursors: Readonly<Record<string, Cursor>>
  /** Time of the last acknowledged sync, ISO 8601; null before the first. */
  readonly lastSync: string | null
  /** Result of the last run; null before the first. */
  readonly lastError: string | null
}

export type DamageRecord = {
  readonly damage: Damage
  /** Dial strings of the targets whose cursor passed it: each still lacks the block until a good copy is seen and sent. */
  readonly owedTo: readonly string[]
  readonly firstSeen: string
}

export type MirrorBookkeeping = {
  readonly ninefat: string
  /**
   * Dial string of a target that lacked blocks which wrcmd claimed were there: until it is up to date once, no claim for it
   * is believed, whatever a sample finds. Null or absent: none.
   */
  readonly doubted?: string | null
}

/** What its owner chose in the window; the command line keeps to it where it is not told otherwise. */
export type MirrorPreferences = {
  /** The fossil whose last archive is recorded and checked. */
  readonly fossil?: string | null
  /** By dial string. */
  readonly targetNames?: Readonly<Record<string, string>>
  /** In the window: the newest root is checked after each sync. */
  readonly verifyAfterSync?: boolean
  readonly limitBytesPerSecond?: number | null
  /** The source's own server and its status pages. */
  readonly sourceVenti?: string | null
  readonly sourceHttp?: string | null
}

export type MirrorState = {
  readonly schema: typeof mirrorSchema
  readonly name: string
  readonly source: {
    /** As the user named it, and where it was. */
    readonly spec: string
    readonly path: string
    readonly blockSize: number
    readonly arenas: number
  }
  readonly targets: readonly MirrorTarget[]
  readonly damage: readonly DamageRecord[]
  /** Path of the 9fat whose wrcmd and rootscor follow this mirror; states of older versions do not have it. */
  readonly bookkeeping?: MirrorBookkeeping | null
  /** Absent in states of older versions, and where nobody chose anything. */
  readonly preferences?: MirrorPreferences | null
}
