// Where the demo plays: one folder with the source's image, a state folder, and venti servers on files of their own, all
// on 127.0.0.1 with ports the system chooses. Everything it opens is closed again by close().

import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { AppError } from '../../../shared/errors.ts'
import type { SyncResult, SyncSnapshot } from '../../../shared/model/run.ts'
import { runSync } from '../../engine/sync/job.ts'
import type { SyncOptions } from '../../engine/sync/prepare.ts'
import { createStore } from '../../engine/venti/server/create-store.ts'
import { startServer, type RunningServer } from '../../engine/venti/server/server.ts'
import type { CommandContext } from '../context.ts'
import { progressLines } from '../progress-lines.ts'

const mebibyte = 1024 * 1024
/** Eight arenas of 2 MiB and what stands before them: the targets roll over as well. */
const targetSizeBytes = 17 * mebibyte
const targetArenaBytes = 2 * mebibyte

export type Target = { readonly path: string; readonly dial: string; readonly server: RunningServer }

export class Stage {
  readonly folder: string
  readonly #context: CommandContext
  readonly #temporary: boolean
  readonly #servers: RunningServer[] = []

  constructor(folder: string, temporary: boolean, context: CommandContext) {
    this.folder = folder
    this.#temporary = temporary
    this.#context = context
  }

  get imagePath(): string {
    return join(this.folder, 'sample.img')
  }

  get stateDir(): string {
    return join(this.folder, 'state')
  }

  async target(name: string): Promise<Target> {
    const path = join(this.folder, `${name}.img`)
    await createStore(path, { sizeBytes: targetSizeBytes, arenaBytes: targetArenaBytes })
    const server = await startServer({ path, listen: { host: '127.0.0.1', port: 0 } })
    this.#servers.push(server)
    return { path, dial: server.dial, server }
  }

  /** The very call that "venti-mirror sync" makes. */
  async sync(target: Target, mirrorName: string, more: Partial<SyncOptions> = {}): Promise<SyncResult> {
    const { report, signal, environment } = this.#context
    const result = await runSync({
      source: this.imagePath,
      targets: [target.dial],
      stateDir: this.stateDir,
      mirrorName,
      environment,
      signal,
      onProgress: (snapshot: SyncSnapshot) => report.progress(progressLines(snapshot)),
      onNote: (line) => report.note(line),
      ...more,
    })
    report.clearProgress()
    this.#context.signal.throwIfAborted()
    return result
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map(async (server) => await server.close()))
    if (this.#temporary) await rm(this.folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** In `keep`, which must be empty or not there yet; else in a folder that goes away at the end. */
export async function openStage(keep: string | null, context: CommandContext): Promise<Stage> {
  if (keep === null) return new Stage(await mkdtemp(join(tmpdir(), 'venti-mirror-demo-')), true, context)
  const folder = resolve(keep)
  try {
    await mkdir(folder, { recursive: true })
    if ((await readdir(folder)).length === 0) return new Stage(folder, false, context)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new AppError('usage', `--keep ${keep}: cannot use this folder (${code})`, { cause: error })
  }
  throw new AppError('usage', `--keep ${keep}: the folder is not empty; name a new or an empty one`)
}
