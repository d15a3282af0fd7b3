// The listing of whatever a path leads to: a disk, an image of one, a part of it, a partition by itself.

import type { DiskListing } from '../../../shared/model/partition.ts'
import { deviceSectorBytes } from '../source/file-source.ts'
import { openPath } from '../source/open-source.ts'
import { resolvePlace } from '../source/place.ts'
import { listDisk } from './discover.ts'

/** Rejects with source-open, source-read or no-such-partition. */
export async function listPath(path: string, showScores: boolean): Promise<DiskListing> {
  const { file, offset } = await resolvePlace(path)
  const sectorBytes = await deviceSectorBytes(file)
  const source = await openPath(path)
  try {
    return await listDisk(source, {
      showScores,
      ...(sectorBytes === null ? {} : { sectorBytes }),
      ...(file === path ? {} : { within: { file, offset } }),
    })
  } finally {
    await source.close()
  }
}
