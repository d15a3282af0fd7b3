// What "arenas" found, as the document of --json has it, and the arena map as text: one row for each arena, columns as wide
// as what is in them. Pure.

import type { ArenaSummary } from '../../shared/model/arena.ts'
import { damageKinds } from '../../shared/model/damage.ts'
import type { DamageReport } from '../../shared/model/run.ts'
import { explainDamage } from '../../shared/text/explain-damage.ts'
import { countOf, formatBytes, formatCount } from '../../shared/text/format.ts'

export type ListedPartition = {
  readonly version: number
  readonly blockSize: number
  readonly arenaBase: number
  readonly size: number
  readonly path: string
}
export type ListedArena = Omit<ArenaSummary, 'damage'> & { readonly damage: readonly DamageReport[] }
export type Listing = {
  /** The first of `partitions`, for those who know of one. */
  readonly partition: ListedPartition
  readonly partitions: readonly ListedPartition[]
  readonly arenas: readonly ListedArena[]
  readonly damage: readonly DamageReport[]
}

const barWidth = 12

/** ######......  52 %. Rounded down: a full bar is a full arena. */
export function fillBar(used: number, size: number): string {
  const share = size <= 0 ? 0 : Math.min(1, Math.max(0, used / size))
  const filled = Math.floor(share * barWidth)
  const percent = String(Math.floor(share * 100)).padStart(3)
  return `${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)} ${percent} %`
}

function stateWords(arena: ListedArena): string {
  return arena.version === null ? 'unreadable' : arena.state
}

function sealWords(arena: ListedArena): string {
  return arena.sealScore === null ? '' : `${arena.sealScore.slice(0, 8)}…`
}

type Column = { readonly title: string; readonly right: boolean; readonly of: (arena: ListedArena) => string }

const columns: readonly Column[] = [
  { title: 'arena', right: false, of: (arena) => arena.name },
  { title: 'offset', right: true, of: (arena) => String(arena.offset) },
  { title: 'state', right: false, of: stateWords },
  { title: 'blocks', right: true, of: (arena) => formatCount(arena.clumps) },
  { title: 'used', right: true, of: (arena) => formatBytes(arena.used) },
  { title: 'of', right: true, of: (arena) => formatBytes(arena.size) },
  { title: '', right: false, of: (arena) => fillBar(arena.used, arena.size) },
  { title: 'end offset', right: true, of: (arena) => arena.endOffset },
  { title: 'seal', right: false, of: sealWords },
]

export function arenaRows(arenas: readonly ListedArena[]): readonly string[] {
  const rows = arenas.map((arena) => columns.map((column) => column.of(arena)))
  const widths = columns.map((column, at) =>
    rows.reduce((width, row) => Math.max(width, (row[at] as string).length), column.title.length),
  )
  const format = (cells: readonly string[]): string =>
    `  ${cells
      .map((cell, at) =>
        (columns[at] as Column).right ? cell.padStart(widths[at] as number) : cell.padEnd(widths[at] as number),
      )
      .join('  ')}`.trimEnd()
  return [format(columns.map(({ title }) => title)), ...rows.map(format)]
}

export function partitionHeading(partition: ListedPartition, arenas: readonly ListedArena[]): string {
  const { path, version, blockSize, size } = partition
  const blocks = arenas.reduce((sum, arena) => sum + arena.clumps, 0)
  const bytes = arenas.reduce((sum, arena) => sum + arena.uncompressed, 0)
  return (
    `${path}: arena partition version ${version}, ${formatBytes(size)} in disk blocks of ${formatBytes(blockSize)}; ` +
    `${countOf(arenas.length, 'arena')} holding ${countOf(blocks, 'block')}, ${formatBytes(bytes)} of data`
  )
}

/** Every damage in words, and how many blocks or regions are lost by it. */
export function damageLines(damage: readonly DamageReport[]): readonly string[] {
  if (damage.length === 0) return []
  const losing = damage.filter(({ kind }) => damageKinds[kind].loses).length
  const lost = losing === 0 ? 'no block is lost by it' : `${countOf(losing, 'place')} where blocks are lost`
  return [`Damage: ${countOf(damage.length, 'finding')}, ${lost}`, ...damage.map((one) => `  ${explainDamage(one)}`)]
}

/** The line of ventioffsets. */
export function offsetLine(arena: ListedArena): string {
  return `x ${arena.name} ${arena.offset} ${arena.partition}`
}
