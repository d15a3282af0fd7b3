// Bytes of a file or device that may be written, between bounds fixed when it is made: reserved sectors (boot code, Plan 9
// partition table) and everything outside the volume are out of reach (R1). open-region.ts decides what becomes one.
//
// A flush is fdatasync: on Linux it reaches the disk's own cache, on macOS Node asks for F_FULLFSYNC, on Windows for
// FlushFileBuffers.

import type { FileHandle } from 'node:fs/promises'
import { AppError } from '../../../shared/errors.ts'
import { errnoOf } from '../errno.ts'
import { hexNumber } from '../bytes/hex.ts'
import type { WritableRegion } from './region.ts'

/** What the region needs of a file handle; one on another machine has it too, and tests put a failing disk in its place. */
export type RegionHandle = {
  read(into: Buffer, at: number, length: number, position: number): Promise<{ readonly bytesRead: number }>
  write(from: Uint8Array, at: number, length: number, position: number): Promise<{ readonly bytesWritten: number }>
  datasync(): Promise<void>
  close(): Promise<void>
}

export type RegionOptions = {
  /** Kept open as long as the region is. */
  readonly guards?: readonly FileHandle[]
  /** Default true. */
  readonly canFlush?: boolean
}

const writeHelp: Readonly<Record<string, string>> = {
  EIO: 'the disk reports an input/output error (EIO)',
  ENOSPC: 'the disk that holds this image is full (ENOSPC)',
  EDQUOT: 'the quota of the disk that holds this image is used up (EDQUOT)',
  EROFS: 'the disk is write-protected (EROFS)',
  ENXIO: 'the disk is gone (ENXIO)',
  ENODEV: 'the disk is gone (ENODEV)',
  EFAILED: 'the machine reports a failure without a reason (a full disk, a quota, or a fault of the disk)',
  'connection-lost': 'the connection to the machine was lost',
}

export type RegionBounds = {
  readonly name: string
  /** Where the region begins in the file, and its size. */
  readonly offset: number
  readonly sizeBytes: number
  readonly sectorBytes: number
  /** Below this nothing is written: reserved sectors. */
  readonly firstWritableByte: number
  /** Reads of the file begin and end at multiples of this, or at `fileBytes`. */
  readonly readAlignment: number
  readonly fileBytes: number
}

export class FileRegion implements WritableRegion {
  readonly name: string
  readonly sizeBytes: number
  readonly sectorBytes: number
  readonly canFlush: boolean
  readonly #bounds: RegionBounds
  readonly #handle: RegionHandle
  readonly #guards: readonly FileHandle[]
  #hasWritten = false

  constructor(bounds: RegionBounds, handle: RegionHandle, { guards = [], canFlush = true }: RegionOptions = {}) {
    this.canFlush = canFlush
    this.name = bounds.name
    this.sizeBytes = bounds.sizeBytes
    this.sectorBytes = bounds.sectorBytes
    this.#bounds = bounds
    this.#handle = handle
    this.#guards = guards
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const failed = (why: string, cause?: unknown): AppError =>
      new AppError('source-read', `${this.name}: ${length} bytes at ${hexNumber(offset)} ${why}`, { cause })
    if (!(offset >= 0 && length >= 0 && offset + length <= this.sizeBytes))
      throw failed(`wanted, but it ends at ${hexNumber(this.sizeBytes)}`)
    const { readAlignment, fileBytes } = this.#bounds
    const from = this.#bounds.offset + offset
    const start = Math.floor(from / readAlignment) * readAlignment
    const end = Math.min(fileBytes, Math.ceil((from + length) / readAlignment) * readAlignment)
    // Not from Node's pool: the caller owns these bytes for as long as it likes.
    const bytes = Buffer.allocUnsafeSlow(end - start)
    try {
      for (let filled = 0; filled < bytes.length;) {
        const { bytesRead } = await this.#handle.read(bytes, filled, bytes.length - filled, start + filled)
        if (bytesRead === 0) throw Object.assign(new Error('short read'), { code: 'it was cut short' })
        filled += bytesRead
      }
    } catch (error) {
      throw failed(`failed to be read (${errnoOf(error)})`, error)
    }
    return bytes.subarray(from - start, from - start + length)
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    const { sectorBytes, firstWritableByte } = this.#bounds
    const where = `${this.name}: ${bytes.length} bytes at ${hexNumber(offset)}`
    const wrong = (why: string): AppError => new AppError('write-9fat', `${where} refused: ${why}. Nothing was written`)
    if (!Number.isSafeInteger(offset) || offset % sectorBytes !== 0 || bytes.length % sectorBytes !== 0)
      throw wrong(`sectors have ${hexNumber(sectorBytes)} bytes`)
    if (bytes.length === 0) throw wrong('that is nothing')
    if (offset < firstWritableByte)
      throw wrong(`the reserved sectors below ${hexNumber(firstWritableByte)} are never written`)
    if (offset + bytes.length > this.sizeBytes) throw wrong(`it ends at ${hexNumber(this.sizeBytes)}`)
    try {
      for (let written = 0; written < bytes.length;) {
        const at = this.#bounds.offset + offset + written
        const { bytesWritten } = await this.#handle.write(bytes, written, bytes.length - written, at)
        if (bytesWritten === 0) throw Object.assign(new Error('nothing written'), { code: 'EIO' })
        written += bytesWritten
        this.#hasWritten = true
      }
    } catch (error) {
      throw this.#writeError(where, error)
    }
  }

  async flush(): Promise<void> {
    if (!this.canFlush) return
    try {
      await this.#handle.datasync()
    } catch (error) {
      throw this.#writeError(`${this.name}: flush`, error)
    }
  }

  async close(): Promise<void> {
    for (const guard of this.#guards) await guard.close()
    await this.#handle.close()
  }

  #writeError(where: string, error: unknown): AppError {
    const code = errnoOf(error)
    // macOS and Windows let a mounted disk be opened and refuse the first write.
    if (!this.#hasWritten && ['EPERM', 'EACCES', 'EBUSY'].includes(code)) {
      return new AppError(
        'mounted-9fat',
        `${where} refused by the system (${code}): the volume is mounted or protected`,
        {
          cause: error,
          data: { code },
        },
      )
    }
    return new AppError('write-9fat', `${where} failed: ${writeHelp[code] ?? code}`, { cause: error, data: { code } })
  }
}
