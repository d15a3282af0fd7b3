// What happened to a mirror as lines of the activity: runs and rollovers from its history, checks from the log of checks,
// damage from its state. Root scores stay masked (R10).

import type { DamageRecord, MirrorState } from '../../shared/model/mirror.ts'
import type { VerifyRecord } from '../../shared/model/verify.ts'
import type { ActivityLine } from '../../shared/model/window.ts'
import { explainDamage } from '../../shared/text/explain-damage.ts'
import { damageKey } from '../../shared/model/damage.ts'
import { parseWrcmd } from '../engine/bookkeeping/wrcmd.ts'
import { arenaAddressOf } from '../engine/bookkeeping/wrcmd-check.ts'
import { maskScoresIn } from '../engine/bookkeeping/wrcmd-words.ts'
import { readHistory, type HistoryLine } from '../engine/state/history.ts'
import { readVerifyRecords } from '../engine/state/verify-log.ts'
import { reportDamage } from '../engine/sync/report-damage.ts'
import { targetNameOf } from './mirror-preferences.ts'
import { windowWords } from './problem.ts'
import { withoutDial } from './window-words.ts'

type Line<Kind extends ActivityLine['kind']> = Extract<ActivityLine, { kind: Kind }>
type RunRecord = Extract<HistoryLine, { kind: 'run' }>
type RolloverRecord = Extract<HistoryLine, { kind: 'rollover' }>

function resultOf({ cancelled, targets, damage, bookkeeping }: RunRecord): Line<'run'>['result'] {
  if (cancelled) return 'cancelled'
  const failed = targets.filter(({ ok }) => !ok).length
  if (failed === targets.length) return 'failed'
  return failed > 0 || damage > 0 || (bookkeeping?.error ?? null) !== null ? 'attention' : 'ok'
}

function runLine(mirror: MirrorState, run: RunRecord, id: string, rollovers: number): Line<'run'> {
  const { at, durationMs, damage } = run
  return {
    kind: 'run',
    id,
    mirror: mirror.name,
    at,
    result: resultOf(run),
    durationMs,
    targets: run.targets.map(({ dial, ok, error, blocks, sent, present, bytesSent }) => {
      const words = error === null ? null : windowWords(withoutDial(dial, error))
      return { dial, name: targetNameOf(mirror, dial), ok, error: words, blocks, sent, present, bytesSent }
    }),
    damage,
    rollovers,
  }
}

const addressIn = (line: string): number | null => {
  const { command } = parseWrcmd(line)
  return command === null ? null : arenaAddressOf(command)
}

type Wrcmd = Pick<Line<'rollover'>, 'wrcmdBefore' | 'wrcmdAfter'>

/**
 * The move of wrcmd that went past this rollover: as a rule in the same run, whose line comes behind it; where that run was
 * killed or could not write, in a later one. Nulls where no wrcmd follows this target.
 */
function wrcmdOf({ dial, toArenaOffset }: RolloverRecord, history: readonly HistoryLine[], index: number): Wrcmd {
  for (let i = index + 1; i < history.length; i++) {
    const line = history[i] as HistoryLine
    if (line.kind !== 'run' || line.bookkeeping?.written !== true || line.bookkeeping.dial !== dial) continue
    const { before = null, after = null } = line.bookkeeping
    if (before === null || after === null) continue
    const [from, to] = [addressIn(before), addressIn(after)]
    if (from === null || to === null || from >= toArenaOffset || to < toArenaOffset) continue
    return { wrcmdBefore: maskScoresIn(before), wrcmdAfter: maskScoresIn(after) }
  }
  return { wrcmdBefore: null, wrcmdAfter: null }
}

/** Oldest first. */
export function historyLines(
  mirror: MirrorState,
  history: readonly HistoryLine[],
): readonly (Line<'run'> | Line<'rollover'>)[] {
  let rollovers = 0
  return history.map((line, index) => {
    // The log only grows, so that a place in it names a line for good.
    const id = `history/${mirror.name}/${index}`
    if (line.kind === 'rollover') {
      rollovers++
      return { ...line, id, mirror: mirror.name, ...wrcmdOf(line, history, index) }
    }
    const run = runLine(mirror, line, id, rollovers)
    rollovers = 0
    return run
  })
}

function checkResult({ cancelled, ok }: VerifyRecord): Line<'check'>['result'] {
  if (cancelled) return 'cancelled'
  return ok ? 'ok' : 'failed'
}

function checkLine(mirror: MirrorState, record: VerifyRecord, index: number): Line<'check'> {
  const { at, root, dial, depth, blocks, missing, corrupt, repaired, drill, durationMs } = record
  const counts = { blocks, missing, corrupt, repaired, drill, durationMs }
  const id = `verify/${mirror.name}/${index}`
  const name = targetNameOf(mirror, dial)
  return { kind: 'check', id, mirror: mirror.name, at, result: checkResult(record), root, dial, name, depth, ...counts }
}

function damageLine(mirror: MirrorState, { damage, owedTo, firstSeen }: DamageRecord): Line<'damage'> {
  const report = reportDamage(damage)
  const id = `damage/${mirror.name}/${damageKey(damage)}`
  return {
    kind: 'damage',
    id,
    mirror: mirror.name,
    at: firstSeen,
    damage: report,
    words: explainDamage(report),
    owedTo,
  }
}

export type ActivityKind = ActivityLine['kind']

async function linesOf(
  stateDir: string,
  mirror: MirrorState,
  kinds: ReadonlySet<ActivityKind>,
): Promise<readonly ActivityLine[]> {
  const withHistory = kinds.has('run') || kinds.has('rollover')
  const history = withHistory ? historyLines(mirror, await readHistory(stateDir, mirror.name)) : []
  const checks = kinds.has('check') ? await readVerifyRecords(stateDir, mirror.name) : []
  return [
    ...history.filter(({ kind }) => kinds.has(kind)),
    ...checks.map((record, index) => checkLine(mirror, record, index)),
    ...(kinds.has('damage') ? mirror.damage.map((record) => damageLine(mirror, record)) : []),
  ]
}

/** Newest first. Rejects with state-missing when a log cannot be read. */
export async function activityLines(
  stateDir: string,
  mirrors: readonly MirrorState[],
  kinds: readonly ActivityKind[],
): Promise<readonly ActivityLine[]> {
  const wanted = new Set(kinds)
  const lines: ActivityLine[] = []
  for (const mirror of mirrors) for (const line of await linesOf(stateDir, mirror, wanted)) lines.push(line)
  // What was written later stands first among those of one instant.
  return lines.toReversed().toSorted((a, b) => (a.at === b.at ? 0 : a.at < b.at ? 1 : -1))
}
