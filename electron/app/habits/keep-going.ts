// Syncs that something other than their owner stopped go on by themselves: after sleep, after the network came back, after
// the engine died, after the application was quit. A sync that its owner paused or cancelled stays as it is, and one that
// fails for a reason of its own is not tried again. Without a network, what needs one waits for it, however long that takes.

import type { EventMessage, Result } from '../../../shared/contract.ts'
import type { JobId, JobView } from '../../../shared/model/window.ts'
import {
  interruptedOf,
  isBroken,
  isHere,
  isSync,
  type Interrupted,
  type SyncJob,
  type Wanted,
} from './interrupted-sync.ts'

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

export class KeepGoing {
  readonly #around: Surroundings
  readonly #now: () => number
  /** Of syncs that have not ended or ended lately. */
  readonly #jobs = new Map<JobId, SyncJob>()
  readonly #endedMs = new Map<JobId, number>()
  readonly #pausedForSleep = new Set<JobId>()
  /** By mirror: to begin when there is a network. */
  readonly #waiting = new Map<string, Interrupted>()
  readonly #deaths: number[] = []
  #asleepSince: number | null = null
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
    const isAwake = this.#asleepSince === null
    if (job.state === 'running') {
      // Somebody went on with it, or began another one.
      if (isAwake) this.#pausedForSleep.delete(job.id)
      this.#waiting.delete(job.mirror)
    }
    if (job.state !== 'ended' || was?.state === 'ended') return
    this.#endedMs.set(job.id, this.#now())
    if (!isAwake) return
    this.#forgetOld()
    if (isBroken(job) && !this.#around.isOnline()) this.#waitsForNetwork(interruptedOf(job))
  }

  /** The computer goes to sleep: running syncs come to a checkpoint, if there is time. */
  suspended(): void {
    this.#asleepSince ??= this.#now()
    for (const { id, state } of this.#jobs.values()) {
      if (state !== 'running') continue
      this.#pausedForSleep.add(id)
      void this.#around.ask('job.pause', { job: id })
    }
  }

  /** It is awake: what was paused goes on, what broke is begun again, once addresses and routes had time to come back. */
  async woke(): Promise<void> {
    const since = Math.min(this.#now() - brokenWithinMs, this.#asleepSince ?? Infinity)
    await this.#around.wait(settlingMs)
    this.#asleepSince = null
    if (this.#isClosed) return
    await this.#resumePaused()
    const broken = new Map<string, Interrupted>()
    for (const [id, at] of this.#endedMs) {
      const job = this.#jobs.get(id)
      if (job !== undefined && isBroken(job) && at >= since) broken.set(job.mirror, interruptedOf(job))
    }
    await this.beginWhenPossible([...broken.values()], 'after sleep')
    this.#forgetOld()
  }

  /** The engine died and is there again: its jobs are gone. */
  async engineRestarted(): Promise<void> {
    const lost = this.#stopped().map(interruptedOf)
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

  /** What a quit stops, or keeps from beginning. A sync that its owner paused is none of it. */
  get interrupted(): readonly Interrupted[] {
    const stopped = this.#stopped().map((job) => [job.mirror, interruptedOf(job)] as const)
    return [...new Map([...this.#waiting, ...stopped]).values()]
  }

  /** At once, whatever comes of it. */
  async begin(syncs: readonly Interrupted[], when: string): Promise<void> {
    for (const { mirror, dials } of syncs) {
      if (this.#isClosed) return
      const result = await this.#around.ask('sync.start', { mirror, dials })
      const outcome = result.ok ? 'goes on' : `does not go on (${result.problem.happened})`
      this.#around.say(`the sync of ${mirror} ${outcome} ${when}`)
    }
  }

  /** Nobody asked for them just now: not beside one that goes on, and not while asleep or without the network they need. */
  async beginWhenPossible(syncs: readonly Wanted[], when: string): Promise<void> {
    for (const { mirror, dials, isLocal } of syncs) {
      const sync = { mirror, dials }
      const isPatient = this.#asleepSince !== null || (!this.#around.isOnline() && !(isLocal ?? isHere(sync)))
      if (this.#goesOn(mirror)) this.#around.say(`the sync of ${mirror} is under way, and not begun ${when}`)
      else if (isPatient) this.#waitsForNetwork(sync)
      else await this.begin([sync], when)
    }
  }

  close(): void {
    this.#isClosed = true
  }

  #stopped(): readonly SyncJob[] {
    return [...this.#jobs.values()].filter(({ id, state }) => state === 'running' || this.#pausedForSleep.has(id))
  }

  #goesOn(mirror: string): boolean {
    return this.#stopped().some((job) => job.mirror === mirror && job.state !== 'ended')
  }

  /** Those that sleep paused; without a network, those that need none. */
  async #resumePaused(): Promise<void> {
    const paused = [...this.#pausedForSleep]
    for (const id of paused) {
      // Asleep again: those that are left have another waking.
      if (this.#asleepSince !== null) return
      const job = this.#jobs.get(id)
      const isWaiting = job !== undefined && job.state !== 'ended' && !isHere(interruptedOf(job))
      if (isWaiting && !this.#around.isOnline()) void this.#watchNetwork()
      else {
        await this.#resume(id)
        this.#pausedForSleep.delete(id)
      }
    }
  }

  async #resume(id: JobId): Promise<void> {
    // A pause that is still on its way to its checkpoint cannot be undone before it is there.
    for (let tries = 0; tries < 60 && this.#jobs.get(id)?.state === 'pausing'; tries++) await this.#around.wait(1_000)
    if (this.#jobs.get(id)?.state === 'paused') await this.#around.ask('job.resume', { job: id })
  }

  #waitsForNetwork(sync: Interrupted): void {
    this.#waiting.set(sync.mirror, sync)
    this.#around.say(`the sync of ${sync.mirror} waits for the network`)
    void this.#watchNetwork()
  }

  async #watchNetwork(): Promise<void> {
    if (this.#isWatchingNetwork) return
    this.#isWatchingNetwork = true
    while (!this.#isClosed && !this.#around.isOnline()) await this.#around.wait(lookAgainMs)
    await this.#around.wait(settlingMs)
    this.#isWatchingNetwork = false
    if (this.#isClosed) return
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    // Asleep again: waking goes on with it.
    if (this.#asleepSince === null) await this.#resumePaused()
    await this.begin(waiting, 'after the network came back')
  }

  #forgetOld(): void {
    for (const [id, at] of this.#endedMs) {
      if (this.#now() - at < 2 * brokenWithinMs) continue
      this.#endedMs.delete(id)
      this.#jobs.delete(id)
    }
  }
}
