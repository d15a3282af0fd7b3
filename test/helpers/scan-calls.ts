// Scans a whole partition as the engine does it and collects what came out, arena by arena. Whatever a test is about, every
// block is hashed again here, and blocks and losses must come in ascending order without overlap (R4).

import { createHash } from 'node:crypto'
import { losesBlocks, type Damage } from '../../shared/model/damage.ts'
import type { BlockSource } from '../../electron/engine/source/block-source.ts'
import { countingSource, type ReadCount } from '../../electron/engine/source/counting-source.ts'
import { openArena, type Arena } from '../../electron/engine/venti/arena/arena.ts'
import { openArenaPartition, type ArenaPartition } from '../../electron/engine/venti/arena/arena-partition.ts'
import {
  ClumpScanner,
  type ClumpItem,
  type DamageItem,
  type ScanEnd,
  type ScanItem,
} from '../../electron/engine/venti/arena/clump-scanner.ts'
import { memorySource } from './memory-source.ts'

export type ScannedArena = {
  readonly name: string
  /** Null when nothing of the arena could be read. */
  readonly arena: Arena | null
  readonly blocks: readonly ClumpItem[]
  readonly losses: readonly DamageItem[]
  /** Of head, tail and log. */
  readonly damage: readonly Damage[]
  readonly end: ScanEnd | null
}

export type Scanned = {
  readonly partition: ArenaPartition
  readonly arenas: readonly ScannedArena[]
  /** Of the table and of every arena. */
  readonly damage: readonly Damage[]
  readonly count: ReadCount
}

function checkItems(name: string, items: readonly ScanItem[]): void {
  let reached = 0
  for (const item of items) {
    if (item.kind === 'clump') {
      const score = createHash('sha1').update(item.data).digest('hex')
      if (score !== item.score) throw new Error(`${name} ${item.offset}: yielded with score ${item.score}, is ${score}`)
    } else if (!losesBlocks(item.damage)) continue
    if (item.offset < reached) throw new Error(`${name} ${item.offset}: comes after ${reached} was reached`)
    if (item.nextOffset <= item.offset) throw new Error(`${name} ${item.offset}: leads to ${item.nextOffset}`)
    reached = item.nextOffset
  }
}

export async function scanArena(
  arena: Arena,
  from: { readonly offset: number; readonly index: number | null } = { offset: 0, index: 0 },
): Promise<{ items: readonly ScanItem[]; end: ScanEnd }> {
  const items: ScanItem[] = []
  const batches = new ClumpScanner(arena, { from: from.offset, index: from.index }).run()
  for (;;) {
    const { value, done } = await batches.next()
    if (done === true) {
      checkItems(arena.name, items)
      return { items, end: value }
    }
    items.push(...value)
  }
}

/** Everything in `source`, which may be an image in memory. Rejects as opening and scanning do. */
export async function scanSource(given: BlockSource | Uint8Array, only?: string): Promise<Scanned> {
  const count: ReadCount = { reads: 0, bytes: 0 }
  const source = countingSource(given instanceof Uint8Array ? memorySource(given) : given, count)
  const partition = await openArenaPartition(source)
  const arenas: ScannedArena[] = []
  for (const entry of partition.entries) {
    if (only !== undefined && entry.name !== only) continue
    const { arena, damage } = await openArena(partition, entry, { head: true, seal: true })
    if (arena === null) {
      arenas.push({ name: entry.name, arena, blocks: [], losses: [], damage, end: null })
      continue
    }
    const { items, end } = await scanArena(arena)
    const found = items.filter((item) => item.kind === 'damage')
    arenas.push({
      name: entry.name,
      arena,
      blocks: items.filter((item) => item.kind === 'clump'),
      losses: found.filter((item) => losesBlocks(item.damage)),
      damage: [...damage, ...found.map((item) => item.damage)],
      end,
    })
  }
  return { partition, arenas, damage: [...partition.damage, ...arenas.flatMap((one) => one.damage)], count }
}

/** Lines as the manifest hashes them: score/type/uncsize. */
export function blockLines(arenas: readonly ScannedArena[]): string[] {
  return arenas.flatMap(({ blocks }) => blocks.map((block) => `${block.score}/${block.type}/${block.data.length}`))
}

/** What an item is, without its bytes: deep comparison of megabytes takes seconds. */
export function keyOf(item: ScanItem): string {
  if (item.kind === 'damage') return `${item.damage.kind} ${item.offset}-${item.nextOffset} ${item.damage.index}`
  return `${item.offset}-${item.nextOffset} ${item.index} ${item.type} ${item.alsoType} ${item.score}`
}

/** Kind, clump offset and number: what a test names a damage by. */
export function named(damage: readonly Damage[]): string[] {
  return damage.map((one) => `${one.kind} ${one.clumpOffset ?? '-'} ${one.index ?? '-'}`)
}
