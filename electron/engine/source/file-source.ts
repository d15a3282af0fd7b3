// A regular file or a raw device as a BlockSource. A device says 0 when asked for its size the way files are, so its size
// comes from the kernel (Linux) or from reading at ever larger offsets (elsewhere); raw devices of macOS and Windows only
// take whole sectors, so every device read is widened to sector bounds.

import { open, readFile, stat, type FileHandle } from 'node:fs/promises'
import { constants, type Stats } from 'node:fs'
import { AppError } from '../../../shared/errors.ts'
import { hexNumber } from '../bytes/hex.ts'
import type { BlockSource } from './block-source.ts'
import { isWindowsDevice } from './disk-refusal.ts'
import { rangeOf, requireInside, sectorsAround } from './exact-read.ts'
import { openError } from './open-error.ts'

const sectorBytes = 4096
/** Upper end of the search for a device's size: 8 EiB would be absurd, 4 PiB is not a disk of this decade. */
const largestDeviceBytes = 2 ** 52

async function readFully(handle: FileHandle, offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
  // Not from Node's pool: the caller owns these bytes for as long as it likes.
  const bytes = into !== undefined && into.length >= length ? into : Buffer.allocUnsafeSlow(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

/** st_rdev as Linux packs it: 12 bits of major, 20 of minor, in two places each. */
export function linuxDeviceNumber(rdev: number): string {
  const low = rdev % 2 ** 32
  const high = Math.floor(rdev / 2 ** 32)
  const major = ((low >>> 8) & 0xfff) | (high & ~0xfff)
  const minor = (low & 0xff) | ((low >>> 12) & 0xfff00)
  return `${major}:${minor}`
}

async function linuxDeviceSize(rdev: number): Promise<number | null> {
  try {
    const sectors = Number((await readFile(`/sys/dev/block/${linuxDeviceNumber(rdev)}/size`, 'utf8')).trim())
    return Number.isSafeInteger(sectors) && sectors > 0 ? sectors * 512 : null
  } catch {
    return null
  }
}

/** Size of a block device's sectors, where the kernel tells it (Linux); null otherwise. */
export async function deviceSectorBytes(path: string): Promise<number | null> {
  if (process.platform !== 'linux') return null
  const status = await stat(path).catch(() => null)
  if (status?.isBlockDevice() !== true) return null
  const device = `/sys/dev/block/${linuxDeviceNumber(status.rdev)}`
  // A partition has the queue of its disk.
  for (const queue of [`${device}/queue`, `${device}/../queue`]) {
    const size = Number((await readFile(`${queue}/logical_block_size`, 'utf8').catch(() => '')).trim())
    if (size === 512 || size === 1024 || size === 2048 || size === 4096) return size
  }
  return null
}

/** Largest offset at which a sector can be read, found by doubling and halving (about 80 reads). */
export async function probeDeviceSize(readable: (offset: number) => Promise<boolean>): Promise<number> {
  if (!(await readable(0))) return 0
  let low = 0
  let high = sectorBytes
  while (high < largestDeviceBytes && (await readable(high))) {
    low = high
    high *= 2
  }
  // low is readable, high is not; both are multiples of 512.
  while (high - low > 512) {
    const middle = low + Math.floor((high - low) / 1024) * 512
    if (await readable(middle)) low = middle
    else high = middle
  }
  return low + 512
}

async function deviceSize(handle: FileHandle, status: Stats): Promise<number> {
  // A character device has the number of an unrelated block device: /dev/zero is 1:5, and so is a RAM disk.
  if (process.platform === 'linux' && status.isBlockDevice()) {
    const known = await linuxDeviceSize(status.rdev)
    if (known !== null) return known
  }
  return await probeDeviceSize(async (offset) => {
    try {
      const aligned = Math.floor(offset / sectorBytes) * sectorBytes
      return (await readFully(handle, aligned, sectorBytes)).length > offset - aligned
    } catch {
      return false
    }
  })
}

class FileSource implements BlockSource {
  readonly name: string
  readonly sizeBytes: number
  #handle: FileHandle
  #alignment: number

  constructor(name: string, handle: FileHandle, sizeBytes: number, alignment: number) {
    this.name = name
    this.#handle = handle
    this.sizeBytes = sizeBytes
    this.#alignment = alignment
  }

  async read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    requireInside(this, offset, length)
    const { start, end } = sectorsAround(offset, length, this.#alignment, this.sizeBytes)
    let bytes: Uint8Array
    try {
      bytes = await readFully(this.#handle, start, end - start, into)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
      throw new AppError(
        'source-read',
        `${this.name}: reading ${length} bytes at ${hexNumber(offset)} failed (${code})`,
        {
          data: { path: this.name, offset, length, code },
          cause: error,
        },
      )
    }
    return rangeOf(bytes, start, offset, length, this.name)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

function isReadableKind(status: Stats): boolean {
  return status.isFile() || status.isBlockDevice() || status.isCharacterDevice()
}

async function wrongKind(path: string, status: Stats): Promise<AppError> {
  const code = status.isDirectory() ? 'EISDIR' : 'not a file or a disk'
  return await openError(path, Object.assign(new Error(code), { code }), false)
}

/** Opens read-only (R1). Rejects with `source-open`. */
export async function openLocalFile(path: string): Promise<BlockSource> {
  // Opening a pipe waits for somebody to write to it, perhaps for ever. Windows cannot stat every device: then try.
  const before = await stat(path).catch(() => null)
  if (before !== null && !isReadableKind(before)) throw await wrongKind(path, before)
  let handle: FileHandle
  try {
    handle = await open(path, constants.O_RDONLY)
  } catch (error) {
    throw await openError(path, error, before === null ? isWindowsDevice(path) : !before.isFile())
  }
  try {
    const status = await handle.stat()
    if (status.isFile()) return new FileSource(path, handle, status.size, 1)
    if (!isReadableKind(status)) throw await wrongKind(path, status)
    return new FileSource(path, handle, await deviceSize(handle, status), sectorBytes)
  } catch (error) {
    await handle.close()
    throw error
  }
}

export async function localFileExists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch {
    return false
  }
}
