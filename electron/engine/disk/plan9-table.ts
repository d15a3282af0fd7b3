// The text tables of Plan 9 disks: "part NAME START END" lines in the second sector of a Plan 9 partition, and the older
// "plan9 partitions" form at the end of a disk. Authority: plan9-disks.md 2, prep(8). A line that cannot be used is left
// out and named; it never ends the reading, because what stands behind it may be the arenas.

export type TableLine = {
  readonly name: string
  /** In sectors from the start of what the table divides; the end is exclusive. */
  readonly startSector: number
  readonly endSector: number
}
export type DecodedTable = { readonly lines: readonly TableLine[]; readonly problems: readonly string[] }

const marker = 'part '
const oldMarker = 'plan9 partitions'

function startsWith(bytes: Uint8Array, text: string): boolean {
  if (bytes.length < text.length) return false
  for (let i = 0; i < text.length; i++) if (bytes[i] !== text.charCodeAt(i)) return false
  return true
}

export const hasPlan9Table = (sector: Uint8Array): boolean => startsWith(sector, marker)
export const hasOldTable = (sector: Uint8Array): boolean => startsWith(sector, oldMarker)

/** As strtoull with base 0 reads it: decimal, 0x hex, leading 0 octal; null for anything else. */
function sectorNumber(text: string): number | null {
  if (/^(0x[0-9a-f]+|[1-9][0-9]*)$/i.test(text)) return Number(text)
  return /^0[0-7]*$/.test(text) ? Number.parseInt(text, 8) : null
}

/** Plan 9 takes a name that has no control character, blank, slash or DEL in it. */
function isName(text: string): boolean {
  return text.length > 0 && text.length <= 128 && !/[\p{Cc}\s/\ufffd]/u.test(text)
}

const quoted = (line: string): string => JSON.stringify(line.length > 80 ? `${line.slice(0, 80)}…` : line)

/** One line as NAME START END, or what is wrong with it. */
function decodeLine(fields: readonly string[], limitSectors: number): TableLine | string {
  const [name, startText, endText] = fields
  if (fields.length !== 3 || name === undefined || startText === undefined || endText === undefined)
    return `${fields.length} fields behind its keyword, expected NAME START END`
  if (!isName(name)) return 'its name has characters that Plan 9 does not allow'
  const startSector = sectorNumber(startText)
  const endSector = sectorNumber(endText)
  if (startSector === null || endSector === null) return 'START and END are expected to be sector numbers'
  if (startSector >= endSector) return `it starts at sector ${startSector} and ends at sector ${endSector}`
  if (endSector > limitSectors) return `it ends at sector ${endSector}, but there are only ${limitSectors}`
  return { name, startSector, endSector }
}

/** Why a line cannot stand beside those before it; null when it can. The first one wins, as in prep(8). */
function clash(line: TableLine, before: readonly TableLine[]): string | null {
  const same = before.find(({ name }) => name === line.name)
  if (same !== undefined) return `an earlier line has the name ${line.name}`
  const over = before.find((one) => line.startSector < one.endSector && one.startSector < line.endSector)
  return over === undefined
    ? null
    : `it overlaps ${over.name}, sectors ${over.startSector} to ${over.endSector}, of an earlier line`
}

function decodeLines(
  sector: Uint8Array,
  limitSectors: number,
  place: string,
  fieldsOf: (words: readonly string[], index: number) => readonly string[] | string | null,
): DecodedTable {
  const end = sector.indexOf(0)
  const text = new TextDecoder('utf-8').decode(end < 0 ? sector : sector.subarray(0, end))
  const lines: TableLine[] = []
  const problems: string[] = []
  const rows = text.split('\n')
  for (const [index, row] of rows.entries()) {
    const words = row.split(/[ \t\r]+/).filter((word) => word !== '')
    if (words.length === 0) continue
    const isCut = end < 0 && index === rows.length - 1
    const fields = isCut ? 'it runs into the end of the sector and may be cut off' : fieldsOf(words, index)
    if (fields === null) continue
    const line = typeof fields === 'string' ? fields : decodeLine(fields, limitSectors)
    const problem = typeof line === 'string' ? line : clash(line, lines)
    if (problem === null) lines.push(line as TableLine)
    else problems.push(`${place}: line ${index + 1} ${quoted(row.trimEnd())} is left out: ${problem}`)
  }
  return { lines, problems }
}

/** `place` names the table in problems; `limitSectors` is the size of the Plan 9 partition as far as it is there. */
export function decodePlan9Table(sector: Uint8Array, limitSectors: number, place: string): DecodedTable {
  return decodeLines(sector, limitSectors, place, (words) =>
    words[0] === 'part' ? words.slice(1) : 'it does not begin with "part"; Plan 9 reads no line behind it',
  )
}

/** Lines NAME START END behind the marker, in sectors of the whole disk. */
export function decodeOldTable(sector: Uint8Array, limitSectors: number, place: string): DecodedTable {
  return decodeLines(sector, limitSectors, place, (words, index) => (index === 0 ? null : words))
}
