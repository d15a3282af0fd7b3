// Syncs that something other than their owner stopped go on by themselves: after sleep, after the network came back, after
// the engine died, after the application was quit. A sync that its owner paused or cancelled stays as it is, and one that
// fails for a reason of its own is not tried again.

import type { EventMessage, Result } from '../../../shared/contract.ts'
import type { JobId, JobView, SyncJobView } from '../../../shared/model/window.ts'

/** A sync to begin again: the mirror, and its targets if not all. */
export type Interrupted = { readonly mirror: string; readonly dials: readonly string[] | null }

export type Surroundings = {
  readonly ask: (channel: string, asked: unknown) => Promise<Result<unknown>>
  readonly isOnline: () => boolean
  readonly wait: (ms: number) => Promise<void>
  readonly say: (line: string) => void
}

/** After waking, addresses and routes take a while. */
export const settlingMs = 10_000
const lookAgainMs = 5_000
/** A computer that was asleep tells of it late: what failed shortly before counts as broken by it. */
const brokenWithinMs = 60_000
/** More deaths of the engine than this in `deathsMs` are not met by beginning again. */
const mostDeaths = 3
const deathsMs = 600_000

const isSync = (job: JobView): job is SyncJobView & { readonly mirror: string } =>
  job.kind === 'sync' && job.mirror !== null

const isBroken = (job: SyncJobView): boolean =>
  job.state === 'ended' &&
  (job.result === 'failed' || job.result === 'attention') &&
  (job.problem !== null || job.targets.some(({ error }) => error !== null))

export class KeepGoing {
  readonly #around: Surroundings
  readonly #now: () => number
  /** Of syncs that have not ended or ended lately. */
  readonly #jobs = new Map<JobId, SyncJobView & { readonly mirror: string }>()
  readonly #endedMs = new Map<JobId, number>()
  readonly #pausedForSleep = new Set<JobId>()
  readonly #deaths: number[] = []
  #isAsleep = false
  #isWatchingNetwork = false
  #isClosed = false

  constructor(around: Surroundings, now: () => number = () => Date.now()) {
    this.#around = around
    this.#now = now
  }

  hear(message: EventMessage): void {
    if (message.event !== 'job.view') return
    const job = message.value as JobView
    if (!isSync(job)) return
    const was = this.#jobs.get(job.id)
    this.#jobs.set(job.id, job)
    if (job.state !== 'ended' || was?.state === 'ended') return
    this.#endedMs.set(job.id, this.#now())
    this.#forgetOld()
    if (isBroken(job) && !this.#isAsleep && !this.#around.isOnline()) void this.#afterNetwork(job)
  }

  /** The computer goes to sleep: running syncs come to a checkpoint, if there is time. */
  suspended(): void {
    this.#isAsleep = true
    for (const { id, state } of this.#jobs.values()) {
      if (state !== 'running') continue
      this.#pausedForSleep.add(id)
      void this.#around.ask('job.pause', { job: id })
    }
  }

  /** It is awake: what was paused goes on, what broke is begun again, after the network had time to come back. */
  async woke(): Promise<void> {
    await this.#around.wait(settlingMs)
    await this.#online()
    this.#isAsleep = false
    if (this.#isClosed) return
    const paused = [...this.#pausedForSleep]
    this.#pausedForSleep.clear()
    const broken = new Map<string, Interrupted>()
    for (const id of paused) {
      const job = this.#jobs.get(id)
      if (job === undefined) continue
      if (job.state === 'paused' || job.state === 'pausing') await this.#resume(id)
      else if (isBroken(job)) broken.set(job.mirror, interruptedOf(job))
    }
    for (const [id, at] of this.#endedMs) {
      const job = this.#jobs.get(id)
      if (job !== undefined && isBroken(job) && this.#now() - at < brokenWithinMs + settlingMs) {
        broken.set(job.mirror, interruptedOf(job))
      }
    }
    await this.begin([...broken.values()], 'after sleep')
  }

  /** The engine died and is there again: its jobs are gone. */
  async engineRestarted(): Promise<void> {
    const lost = this.interrupted
    this.#jobs.clear()
    this.#endedMs.clear()
    this.#pausedForSleep.clear()
    const now = this.#now()
    this.#deaths.push(now)
    while ((this.#deaths[0] ?? now) < now - deathsMs) this.#deaths.shift()
    if (this.#deaths.length > mostDeaths) {
      this.#around.say('the engine died again and again: syncs are not begun anew by themselves')
      return
    }
    await this.begin(lost, 'after the engine was started again')
  }

  /** What a quit, or the death of the engine, stops. A sync that its owner paused is none of it. */
  get interrupted(): readonly Interrupted[] {
    return [...this.#jobs.values()]
      .filter(({ id, state }) => state === 'running' || this.#pausedForSleep.has(id))
      .map(interruptedOf)
  }

  async begin(syncs: readonly Interrupted[], when: string): Promise<void> {
    for (const { mirror, dials } of syncs) {
      if (this.#isClosed) return
      const result = await this.#around.ask('sync.start', { mirror, dials })
      const outcome = result.ok ? 'goes on' : `does not go on (${result.problem.happened})`
      this.#around.say(`the sync of ${mirror} ${outcome} ${when}`)
    }
  }

  close(): void {
    this.#isClosed = true
  }

  async #resume(id: JobId): Promise<void> {
    // A pause that is still on its way to its checkpoint cannot be undone before it is there.
    for (let tries = 0; tries < 60 && this.#jobs.get(id)?.state === 'pausing'; tries++) await this.#around.wait(1_000)
    if (this.#jobs.get(id)?.state === 'paused') await this.#around.ask('job.resume', { job: id })
  }

  async #afterNetwork(job: SyncJobView & { readonly mirror: string }): Promise<void> {
    if (this.#isWatchingNetwork) return
    this.#isWatchingNetwork = true
    await this.#online()
    await this.#around.wait(settlingMs)
    this.#isWatchingNetwork = false
    await this.begin([interruptedOf(job)], 'after the network came back')
  }

  async #online(): Promise<void> {
    while (!this.#isClosed && !this.#around.isOnline()) await this.#around.wait(lookAgainMs)
  }

  #forgetOld(): void {
    for (const [id, at] of this.#endedMs) {
      if (this.#now() - at < 2 * brokenWithinMs) continue
      this.#endedMs.delete(id)
      this.#jobs.delete(id)
    }
  }
}

/** The targets it was begun for are those it shows. */
function interruptedOf({ mirror, targets }: SyncJobView & { readonly mirror: string }): Interrupted {
  return { mirror, dials: targets.length === 0 ? null : targets.map(({ dial }) => dial) }
}
