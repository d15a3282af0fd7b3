// Makes an empty arena partition in a file: what fmtarenas does (version 5 arenas, random clump magics), on a sparse file.
// It is built under another name in the same folder, flushed, and only then gets its own, so that a kill at any instant
// leaves the complete file or none. An existing file is never replaced.

import { randomInt } from 'node:crypto'
import { link, open, realpath, rename, stat, unlink, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { AppError } from '../../../../shared/errors.ts'
import { errnoOf } from '../../errno.ts'
import { encodeArenaHead } from '../format/arena-head.ts'
import { emptyCounters, encodeArenaTail } from '../format/arena-tail.ts'
import { clumpFreeMagic, clumpMagicV4, headSizeBytes, partBlankBytes } from '../format/constants.ts'
import { encodePartitionHeader } from '../format/partition-header.ts'
import { acquireFileLock } from '../../state/file-lock.ts'
import { planLayout, type Layout } from './layout.ts'
import { encodeStoreMark } from './store-mark.ts'
import { describeWriteError } from './store-file.ts'

export type CreateStoreOptions = {
  readonly sizeBytes: number
  readonly arenaBytes: number
  readonly blockSize?: number
  readonly namePrefix?: string
  /** Clump magic of the next arena; random unless a test wants known bytes. */
  readonly nextMagic?: () => number
}

/** Any 32 bits but those that mean "version 4" and "end of log". */
function randomMagic(): number {
  for (;;) {
    const magic = randomInt(2 ** 32)
    if (magic !== clumpMagicV4 && magic !== clumpFreeMagic) return magic
  }
}

async function writeLayout(
  handle: FileHandle,
  layout: Layout,
  sizeBytes: number,
  nextMagic: () => number,
): Promise<void> {
  const { blockSize } = layout
  const put = async (bytes: Uint8Array, offset: number): Promise<void> => {
    for (let done = 0; done < bytes.length;) {
      done += (await handle.write(bytes, done, bytes.length - done, offset + done)).bytesWritten
    }
  }
  await handle.truncate(sizeBytes)
  for (const { name, start, stop } of layout.arenas) {
    const clumpMagic = nextMagic()
    const head = new Uint8Array(blockSize)
    encodeArenaHead({ version: 5, name, blockSize, totalBytes: stop - start, clumpMagic }, head)
    await put(head, start)
    const times = { firstClumpTime: 0, lastClumpTime: 0 }
    const counters = { indexed: emptyCounters, stored: emptyCounters }
    const tail = encodeArenaTail({ version: 5, name, clumpMagic, ...times, ...counters }, new Uint8Array(blockSize))
    await put(tail, stop - blockSize)
  }
  await put(Buffer.from(layout.tableText, 'latin1'), layout.tableBase)
  const header = new Uint8Array(headSizeBytes)
  header.set(encodePartitionHeader(layout))
  await put(header, partBlankBytes)
  await put(encodeStoreMark(), 0)
  await handle.sync()
}

function existsError(path: string): AppError {
  return new AppError('file-exists', `${path} exists already and is not replaced`, { data: { path } })
}

/** Puts the finished file in its place unless something is there by now. */
async function moveIntoPlace(from: string, path: string): Promise<void> {
  try {
    // Unlike a rename, a hard link refuses to replace what exists.
    await link(from, path)
    await unlink(from)
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') throw existsError(path)
    // A file system without hard links (FAT, some network ones): the lock keeps other servers away.
    if (await exists(path)) throw existsError(path)
    await rename(from, path)
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    (error: unknown) => errnoOf(error) !== 'ENOENT',
  )
}

async function flushFolder(path: string): Promise<void> {
  // Windows cannot open a folder; its file systems keep names safe by themselves.
  const folder = await open(path, 'r').catch(() => null)
  await folder?.sync().catch(() => undefined)
  await folder?.close()
}

/** The path without symbolic links; the file itself need not exist. */
export async function resolveStorePath(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    const folder = await realpath(dirname(path)).catch((error: unknown) => {
      throw new AppError('store-open', `there is no folder ${dirname(path)} for ${basename(path)}`, {
        data: { path },
        cause: error,
      })
    })
    return join(folder, basename(path))
  }
}

/** Rejects with `usage` (sizes), `file-exists`, `store-locked` or `store-write` (disk full); then there is no file. */
export async function createStore(path: string, options: CreateStoreOptions): Promise<void> {
  const { sizeBytes, arenaBytes, blockSize = 8192, namePrefix = 'arenas', nextMagic = randomMagic } = options
  const layout = planLayout({ sizeBytes, arenaBytes, blockSize, namePrefix })
  const target = await resolveStorePath(path)
  if (await exists(target)) throw existsError(path)
  const lock = await acquireFileLock(target)
  // A fixed name: what a killed creation left is overwritten by the next one, which holds the lock.
  const temporary = `${target}.new`
  try {
    const handle = await open(temporary, 'w', 0o600)
    try {
      await writeLayout(handle, layout, sizeBytes, nextMagic)
    } finally {
      await handle.close()
    }
    await moveIntoPlace(temporary, target)
    await flushFolder(dirname(target))
  } catch (error) {
    await unlink(temporary).catch(() => undefined)
    if (error instanceof AppError) throw error
    throw new AppError('store-write', `cannot make ${path} of ${sizeBytes} bytes: ${describeWriteError(error)}`, {
      data: { path, sizeBytes, code: errnoOf(error) },
      cause: error,
    })
  } finally {
    await lock.release()
  }
}
