// The one file an embedded server writes: exact reads and writes by offset, and a flush that means "on the disk". It opens
// regular files only (R1): a device or a partition belongs to somebody, and is refused before anything is read from it.

import { open, stat, type FileHandle } from 'node:fs/promises'
import { AppError } from '../../../../shared/errors.ts'
import { errnoOf } from '../../errno.ts'
import { hexNumber } from '../../bytes/hex.ts'
import type { BlockSource } from '../../source/block-source.ts'
import { requireInside } from '../../source/exact-read.ts'

export interface StoreFile extends BlockSource {
  /** All of `bytes` at `offset`, never beyond the file's size. Rejects with `store-write`. */
  write(offset: number, bytes: Uint8Array): Promise<void>
  /** What was written before is on the disk when this resolves. Rejects with `store-write`. */
  flush(): Promise<void>
}

/** What the store needs of a file handle; tests put a failing disk in its place. */
export type StoreHandle = Pick<FileHandle, 'read' | 'write' | 'datasync' | 'stat' | 'close'>
export type OpenHandle = (path: string) => Promise<StoreHandle>

const openReadWrite: OpenHandle = (path) => open(path, 'r+')

const writeHelp: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file system allows no file that large',
  EIO: 'the disk reports an input/output error',
  EROFS: 'the file system is read-only',
}

/** Words for a failed write; they also go to venti clients, whose error texts hold 127 bytes. */
export function describeWriteError(error: unknown): string {
  const code = errnoOf(error)
  const help = writeHelp[code]
  return help === undefined ? code : `${help} (${code})`
}

function openError(path: string, error: unknown): AppError {
  const help: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'this user may not read and write it',
    EPERM: 'this user may not read and write it',
    EROFS: 'its file system is read-only',
  }
  const code = errnoOf(error)
  return new AppError('store-open', `cannot open ${path} to serve it: ${help[code] ?? code}`, {
    data: { path, code },
    cause: error,
  })
}

/** Rejects with `store-open` for everything but a regular file. A pipe or device is not even opened. */
export async function requireRegularFile(path: string): Promise<void> {
  const status = await stat(path).catch((error: unknown) => {
    throw openError(path, error)
  })
  if (status.isFile()) return
  const what = status.isDirectory()
    ? 'a folder'
    : status.isBlockDevice() || status.isCharacterDevice()
      ? 'a device'
      : 'neither a file nor a disk'
  throw new AppError(
    'store-open',
    `${path} is ${what}. The embedded server stores into an ordinary file only and never writes to a disk or partition; nothing was changed`,
    { data: { path } },
  )
}

class HandleFile implements StoreFile {
  readonly name: string
  readonly sizeBytes: number
  #handle: StoreHandle

  constructor(name: string, handle: StoreHandle, sizeBytes: number) {
    this.name = name
    this.#handle = handle
    this.sizeBytes = sizeBytes
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    requireInside(this, offset, length)
    const bytes = Buffer.allocUnsafeSlow(length)
    let filled = 0
    try {
      while (filled < length) {
        const { bytesRead } = await this.#handle.read(bytes, filled, length - filled, offset + filled)
        if (bytesRead === 0) throw Object.assign(new Error('short read'), { code: 'cut short while being served' })
        filled += bytesRead
      }
    } catch (error) {
      throw new AppError('source-read', `${this.name}: ${length} bytes at ${hexNumber(offset)}: ${errnoOf(error)}`, {
        data: { path: this.name, offset, length, code: errnoOf(error) },
        cause: error,
      })
    }
    return bytes
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    if (offset < 0 || offset + bytes.length > this.sizeBytes) {
      throw new AppError('bug', `${bytes.length} bytes at ${hexNumber(offset)} do not fit ${this.name}`)
    }
    let written = 0
    try {
      while (written < bytes.length) {
        const { bytesWritten } = await this.#handle.write(bytes, written, bytes.length - written, offset + written)
        if (bytesWritten === 0) throw Object.assign(new Error('nothing written'), { code: 'EIO' })
        written += bytesWritten
      }
    } catch (error) {
      throw this.#writeError(`writing ${bytes.length} bytes at ${hexNumber(offset)}`, error)
    }
  }

  async flush(): Promise<void> {
    try {
      await this.#handle.datasync()
    } catch (error) {
      throw this.#writeError('flushing', error)
    }
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  #writeError(what: string, error: unknown): AppError {
    return new AppError('store-write', `${this.name}: ${what} failed: ${describeWriteError(error)}`, {
      data: { path: this.name, code: errnoOf(error) },
      cause: error,
    })
  }
}

export async function openStoreFile(path: string, openHandle: OpenHandle = openReadWrite): Promise<StoreFile> {
  await requireRegularFile(path)
  const handle = await openHandle(path).catch((error: unknown) => {
    throw openError(path, error)
  })
  try {
    const status = await handle.stat()
    if (!status.isFile()) await requireRegularFile(path)
    return new HandleFile(path, handle, status.size)
  } catch (error) {
    await handle.close()
    throw error
  }
}
