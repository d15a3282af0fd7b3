// venti-mirror partitions: what is on a disk or an image, each part recognised by its content; without a disk, the raw disks
// of this computer and whether they can be opened. Reads a handful of sectors of each.

import { listPath } from '../../engine/disk/list-path.ts'
import { listRawDisks } from '../../engine/disk/raw-disks.ts'
import type { PartitionsCommand } from '../args.ts'
import type { CommandContext, ExitStatus } from '../context.ts'
import { diskLines, rawDiskLines } from '../partition-listing.ts'

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
