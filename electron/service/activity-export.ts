// The activity as text for other programs: JSON lines, or values separated by commas (RFC 4180). Every score in it is masked
// (R10), and no cell is a formula to a spreadsheet, whatever a server or a damaged disk put into it. Pure.

import type { ActivityLine } from '../../shared/model/window.ts'
import { maskScoresIn } from '../engine/bookkeeping/wrcmd-words.ts'

const columns = [
  'at',
  'mirror',
  'kind',
  'result',
  'target',
  'name',
  'arena',
  'offset',
  'root',
  'depth',
  'blocks',
  'sent',
  'present',
  'bytes',
  'missing',
  'corrupt',
  'repaired',
  'duration_ms',
  'detail',
] as const

type Row = Partial<Record<(typeof columns)[number], string | number | null>>

/** A run has a row for each target. */
function rowsOf(line: ActivityLine): readonly Row[] {
  const { at, mirror, kind } = line
  const common = { at, mirror, kind }
  if (line.kind === 'run') {
    const run = { ...common, result: line.result, duration_ms: line.durationMs }
    if (line.targets.length === 0) return [run]
    return line.targets.map(({ dial, name, blocks, sent, present, bytesSent, error }) => {
      return { ...run, target: dial, name, blocks, sent, present, bytes: bytesSent, detail: error }
    })
  }
  if (line.kind === 'rollover') {
    const { dial, fromArena, fromOffset, toArena, wrcmdBefore, wrcmdAfter } = line
    const wrcmd = wrcmdAfter === null ? '' : `; wrcmd: ${wrcmdBefore ?? ''} -> ${wrcmdAfter}`
    const detail = `full at 0x${fromOffset.toString(16)}; on to ${toArena} at ${line.toArenaOffset}${wrcmd}`
    return [{ ...common, target: dial, arena: fromArena, offset: fromOffset, detail }]
  }
  if (line.kind === 'check') {
    const { result, dial, name, root, depth, blocks, missing, corrupt, repaired, durationMs, drill } = line
    const counts = { blocks, missing, corrupt, repaired, duration_ms: durationMs }
    const detail = drill === null ? null : `${drill} files read whole`
    return [{ ...common, result, target: dial, name, root, depth, ...counts, detail }]
  }
  const { damage, words, owedTo } = line
  return [
    {
      ...common,
      result: damage.kind,
      target: owedTo.join(' '),
      arena: damage.arena,
      offset: damage.offset,
      detail: words,
    },
  ]
}

/** An apostrophe in front, as spreadsheets themselves write a text that looks like something else. */
const harmless = (text: string): string => (/^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text)

function cell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'number' ? String(value) : harmless(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export function activityCsv(lines: readonly ActivityLine[]): string {
  const rows = lines.flatMap(rowsOf).map((row) => columns.map((column) => cell(row[column])).join(','))
  return maskScoresIn([columns.join(','), ...rows].map((row) => `${row}\r\n`).join(''))
}

export function activityJsonLines(lines: readonly ActivityLine[]): string {
  return maskScoresIn(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}
