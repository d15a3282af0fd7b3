// Whether somebody uses the bytes of a 9fat as a file system right now: a driver keeps its own copy of FAT and directory and
// would write it over ours (plan9-disks.md 3.3). Linux says so in /proc/self/mountinfo and /sys; it would let us write all
// the same. macOS and Windows refuse by themselves to write what is mounted.

import { readFile, readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path/posix'

/** How a kernel's answers are read: its own here, those of another machine over SFTP. None of them rejects. */
export type KernelReader = {
  readonly text: (path: string) => Promise<string | null>
  readonly names: (folder: string) => Promise<readonly string[]>
  readonly realPath: (path: string) => Promise<string | null>
  readonly isSameFile: (a: string, b: string) => Promise<boolean>
}

/** Where the kernel's answers are; tests put folders in its place. */
export type KernelFiles = { readonly proc: string; readonly sys: string; readonly reader?: KernelReader }
export const kernelFiles: KernelFiles = { proc: '/proc', sys: '/sys' }

type ByteRange = { readonly start: number; readonly end: number }

/** A block device that holds some or all of the bytes asked about. */
type Holder = {
  readonly name: string
  /** major:minor */
  readonly number: string
  readonly folder: string
}

/** A block device by its number, and where it begins on the whole disk it is a part of. */
export type DiskPosition = {
  /** sda, also for sda2. */
  readonly disk: string
  readonly start: number
  readonly isPartition: boolean
  readonly logicalSectorBytes: number
  readonly isReadOnly: boolean
  readonly folder: string
}

const sysSectorBytes = 512

const localReader: KernelReader = {
  text: async (path) => await readFile(path, 'utf8').catch(() => null),
  names: async (folder) => await readdir(folder).catch(() => []),
  realPath: async (path) => await realpath(path).catch(() => null),
  isSameFile: async (a, b) => {
    try {
      const [one, two] = await Promise.all([stat(a), stat(b)])
      return one.dev === two.dev && one.ino === two.ino
    } catch {
      return false
    }
  },
}

const readerOf = ({ reader = localReader }: KernelFiles): KernelReader => reader

async function text(kernel: KernelFiles, path: string): Promise<string | null> {
  return (await readerOf(kernel).text(path))?.trim() ?? null
}

async function number(kernel: KernelFiles, path: string): Promise<number | null> {
  const found = await text(kernel, path)
  return found !== null && /^\d{1,15}$/.test(found) ? Number(found) : null
}

async function names(kernel: KernelFiles, folder: string): Promise<readonly string[]> {
  return await readerOf(kernel).names(folder)
}

const overlaps = (a: ByteRange, b: ByteRange): boolean => a.start < b.end && b.start < a.end

/** null where the kernel does not say (another system, no /sys). */
export async function diskPosition(deviceNumber: string, kernel: KernelFiles): Promise<DiskPosition | null> {
  const own = await readerOf(kernel).realPath(join(kernel.sys, 'dev/block', deviceNumber))
  if (own === null) return null
  const isPartition = (await number(kernel, join(own, 'partition'))) !== null
  const folder = isPartition ? dirname(own) : own
  const start = isPartition ? await number(kernel, join(own, 'start')) : 0
  if (start === null) return null
  return {
    disk: basename(folder),
    start: start * sysSectorBytes,
    isPartition,
    logicalSectorBytes: (await number(kernel, join(folder, 'queue/logical_block_size'))) ?? sysSectorBytes,
    isReadOnly: (await number(kernel, join(own, 'ro'))) === 1 || (await number(kernel, join(folder, 'ro'))) === 1,
    folder,
  }
}

/** The whole disk and those of its partitions that hold some of `range` (bytes of the whole disk). */
async function holdersOf(kernel: KernelFiles, folder: string, range: ByteRange): Promise<readonly Holder[]> {
  const holders: Holder[] = []
  for (const name of ['.', ...(await names(kernel, folder))]) {
    const own = join(folder, name)
    const isWhole = name === '.'
    if (!isWhole && (await number(kernel, join(own, 'partition'))) === null) continue
    const start = isWhole ? 0 : await number(kernel, join(own, 'start'))
    const size = await number(kernel, join(own, 'size'))
    const deviceNumber = await text(kernel, join(own, 'dev'))
    if (start === null || size === null || deviceNumber === null) continue
    const bytes = { start: start * sysSectorBytes, end: (start + size) * sysSectorBytes }
    // A whole disk without a table is one volume from its first byte; its size says nothing of where that ends.
    if (isWhole || overlaps(bytes, range)) holders.push({ name: basename(own), number: deviceNumber, folder: own })
  }
  return holders
}

/** Names of the device nodes of the partitions that hold some of `range`, most telling for an exclusive open. */
export async function partitionNodes(
  position: DiskPosition,
  range: ByteRange,
  kernel: KernelFiles,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const { folder } of await holdersOf(kernel, position.folder, range)) {
    if (folder === position.folder) continue
    const name = /^DEVNAME=(\S+)$/m.exec((await text(kernel, join(folder, 'uevent'))) ?? '')?.[1]
    if (name !== undefined) found.push(name)
  }
  return found
}

/** Whether Linux made any partitions of this disk: an exclusive open of the whole then fails for the sake of any of them. */
export async function hasPartitions({ folder }: DiskPosition, kernel: KernelFiles): Promise<boolean> {
  for (const name of await names(kernel, folder))
    if ((await number(kernel, join(folder, name, 'partition'))) !== null) return true
  return false
}

const unescaped = (path: string): string =>
  path.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))

/** Mount points by device number. */
async function mountPoints(kernel: KernelFiles): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const line of ((await text(kernel, join(kernel.proc, 'self/mountinfo'))) ?? '').split('\n')) {
    const [, , deviceNumber, , point] = line.split(' ')
    if (deviceNumber !== undefined && point !== undefined) found.set(deviceNumber, unescaped(point))
  }
  return found
}

async function userOf(holders: readonly Holder[], kernel: KernelFiles): Promise<string | null> {
  const points = await mountPoints(kernel)
  for (const holder of holders) {
    const point = points.get(holder.number)
    if (point !== undefined) return `it is mounted at ${point} (${holder.name})`
  }
  for (const holder of holders) {
    const [user] = await names(kernel, join(holder.folder, 'holders'))
    if (user !== undefined) return `${holder.name} is in use by ${user}`
  }
  return null
}

/** A loop device over the same bytes keeps its own copy of them, mounted or not. */
async function loopOver(file: string, range: ByteRange, kernel: KernelFiles): Promise<string | null> {
  for (const name of await names(kernel, join(kernel.sys, 'block'))) {
    if (!name.startsWith('loop')) continue
    const folder = join(kernel.sys, 'block', name)
    const backing = await text(kernel, join(folder, 'loop/backing_file'))
    if (backing === null || !(backing === file || (await readerOf(kernel).isSameFile(backing, file)))) continue
    const start = (await number(kernel, join(folder, 'loop/offset'))) ?? 0
    const limit = (await number(kernel, join(folder, 'loop/sizelimit'))) ?? 0
    const bytes = { start, end: limit === 0 ? Number.MAX_SAFE_INTEGER : start + limit }
    if (!overlaps(bytes, range)) continue
    const inLoop = { start: range.start - start, end: range.end - start }
    const user = await userOf(
      await holdersOf(kernel, (await readerOf(kernel).realPath(folder)) ?? folder, inLoop),
      kernel,
    )
    return user ?? `it is attached as /dev/${name}; detach it first (losetup -d /dev/${name})`
  }
  return null
}

/**
 * Who uses bytes [start, end) of `file` (free of symbolic links), in words; null when nobody is known to. `position` is
 * given for a block device.
 */
export async function whoUses(
  file: string,
  range: ByteRange,
  position: DiskPosition | null,
  kernel: KernelFiles,
): Promise<string | null> {
  if (position !== null) {
    const onDisk = { start: position.start + range.start, end: position.start + range.end }
    const user = await userOf(await holdersOf(kernel, position.folder, onDisk), kernel)
    if (user !== null) return user
  }
  return await loopOver(file, range, kernel)
}
