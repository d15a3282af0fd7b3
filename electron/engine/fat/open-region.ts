// The one file outside the state folder and the embedded server that opens anything for writing (R1): a FAT12 or FAT16
// volume in a regular file or on a block device, once everything that speaks against it has been asked. The bounds are those
// of the volume's own boot sector, and it must lie wholly inside its place.

import { constants, type Stats } from 'node:fs'
import { open, realpath, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../../shared/errors.ts'
import { errnoOf } from '../errno.ts'
import { thisRefusalSystem } from '../source/disk-refusal.ts'
import { openFileSource } from '../source/any-file.ts'
import { linuxDeviceNumber } from '../source/file-source.ts'
import type { Place } from '../source/place.ts'
import { FileRegion, type RegionBounds } from './file-region.ts'
import {
  diskPosition,
  hasPartitions,
  kernelFiles,
  partitionNodes,
  whoUses,
  type DiskPosition,
  type KernelFiles,
} from './mounted.ts'
import { isReadOnlyMode, measureRegion, requireSame, requireWholeSectors, type Measured } from './measure-region.ts'
import { openError } from './open-error.ts'

/** What is asked of the system; tests put their own in its place. */
export type RegionSystem = {
  readonly platform: NodeJS.Platform
  readonly kernel: KernelFiles
  readonly devices: string
}
export const thisSystem: RegionSystem = { platform: process.platform, kernel: kernelFiles, devices: '/dev' }

async function measureLocal(place: Place, isFile: boolean): Promise<Measured> {
  const whole = await openFileSource(place.file)
  try {
    return await measureRegion(whole, place, isFile)
  } finally {
    await whole.close()
  }
}

/** Holds the partitions under the region, so that nobody mounts them meanwhile, where the whole disk cannot be held. */
async function holdPartitions(
  { offset, sizeBytes, name }: RegionBounds,
  position: DiskPosition,
  system: RegionSystem,
): Promise<readonly FileHandle[]> {
  const start = position.start + offset
  const held: FileHandle[] = []
  for (const node of await partitionNodes(position, { start, end: start + sizeBytes }, system.kernel)) {
    const path = join(system.devices, node)
    try {
      held.push(await open(path, constants.O_RDONLY | constants.O_EXCL))
    } catch (error) {
      if (errnoOf(error) !== 'EBUSY') continue
      for (const handle of held) await handle.close()
      throw new AppError('mounted-9fat', `${name}: ${path} is in use (EBUSY): mounted, perhaps in another container`, {
        cause: error,
      })
    }
  }
  return held
}

/** `status` is null where Windows cannot stat a device. */
function requireWritableKind(place: Place, status: Stats | null, { platform }: RegionSystem): void {
  const isDevice =
    status === null
      ? platform === 'win32'
      : status.isBlockDevice() || (status.isCharacterDevice() && platform !== 'linux')
  // Raw disks are character devices on macOS and the BSDs; on Linux those are no disks.
  if (!isDevice && status?.isFile() !== true)
    throw new AppError('read-only-9fat', `${place.file} is neither a file nor a disk: it is not written`)
  // Someone who may write everything would not be stopped by the system.
  if (status?.isFile() === true && isReadOnlyMode(status.mode))
    throw new AppError('read-only-9fat', `${place.file} is marked read-only for everybody`, {
      data: { path: place.file },
    })
}

/**
 * Opens for writing. Rejects with `not-9fat`, `damaged-9fat`, `mounted-9fat`, `read-only-9fat`, `changed-9fat` or
 * `source-open`; nothing was written then.
 */
export async function openFileRegion(place: Place, system: RegionSystem = thisSystem): Promise<FileRegion> {
  const { platform, kernel } = system
  const path = await realpath(place.file).catch(() => place.file)
  const status = await stat(path).catch(() => null)
  const isFile = status?.isFile() === true
  const { bounds, firstSector } = await measureLocal({ ...place, file: path }, isFile)
  requireWritableKind(place, status, system)
  const isLinux = platform === 'linux'
  const position =
    isLinux && status?.isBlockDevice() === true ? await diskPosition(linuxDeviceNumber(status.rdev), kernel) : null
  if (!isFile) requireWholeSectors(bounds, position?.logicalSectorBytes)
  const range = { start: bounds.offset, end: bounds.offset + bounds.sizeBytes }
  const user = isLinux ? await whoUses(path, range, position, kernel) : null
  if (user !== null) throw new AppError('mounted-9fat', `${place.name}: ${user}`, { data: { path: place.file } })
  if (position?.isReadOnly === true)
    throw new AppError('read-only-9fat', `${place.file} is write-protected`, { data: { path: place.file } })
  // Linux refuses an exclusive open of a device in use; of a whole disk it does so for the sake of any partition of it.
  const isPartitioned = position !== null && !position.isPartition && (await hasPartitions(position, kernel))
  const isHeldWhole = isLinux && !isFile && !isPartitioned
  const guards = isPartitioned ? await holdPartitions(bounds, position, system) : []
  let handle: FileHandle | null = null
  try {
    handle = await open(path, isHeldWhole ? constants.O_RDWR | constants.O_EXCL : constants.O_RDWR)
    const region = new FileRegion(bounds, handle, { guards })
    const opened = await handle.stat()
    const isSameFile = status === null || (opened.dev === status.dev && opened.ino === status.ino)
    await requireSame(region, isSameFile, firstSector)
    return region
  } catch (error) {
    for (const one of [...guards, handle]) await one?.close()
    throw error instanceof AppError ? error : await openError(place, error, isFile, { ...thisRefusalSystem, platform })
  }
}
