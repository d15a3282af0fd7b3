// Long work: begun, watched, paused, resumed, cancelled, ended. A pause ends the work at its next checkpoint and a resume
// begins it again from there: syncs have their cursors, checks and restores know what they have done, so that a pause is as
// safe as a power cut and holds no connection open meanwhile.

import { randomUUID } from 'node:crypto'
import { AppError, asAppError } from '../../shared/errors.ts'
import type { JobId, JobState, JobView } from '../../shared/model/window.ts'
import { problemOf } from './problem.ts'

const maxNotes = 20
/** Ended jobs that the window can still look at. */
const endedKept = 20

type Common = 'id' | 'sequence' | 'state' | 'startedAt' | 'endedAt' | 'notes' | 'problem'
/** What a kind of job shows besides what all have. */
export type JobFields = JobView extends infer View ? (View extends JobView ? Omit<View, Common> : never) : never
/** Work that ended with something its owner must see to says so in `problem`. */
export type JobChange = JobView extends infer View
  ? View extends JobView
    ? Partial<Omit<View, Exclude<Common, 'problem'> | 'kind'>>
    : never
  : never

/** What the work itself is given. */
export type JobHandle = {
  readonly id: JobId
  /** Fires for a pause as for a cancel. */
  readonly signal: AbortSignal
  update(change: JobChange): void
  note(line: string): void
}

/** Resolves with the last change. Rejecting makes the job a failed one with a problem; `cancelled` makes it a cancelled one. */
export type JobWork = (job: JobHandle) => Promise<JobChange>

type Entry = {
  view: JobView
  readonly work: JobWork
  controller: AbortController
  running: Promise<void>
  wish: 'none' | 'pause' | 'cancel'
}

export class JobBook {
  readonly #entries = new Map<JobId, Entry>()
  readonly #now: () => Date
  readonly #onChange: (view: JobView) => void
  readonly #onEnded: (view: JobView) => void

  constructor(now: () => Date, onChange: (view: JobView) => void, onEnded: (view: JobView) => void) {
    this.#now = now
    this.#onChange = onChange
    this.#onEnded = onEnded
  }

  get views(): readonly JobView[] {
    return [...this.#entries.values()].map(({ view }) => view)
  }

  view(id: JobId): JobView {
    return this.#entry(id).view
  }

  /** The job of a mirror that has not ended; one at a time may run, check or restore beside it. */
  openSync(mirror: string): JobView | null {
    return this.views.find((one) => one.kind === 'sync' && one.mirror === mirror && one.state !== 'ended') ?? null
  }

  start(fields: JobFields, work: JobWork): JobId {
    const id = randomUUID() as string as JobId
    const view = {
      ...fields,
      id,
      sequence: 1,
      state: 'running',
      startedAt: this.#now().toISOString(),
      endedAt: null,
      notes: [],
      problem: null,
    } as JobView
    const entry: Entry = {
      view,
      work,
      controller: new AbortController(),
      running: Promise.resolve(),
      wish: 'none',
    }
    this.#entries.set(id, entry)
    this.#run(entry)
    this.#forgetOldest()
    return id
  }

  pause(id: JobId): JobView {
    const entry = this.#entry(id)
    if (entry.view.state !== 'running') throw this.#refuse(entry, 'paused')
    entry.wish = 'pause'
    this.#change(entry, { state: 'pausing' })
    entry.controller.abort()
    return entry.view
  }

  resume(id: JobId): JobView {
    const entry = this.#entry(id)
    if (entry.view.state !== 'paused') throw this.#refuse(entry, 'resumed')
    this.#run(entry)
    return entry.view
  }

  cancel(id: JobId): JobView {
    const entry = this.#entry(id)
    const { state } = entry.view
    if (state === 'ended') throw this.#refuse(entry, 'cancelled')
    entry.wish = 'cancel'
    if (state === 'paused') {
      this.#change(entry, { state: 'ended', endedAt: this.#now().toISOString(), result: cancelledResult(entry.view) })
      this.#onEnded(entry.view)
    } else {
      this.#change(entry, { state: 'cancelling' })
      entry.controller.abort()
    }
    return entry.view
  }

  /** Every job at its checkpoint. */
  async close(): Promise<void> {
    for (const entry of this.#entries.values()) {
      if (entry.wish === 'none') entry.wish = 'pause'
      entry.controller.abort()
    }
    await Promise.all([...this.#entries.values()].map(async ({ running }) => await running))
  }

  #run(entry: Entry): void {
    entry.controller = new AbortController()
    entry.wish = 'none'
    this.#change(entry, { state: 'running', problem: null })
    const handle: JobHandle = {
      id: entry.view.id,
      signal: entry.controller.signal,
      update: (change) => this.#change(entry, change),
      note: (line) => this.#change(entry, { notes: [...entry.view.notes, line].slice(-maxNotes) }),
    }
    entry.running = entry
      .work(handle)
      .then(
        (last) => this.#ended(entry, last, null),
        (error: unknown) => this.#ended(entry, {}, error),
      )
      .catch(() => undefined)
  }

  #ended(entry: Entry, last: JobChange, thrown: unknown): void {
    // Work that came to its end although it was to pause has nothing left to go on with.
    const stopped = entry.controller.signal.aborted && (thrown === null ? isCancelled(last) : isCancelledError(thrown))
    if (stopped && entry.wish === 'pause') {
      this.#change(entry, { ...last, state: 'paused', result: null })
      return
    }
    const endedAt = this.#now().toISOString()
    if (thrown === null) this.#change(entry, { ...last, state: 'ended', endedAt })
    else if (stopped) this.#change(entry, { state: 'ended', endedAt, result: cancelledResult(entry.view) })
    else this.#change(entry, { state: 'ended', endedAt, problem: problemOf(thrown), result: failedResult(entry.view) })
    this.#onEnded(entry.view)
  }

  #change(entry: Entry, change: Record<string, unknown>): void {
    entry.view = { ...entry.view, ...change, sequence: entry.view.sequence + 1 }
    this.#onChange(entry.view)
  }

  #entry(id: JobId): Entry {
    const entry = this.#entries.get(id)
    if (entry === undefined) throw new AppError('usage', 'this job is not known in this session')
    return entry
  }

  #refuse({ view }: Entry, what: string): AppError {
    const words: Readonly<Record<JobState, string>> = {
      running: 'is running',
      pausing: 'is about to pause',
      paused: 'is paused',
      cancelling: 'is about to end',
      ended: 'has ended',
    }
    return new AppError('usage', `this job ${words[view.state]}: it cannot be ${what} now`)
  }

  #forgetOldest(): void {
    const ended = [...this.#entries.values()].filter(({ view }) => view.state === 'ended')
    for (const { view } of ended.slice(0, Math.max(0, ended.length - endedKept))) this.#entries.delete(view.id)
  }
}

const isCancelledError = (thrown: unknown): boolean => asAppError(thrown).code === 'cancelled'

function isCancelled(last: JobChange): boolean {
  const { result } = last as { result?: unknown }
  if (result === 'cancelled') return true
  return typeof result === 'object' && result !== null && (result as { cancelled?: unknown }).cancelled === true
}

/** A check has a result only when there is one; the others say how they ended. */
const cancelledResult = (view: JobView): 'cancelled' | null => (view.kind === 'check' ? null : 'cancelled')
const failedResult = (view: JobView): 'failed' | null => (view.kind === 'check' ? null : 'failed')
