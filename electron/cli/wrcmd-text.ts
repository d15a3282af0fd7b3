// What "wrcmd" found, as text. Pure over its reports.

import type {
  WrarenaCommand,
  WrcmdChange,
  WrcmdProblem,
  WrcmdReport,
  WrcmdRestore,
} from '../../shared/model/bookkeeping.ts'
import { countOf } from '../../shared/text/format.ts'
import { hexNumber } from '../engine/bytes/hex.ts'

function partLines(command: WrarenaCommand, arena: string | null): readonly string[] {
  const { program, host, arenaOffset, partition, clumpOffset } = command
  return [
    `  program    ${program}`,
    `  target     ${host ?? 'none is named: $venti'}`,
    `  arena      ${arenaOffset === null ? 'none is named' : `at ${arenaOffset}${arena === null ? '' : ` (${arena})`}`}`,
    `  partition  ${partition}`,
    `  offset     ${hexNumber(clumpOffset)}`,
  ]
}

const textLines = (text: string): readonly string[] =>
  text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [`  ${line}`]))

const problemLine = ({ severity, message }: WrcmdProblem): string =>
  `${severity === 'error' ? 'WRONG' : 'warning'}: ${message}`

export function reportLines(report: WrcmdReport): readonly string[] {
  const { path, text, command, arena, problems, proposal, checkedAgainst, remarks } = report
  const wrong = problems.some(({ severity }) => severity === 'error')
  const verdict = checkedAgainst === null ? 'The text is in order.' : `In order, checked against ${checkedAgainst}.`
  return [
    `${path}: wrcmd`,
    ...textLines(text ?? ''),
    ...(command === null ? [] : ['', ...partLines(command, arena)]),
    '',
    ...problems.map(problemLine),
    ...(wrong ? [] : [verdict]),
    ...remarks,
    ...(proposal === null ? [] : ['This line would be right:', `  ${proposal.trimEnd()}`]),
  ]
}

export function changeLines(change: WrcmdChange, dryRun: boolean): readonly string[] {
  const { path, before, after, written, backup, problems, remarks, checkedAgainst } = change
  const done = dryRun ? 'would be' : written ? 'is now' : 'already is'
  const old = before === null ? ['  (there was none)'] : textLines(before)
  return [
    ...(before === after ? [] : [`${path}: wrcmd was`, ...old]),
    `${path}: wrcmd ${done}`,
    `  ${after.trimEnd()}`,
    ...problems.map(problemLine),
    ...(checkedAgainst === null ? [] : [`Checked against ${checkedAgainst}.`]),
    ...remarks,
    ...(backup === null ? [] : [`Backup ${backup}; "venti-mirror wrcmd restore ${path}" puts it back.`]),
  ]
}

export function restoreLines(restore: WrcmdRestore): readonly string[] {
  const { path, restored, written, backup, backups, remarks } = restore
  if (restored === null) {
    const title =
      backups.length === 0 ? `${path}: no backups` : `${path}: ${countOf(backups.length, 'backup')}, newest first`
    return [
      title,
      ...backups.map(({ id, at, kind, files }) => `  ${id}  ${at}  ${kind} of ${files.join(', ')}`),
      ...remarks,
    ]
  }
  const done = written ? `is as it was before ${restored}` : `already was as before ${restored}; nothing was written`
  return [`${path}: ${done}`, ...(backup === null ? [] : [`Backup of what that replaced: ${backup}`]), ...remarks]
}
