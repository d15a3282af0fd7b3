// The source during a verification: opened anew for each look, because a live one grows; and its own server, which may
// have blocks that its arenas do not have yet.

import { asAppError } from '../../../shared/errors.ts'
import { openSourceView, type SourceView } from '../sync/source-view.ts'
import { refuseSourceServer } from '../sync/same-server.ts'
import type { VentiClient } from '../venti/client/client.ts'
import { parseDial, type Dial, type Environment } from '../venti/client/dial.ts'
import { faultKind } from './block-reader.ts'
import { explainFaults, targetCursors, type Explained, type KnownTarget } from './explain-missing.ts'
import type { Fault } from './faults.ts'
import { repairBlocks, type Repaired } from './repair.ts'
import { openTarget, type TargetStore } from './target-store.ts'

export type VerifySourceOptions = {
  readonly spec: string
  /** The venti that serves the source: asked to flush, and for blocks that are nowhere in the arenas. */
  readonly sourceVenti: string | null
  readonly stateDir: string | null
  readonly environment: Environment
  readonly signal?: AbortSignal | undefined
}

export class VerifySource {
  readonly #options: VerifySourceOptions
  readonly #dial: Dial
  readonly #warn: (line: string) => void
  readonly #server: Dial | null
  readonly #allowed = new WeakSet<VentiClient>()
  mirrorName: string | null = null

  constructor(options: VerifySourceOptions, dial: Dial, warn: (line: string) => void) {
    this.#options = options
    this.#dial = dial
    this.#warn = warn
    this.#server = options.sourceVenti === null ? null : parseDial(options.sourceVenti, options.environment)
  }

  get hasServer(): boolean {
    return this.#server !== null
  }

  /** Rejects with target-is-source. */
  async refuseItsServer(target: TargetStore): Promise<void> {
    await this.#withView(async (view) => await this.#guard(view, await target.client()))
  }

  /** What became of each fault; nothing is sent unless `repair`. */
  async look(target: TargetStore, faults: readonly Fault[], repair: boolean): Promise<readonly Repaired[]> {
    const server = await this.#openServer()
    try {
      return await this.#withView(async (view) => {
        const known: KnownTarget = await targetCursors(view, this.#dial, this.#options.stateDir)
        this.mirrorName = known.mirrorName
        if (known.warning !== null) this.#warn(known.warning)
        const { signal } = this.#options
        const ask = server === null ? null : async (fault: Fault) => await has(server, fault)
        const explained: readonly Explained[] = await explainFaults(view, faults, known.cursors, { ask, signal })
        if (!repair) return explained.map((one) => ({ explained: one, repaired: false, bytes: 0 }))
        return await repairBlocks(target, view, explained, async (client) => await this.#guard(view, client))
      })
    } finally {
      await server?.close()
    }
  }

  async #guard(view: SourceView, client: VentiClient): Promise<void> {
    if (this.#allowed.has(client)) return
    const { sourceVenti, environment } = this.#options
    const own = sourceVenti === null ? {} : { sourceVenti }
    await refuseSourceServer(view, client, this.#dial.text, { ...own, environment })
    this.#allowed.add(client)
  }

  async #withView<T>(work: (view: SourceView) => Promise<T>): Promise<T> {
    const view = await openSourceView(this.#options.spec)
    try {
      return await work(view)
    } finally {
      await view.close()
    }
  }

  /** Asked to flush at once: the arenas are read after that. */
  async #openServer(): Promise<TargetStore | null> {
    if (this.#server === null) return null
    let store: TargetStore | null = null
    try {
      store = await openTarget(this.#server, { signal: this.#options.signal })
      await (await store.client()).sync()
      return store
    } catch (thrown) {
      await store?.close()
      this.#warn(`the source's own server could not be asked: ${asAppError(thrown).message}`)
      return null
    }
  }
}

async function has(server: TargetStore, { score, type }: Fault): Promise<boolean | null> {
  try {
    await server.read(score, type)
    return true
  } catch (thrown) {
    return faultKind(asAppError(thrown)) === 'missing' ? false : null
  }
}
