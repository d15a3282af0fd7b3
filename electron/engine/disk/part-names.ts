// Names for the partitions of a disk, each one once. The parts of a Plan 9 partition have theirs by right, as Plan 9 would
// name them; where two Plan 9 partitions have a part of the same name the first keeps it and the next is NAME.1. The Plan 9
// partitions are plan9, plan9.1, ...; others have their GPT name or p1, p2, ... after their number.

import type { DiskPart } from './disk-part.ts'
import type { DecodedTable } from './plan9-table.ts'
import type { Span } from './span.ts'

class Names {
  readonly #taken = new Set<string>()

  take(wanted: string): string {
    let name = wanted
    for (let number = 1; this.#taken.has(name); number++) name = `${wanted}.${number}`
    this.#taken.add(name)
    return name
  }
}

/** A GPT name as one word that a command line takes behind a colon; null when nothing is left of it. */
function wordOf(name: string | null): string | null {
  const word = (name ?? '').trim().replace(/[\p{Cc}\s/\\:\ufffd]+/gu, '-')
  return /[\p{L}\p{N}]/u.test(word) && word.length <= 64 ? word : null
}

/** In the order of the disk's own table, each Plan 9 partition followed by its parts. */
export function nameParts(
  found: readonly { readonly span: Span; readonly table: DecodedTable | null }[],
  sectorBytes: number,
): readonly DiskPart[] {
  const names = new Names()
  const inside = found.map(({ span, table }) =>
    (table?.lines ?? []).map(({ name, startSector, endSector }): DiskPart => ({
      name: names.take(name),
      role: 'plan9',
      tableName: name,
      title: 'Plan 9 table',
      offset: span.offset + startSector * sectorBytes,
      sizeBytes: (endSector - startSector) * sectorBytes,
      parts: 0,
    })),
  )
  const containers = found.map(({ span }) => (span.isPlan9 ? names.take('plan9') : null))
  return found.flatMap(({ span }, index) => {
    const { offset, sizeBytes, title, slot } = span
    const parts = inside[index] as readonly DiskPart[]
    const container = containers[index] as string | null
    const outer: DiskPart = {
      name: container ?? names.take(wordOf(span.name) ?? `p${slot}`),
      role: container === null ? 'other' : 'container',
      tableName: span.name,
      title,
      offset,
      sizeBytes,
      parts: parts.length,
    }
    return [outer, ...parts]
  })
}
