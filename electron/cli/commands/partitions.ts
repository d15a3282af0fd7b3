// venti-mirror partitions: what is on a disk or an image, each part recognised by its content; without a disk, the raw disks
// of this computer and whether they can be opened. Reads a handful of sectors of each.

import { listDisk } from '../../engine/disk/discover.ts'
import { listRawDisks } from '../../engine/disk/raw-disks.ts'
import { deviceSectorBytes } from '../../engine/source/file-source.ts'
import { openPath } from '../../engine/source/open-source.ts'
import { resolvePlace } from '../../engine/source/place.ts'
import type { DiskListing } from '../../../shared/model/partition.ts'
import type { PartitionsCommand } from '../args.ts'
import type { CommandContext, ExitStatus } from '../context.ts'
import { diskLines, rawDiskLines } from '../partition-listing.ts'

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

export async function runPartitions(command: PartitionsCommand, { report }: CommandContext): Promise<ExitStatus> {
  if (command.disk === null) {
    const disks = await listRawDisks()
    report.document({ disks: disks ?? [] })
    report.lines(rawDiskLines(disks))
    return disks === null ? 1 : 0
  }
  const listing = await listPath(command.disk, command.showScores)
  report.document(listing)
  report.lines(diskLines(listing))
  return listing.problems.length > 0 ? 3 : 0
}
