// venti-mirror status: every mirror of the state folder: how far each target is, how old that is, what is new in the source
// since, what is damaged. Looks at the tails of the source and connects to nothing; the state is only read.

import { AppError, asAppError } from '../../../shared/errors.ts'
import type { MirrorState, MirrorTarget } from '../../../shared/model/mirror.ts'
import { listMirrors } from '../../engine/state/mirror-file.ts'
import { readHistory, type HistoryLine } from '../../engine/state/history.ts'
import { fileExists } from '../../engine/source/any-file.ts'
import { planTarget } from '../../engine/sync/plan.ts'
import { reportDamage } from '../../engine/sync/report-damage.ts'
import { cursorProblem } from '../../engine/sync/same-partition.ts'
import { inParallel, openSourceView, type SourceView } from '../../engine/sync/source-view.ts'
import type { StatusCommand } from '../args.ts'
import type { CommandContext, ExitStatus } from '../context.ts'
import type { MirrorStatus, StatusReport, TargetStatus } from '../status-report.ts'
import { statusLines } from '../status-text.ts'
import { stateDirOf } from './sync.ts'

async function differenceOf(view: SourceView, mirror: MirrorState): Promise<string | null> {
  for (const target of mirror.targets) {
    const found = await inParallel(Object.entries(target.cursors), async ([name, cursor]) => {
      const arena = view.byName.get(name)
      const problem = arena === undefined ? null : await cursorProblem(arena, cursor)
      return problem === null
        ? null
        : `${view.spec} is not the partition this mirror came from: arena ${name}: ${problem}`
    })
    const problem = found.find((one) => one !== null)
    if (problem !== undefined) return problem
  }
  return null
}

/** The source as it is now, or why it cannot be compared. Found as `sync NAME` finds it. */
async function lookAtSource(mirror: MirrorState): Promise<{ view: SourceView | null; problem: string | null }> {
  const { spec, path } = mirror.source
  let view: SourceView
  try {
    view = await openSourceView((await fileExists(spec)) ? spec : path)
  } catch (error) {
    return { view: null, problem: `not readable now: ${asAppError(error).message}` }
  }
  try {
    const problem = await differenceOf(view, mirror)
    return problem === null ? { view, problem } : { view: null, problem }
  } catch (error) {
    return { view: null, problem: `not readable now: ${asAppError(error).message}` }
  } finally {
    await view.close()
  }
}

function targetStatus(target: MirrorTarget, view: SourceView | null): TargetStatus {
  const begun = Object.entries(target.cursors).filter(([, cursor]) => cursor.offset > 0)
  // Fill order is that of the partitions; without the source, the order the cursors were made in.
  const ordinal = (name: string): number => view?.byName.get(name)?.ordinal ?? -1
  const [name, cursor] = begun.toSorted(([a], [b]) => ordinal(a) - ordinal(b)).at(-1) ?? [null, null]
  const plan = view === null ? null : planTarget(view.arenas, target.cursors)
  return {
    dial: target.dial,
    arena: name,
    arenaOffset: cursor?.start ?? null,
    offset: cursor?.offset ?? null,
    endOffset: cursor === null ? null : `0x${cursor.offset.toString(16)}`,
    arenas: begun.length,
    lastSync: target.lastSync,
    lastError: target.lastError,
    newBlocks: plan?.blocks ?? null,
    newBytes: plan?.bytes ?? null,
  }
}

/** An unreadable history is told with the other problems; the rest of the mirror's state still stands. */
async function historyOf(stateDir: string, name: string, problems: string[]): Promise<readonly HistoryLine[]> {
  try {
    return await readHistory(stateDir, name)
  } catch (error) {
    problems.push(asAppError(error).message)
    return []
  }
}

async function mirrorStatus(stateDir: string, mirror: MirrorState, problems: string[]): Promise<MirrorStatus> {
  const { view, problem } = await lookAtSource(mirror)
  const { spec, path, arenas } = mirror.source
  const history = await historyOf(stateDir, mirror.name, problems)
  return {
    name: mirror.name,
    source: { spec, path, arenas },
    sourceProblem: problem,
    targets: mirror.targets.map((target) => targetStatus(target, view)),
    damage: mirror.damage.map(({ damage, owedTo, firstSeen }) => ({ ...reportDamage(damage), owedTo, firstSeen })),
    lastRun: history.findLast(({ kind }) => kind === 'run') ?? null,
    healthy: mirror.damage.length === 0 && mirror.targets.every(({ lastError }) => lastError === null),
  }
}

function statusOf({ mirrors, problems }: StatusReport): ExitStatus {
  if (problems.length > 0) return 1
  return mirrors.every(({ healthy }) => healthy) ? 0 : 3
}

export async function runStatus(command: StatusCommand, context: CommandContext): Promise<ExitStatus> {
  const stateDir = stateDirOf(command.stateDir, context)
  const { mirrors, problems: found } = await listMirrors(stateDir)
  const problems = [...found]
  const wanted = command.name === null ? mirrors : mirrors.filter(({ name }) => name === command.name)
  if (command.name !== null && wanted.length === 0) {
    const others = mirrors.map(({ name }) => name).join(', ')
    const known = others === '' ? 'there is none' : `there is ${others}`
    const broken = problems.length === 0 ? '' : `; ${problems.join('; ')}`
    throw new AppError('state-missing', `no mirror ${command.name} in ${stateDir}: ${known}${broken}`, {
      data: { stateDir },
    })
  }
  const status: StatusReport = {
    stateDir,
    mirrors: await Promise.all(wanted.map(async (mirror) => await mirrorStatus(stateDir, mirror, problems))),
    problems,
  }
  context.report.document(status)
  context.report.lines(statusLines(status, context.now()))
  if (!context.report.json) for (const problem of problems) context.report.warn(`venti-mirror: ${problem}`)
  return statusOf(status)
}
