// A sync from beginning to end (design section 8): choose the mirror, lock it, check R5, connect to every target, read the
// source once for all that keep pace, save cursors after each acknowledged sync, and say honestly what came of it. Runs
// anywhere Node runs: a command, a worker, the main process.

import { AppError, asAppError } from '../../../shared/errors.ts'
import { assert } from '../../../shared/assert.ts'
import { losesBlocks, type Damage } from '../../../shared/model/damage.ts'
import type { Cursor, MirrorState, MirrorTarget } from '../../../shared/model/mirror.ts'
import type { Rollover, SyncPlan, SyncResult, SyncSnapshot, TargetPlan } from '../../../shared/model/run.ts'
import { appendHistory } from '../state/history.ts'
import type { FileLock } from '../venti/server/file-lock.ts'
import { listMirrors, lockMirror, mirrorPath, writeMirror } from '../state/mirror-file.ts'
import { fileExists } from '../source/file-source.ts'
import { openArena, type Arena } from '../venti/arena/arena.ts'
import { SealHasher } from '../venti/arena/seal.ts'
import { sealDamage } from '../venti/arena/survey.ts'
import { connectVenti } from '../venti/client/client.ts'
import { parseDial, type Dial, type Environment } from '../venti/client/dial.ts'
import { DamageBook } from './damage-book.ts'
import { canonicalPath, chooseMirror } from './mirror-choice.ts'
import { planTarget } from './plan.ts'
import { ProgressMeter } from './progress.ts'
import { Bell, Pump, type Lane, type PumpHooks, type RepairTask } from './pump.ts'
import { reportDamage } from './report-damage.ts'
import { freeBytesOf, refuseSourceServer } from './same-server.ts'
import { checkCursors } from './same-partition.ts'
import { inParallel, openSourceView, type SourceView } from './source-view.ts'
import { TargetRun } from './target-run.ts'

export type SyncOptions = {
  /** A path, or the name of a mirror in the state folder. */
  readonly source: string
  /** Dial strings as typed; may be empty when the mirror has targets already. */
  readonly targets: readonly string[]
  readonly stateDir: string
  /** Which mirror file, when the automatic choice is not wanted. */
  readonly mirrorName?: string
  /** Ask for every block of the source, whatever the cursors say. */
  readonly audit?: boolean
  /** The source's own server: synced before its arenas are read, and refused as a target. */
  readonly sourceVenti?: string
  /** For each target. */
  readonly limitBytesPerSecond?: number
  readonly checkpointMs?: number
  readonly connectTimeoutMs?: number
  readonly replyTimeoutMs?: number
  readonly environment: Environment
  readonly signal?: AbortSignal
  /** At most 10 a second. */
  readonly onProgress?: (snapshot: SyncSnapshot) => void
  readonly onNote?: (line: string) => void
}

const defaultCheckpointMs = 5000
/** Targets that connect within this time of the first share its read of the source. */
const gatherMs = 300

/** A name of a mirror stands for its path and targets. Paths come first, so that a file is never mistaken for a name. */
async function resolveSource(
  options: SyncOptions,
): Promise<{ spec: string; dials: readonly string[]; name: string | undefined }> {
  const typed = { spec: options.source, dials: options.targets, name: options.mirrorName }
  if ((await fileExists(options.source)) || /[/\\:]/.test(options.source)) return typed
  const { mirrors } = await listMirrors(options.stateDir)
  const mirror = mirrors.find((one) => one.name === options.source)
  if (mirror === undefined) return typed
  const dials = options.targets.length > 0 ? options.targets : mirror.targets.map((target) => target.dial)
  const spec = (await fileExists(mirror.source.spec)) ? mirror.source.spec : mirror.source.path
  return { spec, dials, name: mirror.name }
}

function parseTargets(dials: readonly string[], environment: Environment): readonly Dial[] {
  const parsed = dials.map((dial) => parseDial(dial, environment))
  const distinct = parsed.filter((dial, index) => parsed.findIndex((other) => other.text === dial.text) === index)
  if (distinct.length === 0) throw new AppError('usage', 'no target: name at least one with --to DIAL')
  return distinct
}

/** Asks the source's own server to bring everything to disk, so that the arenas read next are complete. */
async function flushSource(options: SyncOptions, warnings: string[]): Promise<void> {
  if (options.sourceVenti === undefined) return
  try {
    const client = await connectVenti(parseDial(options.sourceVenti, options.environment), { connectTimeoutMs: 5000 })
    try {
      await client.sync()
    } finally {
      await client.close()
    }
  } catch (error) {
    const { message } = asAppError(error)
    warnings.push(
      `the source's own server ${options.sourceVenti} could not be asked to flush (${message}); its newest blocks may not be on disk yet`,
    )
  }
}

type Prepared = {
  readonly view: SourceView
  readonly mirror: MirrorState
  readonly dials: readonly Dial[]
  readonly warnings: string[]
}

/** `underLock` holds the mirror's lock from before its state is read until the work is done. */
async function withPrepared<T>(
  options: SyncOptions,
  underLock: boolean,
  work: (prepared: Prepared) => Promise<T>,
): Promise<T> {
  const { spec, dials, name } = await resolveSource(options)
  const typed = dials.length > 0 ? parseTargets(dials, options.environment) : null
  const warnings: string[] = []
  await flushSource(options, warnings)
  const view = await openSourceView(spec)
  let lock: FileLock | null = null
  try {
    let choice = await chooseMirror(options.stateDir, view, name, new Date())
    warnings.push(...choice.warnings)
    if (underLock) {
      lock = await lockMirror(options.stateDir, choice.mirror.name)
      // Another run may have finished between the look and the lock.
      choice = await chooseMirror(options.stateDir, view, choice.mirror.name, new Date())
    }
    const { mirror } = choice
    const targets =
      typed ??
      parseTargets(
        mirror.targets.map((target) => target.dial),
        options.environment,
      )
    for (const { cursors } of mirror.targets) {
      await checkCursors(view, cursors, mirror.name, mirrorPath(options.stateDir, mirror.name), inParallel)
    }
    return await work({ view, mirror, dials: targets, warnings })
  } finally {
    await lock?.release()
    await view.close()
  }
}

const cursorsOf = (mirror: MirrorState, dial: Dial): Readonly<Record<string, Cursor>> =>
  mirror.targets.find((target) => target.dial === dial.text)?.cursors ?? {}

async function planOne(options: SyncOptions, prepared: Prepared, dial: Dial): Promise<TargetPlan> {
  const cursors = options.audit === true ? {} : cursorsOf(prepared.mirror, dial)
  const plan = planTarget(prepared.view.arenas, cursors)
  let freeBytes: number | null = null
  let error: string | null = null
  try {
    const client = await connectVenti(
      dial,
      options.connectTimeoutMs === undefined ? {} : { connectTimeoutMs: options.connectTimeoutMs },
    )
    try {
      await refuseSourceServer(prepared.view, client, dial.text, options)
      freeBytes = freeBytesOf(client)
    } finally {
      await client.close()
    }
  } catch (thrown) {
    error = asAppError(thrown).message
  }
  // Header and directory entry of each clump; compression at the target can only make it less.
  const needed = plan.bytes + plan.blocks * 63
  return { dial: dial.text, error, ...plan, freeBytes, fits: freeBytes === null ? null : needed <= freeBytes }
}

/** What a sync would do. Reads the source and greets the targets; writes nothing anywhere. */
export async function planSync(options: SyncOptions): Promise<SyncPlan> {
  const began = performance.now()
  return await withPrepared(options, false, async (prepared) => {
    const { view, mirror } = prepared
    const targets = await Promise.all(prepared.dials.map(async (dial) => await planOne(options, prepared, dial)))
    const book = new DamageBook(mirror.damage)
    for (const one of [...view.damage, ...view.arenas.flatMap((arena) => arena.damage)]) book.found(one, [], '')
    return {
      dryRun: true,
      mirror: mirror.name,
      source: view.spec,
      targets,
      damage: book.all().map(reportDamage),
      warnings: prepared.warnings,
      bytesRead: view.count.bytes,
      durationMs: Math.round(performance.now() - began),
    }
  })
}

/**
 * Brings every target up to date. Rejects when nothing could begin (bad source, wrong partition, locked mirror); what
 * happens to single targets or blocks afterwards is in the result.
 */
export async function runSync(options: SyncOptions): Promise<SyncResult> {
  const began = performance.now()
  return await withPrepared(options, true, async (prepared) => await new SyncJob(options, prepared, began).run())
}

class SyncJob {
  readonly #options: SyncOptions
  readonly #view: SourceView
  readonly #warnings: string[]
  readonly #began: number
  readonly #startedAt = new Date().toISOString()
  readonly #book: DamageBook
  readonly #runs: readonly TargetRun[]
  readonly #bell = new Bell()
  readonly #cancel = new AbortController()
  readonly #meter: ProgressMeter
  readonly #unfinished = new Map<string, number>()
  readonly #rollovers: Rollover[] = []
  /** Arenas as their scan found them, for rollovers. */
  readonly #scanned = new Map<string, Arena>()
  #mirror: MirrorState
  #lastSync = new Map<string, string>()
  #saving: Promise<void> = Promise.resolve()
  #gathering: { readonly lanes: Lane[]; settled: number; started: Promise<void> | null; begin: () => void } | null

  constructor(options: SyncOptions, prepared: Prepared, began: number) {
    this.#options = options
    this.#view = prepared.view
    this.#warnings = prepared.warnings
    this.#began = began
    this.#mirror = prepared.mirror
    this.#book = new DamageBook(prepared.mirror.damage)
    this.#gathering = { lanes: [], settled: 0, started: null, begin: () => undefined }
    const settings = {
      checkpointMs: options.checkpointMs ?? defaultCheckpointMs,
      connectTimeoutMs: options.connectTimeoutMs,
      replyTimeoutMs: options.replyTimeoutMs,
      limitBytesPerSecond: options.limitBytesPerSecond,
      audit: options.audit === true,
    }
    this.#runs = prepared.dials.map((dial) => {
      const run: TargetRun = new TargetRun(dial, cursorsOf(prepared.mirror, dial), this.#bell, settings, {
        signal: this.#cancel.signal,
        now: () => performance.now(),
        note: (line) => this.#note(line),
        guard: async (client) => await refuseSourceServer(this.#view, client, dial.text, options),
        feed: async (lane, firstTry) => await this.#feed(lane, firstTry),
        save: async (cursors) => await this.#save(dial.text, cursors),
      })
      return run
    })
    const totals = this.#runs.map((run) =>
      planTarget(this.#view.arenas, options.audit === true ? {} : run.cursorsAtStart),
    )
    this.#meter = new ProgressMeter(this.#runs, totals)
  }

  #note(line: string): void {
    this.#options.onNote?.(line)
  }

  async run(): Promise<SyncResult> {
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
      await this.#lookAtStructures()
      this.#prepareGroup()
      await Promise.all(
        this.#runs.map(async (run) => {
          await run.run()
          this.#settle()
        }),
      )
      await this.#saving
      if (this.#book.overflow > 0) this.#warnings.push(`${this.#book.overflow} further damaged places are not listed`)
      return await this.#finish(signal?.aborted === true)
    } finally {
      if (ticker !== null) clearInterval(ticker)
      signal?.removeEventListener('abort', onAbort)
      publish()
    }
  }

  /** Damage of table, heads, tails and seals: seen at once, or gone since the last run. */
  async #lookAtStructures(): Promise<void> {
    const now = this.#startedAt
    this.#book.keepTargets(
      new Set([...this.#mirror.targets.map((target) => target.dial), ...this.#runs.map((run) => run.dial.text)]),
    )
    for (const one of this.#view.damage) this.#book.found(one, [], now)
    for (const view of this.#view.arenas) for (const one of view.damage) this.#book.found(one, [], now)
    const again = new Set<string>()
    for (const one of this.#book.all()) {
      if (
        one.kind === 'head-missing' ||
        one.kind === 'head-differs' ||
        one.kind === 'seal-mismatch' ||
        one.kind === 'tail-differs'
      ) {
        again.add(one.arena)
      }
    }
    for (const name of again) {
      const view = this.#view.byName.get(name)
      if (view === undefined) continue
      const { arena, damage } = await openArena(view.partition, view.entry, { head: true, seal: true })
      for (const one of damage) this.#book.found(one, [], now)
      const wasBroken = this.#book.all().some((one) => one.kind === 'seal-mismatch' && one.arena === name)
      if (arena !== null && wasBroken && arena.sealScore !== null) {
        const hasher = new SealHasher(arena)
        const expected = await hasher.finish(this.#cancel.signal)
        if (this.#cancel.signal.aborted || expected !== arena.sealScore)
          this.#book.found(sealDamage(arena, expected), [], now)
      }
    }
    for (const one of this.#book.all()) {
      const view = this.#view.byName.get(one.arena)
      if (
        one.kind !== 'unreadable-region' ||
        view === undefined ||
        view.arena === null ||
        one.clumpOffset === null ||
        one.nextOffset === null
      )
        continue
      const length = Math.min(one.nextOffset - one.clumpOffset, 1024 * 1024)
      await view.partition.source.read(one.partitionOffset, length).catch(() => this.#book.found(one, [], now))
    }
    this.#book.dropUnseen((one) => one.clumpOffset === null || one.kind === 'unreadable-region')
  }

  /** The first pump starts when all targets are connected or have failed, or shortly after the first is ready. */
  #prepareGroup(): void {
    const group = this.#gathering
    assert(group !== null, 'a group is gathered once')
    group.started = new Promise((resolve) => {
      group.begin = resolve
    })
  }

  #settle(): void {
    const group = this.#gathering
    if (group === null) return
    group.settled++
    if (group.settled >= this.#runs.length) this.#beginGroup()
  }

  #beginGroup(): void {
    const group = this.#gathering
    if (group === null) return
    this.#gathering = null
    group.begin()
  }

  readonly #fed = new Map<Lane, { resolve: () => void; reject: (error: unknown) => void }>()

  async #feed(lane: Lane, firstTry: boolean): Promise<void> {
    const group = this.#gathering
    if (!firstTry || group === null) return await this.#pump([lane], this.#repairs([lane]))
    const done = new Promise<void>((resolve, reject) => this.#fed.set(lane, { resolve, reject }))
    group.lanes.push(lane)
    if (group.lanes.length === 1) {
      setTimeout(() => this.#beginGroup(), gatherMs)
      void group.started?.then(async () => await this.#runGroup(group.lanes))
    }
    this.#settle()
    await done
  }

  async #runGroup(lanes: readonly Lane[]): Promise<void> {
    try {
      await this.#pump(lanes, this.#repairs(lanes))
      for (const lane of lanes) if (!this.#detached.has(lane)) this.#fed.get(lane)?.resolve()
    } catch (error) {
      for (const lane of lanes) if (!this.#detached.has(lane)) this.#fed.get(lane)?.reject(error)
    }
  }

  readonly #detached = new Set<Lane>()

  #detach(lane: Lane): void {
    this.#detached.add(lane)
    this.#note(`${lane.dial} is slower than the others; it goes on by itself`)
    const waiting = this.#fed.get(lane)
    this.#pump([lane], []).then(
      () => waiting?.resolve(),
      (error: unknown) => waiting?.reject(error),
    )
  }

  async #pump(lanes: readonly Lane[], repairs: readonly RepairTask[]): Promise<void> {
    const hooks: PumpHooks = {
      signal: this.#cancel.signal,
      now: () => performance.now(),
      onDamage: (damage, dials) => this.#book.found(damage, dials, this.#startedAt),
      onScanned: (arena, from, to, whole) => this.#scannedRegion(arena, from, to, whole),
      onUnfinished: (arena, offset) => this.#unfinished.set(arena, offset),
      onArena: (arena) => this.#scanned.set(arena.name, arena),
      onArenaEnd: () => undefined,
      onDetach: (lane) => this.#detach(lane),
    }
    await new Pump(this.#view.arenas, lanes, this.#bell, hooks).run(repairs)
  }

  /** Damage recorded inside a region that was just scanned, and not met again, is gone; blocks went to all that lack them. */
  #scannedRegion(arena: string, from: number, to: number, whole: boolean): void {
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
      .filter((one) => !losesBlocks(one) || lanes.some((lane) => this.#mustRepay(lane, one)))
      .map((damage) => ({
        damage,
        owed: (dial) => lanes.some((lane) => lane.dial === dial && this.#mustRepay(lane, damage)),
        finished: (dial, found) => this.#repaired(damage, dial, found),
      }))
  }

  /** It lacks the block, and its cursor is past it, so that no ordinary scan will bring it. */
  #mustRepay(lane: Lane, damage: Damage): boolean {
    const cursor = lane.cursors[damage.arena]?.offset ?? 0
    return this.#book.isOwed(damage, lane.dial) && cursor > (damage.clumpOffset ?? 0)
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

  async #save(dial: string, cursors: Readonly<Record<string, Cursor>>): Promise<void> {
    this.#lastSync.set(dial, new Date().toISOString())
    this.#noteRollovers(dial, cursors)
    const others = this.#mirror.targets.filter((target) => target.dial !== dial)
    const before = this.#mirror.targets.find((target) => target.dial === dial)
    const target: MirrorTarget = {
      dial,
      cursors: { ...cursors },
      lastSync: this.#lastSync.get(dial) ?? null,
      lastError: before?.lastError ?? null,
    }
    this.#mirror = { ...this.#mirror, targets: [...others, target].toSorted((a, b) => (a.dial < b.dial ? -1 : 1)) }
    await this.#write()
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

  /** A cursor that left a full arena behind and now stands in the next one. */
  #noteRollovers(dial: string, cursors: Readonly<Record<string, Cursor>>): void {
    const before = this.#mirror.targets.find((target) => target.dial === dial)?.cursors ?? {}
    for (const [index, view] of this.#view.arenas.entries()) {
      const previous = this.#view.arenas[index - 1]
      if (previous === undefined || (cursors[view.name]?.offset ?? 0) === 0 || (before[view.name]?.offset ?? 0) > 0)
        continue
      const full = (this.#scanned.get(previous.name) ?? previous.arena)?.counted
      const left = cursors[previous.name]
      if (full?.sealed !== true || left === undefined || left.offset < full.used) continue
      const rollover: Rollover = {
        dial,
        fromArena: previous.name,
        fromOffset: left.offset,
        toArena: view.name,
        toArenaOffset: view.entry.start,
      }
      this.#rollovers.push(rollover)
      this.#note(
        `${dial}: ${previous.name} is full at 0x${left.offset.toString(16)}; going on with ${view.name} at ${view.entry.start}`,
      )
    }
  }

  async #finish(cancelled: boolean): Promise<SyncResult> {
    const ordinal = (arena: string): number => this.#view.byName.get(arena)?.ordinal ?? 0
    const results = this.#runs.map((run) => run.result(ordinal))
    const damage = this.#book.all().map(reportDamage)
    const durationMs = Math.round(performance.now() - this.#began)
    const touched = new Set(this.#runs.map((run) => run.dial.text))
    this.#mirror = {
      ...this.#mirror,
      source: {
        ...this.#mirror.source,
        spec: this.#view.spec,
        path: await canonicalPath(this.#view.path),
        arenas: this.#view.arenas.length,
      },
      targets: [
        ...this.#mirror.targets.filter((target) => !touched.has(target.dial)),
        ...results.map((result, index) => ({
          dial: result.dial,
          cursors: { ...(this.#runs[index] as TargetRun).cursors },
          lastSync:
            this.#lastSync.get(result.dial) ??
            this.#mirror.targets.find((target) => target.dial === result.dial)?.lastSync ??
            null,
          lastError: result.error,
        })),
      ].toSorted((a, b) => (a.dial < b.dial ? -1 : 1)),
    }
    await this.#write()
    const { stateDir } = this.#options
    for (const rollover of this.#rollovers) {
      await appendHistory(stateDir, this.#mirror.name, { kind: 'rollover', at: new Date().toISOString(), ...rollover })
    }
    await appendHistory(stateDir, this.#mirror.name, {
      kind: 'run',
      at: this.#startedAt,
      durationMs,
      bytesRead: this.#view.count.bytes,
      damage: damage.length,
      cancelled,
      targets: results.map(({ dial, ok, error, blocks, sent, present, bytesSent }) => ({
        dial,
        ok,
        error,
        blocks,
        sent,
        present,
        bytesSent,
      })),
    })
    return {
      mirror: this.#mirror.name,
      source: this.#view.spec,
      targets: results,
      damage,
      unfinished: [...this.#unfinished].map(([arena, offset]) => ({ arena, offset })),
      rollovers: this.#rollovers,
      warnings: this.#warnings,
      cancelled,
      bytesRead: this.#view.count.bytes,
      durationMs,
    }
  }
}
