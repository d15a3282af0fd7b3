// The one file that opens anything on another machine for writing (R1): a FAT12 or FAT16 volume in a file or on a disk there,
// over SFTP, once everything was asked that can be asked from here. A Linux tells over SFTP what it has mounted; elsewhere
// nobody can be asked, and `warnings` says so. Unlike a local disk none can be held against others, and writes are in order
// because each is acknowledged before the next; whether they are on the disk itself only servers with fsync@openssh.com say.

import { join } from 'node:path/posix'
import { AppError } from '../../../shared/errors.ts'
import { errnoOf } from '../errno.ts'
import { sshAddressText, type SshPath } from '../ssh/address.ts'
import type { BorrowMachine, Machine } from '../ssh/machine.ts'
import { remoteDiskNumber, remoteRealPath, remoteText } from '../ssh/sftp-kernel.ts'
import { isLost, SftpFiles, type RemoteHandle, type RemoteStatus } from '../ssh/sftp-files.ts'
import { remoteOpenError } from '../ssh/sftp-open-error.ts'
import { openSftpSource } from '../ssh/sftp-source.ts'
import { FileRegion, type RegionBounds, type RegionHandle } from './file-region.ts'
import { isReadOnlyMode, measureRegion, requireSame, requireWholeSectors, type Measured } from './measure-region.ts'
import { diskPosition, kernelFiles, whoUses, type DiskPosition, type KernelFiles } from './mounted.ts'
import type { WritableRegion } from './region.ts'

export type RemotePlace = {
  /** ssh:// text as the user gave it. */
  readonly name: string
  readonly file: SshPath
  readonly offset: number
  /** null: to the end of the file. */
  readonly sizeBytes: number | null
}

export type RemoteRegion = {
  readonly region: WritableRegion
  /** What could not be made sure of, for people. */
  readonly warnings: readonly string[]
}

function kernelOf(files: SftpFiles): KernelFiles {
  return {
    ...kernelFiles,
    reader: {
      text: async (path) => await remoteText(files, path),
      names: async (folder) => await files.names(folder).catch(() => []),
      realPath: async (path) => await remoteRealPath(files, path),
      // SFTP has no inodes: names free of symbolic links have to do.
      isSameFile: async (a, b) => {
        const one = await remoteRealPath(files, a)
        return one !== null && one === (await remoteRealPath(files, b))
      },
    },
  }
}

/** A file of that machine as the region wants its files: every write is one request, acknowledged. */
class RemoteRegionHandle implements RegionHandle {
  readonly #files: SftpFiles
  readonly #handle: RemoteHandle
  readonly #machine: Machine

  constructor(files: SftpFiles, handle: RemoteHandle, machine: Machine) {
    this.#files = files
    this.#handle = handle
    this.#machine = machine
  }

  async read(into: Buffer, at: number, length: number, position: number): Promise<{ readonly bytesRead: number }> {
    const most = Math.min(length, this.#files.largestReadBytes)
    return { bytesRead: await this.#files.read(this.#handle, into.subarray(at, at + most), position) }
  }

  async write(
    from: Uint8Array,
    at: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }> {
    try {
      await this.#files.write(this.#handle, Buffer.from(from.subarray(at, at + length)), position)
      return { bytesWritten: length }
    } catch (error) {
      // SFTP has no word for a full disk.
      const free = errnoOf(error) === 'EFAILED' ? await this.#files.freeBytes(this.#handle) : null
      if (free !== null && free < length) throw Object.assign(new Error('full', { cause: error }), { code: 'ENOSPC' })
      throw error
    }
  }

  async datasync(): Promise<void> {
    await this.#files.sync(this.#handle)
  }

  async close(): Promise<void> {
    try {
      await this.#files.close(this.#handle)
    } catch (error) {
      // Closed with its connection, which whoever was writing knows.
      if (!isLost(error)) throw error
    } finally {
      this.#machine.release()
    }
  }
}

function requireWritableKind(name: string, { kind, mode }: RemoteStatus): void {
  if (kind !== 'file' && kind !== 'block device')
    throw new AppError('read-only-9fat', `${name} is neither a file nor a disk: it is not written`)
  if (kind === 'file' && isReadOnlyMode(mode))
    throw new AppError('read-only-9fat', `${name} is marked read-only for everybody`)
}

const noFlush = (machine: string): string =>
  `${machine} cannot be told over SFTP to write its cache to the disk (no fsync@openssh.com): a power cut there soon after an edit may lose part of it`

type Asked = { readonly position: DiskPosition | null; readonly warnings: readonly string[] }

/** Rejects with `mounted-9fat` or `read-only-9fat` where that machine says that it must not be. */
async function askMachine(
  { files, path, isFile, name }: { files: SftpFiles; path: string; isFile: boolean; name: string },
  { offset, sizeBytes }: RegionBounds,
): Promise<Asked> {
  const kernel = kernelOf(files)
  const number = isFile ? null : await remoteDiskNumber(files, path)
  const position = number === null ? null : await diskPosition(number, kernel)
  const user = await whoUses(path, { start: offset, end: offset + sizeBytes }, position, kernel)
  if (user !== null) throw new AppError('mounted-9fat', `${name}: on ${files.machine} ${user}`, { data: { path } })
  if (position?.isReadOnly === true) throw new AppError('read-only-9fat', `${name} is write-protected`)
  const isTold =
    (await remoteText(files, join(kernel.proc, 'self/mountinfo'))) !== null && (isFile || position !== null)
  const warning = `${files.machine} cannot be asked over SFTP whether it uses this volume: make sure that it is not mounted there`
  return { position, warnings: isTold ? [] : [warning] }
}

async function canFlush(files: SftpFiles, handle: RemoteHandle): Promise<boolean> {
  try {
    await files.sync(handle)
    return true
  } catch (error) {
    if (errnoOf(error) === 'ENOSYS') return false
    throw error
  }
}

async function measure(
  place: RemotePlace,
  file: SshPath,
  isFile: boolean,
  borrow: BorrowMachine,
  signal: AbortSignal | undefined,
): Promise<Measured> {
  const whole = await openSftpSource(file, borrow, { signal })
  try {
    return await measureRegion(whole, place, isFile)
  } finally {
    await whole.close()
  }
}

/**
 * Opens for writing; closing the region gives the machine back. Rejects with `not-9fat`, `damaged-9fat`, `mounted-9fat`,
 * `read-only-9fat`, `changed-9fat`, `source-open`, and with what borrowing rejects with; nothing was written then.
 */
export async function openRemoteRegion(
  place: RemotePlace,
  borrow: BorrowMachine,
  signal?: AbortSignal,
): Promise<RemoteRegion> {
  const machine = await borrow(place.file.address, signal)
  const { address } = place.file
  const name = `${sshAddressText(address)}${place.file.path}`
  let handle: RemoteHandle | null = null
  let kind: RemoteStatus['kind'] | null = null
  try {
    const files = await SftpFiles.on(machine)
    const path = (await remoteRealPath(files, place.file.path)) ?? place.file.path
    const status = await files.status(path)
    kind = status.kind
    requireWritableKind(name, status)
    const isFile = kind === 'file'
    const { bounds, firstSector } = await measure(place, { address, path }, isFile, borrow, signal)
    const { position, warnings } = await askMachine({ files, path, isFile, name }, bounds)
    if (!isFile) requireWholeSectors(bounds, position?.logicalSectorBytes)
    handle = await files.openForChanging(path)
    const flushes = await canFlush(files, handle)
    const region = new FileRegion(bounds, new RemoteRegionHandle(files, handle, machine), { canFlush: flushes })
    const opened = await files.statusOf(handle)
    await requireSame(region, opened.kind === kind && opened.sizeBytes === status.sizeBytes, firstSector)
    return { region, warnings: flushes ? warnings : [...warnings, noFlush(files.machine)] }
  } catch (error) {
    if (handle !== null) await (await SftpFiles.on(machine)).close(handle).catch(() => undefined)
    machine.release()
    throw remoteOpenError({ name, machine: machine.name, access: 'writing', kind }, error)
  }
}
