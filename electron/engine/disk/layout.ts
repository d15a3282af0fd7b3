// Where the partitions of a disk are, by its tables alone: GPT, then an MBR with a Plan 9 partition, then a Plan 9 table at
// the beginning (or, on old disks, at the end) of the disk itself. What is in them is recognise.ts' business. Reads a
// handful of sectors; every count and offset is bounded before it is followed (R9). Authority: plan9-disks.md 1 and 2.

import type { PartitionScheme } from '../../../shared/model/partition.ts'
import { hexNumber } from '../bytes/hex.ts'
import { recogniseFat } from '../fat/boot-sector.ts'
import type { BlockSource } from '../source/block-source.ts'
import type { DiskLayout } from './disk-part.ts'
import { hasGptSignature } from './gpt.ts'
import { areEntries, decodeMbr, plan9Type, protectiveType, type MbrEntry } from './mbr.ts'
import { findOwner, readOwnTable, sizesToTry, wholeDisk, type DiskHead } from './own-table.ts'
import { nameParts } from './part-names.ts'
import { peek, peekHead, peekOrTell } from './peek.ts'
import { decodePlan9Table, hasPlan9Table, type DecodedTable } from './plan9-table.ts'
import { readGpt } from './read-gpt.ts'
import { readMbrSpans } from './read-mbr.ts'
import type { Span } from './span.ts'

const headBytes = 2 * 4096

type Found = { readonly span: Span; readonly table: DecodedTable | null }

/** The table of a Plan 9 partition. */
async function readContainer(
  { source, problems }: DiskHead,
  span: Span,
  sectorBytes: number,
): Promise<DecodedTable | null> {
  const at = span.offset + sectorBytes
  const place = `Plan 9 table at ${hexNumber(at)}`
  const before = problems.length
  const inside = span.sizeBytes >= 2 * sectorBytes
  const sector = inside ? await peekOrTell(source, at, sectorBytes, 'the Plan 9 table', problems) : null
  if (sector === null || !hasPlan9Table(sector)) {
    if (problems.length === before)
      problems.push(`${place}: partition ${span.slot} (${span.title}) has no "part " there; its parts are not known`)
    return null
  }
  const table = decodePlan9Table(sector, Math.floor(span.sizeBytes / sectorBytes), place)
  problems.push(...table.problems)
  return table
}

async function withTables(disk: DiskHead, spans: readonly Span[], sectorBytes: number): Promise<readonly Found[]> {
  const found: Found[] = []
  for (const span of spans) {
    found.push({ span, table: span.isPlan9 ? await readContainer(disk, span, sectorBytes) : null })
  }
  for (const [index, { span }] of found.entries()) {
    const over = found
      .slice(0, index)
      .find(({ span: one }) => span.offset < one.offset + one.sizeBytes && one.offset < span.offset + span.sizeBytes)
    if (over !== undefined)
      disk.problems.push(
        `partition ${span.slot} (${span.title}) overlaps partition ${over.span.slot} (${over.span.title})`,
      )
  }
  return found
}

/** MBR addresses count in the disk's sectors, whose size is nowhere in it: the size by which a Plan 9 table is found. */
async function mbrSectorBytes(
  { source }: DiskHead,
  entries: readonly MbrEntry[],
  hint: number | null,
): Promise<number> {
  const sizes = sizesToTry(hint)
  for (const size of sizes) {
    for (const { type, startSector } of entries) {
      if (type !== plan9Type) continue
      const sector = await peek(source, (startSector + 1) * size, size)
      if (sector instanceof Uint8Array && hasPlan9Table(sector)) return size
    }
  }
  return sizes[0] as number
}

/** Boot code of a FAT reads as entries too: beside one only a Plan 9 or protective entry counts. */
function isPartitioned(disk: DiskHead, entries: readonly MbrEntry[]): boolean {
  const marked = entries.some(
    ({ type, startSector }) =>
      type === protectiveType || (type === plan9Type && startSector * 512 < disk.source.sizeBytes),
  )
  return recogniseFat(disk.head) === null ? marked || areEntries(entries) : marked && areEntries(entries)
}

/** The sector size by which a GPT header is where it belongs; null without one. */
async function gptSectorBytes(disk: DiskHead, isProtective: boolean, hint: number | null): Promise<number | null> {
  const sizes = sizesToTry(hint)
  const first = sizes.find((size) => hasGptSignature(disk.head.subarray(size, 2 * size)))
  if (first !== undefined || !isProtective) return first ?? null
  for (const size of sizes) {
    const last = (Math.floor(disk.source.sizeBytes / size) - 1) * size
    const sector = await peek(disk.source, last, size)
    if (sector instanceof Uint8Array && hasGptSignature(sector)) return size
  }
  return null
}

type Tables = {
  readonly scheme: PartitionScheme
  readonly sectorBytes: number
  readonly spans: readonly Span[]
}

/** Null where there is no GPT, where none can be used, or where the MBR is to be believed rather. */
async function byGpt(disk: DiskHead, entries: readonly MbrEntry[], hint: number | null): Promise<Tables | null> {
  const { source, problems } = disk
  const isProtective = entries.some(({ type }) => type === protectiveType)
  const sectorBytes = await gptSectorBytes(disk, isProtective, hint)
  if (sectorBytes === null) {
    if (isProtective) problems.push('the MBR says that there is a GPT, but there is none at either end of the disk')
    return null
  }
  if (!isProtective && entries.length > 0) {
    problems.push('a GPT header stands behind an MBR that has no entry for it (type 0xee): the MBR is used')
    return null
  }
  if (!isProtective) problems.push('the GPT has no entry in an MBR before it (type 0xee)')
  const marked = entries.filter(({ type }) => type === plan9Type)
  const gpt = await readGpt(source, sectorBytes, problems)
  if (gpt === null || (!gpt.isTrusted && marked.length > 0)) return null
  const inMbr = await readMbrSpans(source, marked, sectorBytes, problems)
  const unknown = inMbr.filter((one) => !gpt.spans.some(({ offset }) => offset === one.offset))
  for (const { offset } of unknown)
    problems.push(`the MBR has a Plan 9 partition at ${hexNumber(offset)} that is not in the GPT`)
  const hasPlan9 = gpt.spans.some(({ isPlan9 }) => isPlan9)
  return { scheme: 'gpt', sectorBytes, spans: hasPlan9 ? gpt.spans : [...gpt.spans, ...unknown] }
}

async function byMbr(disk: DiskHead, entries: readonly MbrEntry[], hint: number | null): Promise<Tables | null> {
  if (!entries.some(({ type }) => type !== protectiveType)) return null
  const sectorBytes = await mbrSectorBytes(disk, entries, hint)
  const spans = await readMbrSpans(disk.source, entries, sectorBytes, disk.problems)
  return spans.length === 0 ? null : { scheme: 'mbr', sectorBytes, spans }
}

/** `sectorBytes`: as the device says, where it is known; otherwise 512 is tried, then 4096. Rejects with source-read. */
export async function readDiskLayout(
  source: BlockSource,
  options: { readonly sectorBytes?: number } = {},
): Promise<DiskLayout> {
  const problems: string[] = []
  const disk: DiskHead = { source, head: await peekHead(source, headBytes, problems), problems }
  const hint = options.sectorBytes ?? null
  const decoded = decodeMbr(disk.head)
  const entries = decoded !== null && isPartitioned(disk, decoded) ? decoded : []
  const tables = (await byGpt(disk, entries, hint)) ?? (await byMbr(disk, entries, hint))
  const bare: DiskLayout = { scheme: 'bare', sectorBytes: hint ?? 512, parts: [], problems }

  if (tables === null || (tables.scheme === 'mbr' && !tables.spans.some(({ isPlan9 }) => isPlan9))) {
    const own = await readOwnTable(disk, hint)
    if (own !== null) {
      const found = nameParts([{ span: wholeDisk(source), table: own.table }], own.sectorBytes)
      const parts = found.filter(({ role }) => role !== 'container')
      return { scheme: 'plan9', sectorBytes: own.sectorBytes, parts, problems }
    }
  }
  if (tables === null) return bare
  const { scheme, sectorBytes, spans } = tables
  const owner = await findOwner(source, spans)
  if (owner !== null) {
    problems.push(
      `an older ${scheme.toUpperCase()} stands on it, but this is ${owner} by itself: the table is not used`,
    )
    return bare
  }
  return { scheme, sectorBytes, parts: nameParts(await withTables(disk, spans, sectorBytes), sectorBytes), problems }
}
