// Writes an arena partition of any size for measurements: version 5, 8 KiB blocks, arenas filled one after the other with
// seeded blocks, part of them compressible and stored whacked. Made with our own codecs, so it is for timing only; what
// is right is shown by the fixtures and the real programs.

import { createHash, hash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { encodeArenaHead } from '../../electron/engine/venti/format/arena-head.ts'
import { encodeArenaTail } from '../../electron/engine/venti/format/arena-tail.ts'
import { wireData } from '../../electron/engine/venti/format/block-type.ts'
import { clumpHeaderBytes, encodeClumpHeader } from '../../electron/engine/venti/format/clump.ts'
import {
  clumpInfoBytes,
  clumpInfoDistance,
  directoryReserveBytes,
} from '../../electron/engine/venti/format/clump-info.ts'
import {
  encodingPlain,
  encodingWhack,
  maxLumpBytes,
  partBlankBytes,
  scoreBytes,
} from '../../electron/engine/venti/format/constants.ts'
import { encodePartitionHeader } from '../../electron/engine/venti/format/partition-header.ts'
import { createWhackEncoder } from '../../electron/engine/venti/format/whack.ts'
import { planLayout } from '../../electron/engine/venti/server/layout.ts'
import { fillBlock, seeded, type Random } from './seeded-blocks.ts'

export type BenchPartition = { readonly blocks: number; readonly bytes: number; readonly stored: number }

const usualLength = 8192

/** Most blocks of an archive are as long as vac makes them; the others are anything from a byte to the longest there may be. */
export function mixedLength(random: Random): number {
  switch (random() % 10) {
    case 0:
      return 1 + (random() % 512)
    case 1:
      return 1 + (random() % usualLength)
    case 2:
      return usualLength + (random() % (maxLumpBytes - usualLength + 1))
    default:
      return usualLength
  }
}

async function writeArena(
  file: FileHandle,
  arena: { readonly name: string; readonly start: number; readonly stop: number },
  options: {
    readonly blockSize: number
    readonly random: Random
    readonly compressiblePart: number
    readonly fill: number
    readonly isSealed: boolean
    readonly isMixed: boolean
  },
): Promise<BenchPartition> {
  const { blockSize, random } = options
  const sizeBytes = arena.stop - arena.start - 2 * blockSize
  const base = arena.start + blockSize
  const clumpMagic = (random() | 1) >>> 0
  const head = new Uint8Array(blockSize)
  encodeArenaHead(
    { version: 5, name: arena.name, blockSize, totalBytes: arena.stop - arena.start, clumpMagic },
    head.subarray(0, 88),
  )
  await file.write(head, 0, head.length, arena.start)
  const encoder = createWhackEncoder()
  const out = new Uint8Array(64 * 1024)
  const infos: Uint8Array[] = []
  const pending: Uint8Array[] = []
  let pendingBytes = 0
  let written = 0
  let used = 0
  let uncompressed = 0
  let compressedClumps = 0
  const flush = async (): Promise<void> => {
    const bytes = Buffer.concat(pending)
    await file.write(bytes, 0, bytes.length, base + written)
    written += bytes.length
    pending.length = 0
    pendingBytes = 0
  }
  const fillTo = sizeBytes * options.fill
  for (;;) {
    const length = options.isMixed ? mixedLength(random) : usualLength
    const block = new Uint8Array((length + 3) & ~3).subarray(0, length)
    fillBlock(block, random, random() % 1000 < options.compressiblePart * 1000)
    const packed = encoder.encode(block, out)
    const stored = packed < 0 ? block : out.slice(0, packed)
    if (used + clumpHeaderBytes + stored.length + 8 + directoryReserveBytes(infos.length + 1, blockSize) > fillTo) break
    const clump = new Uint8Array(clumpHeaderBytes + stored.length)
    encodeClumpHeader(
      {
        magic: clumpMagic,
        type: wireData,
        storedSize: stored.length,
        uncompressedSize: block.length,
        score: hash('sha1', block, 'buffer'),
        encoding: packed < 0 ? encodingPlain : encodingWhack,
        time: 1552593600,
      },
      clump.subarray(0, clumpHeaderBytes),
    )
    clump.set(stored, clumpHeaderBytes)
    infos.push(clump.slice(4, 4 + clumpInfoBytes))
    pending.push(clump)
    pendingBytes += clump.length
    used += clump.length
    uncompressed += block.length
    if (packed >= 0) compressedClumps++
    if (pendingBytes >= 4 * 1024 * 1024) await flush()
  }
  await flush()
  const directory = new Uint8Array(directoryReserveBytes(infos.length, blockSize))
  for (const [index, info] of infos.entries())
    directory.set(info, directory.length - clumpInfoDistance(index, blockSize))
  await file.write(directory, 0, directory.length, base + sizeBytes - directory.length)
  const counters = { clumps: infos.length, compressedClumps, used, uncompressed, sealed: options.isSealed }
  const tail = encodeArenaTail(
    {
      version: 5,
      name: arena.name,
      clumpMagic,
      firstClumpTime: 1552593600,
      lastClumpTime: 1552593600,
      indexed: counters,
      stored: counters,
    },
    new Uint8Array(blockSize),
  )
  await file.write(tail, 0, tail.length, arena.stop - blockSize)
  return { blocks: infos.length, bytes: uncompressed, stored: used }
}

async function sealArena(file: FileHandle, arena: { readonly start: number; readonly stop: number }): Promise<void> {
  const digest = createHash('sha1')
  for (let at = arena.start; at < arena.stop - scoreBytes;) {
    const bytes = Buffer.alloc(Math.min(4 * 1024 * 1024, arena.stop - scoreBytes - at))
    await file.read(bytes, 0, bytes.length, at)
    digest.update(bytes)
    at += bytes.length
  }
  const seal = digest.update(new Uint8Array(scoreBytes)).digest()
  await file.write(seal, 0, scoreBytes, arena.stop - scoreBytes)
}

/** All arenas sealed, and `sealedFill` full (1: as full as they get), but the last, which is `lastFill` full. */
export async function makePartition(
  path: string,
  options: {
    readonly sizeBytes: number
    readonly arenaBytes: number
    readonly compressiblePart: number
    readonly seed: number
    readonly sealedFill?: number
    readonly lastFill: number
    /** Blocks of all lengths; of 8 KiB if left out. */
    readonly isMixed?: boolean
  },
): Promise<BenchPartition> {
  const layout = planLayout({
    sizeBytes: options.sizeBytes,
    arenaBytes: options.arenaBytes,
    blockSize: 8192,
    namePrefix: 'bench',
  })
  const file = await open(path, 'w+')
  try {
    await file.truncate(options.sizeBytes)
    const header = encodePartitionHeader(layout)
    await file.write(header, 0, header.length, partBlankBytes)
    const table = Buffer.from(layout.tableText, 'latin1')
    await file.write(table, 0, table.length, layout.tableBase)
    const random = seeded(options.seed)
    let total: BenchPartition = { blocks: 0, bytes: 0, stored: 0 }
    for (const [index, arena] of layout.arenas.entries()) {
      const isSealed = index < layout.arenas.length - 1 || options.lastFill >= 1
      const fill = isSealed ? (options.sealedFill ?? 1) : options.lastFill
      const one = await writeArena(file, arena, {
        blockSize: 8192,
        random,
        compressiblePart: options.compressiblePart,
        fill,
        isSealed,
        isMixed: options.isMixed ?? false,
      })
      if (isSealed) await sealArena(file, arena)
      total = { blocks: total.blocks + one.blocks, bytes: total.bytes + one.bytes, stored: total.stored + one.stored }
    }
    return total
  } finally {
    await file.close()
  }
}
