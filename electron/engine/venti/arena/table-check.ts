// Table lines against each other and against the heads they lead to: which of two that overlap is right, is a line off its
// arena, which arena does a bad line probably mean? A line found wrong here disables its arena and no other, like one that
// cannot be read (venti-arenas.md 7.5). Where the lines follow each other without a gap, as fmtarenas writes them, no head is
// read.

import { readOrBadPlace } from '../../source/bad-place.ts'
import type { BlockSource } from '../../source/block-source.ts'
import { arenaHeadBytesV5, decodeArenaHead, type ArenaHead } from '../format/arena-head.ts'
import type { BadTableLine, TableEntry } from '../format/arena-table.ts'
import { arenaTailBytes, decodeArenaTail } from '../format/arena-tail.ts'
import type { PartitionHeader } from '../format/partition-header.ts'

type Place = { readonly name: string; readonly start: number; readonly stop: number }

export class TableCheck {
  readonly #source: BlockSource
  readonly #header: PartitionHeader
  readonly #usableBytes: number

  constructor(source: BlockSource, header: PartitionHeader, usableBytes: number) {
    this.#source = source
    this.#header = header
    this.#usableBytes = usableBytes
  }

  async #headAt(start: number): Promise<ArenaHead | null> {
    if (start + arenaHeadBytesV5 > this.#usableBytes) return null
    const bytes = await readOrBadPlace(this.#source, start, arenaHeadBytesV5)
    const head = bytes instanceof Uint8Array ? decodeArenaHead(bytes) : 'cannot be read'
    return typeof head === 'string' ? null : head
  }

  async #headMatches({ name, start, stop }: Place): Promise<boolean> {
    const head = await this.#headAt(start)
    return head !== null && head.name === name && head.totalBytes === stop - start
  }

  async #tailMatches({ name, stop }: Place): Promise<boolean> {
    const at = stop - this.#header.blockSize
    if (stop > this.#usableBytes) return false
    const bytes = await readOrBadPlace(this.#source, at, arenaTailBytes)
    const tail = bytes instanceof Uint8Array ? decodeArenaTail(bytes) : 'cannot be read'
    return typeof tail !== 'string' && tail.name === name
  }

  /** The arena whose head stands between the good neighbours of line `index`, if there is one. */
  async between(entries: readonly TableEntry[], index: number): Promise<Place | null> {
    const before = entries.findLast((entry) => entry.index < index)
    const after = entries.find((entry) => entry.index > index)
    const start = before?.stop ?? this.#header.arenaBase
    const head = await this.#headAt(start)
    if (head === null) return null
    const stop = start + head.totalBytes
    return stop <= (after?.start ?? this.#usableBytes) ? { name: head.name, start, stop } : null
  }

  /** Ranges must ascend without overlap. Of two that do overlap, the one whose head confirms it stays. */
  async dropOverlaps(entries: readonly TableEntry[], bad: BadTableLine[]): Promise<TableEntry[]> {
    const kept: TableEntry[] = []
    const drop = (entry: TableEntry, other: TableEntry): void => {
      const how = entry.start < other.stop && entry.stop > other.start ? 'overlaps' : 'is out of order with'
      bad.push(badLine(entry, `${how} line ${other.index} (${placeText(other)})`))
    }
    for (const entry of entries) {
      let last = kept.at(-1)
      let keep = true
      while (last !== undefined && entry.start < last.stop) {
        if (!(await this.#headMatches(last)) && (await this.#headMatches(entry))) {
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

  /** A gap before or behind an arena may be a wrong digit: then its head stands elsewhere in the gap, or its tail does. */
  async dropMisplaced(entries: readonly TableEntry[], bad: BadTableLine[]): Promise<TableEntry[]> {
    const kept: TableEntry[] = []
    for (const [position, entry] of entries.entries()) {
      const begins = entry.start === (entries[position - 1]?.stop ?? this.#header.arenaBase)
      const ends = entry.stop === (entries[position + 1]?.start ?? this.#usableBytes)
      const real =
        (begins && ends) || (await this.#headMatches(entry)) ? null : await this.between(entries, entry.index)
      const same = real === null || real.name !== entry.name || (real.start === entry.start && real.stop === entry.stop)
      if (same || (real.start === entry.start && (await this.#tailMatches(entry)))) kept.push(entry)
      else bad.push(badLine(entry, `is not where the head of its arena stands, ${real.start} to ${real.stop}`))
    }
    return kept
  }
}

const placeText = ({ name, start, stop }: Place): string => `${name}, ${start} to ${stop}`

function badLine(entry: TableEntry, what: string): BadTableLine {
  const { index, textOffset, name, start, stop } = entry
  const reason = `line ${index} (${placeText(entry)}) ${what}`
  return { index, textOffset, text: `${name}\t${start}\t${stop}`, reason }
}
