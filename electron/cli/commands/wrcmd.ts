// venti-mirror wrcmd: the command line that ventiprog runs, shown, checked against the arenas, set, put back. It is parsed as
// data and never run; scores that somebody left in it are masked (R10).

import type { WrarenaCommand, WrcmdChange, WrcmdReport, WrcmdRestore } from '../../../shared/model/bookkeeping.ts'
import { AppError } from '../../../shared/errors.ts'
import { maskScoresIn } from '../../engine/bookkeeping/wrcmd-words.ts'
import { listNinefatBackups, readNinefat, restoreNinefat, shownText } from '../../engine/fat/ninefat.ts'
import { judgeText, judgeWrcmd } from '../../engine/ninefat/judge-wrcmd.ts'
import { planWrcmd } from '../../engine/ninefat/plan-wrcmd.ts'
import { writeWrcmd } from '../../engine/ninefat/write-wrcmd.ts'
import type { WrcmdCommand } from '../args.ts'
import type { CommandContext, ExitStatus } from '../context.ts'
import { changeLines, reportLines, restoreLines } from '../wrcmd-text.ts'
import { stateDirOf } from './sync.ts'

type Action<Name extends WrcmdCommand['action']> = Extract<WrcmdCommand, { action: Name }>

/** Texts of a file have one character per byte, and so has what was made of them. */
const shown = (text: string): string => maskScoresIn(shownText(text))

async function textOf(path: string): Promise<{ text: string; remarks: readonly string[] }> {
  const { wrcmd, problems, warnings } = await readNinefat(path)
  const volume = [...problems, ...warnings].map((one) => `9fat: ${one}`)
  if (wrcmd.text !== null) return { text: wrcmd.text, remarks: volume }
  throw new AppError('no-wrcmd', [`${path}: there is no wrcmd on this 9fat`, ...volume].join('; '), { data: { path } })
}

async function report(command: Action<'show'> | Action<'check'>, context: CommandContext): Promise<WrcmdReport> {
  const { ninefat } = command
  const { text, remarks } = await textOf(ninefat)
  const judged =
    command.action === 'show'
      ? judgeText(text)
      : await judgeWrcmd(text, { ninefat, source: command.source, signal: context.signal })
  const { command: parts, arena, problems, proposal, checkedAgainst } = judged
  return {
    path: ninefat,
    text: shown(text),
    command: parts === null ? null : shownCommand(parts),
    arena,
    problems,
    proposal: proposal === null ? null : shown(proposal),
    checkedAgainst,
    remarks: [...judged.remarks.map(shown), ...remarks],
  }
}

function shownCommand(command: WrarenaCommand): WrarenaCommand {
  const { words, program, host, partition } = command
  return {
    ...command,
    words: words.map(shown),
    program: shown(program),
    host: host === null ? null : shown(host),
    partition: shown(partition),
  }
}

async function runReport(command: Action<'show'> | Action<'check'>, context: CommandContext): Promise<ExitStatus> {
  const found = await report(command, context)
  context.report.document(found)
  context.report.lines(reportLines(found))
  return found.problems.some(({ severity }) => severity === 'error') ? 3 : 0
}

async function runSet(command: Action<'set'>, context: CommandContext): Promise<ExitStatus> {
  const { ninefat, dryRun } = command
  const { signal, environment } = context
  const current = await readNinefat(ninefat)
  const texts = { wrcmd: current.wrcmd.text, rootscor: current.rootscor.text }
  const plan = await planWrcmd(command, texts, { environment, signal })
  let change: WrcmdChange = {
    path: ninefat,
    before: texts.wrcmd === null ? null : shown(texts.wrcmd),
    after: shown(plan.line),
    written: false,
    backup: null,
    arena: plan.arena,
    checkedAgainst: plan.checkedAgainst,
    problems: plan.problems,
    remarks: plan.remarks.map(shown),
  }
  if (!dryRun) {
    const { written, backup, remarks } = await writeWrcmd(ninefat, texts.wrcmd, plan.line, {
      stateDir: stateDirOf(command.stateDir, context),
      now: context.now(),
      signal,
    })
    change = { ...change, written, backup, remarks: [...change.remarks, ...remarks] }
  }
  context.report.document(change)
  context.report.lines(changeLines(change, dryRun))
  return 0
}

async function runRestore(command: Action<'restore'>, context: CommandContext): Promise<ExitStatus> {
  const { ninefat, backup, force } = command
  const stateDir = stateDirOf(command.stateDir, context)
  const { backups, problems } = await listNinefatBackups(ninefat, stateDir)
  const listed = backups.map(({ id, at, kind, files }) => ({ id, at, kind, files: files.map(({ name }) => name) }))
  let restore: WrcmdRestore = {
    path: ninefat,
    restored: null,
    written: false,
    backup: null,
    backups: listed,
    remarks: problems,
  }
  if (!command.list) {
    const options = { stateDir, now: context.now(), signal: context.signal, force }
    const done = await restoreNinefat(ninefat, { ...options, ...(backup === null ? {} : { backup }) })
    const { restored, written, backup: made, warnings } = done
    restore = { ...restore, restored, written, backup: made, remarks: [...problems, ...warnings] }
  }
  context.report.document(restore)
  context.report.lines(restoreLines(restore))
  return 0
}

/** Rejects with not-9fat, no-wrcmd, bad-wrcmd, no-backup and what reading and writing a 9fat rejects with. */
export async function runWrcmd(command: WrcmdCommand, context: CommandContext): Promise<ExitStatus> {
  switch (command.action) {
    case 'show':
    case 'check':
      return await runReport(command, context)
    case 'set':
      return await runSet(command, context)
    case 'restore':
      return await runRestore(command, context)
  }
}
