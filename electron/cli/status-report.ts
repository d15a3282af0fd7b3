// What venti-mirror status knows of each mirror: its --json document, and what its text is made of.

import type { DamageReport } from '../../shared/model/run.ts'
import type { HistoryLine } from '../engine/state/history.ts'

export type TargetStatus = {
  readonly dial: string
  /** The furthest arena with a cursor: the one that grows. Null before the first sync. */
  readonly arena: string | null
  readonly arenaOffset: number | null
  /** Clump offset in it, also as the scripts write it. */
  readonly offset: number | null
  readonly endOffset: string | null
  /** Arenas with a cursor beyond their start. */
  readonly arenas: number
  readonly lastSync: string | null
  readonly lastError: string | null
  /** What the source's tails count beyond the cursors; null when the source cannot be read now. */
  readonly newBlocks: number | null
  readonly newBytes: number | null
}

export type MirrorStatus = {
  readonly name: string
  readonly source: { readonly spec: string; readonly path: string; readonly arenas: number }
  /** Why the source cannot be compared with the cursors; null when it can. */
  readonly sourceProblem: string | null
  readonly targets: readonly TargetStatus[]
  readonly damage: readonly (DamageReport & { readonly owedTo: readonly string[]; readonly firstSeen: string })[]
  readonly lastRun: HistoryLine | null
  readonly healthy: boolean
}

export type StatusReport = {
  readonly stateDir: string
  readonly mirrors: readonly MirrorStatus[]
  readonly problems: readonly string[]
}
