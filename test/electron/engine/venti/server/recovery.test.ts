// Opening what a crash or a failing disk left: clumps behind the tail are found, torn ends are cut, a lost directory is made
// anew, and what cannot be understood is refused without a byte changed.

import { copyFile, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openStore, type ArenaStore } from '../../../../../electron/engine/venti/server/arena-store.ts'
import { openArenaPartition } from '../../../../../electron/engine/venti/arena/arena-partition.ts'
import { openArena } from '../../../../../electron/engine/venti/arena/arena.ts'
import { decodeArenaTail } from '../../../../../electron/engine/venti/format/arena-tail.ts'
import { openFileSource } from '../../../../../electron/engine/source/any-file.ts'
import {
  expandFixture,
  expectedBlocks,
  fixture,
  fixtureIds,
  healthyPartition,
  loadFixture,
} from '../../../../helpers/fixtures.ts'
import { rejection } from '../../../../helpers/client-calls.ts'
import { scratchDir } from '../../../../helpers/scratch.ts'
import { fileBytes, loadBlock, newStore, noise, openQuiet, prose, storeBlock } from '../../../../helpers/store-calls.ts'

const blockSize = 8192
const arenaBase = 794624
const dataBase = arenaBase + blockSize
const firstStop = arenaBase + 1024 * 1024

/** How many of these lines `score/type/size` are read back whole. */
async function readable(from: ArenaStore, lines: readonly string[]): Promise<number> {
  let good = 0
  for (const line of lines) {
    const [score, type, size] = line.split('/') as [string, string, string]
    const block = await loadBlock(from, score, Number(type))
    if (typeof block !== 'string' && block.length === Number(size)) good++
  }
  return good
}

async function patch(path: string, changes: readonly { at: number; bytes: Uint8Array }[]): Promise<void> {
  const file = await open(path, 'r+')
  for (const { at, bytes } of changes) await file.write(bytes, 0, bytes.length, at)
  await file.close()
}

function tailIn(image: Buffer, stop = firstStop) {
  const tail = decodeArenaTail(image.subarray(stop - blockSize, stop))
  if (typeof tail === 'string') throw new Error(tail)
  return tail
}

/** The engine's own reader has nothing to complain about, in head, tail and table. */
async function expectNoDamage(path: string): Promise<void> {
  const source = await openFileSource(path)
  const partition = await openArenaPartition(source)
  const found = [...partition.damage]
  for (const entry of partition.entries)
    found.push(...(await openArena(partition, entry, { head: true, seal: true })).damage)
  await source.close()
  expect(found).toEqual([])
}

/** A store with `counts` clumps behind its tail, as a kill just after the data was written leaves it. */
async function withoutTail(folder: string, blocks: readonly Uint8Array[], synced: number): Promise<string> {
  const opened = await newStore(folder)
  for (const data of blocks.slice(0, synced)) storeBlock(opened, data)
  await opened.sync()
  const path = join(folder, 'store')
  const before = await fileBytes(path)
  for (const data of blocks.slice(synced)) storeBlock(opened, data)
  await opened.close()
  const after = await fileBytes(path)
  // Directory and tail as they were.
  const end = firstStop - 3 * blockSize
  before.copy(after, end, end, firstStop)
  await writeFile(join(folder, 'crashed'), after)
  return join(folder, 'crashed')
}

describe('behind the tail', () => {
  const blocks = [noise(1, 500), prose(2, 3000), noise(3, 40), prose(4, 9000)]

  test('whole clumps are taken over, with directory and tail', async () => {
    const folder = await scratchDir()
    const path = await withoutTail(folder, blocks, 1)
    const lines: string[] = []
    const opened = await openQuiet(path, { log: (line) => lines.push(line) })
    expect(opened.stats()).toMatchObject({ blocks: 4 })
    for (const data of blocks) expect(await loadBlock(opened, storeBlock(opened, data))).toEqual(data)
    expect(opened.stats().duplicates).toBe(4)
    await opened.close()
    expect(lines).toEqual([expect.stringMatching(/^arenas0: 3 clumps behind the tail found/)])
    // The repaired file is what an orderly close makes.
    expect((await fileBytes(path)).equals(await fileBytes(join(folder, 'store')))).toBe(true)
    await expectNoDamage(path)
  })

  test.each([
    ['plain', noise(9, 60)],
    ['compressed', prose(9, 400)],
  ])('a last clump torn at any byte is cut off and the store goes on (%s)', async (_, last) => {
    const folder = await scratchDir()
    const path = await withoutTail(folder, [blocks[0]!, blocks[1]!, last], 1)
    const whole = await fileBytes(path)
    const finished = tailIn(await fileBytes(join(folder, 'store'))).stored
    const lastStart = dataBase + finished.used - lastClumpLength(whole, finished.used, last)
    const lastEnd = dataBase + finished.used
    const torn = join(folder, 'torn')
    await writeFile(torn, whole)
    for (let cut = lastStart; cut < lastEnd; cut++) {
      // What stood there before: zeros, or the remains of something else.
      const filler = cut % 2 === 0 ? 0 : 0xa5
      const bytes = Buffer.from(whole.subarray(lastStart, lastEnd + 4))
      bytes.fill(filler, cut - lastStart)
      await patch(torn, [
        { at: lastStart, bytes },
        { at: firstStop - 3 * blockSize, bytes: whole.subarray(firstStop - 3 * blockSize, firstStop) },
      ])
      const opened = await openStore(torn, { idleFlushMs: 1e8, maxFlushDelayMs: 1e8 })
      // The last data byte may by chance be what the filler is.
      const survived = bytes.subarray(0, lastEnd - lastStart).equals(whole.subarray(lastStart, lastEnd))
      expect(opened.stats().blocks).toBe(survived ? 3 : 2)
      const score = storeBlock(opened, last)
      await opened.sync()
      expect(Buffer.compare((await loadBlock(opened, score)) as Uint8Array, last)).toBe(0)
      expect(await loadBlock(opened, storeBlock(opened, blocks[1]!))).toEqual(blocks[1])
      await opened.close()
      const after = await fileBytes(torn)
      expect(tailIn(after).stored).toEqual(finished)
      expect(after.readUInt32BE(dataBase + finished.used)).toBe(0)
    }
  })

  test('a damaged clump with good ones behind it costs only itself', async () => {
    const folder = await scratchDir()
    const path = await withoutTail(folder, blocks, 1)
    const damagedAt = dataBase + 38 + blocks[0]!.length
    await patch(path, [{ at: damagedAt + 60, bytes: Uint8Array.of(0xff, 0xff, 0xff, 0xff) }])
    const opened = await openQuiet(path)
    expect(opened.stats()).toMatchObject({ blocks: 3 })
    for (const i of [0, 2, 3]) expect(await loadBlock(opened, storeBlock(opened, blocks[i]!))).toEqual(blocks[i])
    expect(opened.stats()).toMatchObject({ duplicates: 3 })
    // Marked as the repair tools do it, in header and directory.
    await opened.close()
    expect((await fileBytes(path))[damagedAt + 4]).toBe(255)
    expect((await fileBytes(path))[firstStop - 2 * blockSize + 25]).toBe(255)
    await (await openQuiet(path)).close()
  })

  test('of a real server: an old tail, and a torn end, are brought up to date', async () => {
    for (const id of ['stale-trailer', 'bad-torn-uncounted']) {
      const path = join(await scratchDir(), id)
      await expandFixture(id, path)
      const opened = await openQuiet(path)
      const lines = expectedBlocks(id)
      if (lines !== null) expect(await readable(opened, lines)).toBe(new Set(lines).size)
      const count = opened.stats().blocks
      await opened.close()
      await expectNoDamage(path)
      const again = await openQuiet(path)
      expect(again.stats().blocks).toBe(count)
      await again.close()
    }
  })
})

/** Length of the last clump of a log of `used` bytes. */
function lastClumpLength(image: Buffer, used: number, last: Uint8Array): number {
  for (let length = 39; length <= 38 + last.length; length++) {
    const at = dataBase + used - length
    const size = image.readUInt16BE(at + 5)
    if (size === length - 38 && image.readUInt32BE(at) === tailIn(image).clumpMagic) return length
  }
  throw new Error('no last clump')
}

describe('a directory that does not add up', () => {
  test.each(['seq-day3', 'bs32k-day3', 'v4-day3'])(
    '%s: is made anew from the log, in sealed arenas too',
    async (id) => {
      const path = join(await scratchDir(), id)
      await expandFixture(`${id}-sealed`, path)
      const expected = healthyPartition(`${id}-sealed`)
      const { blockSize: size } = expected
      const changes = expected.arenas
        .filter(({ clumps }) => clumps > 0)
        .map(({ stop }) => ({ at: stop - 2 * size + 100, bytes: new Uint8Array(400).fill(0x33) }))
      await patch(path, changes)
      const opened = await openQuiet(path)
      const lines = expectedBlocks(`${id}-sealed`)!
      expect(await readable(opened, lines)).toBe(lines.length)
      await opened.close()
      expect((await fileBytes(path)).equals(loadFixture(`${id}-sealed`))).toBe(true)
    },
  )

  test('with a damaged header in the log as well: refused, unchanged, with both named', async () => {
    const path = join(await scratchDir(), 'image')
    await expandFixture('seq-day1', path)
    const { arenas } = healthyPartition('seq-day1')
    await patch(path, [
      { at: arenas[0]!.stop - 2 * blockSize, bytes: new Uint8Array(1000).fill(7) },
      { at: arenas[0]!.dataBase, bytes: Uint8Array.of(1) },
    ])
    const before = await fileBytes(path)
    const error = await rejection(openStore(path))
    expect(error.code).toBe('store-open')
    expect(error.message).toMatch(
      /arena arenas0 at 0xc4000: clump 0 of 275 has no sound header, and the clump directory does not/,
    )
    expect((await fileBytes(path)).equals(before)).toBe(true)
  })
})

describe('damaged partitions', () => {
  const refused: Readonly<Record<string, RegExp>> = {
    'bad-table': /arena table/,
    'bad-truncated': /missing/,
  }
  /** A wrong score in a directory that adds up hides its block, as in a real index: no block, until written again. */
  const misnamed: Readonly<Record<string, number>> = { 'bad-directory': 1 }
  const damaged = fixtureIds(({ expected }) => 'damage' in expected)

  test.each(damaged)('%s: refused unchanged, or every good block is served', async (id) => {
    const path = join(await scratchDir(), id)
    await expandFixture(id, path)
    if (refused[id] !== undefined) {
      const error = await rejection(openStore(path))
      expect(error.code).toBe('store-open')
      expect(error.message).toMatch(refused[id])
      expect((await fileBytes(path)).equals(loadFixture(id))).toBe(true)
      return
    }
    const opened = await openQuiet(path)
    const { expected } = fixture(id)
    if (!('damage' in expected)) throw new Error('not damaged')
    const lines = expectedBlocks('seq-day3')!
    const good = await readable(opened, lines)
    // Where the image is an earlier day, or its own list is not stored, the count alone is known.
    const { recoverableClumps } = expected
    if (recoverableClumps !== undefined) expect(good).toBe(recoverableClumps - (misnamed[id] ?? 0))
  })

  test('a block that cannot be read says so, stays known to probes, and is healed by writing it again', async () => {
    const folder = await scratchDir()
    const path = join(folder, 'store')
    const first = await newStore(folder)
    const [plain, packed] = [noise(1, 5000), prose(2, 5000)]
    const scores = [storeBlock(first, plain), storeBlock(first, packed)]
    const other = storeBlock(first, noise(3, 100))
    await first.close()
    await patch(path, [
      { at: dataBase + 100, bytes: Uint8Array.of(1, 2, 3, 4, 5) },
      { at: dataBase + 38 + 5000 + 38 + 30, bytes: new Uint8Array(12).fill(0xff) },
    ])
    const opened = await openQuiet(path)
    expect(await loadBlock(opened, other)).toEqual(noise(3, 100))
    expect(await loadBlock(opened, scores[0]!)).toBe(
      'loadclump arenas0 0: corrupted, the block does not have its score',
    )
    expect(await loadBlock(opened, scores[1]!)).toMatch(/^decompression of 5038 failed: /)
    expect(await loadBlock(opened, scores[0]!, 13, 0)).toBe('read too small 1: asked for 0 need at least 5000')
    expect(opened.stats()).toMatchObject({ damagedReads: 2, blocks: 3 })
    storeBlock(opened, plain)
    storeBlock(opened, packed)
    expect(opened.stats()).toMatchObject({ duplicates: 0, blocks: 3 })
    expect(await loadBlock(opened, scores[0]!)).toEqual(plain)
    await opened.close()
    const again = await openQuiet(path)
    expect(await loadBlock(again, scores[0]!)).toEqual(plain)
    expect(await loadBlock(again, scores[1]!)).toEqual(packed)
  })

  test.each([
    ['the tail', firstStop - blockSize, 'tail of arena arenas0'],
    ['the counters', firstStop - blockSize + 92, 'impossible counters'],
    ['the header', 262144, 'magic is'],
  ])('%s gone: refused, unchanged', async (_, at, words) => {
    const folder = await scratchDir()
    await (await newStore(folder)).close()
    const path = join(folder, 'store')
    await patch(path, [{ at, bytes: new Uint8Array(8).fill(0xee) }])
    await copyFile(path, join(folder, 'copy'))
    expect((await rejection(openStore(path))).message).toContain(words)
    expect((await fileBytes(path)).equals(await fileBytes(join(folder, 'copy')))).toBe(true)
  })

  test('a head that contradicts the tail is overruled by the log, and in an empty arena refused', async () => {
    const folder = await scratchDir()
    const path = join(folder, 'store')
    const first = await newStore(folder)
    const score = storeBlock(first, noise(1, 100))
    await first.close()
    await patch(path, [{ at: arenaBase + 84, bytes: Uint8Array.of(1, 2, 3, 4) }])
    const lines: string[] = []
    const opened = await openQuiet(path, { log: (line) => lines.push(line) })
    expect(await loadBlock(opened, score)).toEqual(noise(1, 100))
    expect(lines).toEqual([expect.stringMatching(/^arenas0: head and tail differ: clump magic 0x1020304 and 0x/)])
    await opened.close()
    await patch(path, [{ at: firstStop + 84, bytes: Uint8Array.of(1, 2, 3, 4) }])
    expect((await rejection(openStore(path))).message).toMatch(/arena arenas1 at 0x1c4000: head and tail differ/)
  })
})
