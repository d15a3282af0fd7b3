// The arena table ("arena map"): text that names every arena of a partition and its byte range. Authority: plan9port
// srv/arenas.c readarenamap, ifile.c. A bad line disables that arena only (venti-arenas.md 7.5), so decoding returns the
// good entries and a description of each bad line instead of failing.
//
//   <count>\n
//   <name>\t<start>\t<stop>\n    repeated count times; the rest of the table area is NUL

import { nameBytes, maxTableEntries } from './constants.ts'

export type TableEntry = {
  /** Line number in the table, from 0. */
  readonly index: number
  /** Byte offset of the line within the table text. */
  readonly textOffset: number
  readonly name: string
  /** Byte address of the head block in the partition. */
  readonly start: number
  /** One past the tail block. */
  readonly stop: number
  /** The arena as the table gives it would end behind the end of the partition. */
  readonly truncated: boolean
}

export type BadTableLine = {
  readonly index: number
  /** Byte offset of the line within the table text. */
  readonly textOffset: number
  readonly text: string
  readonly reason: string
}

export type ArenaTable = {
  readonly entries: readonly TableEntry[]
  readonly bad: readonly BadTableLine[]
  /** Number in the first line; null when that line is unreadable. */
  readonly count: number | null
}

export type TableLimits = {
  readonly arenaBase: number
  readonly blockSize: number
  /** Partition size rounded down to a whole block. */
  readonly usableBytes: number
}

type Line = { readonly text: string; readonly offset: number; readonly ended: boolean }

const quoted = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)

/** The reader of the server drops comments and skips lines that are empty without them. */
function splitLines(bytes: Uint8Array): Line[] {
  const nul = bytes.indexOf(0)
  const stop = nul < 0 ? bytes.length : nul
  const lines: Line[] = []
  // The count, the entries, and one more that shows that there are too many.
  for (let from = 0; from < stop && lines.length <= maxTableEntries + 1;) {
    const newline = bytes.indexOf(10, from)
    const ended = newline >= 0 && newline < stop
    const end = ended ? newline : stop
    // A sane line is shorter than 64 + 2 tabs + 2 * 20 digits; anything longer is cut, and then fails as a line.
    const text = String.fromCharCode(...bytes.subarray(from, Math.min(end, from + 256))).replace(/#.*$/s, '')
    if (text.trim() !== '') lines.push({ text, offset: from, ended })
    from = end + 1
  }
  return lines
}

function parseLine(index: number, line: Line, limits: TableLimits): TableEntry | BadTableLine {
  const bad = (reason: string): BadTableLine => ({ index, textOffset: line.offset, text: line.text, reason })
  // A table cut in the middle of a number would give another number.
  if (!line.ended) return bad(`line ${index} is ${quoted(line.text)} and does not end in a newline`)
  const fields = line.text.split('\t')
  if (fields.length !== 3) return bad(`line ${index} is ${quoted(line.text)}, expected name<tab>start<tab>stop`)
  const [name, startText, stopText] = fields as [string, string, string]
  if (name === '' || name.length >= nameBytes || !/^[\x20-\x7e]+$/.test(name)) {
    return bad(`line ${index} has the name ${quoted(name)}, expected 1 to ${nameBytes - 1} printable characters`)
  }
  if (!/^\d{1,16}$/.test(startText) || !/^\d{1,16}$/.test(stopText)) {
    return bad(`line ${index} (${name}) has ${quoted(`${startText} ${stopText}`)}, expected two decimal numbers`)
  }
  const start = Number(startText)
  const stop = Number(stopText)
  if (start < limits.arenaBase)
    return bad(`line ${index} (${name}) starts at ${start}, before the arena base ${limits.arenaBase}`)
  // Head, tail and room for one directory block: less than that cannot hold a clump.
  if (stop - start < 3 * limits.blockSize)
    return bad(`line ${index} (${name}) is ${start} to ${stop}, too small for an arena`)
  if (start >= limits.usableBytes)
    return bad(`line ${index} (${name}) starts at ${start}, behind the end ${limits.usableBytes}`)
  return { index, textOffset: line.offset, name, start, stop, truncated: stop > limits.usableBytes }
}

const isBad = (line: TableEntry | BadTableLine): line is BadTableLine => 'reason' in line

/** Never fails. `bytes` is the whole table area. */
export function decodeArenaTable(bytes: Uint8Array, limits: TableLimits): ArenaTable {
  const lines = splitLines(bytes)
  const first = lines[0]
  if (first === undefined) return { entries: [], bad: [], count: null }
  const counted = /^\d{1,9}$/.test(first.text) ? Number(first.text) : null
  // A damaged first line is no reason to lose its arenas: the lines behind it speak for themselves.
  const body = lines.slice(first.text.includes('\t') ? 0 : 1)
  const entries: TableEntry[] = []
  const bad: BadTableLine[] = []
  const names = new Set<string>()
  for (const [index, line] of body.slice(0, maxTableEntries).entries()) {
    const parsed = parseLine(index, line, limits)
    if (isBad(parsed)) bad.push(parsed)
    else if (names.has(parsed.name)) {
      bad.push({
        index,
        textOffset: line.offset,
        text: line.text,
        reason: `line ${index} repeats the name ${quoted(parsed.name)}`,
      })
    } else {
      names.add(parsed.name)
      entries.push(parsed)
    }
  }
  const beyond = body[maxTableEntries]
  if (beyond !== undefined) {
    bad.push({
      index: maxTableEntries,
      textOffset: beyond.offset,
      text: beyond.text,
      reason: `line ${maxTableEntries} and all behind it are left out: a table has at most ${maxTableEntries} lines`,
    })
  }
  return { entries, bad, count: counted }
}

export function encodeArenaTable(entries: readonly { name: string; start: number; stop: number }[]): string {
  const lines = entries.map((entry) => `${entry.name}\t${entry.start}\t${entry.stop}\n`)
  return `${entries.length}\n${lines.join('')}`
}
