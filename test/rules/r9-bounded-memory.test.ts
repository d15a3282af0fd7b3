// R9, bounded memory: scanning holds a window and a batch whatever the size of the partition, and what a hostile partition
// claims (counts up to 2^32, arenas of a terabyte) is not allocated for. (The scanner's part of the rule.)

import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { BlockSource } from '../../electron/engine/source/block-source.ts'
import { openArena, type Arena } from '../../electron/engine/venti/arena/arena.ts'
import { openArenaPartition } from '../../electron/engine/venti/arena/arena-partition.ts'
import { ClumpScanner } from '../../electron/engine/venti/arena/clump-scanner.ts'
import { noise } from '../helpers/image-builder.ts'

const mebibyte = 2 ** 20
const blockSize = 8192
const tableBase = 270_336
const arenaBase = 794_624
const clumpMagic = 0x5eed1e55
const perBlock = Math.floor(blockSize / 25)

type Layout = { readonly arenaBytes: number; readonly clumps: number; readonly used: number }

/** One block again and again: every clump and every directory block is the same, so any range can be made up at once. */
const data = noise(8192, 1)
const score = createHash('sha1').update(data).digest()
const info = Buffer.concat([Buffer.from([13, 0x20, 0, 0x20, 0]), score])
const clump = Buffer.concat([Buffer.alloc(4), info, Buffer.from([1, 0, 0, 0, 0, 0x5c, 0x8a, 0xa6, 0]), data])
clump.writeUInt32BE(clumpMagic, 0)
const period = clump.length
const directoryBlock = Buffer.concat([
  ...Array.from({ length: perBlock }, () => info),
  Buffer.alloc(blockSize - 25 * perBlock),
])

function repeated(piece: Buffer, from: number, length: number): Buffer {
  const start = from % piece.length
  const copies = Math.ceil((start + length) / piece.length)
  return Buffer.concat(Array.from({ length: copies }, () => piece)).subarray(start, start + length)
}

/** A partition with one arena of this layout that exists only as far as it is read. */
function generated({ arenaBytes, clumps, used }: Layout, logBytes: number): BlockSource & { bytesRead: number } {
  const stop = arenaBase + arenaBytes
  const header = Buffer.from('a9e4a5e70000000300002000000c2000', 'hex')
  const table = Buffer.from(`1\narenas0\t${arenaBase}\t${stop}\n`)
  const head = Buffer.alloc(88)
  const tail = Buffer.alloc(135)
  for (const [block, magic] of [
    [head, 0xd15c4ead],
    [tail, 0xf2a14ead],
  ] as const) {
    block.writeUInt32BE(magic, 0)
    block.writeUInt32BE(5, 4)
    block.write('arenas0', 8)
  }
  head.writeUInt32BE(blockSize, 72)
  head.writeBigUInt64BE(BigInt(arenaBytes), 76)
  head.writeUInt32BE(clumpMagic, 84)
  tail.writeUInt32BE(clumps, 72)
  tail.writeUInt32BE(clumpMagic, 88)
  tail.writeBigUInt64BE(BigInt(used), 92)
  tail.writeBigUInt64BE(BigInt(clumps * data.length), 100)
  const dataBase = arenaBase + blockSize
  const directoryBytes = logBytes === 0 ? 0 : Math.ceil(clumps / perBlock) * blockSize
  const directoryAt = stop - blockSize - directoryBytes
  const pieces: readonly {
    readonly at: number
    readonly length: number
    readonly make: (from: number, length: number) => Buffer
  }[] = [
    ...[
      [262_144, header],
      [tableBase, table],
      [arenaBase, head],
      [stop - blockSize, tail],
    ].map(([at, bytes]) => ({
      at: at as number,
      length: (bytes as Buffer).length,
      make: (from: number, length: number) => (bytes as Buffer).subarray(from, from + length),
    })),
    { at: dataBase, length: logBytes, make: (from, length) => repeated(clump, from, length) },
    { at: directoryAt, length: directoryBytes, make: (from, length) => repeated(directoryBlock, from, length) },
  ]
  return {
    name: 'generated',
    sizeBytes: stop,
    bytesRead: 0,
    read(offset, length) {
      this.bytesRead += length
      const bytes = Buffer.alloc(length)
      for (const piece of pieces) {
        const from = Math.max(offset, piece.at)
        const to = Math.min(offset + length, piece.at + piece.length)
        if (from < to) piece.make(from - piece.at, to - from).copy(bytes, from - offset)
      }
      return Promise.resolve(bytes)
    },
    close: () => Promise.resolve(),
  }
}

/** Everything Node holds for JavaScript, in MiB: heap, and buffers outside it. */
function heldMebibytes(): number {
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / mebibyte
}

async function arenaOf(source: BlockSource): Promise<Arena> {
  const partition = await openArenaPartition(source)
  const { arena } = await openArena(partition, partition.entries[0]!, { head: true, seal: true })
  return arena!
}

test('R9: a partition of 2.5 GB is scanned in the memory that its first 256 MB took', async () => {
  const clumps = 300_000
  const used = clumps * period
  const arenaBytes = 2_700_000_000 - (2_700_000_000 % blockSize)
  const source = generated({ arenaBytes, clumps, used }, used)
  const batches = new ClumpScanner(await arenaOf(source), { from: 0, index: 0 }).run()
  const before = { rss: process.memoryUsage.rss() / mebibyte, held: heldMebibytes() }
  let blocks = 0
  let early = 0
  let late = 0
  for (;;) {
    const { value, done } = await batches.next()
    if (done === true) {
      expect(value).toEqual({ reason: 'log-end', offset: used, index: clumps })
      break
    }
    expect(value.every((item) => item.kind === 'clump')).toBe(true)
    blocks += value.length
    if (blocks * period < 256 * mebibyte) early = Math.max(early, heldMebibytes())
    else late = Math.max(late, heldMebibytes())
  }
  expect(blocks).toBe(clumps)
  expect(late).toBeLessThan(early + 64)
  expect(late - before.held).toBeLessThan(192)
  expect(process.memoryUsage.rss() / mebibyte - before.rss).toBeLessThan(256)
  expect(source.bytesRead).toBeLessThan(1.01 * used + 8 * mebibyte)
})

describe('R9: claims that would need memory', () => {
  test.each([
    ['2^32 - 1 clumps in an arena that could hold them', 2 ** 40, 2 ** 32 - 1, 38 * (2 ** 32 - 1)],
    ['a log of half a terabyte', 2 ** 40, 10_000_000, 2 ** 39],
    ['2^32 - 1 clumps in an arena that could not', 2 ** 30, 2 ** 32 - 1, 2 ** 29],
    ['a log longer than the arena', 2 ** 30, 1000, 2 ** 52],
    ['an empty arena of four petabytes', 2 ** 52, 0, 0],
  ])('%s: nothing is allocated for it, and it can be cancelled', async (_, arenaBytes, clumps, used) => {
    const source = generated({ arenaBytes, clumps, used }, 0)
    const cancel = new AbortController()
    let reads = 0
    const watched: BlockSource = {
      ...source,
      read: async (offset, length) => {
        // Enough to see memory grow, if it grew with what is claimed.
        if (++reads === 300) cancel.abort()
        expect(length).toBeLessThanOrEqual(4 * mebibyte)
        return await source.read(offset, length)
      },
    }
    const before = heldMebibytes()
    const arena = await arenaOf(watched)
    const batches = new ClumpScanner(arena, { from: 0, index: 0, signal: cancel.signal }).run()
    const ended = await batches.next().catch((error: unknown) => error)
    if (reads >= 300) expect(ended).toMatchObject({ code: 'cancelled' })
    expect(heldMebibytes() - before).toBeLessThan(192)
  })

  test('a table area of four gigabytes without an end: four megabytes are read', async () => {
    const header = Buffer.from('a9e4a5e70000000300002000ffffffff', 'hex')
    let bytesRead = 0
    const source: BlockSource = {
      name: 'endless',
      sizeBytes: 2 ** 33,
      read: (offset, length) => {
        bytesRead += length
        return Promise.resolve(offset === 262_144 ? header.subarray(0, length) : Buffer.alloc(length, '7'))
      },
      close: () => Promise.resolve(),
    }
    await expect(openArenaPartition(source)).rejects.toThrow('endless: arena table at 0x42000 has no usable line')
    expect(bytesRead).toBeLessThanOrEqual(4 * mebibyte + 16)
  })
})
