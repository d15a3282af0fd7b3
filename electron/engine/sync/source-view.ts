// The source as a sync sees it at its start: every arena in fill order with what its tail counts. Reads about 140 bytes an
// arena, so thousands of arenas cost next to nothing.

import { AppError } from '../../../shared/errors.ts'
import type { Damage } from '../../../shared/model/damage.ts'
import { badPlace } from '../source/bad-place.ts'
import { countingSource, type ReadCount } from '../source/counting-source.ts'
import { openSource, type OpenedSource } from '../source/open-source.ts'
import { openArena, type Arena } from '../venti/arena/arena.ts'
import { openArenaPartition, type ArenaPartition } from '../venti/arena/arena-partition.ts'
import { partitionId } from '../venti/arena/partition-id.ts'
import type { TableEntry } from '../venti/format/arena-table.ts'
import { clumpMagicOf } from '../venti/format/clump.ts'

/** Tails read at the same time: enough to hide the latency of a disk, few enough for any. */
const concurrentReads = 16

export type ArenaView = {
  readonly name: string
  readonly partition: ArenaPartition
  readonly entry: TableEntry
  /** Position in fill order over all partitions. */
  readonly ordinal: number
  /** Null when it cannot be read at all. */
  readonly arena: Arena | null
  /** A clump stands behind what the tail counts. */
  readonly moreBehind: boolean
  /** From this quick look (no head, no seal). */
  readonly damage: readonly Damage[]
}

export type SourceView = {
  readonly spec: string
  /** Path of the first partition: what the mirror file remembers. */
  readonly path: string
  readonly opened: OpenedSource
  readonly partitions: readonly ArenaPartition[]
  readonly partitionIds: readonly string[]
  readonly arenas: readonly ArenaView[]
  readonly byName: ReadonlyMap<string, ArenaView>
  /** Of tables: bad lines, wrong counts, arenas cut off. */
  readonly damage: readonly Damage[]
  readonly count: ReadCount
  close(): Promise<void>
}

export async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = Array.from({ length: items.length })
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++
      results[index] = await work(items[index] as T)
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrentReads, items.length) }, worker))
  return results
}

async function hasMoreBehind(arena: Arena): Promise<boolean> {
  // A full arena takes no more clumps; without a tail only a scan can tell.
  if (arena.counted === null) return true
  if (arena.counted.sealed || arena.counted.used + 4 > arena.readableBytes) return false
  // A place the disk cannot read is for the scan to name.
  const bytes = await arena.partition.source.read(arena.dataBase + arena.counted.used, 4).catch(badPlace)
  return bytes === null || clumpMagicOf(bytes, 0) === arena.clumpMagic
}

/** Reads the tail of one arena anew. */
export async function viewArena(partition: ArenaPartition, entry: TableEntry, ordinal: number): Promise<ArenaView> {
  const { arena, damage } = await openArena(partition, entry, { head: false, seal: false })
  const moreBehind = arena !== null && (await hasMoreBehind(arena))
  return { name: entry.name, partition, entry, ordinal, arena, moreBehind, damage }
}

/** Rejects with source-open, source-read, not-arena-partition or bad-config. */
export async function openSourceView(spec: string): Promise<SourceView> {
  const opened = await openSource(spec)
  const count: ReadCount = { reads: 0, bytes: 0 }
  const close = async (): Promise<void> => {
    await Promise.all(opened.partitions.map(async (source) => await source.close()))
  }
  try {
    const partitions: ArenaPartition[] = []
    for (const source of opened.partitions) partitions.push(await openArenaPartition(countingSource(source, count)))
    const slots = partitions.flatMap((partition) => partition.entries.map((entry) => ({ partition, entry })))
    const names = new Map<string, string>()
    for (const { partition, entry } of slots) {
      const other = names.get(entry.name)
      if (other !== undefined) {
        throw new AppError(
          'bad-config',
          `${spec}: arena ${entry.name} is in ${other} and in ${partition.source.name}; a venti's arenas have different names. Are these partitions of one venti?`,
        )
      }
      names.set(entry.name, partition.source.name)
    }
    const arenas = await inParallel(
      slots.map((slot, ordinal) => ({ ...slot, ordinal })),
      async ({ partition, entry, ordinal }) => await viewArena(partition, entry, ordinal),
    )
    const partitionIds = partitions.map((partition) => {
      const own = arenas.filter((view) => view.partition === partition)
      return partitionId(
        own.map((view) => ({ name: view.name, start: view.entry.start, clumpMagic: view.arena?.clumpMagic ?? 0 })),
      )
    })
    return {
      spec,
      path: (opened.partitions[0] as { name: string }).name,
      opened,
      partitions,
      partitionIds,
      arenas,
      byName: new Map(arenas.map((view) => [view.name, view])),
      damage: partitions.flatMap((partition) => partition.damage),
      count,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
