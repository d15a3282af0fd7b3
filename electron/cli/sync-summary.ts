// What came of a sync, or would come of it, as text: for each target what was sent and what is left to do. Pure; the words
// are said for people who read them in a mail from cron, so every line stands for itself.

import type { ErrorCode } from '../../shared/errors.ts'
import { damageKinds } from '../../shared/model/damage.ts'
import type {
  ArenaProgress,
  Rollover,
  SyncPlan,
  SyncResult,
  TargetPlan,
  TargetResult,
  VerifiedSync,
  VerifiedTarget,
} from '../../shared/model/run.ts'
import { adviceFor, isErrorCode } from '../../shared/text/explain-error.ts'
import { countOf, formatBytes, formatCount, formatDuration, formatRateOf } from '../../shared/text/format.ts'
import { hexNumber } from '../engine/bytes/hex.ts'
import { damageLines } from './arena-listing.ts'
import { bookkeepingLines, bookkeepingPlanLines, sourceServerLines } from './bookkeeping-summary.ts'

/** More rows than this tell nobody anything: a bulk copy goes through thousands of arenas. */
const maxArenaRows = 12

function elided(rows: readonly string[]): readonly string[] {
  if (rows.length <= maxArenaRows) return rows
  const half = maxArenaRows / 2
  return [...rows.slice(0, half), `    (${countOf(rows.length - 2 * half, 'more arena')})`, ...rows.slice(-half)]
}

function arenaRow(arena: ArenaProgress): string {
  const { name, from, to, sent, present, bytesSent } = arena
  const found = present > 0 ? `, ${formatCount(present)} already there` : ''
  return `    ${name}: from ${hexNumber(from)} to ${hexNumber(to)}, ${countOf(sent, 'block')} sent (${formatBytes(bytesSent)})${found}`
}

function targetLines(target: TargetResult, result: SyncResult): readonly string[] {
  const moved = elided(target.arenas.filter(({ blocks, from, to }) => blocks > 0 || to > from).map(arenaRow))
  const { dial, sent, present, bytesSent } = target
  const whole = !result.damage.some(({ kind }) => damageKinds[kind].loses)
  if (target.ok && target.blocks === 0) {
    return [`${dial}: nothing new, ${whole ? 'every block is there' : 'all is there but the damaged blocks'}`, ...moved]
  }
  const found = present > 0 ? `, ${formatCount(present)} already there` : ''
  const effort = `${formatBytes(bytesSent)} in ${formatDuration(result.durationMs)}, ${formatRateOf(bytesSent, result.durationMs)}`
  const what = `${countOf(sent, 'block')} sent${found}, ${effort}`
  if (target.ok)
    return [`${dial}: ${whole ? 'up to date' : 'up to date but for the damaged blocks'}; ${what}`, ...moved]
  const stopped = result.cancelled && target.errorCode === 'cancelled' ? 'interrupted' : 'BEHIND'
  const why = target.error === null || stopped === 'interrupted' ? [] : [whyLine(dial, target.error)]
  return [`${dial}: ${stopped}; ${what}`, ...moved, ...why, ...adviceLines(target.errorCode)]
}

/** Errors of a target begin with its dial string, which stands above already. */
function whyLine(dial: string, error: string): string {
  return `    why:  ${error.startsWith(`${dial}: `) ? error.slice(dial.length + 2) : error}`
}

function adviceLines(code: string | null): readonly string[] {
  const { safe, next } = adviceFor(code !== null && isErrorCode(code) ? code : ('target-refused' satisfies ErrorCode))
  return [`    safe: ${safe}`, `    next: ${next}`]
}

function rolloverLine({ dial, fromArena, fromOffset, toArena, toArenaOffset }: Rollover): string {
  return `Rollover on ${dial}: ${fromArena} is full, and there to its end ${hexNumber(fromOffset)}; goes on in ${toArena} (-o ${toArenaOffset})`
}

export function syncLines(result: SyncResult): readonly string[] {
  const { source, mirror, bytesRead, durationMs, unfinished } = result
  return [
    `Mirror ${mirror} of ${source}`,
    ...result.targets.flatMap((target) => targetLines(target, result).map((line) => `  ${line}`)),
    ...result.rollovers.map(rolloverLine),
    ...bookkeepingLines(result.bookkeeping),
    ...sourceServerLines(result.sourceServer),
    ...unfinished.map(
      ({ arena, offset }) =>
        `${arena}: the block at ${hexNumber(offset)} is not whole on disk yet, as on a running server; the next sync looks again`,
    ),
    ...result.warnings.map((warning) => `Note: ${warning}`),
    ...damageLines(result.damage),
    ...(result.damage.length > 0
      ? [
          '  Damaged blocks were left out. They stay listed until a good copy is seen; run the sync again after a repair.',
        ]
      : []),
    `Read ${formatBytes(bytesRead)} of the source in ${formatDuration(durationMs)}, ${formatRateOf(bytesRead, durationMs)}`,
  ]
}

function verifiedLine({ dial, root, from, ok, blocks, missing, corrupt, problem }: VerifiedTarget): string {
  const why = problem ?? ''
  if (root === null) return `${dial}: NOT verified: ${why}`
  if (ok) return `${dial}: ${root}, ${from ?? ''}, is whole: ${countOf(blocks, 'block')}`
  const counts = missing + corrupt === 0 ? '' : ` (missing ${missing}, damaged ${corrupt})`
  return `${dial}: ${root}, ${from ?? ''}, is NOT whole${counts}: ${why}`
}

export function waitedLines({ rounds, waitedMs }: Pick<VerifiedSync, 'rounds' | 'waitedMs'>): readonly string[] {
  if (waitedMs === 0) return []
  return [`Waited ${formatDuration(waitedMs)} for blocks on their way; the sync ran ${countOf(rounds, 'time')}`]
}

export function verifiedLines(verified: readonly VerifiedTarget[]): readonly string[] {
  if (verified.length === 0) return ['No target is up to date, so nothing was verified']
  return verified.map(verifiedLine)
}

function fitWords({ fits, freeBytes }: TargetPlan): string {
  if (freeBytes === null || fits === null) return 'room there unknown'
  return `${fits ? 'fits' : 'DOES NOT FIT'}: ${formatBytes(freeBytes)} free`
}

function planLinesOf(target: TargetPlan): readonly string[] {
  const { dial, error, arenas, blocks, bytes } = target
  if (error !== null) return [`${dial}: cannot be reached or used`, whyLine(dial, error)]
  if (blocks === 0 && arenas.length === 0) return [`${dial}: nothing new`]
  const rows = arenas.map(
    (arena) =>
      `    ${arena.name}: from ${hexNumber(arena.from)} to ${hexNumber(arena.to)}, ${countOf(arena.blocks, 'block')} (${formatBytes(arena.bytes)})`,
  )
  return [
    `${dial}: ${countOf(blocks, 'block')} (${formatBytes(bytes)}) in ${countOf(arenas.length, 'arena')}; ${fitWords(target)}`,
    ...elided(rows),
  ]
}

export function planLines(plan: SyncPlan): readonly string[] {
  return [
    `Mirror ${plan.mirror} of ${plan.source}: what a sync would send now. Nothing was sent.`,
    ...plan.targets.flatMap((target) => planLinesOf(target).map((line) => `  ${line}`)),
    ...bookkeepingPlanLines(plan.bookkeeping),
    ...sourceServerLines(plan.sourceServer),
    ...plan.warnings.map((warning) => `Note: ${warning}`),
    ...damageLines(plan.damage),
  ]
}

/** The exit status of the run a plan foretells: 1 nothing can come of it, 3 something would be left behind. */
export function planStatus(plan: SyncPlan): 0 | 1 | 3 {
  const failed = plan.targets.filter(({ error }) => error !== null)
  if (plan.targets.length > 0 && failed.length === plan.targets.length) return 1
  const short = plan.targets.some(({ fits }) => fits === false)
  const isBehind = failed.length > 0 || short || plan.damage.length > 0
  return isBehind || (plan.bookkeeping !== null && plan.bookkeeping.error !== null) ? 3 : 0
}
