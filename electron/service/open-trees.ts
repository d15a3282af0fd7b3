// Archives that the window looks into, each with a connection to its target: opened when first asked for, kept while they
// are used and a little longer, and never more than a few.

import { asAppError, cancelledError, type ErrorCode } from '../../shared/errors.ts'
import type { RootScore } from '../../shared/model/score.ts'
import { openTree, type VacTree } from '../engine/vac/tree.ts'
import { parseDial, type Environment } from '../engine/venti/client/dial.ts'
import { openTarget, type TargetStore } from '../engine/verify/target-store.ts'
import { DirectoryListings } from './directory-listing.ts'

export type OpenTree = {
  readonly store: TargetStore
  readonly tree: VacTree
  readonly listings: DirectoryListings
}

export type OpenTreesOptions = {
  readonly environment: Environment
  /** After the last use. Default two minutes. */
  readonly idleMs?: number
  /** More at a time only while all are in use. Default 3. */
  readonly maxOpen?: number
}

/** What these say is true of the archive; everything else of the connection, which is made anew the next time. */
const codesOfTheTree: ReadonlySet<ErrorCode> = new Set([
  'block-missing',
  'block-corrupt',
  'bad-tree',
  'no-such-path',
  'usage',
])

class Entry {
  readonly opening: Promise<OpenTree>
  readonly #stop = new AbortController()
  users = 0
  #timer: NodeJS.Timeout | null = null

  constructor(root: RootScore, dial: string, environment: Environment) {
    this.opening = this.#open(root, dial, environment)
    // Whoever uses it is told.
    this.opening.catch(() => undefined)
  }

  async #open(root: RootScore, dial: string, environment: Environment): Promise<OpenTree> {
    const { signal } = this.#stop
    const store = await openTarget(parseDial(dial, environment), { signal })
    try {
      const tree = await openTree(store, root, { signal })
      return { store, tree, listings: new DirectoryListings(tree) }
    } catch (error) {
      await store.close()
      throw error
    }
  }

  endAfter(idleMs: number, end: () => void): void {
    this.#timer = setTimeout(end, idleMs)
    this.#timer.unref()
  }

  keep(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  async end(): Promise<void> {
    this.keep()
    this.#stop.abort()
    const open = await this.opening.catch(() => null)
    await open?.store.close()
  }
}

export class OpenTrees {
  readonly #environment: Environment
  readonly #idleMs: number
  readonly #maxOpen: number
  /** The one used last stands last. */
  readonly #entries = new Map<string, Entry>()
  readonly #ending = new Set<Promise<void>>()
  #closed = false

  constructor({ environment, idleMs = 120_000, maxOpen = 3 }: OpenTreesOptions) {
    this.#environment = environment
    this.#idleMs = idleMs
    this.#maxOpen = maxOpen
  }

  /** Connections kept at the moment. */
  get open(): number {
    return this.#entries.size
  }

  /** Rejects with what connecting and opening a tree reject with, and with whatever `work` does. */
  async use<T>(root: RootScore, dial: string, work: (open: OpenTree) => Promise<T>): Promise<T> {
    if (this.#closed) throw cancelledError()
    const key = `${root} ${dial}`
    const entry = this.#entries.get(key) ?? new Entry(root, dial, this.#environment)
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    entry.users++
    entry.keep()
    this.#endOldest()
    let isGood = false
    try {
      const open = await entry.opening
      isGood = open.tree.rootFile.problem === null
      return await work(open)
    } catch (error) {
      isGood &&= codesOfTheTree.has(asAppError(error).code)
      throw error
    } finally {
      entry.users--
      if (!isGood && this.#entries.get(key) === entry) this.#entries.delete(key)
      this.#released(key, entry)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const [key, entry] of this.#entries) this.#end(key, entry)
    await Promise.all(this.#ending)
  }

  #released(key: string, entry: Entry): void {
    if (entry.users > 0) return
    if (this.#entries.get(key) !== entry) this.#end(key, entry)
    else entry.endAfter(this.#idleMs, () => this.#end(key, entry))
    this.#endOldest()
  }

  #endOldest(): void {
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= this.#maxOpen) return
      if (entry.users === 0) this.#end(key, entry)
    }
  }

  #end(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key)
    const ending = entry.end().finally(() => this.#ending.delete(ending))
    this.#ending.add(ending)
  }
}
