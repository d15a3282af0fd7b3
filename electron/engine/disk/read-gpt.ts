// Reads a GUID partition table: the copy at the beginning, or the one at the end where the first is damaged. Checksums are
// checked; a table whose bounds hold and whose checksums do not is used last of all, and said.

import { hexNumber } from '../bytes/hex.ts'
import type { BlockSource } from '../source/block-source.ts'
import { crc32 } from './crc32.ts'
import { decodeGptEntries, decodeGptHeader, plan9TypeGuid, type GptHeader } from './gpt.ts'
import { peekOrTell } from './peek.ts'
import { fitSpan, type Span } from './span.ts'

export type GptTable = {
  readonly spans: readonly Span[]
  /** A copy of the table with both checksums right was found. */
  readonly isTrusted: boolean
}

/** 16 KiB in practice. */
const maxEntriesBytes = 1024 * 1024

type Copy = { readonly header: GptHeader; readonly entries: Uint8Array; readonly isGood: boolean }
type Where = { readonly disk: BlockSource; readonly sectorBytes: number; readonly problems: string[] }

async function readHeader(
  { disk, sectorBytes, problems }: Where,
  sector: number,
  what: string,
): Promise<GptHeader | null> {
  const place = `${what} at sector ${sector}`
  const before = problems.length
  const bytes = await peekOrTell(disk, sector * sectorBytes, sectorBytes, what, problems)
  const header = bytes === null ? null : decodeGptHeader(bytes)
  if (header === null) {
    const why = bytes === null ? 'it is beyond the end of the disk' : 'it does not begin with "EFI PART"'
    if (problems.length === before) problems.push(`${place}: ${why}`)
    return null
  }
  if (typeof header === 'string') {
    problems.push(`${place}: ${header}`)
    return null
  }
  if (!header.crcMatches) problems.push(`${place}: its checksum is wrong`)
  else if (header.ownSector !== sector) {
    problems.push(`${place}: it says that it stands at sector ${header.ownSector}`)
    return { ...header, crcMatches: false }
  }
  return header
}

async function readCopy(where: Where, sector: number, what: string): Promise<Copy | null> {
  const { disk, sectorBytes, problems } = where
  const header = await readHeader(where, sector, what)
  if (header === null) return null
  const place = `the entries of ${what}`
  const offset = header.entriesSector * sectorBytes
  const length = header.entryCount * header.entryBytes
  if (length > maxEntriesBytes) {
    problems.push(`${place} have ${length} bytes, expected at most ${maxEntriesBytes}`)
    return null
  }
  const before = problems.length
  const entries = await peekOrTell(disk, offset, length, place, problems)
  if (entries === null) {
    if (problems.length === before) problems.push(`${place} at ${hexNumber(offset)} are beyond the end of the disk`)
    return null
  }
  const isIntact = crc32(entries) === header.entriesCrc
  if (!isIntact) problems.push(`${place}: their checksum is wrong`)
  return { header, entries, isGood: isIntact && header.crcMatches }
}

/** The copy at the end is only compared: its header stands for its entries. */
async function compareBackup(where: Where, primary: GptHeader): Promise<void> {
  const other = await readHeader(where, primary.otherSector, 'the backup GPT header')
  if (other === null || !other.crcMatches) return
  if (other.entriesCrc !== primary.entriesCrc || other.entryCount !== primary.entryCount)
    where.problems.push(`the backup GPT at sector ${primary.otherSector} says otherwise; the first one is used`)
}

function spansOf({ header, entries }: Copy, { disk, sectorBytes, problems }: Where): readonly Span[] {
  return decodeGptEntries(entries, header).flatMap(({ slot, typeGuid, startSector, lastSector, name }) => {
    const span: Span = {
      isPlan9: typeGuid === plan9TypeGuid,
      slot,
      title: name === '' ? 'GPT' : `GPT, ${JSON.stringify(name)}`,
      name: name === '' ? null : name,
      offset: startSector * sectorBytes,
      sizeBytes: (lastSector - startSector + 1) * sectorBytes,
      cutBytes: 0,
    }
    return fitSpan(span, disk.sizeBytes, problems) ?? []
  })
}

/** Null when no copy can be used at all; why is in `problems` then. */
export async function readGpt(disk: BlockSource, sectorBytes: number, problems: string[]): Promise<GptTable | null> {
  const where = { disk, sectorBytes, problems }
  const primary = await readCopy(where, 1, 'the GPT header')
  if (primary?.isGood === true) {
    await compareBackup(where, primary.header)
    return { spans: spansOf(primary, where), isTrusted: true }
  }
  const last = Math.floor(disk.sizeBytes / sectorBytes) - 1
  const backup = last > 1 ? await readCopy(where, last, 'the backup GPT header') : null
  const used = backup?.isGood === true ? backup : (primary ?? backup)
  if (used === null) return null
  problems.push(
    used.isGood
      ? 'the GPT at the beginning is damaged; its backup at the end of the disk is used'
      : 'no copy of the GPT has right checksums; what it says is listed as far as it is possible',
  )
  return { spans: spansOf(used, where), isTrusted: used.isGood }
}
