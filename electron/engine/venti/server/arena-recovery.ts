// Brings one arena's counters up to what its log really holds, reading only: what has to be written is returned. Counted
// clumps are believed if the directory's sizes add up to the tail's "used"; otherwise the log's own headers must, and the
// directory is made anew. Behind the tail every block is hashed (venti-arenas.md 7.4; plan9port srv/syncarena.c).

import { AppError } from '../../../../shared/errors.ts'
import { hexNumber } from '../../bytes/hex.ts'
import { examineClump } from '../arena/clump-check.ts'
import { LogReader } from '../arena/log-reader.ts'
import { wireCorrupt } from '../format/block-type.ts'
import {
  clumpHeaderBytes,
  clumpMagicOf,
  clumpStoredSize,
  clumpTime,
  clumpTypeAt,
  clumpUncompressedSize,
  isSoundClump,
  maxClumpBytes,
} from '../format/clump.ts'
import { clumpInfoBytes, clumpInfosPerBlock, infoStoredSize, infoUncompressedSize } from '../format/clump-info.ts'
import { clumpFreeMagic, maxLumpBytes } from '../format/constants.ts'
import { directoryPieces, PendingDirectory } from './pending-directory.ts'
import type { StoreArena } from './store-arena.ts'
import type { StoreFile } from './store-file.ts'

export type Repair = { readonly offset: number; readonly bytes: Uint8Array }

/** To be written in this order, each kind flushed before the next. */
export type ArenaRepairs = { readonly log: Repair[]; readonly directory: Repair[]; readonly tail: Repair[] }

export type DirectoryVisitor = (bytes: Uint8Array, at: number, offset: number) => void

/** Directory read in one go. */
const batchBytes = 1024 * 1024

function unusable(file: StoreFile, arena: StoreArena, partitionOffset: number, what: string): AppError {
  return new AppError(
    'store-open',
    `${file.name}: arena ${arena.place.name} at ${hexNumber(partitionOffset)}: ${what}. The file was not changed`,
    { data: { path: file.name, arena: arena.place.name, offset: partitionOffset } },
  )
}

/** Entries 0..count-1 in order, each with its clump's offset as the sizes before it say. Returns the sum of all. */
export async function visitDirectory(
  file: StoreFile,
  arena: StoreArena,
  count: number,
  visit: DirectoryVisitor,
): Promise<number> {
  const { blockSize } = arena.place
  const perBlock = clumpInfosPerBlock(blockSize)
  const end = arena.dataBase + arena.sizeBytes
  const blocksAtOnce = Math.max(1, Math.floor(batchBytes / blockSize))
  const blocks = Math.ceil(count / perBlock)
  let offset = 0
  for (let block = 0; block < blocks; block += blocksAtOnce) {
    const take = Math.min(blocksAtOnce, blocks - block)
    const bytes = await file.read(end - (block + take) * blockSize, take * blockSize)
    for (let i = 0; i < take; i++) {
      const inBlock = Math.min(perBlock, count - (block + i) * perBlock)
      const blockAt = (take - 1 - i) * blockSize
      for (let j = 0; j < inBlock; j++) {
        const at = blockAt + j * clumpInfoBytes
        visit(bytes, at, offset)
        offset += clumpHeaderBytes + infoStoredSize(bytes, at)
      }
    }
  }
  return offset
}

function isSoundInfo(bytes: Uint8Array, at: number): boolean {
  const size = infoStoredSize(bytes, at)
  const uncompressed = infoUncompressedSize(bytes, at)
  return size > 0 && size <= uncompressed && uncompressed <= maxLumpBytes
}

async function directoryAddsUp(file: StoreFile, arena: StoreArena): Promise<boolean> {
  let sound = true
  const sum = await visitDirectory(file, arena, arena.clumps, (bytes, at) => {
    if (!isSoundInfo(bytes, at)) sound = false
  })
  return sound && sum === arena.used
}

/** Entries of the counted clumps from their headers, which must lead exactly to the end the tail names. */
async function entriesFromLog(file: StoreFile, arena: StoreArena): Promise<Uint8Array> {
  const entries = new PendingDirectory(0)
  const reader = new LogReader(file, arena.dataBase, arena.used, arena.used)
  let offset = 0
  for (let i = 0; i < arena.clumps; i++) {
    const { bytes, at, available } = await reader.get(offset, clumpHeaderBytes)
    const good =
      available === clumpHeaderBytes && clumpMagicOf(bytes, at) === arena.place.clumpMagic && isSoundClump(bytes, at)
    if (!good) {
      throw unusable(
        file,
        arena,
        arena.dataBase + offset,
        `clump ${i} of ${arena.clumps} has no sound header, and the clump directory does not add up either`,
      )
    }
    entries.add(bytes.subarray(at, at + clumpHeaderBytes))
    offset += clumpHeaderBytes + clumpStoredSize(bytes, at)
  }
  if (offset !== arena.used) {
    throw unusable(
      file,
      arena,
      arena.tailOffset,
      `its tail counts ${arena.clumps} clumps in ${arena.used} bytes, its log has them in ${offset}, and the clump directory does not add up either`,
    )
  }
  return entries.take().entries
}

function putDirectory(arena: StoreArena, first: number, entries: Uint8Array, repairs: ArenaRepairs): void {
  const end = arena.dataBase + arena.sizeBytes
  for (const { distance, bytes } of directoryPieces(first, entries, arena.place.blockSize)) {
    repairs.directory.push({ offset: end - distance, bytes })
  }
}

/** Counts the clumps behind the tail and cuts off what is no clump. Returns their directory entries. */
async function scanBehindTail(file: StoreFile, arena: StoreArena, repairs: ArenaRepairs): Promise<Uint8Array> {
  const entries = new PendingDirectory(arena.clumps)
  const { clumpMagic } = arena.place
  const start = arena.dataBase + arena.used
  const first = await file.read(start, Math.min(4, arena.dataBase + arena.sizeBytes - start))
  // By far the most frequent case, also for thousands of empty arenas.
  if (first.length < 4 || clumpMagicOf(first, 0) === clumpFreeMagic) return entries.take().entries

  const reader = new LogReader(file, arena.dataBase, arena.sizeBytes, arena.sizeBytes)
  const isGoodAt = async (offset: number): Promise<boolean> => {
    const { bytes, at, available } = await reader.get(offset, maxClumpBytes)
    return examineClump(bytes, at, at + available, clumpMagic).state === 'good'
  }
  for (;;) {
    const { bytes, at, available } = await reader.get(arena.used, maxClumpBytes)
    if (available < 4 || clumpMagicOf(bytes, at) === clumpFreeMagic) break
    const clump = examineClump(bytes, at, at + available, clumpMagic)
    if (clump.state !== 'no-header' && arena.hasRoomFor(clump.storedSize)) {
      const header = new Uint8Array(bytes.subarray(at, at + clumpHeaderBytes))
      const next = arena.used + clumpHeaderBytes + clump.storedSize
      // A bad block with a good one right behind it is damage, not the torn end: losing what follows would help nobody.
      if (clump.state === 'good' || (await isGoodAt(next))) {
        if (clump.state !== 'good') {
          header[clumpTypeAt] = wireCorrupt
          const typeOffset = arena.dataBase + arena.used + clumpTypeAt
          repairs.log.push({ offset: typeOffset, bytes: Uint8Array.of(wireCorrupt) })
        }
        entries.add(header)
        arena.count(clump.storedSize, clumpUncompressedSize(header, 0), clumpTime(header, 0))
        continue
      }
    }
    repairs.log.push({ offset: arena.dataBase + arena.used, bytes: new Uint8Array(4) })
    break
  }
  const unreadable = reader.unreadable[0]
  if (unreadable !== undefined) {
    const place = arena.dataBase + unreadable.offset
    throw unusable(file, arena, place, `${unreadable.length} bytes behind the last counted clump cannot be read`)
  }
  return entries.take().entries
}

/**
 * Makes `arena` count what its log holds. `extra` are the entries the directory in the file does not have yet, the first
 * of them for clump number `extraFrom`.
 */
export async function recoverArena(
  file: StoreFile,
  arena: StoreArena,
  log: (line: string) => void,
): Promise<{ repairs: ArenaRepairs; extraFrom: number; extra: Uint8Array }> {
  const repairs: ArenaRepairs = { log: [], directory: [], tail: [] }
  const { name } = arena.place
  const counted = arena.clumps
  let extraFrom = counted
  let extra: Uint8Array = new Uint8Array(0)
  if (!(await directoryAddsUp(file, arena))) {
    extra = await entriesFromLog(file, arena)
    extraFrom = 0
    putDirectory(arena, 0, extra, repairs)
    log(`${name}: the clump directory did not add up and is made anew from the log`)
  }
  // A sealed tail is final: nothing was appended behind it.
  if (!arena.sealed) {
    const before = arena.used
    const behind = await scanBehindTail(file, arena, repairs)
    if (behind.length > 0) {
      putDirectory(arena, counted, behind, repairs)
      extra = extra.length === 0 ? behind : Buffer.concat([extra, behind])
      log(
        `${name}: ${arena.clumps - counted} clumps behind the tail found, end moves from ${hexNumber(before)} to ${hexNumber(arena.used)}`,
      )
    }
    const cut = repairs.log.find(({ offset }) => offset === arena.dataBase + arena.used)
    if (cut !== undefined) log(`${name}: what stands at ${hexNumber(arena.used)} is no complete clump and is cut off`)
  } else if (arena.own && !arena.indexed.sealed) {
    // Ended between "full" and its last tail, or full in a version that left this to later.
    arena.markFull()
    repairs.tail.push({ offset: arena.tailOffset, bytes: arena.encodeTail() })
  }
  if (arena.clumps !== counted) repairs.tail.push({ offset: arena.tailOffset, bytes: arena.encodeTail() })
  return { repairs, extraFrom, extra }
}
