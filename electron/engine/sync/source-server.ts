// The source's own server: asked to bring its newest blocks to disk before the arenas are read, and, where its status pages
// can be reached, asked what it has written, so that blocks which are still only in its memory are counted and named
// instead of being missed in silence.

import { AppError, asAppError, cancelledError } from '../../../shared/errors.ts'
import type { SourceServerResult } from '../../../shared/model/bookkeeping.ts'
import { connectVenti } from '../venti/client/client.ts'
import { parseDial, type Environment } from '../venti/client/dial.ts'
import { surveyArena } from '../venti/arena/survey.ts'
import { viewArena, type ArenaView, type SourceView } from './source-view.ts'
import { parseIndex, parseXindex, type WrittenArena } from './status-pages.ts'
import { fetchPage, parseStatusAddress, requestFlush, type StatusAddress } from './status-server.ts'

export type SourceServerOptions = {
  /** The source's own server: synced before its arenas are read, and refused as a target. */
  readonly sourceVenti?: string
  /** Its status pages: HOST:PORT. */
  readonly sourceHttp?: string
  /** Ask for a flush over the status pages, too, when blocks are still only in memory. */
  readonly flushSource?: boolean
  /** How long to wait, after asking, for the blocks to appear on the disk. Default 30 s. */
  readonly flushWaitMs?: number
  readonly environment: Environment
  readonly signal?: AbortSignal
  readonly onNote?: (line: string) => void
}

type Count = {
  readonly arenas: SourceServerResult['arenas']
  readonly onlyInMemory: number
}

const defaultWaitMs = 30_000
const pollMs = 500
const ventiTimeoutMs = 5000

async function askWritten(address: StatusAddress, signal?: AbortSignal): Promise<readonly WrittenArena[]> {
  let first: AppError | null = null
  for (const [page, parse] of [
    ['xindex', parseXindex],
    ['index', parseIndex],
  ] as const) {
    try {
      const arenas = parse(await fetchPage(address, page, signal))
      if (arenas !== null) return arenas
    } catch (error) {
      // Old servers have no /xindex; one that cannot be reached at all is not asked twice.
      if (signal?.aborted === true) throw error
      first ??= asAppError(error)
    }
  }
  throw first ?? new AppError('protocol', `${address.text}: neither /xindex nor /index is a page of a venti`)
}

/** Clumps of an arena that are on the disk: what the tail counts, and what can be read behind it. */
async function onDisk(view: ArenaView, atLeast: number): Promise<number> {
  const counted = view.arena?.counted?.clumps ?? 0
  if (counted >= atLeast || view.arena === null) return counted
  return Math.max(counted, (await surveyArena(view.partition, view.entry, { check: false })).clumps)
}

function arenaWords(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
}

class SourceServer {
  readonly #options: SourceServerOptions
  readonly #warnings: string[]
  readonly #address: StatusAddress | null
  readonly #said = new Set<string>()

  constructor(options: SourceServerOptions, warnings: string[]) {
    this.#options = options
    this.#warnings = warnings
    this.#address = options.sourceHttp === undefined ? null : parseStatusAddress(options.sourceHttp)
  }

  #warn(line: string): void {
    if (this.#said.has(line)) return
    this.#said.add(line)
    this.#warnings.push(line)
  }

  /** True when it acknowledged. */
  async sync(): Promise<boolean> {
    const { sourceVenti, environment, signal } = this.#options
    if (sourceVenti === undefined) return false
    try {
      const client = await connectVenti(parseDial(sourceVenti, environment), {
        connectTimeoutMs: ventiTimeoutMs,
        signal,
      })
      try {
        await client.sync()
      } finally {
        await client.close()
      }
      return true
    } catch (error) {
      const { message } = asAppError(error)
      this.#warn(
        `the source's own server ${sourceVenti} could not be asked to flush (${message}); its newest blocks may not be on disk yet`,
      )
      return false
    }
  }

  async #flush(): Promise<boolean> {
    if (this.#address === null) return false
    try {
      await requestFlush(this.#address, this.#options.signal)
      return true
    } catch (error) {
      this.#warn(`the source's own server could not be asked to flush: ${asAppError(error).message}`)
      return false
    }
  }

  /** What the server has written against what is on the disk; null when it could not be asked. */
  async #count(view: SourceView): Promise<Count | null> {
    const address = this.#address
    if (address === null) return null
    let written: readonly WrittenArena[]
    try {
      written = await askWritten(address, this.#options.signal)
    } catch (error) {
      const { message } = asAppError(error)
      this.#warn(
        `the status pages of the source's own server could not be read (${message}); nobody knows whether blocks are still only in its memory`,
      )
      return null
    }
    const elsewhere: string[] = []
    const others: string[] = []
    const arenas: { name: string; serverClumps: number; diskClumps: number }[] = []
    for (const one of written) {
      const here = view.byName.get(one.name)
      if (here === undefined) {
        if (one.clumps > 0) others.push(one.name)
      } else if (here.entry.start + here.partition.header.blockSize !== one.dataBase) elsewhere.push(one.name)
      else {
        // A tail read before the question may be older than the answer: it is read again.
        const fresh = await viewArena(here.partition, here.entry, here.ordinal)
        arenas.push({ name: one.name, serverClumps: one.clumps, diskClumps: await onDisk(fresh, one.clumps) })
      }
    }
    if (arenas.length === 0 || elsewhere.length > 0) {
      this.#warn(
        `the server at ${address.text} serves another partition: ${elsewhere.length > 0 ? `${arenaWords(elsewhere)} stand elsewhere there` : 'it has none of these arenas'}. Its counters were not used`,
      )
      return null
    }
    const fewer = arenas.filter((one) => one.serverClumps < one.diskClumps).map(({ name }) => name)
    if (fewer.length > 0) {
      this.#warn(
        `the server at ${address.text} counts fewer blocks in ${arenaWords(fewer)} than are on this disk: is it the server of this source?`,
      )
    }
    if (others.length > 0) {
      this.#warn(
        `the server at ${address.text} also stores into ${arenaWords(others)}, which this source does not have: their blocks are not mirrored by this run`,
      )
    }
    const onlyInMemory = arenas.reduce((sum, one) => sum + Math.max(0, one.serverClumps - one.diskClumps), 0)
    return { arenas: arenas.filter((one) => one.serverClumps > 0 || one.diskClumps > 0), onlyInMemory }
  }

  /** Before the arenas are read. The view that comes back is the one to copy from. */
  async bringToDisk(
    open: () => Promise<SourceView>,
    mayFlush: boolean,
  ): Promise<{ readonly view: SourceView; readonly server: SourceServerResult }> {
    const { sourceVenti, flushSource, flushWaitMs, signal, onNote } = this.#options
    const base = { dial: sourceVenti ?? null, http: this.#address?.text ?? null }
    const none = { foundInMemory: null, arenas: [], onlyInMemory: null, flushed: false, waitedMs: 0 }
    if (this.#address === null) {
      const synced = await this.sync()
      return { view: await open(), server: { ...base, ...none, synced } }
    }
    let view = await open()
    try {
      const found = await this.#count(view)
      if (found !== null && found.onlyInMemory > 0)
        onNote?.(`${found.onlyInMemory} blocks are still only in the memory of the source's own server`)
      const synced = await this.sync()
      let count = found === null ? null : synced ? await this.#count(view) : found
      const began = performance.now()
      let flushed = false
      if (count !== null && count.onlyInMemory > 0 && flushSource === true && mayFlush) {
        onNote?.(`asking ${this.#address.text} to write them to disk`)
        flushed = await this.#flush()
        count = await this.#count(view)
      }
      if ((synced || flushed) && count !== null && count.onlyInMemory > 0) {
        // What it had when it was asked: a busy server always has something newer in memory.
        count = await this.#wait(view, count, flushWaitMs ?? defaultWaitMs)
      }
      const waitedMs = flushed || (found?.onlyInMemory ?? 0) > 0 ? Math.round(performance.now() - began) : 0
      if (signal?.aborted === true) throw cancelledError()
      if (count !== null && count.onlyInMemory > 0) this.#warn(this.#leftInMemory(count, synced, flushed))
      if (synced || flushed) {
        await view.close()
        view = await open()
      }
      return {
        view,
        server: {
          ...base,
          synced,
          arenas: count?.arenas ?? [],
          foundInMemory: found?.onlyInMemory ?? null,
          onlyInMemory: count?.onlyInMemory ?? null,
          flushed,
          waitedMs,
        },
      }
    } catch (error) {
      await view.close()
      throw error
    }
  }

  async #wait(view: SourceView, asked: Count, waitMs: number): Promise<Count | null> {
    const { signal } = this.#options
    const until = performance.now() + waitMs
    for (;;) {
      const count = await this.#count(view)
      if (count === null) return null
      const late = asked.arenas.some(({ name, serverClumps }) => {
        const now = count.arenas.find((one) => one.name === name)
        return now === undefined || now.diskClumps < serverClumps
      })
      const left = until - performance.now()
      if (!late || left <= 0 || signal?.aborted === true) return count
      await new Promise<void>((resolve) => setTimeout(resolve, Math.min(pollMs, left)))
    }
  }

  #leftInMemory({ onlyInMemory }: Count, synced: boolean, flushed: boolean): string {
    const { sourceVenti, flushSource } = this.#options
    const blocks = onlyInMemory === 1 ? '1 block is' : `${onlyInMemory} blocks are`
    const next = flushed
      ? 'run the sync again in a few minutes'
      : flushSource === true
        ? 'a flush is asked for when the sync itself runs'
        : `add ${sourceVenti === undefined ? '--source-venti DIAL or ' : ''}--flush-source, or run the sync again in a few minutes`
    return `${blocks} still only in the memory of the source's own server${synced || flushed ? ', though it was asked to write' : ''}, and cannot be sent yet: ${next}`
  }
}

/**
 * Opens the source, after its own server was asked what the options allow. `server` is null when there is none to ask.
 * `mayFlush` false (a dry run) only asks and syncs. Throws `usage` for an address that is none.
 */
export async function openBehindServer(
  options: SourceServerOptions,
  open: () => Promise<SourceView>,
  mayFlush: boolean,
  warnings: string[],
): Promise<{ readonly view: SourceView; readonly server: SourceServerResult | null }> {
  if (options.sourceVenti === undefined && options.sourceHttp === undefined) return { view: await open(), server: null }
  return await new SourceServer(options, warnings).bringToDisk(open, mayFlush)
}
