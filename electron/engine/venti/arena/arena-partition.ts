// An opened arena partition: header, table and where each arena stands. Reads the header and the table only, so it
// answers at once for terabytes. Authority: plan9port srv/arenas.c initarenapart. A bad table line disables its arena
// and no other (venti-arenas.md 7.5).

import { structureDamage, type Damage } from '../../../../shared/model/damage.ts'
import { AppError } from '../../../../shared/errors.ts'
import { hexNumber } from '../../bytes/hex.ts'
import { readOrBadPlace } from '../../source/bad-place.ts'
import type { BlockSource } from '../../source/block-source.ts'
import { decodeArenaTable, type TableEntry } from '../format/arena-table.ts'
import { headSizeBytes, partBlankBytes } from '../format/constants.ts'
import { decodePartitionHeader, type PartitionHeader } from '../format/partition-header.ts'
import { TableCheck } from './table-check.ts'

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
  const check = new TableCheck(source, header, usableBytes)
  const entries = await check.dropMisplaced(await check.dropOverlaps(table.entries, bad), bad)
  if (entries.length === 0) {
    const why = bad[0]?.reason ?? 'it is empty'
    throw new AppError(
      'not-arena-partition',
      `${source.name}: arena table at ${hexNumber(header.tableBase)} has no usable line: ${why}`,
    )
  }
  const damage: Damage[] = []
  for (const line of bad) {
    const found = await check.between(entries, line.index)
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
