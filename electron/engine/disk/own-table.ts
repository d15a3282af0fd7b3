// Disks that are divided without an MBR or GPT: a Plan 9 table in the second sector of the disk itself, or an old one in its
// last two. Authority: plan9-disks.md 1 and 2.

import { hexNumber } from '../bytes/hex.ts'
import { recogniseFat } from '../fat/boot-sector.ts'
import { fossilHeaderOffset, fossilMagic } from '../fossil/header.ts'
import type { BlockSource } from '../source/block-source.ts'
import { partBlankBytes, partitionMagic } from '../venti/format/constants.ts'
import { sectionMagic } from './index-section.ts'
import { peek } from './peek.ts'
import { decodeOldTable, decodePlan9Table, hasOldTable, hasPlan9Table, type DecodedTable } from './plan9-table.ts'
import type { Span } from './span.ts'

const sectorSizes = [512, 4096] as const

/** What the device says, where it does, first. */
export const sizesToTry = (hint: number | null): readonly number[] =>
  hint === null ? sectorSizes : [hint, ...sectorSizes]

/** A disk with its first bytes, and what is found wrong on the way. */
export type DiskHead = { readonly source: BlockSource; readonly head: Uint8Array; readonly problems: string[] }

export const wholeDisk = (source: BlockSource): Span => ({
  isPlan9: true,
  slot: 0,
  title: 'the disk itself',
  name: null,
  offset: 0,
  sizeBytes: source.sizeBytes,
  cutBytes: 0,
})

/**
 * What the disk as a whole became after it was divided, or null. Venti and fossil leave the beginning of what they are given
 * as it was, tables and the first sectors of a 9fat included; that 9fat must not be found any more, because it lies over the
 * new arenas. Their header in the middle of a partition tells; one between partitions is older than those.
 */
export async function findOwner(source: BlockSource, spans: readonly Span[]): Promise<string | null> {
  for (const [place, magic, what] of [
    [partBlankBytes, partitionMagic, 'an arena partition'],
    [partBlankBytes, sectionMagic, 'an index section'],
    [fossilHeaderOffset, fossilMagic, 'a fossil'],
  ] as const) {
    if (!spans.some(({ offset, sizeBytes }) => offset <= place && place < offset + sizeBytes)) continue
    const bytes = await peek(source, place, 4)
    if (bytes instanceof Uint8Array && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) === magic) return what
  }
  return null
}

/** A Plan 9 table in the second sector of the disk itself, or an old one in its last two. */
export async function readOwnTable(
  { source, head, problems }: DiskHead,
  hint: number | null,
): Promise<{ table: DecodedTable; sectorBytes: number } | null> {
  const sizes = sizesToTry(hint)
  const size = sizes.find((one) => head.length >= 2 * one && hasPlan9Table(head.subarray(one, 2 * one)))
  if (size !== undefined) {
    const limit = Math.floor(source.sizeBytes / size)
    const table = decodePlan9Table(head.subarray(size, 2 * size), limit, `Plan 9 table at ${hexNumber(size)}`)
    // A 9fat by itself has the table of the disk it was taken from, and nothing of that disk behind itself.
    const volumeBytes = recogniseFat(head)?.sizeBytes ?? 0
    if (volumeBytes > 0 && !table.lines.some(({ startSector }) => startSector * size >= volumeBytes)) return null
    const owner = await findOwner(source, [wholeDisk(source)])
    if (owner !== null) {
      problems.push(
        `an older Plan 9 table stands at ${hexNumber(size)}, but this is ${owner} by itself: the table is not used`,
      )
      return null
    }
    problems.push(...table.problems)
    return { table, sectorBytes: size }
  }
  const old = hint ?? 512
  const sectors = Math.floor(source.sizeBytes / old)
  for (const sector of [sectors - 1, sectors - 2]) {
    const bytes = sector > 1 ? await peek(source, sector * old, old) : null
    if (!(bytes instanceof Uint8Array) || !hasOldTable(bytes)) continue
    const table = decodeOldTable(bytes, sectors, `old Plan 9 table at ${hexNumber(sector * old)}`)
    problems.push(...table.problems)
    return { table, sectorBytes: old }
  }
  return null
}
