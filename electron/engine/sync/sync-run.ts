// One run out of one or more rounds of the sync, as its result, history and bookkeeping have it. A round copies and saves
// positions; what a run does once comes at its end: wrcmd with its one pair of lines in rootscor (R6, design section 8.7),
// and the line in the history. Until then wrcmd lags behind the positions and never leads them, so a run that is killed
// between two rounds leaves a line that the script and the next run can go on from.

import type { BookkeepingResult, SourceServerResult } from '../../../shared/model/bookkeeping.ts'
import type { ArenaProgress, SyncResult, TargetResult } from '../../../shared/model/run.ts'
import { appendHistory } from '../state/history.ts'
import type { Bookkeeping, ClaimOutcome } from './bookkeeping.ts'
import type { Cursors } from './cursor.ts'
import { finishBookkeeping, recordRoot, type RunState } from './finish-bookkeeping.ts'
import type { FossilRoot } from './fossil-root.ts'

/** What the end of a run needs to move wrcmd on. Neither the source nor the mirror's lock has to be held any more. */
export type Books = {
  readonly start: Bookkeeping
  readonly claim: ClaimOutcome | null
  readonly state: Omit<RunState, 'now'>
}

export type SyncRound = {
  readonly startedAt: string
  /** Its `bookkeeping` is null: nothing was written yet. */
  readonly result: SyncResult
  /** Bytes of arena room in use, as the tails count them. */
  readonly usedBytes: number
  /** Those of its warnings that say how things were just then. */
  readonly passing: readonly string[]
  readonly cursorsOf: (dial: string) => Cursors
  /** Blocks found on a target, by arena, that were acknowledged before this round: the tail does not count them yet. */
  readonly foundAgain: (dial: string) => ReadonlyMap<string, number>
  /** Null without a 9fat, and where the round was interrupted. */
  readonly books: Books | null
}

/** What an earlier round brought is not counted a second time. */
function addedTarget(before: TargetResult, next: TargetResult, foundAgain: ReadonlyMap<string, number>): TargetResult {
  const arenas = new Map<string, ArenaProgress>(before.arenas.map((arena) => [arena.name, arena]))
  for (const arena of next.arenas) {
    const known = arenas.get(arena.name)
    if (known === undefined) arenas.set(arena.name, arena)
    else {
      const sent = known.sent + arena.sent
      const present = known.present + arena.present - (foundAgain.get(arena.name) ?? 0)
      const bytesSent = known.bytesSent + arena.bytesSent
      arenas.set(arena.name, { ...arena, from: known.from, blocks: sent + present, sent, present, bytesSent })
    }
  }
  const all = [...arenas.values()]
  const sum = (pick: (arena: ArenaProgress) => number): number => all.reduce((total, one) => total + pick(one), 0)
  return {
    ...next,
    arenas: all,
    blocks: sum(({ blocks }) => blocks),
    sent: sum(({ sent }) => sent),
    present: sum(({ present }) => present),
    bytesSent: sum(({ bytesSent }) => bytesSent),
  }
}

function addedServer(before: SourceServerResult | null, next: SourceServerResult | null): SourceServerResult | null {
  if (before === null || next === null) return next
  return {
    ...next,
    synced: before.synced || next.synced,
    foundInMemory: before.foundInMemory ?? next.foundInMemory,
    flushed: before.flushed || next.flushed,
    waitedMs: before.waitedMs + next.waitedMs,
  }
}

function historyOf({ written, error, dial, before, after }: BookkeepingResult) {
  return { written, error, dial, before, after }
}

export class SyncRun {
  readonly #stateDir: string
  #startedAt = ''
  #usedBytes = 0
  #result: SyncResult | null = null
  #rounds = 0
  readonly #lasting = new Set<string>()
  #passing: readonly string[] = []
  readonly #everDone = new Set<string>()
  #books: Books | null = null
  #claim: ClaimOutcome | null = null
  /** Of the first round: the root this run is about. */
  #fossil: FossilRoot | null = null
  /** Null: not yet. */
  #rootRecorded: boolean | null = null

  constructor(stateDir: string) {
    this.#stateDir = stateDir
  }

  get rounds(): number {
    return this.#rounds
  }

  /** The 9fat that belongs to this run. */
  get ninefat(): string | null {
    return this.#books?.start.path ?? null
  }

  /** Every target was brought up to date in some round. */
  get reachedAll(): boolean {
    return this.#result?.targets.every(({ dial }) => this.#everDone.has(dial)) === true
  }

  /** The rounds so far as one result. */
  add(round: SyncRound): SyncResult {
    const { startedAt, result, passing, books } = round
    const before = this.#result
    if (before === null) {
      this.#startedAt = startedAt
      this.#fossil = books?.start.fossil ?? null
    }
    this.#rounds++
    this.#usedBytes = round.usedBytes
    for (const line of result.warnings) if (!passing.includes(line)) this.#lasting.add(line)
    this.#passing = passing
    if (books !== null) this.#books = books
    this.#claim ??= books?.claim ?? null
    this.#result = before === null ? result : this.#added(before, round)
    for (const { dial, ok } of result.targets) if (ok) this.#everDone.add(dial)
    return this.#result
  }

  #added(before: SyncResult, { result: next, foundAgain }: SyncRound): SyncResult {
    return {
      ...next,
      targets: next.targets.map((target) => {
        const known = before.targets.find(({ dial }) => dial === target.dial)
        return known === undefined ? target : addedTarget(known, target, foundAgain(target.dial))
      }),
      rollovers: [...before.rollovers, ...next.rollovers],
      sourceServer: addedServer(before.sourceServer, next.sourceServer),
      bytesRead: before.bytesRead + next.bytesRead,
      durationMs: before.durationMs + next.durationMs,
    }
  }

  /** Where the end of the run is far: fossil's root at once, as fossilize does. What fails is tried again at the end. */
  async recordRoot(): Promise<void> {
    if (this.#books === null || this.#fossil === null || this.#rootRecorded !== null) return
    const { start, state } = this.#books
    const warnings: string[] = []
    try {
      this.#rootRecorded = await recordRoot({ ...start, fossil: this.#fossil }, { ...state, now: new Date() }, warnings)
      for (const line of warnings) this.#lasting.add(line)
    } catch {
      // The end of the run says what is wrong with that 9fat.
    }
  }

  async #keepBooks(warnings: string[]): Promise<BookkeepingResult | null> {
    if (this.#books === null) return null
    const { start, state } = this.#books
    const fossil = this.#rootRecorded === null ? this.#fossil : null
    const run = { ...state, now: new Date() }
    const result = await finishBookkeeping({ ...start, fossil }, this.#claim, run, warnings)
    return { ...result, rootRecorded: result.rootRecorded ?? this.#rootRecorded }
  }

  /** The run's own end, after its last round. Rejects when its line cannot be added to the history. */
  async end(): Promise<SyncResult> {
    const result = this.#result as SyncResult
    const warnings = [...new Set([...this.#passing, ...this.#lasting])]
    const bookkeeping = await this.#keepBooks(warnings)
    const { mirror, durationMs, bytesRead, damage, cancelled, targets } = result
    await appendHistory(this.#stateDir, mirror, {
      kind: 'run',
      at: this.#startedAt,
      durationMs,
      bytesRead,
      usedBytes: this.#usedBytes,
      damage: damage.length,
      cancelled,
      ...(bookkeeping === null ? {} : { bookkeeping: historyOf(bookkeeping) }),
      targets: targets.map(({ dial, ok, error, blocks, sent, present, bytesSent }) => {
        return { dial, ok, error, blocks, sent, present, bytesSent }
      }),
    })
    return { ...result, bookkeeping, warnings }
  }
}
