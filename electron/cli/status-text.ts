// The state of mirrors as text. Pure over what "status" gathered and the time it is.

import { countOf, formatAge, formatBytes, formatCount, formatDuration } from '../../shared/text/format.ts'
import { explainDamage } from '../../shared/text/explain-damage.ts'
import type { HistoryLine } from '../engine/state/history.ts'
import type { MirrorStatus, StatusReport, TargetStatus } from './status-report.ts'

function age(at: string, now: Date): string {
  const then = Date.parse(at)
  return Number.isNaN(then) ? at : `${formatAge(then, now.getTime())} (${at})`
}

function newsOf({ newBlocks, newBytes }: TargetStatus): string {
  if (newBlocks === null || newBytes === null) return 'what is new in the source is not known now'
  if (newBlocks === 0 && newBytes === 0) return 'nothing new in the source'
  return `new in the source: ${countOf(newBlocks, 'block')}, ${formatBytes(newBytes)}`
}

function targetLines(target: TargetStatus, now: Date): readonly string[] {
  const { dial, arena, arenaOffset, endOffset, arenas, lastSync, lastError } = target
  const position =
    arena === null
      ? 'nothing is mirrored yet'
      : `${countOf(arenas, 'arena')}, up to ${endOffset} in ${arena} (-o ${arenaOffset})`
  return [
    `  target ${dial}`,
    `    mirrored:  ${position}`,
    `    last sync: ${lastSync === null ? 'never' : age(lastSync, now)}`,
    `    now:       ${newsOf(target)}`,
    ...(lastError === null
      ? []
      : [`    BEHIND:    ${lastError === 'cancelled' ? 'the last sync was interrupted' : lastError}`]),
  ]
}

function runLine(run: HistoryLine | null, now: Date): string {
  if (run === null || run.kind !== 'run') return '  last run: none is recorded'
  const sent = run.targets.reduce((sum, target) => sum + target.sent, 0)
  const bytes = run.targets.reduce((sum, target) => sum + target.bytesSent, 0)
  const failed = run.targets.filter(({ ok }) => !ok).length
  const outcome = run.cancelled ? ', interrupted' : failed > 0 ? `, ${countOf(failed, 'target')} failed` : ''
  return `  last run: ${age(run.at, now)}, ${countOf(sent, 'block')} sent (${formatBytes(bytes)}) in ${formatDuration(run.durationMs)}${outcome}`
}

function mirrorLines(mirror: MirrorStatus, now: Date): readonly string[] {
  const { name, source, sourceProblem, targets, damage, lastRun } = mirror
  const same = source.spec === source.path ? '' : ` (${source.path})`
  return [
    `Mirror ${name}: ${source.spec}${same}, ${countOf(source.arenas, 'arena')}`,
    ...(sourceProblem === null ? [] : [`  source ${sourceProblem}`]),
    ...targets.flatMap((target) => targetLines(target, now)),
    runLine(lastRun, now),
    ...(damage.length === 0 ? [] : [`  damage recorded: ${formatCount(damage.length)}`]),
    ...damage.map(({ owedTo, ...one }) => {
      const owed = owedTo.length === 0 ? '' : `; still owed to ${owedTo.join(', ')}`
      return `    ${explainDamage(one)}${owed}`
    }),
  ]
}

export function statusLines({ stateDir, mirrors, problems }: StatusReport, now: Date): readonly string[] {
  if (mirrors.length === 0 && problems.length === 0) {
    return [`No mirrors in ${stateDir} yet. Start one: venti-mirror sync SOURCE --to DIAL`]
  }
  return mirrors.flatMap((mirror, at) => [...(at === 0 ? [] : ['']), ...mirrorLines(mirror, now)])
}
