// Embedded servers in folders of this computer, served on 127.0.0.1 while the service runs. stores.json keeps which folder
// has which port, so that the dial string in a mirror's state means the same store tomorrow. One is forgotten when no mirror
// uses it any more; its file is never deleted.

import { readFile, stat, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError, asAppError } from '../../shared/errors.ts'
import type { LocalStore } from '../../shared/model/window.ts'
import { errnoOf } from '../engine/errno.ts'
import { writeAtomically } from '../engine/state/atomic-write.ts'
import { dropOwnLock } from '../engine/state/file-lock.ts'
import { setAside } from '../engine/state/mirror-file.ts'
import { createStore, resolveStorePath } from '../engine/venti/server/create-store.ts'
import { ensureFolder } from './folder-listing.ts'
import { serveHere, serveInThread, storeHost, type ServedStore } from './store-runner.ts'

export const storeFileName = 'venti-mirror-store.img'

/** Below the ports that systems give out by themselves, above those that services are known by. */
const firstPort = 20_000
const lastPort = 29_999
const portTries = 50
const mebibyte = 1024 * 1024
const largestArenaBytes = 512 * mebibyte
const longestStoreRoomMs = 3000

const savedStore = z.object({
  folder: z.string().min(1),
  file: z.string().min(1),
  port: z.int().min(1).max(65_535),
})
const savedStores = z.object({ schema: z.literal(1), stores: z.array(savedStore).max(64) })
type SavedStore = z.infer<typeof savedStore>

type Entry = SavedStore & { server: ServedStore | null; problem: string | null; sizeBytes: number }

const dialOf = ({ port }: SavedStore): string => `tcp!${storeHost}!${port}`

/** Small stores get small arenas, so that sealing starts before the end. */
function arenaBytesFor(sizeBytes: number): number {
  return Math.max(mebibyte, Math.min(largestArenaBytes, Math.floor(sizeBytes / 4 / mebibyte) * mebibyte))
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, storeHost, () => server.close(() => resolve(true)))
  })
}

export class Stores {
  readonly #path: string
  readonly #now: () => Date
  /** Of the program whose threads serve the stores; null: this thread does. */
  readonly #threadPath: string | null
  readonly #entries: Entry[] = []
  readonly #problems: string[] = []
  #changing: Promise<void> = Promise.resolve()

  constructor(stateDir: string, now: () => Date, threadPath: string | null) {
    this.#path = join(stateDir, 'stores.json')
    this.#now = now
    this.#threadPath = threadPath
  }

  /** Of stores.json and of stores that cannot be served. */
  get problems(): readonly string[] {
    return [...this.#problems, ...this.#entries.flatMap(({ problem }) => (problem === null ? [] : [problem]))]
  }

  /** Serves all of them. `isRestart`: locks of this process on them are nobody's. Never rejects. */
  async load(isRestart: boolean): Promise<void> {
    const saved = await this.#read()
    if (isRestart) for (const { file } of saved) await dropOwnLock(file)
    this.#entries.push(...saved.map((one) => ({ ...one, server: null, problem: null, sizeBytes: 0 })))
    await Promise.all(this.#entries.map(async (entry) => await this.#serve(entry).catch(() => undefined)))
  }

  storeOf(dial: string): LocalStore | null {
    const entry = this.#entries.find((one) => dialOf(one) === dial)
    if (entry === undefined) return null
    return { folder: entry.folder, dial, isServed: entry.server !== null, sizeBytes: entry.sizeBytes }
  }

  /** Tries again to serve those that could not be. Never rejects. */
  async retry(): Promise<void> {
    const down = this.#entries.filter(({ server }) => server === null)
    await this.#inTurn(async () => {
      for (const entry of down) if (entry.server === null) await this.#serve(entry).catch(() => undefined)
    })
  }

  /**
   * The store of a folder: the one that is there, else a new one of that size. Rejects with extract-write (the folder),
   * with what making or opening a store does, or with listen-failed.
   */
  async add(folder: string, sizeBytes: number): Promise<LocalStore> {
    return await this.#inTurn(async () => {
      await ensureFolder(folder)
      const file = await resolveStorePath(join(folder, storeFileName))
      const known = this.#entries.find((one) => one.file === file)
      if (known !== undefined) {
        if (known.server === null) await this.#serve(known)
        return this.storeOf(dialOf(known)) as LocalStore
      }
      await makeStore(file, sizeBytes)
      const entry: Entry = { folder, file, port: await this.#freePort(), server: null, problem: null, sizeBytes: 0 }
      await this.#serve(entry)
      this.#entries.push(entry)
      try {
        await this.#save()
      } catch (error) {
        this.#entries.splice(this.#entries.indexOf(entry), 1)
        await entry.server?.close()
        throw error
      }
      return this.storeOf(dialOf(entry)) as LocalStore
    })
  }

  /** Forgets those that none of these dial strings means. */
  async keepOnly(dials: ReadonlySet<string>): Promise<void> {
    await this.#inTurn(async () => {
      const gone = this.#entries.filter((entry) => !dials.has(dialOf(entry)))
      if (gone.length === 0) return
      for (const entry of gone) {
        this.#entries.splice(this.#entries.indexOf(entry), 1)
        await entry.server?.close()
      }
      await this.#save()
    })
  }

  /** Flushes and ends all of them. */
  async close(): Promise<void> {
    await this.#changing
    await Promise.all(this.#entries.map(async ({ server }) => await server?.close()))
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(work)
    this.#changing = done.then(
      () => undefined,
      () => undefined,
    )
    return await done
  }

  async #serve(entry: Entry): Promise<void> {
    try {
      entry.server = await this.#start(entry)
      entry.problem = null
      entry.sizeBytes = entry.server.sizeBytes
    } catch (error) {
      entry.problem = `the store in ${entry.folder} cannot be served: ${asAppError(error).message}`
      throw error
    }
  }

  async #start(entry: Entry): Promise<ServedStore> {
    if (this.#threadPath === null) return await serveHere(entry)
    const { file, port } = entry
    return await serveInThread(this.#threadPath, { file, port }, () => {
      entry.server = null
      entry.problem = `the store in ${entry.folder} ended unexpectedly; the next sync starts it again`
    })
  }

  async #freePort(): Promise<number> {
    const taken = new Set(this.#entries.map(({ port }) => port))
    for (let tries = 0; tries < portTries; tries++) {
      const port = firstPort + Math.floor(Math.random() * (lastPort - firstPort + 1))
      if (!taken.has(port) && (await isFree(port))) return port
    }
    throw new AppError('listen-failed', `no free port was found on ${storeHost} between ${firstPort} and ${lastPort}`)
  }

  async #read(): Promise<readonly SavedStore[]> {
    let text: string
    try {
      text = await readFile(this.#path, 'utf8')
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') this.#problems.push(`${this.#path} cannot be read (${errnoOf(error)})`)
      return []
    }
    try {
      return savedStores.parse(JSON.parse(text)).stores
    } catch {
      const kept = await setAside(this.#path, this.#now()).catch(() => this.#path)
      this.#problems.push(`${this.#path} could not be understood; it is kept as ${kept}. Its stores are not served`)
      return []
    }
  }

  async #save(): Promise<void> {
    const stores = this.#entries.map(({ folder, file, port }): SavedStore => ({ folder, file, port }))
    await writeAtomically(this.#path, `${JSON.stringify({ schema: 1, stores }, null, 1)}\n`)
  }
}

async function makeStore(file: string, sizeBytes: number): Promise<void> {
  const isThere = await stat(file).then(
    () => true,
    () => false,
  )
  if (isThere) return
  await createStore(file, { sizeBytes, arenaBytes: arenaBytesFor(sizeBytes) })
}

/** Bytes that the disk below a folder has free; null where the system does not tell, or not soon. */
export async function freeRoomOf(folder: string): Promise<number | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), longestStoreRoomMs)
  })
  const asked = statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => null,
  )
  const found = await Promise.race([asked, late])
  clearTimeout(timer)
  return found
}
