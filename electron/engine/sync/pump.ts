// One read of the source, many targets: scans what the slowest of a group lacks, hands every block to each writer that
// lacks it, and waits when queues are full. A writer that holds the others up leaves the group and is fed by a pump of its
// own, so that a slow or hung target delays no other (R7).

import type { Damage } from '../../../shared/model/damage.ts'
import type { Cursor } from '../../../shared/model/mirror.ts'
import { cancelledError } from '../../../shared/errors.ts'
import { losesBlocks } from '../../../shared/model/damage.ts'
import { openArena, type Arena } from '../venti/arena/arena.ts'
import { ClumpDirectory } from '../venti/arena/clump-directory.ts'
import { ClumpScanner, type ScanItem } from '../venti/arena/clump-scanner.ts'
import { PiecePool } from '../venti/arena/piece.ts'
import { SealHasher } from '../venti/arena/seal.ts'
import { sealDamage } from '../venti/arena/survey.ts'
import { clumpHeaderBytes } from '../venti/format/clump.ts'
import { cursorAt, positionOf, startTrack, type ArenaAtScan, type Position } from './cursor.ts'
import { needsScan } from './plan.ts'
import type { ArenaView } from './source-view.ts'
import { emptyTally, type Tally, type TargetWriter, type WriterArena } from './target-writer.ts'

/** Bytes queued for one target before the pump waits for it; the group shares 96 MiB (R9). */
const groupBudgetBytes = 96 * 1024 * 1024
const laneBudgetBytes = 32 * 1024 * 1024
/** Time others may stand idle for one slow target, in all, before it is left to itself. */
const patienceMs = 500

export type Lane = {
  readonly dial: string
  readonly writer: TargetWriter
  /** Where to begin in each arena: the saved cursors, or where the pump before stopped feeding it. */
  readonly from: Map<string, Position>
  readonly seenTo: (arena: string) => number
  readonly tallies: Map<string, Tally>
  /** The part of the tallies that the tracks have passed. */
  readonly settled: Map<string, Tally>
  readonly arenas: Map<string, WriterArena>
  /** Cursors in the state: they decide whether an arena needs a scan. */
  readonly cursors: Readonly<Record<string, Cursor>>
  idleMsCaused: number
}

export type RepairTask = {
  readonly damage: Damage
  /** Lanes that lack the block. */
  readonly owed: (dial: string) => boolean
  readonly finished: (dial: string | null, found: readonly Damage[]) => void
}

export type PumpHooks = {
  readonly signal: AbortSignal
  readonly now: () => number
  /** Everything a scan finds. `dials`: targets whose cursor passes it. */
  readonly onDamage: (damage: Damage, dials: readonly string[]) => void
  /** The region [from, to) of an arena was scanned; damage recorded there before and not found again is gone. */
  readonly onScanned: (arena: string, from: number, to: number, wholeArena: boolean) => void
  readonly onUnfinished: (arena: string, offset: number) => void
  /** An arena as it is when its scan begins. */
  readonly onArena: (arena: Arena) => void
  readonly onDetach: (lane: Lane) => void
}

/** Wakes whoever waits when a writer has news. */
export class Bell {
  readonly #waiting = new Set<() => void>()

  readonly ring = (): void => {
    for (const wake of this.#waiting) wake()
  }

  /** Until the next ring, at most `ms`. */
  async wait(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      this.#waiting.add(wake)
    })
  }
}

/** The counts of an arena on a target, made when first asked for. */
function countsOf(lane: Lane, arena: string): { tally: Tally; settled: Tally } {
  const tally = lane.tallies.get(arena) ?? emptyTally()
  const settled = lane.settled.get(arena) ?? emptyTally()
  lane.tallies.set(arena, tally)
  lane.settled.set(arena, settled)
  return { tally, settled }
}

export class Pump {
  readonly #arenas: readonly ArenaView[]
  readonly #hooks: PumpHooks
  readonly #bell: Bell
  readonly #pool = new PiecePool()
  #lanes: Lane[]
  /** The last arena each lane needs: until it is done, a lane with nothing to send waits for the others. */
  #lastNeeded = new Map<Lane, number>()
  #current = 0

  constructor(arenas: readonly ArenaView[], lanes: readonly Lane[], bell: Bell, hooks: PumpHooks) {
    this.#arenas = arenas
    this.#lanes = [...lanes]
    this.#bell = bell
    this.#hooks = hooks
  }

  /** Feeds everything to the group; returns when the last writer took the last block into its queue. */
  async run(repairs: readonly RepairTask[]): Promise<void> {
    for (const lane of this.#lanes) {
      const last = this.#arenas.findLastIndex((view) => needsScan(view, this.#offsetIn(lane, view.name)))
      this.#lastNeeded.set(lane, last)
    }
    for (const task of repairs) await this.#repair(task)
    for (const [index, view] of this.#arenas.entries()) {
      this.#current = index
      const lanes = this.#alive().filter((lane) => needsScan(view, this.#offsetIn(lane, view.name)))
      if (lanes.length > 0) await this.#arena(view, lanes)
    }
  }

  #alive(): Lane[] {
    if (this.#hooks.signal.aborted) throw cancelledError()
    this.#lanes = this.#lanes.filter((lane) => lane.writer.failure === null)
    return this.#lanes
  }

  /** A lane that came from another pump has more in its queue already than its cursor says. */
  #offsetIn(lane: Lane, arena: string): number {
    return Math.max(cursorAt(lane.cursors, arena)?.offset ?? 0, lane.from.get(arena)?.offset ?? 0)
  }

  #startOf(lane: Lane, arena: string): Position {
    return lane.from.get(arena) ?? positionOf(cursorAt(lane.cursors, arena))
  }

  #writerArena(lane: Lane, at: ArenaAtScan): WriterArena {
    const known = lane.arenas.get(at.name)
    // A second pump of the same connection goes on with the same track.
    if (known !== undefined) return known
    const seenTo = lane.seenTo(at.name)
    const track = startTrack(at, this.#startOf(lane, at.name), seenTo)
    const made = { track, ...countsOf(lane, at.name), probeBelow: seenTo }
    lane.arenas.set(at.name, made)
    return made
  }

  async #arena(view: ArenaView, lanes: readonly Lane[]): Promise<void> {
    const { arena, damage } = await openArena(view.partition, view.entry, { head: true, seal: true })
    for (const one of damage) this.#hooks.onDamage(one, [])
    if (arena === null) return
    const at: ArenaAtScan = {
      name: arena.name,
      start: arena.start,
      version: arena.version,
      clumpMagic: arena.clumpMagic,
      countedUsed: arena.counted?.used ?? 0,
    }
    this.#hooks.onArena(arena)
    const first = lanes.map((lane) => this.#startOf(lane, arena.name)).reduce((a, b) => (b.offset < a.offset ? b : a))
    const seal =
      first.offset === 0 && arena.sealScore !== null && arena.stop <= view.partition.usableBytes
        ? new SealHasher(arena)
        : null
    await seal?.begin()
    const scanner = new ClumpScanner(arena, {
      from: first.offset,
      index: await indexOf(arena, first),
      signal: this.#hooks.signal,
      pool: this.#pool,
      ...(seal === null ? {} : { onChunk: (offset: number, bytes: Uint8Array) => seal.offer(offset, bytes) }),
    })
    const feeds = lanes.map((lane) => {
      const start = this.#startOf(lane, arena.name)
      return { lane, arena: this.#writerArena(lane, at), start: start.offset, position: start }
    })
    const batches = scanner.run()
    for (;;) {
      const { value, done } = await batches.next()
      if (done === true) {
        this.#hooks.onScanned(arena.name, first.offset, value.offset, first.offset === 0)
        if (value.reason === 'torn') this.#hooks.onUnfinished(arena.name, value.offset)
        break
      }
      const present = feeds.filter((feed) => this.#lanes.includes(feed.lane))
      for (const feed of present) this.#feed(feed, value)
      this.#reportDamage(value, present)
      letGo(value)
      await this.#room()
      // Answers that came meanwhile are taken in and make room in the windows, or servers would idle while this decodes.
      await new Promise(setImmediate)
      if (this.#alive().every((lane) => !lanes.includes(lane))) return
    }
    if (seal !== null) {
      const expected = await seal.finish(this.#hooks.signal)
      if (!this.#hooks.signal.aborted && expected !== arena.sealScore)
        this.#hooks.onDamage(sealDamage(arena, expected), [])
    }
  }

  #feed(feed: { lane: Lane; arena: WriterArena; position: Position }, items: readonly ScanItem[]): void {
    const { writer, from } = feed.lane
    for (const item of items) {
      const before = feed.position
      if (item.kind === 'damage') {
        if (item.nextOffset <= before.offset || !losesBlocks(item.damage)) {
          if (item.holdsCursor) writer.pass(feed.arena, before, true)
          continue
        }
        feed.position = { offset: item.nextOffset, clumps: null, uncompressed: null, last: before.last }
        writer.pass(feed.arena, item.holdsCursor ? before : feed.position, item.holdsCursor)
        continue
      }
      if (item.offset < before.offset) continue
      feed.position = positionAfter(item, before)
      writer.offer(feed.arena, item, feed.position)
    }
    from.set(feed.arena.track.arena.name, feed.position)
  }

  /** Owed to the lanes that pass it now: one that stood behind it already got the block while it was good, or is owed it. */
  #reportDamage(items: readonly ScanItem[], feeds: readonly { lane: Lane; start: number }[]): void {
    for (const item of items) {
      if (item.kind !== 'damage') continue
      const owing = losesBlocks(item.damage) && !item.holdsCursor
      const passing = owing ? feeds.filter(({ start }) => start < item.nextOffset) : []
      this.#hooks.onDamage(
        item.damage,
        passing.map(({ lane }) => lane.dial),
      )
    }
  }

  /** Looks again at a damage of an earlier run; good blocks found there go to the targets that lack them. */
  async #repair(task: RepairTask): Promise<void> {
    const { damage } = task
    const view = this.#arenas.find((one) => one.name === damage.arena)
    if (view === undefined || damage.clumpOffset === null || damage.nextOffset === null) return
    const { arena } = await openArena(view.partition, view.entry, { head: true, seal: false })
    if (arena === null) return
    const lanes = this.#alive().filter((lane) => task.owed(lane.dial))
    const at: ArenaAtScan = {
      name: arena.name,
      start: arena.start,
      version: arena.version,
      clumpMagic: arena.clumpMagic,
      countedUsed: 0,
    }
    const found: Damage[] = []
    const scanner = new ClumpScanner(arena, {
      from: damage.clumpOffset,
      index: damage.index,
      to: damage.nextOffset,
      signal: this.#hooks.signal,
      pool: this.#pool,
    })
    const feeds = lanes.map((lane) => {
      const track = startTrack(at, positionOf(undefined), 0)
      return { lane, arena: { track, ...countsOf(lane, at.name), probeBelow: 0 } }
    })
    for await (const items of scanner.run()) {
      for (const item of items) {
        if (item.kind === 'damage') found.push(item.damage)
        else for (const feed of feeds) feed.lane.writer.offer(feed.arena, item, null)
      }
      letGo(items)
      await this.#room()
    }
    if (lanes.length === 0) task.finished(null, found)
    for (const { lane } of feeds) lane.writer.mark({ done: () => task.finished(lane.dial, found) })
  }

  /** Waits until every queue has room. Whoever makes others wait for too long is detached. */
  async #room(): Promise<void> {
    const budget = Math.min(laneBudgetBytes, groupBudgetBytes / Math.max(1, this.#lanes.length))
    for (;;) {
      const lanes = this.#alive()
      const full = lanes.filter((lane) => lane.writer.queuedBytes > budget)
      if (full.length === 0) return
      const starved = lanes.some((lane) => lane.writer.isStarved && (this.#lastNeeded.get(lane) ?? -1) >= this.#current)
      const began = this.#hooks.now()
      await this.#bell.wait(starved ? 20 : 250)
      if (!starved) continue
      const waited = this.#hooks.now() - began
      for (const lane of full) {
        lane.idleMsCaused += waited
        if (lane.idleMsCaused < patienceMs) continue
        this.#lanes = this.#lanes.filter((other) => other !== lane)
        this.#hooks.onDetach(lane)
      }
    }
  }
}

/** The writers hold what they need. */
function letGo(items: readonly ScanItem[]): void {
  for (const item of items) if (item.kind === 'clump') item.piece?.release()
}

function positionAfter(item: ScanItem & { kind: 'clump' }, before: Position): Position {
  return {
    offset: item.nextOffset,
    clumps: item.index === null ? null : item.index + 1,
    uncompressed: before.uncompressed === null ? null : before.uncompressed + item.data.length,
    last: { offset: item.nextOffset - clumpHeaderBytes - item.storedSize, score: item.score },
  }
}

/** Number of the clump at a cursor that does not know it: by summing directory sizes (venti-arenas.md 7.5). */
async function indexOf(arena: Arena, at: Position): Promise<number | null> {
  if (at.clumps !== null || arena.counted === null) return at.clumps
  const directory = new ClumpDirectory(arena, arena.counted.clumps, arena.counted.used)
  return await directory.indexAtOffset(at.offset)
}
