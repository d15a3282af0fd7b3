// The partitions that a master boot record and its chain of extended boot records name. A logical partition's start counts
// from its own record, the link to the next record from the first extended partition (plan9-disks.md 1).

import { hexNumber } from '../bytes/hex.ts'
import type { BlockSource } from '../source/block-source.ts'
import { decodeMbr, isExtended, mbrBytes, plan9Type, protectiveType, type MbrEntry } from './mbr.ts'
import { peekOrTell } from './peek.ts'
import { fitSpan, type Span } from './span.ts'

/** Linux takes 60 by default; more is a loop that never meets itself (R9). */
const maxLogical = 128

function spanOf(slot: number, type: number, startSector: number, sectors: number, sectorBytes: number): Span {
  return {
    isPlan9: type === plan9Type,
    slot,
    title: `MBR type ${hexNumber(type)}`,
    name: null,
    offset: startSector * sectorBytes,
    sizeBytes: sectors * sectorBytes,
    cutBytes: 0,
  }
}

type Chain = { readonly disk: BlockSource; readonly sectorBytes: number; readonly problems: string[] }

async function readLogical({ disk, sectorBytes, problems }: Chain, first: MbrEntry, slot: number): Promise<Span[]> {
  const spans: Span[] = []
  const seen = new Set<number>()
  const end = first.startSector + first.sectors
  let record = first.startSector
  while (spans.length < maxLogical) {
    const place = `extended boot record at sector ${record}`
    if (seen.has(record)) {
      problems.push(`${place}: the chain of extended partitions leads back to it; it is followed no further`)
      return spans
    }
    seen.add(record)
    const before = problems.length
    const sector = await peekOrTell(disk, record * sectorBytes, mbrBytes, 'the extended boot record', problems)
    const entries = sector === null ? null : decodeMbr(sector)
    if (entries === null) {
      const why = sector === null ? 'it is beyond the end of the disk' : 'its last two bytes are not 55 aa'
      if (problems.length === before) problems.push(`${place}: ${why}; what the chain holds behind it is not listed`)
      return spans
    }
    for (const { type, startSector, sectors } of entries.filter((entry) => !isExtended(entry)))
      spans.push(spanOf(slot + spans.length, type, record + startSector, sectors, sectorBytes))
    const link = entries.find(isExtended)
    if (link === undefined) return spans
    const next = first.startSector + link.startSector
    if (next >= end) {
      problems.push(`${place}: it leads to sector ${next}, beyond the extended partition, which ends at ${end}`)
      return spans
    }
    record = next
    if (seen.size > maxLogical) break
  }
  problems.push(
    `the extended partition at sector ${first.startSector} has more than ${maxLogical} records; the rest is not listed`,
  )
  return spans.slice(0, maxLogical)
}

/** In table order: first the four slots, then the logical partitions, which are numbered from 5. */
export async function readMbrSpans(
  disk: BlockSource,
  entries: readonly MbrEntry[],
  sectorBytes: number,
  problems: string[],
): Promise<readonly Span[]> {
  const spans: Span[] = []
  let logical = 5
  const behind: Span[] = []
  for (const entry of entries) {
    if (entry.type === protectiveType) continue
    if (!isExtended(entry)) {
      spans.push(spanOf(entry.slot, entry.type, entry.startSector, entry.sectors, sectorBytes))
      continue
    }
    const found = await readLogical({ disk, sectorBytes, problems }, entry, logical)
    behind.push(...found)
    logical += found.length
  }
  return [...spans, ...behind].flatMap((span) => fitSpan(span, disk.sizeBytes, problems) ?? [])
}
