// All that Overview shows of one mirror, from its state, its logs, its source and its 9fat. Connects to nothing: what is known
// of the targets besides was found when they were last greeted or written to.

import { asAppError } from '../../shared/errors.ts'
import type { MirrorState, MirrorTarget } from '../../shared/model/mirror.ts'
import type { TargetPlan } from '../../shared/model/run.ts'
import { maskScore } from '../../shared/model/score.ts'
import type { VerifyRecord } from '../../shared/model/verify.ts'
import type {
  ActivityLine,
  MirrorView,
  Problem,
  Settings,
  SourceTotals,
  TargetView,
} from '../../shared/model/window.ts'
import { readNinefat } from '../engine/fat/ninefat.ts'
import { readHistory, type HistoryLine } from '../engine/state/history.ts'
import { readVerifyRecords } from '../engine/state/verify-log.ts'
import { shownLine } from '../engine/sync/bookkeeping.ts'
import { planTarget } from '../engine/sync/plan.ts'
import type { SourceView } from '../engine/sync/source-view.ts'
import { historyLines } from './activity-lines.ts'
import { syncCommand } from './commands.ts'
import type { ServiceContext } from './context.ts'
import { estimateOf, forecastOf } from './forecast.ts'
import { fossilOf, preferencesOf, targetNameOf, verifiesAfterSync } from './mirror-preferences.ts'
import { withSource } from './mirror-source.ts'
import type { NewestRoot, NewestRoots } from './newest-root.ts'
import { problemOf, problemOfCode } from './problem.ts'
import { isOfSample } from './sample.ts'
import type { SampleDays } from './sample-days.ts'
import { totalsOf } from './source-look.ts'
import type { Stores } from './stores.ts'
import { withoutDial } from './window-words.ts'

/** What came of greeting a target. */
export type Greeting = { readonly roundTripMs: number | null; readonly problem: Problem | null }

export type MakeViewOptions = Omit<ServiceContext, 'mirrorChanged'> & {
  readonly settings: () => Settings
  readonly stores: Stores
  readonly sampleDays: SampleDays
  readonly newestRoots: NewestRoots
  readonly greetings: ReadonlyMap<string, Greeting>
  readonly failures: ReadonlyMap<string, Problem>
  /** The picture before, for what cannot be known just now. */
  readonly before: MirrorView | null
}

type Plan = Pick<TargetPlan, 'arenas' | 'blocks' | 'bytes'>

type Looked = {
  readonly problem: Problem | null
  readonly totals: SourceTotals | null
  readonly plans: ReadonlyMap<string, Plan>
  readonly newest: NewestRoot | null
  readonly forecast: MirrorView['forecast']
}

type Texts = { readonly wrcmd: string | null; readonly rootscor: string | null }

const hourMs = 3600 * 1000

async function textsOf(ninefat: string | null): Promise<Texts> {
  if (ninefat === null) return { wrcmd: null, rootscor: null }
  try {
    const { wrcmd, rootscor } = await readNinefat(ninefat)
    return { wrcmd: wrcmd.text, rootscor: rootscor.text }
  } catch {
    // What is wrong with it is told by the sync that wants to write there.
    return { wrcmd: null, rootscor: null }
  }
}

async function lookAt(
  mirror: MirrorState,
  rootscor: string | null,
  history: readonly HistoryLine[],
  { newestRoots, now }: MakeViewOptions,
): Promise<Looked> {
  const look = async (view: SourceView): Promise<Looked> => ({
    problem: null,
    totals: totalsOf(view),
    plans: new Map(mirror.targets.map(({ dial, cursors }) => [dial, planTarget(view.arenas, cursors)])),
    newest: await newestRoots.find(mirror, view, rootscor),
    forecast: forecastOf(view, history, now()),
  })
  try {
    return await withSource(mirror, look)
  } catch (thrown) {
    const newest = await newestRoots.find(mirror, null, rootscor)
    const forecast = forecastOf(null, history, now())
    return { problem: problemOf(thrown), totals: null, plans: new Map(), newest, forecast }
  }
}

/** Its code is not kept in the state: what is safe is the same for all of them. */
function lastProblem({ dial, lastError }: MirrorTarget): Problem | null {
  return lastError === null ? null : problemOfCode('connection-lost', withoutDial(dial, lastError))
}

function targetView(
  mirror: MirrorState,
  target: MirrorTarget,
  plan: Plan | null,
  checks: readonly VerifyRecord[],
  options: MakeViewOptions,
): TargetView {
  const { greetings, failures, stores, before, settings, now, jobs } = options
  const { dial, lastSync } = target
  const greeting = greetings.get(dial) ?? null
  const known = before?.targets.find((one) => one.dial === dial)
  const check = checks.findLast((one) => one.dial === dial && one.ok && !one.cancelled)
  const lateMs = settings().lateAfterHours * hourMs
  const isOld = (at: string | null): boolean => at === null || now().getTime() - Date.parse(at) > lateMs
  // A first copy that is under way is not late.
  const isBegun = lastSync === null && jobs.openSync(mirror.name) !== null
  const isUnchecked = verifiesAfterSync(mirror) && lastSync !== null && isOld(check?.at ?? null)
  return {
    dial,
    name: targetNameOf(mirror, dial),
    store: stores.storeOf(dial),
    state: greeting === null ? 'unknown' : greeting.problem === null ? 'reachable' : 'unreachable',
    roundTripMs: greeting?.roundTripMs ?? null,
    problem: greeting?.problem ?? failures.get(dial) ?? lastProblem(target),
    behindBlocks: plan?.blocks ?? known?.behindBlocks ?? 0,
    behindBytes: plan?.bytes ?? known?.behindBytes ?? 0,
    lastSync,
    lastVerified: check === undefined ? null : { at: check.at, depth: check.depth, blocks: check.blocks },
    isLate: !isBegun && (isOld(lastSync) || isUnchecked),
  }
}

function mostLacking(plans: ReadonlyMap<string, Plan>): MirrorView['toSend'] {
  let most: Plan = { arenas: [], blocks: 0, bytes: 0 }
  for (const plan of plans.values()) if (plan.bytes > most.bytes || plan.blocks > most.blocks) most = plan
  return { blocks: most.blocks, bytes: most.bytes, arenas: most.arenas.map(({ name }) => name) }
}

async function orEmpty<T>(read: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await read
  } catch (thrown) {
    if (asAppError(thrown).code === 'bug') throw thrown
    return []
  }
}

type Line<Kind extends ActivityLine['kind']> = Extract<ActivityLine, { kind: Kind }>

/** The picture without its number. Rejects only for mistakes of our own. */
export async function makeMirrorView(
  mirror: MirrorState,
  options: MakeViewOptions,
): Promise<Omit<MirrorView, 'sequence'>> {
  const { stateDir, roots, jobs, sampleDays, settings } = options
  const { name } = mirror
  const ninefat = mirror.bookkeeping?.ninefat ?? null
  const [history, checks, texts] = await Promise.all([
    orEmpty(readHistory(stateDir, name)),
    orEmpty(readVerifyRecords(stateDir, name)),
    textsOf(ninefat),
  ])
  const { problem, totals, plans, newest, forecast } = await lookAt(mirror, texts.rootscor, history, options)
  const lines = historyLines(mirror, history)
  const targets = mirror.targets.map((target) => {
    return targetView(mirror, target, plans.get(target.dial) ?? null, checks, options)
  })
  const toSend = mostLacking(plans)
  const { limitBytesPerSecond = null } = preferencesOf(mirror)
  const verifyAfterSync = verifiesAfterSync(mirror)
  return {
    name,
    source: { path: mirror.source.spec, problem, totals },
    targets,
    newestRoot:
      newest === null
        ? null
        : { id: roots.idOf(newest.score), score: maskScore(newest.score), at: newest.at, from: newest.from },
    toSend,
    estimateSeconds: estimateOf(toSend.bytes, history),
    lastRun: lines.findLast((line): line is Line<'run'> => line.kind === 'run') ?? null,
    lastRollover: lines.findLast((line): line is Line<'rollover'> => line.kind === 'rollover') ?? null,
    forecast,
    damage: mirror.damage.length,
    ninefat,
    wrcmd: texts.wrcmd === null ? null : shownLine(texts.wrcmd),
    fossil: fossilOf(mirror),
    limitBytesPerSecond,
    verifyAfterSync,
    sample: isOfSample(mirror, stateDir) ? await sampleDays.dayOf(mirror.source.spec) : null,
    lateAfterHours: settings().lateAfterHours,
    isLate: targets.some(({ isLate }) => isLate),
    job: jobs.openSync(name)?.id ?? null,
    command: syncCommand({ source: name, dials: [], verify: verifyAfterSync }, options),
  }
}
