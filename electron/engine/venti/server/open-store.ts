// Opens an arena partition file for serving. Everything is read and understood first; only then are repairs written, in
// the order clumps, directories, tails. A file with damage that is not understood is refused as it was found: a server
// that guesses would append over somebody's blocks. Authority: plan9port srv/arena.c loadarena, syncindex0.c.

import { AppError } from '../../../../shared/errors.ts'
import { hexNumber } from '../../bytes/hex.ts'
import { openArenaPartition, type ArenaPartition } from '../arena/arena-partition.ts'
import { decodeArenaHead } from '../format/arena-head.ts'
import type { TableEntry } from '../format/arena-table.ts'
import { countersProblem, decodeArenaTail, type ArenaTail } from '../format/arena-tail.ts'
import { isLegalWireType } from '../format/block-type.ts'
import { clumpMagicOf, clumpHeaderBytes } from '../format/clump.ts'
import { clumpInfoBytes, infoScoreAt, infoStoredSize, infoType, infoUncompressedSize } from '../format/clump-info.ts'
import { recoverArena, visitDirectory, type ArenaRepairs } from './arena-recovery.ts'
import { ScoreTable } from './score-table.ts'
import { sealOf, StoreArena } from './store-arena.ts'
import { hasStoreMark, storeMarkBytes } from './store-mark.ts'
import type { StoreFile } from './store-file.ts'

/** Arenas looked at together: their reads overlap, which matters with thousands of them. */
const arenasAtOnce = 16

export type OpenedPartition = {
  readonly arenas: readonly StoreArena[]
  readonly blockSize: number
  readonly table: ScoreTable
}

type TailFound = { readonly entry: TableEntry; readonly tail: ArenaTail; readonly seal: Uint8Array | null }

function refuse(file: StoreFile, place: string, partitionOffset: number, what: string): AppError {
  return new AppError(
    'store-open',
    `${file.name}: ${place} at ${hexNumber(partitionOffset)}: ${what}. The file was not changed; a server appends only to a partition it understands completely`,
    { data: { path: file.name, offset: partitionOffset } },
  )
}

async function inGroups<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let from = 0; from < items.length; from += arenasAtOnce) {
    const group = items.slice(from, from + arenasAtOnce)
    results.push(...(await Promise.all(group.map((item, i) => work(item, from + i)))))
  }
  return results
}

async function readTail(file: StoreFile, entry: TableEntry, blockSize: number): Promise<TailFound> {
  const tailOffset = entry.stop - blockSize
  const place = `tail of arena ${entry.name}`
  const block = await file.read(tailOffset, blockSize)
  const tail = decodeArenaTail(block)
  if (typeof tail === 'string') throw refuse(file, place, tailOffset, tail)
  if (tail.name !== entry.name) throw refuse(file, place, tailOffset, `it names ${tail.name}`)
  const sizeBytes = entry.stop - entry.start - 2 * blockSize
  for (const counters of [tail.stored, tail.indexed]) {
    const problem = countersProblem(counters, sizeBytes, blockSize)
    if (problem !== null) throw refuse(file, place, tailOffset, `impossible counters, ${problem}`)
  }
  return { entry, tail, seal: sealOf(block) }
}

/** The tail is authoritative; a head that contradicts it is overruled only by a clump that bears the tail out. */
async function checkHead(file: StoreFile, { entry, tail }: TailFound, blockSize: number): Promise<string | null> {
  const base = entry.start + blockSize
  const bytes = await file.read(entry.start, blockSize + 4)
  const head = decodeArenaHead(bytes.subarray(0, blockSize))
  if (typeof head === 'string') return `${entry.name}: ${head}; its tail is used`
  const differences = [
    head.version === tail.version ? '' : `version ${head.version} and ${tail.version}`,
    head.name === tail.name ? '' : `name ${head.name} and ${tail.name}`,
    head.blockSize === blockSize ? '' : `block size ${head.blockSize} and ${blockSize}`,
    head.totalBytes === entry.stop - entry.start ? '' : `size ${head.totalBytes} and ${entry.stop - entry.start}`,
    head.clumpMagic === tail.clumpMagic
      ? ''
      : `clump magic ${hexNumber(head.clumpMagic)} and ${hexNumber(tail.clumpMagic)}`,
  ].filter((text) => text !== '')
  if (differences.length === 0) return null
  const said = `head and tail differ: ${differences.join(', ')}`
  if (tail.stored.clumps > 0 && clumpMagicOf(bytes, blockSize) === tail.clumpMagic)
    return `${entry.name}: ${said}; its tail is used`
  throw refuse(file, `arena ${entry.name}`, base, said)
}

/** A file of ours stays ours until a real venti has indexed part of an arena that is still filled. */
async function isOwn(file: StoreFile, tails: readonly TailFound[]): Promise<boolean> {
  if (!hasStoreMark(await file.read(0, storeMarkBytes))) return false
  return tails.every(({ tail }) => tail.indexed.sealed || tail.indexed.clumps === 0)
}

function indexEntry(table: ScoreTable, arena: number, bytes: Uint8Array, at: number, offset: number): void {
  const type = infoType(bytes, at)
  // Retired by a repair tool, or stored by a server that let a wrong type pass.
  if (!isLegalWireType(type)) return
  const entry = table.find(bytes, at + infoScoreAt, type)
  // Stored twice: the later copy was made because the earlier one could not be read.
  if (entry >= 0) table.move(entry, arena, offset)
  else table.add(bytes, at + infoScoreAt, type, arena, offset, infoUncompressedSize(bytes, at))
}

async function applyRepairs(file: StoreFile, repairs: readonly ArenaRepairs[]): Promise<void> {
  for (const stage of ['log', 'directory', 'tail'] as const) {
    const writes = repairs.flatMap((repair) => repair[stage])
    for (const { offset, bytes } of writes) await file.write(offset, bytes)
    if (writes.length > 0) await file.flush()
  }
}

async function openTable(file: StoreFile): Promise<ArenaPartition> {
  const partition = await openArenaPartition(file)
  const damage = partition.damage[0]
  if (damage !== undefined) throw refuse(file, 'arena table', damage.partitionOffset, damage.detail)
  return partition
}

/** Rejects with `not-arena-partition` or `store-open`, the file unchanged, or with `store-write` while repairing it. */
export async function openPartition(file: StoreFile, log: (line: string) => void): Promise<OpenedPartition> {
  const { header, entries } = await openTable(file)
  const { blockSize } = header
  const tails = await inGroups(entries, (entry) => readTail(file, entry, blockSize))
  for (const note of await inGroups(tails, (found) => checkHead(file, found, blockSize))) if (note !== null) log(note)
  const own = await isOwn(file, tails)
  const arenas = tails.map(({ entry, tail, seal }, number) => {
    const { name, start, stop } = entry
    const { version, clumpMagic } = tail
    return new StoreArena({ number, name, version, clumpMagic, start, stop, blockSize }, tail, seal, own)
  })
  const recovered = await inGroups(arenas, (arena) => recoverArena(file, arena, log))
  const table = new ScoreTable()
  for (const [number, arena] of arenas.entries()) {
    const { extraFrom, extra } = recovered[number]!
    const extraCount = extra.length / clumpInfoBytes
    let offset = await visitDirectory(file, arena, extraFrom, (bytes, at, clumpOffset) =>
      indexEntry(table, number, bytes, at, clumpOffset),
    )
    for (let i = 0; i < extraCount; i++) {
      indexEntry(table, number, extra, i * clumpInfoBytes, offset)
      offset += clumpHeaderBytes + infoStoredSize(extra, i * clumpInfoBytes)
    }
  }
  await applyRepairs(
    file,
    recovered.map(({ repairs }) => repairs),
  )
  return { arenas, blockSize, table }
}
