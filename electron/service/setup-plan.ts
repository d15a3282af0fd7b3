// What the first copy will do: asked of the engine as "sync --dry-run" asks, with a short measurement for the time it takes
// and everything its owner should know before it begins. Reads the source and greets the targets; writes nothing.

import { AppError } from '../../shared/errors.ts'
import type { TargetPlan } from '../../shared/model/run.ts'
import type { SetupDraft, SetupPlan, SetupTarget } from '../../shared/model/window.ts'
import { countOf, formatBytes } from '../../shared/text/format.ts'
import { planSync } from '../engine/sync/plan-sync.ts'
import { openSourceView, type SourceView } from '../engine/sync/source-view.ts'
import { ClumpScanner } from '../engine/venti/arena/clump-scanner.ts'
import { clumpHeaderBytes } from '../engine/venti/format/clump.ts'
import { clumpInfoBytes } from '../engine/venti/format/clump-info.ts'
import { syncCommand } from './commands.ts'
import type { Core } from './core.ts'
import { greetTarget } from './greet.ts'
import { windowWords } from './problem.ts'
import { samplePaths } from './sample.ts'
import { totalsOf } from './source-look.ts'
import { freeRoomOf } from './stores.ts'
import { withoutDial } from './window-words.ts'

const measureMs = 700
/** Of unacknowledged blocks on one connection. */
const windowBytes = 4 * 1024 * 1024
/** Real disks keep up with a fraction of what a short measurement shows, and a venti stores at the pace of its own. */
const slowdown = 4
const slowVentiBytesPerSecond = 10 * 1024 * 1024

/** Bytes of blocks a second, read, decoded and checked; null when there is too little to measure. */
async function readRate(view: SourceView): Promise<number | null> {
  const stop = new AbortController()
  const beganMs = performance.now()
  let bytes = 0
  for (const { arena } of view.arenas) {
    if (arena?.counted === null || arena === null || arena.counted.clumps === 0) continue
    const scanner = new ClumpScanner(arena, { from: 0, index: 0, signal: stop.signal })
    for await (const items of scanner.run()) {
      for (const item of items) if (item.kind !== 'damage') bytes += item.data.length
      if (performance.now() - beganMs > measureMs) return rateOf(bytes, beganMs)
    }
  }
  return rateOf(bytes, beganMs)
}

function rateOf(bytes: number, beganMs: number): number | null {
  return bytes === 0 ? null : bytes / Math.max(0.001, (performance.now() - beganMs) / 1000)
}

/** What the way to the slowest target lets through. */
async function wayRate(core: Core, targets: readonly SetupTarget[]): Promise<number | null> {
  const found = await Promise.all(
    targets.map(async ({ dial }) => await greetTarget(dial, { environment: core.environment, view: null })),
  )
  const slowest = Math.max(0, ...found.map(({ roundTripMs }) => roundTripMs ?? 0))
  return slowest === 0 ? null : windowBytes / (slowest / 1000)
}

export type Measured = Pick<SetupPlan, 'measuredBytesPerSecond' | 'seconds'>

async function measure(core: Core, draft: SetupDraft, view: SourceView, bytes: number): Promise<Measured> {
  const read = await readRate(view)
  const way = await wayRate(core, draft.targets)
  if (read === null) return { measuredBytesPerSecond: null, seconds: null }
  const rate = Math.min(read, way ?? read)
  const low = Math.max(1, Math.ceil(bytes / rate))
  const slowest = Math.min(rate / slowdown, slowVentiBytesPerSecond)
  const high = Math.max(low + 1, Math.ceil(bytes / slowest))
  return { measuredBytesPerSecond: Math.round(rate), seconds: [low, high] }
}

type PlannedTarget = SetupPlan['targets'][number]

async function plannedTarget(plan: TargetPlan, target: SetupTarget): Promise<PlannedTarget> {
  const { dial, blocks, bytes, error } = plan
  // A store is sparse: its own room is a promise that the disk below it has to keep.
  const onDisk = target.store === null ? null : await freeRoomOf(target.store.folder)
  const rooms = [plan.freeBytes, onDisk].filter((room) => room !== null)
  const freeBytes = rooms.length === 0 ? null : Math.min(...rooms)
  const needed = bytes + blocks * (clumpHeaderBytes + clumpInfoBytes)
  const fits = freeBytes === null ? null : needed <= freeBytes
  const problem = error === null ? null : windowWords(withoutDial(dial, error))
  return { dial, name: target.name, blocks, bytes, fits, freeBytes, problem }
}

function targetWarnings({ name, fits, bytes, freeBytes, problem }: PlannedTarget): readonly string[] {
  const full =
    fits === false
      ? [
          `It does not fit on ${name}: ${formatBytes(bytes)} and what a venti adds, and ${formatBytes(freeBytes ?? 0)} free.`,
        ]
      : []
  return problem === null ? full : [...full, `${name}: ${problem}`]
}

function sourceWarnings(view: SourceView, damage: number): readonly string[] {
  const live = view.arenas.find(({ moreBehind, arena }) => moreBehind && arena !== null)
  return [
    ...(damage === 0
      ? []
      : [`${countOf(damage, 'damaged place')} in the source: what is damaged is left out, and listed.`]),
    ...(live === undefined
      ? []
      : [`The source is being written to (${live.name}): what comes in during the copy goes out with the next sync.`]),
  ]
}

/** Rejects with usage when something is missing, and with what opening a source rejects with. */
export async function planSetup(core: Core, draft: SetupDraft): Promise<SetupPlan> {
  const { source, targets, name, ninefat } = draft
  if (source === null || targets.length === 0) {
    throw new AppError('usage', source === null ? 'no source has been chosen' : 'no target has been added', {
      data: { safe: 'Nothing was read or sent.', next: 'Go back and choose it.' },
    })
  }
  const { environment, stateDir } = core
  const plan = await planSync({
    source: source.place.path,
    targets: targets.map(({ dial }) => dial),
    stateDir,
    environment,
    mirrorName: name,
    ninefat: ninefat?.place.path ?? null,
  })
  const view = await openSourceView(source.place.path)
  try {
    const planned = await Promise.all(
      targets.map(async (target, index) => await plannedTarget(plan.targets[index] as TargetPlan, target)),
    )
    const bytes = Math.max(0, ...planned.map((one) => one.bytes))
    // The sample's is set for the target when the copy begins.
    const isOurs = draft.isSample && ninefat?.place.path === samplePaths(stateDir).ninefat
    const note = isOurs ? null : (plan.bookkeeping?.note ?? null)
    return {
      targets: planned,
      totals: totalsOf(view),
      ...(await measure(core, draft, view, bytes)),
      warnings: [
        ...planned.flatMap(targetWarnings),
        ...sourceWarnings(view, plan.damage.length),
        ...plan.warnings.map(windowWords),
        ...(note === null ? [] : [note]),
      ],
      command: syncCommand({ ...setupCommandParts(draft), dryRun: true }, core),
    }
  } finally {
    await view.close()
  }
}

export function setupCommandParts({ source, targets, name, ninefat, fossil }: SetupDraft) {
  return {
    source: source?.place.path ?? '',
    dials: targets.map(({ dial }) => dial),
    name,
    ninefat: ninefat?.place.path ?? null,
    fossil: ninefat === null ? null : (fossil?.path ?? null),
  }
}
