// One verification from beginning to end: the walk on the target, the explanation of what is missing, the repair, waiting
// for blocks that are on their way, and the record of it. Success means that every block was found and nothing was left
// to know (R8).

import { AppError, asAppError } from '../../../shared/errors.ts'
import { maskScore, type RootScore } from '../../../shared/model/score.ts'
import type {
  FaultyBlock,
  VerifyDepth,
  VerifyRecord,
  VerifyResult,
  VerifySnapshot,
} from '../../../shared/model/verify.ts'
import { countOf } from '../../../shared/text/format.ts'
import { pause } from '../pause.ts'
import { appendVerifyRecord, rootKeyOf, verifyLogName } from '../state/verify-log.ts'
import { openSourceView } from '../sync/source-view.ts'
import type { Dial, Environment } from '../venti/client/dial.ts'
import { usableTags } from '../venti/client/tags.ts'
import { wireRoot } from '../venti/format/block-type.ts'
import { verifyTree, type TreeCheck } from './check.ts'
import { arenasOf, drillUnlessCancelled } from './drill.ts'
import { explainedBlock, unexplained } from './explain-missing.ts'
import { keyText } from './locate-blocks.ts'
import { isOnItsWay } from './on-its-way.ts'
import type { Repaired } from './repair.ts'
import { Looks } from './resume.ts'
import { openTarget, type TargetOptions, type TargetStore } from './target-store.ts'
import { TwoLines } from './two-lines.ts'
import { VerifySource } from './verify-source.ts'

export type VerifyOptions = {
  readonly root: RootScore
  readonly dial: Dial
  readonly depth: VerifyDepth
  /** Path of the source whose arenas explain what is missing. */
  readonly source?: string | null
  readonly sourceVenti?: string | null
  readonly repair?: boolean
  /** How long to wait for blocks that are on their way. */
  readonly waitMs?: number
  /** Files to draw and to read whole, and the seed to draw them with. */
  readonly drill?: { readonly files: number; readonly seed: number } | null
  /** Between two looks while waiting. Default 10 s. */
  readonly pollMs?: number
  /** Null: no record is kept, no cursor is known, and an interrupted check begins again. */
  readonly stateDir: string | null
  /** Whose log it belongs to; default: the mirror that is found out to have this target. */
  readonly mirrorName?: string
  /** Asked when it was interrupted: whether that is worth a line in the log. Default: it is. */
  readonly keepInterrupted?: () => boolean
  /** Asks for every block, also for those that an interrupted check found. */
  readonly fromStart?: boolean
  readonly showScores?: boolean
  readonly concurrency?: number
  readonly connection?: Omit<TargetOptions, 'signal' | 'onNote'>
  readonly environment: Environment
  readonly signal?: AbortSignal | undefined
  readonly now?: () => Date
  readonly onProgress?: (snapshot: VerifySnapshot) => void
  readonly onNote?: (line: string) => void
}

const defaultPollMs = 10_000
/** Two connections' worth. */
const requestsAtOnce = 2 * usableTags
const nothingRepaired = { repaired: false, bytes: 0 } as const

class Verification {
  readonly #options: VerifyOptions
  readonly #source: VerifySource | null
  readonly #warnings = new Set<string>()
  /** Repaired in this run, by key; what was read back once is not sent again. */
  readonly #healed = new Map<string, Repaired>()
  #resumed: VerifyResult['resumed'] = null

  constructor(options: VerifyOptions) {
    this.#options = options
    const { source = null, sourceVenti = null, repair = false, stateDir, environment, signal, dial } = options
    if (source === null && repair) {
      throw new AppError('usage', '--repair needs --source: the arenas that have the blocks')
    }
    const warn = (line: string): void => void this.#warnings.add(line)
    this.#source =
      source === null
        ? null
        : new VerifySource({ spec: source, sourceVenti, stateDir, environment, signal }, dial, warn)
  }

  get mirrorName(): string | null {
    return this.#source?.mirrorName ?? null
  }

  async run(target: TargetStore): Promise<VerifyResult> {
    const { root, dial, depth, stateDir, fromStart = false, now = () => new Date() } = this.#options
    const warn = (line: string): void => void this.#warnings.add(line)
    const looks = await Looks.begin(target, { root, dial: dial.text, depth, stateDir, fromStart, now: now(), warn })
    let isFinished = false
    try {
      const result = await this.#looks(target, looks)
      isFinished = !result.cancelled
      return result
    } finally {
      await looks.end(isFinished)
    }
  }

  async #looks(target: TargetStore, looks: Looks): Promise<VerifyResult> {
    const {
      waitMs = 0,
      pollMs = defaultPollMs,
      signal,
      onNote,
      repair = false,
      drill = null,
      source = null,
    } = this.#options
    const startMs = performance.now()
    if (repair) await this.#source?.refuseItsServer(target)
    // A wrong path is told before the walk, which may take hours.
    if (drill !== null && source !== null) await (await openSourceView(source)).close()
    for (;;) {
      const check = await this.#check(target, looks)
      const outcome = check.cancelled ? this.#untold(check) : await this.#look(target, check)
      const isNew = outcome.filter((one) => one.repaired && !this.#healed.has(keyText(one.explained.fault)))
      for (const one of isNew) this.#healed.set(keyText(one.explained.fault), one)
      // Behind a block that is there now stand others that nobody has asked for yet.
      const isDeeper = isNew.length > 0 && (check.unwalked > 0 || check.unlisted > 0)
      if (isDeeper && signal?.aborted !== true) continue
      const leftMs = startMs + waitMs - performance.now()
      if (check.cancelled || leftMs <= 0 || !outcome.some((one) => !one.repaired && this.#isOnItsWay(one))) {
        const result = this.#result(check, outcome, target, performance.now() - startMs)
        const drilled = await this.#drilled(result, target)
        return { ...drilled, durationMs: Math.round(performance.now() - startMs) }
      }
      onNote?.(`${outcome.length} blocks are not there yet; looking again, for ${Math.ceil(leftMs / 1000)} s more`)
      await pause(Math.min(pollMs, leftMs), signal)
    }
  }

  /** Also where blocks are missing: it tells which files that costs. */
  async #drilled(result: VerifyResult, target: TargetStore): Promise<VerifyResult> {
    const { root, drill = null, source = null, signal, onNote } = this.#options
    if (drill === null || result.cancelled) return result
    onNote?.(`drill: choosing ${countOf(drill.files, 'file')} to read whole (seed ${drill.seed})`)
    const drilled = await drillUnlessCancelled(target, root, result.files, {
      ...drill,
      source: source === null ? null : arenasOf(source, signal),
      signal,
    })
    if (drilled === null) return { ...result, ok: false, cancelled: true }
    const warnings = [...result.warnings, ...drilled.warnings]
    return { ...result, ok: result.ok && drilled.result.ok, drill: drilled.result, warnings }
  }

  async #check(target: TargetStore, looks: Looks): Promise<TreeCheck> {
    const { root, dial, depth, signal, concurrency = requestsAtOnce, connection, onProgress } = this.#options
    looks.next()
    const lines = new TwoLines(target, async () => await openTarget(dial, { ...connection, tries: 1, signal }))
    let check: TreeCheck
    try {
      check = await verifyTree(lines, root, {
        depth,
        signal,
        seen: looks.seen,
        onFound: (score, lengthBytes) => looks.found(score, lengthBytes),
        concurrency,
        ...(onProgress === undefined ? {} : { onProgress }),
      })
    } finally {
      await lines.close()
    }
    if (looks.since !== null) this.#resumed ??= { since: looks.since.toISOString(), blocks: check.earlier }
    return check
  }

  #untold(check: TreeCheck): readonly Repaired[] {
    return check.faults.map((fault) => ({ explained: unexplained(fault), ...nothingRepaired }))
  }

  async #look(target: TargetStore, check: TreeCheck): Promise<readonly Repaired[]> {
    if (this.#source === null || check.faults.length === 0) return this.#untold(check)
    return await this.#source.look(target, check.faults, this.#options.repair === true)
  }

  #isOnItsWay({ explained: { reason } }: Repaired): boolean {
    return isOnItsWay(reason, this.#source?.hasServer === true)
  }

  #result(check: TreeCheck, outcome: readonly Repaired[], target: TargetStore, durationMs: number): VerifyResult {
    const { root, dial, depth, showScores = false, signal } = this.#options
    const cancelled = check.cancelled || signal?.aborted === true
    const last = new Set(outcome.map((one) => keyText(one.explained.fault)))
    const before = [...this.#healed].filter(([key]) => !last.has(key)).map(([, one]) => one)
    const listed = [...before, ...outcome]
    const repairedNow = outcome.filter((one) => one.repaired)
    const open = outcome.length - repairedNow.length
    const blocks = (kind: 'missing' | 'corrupt'): readonly FaultyBlock[] =>
      listed
        .filter((one) => one.explained.fault.kind === kind)
        .map((one) => explainedBlock(one.explained, one.repaired, showScores))
    const isUnwalked = check.unwalked > 0
    const isWhole = check.good + repairedNow.length > 0 && check.good + repairedNow.length === check.blocks
    return {
      ok: isWhole && open === 0 && check.problems.length === 0 && check.unlisted === 0 && !isUnwalked && !cancelled,
      root: showScores ? `vac:${root}` : maskScore(root),
      dial: dial.text,
      depth,
      blocks: check.blocks,
      good: check.good + repairedNow.length,
      bytes: check.bytes + repairedNow.reduce((sum, one) => sum + one.bytes, 0),
      missing: blocks('missing'),
      corrupt: blocks('corrupt'),
      problems: check.problems,
      unlisted: check.unlisted,
      repaired: listed.filter((one) => one.repaired).length,
      files: check.files,
      directories: check.directories,
      drill: null,
      resumed: this.#resumed,
      cancelled,
      warnings: [...this.#rootWarning(check), ...check.warnings, ...this.#warnings, ...probeWarning(target, depth)],
      durationMs: Math.round(durationMs),
    }
  }

  #rootWarning(check: TreeCheck): readonly string[] {
    const fault = check.faults.find(({ type }) => type === wireRoot)
    if (fault === undefined) return []
    const { dial } = this.#options
    return fault.kind === 'missing'
      ? [`${dial.text} does not have the root block: nothing of this archive could be checked. Is the score right?`]
      : [`${dial.text} cannot give back the root block: nothing of this archive could be checked`]
  }
}

function probeWarning(target: TargetStore, depth: VerifyDepth): readonly string[] {
  if (target.probesWork || depth === 'full') return []
  return ['this server does not say which blocks it has, so every block was read']
}

function recordOf(result: VerifyResult, root: RootScore, at: Date): VerifyRecord {
  return {
    at: at.toISOString(),
    root: maskScore(root),
    rootKey: rootKeyOf(root),
    dial: result.dial,
    depth: result.depth,
    ok: result.ok,
    blocks: result.blocks,
    missing: result.missing.length + result.unlisted,
    corrupt: result.corrupt.length,
    repaired: result.repaired,
    drill: result.drill === null ? null : result.drill.files.filter((one) => one.ok).length,
    drillSeed: result.drill?.seed ?? null,
    durationMs: result.durationMs,
    cancelled: result.cancelled,
  }
}

/** Rejects when nothing could be checked: not-a-tree, usage, target-is-source, codes of a connection or of the source. */
export async function runVerify(options: VerifyOptions): Promise<VerifyResult> {
  const { dial, root, stateDir, signal, onNote, now = () => new Date() } = options
  const verification = new Verification(options)
  const target = await openTarget(dial, { ...options.connection, signal, ...(onNote === undefined ? {} : { onNote }) })
  let result: VerifyResult
  try {
    result = await verification.run(target)
  } finally {
    await target.close()
  }
  if (stateDir === null || (result.cancelled && options.keepInterrupted?.() === false)) return result
  try {
    const mirrorName = options.mirrorName ?? verification.mirrorName
    const name = await verifyLogName(stateDir, dial.text, mirrorName)
    await appendVerifyRecord(stateDir, name, recordOf(result, root, now()))
    return result
  } catch (thrown) {
    const warning = `the result could not be kept: ${asAppError(thrown).message}`
    return { ...result, warnings: [...result.warnings, warning] }
  }
}
