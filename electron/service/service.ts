// The service: the contract on one side, the engine on the other. Puts the groups of handlers together, checks every request
// before a handler sees it, and turns whatever goes wrong into a problem. Runs in a worker as a rule (worker.ts).

import { isChannel, type Channel, type EventMessage, type Result } from '../../shared/contract.ts'
import { AppError, asAppError } from '../../shared/errors.ts'
import type { AppView, JobView, Settings } from '../../shared/model/window.ts'
import type { ServiceOptions } from './context.ts'
import type { Core } from './core.ts'
import type { Handlers } from './handlers.ts'
import { LoginMemory } from '../engine/ssh/login-memory.ts'
import { JobBook } from './jobs.ts'
import type { ServiceLink } from './link.ts'
import { MachineQuestions, type After } from './machine-questions.ts'
import { MirrorChanges } from './mirror-changes.ts'
import { mirrorHandlers } from './mirror-handlers.ts'
import { MirrorViews } from './mirror-views.ts'
import { placeHandlers } from './place-handlers.ts'
import { PlaceBook } from './places.ts'
import { problemOf } from './problem.ts'
import { Publisher } from './publish.ts'
import { RootBook } from './roots.ts'
import { SampleDays } from './sample-days.ts'
import { Sequence } from './sequence.ts'
import { readSettings, usualSettings, writeSettings } from './settings.ts'
import { Setup } from './setup.ts'
import { setupHandlers } from './setup-handlers.ts'
import { dropStaleLocks } from './stale-locks.ts'
import { Stores } from './stores.ts'
import { syncHandlers } from './sync-handlers.ts'
import { openMachines } from './thread-machines.ts'
import { checkedRequest } from './validate.ts'
import { verifyHandlers } from './verify-handlers.ts'
import { wrcmdHandlers } from './wrcmd-handlers.ts'

/** Asked for so often, other programs' mirrors are looked for anew. */
const lookAgainMs = 2000

export type CreateOptions = ServiceOptions & { readonly now?: () => Date; readonly after?: After }

class Service implements ServiceLink {
  readonly #core: Core
  readonly #setup: Setup
  readonly #publisher = new Publisher()
  readonly #sequence = new Sequence()
  readonly #handlers: Handlers
  readonly #closeVerify: () => Promise<void>
  readonly #questions: MachineQuestions
  readonly #ready: Promise<void>
  readonly #problems: string[] = []
  #settings: Settings = usualSettings
  #isReady = false
  #lookedMs = Number.NEGATIVE_INFINITY
  #closing: Promise<void> | null = null

  constructor({ now = () => new Date(), after, ...options }: CreateOptions) {
    const jobs = new JobBook(
      now,
      (view) => this.#onJob(view),
      (view) => {
        if (view.kind === 'sync') this.#mirrorChanged(view)
        this.#tellApp()
      },
    )
    const settings = (): Settings => this.#settings
    const [places, roots, stores] = [
      new PlaceBook(),
      new RootBook(),
      new Stores(options.stateDir, now, options.threadPath ?? null),
    ]
    this.#questions = new MachineQuestions({
      nextSequence: () => this.#sequence.next(),
      tell: (view) => this.#publisher.tell('machine.question', '', view),
      ...(after === undefined ? {} : { after }),
    })
    const machineSession = { questions: this.#questions, memory: new LoginMemory() }
    const machines = openMachines(options, machineSession)
    const sampleDays = new SampleDays(options.sampleDir)
    const base = { ...options, now, places, roots, sampleDays, jobs, publisher: this.#publisher, settings, stores }
    const changes = new MirrorChanges(options.stateDir)
    const sequence = this.#sequence
    const views = new MirrorViews({ ...base, sequence, withPending: (mirror) => changes.pendingOf(mirror) })
    const core: Core = {
      ...base,
      views,
      machines,
      machineSession,
      mirrorChanged: async (name) => await views.changed(name),
      tellApp: () => this.#tellApp(),
    }
    this.#core = core
    this.#setup = new Setup(core)
    const verify = verifyHandlers(core)
    this.#closeVerify = verify.close
    this.#handlers = {
      'app.view': async () => await Promise.resolve(this.#appView()),
      'machine.answer': async ({ id, answer }) => {
        await Promise.resolve(this.#questions.answer(id, answer))
        return null
      },
      'settings.change': async (change) => await this.#changeSettings(change),
      ...placeHandlers(core),
      ...wrcmdHandlers(core, this.#setup),
      ...setupHandlers(core, this.#setup, changes),
      ...mirrorHandlers(core, changes, this.#setup),
      ...syncHandlers(core, changes),
      ...verify.handlers,
    }
    this.#ready = this.#load()
  }

  async ask(channel: string, asked: unknown): Promise<Result<unknown>> {
    try {
      if (!isChannel(channel)) throw new AppError('usage', 'this is no request of the contract')
      if (this.#closing !== null) throw new AppError('cancelled', 'the program is ending')
      return { ok: true, value: await this.#answer(channel, asked) }
    } catch (thrown) {
      return { ok: false, problem: problemOf(thrown) }
    }
  }

  onEvent(told: (message: EventMessage) => void): () => void {
    return this.#publisher.onEvent(told)
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #answer(channel: Channel, asked: unknown): Promise<unknown> {
    const request = checkedRequest(channel, asked)
    if (channel !== 'machine.answer') await this.#until(channel)
    // The request was checked for this very channel.
    const handler = this.#handlers[channel] as (request: unknown) => Promise<unknown>
    return await handler(request)
  }

  /** A page that has to answer a question before everything is read must be shown it. */
  async #until(channel: Channel): Promise<void> {
    if (channel !== 'app.view') await this.#ready
    else await Promise.race([this.#ready, this.#questions.whenOpen()])
    if (this.#isReady) return
    void this.#ready.then(() => this.#tellApp())
  }

  /** Never rejects: what cannot be read is a problem that app.view tells. */
  async #load(): Promise<void> {
    try {
      const { stateDir, now, stores, views, isRestart = false } = this.#core
      if (isRestart) await dropStaleLocks(stateDir)
      const { settings, problems } = await readSettings(stateDir, now())
      this.#settings = settings
      this.#problems.push(...problems)
      await stores.load(isRestart)
      this.#problems.push(...(await this.#setup.load()))
      await views.load()
    } catch (thrown) {
      this.#problems.push(problemOf(asAppError(thrown)).happened)
    }
    this.#isReady = true
  }

  async #close(): Promise<void> {
    this.#questions.close()
    this.#core.machines.cancel()
    await this.#ready
    // Pages see how the jobs come to their checkpoints.
    await this.#core.jobs.close()
    await this.#closeVerify()
    await this.#core.stores.close()
    await this.#core.machines.close()
    this.#publisher.close()
  }

  #appView(): AppView {
    const { views, jobs, version, stateDir, stores } = this.#core
    this.#lookForOthers()
    return {
      sequence: this.#sequence.next(),
      version,
      platform: process.platform,
      dataFolder: stateDir,
      mirrors: views.all,
      jobs: jobs.views,
      setup: this.#setup.draft,
      settings: this.#settings,
      question: this.#questions.view,
      problems: [...this.#problems, ...views.problems, ...stores.problems],
    }
  }

  /** Nobody waits for it: what is found is told. */
  #lookForOthers(): void {
    if (performance.now() - this.#lookedMs < lookAgainMs) return
    this.#lookedMs = performance.now()
    void this.#core.views.lookForOthers().then(
      (found) => found && this.#tellApp(),
      () => undefined,
    )
  }

  async #changeSettings(change: Partial<Settings>): Promise<Settings> {
    const settings = { ...this.#settings, ...change }
    await writeSettings(this.#core.stateDir, settings)
    this.#settings = settings
    this.#publisher.tell('settings.view', '', settings)
    if (change.lateAfterHours !== undefined) await this.#core.views.allChanged()
    return settings
  }

  #onJob(view: JobView): void {
    this.#publisher.tell('job.view', view.id, view)
    if (view.kind === 'sync' && view.state === 'paused') this.#mirrorChanged(view)
  }

  #mirrorChanged({ mirror }: JobView): void {
    if (mirror !== null) void this.#core.views.changed(mirror)
  }

  #tellApp(): void {
    this.#publisher.tell('app.changed', '', { sequence: this.#sequence.next() })
  }
}

export function createService(options: CreateOptions): ServiceLink {
  return new Service(options)
}
