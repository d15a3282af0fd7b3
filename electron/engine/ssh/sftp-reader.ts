// Ranges of a file on another machine, each asked for in as many requests as it takes, all at once: a long line is filled by
// what is on its way, not by how fast one answer follows another.

import { AppError } from '../../../shared/errors.ts'
import { errnoOf } from '../errno.ts'
import { hexNumber } from '../bytes/hex.ts'
import { blockBytes } from './read-ahead.ts'
import { isLost } from './sftp-files.ts'
import type { SftpLink } from './sftp-link.ts'
import { remoteSectorBytes } from './sftp-size.ts'

/** 16 MiB of the largest. */
const mostRequests = 64

const wholeSectors = (bytes: number): number => Math.floor(bytes / remoteSectorBytes) * remoteSectorBytes

export class SftpReader {
  readonly #link: SftpLink
  #requestBytes = blockBytes
  #running = 0
  readonly #queue: (() => void)[] = []

  constructor(link: SftpLink) {
    this.#link = link
  }

  /** In `into` where it fits, which may be written to later when this rejects; else in memory of its own. Shorter only where the file ends. Rejects with `source-read`, `connection-lost` or `cancelled`. */
  async read(offset: number, length: number, into?: Buffer): Promise<Buffer> {
    // Not from Node's pool: the caller owns these bytes for as long as it likes.
    const bytes = into !== undefined && into.length >= length ? into : Buffer.allocUnsafeSlow(length)
    const pieces: Promise<number>[] = []
    for (let at = 0; at < length;) {
      // Requests end at multiples of their size, as the blocks of those who read ahead do.
      const size = Math.min(this.#requestBytes - ((offset + at) % this.#requestBytes), length - at)
      pieces.push(this.#fill(bytes.subarray(at, at + size), offset + at))
      at += size
    }
    try {
      const filled = await Promise.all(pieces)
      // Where one piece is short the file ends, and what comes behind it is nothing.
      return bytes.subarray(
        0,
        filled.reduce((sum, count) => sum + count, 0),
      )
    } catch (error) {
      throw error instanceof AppError ? error : this.#failed(offset, length, error)
    }
  }

  async #fill(piece: Buffer, offset: number): Promise<number> {
    let filled = 0
    while (filled < piece.length) {
      const rest = piece.subarray(filled)
      const got = await this.#request(rest, offset + filled)
      if (got === 0) break
      filled += got
      // A server that gives less than it is asked for does so every time: its requests had better be that short.
      if (filled < piece.length && got >= remoteSectorBytes)
        this.#requestBytes = Math.min(this.#requestBytes, wholeSectors(got))
    }
    return filled
  }

  async #request(into: Buffer, offset: number): Promise<number> {
    if (this.#running >= mostRequests) await new Promise<void>((resolve) => this.#queue.push(resolve))
    else this.#running++
    try {
      return await this.#link.use(async ({ files, handle }) => {
        this.#requestBytes = Math.min(this.#requestBytes, wholeSectors(files.largestReadBytes))
        // One call of ssh2 would be requests that wait for each other, were it longer than the server allows.
        return await files.read(handle, into.subarray(0, files.largestReadBytes), offset)
      })
    } finally {
      const next = this.#queue.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }

  #failed(offset: number, length: number, error: unknown): AppError {
    const { name } = this.#link
    const code = errnoOf(error)
    const why = code === 'EFAILED' ? 'the machine reports a failure, as for a bad sector' : code
    return new AppError('source-read', `${name}: reading ${length} bytes at ${hexNumber(offset)} failed (${why})`, {
      data: { path: name, offset, length, code },
      cause: error,
    })
  }
}

/** Whether the byte at `offset` is there, in whole sectors for the sake of raw devices. A lost connection is no answer. */
export async function isReadable(
  read: (into: Buffer, offset: number) => Promise<number>,
  offset: number,
): Promise<boolean> {
  const start = wholeSectors(offset)
  try {
    return (await read(Buffer.allocUnsafe(remoteSectorBytes), start)) > offset - start
  } catch (error) {
    if (isLost(error) || (error instanceof AppError && error.code === 'cancelled')) throw error
    return false
  }
}
