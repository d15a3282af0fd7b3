// Sends blocks to one target over one connection and knows, in log order, what that target has acknowledged. Has its own
// queue and window (R7). A position counts only when everything before it was acknowledged; it is handed out by
// checkpoint() only after a later sync on the same connection was acknowledged (R2).

import { AppError, asAppError } from '../../../shared/errors.ts'
import type { ClumpItem } from '../venti/arena/clump-scanner.ts'
import type { VentiClient } from '../venti/client/client.ts'
import { advance, type ArenaTrack, type Position } from './cursor.ts'
import { FlightLimit } from './flight-limit.ts'
import type { RateLimit } from './rate-limit.ts'
import type { SendMode, SendModeChooser } from './send-mode.ts'

/** Counts of one arena on one target. */
export type Tally = {
  blocks: number
  sent: number
  present: number
  /** Of those present, the ones that were acknowledged before, though no cursor could pass them. */
  again: number
  bytesSent: number
  bytesDone: number
}

export const emptyTally = (): Tally => ({ blocks: 0, sent: 0, present: 0, again: 0, bytesSent: 0, bytesDone: 0 })

function addTo(sum: Tally, more: Tally): void {
  sum.blocks += more.blocks
  sum.sent += more.sent
  sum.present += more.present
  sum.again += more.again
  sum.bytesSent += more.bytesSent
  sum.bytesDone += more.bytesDone
}

export type WriterArena = {
  readonly track: ArenaTrack
  readonly tally: Tally
  /** Of the blocks that the track has passed: what a checkpoint may keep. Later ones will be offered again. */
  readonly settled: Tally
  /** Blocks below this were acknowledged in an earlier run, though no cursor could pass them: ask, do not send. */
  readonly probeBelow: number
}

/** Repairs of an earlier damage are finished in order too: `done` runs with the checkpoint that covers them. */
export type Marker = { readonly done: () => void }

/** A place in log order. Classes, here and below, because there is one of each for every block. */
class Entry {
  readonly arena: WriterArena | null
  readonly position: Position | null
  readonly holds: boolean
  readonly marker: Marker | null
  pending: number
  /** What was done for it. */
  readonly done: Tally

  constructor(
    arena: WriterArena | null,
    position: Position | null,
    pending: number,
    holds = false,
    marker: Marker | null = null,
  ) {
    this.arena = arena
    this.position = position
    this.holds = holds
    this.marker = marker
    this.pending = pending
    this.done = emptyTally()
    if (pending > 0) this.done.blocks = 1
  }
}

class Send {
  readonly entry: Entry
  readonly tally: Tally
  readonly item: ClumpItem
  readonly type: number
  readonly isKnown: boolean
  /** Null until it is the first in line: the answers so far decide, not those known when it was queued. */
  mode: SendMode | null

  constructor(entry: Entry, tally: Tally, item: ClumpItem, type: number, isKnown: boolean, mode: SendMode | null) {
    this.entry = entry
    this.tally = tally
    this.item = item
    this.type = type
    this.isKnown = isKnown
    this.mode = mode
  }
}

export type TargetWriterOptions = {
  readonly client: VentiClient
  readonly mode: SendModeChooser
  readonly limit: RateLimit | null
  /** Something changed that a waiting pump should look at. */
  readonly onChange: () => void
  readonly now: () => number
}

export class TargetWriter {
  readonly client: VentiClient
  readonly #options: TargetWriterOptions
  readonly #flight: FlightLimit
  #queue: Send[] = []
  #head = 0
  #queuedBytes = 0
  /** Blocks a probe did not find: sent before the queue goes on, or the window would fill with questions. */
  #misses: Send[] = []
  #entries: Entry[] = []
  #firstEntry = 0
  #waitingForRoom = false
  #timer: NodeJS.Timeout | null = null
  #failure: AppError | null = null
  #stopped = false
  #takesMore = true
  #touched = new Set<WriterArena>()
  #markers: Marker[] = []

  constructor(options: TargetWriterOptions) {
    this.#options = options
    this.#flight = new FlightLimit(options.now)
    this.client = options.client
    void options.client.closed.then((error) => {
      this.fail(error ?? new AppError('connection-lost', 'the connection was closed'))
    })
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** Nothing left to send: whoever feeds it is the slower one. */
  get isStarved(): boolean {
    return this.#queue.length === this.#head && this.#misses.length === 0 && this.client.outstanding === 0
  }

  /** Everything offered was acknowledged. */
  get isIdle(): boolean {
    return this.#firstEntry === this.#entries.length
  }

  get failure(): AppError | null {
    return this.#failure
  }

  /** Arena of the first block that was not acknowledged yet; null when there is none. */
  get currentArena(): string | null {
    return this.#entries[this.#firstEntry]?.arena?.track.arena.name ?? null
  }

  /** Something was acknowledged since the last checkpoint. */
  get hasNews(): boolean {
    return this.#touched.size > 0 || this.#markers.length > 0
  }

  /**
   * A block, in log order. `position` is the place behind it; null for a repair, which moves no cursor. Holds the item's
   * memory for itself.
   */
  offer(arena: WriterArena, item: ClumpItem, position: Position | null): void {
    if (!this.#takesMore) return
    const pending = item.alsoType === null ? 1 : 2
    const entry = new Entry(arena, position, pending)
    this.#entries.push(entry)
    const isKnown = position !== null && position.offset <= arena.probeBelow
    this.#enqueue(new Send(entry, arena.tally, item, item.type, isKnown, isKnown ? 'probe' : null))
    if (item.alsoType !== null) this.#enqueue(new Send(entry, arena.tally, item, item.alsoType, isKnown, 'write'))
    arena.tally.blocks++
    this.#send()
  }

  /** A damaged place: nothing to send; the cursor may pass unless `holds`. */
  pass(arena: WriterArena, position: Position, holds: boolean): void {
    if (!this.#takesMore) return
    this.#entries.push(new Entry(arena, position, 0, holds))
    this.#settle()
  }

  mark(marker: Marker): void {
    if (!this.#takesMore) return
    this.#entries.push(new Entry(null, null, 0, false, marker))
    this.#settle()
  }

  #enqueue(send: Send): void {
    // Until it is acknowledged. What is dropped instead is never let go: its data may still be on the way out.
    send.item.piece?.hold()
    this.#queue.push(send)
    this.#queuedBytes += send.item.data.length
  }

  #takeFirst(): void {
    if (this.#misses.shift() !== undefined) return
    const send = this.#queue[this.#head]
    if (send === undefined) return
    this.#head++
    this.#queuedBytes -= send.item.data.length
    if (this.#head >= 1024 && this.#head * 2 >= this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
  }

  #send(): void {
    const { client } = this
    while (this.#failure === null && !this.#stopped && this.#timer === null) {
      if (this.#misses.length === 0 && this.#head === this.#queue.length) return
      if (!client.hasRoom) {
        if (!this.#waitingForRoom) {
          this.#waitingForRoom = true
          client.onRoom(() => {
            this.#waitingForRoom = false
            this.#send()
            this.#options.onChange()
          })
        }
        return
      }
      const upcoming = this.#misses[0] ?? this.#queue[this.#head]
      if (upcoming === undefined) return
      const { length } = upcoming.item.data
      // A block that is asked for may have to be sent: it counts from the question on. The next acknowledgement comes back.
      const isNew = this.#misses.length === 0
      if (isNew && !this.#flight.allows(length)) return
      upcoming.mode ??= this.#options.mode.next()
      if (upcoming.mode === 'write' && this.#mustWait(length)) return
      this.#takeFirst()
      if (isNew) this.#flight.sent(length)
      if (upcoming.mode === 'probe') this.#probe(upcoming)
      else this.#write(upcoming)
    }
  }

  #mustWait(bytes: number): boolean {
    // What is left to send when winding down is less than a window.
    const waitMs = this.#takesMore ? (this.#options.limit?.take(bytes, this.#options.now()) ?? 0) : 0
    if (waitMs === 0) return false
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#send()
      this.#options.onChange()
    }, waitMs)
    return true
  }

  #write(send: Send): void {
    const { item, tally, entry } = send
    this.client.write(send.type, item.data, item.score, (error) => {
      if (error !== null) return this.fail(error)
      const { length } = item.data
      const { done } = entry
      tally.sent++
      tally.bytesSent += length
      done.sent++
      done.bytesSent += length
      this.#acknowledged(send)
    })
  }

  #probe(send: Send): void {
    this.client.probe(send.item.score, send.type, (error, found) => {
      // An answer that says neither: sending the block is always right.
      const inconclusive = error !== null && error.code === 'target-refused'
      if (error !== null && !inconclusive) return this.fail(error)
      if (!inconclusive) this.#options.mode.answered(found)
      if (error === null && found) {
        for (const one of [send.tally, send.entry.done]) {
          one.present++
          if (send.isKnown) one.again++
        }
        this.#acknowledged(send)
        return
      }
      send.mode = 'write'
      this.#misses.push(send)
      this.#send()
    })
  }

  #acknowledged(send: Send): void {
    this.#flight.acknowledged(send.item.data.length)
    send.tally.bytesDone += send.item.data.length
    send.entry.done.bytesDone += send.item.data.length
    send.item.piece?.release()
    send.entry.pending--
    if (send.entry.pending === 0) this.#settle()
    this.#send()
  }

  /** Takes over every entry from the front that has nothing pending: the lowest unacknowledged one stops it. */
  #settle(): void {
    for (;;) {
      const entry = this.#entries[this.#firstEntry]
      if (entry === undefined || entry.pending > 0) break
      this.#firstEntry++
      if (entry.arena !== null) addTo(entry.arena.settled, entry.done)
      if (entry.arena !== null && entry.position !== null) {
        advance(entry.arena.track, entry.position, entry.holds)
        this.#touched.add(entry.arena)
      }
      if (entry.marker !== null) this.#markers.push(entry.marker)
    }
    if (this.#firstEntry >= 4096 || this.#firstEntry === this.#entries.length) {
      this.#entries = this.#entries.slice(this.#firstEntry)
      this.#firstEntry = 0
    }
    if (this.isIdle || this.#queuedBytes === 0) this.#options.onChange()
  }

  /** Ends the sending; the first reason stands. What was acknowledged may still be made durable with checkpoint(). */
  fail(error: unknown): void {
    if (this.#failure !== null) return
    this.#failure = asAppError(error)
    this.stop()
  }

  /**
   * Takes nothing more and drops what was not begun. Blocks that were asked for and not found are still sent: left out,
   * they would be holes that no cursor can pass, in front of blocks that were acknowledged.
   */
  windDown(): void {
    this.#takesMore = false
    this.#queue = []
    this.#head = 0
    this.#queuedBytes = 0
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#send()
    this.#options.onChange()
  }

  /** Sends nothing any more. */
  stop(): void {
    this.#stopped = true
    this.#misses = []
    this.windDown()
  }

  /**
   * Syncs, and returns what that sync made durable: the tracks as they stood when it was sent. Writes go on meanwhile;
   * they count for the next one.
   */
  async checkpoint(): Promise<readonly ArenaTrack[]> {
    const covered = [...this.#touched].map((arena) => ({ ...arena.track }))
    const markers = this.#markers
    this.#touched = new Set()
    this.#markers = []
    await this.client.sync()
    for (const marker of markers) marker.done()
    return covered
  }
}
