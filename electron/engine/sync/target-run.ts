// One target during a run: connects, feeds a writer, makes checkpoints every few seconds, and begins again from the saved
// cursors when the connection is lost, with growing pauses. Knows nothing of the other targets (R7).

import { type AppError, asAppError, cancelledError } from '../../../shared/errors.ts'
import type { Cursor } from '../../../shared/model/mirror.ts'
import type { TargetPhase, TargetResult, TargetSnapshot } from '../../../shared/model/run.ts'
import { pause } from '../pause.ts'
import { connectVenti, type VentiClient } from '../venti/client/client.ts'
import type { Dial } from '../venti/client/dial.ts'
import { cursorAt, cursorOf, positionOf, type ArenaTrack, type Cursors } from './cursor.ts'
import type { Bell, Lane } from './pump.ts'
import { rateLimit } from './rate-limit.ts'
import { SendModeChooser, type ModePolicy } from './send-mode.ts'
import { probesWork } from './take-over.ts'
import { emptyTally, TargetWriter, type Tally } from './target-writer.ts'

const firstPauseMs = 500
const longestPauseMs = 30_000
/** Tries without any progress between them: about 15 s for a server that restarts. */
const maxTries = 6
/** For one that was never reached in this run: it is down rather than restarting. */
const maxTriesUnreached = 3
/** A silent server costs a whole reply timeout each time. */
const maxSilentTries = 2
const syncPatience = 4
/** After a cancel, within two seconds in all as a rule: for replies on their way, the sync behind them, the goodbye. */
const cancelDrainMs = 500
const cancelSyncMs = 900
const cancelCloseMs = 150

export type TargetSettings = {
  readonly checkpointMs: number
  readonly connectTimeoutMs: number | undefined
  readonly replyTimeoutMs: number | undefined
  readonly limitBytesPerSecond: number | undefined
  /** Before a lost target is tried again; doubles each time. */
  readonly retryPauseMs: number | undefined
  readonly audit: boolean
  /** After a cancel, for replies and the sync together. */
  readonly stopPatienceMs: number | undefined
}

export type TargetHooks = {
  readonly signal: AbortSignal
  readonly now: () => number
  readonly note: (line: string) => void
  /** After connecting, before anything is sent: refuses a wrong server. */
  readonly guard: (client: VentiClient) => Promise<void>
  /** Feeds the lane with everything it lacks; resolves when all is in its queue. */
  readonly feed: (lane: Lane, firstTry: boolean) => Promise<void>
  /** A sync was acknowledged: save these cursors. `takenOver`: they are somebody else's work, as a wrcmd told it. */
  readonly save: (cursors: Readonly<Record<string, Cursor>>, takenOver: boolean) => Promise<void>
  /** Once a run, before anything is sent: what a wrcmd claims is there, if the target has it. */
  readonly takeOver: ((client: VentiClient, probes: boolean, cursors: Cursors) => Promise<TakeOver>) | null
}

export type TakeOver =
  | { readonly kind: 'taken'; readonly cursors: Cursors }
  /** Blocks are missing, or nobody can tell: the copy begins at our own cursors, and asks before it sends. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'nothing' }

const sleep = async (ms: number): Promise<void> => await new Promise((resolve) => setTimeout(resolve, ms))

/** The end of `work`, however it ends, or `ms`, whichever is first. No timer stays behind. */
async function within(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work.catch(() => undefined), limit])
  clearTimeout(timer)
}

/** Resolves when the work is done or the signal fires, whichever is first; rejects only with the work. */
async function doneOrCancelled(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const finish = (): void => {
      signal.removeEventListener('abort', finish)
      resolve()
    }
    signal.addEventListener('abort', finish)
    work.then(finish, (error: unknown) => {
      signal.removeEventListener('abort', finish)
      reject(error)
    })
    if (signal.aborted) finish()
  })
}

/** A function of its own, because the compiler takes an earlier look at `failure` for the present one. */
function throwIfFailed(writer: TargetWriter): void {
  if (writer.failure !== null) throw writer.failure
}

function copyOf(counts: ReadonlyMap<string, Tally>): Map<string, Tally> {
  return new Map([...counts].map(([name, tally]) => [name, { ...tally }]))
}

export class TargetRun {
  readonly dial: Dial
  readonly bell: Bell
  readonly #settings: TargetSettings
  readonly #hooks: TargetHooks
  #cursors: Record<string, Cursor>
  #startCursors: Readonly<Record<string, Cursor>>
  /** What came of the claim of a wrcmd; null while it was not looked at. */
  #takeOver: TakeOver['kind'] | null = null
  phase: TargetPhase = 'connecting'
  /** The cursor that was saved last in this run. */
  confirmed: TargetSnapshot['confirmed'] = null
  error: AppError | null = null
  #wake: (() => void) | null = null
  #lane: Lane | null = null
  #reached = false
  /** Counts covered by a saved cursor; those of the present connection are in the lane. */
  #saved = new Map<string, Tally>()
  #traffic = new Map<string, number>()

  constructor(
    dial: Dial,
    cursors: Readonly<Record<string, Cursor>>,
    bell: Bell,
    settings: TargetSettings,
    hooks: TargetHooks,
  ) {
    this.dial = dial
    this.bell = bell
    this.#settings = settings
    this.#hooks = hooks
    // Without a prototype any name can be assigned.
    this.#cursors = Object.assign(Object.create(null) as Record<string, Cursor>, cursors)
    this.#startCursors = cursors
  }

  get cursors(): Readonly<Record<string, Cursor>> {
    return this.#cursors
  }

  get cursorsAtStart(): Readonly<Record<string, Cursor>> {
    return this.#startCursors
  }

  async run(): Promise<void> {
    const shortestPauseMs = this.#settings.retryPauseMs ?? firstPauseMs
    let pauseMs = shortestPauseMs
    let tries = 0
    let silent = 0
    for (let first = true; ; first = false) {
      const before = this.#progress()
      try {
        await this.#attempt(first)
        this.phase = 'done'
        return
      } catch (thrown) {
        const error = asAppError(thrown)
        this.error = error
        this.#rollBackCounts()
        if (this.#hooks.signal.aborted || !error.retriable) break
        if (this.#progress() > before) {
          pauseMs = shortestPauseMs
          tries = 0
          silent = 0
        }
        tries++
        if (error.code === 'reply-timeout' || error.code === 'connect-timeout') silent++
        if (tries >= (this.#reached ? maxTries : maxTriesUnreached) || silent >= maxSilentTries) break
        this.phase = 'waiting'
        this.#hooks.note(`${this.#said(error)}; trying again in ${pauseMs / 1000} s`)
        await pause(pauseMs, this.#hooks.signal)
        pauseMs = Math.min(longestPauseMs, pauseMs * 2)
        if (this.#hooks.signal.aborted) break
      }
    }
    this.phase = 'failed'
  }

  /** Most messages name the server already. */
  #said({ message }: AppError): string {
    const prefix = `${this.dial.text}: `
    return message.startsWith(prefix) ? message : prefix + message
  }

  #progress(): number {
    return Object.values(this.#cursors).reduce((sum, cursor) => sum + cursor.offset, 0)
  }

  /** What the lost connection had not made durable will be done again, so it is not counted; its traffic was real. */
  #rollBackCounts(): void {
    for (const [name, tally] of this.#lane?.tallies ?? []) {
      const saved = this.#saved.get(name) ?? emptyTally()
      this.#traffic.set(name, (this.#traffic.get(name) ?? 0) + tally.bytesSent - saved.bytesSent)
      this.#saved.set(name, saved)
    }
    this.#lane = null
  }

  async #attempt(first: boolean): Promise<void> {
    this.phase = 'connecting'
    const { signal } = this.#hooks
    if (signal.aborted) throw cancelledError()
    const client = await this.#connect()
    this.#reached = true
    try {
      await doneOrCancelled(this.#hooks.guard(client), signal)
      if (signal.aborted) throw cancelledError()
      this.error = null
      await this.#copy(client, first)
    } finally {
      // A goodbye may wait for a server that is silent; a cancelled run does not.
      if (signal.aborted) await within(client.close(), cancelCloseMs)
      else await client.close()
    }
  }

  async #connect(): Promise<VentiClient> {
    const { connectTimeoutMs, replyTimeoutMs } = this.#settings
    const { signal } = this.#hooks
    // Not the run's own signal: that would cut the connection at a cancel, with replies still on their way.
    const connecting = new AbortController()
    const onAbort = (): void => connecting.abort()
    signal.addEventListener('abort', onAbort)
    try {
      return await connectVenti(this.dial, {
        signal: connecting.signal,
        ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
        // A sync writes a cache to disk: it is given longer than a reply, but not for ever when the patience was named.
        ...(replyTimeoutMs === undefined ? {} : { replyTimeoutMs, syncTimeoutMs: syncPatience * replyTimeoutMs }),
      })
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  async #policy(client: VentiClient): Promise<ModePolicy> {
    const probes = await probesWork(client)
    await this.#takeOverClaim(client, probes)
    if (!probes) return 'write'
    if (this.#settings.audit) return 'probe'
    if (this.#takeOver === 'refused') return 'ask-first'
    // No cursor at all: either a first copy, or the cursors were lost and the target may have everything.
    return Object.keys(this.#startCursors).length === 0 ? 'ask-first' : 'send-first'
  }

  /** R2: probes found the blocks, and a sync on the same connection is acknowledged before anything is saved. */
  async #takeOverClaim(client: VentiClient, probes: boolean): Promise<void> {
    const { takeOver, save, signal } = this.#hooks
    if (takeOver === null || this.#takeOver !== null) return
    const outcome = await takeOver(client, probes, this.#cursors)
    if (signal.aborted) return
    if (outcome.kind === 'taken') {
      await client.sync()
      if (signal.aborted) return
      Object.assign(this.#cursors, outcome.cursors)
      this.#startCursors = { ...this.#cursors }
      await save(this.#cursors, true)
    }
    this.#takeOver = outcome.kind
  }

  #makeLane(client: VentiClient, policy: ModePolicy): Lane {
    const { limitBytesPerSecond, audit } = this.#settings
    const writer = new TargetWriter({
      client,
      mode: new SendModeChooser(policy),
      limit: limitBytesPerSecond === undefined ? null : rateLimit(limitBytesPerSecond),
      onChange: () => {
        this.bell.ring()
        this.#wake?.()
      },
      now: this.#hooks.now,
    })
    const cursors = audit ? {} : this.#cursors
    return {
      dial: this.dial.text,
      writer,
      from: new Map(Object.entries(cursors).map(([name, cursor]) => [name, positionOf(cursor)])),
      seenTo: (arena) => (policy === 'write' ? 0 : (this.#cursors[arena]?.seenTo ?? 0)),
      tallies: copyOf(this.#saved),
      settled: copyOf(this.#saved),
      arenas: new Map(),
      cursors,
      idleMsCaused: 0,
    }
  }

  async #copy(client: VentiClient, first: boolean): Promise<void> {
    const { signal } = this.#hooks
    let policy: ModePolicy = 'write'
    await doneOrCancelled(
      this.#policy(client).then((found) => (policy = found)),
      signal,
    )
    if (signal.aborted) throw cancelledError()
    const lane = this.#makeLane(client, policy)
    this.#lane = lane
    try {
      await this.#fill(lane, first)
    } catch (error) {
      // Whatever ended the copy, the pump must not go on feeding a connection that is about to close.
      lane.writer.fail(error)
      throw error
    }
  }

  /** From the first block to the last checkpoint. */
  async #fill(lane: Lane, first: boolean): Promise<void> {
    const { signal } = this.#hooks
    const { writer } = lane
    this.phase = 'copying'
    let fed = false
    let feedError: unknown = null
    void this.#hooks.feed(lane, first).then(
      () => {
        fed = true
        this.#wake?.()
      },
      (error: unknown) => {
        feedError = error
        writer.windDown()
      },
    )
    let lastCheckpoint = this.#hooks.now()
    const onAbort = (): void => this.#wake?.()
    signal.addEventListener('abort', onAbort)
    try {
      while (feedError === null && writer.failure === null && !signal.aborted && !(fed && writer.isIdle)) {
        const left = lastCheckpoint + this.#settings.checkpointMs - this.#hooks.now()
        if (left > 0) await this.#change(left)
        else {
          // A server may take minutes for a sync; a cancel does not wait for it.
          if (writer.hasNews) await doneOrCancelled(this.#checkpoint(writer), signal)
          lastCheckpoint = this.#hooks.now()
        }
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
    if (signal.aborted) await this.#giveUp(writer)
    if (feedError !== null || writer.failure !== null) {
      const error = writer.failure ?? asAppError(feedError)
      // A refusal (a full target) leaves the connection alive: keep what it did acknowledge.
      if (error.code === 'target-full' || error.code === 'target-refused' || feedError !== null) {
        await this.#wrapUp(writer, 10_000, () => 60_000)
      }
      // The pump drops a failed writer by itself; waiting for it would be waiting for the other targets (R7).
      throw error
    }
    this.phase = 'syncing'
    // Also when nothing was sent: a run that ends well has a sync of this target that was acknowledged in it.
    await doneOrCancelled(this.#checkpoint(writer), signal)
    if (signal.aborted) await this.#giveUp(writer)
    throwIfFailed(writer)
  }

  async #giveUp(writer: TargetWriter): Promise<never> {
    const { stopPatienceMs } = this.#settings
    const untilMs = this.#hooks.now() + (stopPatienceMs ?? 0)
    const syncMs = (): number => Math.max(cancelSyncMs, untilMs - this.#hooks.now())
    await this.#wrapUp(writer, stopPatienceMs ?? cancelDrainMs, syncMs)
    throw cancelledError()
  }

  /** Until the writer has news, the feeding ends or the run is cancelled; at most `ms`. */
  async #change(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = null
  }

  async #checkpoint(writer: TargetWriter): Promise<void> {
    const lane = this.#lane
    // Not the tallies: blocks acknowledged behind one that is still owed will be done again after a lost connection.
    const counts = copyOf(lane?.settled ?? new Map<string, Tally>())
    await this.#keep(await writer.checkpoint(), counts)
  }

  async #keep(tracks: readonly ArenaTrack[], counts: ReadonlyMap<string, Tally>): Promise<void> {
    for (const track of tracks) {
      const cursor = cursorOf(track)
      const saved = this.#cursors[track.arena.name]
      // An audit walks below the cursor; it must not pull it back.
      if (saved !== undefined && saved.offset > cursor.offset) continue
      this.#cursors[track.arena.name] = cursor
    }
    for (const [name, tally] of counts) this.#saved.set(name, tally)
    await this.#hooks.save(this.#cursors, false)
    const last = tracks.at(-1)
    if (last === undefined) return
    const { name } = last.arena
    this.confirmed = { arena: name, offset: this.#cursors[name]?.offset ?? 0, at: new Date().toISOString() }
  }

  /** Within the given times: take in replies on their way, sync, save. What does not make it is done again next time. */
  async #wrapUp(writer: TargetWriter, drainMs: number, syncMs: () => number): Promise<void> {
    writer.windDown()
    const until = this.#hooks.now() + drainMs
    while (writer.client.outstanding > 0 && this.#hooks.now() < until) await sleep(10)
    writer.stop()
    if (writer.client.outstanding > 0 || !writer.hasNews) return
    this.phase = 'syncing'
    await within(this.#checkpoint(writer), syncMs())
  }

  /** Counts of the run so far: what is saved, and what the present connection has done beyond it. */
  tallies(): ReadonlyMap<string, Tally> {
    return this.#lane?.tallies ?? this.#saved
  }

  get currentArena(): string | null {
    return this.#lane?.writer.currentArena ?? [...(this.#lane?.arenas.keys() ?? [])].at(-1) ?? null
  }

  result(order: (arena: string) => number): TargetResult {
    const arenas = [...this.tallies()]
      .filter(([, tally]) => tally.blocks > 0)
      .toSorted(([a], [b]) => order(a) - order(b))
      .map(([name, tally]) => ({
        name,
        from: cursorAt(this.#startCursors, name)?.offset ?? 0,
        to: this.#cursors[name]?.offset ?? 0,
        blocks: tally.sent + tally.present,
        sent: tally.sent,
        present: tally.present,
        bytesSent: tally.bytesSent + (this.#traffic.get(name) ?? 0),
      }))
    const sum = (pick: (arena: (typeof arenas)[number]) => number): number =>
      arenas.reduce((total, arena) => total + pick(arena), 0)
    return {
      dial: this.dial.text,
      ok: this.phase === 'done',
      error: this.error?.message ?? null,
      errorCode: this.error?.code ?? null,
      arenas,
      blocks: sum((arena) => arena.blocks),
      sent: sum((arena) => arena.sent),
      present: sum((arena) => arena.present),
      bytesSent: sum((arena) => arena.bytesSent),
    }
  }
}
