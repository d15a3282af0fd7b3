// One sync: what is planned, how it goes, what came of it. JSON-safe; the command line prints these as they are.

import type { BookkeepingResult, SourceServerResult } from './bookkeeping.ts'
import type { Damage } from './damage.ts'
import type { MissingReason } from './verify.ts'

/** What one target lacks of one arena. Sizes are uncompressed bytes: what goes over the wire. */
export type ArenaPlan = {
  readonly name: string
  /** Clump offsets: where the target's cursor stands, and the end of what the tail counts. */
  readonly from: number
  readonly to: number
  readonly blocks: number
  readonly bytes: number
}

export type TargetPlan = {
  readonly dial: string
  readonly error: string | null
  readonly arenas: readonly ArenaPlan[]
  readonly blocks: number
  readonly bytes: number
  /** Room the server says it has; null where it cannot be known. */
  readonly freeBytes: number | null
  readonly fits: boolean | null
}

export type SyncPlan = {
  readonly dryRun: true
  readonly mirror: string
  readonly source: string
  readonly targets: readonly TargetPlan[]
  readonly damage: readonly DamageReport[]
  /** What would be taken over from wrcmd, and what its line would become; null without a 9fat. */
  readonly bookkeeping: BookkeepingResult | null
  readonly sourceServer: SourceServerResult | null
  readonly warnings: readonly string[]
  readonly bytesRead: number
  readonly durationMs: number
}

/** A damage as reports show it; the score of a root block is masked (R10). */
export type DamageReport = Omit<Damage, 'score' | 'clumpOffset'> & {
  /** Clump offset where the damage is at a clump, else the byte address in the partition. */
  readonly offset: number
  readonly clumpOffset: number | null
  readonly score: string | null
}

export type ArenaProgress = {
  readonly name: string
  /** Clump offsets: where this run began on this target, and where the saved cursor stands now. */
  readonly from: number
  readonly to: number
  readonly blocks: number
  /** Blocks written, and blocks a probe found on the target already. */
  readonly sent: number
  readonly present: number
  readonly bytesSent: number
}

export type TargetResult = {
  readonly dial: string
  readonly ok: boolean
  readonly error: string | null
  readonly errorCode: string | null
  readonly arenas: readonly ArenaProgress[]
  readonly blocks: number
  readonly sent: number
  readonly present: number
  readonly bytesSent: number
}

export type Rollover = {
  readonly dial: string
  readonly fromArena: string
  readonly fromOffset: number
  readonly toArena: string
  /** Byte address of the new arena: the number for wrarena -o. */
  readonly toArenaOffset: number
}

export type SyncResult = {
  readonly mirror: string
  readonly source: string
  readonly targets: readonly TargetResult[]
  readonly damage: readonly DamageReport[]
  /** Last clumps behind the tail's counters that are not whole yet: normal on a live source. */
  readonly unfinished: readonly { readonly arena: string; readonly offset: number }[]
  readonly rollovers: readonly Rollover[]
  /** What became of wrcmd and rootscor; null without a 9fat. */
  readonly bookkeeping: BookkeepingResult | null
  /** Null when the source's own server was not asked. */
  readonly sourceServer: SourceServerResult | null
  readonly warnings: readonly string[]
  readonly cancelled: boolean
  readonly bytesRead: number
  readonly durationMs: number
}

/** The root that matters, checked on a target after the sync. */
export type VerifiedTarget = {
  readonly dial: string
  /** Masked (R10); null when there was none to check, for the reason in `problem`. */
  readonly root: string | null
  /** Where the root comes from, in words. */
  readonly from: string | null
  readonly ok: boolean
  readonly blocks: number
  readonly missing: number
  readonly corrupt: number
  /** Why the root block itself is not there; null where it is, or nobody can say. */
  readonly rootReason: MissingReason | null
  readonly problem: string | null
}

/** One result, also where the sync ran again because blocks were on their way; its durationMs is that of the rounds. */
export type VerifiedSync = SyncResult & {
  /** Every target that is up to date, or was after an earlier round. */
  readonly verified: readonly VerifiedTarget[]
  /** How many times the sync ran, and how long that went on after the first check. */
  readonly rounds: number
  readonly waitedMs: number
}

export type TargetPhase = 'connecting' | 'copying' | 'waiting' | 'syncing' | 'done' | 'failed'

/** One arena on its way to a target. */
export type ArenaSnapshot = {
  readonly name: string
  /** In fill order over all partitions. */
  readonly index: number
  readonly blocksDone: number
  readonly blocksTotal: number
  /** Of those done, the ones a probe found there. */
  readonly present: number
}

export type TargetSnapshot = {
  readonly dial: string
  readonly phase: TargetPhase
  /** The arena at hand; those in front of it are done. */
  readonly arena: string | null
  readonly arenaCopy: ArenaSnapshot | null
  readonly blocksDone: number
  readonly blocksTotal: number
  readonly bytesDone: number
  readonly bytesTotal: number
  /** Blocks that a probe found there already. */
  readonly present: number
  /** Over the last seconds. */
  readonly bytesPerSecond: number
  readonly secondsLeft: number | null
  /** The cursor that was saved last in this run, and when. */
  readonly confirmed: { readonly arena: string; readonly offset: number; readonly at: string } | null
  readonly error: string | null
}

export type SyncSnapshot = {
  readonly sequence: number
  readonly targets: readonly TargetSnapshot[]
  readonly damage: number
  readonly bytesRead: number
}

/** 0 all there; 1 nothing came of it; 3 finished, but damage was left out, a target is behind, or wrcmd could not follow (R8). */
export function exitStatusOf(result: SyncResult): 0 | 1 | 3 {
  if (result.cancelled) return 1
  const failed = result.targets.filter((target) => !target.ok)
  if (failed.length === result.targets.length) return 1
  const isBehind = failed.length > 0 || result.damage.length > 0
  return isBehind || (result.bookkeeping !== null && result.bookkeeping.error !== null) ? 3 : 0
}

/** The same with the check: 3 also where an archive is not whole on a target. */
export function verifiedStatusOf(result: VerifiedSync): 0 | 1 | 3 {
  const status = exitStatusOf(result)
  return status === 0 && result.verified.some(({ ok }) => !ok) ? 3 : status
}
