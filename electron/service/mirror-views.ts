// The pictures of all mirrors: made anew when something changed, kept for whoever asks, told to whoever listens. One at a time
// of each mirror, so that an older picture never comes after a newer one.

import { asAppError } from '../../shared/errors.ts'
import type { MirrorState } from '../../shared/model/mirror.ts'
import type { MirrorView, Problem, Settings } from '../../shared/model/window.ts'
import { listMirrors } from '../engine/state/mirror-file.ts'
import type { ServiceContext } from './context.ts'
import { makeMirrorView, type Greeting } from './mirror-view.ts'
import { NewestRoots } from './newest-root.ts'
import { problemOf } from './problem.ts'
import type { SampleDays } from './sample-days.ts'
import type { Sequence } from './sequence.ts'
import type { Stores } from './stores.ts'

export type ViewOptions = Omit<ServiceContext, 'mirrorChanged'> & {
  readonly settings: () => Settings
  readonly stores: Stores
  readonly sampleDays: SampleDays
  readonly sequence: Sequence
  /** Changes that wait for the end of a job of the mirror. */
  readonly withPending: (mirror: MirrorState) => MirrorState
}

/** How long app.view waits for the first pictures: a source may lie on a disk that does not answer. */
const firstPatienceMs = 3000

export class MirrorViews {
  readonly #options: ViewOptions
  readonly #newestRoots = new NewestRoots()
  readonly #views = new Map<string, MirrorView>()
  /** By mirror and dial string: what greeting a target came to, in this session. */
  readonly #greetings = new Map<string, Map<string, Greeting>>()
  /** By mirror and dial string: why the last run did not bring a target up to date. */
  readonly #failures = new Map<string, Map<string, Problem>>()
  readonly #making = new Map<string, Promise<void>>()
  #problems: readonly string[] = []

  constructor(options: ViewOptions) {
    this.#options = options
  }

  /** Of the state folder. */
  get problems(): readonly string[] {
    return this.#problems
  }

  get all(): readonly MirrorView[] {
    return [...this.#views.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }

  of(name: string): MirrorView | null {
    return this.#views.get(name) ?? null
  }

  /** First pictures, as far as they come in time; the others are told when they do. Never rejects. */
  async load(): Promise<void> {
    const names = await this.#names()
    const made = Promise.all(names.map(async (name) => await this.changed(name)))
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, firstPatienceMs)
    })
    await Promise.race([made, late])
    clearTimeout(timer)
  }

  /** Also mirrors that the command line made or removed meanwhile. True when some came or went. */
  async lookForOthers(): Promise<boolean> {
    const names = new Set(await this.#names())
    const gone = [...this.#views.keys()].filter((name) => !names.has(name))
    for (const name of gone) this.forget(name)
    const fresh = [...names].filter((name) => !this.#views.has(name))
    await Promise.all(fresh.map(async (name) => await this.changed(name)))
    return gone.length > 0 || fresh.length > 0
  }

  noteGreetings(name: string, greetings: ReadonlyMap<string, Greeting>): void {
    this.#greetings.set(name, new Map(greetings))
  }

  noteGreeting(name: string, dial: string, greeting: Greeting): void {
    this.#greetings.set(name, new Map(this.#greetings.get(name)).set(dial, greeting))
  }

  /** It is reachable, as far as is known, and how long the way is was not measured since. */
  needsGreeting(name: string, dial: string): boolean {
    return (this.#greetings.get(name)?.get(dial)?.roundTripMs ?? null) === null
  }

  /** Of the targets of a run: those that came to their end are known to be reachable. */
  noteRun(name: string, targets: readonly { readonly dial: string; readonly problem: Problem | null }[]): void {
    const failures = this.#failures.get(name) ?? new Map<string, Problem>()
    const greetings = new Map(this.#greetings.get(name) ?? [])
    for (const { dial, problem } of targets) {
      if (problem === null) failures.delete(dial)
      else failures.set(dial, problem)
      const roundTripMs = greetings.get(dial)?.roundTripMs ?? null
      if (problem === null) greetings.set(dial, { roundTripMs, problem: null })
      else if (isUnreachable(problem)) greetings.set(dial, { roundTripMs: null, problem })
    }
    this.#failures.set(name, failures)
    this.#greetings.set(name, greetings)
  }

  forget(name: string): void {
    this.#views.delete(name)
    this.#greetings.delete(name)
    this.#failures.delete(name)
    this.#newestRoots.forget(name)
  }

  /** Never rejects. */
  async changed(name: string): Promise<void> {
    const before = this.#making.get(name) ?? Promise.resolve()
    const making = before.then(async () => await this.#make(name)).catch(() => undefined)
    this.#making.set(name, making)
    await making
    if (this.#making.get(name) === making) this.#making.delete(name)
  }

  /** Of all: the settings say what is late. */
  async allChanged(): Promise<void> {
    await Promise.all([...this.#views.keys()].map(async (name) => await this.changed(name)))
  }

  async #make(name: string): Promise<void> {
    const { stateDir, publisher, sequence, withPending } = this.#options
    const { mirrors } = await listMirrors(stateDir)
    const mirror = mirrors.find((one) => one.name === name)
    if (mirror === undefined) {
      this.forget(name)
      return
    }
    const view = await makeMirrorView(withPending(mirror), {
      ...this.#options,
      newestRoots: this.#newestRoots,
      greetings: this.#greetings.get(name) ?? new Map(),
      failures: this.#failures.get(name) ?? new Map(),
      before: this.#views.get(name) ?? null,
    })
    const told = { ...view, sequence: sequence.next() }
    this.#views.set(name, told)
    publisher.tell('mirror.view', name, told)
  }

  async #names(): Promise<readonly string[]> {
    try {
      const { mirrors, problems } = await listMirrors(this.#options.stateDir)
      this.#problems = problems
      return mirrors.map(({ name }) => name)
    } catch (thrown) {
      this.#problems = [problemOf(asAppError(thrown)).happened]
      return []
    }
  }
}

function isUnreachable({ code }: Problem): boolean {
  return ['connect-failed', 'connect-timeout', 'connection-lost', 'reply-timeout', 'handshake'].includes(code)
}
