// The daily workflow in one: a sync, then the root that matters checked on every target that is up to date. Which root that
// is: fossil's last one, else the newest line of rootscor, else the newest root block in the arenas. Where all that is
// missing is on its way, and there is time, the sync runs again: one root, chosen once, and one result of all rounds.

import { asAppError } from '../../../shared/errors.ts'
import { exitStatusOf, type SyncResult, type VerifiedSync, type VerifiedTarget } from '../../../shared/model/run.ts'
import { zeroScore } from '../../../shared/model/score.ts'
import { formatDuration } from '../../../shared/text/format.ts'
import { newestScoreLine } from '../bookkeeping/rootscor.ts'
import { readNinefat } from '../fat/ninefat.ts'
import { fossilInfoOf } from '../ninefat/collect-roots.ts'
import { findRoots } from '../ninefat/find-roots.ts'
import { pause } from '../pause.ts'
import { runRound, runSync } from '../sync/job.ts'
import type { SyncOptions } from '../sync/prepare.ts'
import { openSourceView } from '../sync/source-view.ts'
import { SyncRun, type SyncRound } from '../sync/sync-run.ts'
import { checkSynced, type CheckSyncedOptions, type RootToCheck, type TargetCheck } from './check-synced.ts'

export type SyncAndVerifyOptions = CheckSyncedOptions & {
  /** How long to sync and to look again, after the first check, for blocks that are on their way. Default: not at all. */
  readonly waitMs?: number
  /** Between a look and the next sync. Default 10 s. */
  readonly pollMs?: number
}

const defaultPollMs = 10_000

/** Before the sync: an archive made meanwhile is the next run's. Null when it was never archived. */
async function fossilRoot(path: string): Promise<RootToCheck | null> {
  const { last, isEmpty } = await fossilInfoOf(path)
  return isEmpty ? null : { root: last, from: `the last archive of ${path}` }
}

async function recordedRoot(ninefat: string): Promise<RootToCheck | null> {
  const { rootscor } = await readNinefat(ninefat)
  const line = newestScoreLine(rootscor.text ?? '')
  if (line === null || (line.score as string) === zeroScore) return null
  return { root: line.score, from: `the newest line of rootscor on ${ninefat}` }
}

async function newestInArenas(source: string, signal: AbortSignal | undefined): Promise<RootToCheck | null> {
  const view = await openSourceView(source)
  try {
    const newest = (await findRoots(view, signal)).roots[0]
    return newest === undefined ? null : { root: newest.score, from: `the newest root in the arenas of ${source}` }
  } finally {
    await view.close()
  }
}

/** The words say why there is none. */
async function chooseRoot(
  { fossil, signal }: SyncOptions,
  ofFossil: RootToCheck | null,
  source: string,
  ninefat: string | null,
): Promise<RootToCheck | string> {
  if (fossil !== undefined) return ofFossil ?? `nothing was archived from ${fossil} yet: there is no root to check`
  try {
    const recorded = ninefat === null ? null : await recordedRoot(ninefat)
    return recorded ?? (await newestInArenas(source, signal)) ?? `there is no root in the arenas of ${source} to check`
  } catch (thrown) {
    return asAppError(thrown).message
  }
}

/** What is known of the root on each target. */
class Checks {
  readonly #chosen: RootToCheck | string
  readonly #options: SyncAndVerifyOptions
  readonly #checks = new Map<string, TargetCheck & { readonly positions: string }>()

  constructor(chosen: RootToCheck | string, options: SyncAndVerifyOptions) {
    this.#chosen = chosen
    this.#options = options
  }

  /** On every target that is up to date and may have more than when it was last looked at. */
  async look({ targets, source }: SyncResult, cursorsOf: SyncRound['cursorsOf']): Promise<void> {
    for (const { dial, sent } of targets.filter(({ ok }) => ok)) {
      const known = this.#checks.get(dial)
      const positions = JSON.stringify(cursorsOf(dial))
      const mayHaveMore = known === undefined || known.failed || sent > 0 || known.positions !== positions
      if (known?.verified.ok === true || !mayHaveMore) continue
      this.#checks.set(dial, { ...(await this.#check(dial, source)), positions })
    }
  }

  async #check(dial: string, source: string): Promise<TargetCheck> {
    if (typeof this.#chosen !== 'string') return await checkSynced(dial, this.#chosen, source, this.#options)
    const nothing = { root: null, from: null, ok: false, blocks: 0, missing: 0, corrupt: 0, rootReason: null }
    return { verified: { dial, ...nothing, problem: this.#chosen }, awaited: null, failed: false }
  }

  /** What is on its way, and where it is awaited. */
  get awaited(): readonly string[] {
    const waiting = [...this.#checks].filter(([, { awaited }]) => awaited !== null)
    return waiting.map(([dial, { awaited }]) => `${awaited ?? ''} on ${dial}`)
  }

  verified({ targets }: SyncResult): readonly VerifiedTarget[] {
    return targets.map(({ dial }) => this.#checks.get(dial)?.verified).filter((one) => one !== undefined)
  }
}

async function syncOnce(options: SyncAndVerifyOptions, ofFossil: RootToCheck | null): Promise<VerifiedSync> {
  const result = await runSync(options)
  const once = { rounds: 1, waitedMs: 0 }
  if (exitStatusOf(result) === 1) return { ...result, verified: [], ...once }
  const chosen = await chooseRoot(options, ofFossil, result.source, result.bookkeeping?.path ?? null)
  const checks = new Checks(chosen, options)
  await checks.look(result, () => ({}))
  return { ...result, verified: checks.verified(result), ...once, cancelled: options.signal?.aborted === true }
}

class WaitingRun {
  readonly #options: SyncAndVerifyOptions
  readonly #run: SyncRun
  /** Why the last round could not begin. */
  #failure: string | null = null

  constructor(options: SyncAndVerifyOptions) {
    this.#options = options
    this.#run = new SyncRun(options.stateDir)
  }

  get #isCancelled(): boolean {
    return this.#options.signal?.aborted === true
  }

  async run(ofFossil: RootToCheck | null): Promise<VerifiedSync> {
    const first = await runRound(this.#options)
    const result = this.#run.add(first)
    if (exitStatusOf(result) === 1) return await this.#end([], 0)
    await this.#run.recordRoot()
    const checks = new Checks(
      await chooseRoot(this.#options, ofFossil, result.source, this.#run.ninefat),
      this.#options,
    )
    await checks.look(first.result, first.cursorsOf)
    const waitedMs = await this.#wait(checks)
    return await this.#end(checks.verified(result), waitedMs)
  }

  /** Until nothing is awaited or the time is up; returns how long that took. */
  async #wait(checks: Checks): Promise<number> {
    const { waitMs = 0, pollMs = defaultPollMs, signal, onNote } = this.#options
    const beganMs = performance.now()
    for (let rounds = 0; ; rounds++) {
      const { awaited } = checks
      const passedMs = performance.now() - beganMs
      const leftMs = waitMs - passedMs
      if (awaited.length === 0 || leftMs <= 0 || this.#isCancelled) return rounds === 0 ? 0 : Math.round(passedMs)
      onNote?.(`not there yet: ${awaited.join(', ')}; syncing again, for ${formatDuration(leftMs)} more`)
      await pause(Math.min(pollMs, leftMs), signal)
      if (!this.#isCancelled) await this.#again(checks)
    }
  }

  async #again(checks: Checks): Promise<void> {
    // The root was chosen, and recorded, when the run began: a later archive is the next run's.
    const { fossil: _recorded, ...options } = this.#options
    // A target that was down so far is still to be asked for everything.
    const audit = options.audit === true && !this.#run.reachedAll
    try {
      const round = await runRound({ ...options, audit })
      this.#run.add(round)
      this.#failure = null
      if (!round.result.cancelled) await checks.look(round.result, round.cursorsOf)
    } catch (thrown) {
      const error = asAppError(thrown)
      if (error.code === 'bug') throw thrown
      // Another run has the mirror, or the source is away for a moment; what the rounds before did stands.
      if (this.#isCancelled) return
      this.#failure = `the sync could not be run again while waiting: ${error.message}`
      this.#options.onNote?.(this.#failure)
    }
  }

  async #end(verified: readonly VerifiedTarget[], waitedMs: number): Promise<VerifiedSync> {
    const result = await this.#run.end()
    const warnings = this.#failure === null ? result.warnings : [...result.warnings, this.#failure]
    const cancelled = result.cancelled || this.#isCancelled
    return { ...result, warnings, cancelled, verified, rounds: this.#run.rounds, waitedMs }
  }
}

/** Rejects as runSync does, and when the fossil cannot be read; whatever becomes of the check is in the result. */
export async function syncAndVerify(options: SyncAndVerifyOptions): Promise<VerifiedSync> {
  const { fossil, waitMs = 0 } = options
  const ofFossil = fossil === undefined ? null : await fossilRoot(fossil)
  return waitMs > 0 ? await new WaitingRun(options).run(ofFossil) : await syncOnce(options, ofFossil)
}
