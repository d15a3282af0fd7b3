// A file or disk on another machine as a BlockSource (R1: opened for reading only). Reads are pipelined and read ahead, and a
// connection that breaks in the middle of one is made again without anybody noticing (sftp-link.ts).

import { AppError } from '../../../shared/errors.ts'
import { errnoOf } from '../errno.ts'
import type { BlockSource } from '../source/block-source.ts'
import { rangeOf, requireInside, sectorsAround } from '../source/exact-read.ts'
import type { SshPath } from './address.ts'
import type { BorrowMachine } from './machine.ts'
import { ReadAhead, type ReadAheadOptions } from './read-ahead.ts'
import { SftpFiles, windowBytes } from './sftp-files.ts'
import { SftpLink, type RemoteFile, type SftpLinkOptions } from './sftp-link.ts'
import { isReadable, SftpReader } from './sftp-reader.ts'
import { remoteDiskSize, remoteRealPath } from './sftp-kernel.ts'
import { probeSize, remoteSectorBytes } from './sftp-size.ts'

export type SftpSourceOptions = SftpLinkOptions & {
  /** Milliseconds of any clock, for how far ahead is read. */
  readonly now?: () => number
}

const leastAheadBytes = 1024 * 1024
const roundTrips = 4

class SftpSource implements BlockSource {
  readonly name: string
  readonly sizeBytes: number
  readonly #link: SftpLink
  readonly #reader: SftpReader
  readonly #ahead: ReadAhead
  readonly #alignment: number

  constructor(
    link: SftpLink,
    sizeBytes: number,
    alignment: number,
    line: Pick<ReadAheadOptions, 'now' | 'roundTripMs'>,
  ) {
    this.name = link.name
    this.sizeBytes = sizeBytes
    this.#link = link
    this.#reader = new SftpReader(link)
    this.#alignment = alignment
    this.#ahead = new ReadAhead({
      fetch: async (offset, length, spare) => await this.#reader.read(offset, length, spare),
      sizeBytes,
      mostBytes: windowBytes,
      leastBytes: leastAheadBytes,
      ...line,
    })
  }

  async read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    requireInside(this, offset, length)
    const room = (): Uint8Array => (into !== undefined && into.length >= length ? into : Buffer.allocUnsafeSlow(length))
    const ready = await this.#ahead.read(offset, length, room)
    if (ready !== null) return ready
    const { start, end } = sectorsAround(offset, length, this.#alignment, this.sizeBytes)
    // Not into the caller's memory: an answer that comes after a cancel would still be written there.
    return rangeOf(await this.#reader.read(start, end - start), start, offset, length, this.name)
  }

  async close(): Promise<void> {
    await this.#link.close()
  }
}

/** The shortest of a few: a machine that is busy with something else answers late now and then. */
async function roundTrip(link: SftpLink, now: () => number): Promise<number> {
  let shortest = Infinity
  for (let trial = 0; trial < roundTrips; trial++) {
    const began = now()
    await link.use(async ({ files, handle }) => await files.statusOf(handle))
    shortest = Math.min(shortest, now() - began)
  }
  return shortest
}

/** The first and the last sector that should be there, asked at once. */
async function endsAt({ files, handle }: RemoteFile, sizeBytes: number): Promise<boolean> {
  const readable = async (offset: number): Promise<boolean> =>
    await isReadable(async (into, at) => await files.read(handle, into, at), offset)
  const [last, behind] = await Promise.all([readable(sizeBytes - 512), readable(sizeBytes)])
  return last && !behind
}

/** Rejects with `connection-lost` when the connection breaks meanwhile. */
export async function remoteSize(file: RemoteFile, path: string): Promise<number> {
  const { files, handle, status } = file
  if (status.kind === 'file') return status.sizeBytes
  const real = await remoteRealPath(files, path)
  const told = real === null ? null : await remoteDiskSize(files, real)
  if (told !== null && (await endsAt(file, told))) return told
  return await probeSize(
    async (offset) => await isReadable(async (into, at) => await files.read(handle, into, at), offset),
  )
}

/**
 * Opens read-only (R1). Rejects with `source-open` and with what borrowing rejects with; later reads with `source-read`,
 * with `connection-lost` once coming back was tried in vain, and with `cancelled`.
 */
export async function openSftpSource(
  path: SshPath,
  borrow: BorrowMachine,
  options: SftpSourceOptions = {},
): Promise<BlockSource> {
  const now = options.now ?? (() => performance.now())
  const [link, status] = await SftpLink.open(path, borrow, options)
  try {
    const sizeBytes = await link.use(async (file) => await remoteSize(file, path.path))
    const line = { now, roundTripMs: await roundTrip(link, now) }
    const isFile = status.kind === 'file'
    link.onReopen(async (file) => {
      const isSame =
        file.status.kind === status.kind &&
        // A file that somebody writes may grow.
        (isFile ? file.status.sizeBytes >= sizeBytes : sizeBytes === 0 || (await endsAt(file, sizeBytes)))
      if (isSame) return
      throw new AppError('source-read', `${link.name}: it is another one since the connection was lost, or shorter`)
    })
    return new SftpSource(link, sizeBytes, isFile ? 1 : remoteSectorBytes, line)
  } catch (error) {
    await link.close()
    throw error
  }
}

/** False only where the machine says so: what it may not look at is left for opening to say. Rejects as borrowing does. */
export async function sftpFileExists(path: SshPath, borrow: BorrowMachine, signal?: AbortSignal): Promise<boolean> {
  const machine = await borrow(path.address, signal)
  try {
    const files = await SftpFiles.on(machine)
    await files.status(path.path)
    return true
  } catch (error) {
    if (error instanceof AppError) throw error
    return errnoOf(error) !== 'ENOENT'
  } finally {
    machine.release()
  }
}
