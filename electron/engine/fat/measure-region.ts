// What a region may be, before it is opened for writing: the bounds are those of the volume's own boot sector, and it must
// lie wholly inside its place. The same for a volume here and on another machine. Reads only.

import { AppError } from '../../../shared/errors.ts'
import { hexNumber } from '../bytes/hex.ts'
import { findOwner, wholeDisk } from '../disk/own-table.ts'
import type { BlockSource } from '../source/block-source.ts'
import type { Place } from '../source/place.ts'
import { rangeSource } from '../source/range-source.ts'
import { bootSectorBytes, decodeBootSector } from './boot-sector.ts'
import type { RegionBounds } from './file-region.ts'
import type { WritableRegion } from './region.ts'

/** Raw devices of macOS and Windows only give whole sectors. */
const deviceReadBytes = 4096
const anyWriteBit = 0o222

export type Measured = { readonly firstSector: Uint8Array; readonly bounds: RegionBounds }

/** What is there, and how far it reaches; `whole` is the file or disk. Rejects with `not-9fat` or `damaged-9fat`. */
export async function measureRegion(
  whole: BlockSource,
  place: Pick<Place, 'name' | 'offset' | 'sizeBytes'>,
  isFile: boolean,
): Promise<Measured> {
  const placeBytes = place.sizeBytes ?? whole.sizeBytes - place.offset
  const source = rangeSource(whole, place.offset, placeBytes, place.name)
  const layout = decodeBootSector(await source.read(0, Math.min(bootSectorBytes, placeBytes)), place.name)
  if (layout.sizeBytes > placeBytes) {
    throw new AppError(
      'damaged-9fat',
      `${place.name}: its boot sector says ${hexNumber(layout.sizeBytes)} bytes, but the partition ends at ${hexNumber(placeBytes)}`,
    )
  }
  // Venti and fossil leave the first sectors of what they are given: an old boot sector may stand before new arenas.
  const owner = await findOwner(source, [wholeDisk(source)])
  if (owner !== null) {
    throw new AppError(
      'not-9fat',
      `${place.name}: it has the boot sector of a FAT volume, but has become ${owner} since`,
    )
  }
  const bounds: RegionBounds = {
    name: place.name,
    offset: place.offset,
    sizeBytes: layout.sizeBytes,
    sectorBytes: layout.sectorBytes,
    firstWritableByte: layout.fatSector * layout.sectorBytes,
    readAlignment: isFile ? 1 : deviceReadBytes,
    fileBytes: whole.sizeBytes,
  }
  return { firstSector: await source.read(0, layout.sectorBytes), bounds }
}

/** `deviceBytes`: what the disk writes at once, where that is known. */
export function requireWholeSectors({ name, offset, sectorBytes }: RegionBounds, deviceBytes = sectorBytes): void {
  const next = 'Copy the partition to a file, change it there and copy it back, or change it on Plan 9.'
  if (deviceBytes > sectorBytes) {
    throw new AppError(
      'read-only-9fat',
      `${name}: the disk writes ${deviceBytes} bytes at once and the volume has sectors of ${sectorBytes}: a write would touch its neighbours`,
      { data: { next } },
    )
  }
  if (offset % sectorBytes !== 0) {
    throw new AppError(
      'read-only-9fat',
      `${name}: it begins at ${hexNumber(offset)}, in the middle of a sector of the disk`,
      {
        data: { next },
      },
    )
  }
}

/** Between looking and opening, a name can come to mean another file, and a volume another volume. */
export async function requireSame(region: WritableRegion, isSameFile: boolean, firstSector: Uint8Array): Promise<void> {
  if (isSameFile && Buffer.compare(await region.read(0, firstSector.length), firstSector) === 0) return
  throw new AppError('changed-9fat', `${region.name}: it was replaced while it was being opened. Nothing was written`)
}

/** Someone who may write everything would not be stopped by the system. */
export const isReadOnlyMode = (mode: number): boolean => (mode & anyWriteBit) === 0
