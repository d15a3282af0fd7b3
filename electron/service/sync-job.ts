// A sync as a job: the engine's run with its progress, its rollovers and, where the owner wants it, the check of the newest
// root behind it. A pause ends the run at a checkpoint and a resume begins it again from the cursors.

import type { MirrorState } from '../../shared/model/mirror.ts'
import { exitStatusOf, verifiedStatusOf, type Rollover, type TargetResult } from '../../shared/model/run.ts'
import type { JobId, Problem, SyncJobView } from '../../shared/model/window.ts'
import { isErrorCode } from '../../shared/text/explain-error.ts'
import type { Core } from './core.ts'
import { greetTarget } from './greet.ts'
import type { JobChange, JobHandle, JobWork } from './jobs.ts'
import { knownMirror } from './known-mirror.ts'
import type { MirrorChanges } from './mirror-changes.ts'
import { preferencesOf, targetNameOf } from './mirror-preferences.ts'
import { sourcePathOf } from './mirror-source.ts'
import { problemOfCode, windowWords } from './problem.ts'
import { problemOfEnd } from './run-end.ts'
import { runSyncHere, runSyncInThread, type SyncAsked, type SyncDone, type SyncTold } from './sync-runner.ts'
import { TargetCopies } from './target-copies.ts'
import { namedNote, withoutDial } from './window-words.ts'

/** The end of a run waits no longer for the length of the way. */
const greetMs = 3000

type TimedRollover = Rollover & { readonly at: string }

export type SyncJob = {
  readonly mirror: MirrorState
  /** Null: all targets. */
  readonly dials: readonly string[] | null
  readonly verify: boolean
  readonly command: string
  /** The check after the sync begins. */
  readonly onVerifying?: () => void
  /** Came to its end by itself, whatever the result. */
  readonly onResult?: (result: NonNullable<SyncJobView['result']>) => Promise<void>
}

function problemOfTarget({ dial, error, errorCode }: TargetResult): Problem | null {
  if (error === null) return null
  const code = errorCode !== null && isErrorCode(errorCode) ? errorCode : 'connection-lost'
  return problemOfCode(code, withoutDial(dial, error))
}

function resultOf(result: SyncDone): NonNullable<SyncJobView['result']> {
  if (result.cancelled) return 'cancelled'
  const status = 'verified' in result ? verifiedStatusOf(result) : exitStatusOf(result)
  return status === 0 ? 'ok' : status === 1 ? 'failed' : 'attention'
}

class SyncWork {
  readonly #core: Core
  readonly #changes: MirrorChanges
  readonly #asked: SyncJob
  readonly #named: readonly { readonly dial: string; readonly name: string }[]
  readonly #copies: TargetCopies
  readonly #rollovers: TimedRollover[] = []
  /** Read of the source in the rounds before a pause, and in this one. */
  #readBefore = 0
  #read = 0
  #isVerifying = false

  constructor(core: Core, changes: MirrorChanges, asked: SyncJob) {
    this.#core = core
    this.#changes = changes
    this.#asked = asked
    const { mirror } = asked
    const dials = asked.dials ?? mirror.targets.map(({ dial }) => dial)
    this.#named = dials.map((dial) => ({ dial, name: targetNameOf(mirror, dial) }))
    this.#copies = new TargetCopies(this.#named, () => performance.now())
  }

  get fields() {
    const { mirror, command } = this.#asked
    return {
      kind: 'sync',
      mirror: mirror.name,
      command,
      stage: 'sync',
      targets: this.#copies.shown(null),
      bytesRead: 0,
      damage: mirror.damage.length,
      rollovers: [],
      verified: [],
      checking: null,
      result: null,
    } as const
  }

  readonly work: JobWork = async (job) => {
    const { name } = this.#asked.mirror
    this.#copies.beginRound()
    this.#readBefore += this.#read
    this.#read = 0
    job.update({ stage: 'sync', targets: this.#copies.shown(null), verified: [], checking: null, result: null })
    // A first copy that has begun is no longer called late.
    void this.#core.mirrorChanged(name)
    try {
      const result = await this.#run(job)
      this.#core.views.noteRun(
        name,
        result.targets.map((target) => ({ dial: target.dial, problem: problemOfTarget(target) })),
      )
      await this.#greetAgain(job, result)
      return await this.#last(job, result)
    } finally {
      await this.#changes.settle(name)
    }
  }

  async #run(job: JobHandle): Promise<SyncDone> {
    const { stateDir, environment, home, threadPath, machines, machineSession } = this.#core
    const { dials, verify } = this.#asked
    // As it is now: it may have been changed during a pause.
    const mirror = await knownMirror(stateDir, this.#asked.mirror.name)
    const { sourceVenti, sourceHttp } = preferencesOf(mirror)
    const asked: SyncAsked = {
      verify,
      home,
      mirrorName: mirror.name,
      options: {
        source: await sourcePathOf(mirror),
        targets: dials ?? mirror.targets.map(({ dial }) => dial),
        stateDir,
        environment,
        ...(sourceVenti ? { sourceVenti } : {}),
        ...(sourceHttp ? { sourceHttp } : {}),
      },
    }
    const tell = (told: SyncTold): void => this.#told(job, told)
    this.#isVerifying = false
    if (threadPath !== undefined) return await runSyncInThread(threadPath, asked, job.signal, tell, machineSession)
    const onAbort = (): void => machines.cancel()
    job.signal.addEventListener('abort', onAbort)
    try {
      return await runSyncHere(asked, job.signal, tell)
    } finally {
      job.signal.removeEventListener('abort', onAbort)
    }
  }

  #told(job: JobHandle, told: SyncTold): void {
    switch (told.kind) {
      case 'note':
        job.note(windowWords(namedNote(this.#named, told.line)))
        return
      case 'rollover':
        this.#rollovers.push(told.rollover)
        job.update({ rollovers: [...this.#rollovers] })
        return
      case 'verifying': {
        if (!this.#isVerifying) this.#asked.onVerifying?.()
        this.#isVerifying = true
        const { known, checked, faults } = told.snapshot
        job.update({ stage: 'verify', checking: { known, checked, faults } })
        return
      }
      case 'progress': {
        const { snapshot } = told
        this.#read = snapshot.bytesRead
        const bytesRead = this.#readBefore + this.#read
        job.update({ targets: this.#copies.shown(snapshot), bytesRead, damage: snapshot.damage })
      }
    }
  }

  async #last(job: JobHandle, result: SyncDone): Promise<JobChange> {
    for (const line of result.warnings) job.note(windowWords(namedNote(this.#named, line)))
    const came = resultOf(result)
    const verified = 'verified' in result ? result.verified : []
    if (came !== 'cancelled') await this.#asked.onResult?.(came)
    return {
      stage: verified.length > 0 ? 'verify' : 'sync',
      damage: result.damage.length,
      verified: verified.map(({ dial, ok, problem }) => {
        return { dial, ok, problem: problem === null ? null : windowWords(problem) }
      }),
      checking: null,
      problem: problemOfEnd(result, (dial) => targetNameOf(this.#asked.mirror, dial)),
      result: came,
    }
  }

  /** Of those that were away and came back nobody knows how long the way is. */
  async #greetAgain({ signal }: JobHandle, result: SyncDone): Promise<void> {
    const { environment, views } = this.#core
    const { name } = this.#asked.mirror
    const unknown = result.targets.filter(({ dial, ok }) => ok && views.needsGreeting(name, dial))
    const stop = AbortSignal.any([signal, AbortSignal.timeout(greetMs)])
    await Promise.all(
      unknown.map(async ({ dial }) => {
        try {
          const { roundTripMs, problem } = await greetTarget(dial, { environment, view: null, signal: stop })
          if (problem === null) views.noteGreeting(name, dial, { roundTripMs, problem })
        } catch {
          // It was reached a moment ago; the next look finds out.
        }
      }),
    )
  }
}

/** Begins it. One sync of a mirror at a time: the caller has looked. */
export function startSync(core: Core, changes: MirrorChanges, asked: SyncJob): JobId {
  const work = new SyncWork(core, changes, asked)
  return core.jobs.start(work.fields, work.work)
}
