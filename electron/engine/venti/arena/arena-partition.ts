// An opened arena partition: header, table and where each arena stands. Reads the header and the table only, so it
// answers at once for terabytes. Authority: plan9port srv/arenas.c initarenapart. A bad table line disables its arena
// and no other (venti-arenas.md 7.5).

import { structureDamage, type Damage } from '../../../../shared/model/damage.ts'
import { AppError } from '../../../../shared/errors.ts'
import { hexNumber } from '../../bytes/hex.ts'
import { readOrBadPlace } from '../../source/bad-place.ts'
import type { BlockSource } from '../../source/block-source.ts'
import { arenaHeadBytesV5, decodeArenaHead, type ArenaHead } from '../format/arena-head.ts'
import { decodeArenaTable, type BadTableLine, type TableEntry } from '../format/arena-table.ts'
import { headSizeBytes, partBlankBytes } from '../format/constants.ts'
import { decodePartitionHeader, type PartitionHeader } from '../format/partition-header.ts'

/** 31 744 lines of at most 64 + 2 + 40 bytes; a table area beyond this is not read (R9). */
const maxTableBytes = 4 * 1024 * 1024

const smallestTableRead = 4096

export type ArenaPartition = {
  readonly source: BlockSource
  readonly header: PartitionHeader
  /** Partition size rounded down to a whole block. */
  readonly usableBytes: number
  readonly entries: readonly TableEntry[]
  readonly damage: readonly Damage[]
}

async function headAt(source: BlockSource, start: number): Promise<ArenaHead | null> {
  if (start + arenaHeadBytesV5 > source.sizeBytes) return null
  const bytes = await readOrBadPlace(source, start, arenaHeadBytesV5)
  if (!(bytes instanceof Uint8Array)) return null
  const head = decodeArenaHead(bytes)
  return typeof head === 'string' ? null : head
}

/** Where a bad line's arena probably stands: between its neighbours, if a head of an arena is found there. */
async function proposal(
  source: BlockSource,
  header: PartitionHeader,
  usableBytes: number,
  entries: readonly TableEntry[],
  line: BadTableLine,
): Promise<{ name: string; start: number; stop: number } | null> {
  const before = entries.findLast((entry) => entry.index < line.index)
  const after = entries.find((entry) => entry.index > line.index)
  const start = before?.stop ?? header.arenaBase
  if (start + arenaHeadBytesV5 > usableBytes) return null
  const head = await headAt(source, start)
  if (head === null) return null
  const stop = start + head.totalBytes
  return stop <= (after?.start ?? usableBytes) ? { name: head.name, start, stop } : null
}

async function headMatches(source: BlockSource, entry: TableEntry): Promise<boolean> {
  const head = await headAt(source, entry.start)
  return head !== null && head.name === entry.name && head.totalBytes === entry.stop - entry.start
}

/** Ranges must ascend without overlap. Of two that do overlap, the one whose head confirms it stays. */
async function dropOverlaps(
  source: BlockSource,
  entries: readonly TableEntry[],
  bad: BadTableLine[],
): Promise<TableEntry[]> {
  const kept: TableEntry[] = []
  const drop = (entry: TableEntry, other: TableEntry): void => {
    const { index, textOffset, name, start, stop } = entry
    const how = start < other.stop && stop > other.start ? 'overlaps' : 'is out of order with'
    bad.push({
      index,
      textOffset,
      text: `${name}\t${start}\t${stop}`,
      reason: `line ${index} (${name}, ${start} to ${stop}) ${how} line ${other.index} (${other.name}, ${other.start} to ${other.stop})`,
    })
  }
  for (const entry of entries) {
    let last = kept.at(-1)
    let keep = true
    while (last !== undefined && entry.start < last.stop) {
      if (!(await headMatches(source, last)) && (await headMatches(source, entry))) {
        drop(last, entry)
        kept.pop()
        last = kept.at(-1)
      } else {
        drop(entry, last)
        keep = false
        break
      }
    }
    if (keep) kept.push(entry)
  }
  return kept
}

/** Rejects with `not-arena-partition` or `source-read`. Damage of single lines is in `damage`. */
export async function openArenaPartition(source: BlockSource): Promise<ArenaPartition> {
  if (source.sizeBytes < partBlankBytes + headSizeBytes) {
    throw new AppError(
      'not-arena-partition',
      `${source.name}: ${source.sizeBytes} bytes are too few for an arena partition, whose header is at ${hexNumber(partBlankBytes)}. Nothing was read or changed`,
    )
  }
  const header = decodePartitionHeader(await source.read(partBlankBytes, 16), source.name)
  const usableBytes = source.sizeBytes - (source.sizeBytes % header.blockSize)
  const tableEnd = Math.min(header.arenaBase, usableBytes, header.tableBase + maxTableBytes)
  if (tableEnd <= header.tableBase) {
    throw new AppError(
      'not-arena-partition',
      `${source.name}: ends at ${hexNumber(source.sizeBytes)}, before its arena table at ${hexNumber(header.tableBase)}: it was cut short`,
    )
  }
  const tableBytes = await readTable(source, header.tableBase, tableEnd)
  const limits = { arenaBase: header.arenaBase, blockSize: header.blockSize, usableBytes }
  const table = decodeArenaTable(tableBytes, limits)
  const bad = [...table.bad]
  const entries = await dropOverlaps(source, table.entries, bad)
  if (entries.length === 0) {
    const why = bad[0]?.reason ?? 'it is empty'
    throw new AppError(
      'not-arena-partition',
      `${source.name}: arena table at ${hexNumber(header.tableBase)} has no usable line: ${why}`,
    )
  }
  const damage: Damage[] = []
  for (const line of bad) {
    const found = await proposal(source, header, usableBytes, entries, line)
    const hint =
      found === null
        ? 'no arena was found between its neighbours'
        : `an arena named ${found.name} stands between its neighbours at ${found.start} to ${found.stop}; it is not used until the table is repaired`
    const name = found?.name ?? (line.text.split('\t')[0] || `#${line.index}`)
    damage.push(
      structureDamage('table-line', name, header.tableBase + line.textOffset, `arena table ${line.reason}; ${hint}`),
    )
  }
  const lines = table.entries.length + table.bad.length
  if (table.count !== lines) {
    const said = table.count === null ? 'no readable count' : `a count of ${table.count}`
    damage.push(
      structureDamage(
        'table-count',
        '',
        header.tableBase,
        `arena table has ${said} in its first line and ${lines} lines behind it`,
      ),
    )
  }
  for (const entry of entries) {
    if (!entry.truncated) continue
    const missing = entry.stop - usableBytes
    const detail = `the table says ${entry.name} ends at ${entry.stop}, the partition ends at ${usableBytes}: the last ${missing} bytes of the arena are missing`
    damage.push(structureDamage('arena-truncated', entry.name, entry.start, detail))
  }
  return { source, header, usableBytes, entries, damage }
}

/** The table text ends at the first NUL, so half a megabyte is not read for six lines. */
async function readTable(source: BlockSource, start: number, end: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let step = smallestTableRead
  for (let at = start; at < end; step *= 4) {
    const length = Math.min(step, end - at)
    const part = await readOrBadPlace(source, at, length)
    if (part instanceof Uint8Array) {
      parts.push(part)
      at += length
      if (part.includes(0)) break
    } else if (step > smallestTableRead) {
      // The bad place may well be behind the text.
      step = smallestTableRead / 4
    } else throw part
  }
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts)
}
