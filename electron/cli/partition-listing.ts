// What "partitions" found, as text: one row for each partition, or for each disk of this computer. Pure.

import type { DiskListing, PartitionScheme, RawDisk } from '../../shared/model/partition.ts'
import { countOf, formatBytes } from '../../shared/text/format.ts'

const schemeWords: Readonly<Record<PartitionScheme, string>> = {
  gpt: 'GPT',
  mbr: 'MBR',
  plan9: 'Plan 9 table of its own',
  bare: 'no partition table',
}

/** Numbers stand at the right of their column; the last column is as wide as it is. */
function rowsOf(
  titles: readonly string[],
  right: ReadonlySet<number>,
  cells: readonly (readonly string[])[],
): string[] {
  const widths = titles.map((title, at) =>
    cells.reduce((width, row) => Math.max(width, (row[at] ?? '').length), title.length),
  )
  const format = (row: readonly string[]): string =>
    `  ${row
      .map((cell, at) => (right.has(at) ? cell.padStart(widths[at] as number) : cell.padEnd(widths[at] as number)))
      .join('  ')}`.trimEnd()
  return [format(titles), ...cells.map(format)]
}

export function partitionRows(listing: DiskListing): readonly string[] {
  const cells = listing.partitions.map(({ name, kind, offset, size, path, found }) => {
    // Everything that is not called DISK:NAME needs its path said.
    const called = path === `${listing.disk}:${name}` || path === listing.disk ? '' : `; use ${path}`
    return [name, kind, String(offset), formatBytes(size), `${found}${called}`]
  })
  return rowsOf(['name', 'kind', 'offset', 'size', 'found'], new Set([2, 3]), cells)
}

export function diskLines(listing: DiskListing): readonly string[] {
  const { disk, scheme, sectorBytes, size, partitions, problems } = listing
  const count = scheme === 'bare' ? 'one partition by itself' : countOf(partitions.length, 'partition')
  const heading = `${disk}: ${schemeWords[scheme]}, ${formatBytes(size)} in sectors of ${sectorBytes} bytes; ${count}`
  const example = partitions.find(({ path }) => path === `${disk}:arenas`)?.path
  return [
    heading,
    ...(partitions.length === 0 ? [] : ['', ...partitionRows(listing)]),
    ...(example === undefined ? [] : ['', `Each is named DISK:NAME on a command line: venti-mirror arenas ${example}`]),
    ...(problems.length === 0
      ? []
      : ['', `Problems: ${problems.length}`, ...problems.map((problem) => `  ${problem}`)]),
  ]
}

export function rawDiskLines(disks: readonly RawDisk[] | null): readonly string[] {
  if (disks === null) return ['The disks of this system cannot be listed; name one: venti-mirror partitions DISK']
  if (disks.length === 0) return ['There is no raw disk on this computer that could be listed.']
  const cells = disks.map(({ path, size, model, problem }) => [
    path,
    size === null ? '?' : formatBytes(size),
    model ?? '',
    problem ?? 'can be read',
  ])
  const advice = [...new Set(disks.flatMap((disk) => (disk.advice === null ? [] : [`${disk.path}: ${disk.advice}`])))]
  return [
    ...rowsOf(['disk', 'size', 'model', 'access'], new Set([1]), cells),
    ...(advice.length === 0 ? [] : ['', ...advice]),
    '',
    'venti-mirror partitions DISK lists what is on one of them. None is ever chosen for you.',
  ]
}
