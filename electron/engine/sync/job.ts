// A sync from beginning to end (design section 8): choose the mirror, lock it, check R5, connect to every target, read the
// source once for all that keep pace, save cursors after each acknowledged sync, and say honestly what came of it. Runs
// anywhere Node runs: a command, a worker, the main process.

import type { MirrorBookkeeping, MirrorState, MirrorTarget } from '../../../shared/model/mirror.ts'
import { losesBlocks, type Damage } from '../../../shared/model/damage.ts'
import type { SourceServerResult } from '../../../shared/model/bookkeeping.ts'
import type { Rollover, SyncResult, TargetResult } from '../../../shared/model/run.ts'
import { hexNumber } from '../bytes/hex.ts'
import { absoluteSpec } from '../source/absolute-path.ts'
import { appendHistory } from '../state/history.ts'
import { writeMirror } from '../state/mirror-file.ts'
import type { Arena } from '../venti/arena/arena.ts'
import type { VentiClient } from '../venti/client/client.ts'
import { cursorAt, positionOf, type Cursors } from './cursor.ts'
import type { Bookkeeping, ClaimOutcome } from './bookkeeping.ts'
import { claimOutcomeOfAudit, tryClaim } from './claim-trial.ts'
import { DamageBook } from './damage-book.ts'
import { FeedGroup } from './feed-group.ts'
import { canonicalPath } from './mirror-choice.ts'
import { needsScan, planTarget } from './plan.ts'
import { cursorsOf, withPrepared, type Prepared, type SyncOptions } from './prepare.ts'
import { ProgressMeter } from './progress.ts'
import { Bell, Pump, type Lane, type PumpHooks, type RepairTask } from './pump.ts'
import { reportDamage } from './report-damage.ts'
import { rolloversOf } from './rollover.ts'
import { refuseSourceServer } from './same-server.ts'
import type { SourceView } from './source-view.ts'
import { checkStructures } from './structure-check.ts'
import { SyncRun, type Books, type SyncRound } from './sync-run.ts'
import { TargetRun, type TakeOver } from './target-run.ts'

const defaultCheckpointMs = 5000

/**
 * Brings every target up to date. Rejects when nothing could begin (bad source, wrong partition, locked mirror); what
 * happens to single targets or blocks afterwards is in the result.
 */
export async function runSync(options: SyncOptions): Promise<SyncResult> {
  const began = performance.now()
  return await withPrepared(options, true, async (prepared) => {
    const run = new SyncRun(options.stateDir)
    run.add(await new SyncJob(prepared, began).run())
    return await run.end()
  })
}

/** One of the rounds of a run whose end is the caller's (SyncRun). Rejects as runSync does. */
export async function runRound(options: SyncOptions): Promise<SyncRound> {
  const began = performance.now()
  return await withPrepared(options, true, async (prepared) => await new SyncJob(prepared, began).run())
}

/** Remembered absolute, so that the mirror's name stands for it from any folder. */
function withNinefat(mirror: MirrorState, bookkeeping: Bookkeeping | null): MirrorState {
  if (bookkeeping === null) return mirror
  return { ...mirror, bookkeeping: { ...mirror.bookkeeping, ninefat: absoluteSpec(bookkeeping.path) } }
}

type TimedRollover = { readonly at: string; readonly rollover: Rollover }

class SyncJob {
  readonly #options: SyncOptions
  readonly #view: SourceView
  readonly #warnings: string[]
  readonly #serverWarnings: readonly string[]
  readonly #began: number
  readonly #startedAt = new Date().toISOString()
  readonly #book: DamageBook
  readonly #runs: readonly TargetRun[]
  readonly #bell = new Bell()
  readonly #cancel = new AbortController()
  readonly #meter: ProgressMeter
  readonly #unfinished = new Map<string, number>()
  readonly #rollovers: TimedRollover[] = []
  /** Arenas as their scan found them, for rollovers. */
  readonly #scanned = new Map<string, Arena>()
  readonly #scannedWhole = new Set<string>()
  /** Targets that the mirror had when the run began. */
  readonly #known: readonly string[]
  #mirror: MirrorState
  #lastSync = new Map<string, string>()
  #saving: Promise<void> = Promise.resolve()
  readonly #group: FeedGroup
  readonly #bookkeeping: Bookkeeping | null
  readonly #sourceServer: SourceServerResult | null
  #claim: ClaimOutcome | null = null

  constructor(prepared: Prepared, began: number) {
    const { options } = prepared
    this.#options = options
    this.#view = prepared.view
    this.#warnings = prepared.warnings
    this.#serverWarnings = prepared.serverWarnings
    this.#began = began
    this.#bookkeeping = prepared.bookkeeping
    this.#sourceServer = prepared.sourceServer
    this.#mirror = withNinefat(prepared.mirror, prepared.bookkeeping)
    this.#known = prepared.mirror.targets.map(({ dial }) => dial)
    this.#book = new DamageBook(prepared.mirror.damage)
    this.#group = new FeedGroup(
      prepared.dials.length,
      async (lanes, withRepairs, onDetach) =>
        // An audit scans everything, so it needs no repairs.
        await this.#pump(lanes, withRepairs && options.audit !== true ? this.#repairs(lanes) : [], onDetach),
      (lane) => planTarget(this.#view.arenas, lane.cursors).bytes,
      (line) => this.#note(line),
    )
    const settings = {
      checkpointMs: options.checkpointMs ?? defaultCheckpointMs,
      connectTimeoutMs: options.connectTimeoutMs,
      replyTimeoutMs: options.replyTimeoutMs,
      limitBytesPerSecond: options.limitBytesPerSecond,
      retryPauseMs: options.retryPauseMs,
      audit: options.audit === true,
      stopPatienceMs: options.stopPatienceMs,
    }
    this.#runs = prepared.dials.map((dial) => {
      const run: TargetRun = new TargetRun(dial, cursorsOf(prepared.mirror, dial), this.#bell, settings, {
        signal: this.#cancel.signal,
        now: () => performance.now(),
        note: (line) => this.#note(line),
        guard: async (client) => await refuseSourceServer(this.#view, client, dial.text, options),
        feed: async (lane, firstTry) => await this.#group.feed(lane, firstTry),
        save: async (cursors, takenOver) => await this.#save(dial.text, cursors, takenOver),
        takeOver: this.#takesOver(dial.text) ? async (...asked) => await this.#takeOver(run, ...asked) : null,
      })
      return run
    })
    const totals = this.#runs.map((run) =>
      planTarget(this.#view.arenas, options.audit === true ? {} : run.cursorsAtStart),
    )
    const ordinalOf = (arena: string): number => this.#view.byName.get(arena)?.ordinal ?? 0
    this.#meter = new ProgressMeter(this.#runs, totals, ordinalOf)
  }

  #takesOver(dial: string): boolean {
    // An audit asks for every block there is, which no claim can shorten.
    const { claim, dial: named } = this.#bookkeeping ?? { claim: null, dial: null }
    return claim !== null && named === dial && this.#options.audit !== true
  }

  async #takeOver(run: TargetRun, client: VentiClient, probes: boolean, cursors: Cursors): Promise<TakeOver> {
    const { claim } = this.#bookkeeping as Bookkeeping
    if (claim === null) return { kind: 'nothing' }
    const dial = run.dial.text
    const isDoubted = this.#mirror.bookkeeping?.doubted === dial
    const damage = this.#book.all()
    const random = this.#options.random ?? Math.random
    const trial = await tryClaim({ claim, dial, cursors, damage, isDoubted, random }, client, probes)
    if (trial.note !== null) this.#warnings.push(trial.note)
    this.#claim = trial.outcome
    if (trial.kind === 'taken') this.#meter.replan(run, planTarget(this.#view.arenas, trial.cursors))
    if (trial.kind === 'refused') {
      this.#mirror = {
        ...this.#mirror,
        bookkeeping: { ...(this.#mirror.bookkeeping as MirrorBookkeeping), doubted: dial },
      }
      await this.#write()
    }
    return trial
  }

  #note(line: string): void {
    this.#options.onNote?.(line)
  }

  async run(): Promise<SyncRound> {
    const { signal, onProgress } = this.#options
    const onAbort = (): void => {
      this.#cancel.abort()
      this.#bell.ring()
    }
    if (signal?.aborted === true) onAbort()
    signal?.addEventListener('abort', onAbort)
    const publish = (): void => onProgress?.(this.#meter.snapshot(this.#book.all().length, this.#view.count.bytes))
    const ticker = onProgress === undefined ? null : setInterval(publish, 100)
    try {
      this.#book.keepTargets(
        new Set([...this.#mirror.targets.map((target) => target.dial), ...this.#runs.map((run) => run.dial.text)]),
      )
      // Found in a run that ended before this target confirmed what is around it: the ordinary scan will come by.
      this.#book.keepOwed((one, dial) => this.#isPast(this.#cursorsOf(dial), one))
      await checkStructures(this.#view, this.#book, this.#startedAt, this.#cancel.signal)
      await Promise.all(
        this.#runs.map(async (run) => {
          await run.run()
          this.#group.settle()
        }),
      )
      await this.#saving
      if (this.#options.audit === true) this.#settleAudit()
      if (this.#book.overflow > 0) this.#warnings.push(`${this.#book.overflow} further damaged places are not listed`)
      return await this.#finish(signal?.aborted === true)
    } finally {
      if (ticker !== null) clearInterval(ticker)
      signal?.removeEventListener('abort', onAbort)
      publish()
    }
  }

  async #pump(lanes: readonly Lane[], repairs: readonly RepairTask[], onDetach: (lane: Lane) => void): Promise<void> {
    const hooks: PumpHooks = {
      signal: this.#cancel.signal,
      now: () => performance.now(),
      onDamage: (damage, dials) => this.#book.found(damage, dials, this.#startedAt),
      onScanned: (arena, from, to, whole) => this.#scannedRegion(arena, from, to, whole),
      onUnfinished: (arena, offset) => this.#unfinished.set(arena, offset),
      onArena: (arena) => this.#scanned.set(arena.name, arena),
      onDetach,
    }
    await new Pump(this.#view.arenas, lanes, this.#bell, hooks).run(repairs)
  }

  /** Damage recorded inside a region that was just scanned, and not met again, is gone; blocks went to all that lack them. */
  #scannedRegion(arena: string, from: number, to: number, whole: boolean): void {
    if (whole) this.#scannedWhole.add(arena)
    this.#book.dropUnseen((one) => {
      if (one.arena !== arena || one.clumpOffset === null) return false
      return whole || (one.clumpOffset >= from && one.clumpOffset < to)
    })
  }

  #repairs(lanes: readonly Lane[]): readonly RepairTask[] {
    return this.#book
      .all()
      .filter((one) => one.clumpOffset !== null && one.nextOffset !== null && one.nextOffset > one.clumpOffset)
      .filter((one) => one.kind !== 'unreadable-region')
      .filter((one) => this.#book.isOwedToNobody(one) || lanes.some((lane) => this.#mustRepay(lane, one)))
      .map((damage) => ({
        damage,
        owed: (dial) => lanes.some((lane) => lane.dial === dial && this.#mustRepay(lane, damage)),
        finished: (dial, found) => this.#repaired(damage, dial, found),
      }))
  }

  /** It lacks the block, and no ordinary scan will bring it. */
  #mustRepay(lane: Lane, damage: Damage): boolean {
    return this.#book.isOwed(damage, lane.dial) && this.#isPast(this.#cursorsOf(lane.dial), damage)
  }

  #cursorsOf(dial: string): Cursors {
    return this.#mirror.targets.find((target) => target.dial === dial)?.cursors ?? {}
  }

  /** No scan that begins at the target's cursor meets the place again: only a repair can bring the block. */
  #isPast(cursors: Cursors, damage: Damage): boolean {
    const cursor = cursorAt(cursors, damage.arena)
    if (cursor === undefined) return false
    const view = this.#view.byName.get(damage.arena)
    const scanned = view !== undefined && needsScan(view, cursor.offset)
    return (scanned ? positionOf(cursor) : cursor).offset > (damage.clumpOffset ?? 0)
  }

  /** After an audit a target lacks only what this run found damaged: every other block was asked for. */
  #settleAudit(): void {
    const audited = new Set(this.#runs.filter((run) => run.phase === 'done').map((run) => run.dial.text))
    const covers = (one: Damage): boolean => this.#scannedWhole.has(one.arena) && one.clumpOffset !== null
    this.#book.keepOwed((one, dial) => !audited.has(dial) || !covers(one) || this.#book.wasSeen(one))
    this.#book.dropUnseen(covers)
  }

  #repaired(damage: Damage, dial: string | null, found: readonly Damage[]): void {
    const still = found.some((one) => one.kind === damage.kind && one.clumpOffset === damage.clumpOffset)
    for (const one of found) this.#book.found(one, losesBlocks(one) && dial !== null ? [dial] : [], this.#startedAt)
    if (still) return
    if (dial === null) this.#book.gone(damage)
    else {
      this.#book.repaid(damage, dial)
      this.#note(
        `${dial}: the block damaged before in ${damage.arena} at 0x${(damage.clumpOffset ?? 0).toString(16)} is good now and was sent`,
      )
    }
  }

  async #save(dial: string, cursors: Cursors, takenOver: boolean): Promise<void> {
    this.#lastSync.set(dial, new Date().toISOString())
    // Those below a claim happened before this run.
    if (!takenOver) this.#noteRollovers(dial, cursors)
    const before = this.#mirror.targets.find((target) => target.dial === dial)
    const target: MirrorTarget = {
      dial,
      cursors: { ...cursors },
      lastSync: this.#lastSync.get(dial) ?? null,
      lastError: before?.lastError ?? null,
    }
    this.#mirror = { ...this.#mirror, targets: this.#withTargets([target]) }
    await this.#write()
  }

  /** In the order in which they came to the mirror, and those of one run as it named them. */
  #withTargets(fresh: readonly MirrorTarget[]): readonly MirrorTarget[] {
    const made = new Map([...this.#mirror.targets, ...fresh].map((target) => [target.dial, target]))
    const order = new Set([...this.#known, ...this.#runs.map((run) => run.dial.text), ...made.keys()])
    return [...order].map((dial) => made.get(dial)).filter((target) => target !== undefined)
  }

  /** One write at a time; each brings the newest state. */
  async #write(): Promise<void> {
    const write = this.#saving.then(async () => {
      this.#mirror = { ...this.#mirror, damage: this.#book.records() }
      await writeMirror(this.#options.stateDir, this.#mirror)
    })
    // A failure is the caller's to report; the next write tries again.
    this.#saving = write.catch(() => undefined)
    await write
  }

  #noteRollovers(dial: string, cursors: Cursors): void {
    const before = this.#cursorsOf(dial)
    for (const rollover of rolloversOf(this.#view.arenas, this.#scanned, dial, before, cursors)) {
      const at = new Date().toISOString()
      this.#rollovers.push({ at, rollover })
      this.#options.onRollover?.({ ...rollover, at })
      const { fromArena, fromOffset, toArena, toArenaOffset } = rollover
      this.#note(
        `${dial}: ${fromArena} is full at ${hexNumber(fromOffset)}; going on with ${toArena} at ${toArenaOffset}`,
      )
    }
  }

  /** A target that is up to date has every block, whatever a wrcmd claimed before. */
  #trustAgain(results: readonly TargetResult[]): void {
    const { bookkeeping } = this.#mirror
    const upToDate = results.some(({ dial, ok }) => ok && dial === bookkeeping?.doubted)
    if (upToDate && bookkeeping) this.#mirror = { ...this.#mirror, bookkeeping: { ...bookkeeping, doubted: null } }
  }

  #books(results: readonly TargetResult[]): Books | null {
    if (this.#bookkeeping === null) return null
    const { dial } = this.#bookkeeping
    const run = this.#runs.find((one) => one.dial.text === dial)
    if (this.#options.audit === true && run !== undefined)
      this.#claim = claimOutcomeOfAudit(this.#bookkeeping.claim, run.tallies(), run.cursors)
    return {
      start: this.#bookkeeping,
      claim: this.#claim,
      state: {
        view: this.#view,
        scanned: this.#scanned,
        results,
        cursorsOf: (target) => this.#cursorsOf(target),
        stateDir: this.#options.stateDir,
      },
    }
  }

  async #finish(cancelled: boolean): Promise<SyncRound> {
    const ordinal = (arena: string): number => this.#view.byName.get(arena)?.ordinal ?? 0
    const results = this.#runs.map((run) => run.result(ordinal))
    const damage = this.#book.all().map(reportDamage)
    const durationMs = Math.round(performance.now() - this.#began)
    this.#mirror = {
      ...this.#mirror,
      source: {
        ...this.#mirror.source,
        spec: absoluteSpec(this.#view.spec),
        path: await canonicalPath(this.#view.path),
        arenas: this.#view.arenas.length,
      },
      targets: this.#withTargets(
        results.map((result, index) => ({
          dial: result.dial,
          cursors: { ...(this.#runs[index] as TargetRun).cursors },
          lastSync:
            this.#lastSync.get(result.dial) ??
            this.#mirror.targets.find((target) => target.dial === result.dial)?.lastSync ??
            null,
          lastError: result.error,
        })),
      ),
    }
    this.#trustAgain(results)
    await this.#write()
    for (const { at, rollover } of this.#rollovers) {
      const line = { kind: 'rollover', at, ...rollover } as const
      await appendHistory(this.#options.stateDir, this.#mirror.name, line)
    }
    const result: SyncResult = {
      mirror: this.#mirror.name,
      source: this.#view.spec,
      targets: results,
      damage,
      unfinished: [...this.#unfinished].map(([arena, offset]) => ({ arena, offset })),
      rollovers: this.#rollovers.map(({ rollover }) => rollover),
      bookkeeping: null,
      sourceServer: this.#sourceServer,
      warnings: this.#warnings,
      cancelled,
      bytesRead: this.#view.count.bytes,
      durationMs,
    }
    return {
      startedAt: this.#startedAt,
      result,
      usedBytes: this.#view.arenas.reduce((sum, { arena }) => sum + (arena?.counted?.used ?? 0), 0),
      passing: this.#serverWarnings,
      cursorsOf: (dial) => this.#cursorsOf(dial),
      foundAgain: (dial) => {
        const run = this.#runs.find((one) => one.dial.text === dial)
        return new Map([...(run?.tallies() ?? [])].map(([arena, { again }]) => [arena, again]))
      },
      books: cancelled ? null : this.#books(results),
    }
  }
}
