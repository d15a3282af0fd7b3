// venti-mirror serve: an embedded venti server on an arena partition file, made if it does not exist. Runs until the signal
// fires, then closes in order: answers, flush, lock. A second server on the same file is refused by the store's lock.

import { stat } from 'node:fs/promises'
import { AppError } from '../../../shared/errors.ts'
import { countOf, formatBytes } from '../../../shared/text/format.ts'
import { parseNamePath, parseRangePath } from '../../engine/source/path-forms.ts'
import { parseListenDial } from '../../engine/venti/client/dial.ts'
import { createStore } from '../../engine/venti/server/create-store.ts'
import { startServer, type RunningServer } from '../../engine/venti/server/server.ts'

export type ServeOptions = {
  readonly file: string
  /** HOST:PORT or a dial string. */
  readonly listen: string
  /** Of a file that has to be made; bytes. */
  readonly size?: number
  readonly arenaSize?: number
  readonly compress: boolean
  readonly signal: AbortSignal
  readonly report: (line: string) => void
}

const mebibyte = 1024 * 1024
const defaultSizeBytes = 10 * 1024 * mebibyte
const defaultArenaBytes = 512 * mebibyte

/** Small files get small arenas, so that a rollover can be seen in them and sealing starts before the end. */
function arenaBytesFor(sizeBytes: number): number {
  return Math.max(mebibyte, Math.min(defaultArenaBytes, Math.floor(sizeBytes / 4 / mebibyte) * mebibyte))
}

function isLoopback(server: RunningServer): boolean {
  return server.dial.startsWith('unix!') || /^(127\.|::1$|::ffff:127\.)/.test(server.address)
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  )
}

/** A part of a disk is never served, and no file is made that is only called like one. */
async function refusePartOfDisk(file: string): Promise<void> {
  if (await exists(file)) return
  const part = parseRangePath(file) ?? parseNamePath(file)
  if (part === null || !(await exists(part.file))) return
  throw new AppError(
    'store-open',
    `${file} is a part of ${part.file}: a venti is served here from a file of its own only, so that no disk is ever written`,
    { data: { path: file } },
  )
}

async function ensureStore({ file, size, arenaSize }: ServeOptions): Promise<string[]> {
  if (await exists(file)) {
    return size === undefined && arenaSize === undefined
      ? []
      : [`${file} exists already: it is served as it is, the sizes given are for a new file`]
  }
  const sizeBytes = size ?? defaultSizeBytes
  try {
    await createStore(file, { sizeBytes, arenaBytes: arenaSize ?? arenaBytesFor(sizeBytes) })
    return []
  } catch (error) {
    // Another server made it in the same instant; opening it will say whether it is still in use.
    if (error instanceof AppError && error.code === 'file-exists') return []
    throw error
  }
}

export async function runServe(options: ServeOptions): Promise<void> {
  const { file, compress, signal, report } = options
  const listen = parseListenDial(options.listen)
  await refusePartOfDisk(file)
  const notes = await ensureStore(options)
  let ready = false
  const log = (line: string): void => {
    if (ready) report(line)
    else notes.push(line)
  }
  const server = await startServer({ path: file, listen, compress, log })
  const { arenas, usedBytes, sizeBytes } = server.stats()
  const fill = `${countOf(arenas, 'arena')}, ${formatBytes(usedBytes)} of ${formatBytes(sizeBytes)} used`
  report(`serving ${file} on ${server.dial}: ${fill}`)
  ready = true
  for (const note of notes) report(note)
  if (!isLoopback(server)) {
    report(`everyone who reaches ${server.dial} can read and fill it: the venti protocol knows no passwords`)
  }
  if (!signal.aborted) {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  }
  await server.close()
}
