// Arenas fill, are left and sealed exactly as the real server does it; in a partition of somebody else's they are left for
// its owner, whose index knows nothing of ours.

import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { expandFixture, healthyPartition, loadFixture } from '../../../../helpers/fixtures.ts'
import { scratchDir } from '../../../../helpers/scratch.ts'
import {
  fileBytes,
  newStore,
  noise,
  openQuiet,
  smallSizes,
  storeBlock,
  tailOf,
} from '../../../../helpers/store-calls.ts'

const blockSize = 8192
const arenaBase = 794624
const arenaBytes = smallSizes.arenaBytes

/** Blocks of `size` bytes until one is refused by arena 0. */
function fillFirstArena(into: Awaited<ReturnType<typeof newStore>>, size = 50_000): string[] {
  const scores: string[] = []
  for (let seed = 0; into.stats().fullArenas === 0; seed++) scores.push(storeBlock(into, noise(seed, size)))
  return scores
}

describe('a full arena', () => {
  test('refuses exactly when the rule says so, for good, and the next one goes on', async () => {
    const folder = await scratchDir()
    const opened = await newStore(folder, { compress: false })
    const size = arenaBytes - 2 * blockSize
    // One directory block is enough for 326 clumps: used + 38 + stored + 8 + 8192 may be size, and not one byte more.
    let used = 0
    let seed = 0
    const put = (bytes: number): void => {
      storeBlock(opened, noise(seed++, bytes))
      used += 38 + bytes
    }
    while (size - blockSize - 8 - used > 57_000) put(25_000)
    const left = size - blockSize - 8 - used - 38
    put(left - 38 - 10)
    put(10)
    await opened.sync()
    expect(opened.stats()).toMatchObject({ fullArenas: 0, usedBytes: size - blockSize - 8 })
    expect((await tailOf(join(folder, 'store'), 0)).stored).toMatchObject({ used, sealed: false })
    put(4)
    expect(opened.stats()).toMatchObject({ fullArenas: 1 })
    await opened.sync()
    expect((await tailOf(join(folder, 'store'), 1)).stored).toMatchObject({ clumps: 1, used: 42, sealed: false })
  })

  test('one byte too many is refused, and then a smaller block goes to the next arena, too', async () => {
    const opened = await newStore(await scratchDir(), { compress: false })
    const limit = arenaBytes - 2 * blockSize - blockSize - 8
    let seed = 0
    let used = 0
    for (; limit - used > 57_000; used += 25_038) storeBlock(opened, noise(seed++, 25_000))
    storeBlock(opened, noise(seed++, limit - used - 38 - 100))
    storeBlock(opened, noise(seed++, 63))
    expect(opened.stats()).toMatchObject({ fullArenas: 1 })
    const { usedBytes } = opened.stats()
    storeBlock(opened, noise(seed++, 8))
    expect(opened.stats().usedBytes).toBe(usedBytes + 46)
    expect(opened.stats().usedBytes).toBe(limit - 100 + 38 + 63 + 46)
  })

  test('is sealed: SHA-1 over the whole arena with the seal field zero, indexed as stored, no extension', async () => {
    const folder = await scratchDir()
    const opened = await newStore(folder)
    fillFirstArena(opened)
    const before = opened.stats()
    await opened.close()
    const path = join(folder, 'store')
    const arena = (await fileBytes(path)).subarray(arenaBase, arenaBase + arenaBytes)
    const tail = await tailOf(path, 0)
    arena.fill(0, arenaBytes - 20)
    expect(tail.seal).toBe(createHash('sha1').update(arena).digest('hex'))
    expect(tail.indexed).toEqual(tail.stored)
    expect(tail.stored.sealed).toBe(true)
    // The extension byte and what would follow it.
    expect(arena.subarray(arenaBytes - blockSize + 109, arenaBytes - blockSize + 135).every((byte) => byte === 0)).toBe(
      true,
    )

    const again = await openQuiet(path)
    expect(again.stats()).toMatchObject({ fullArenas: 1, blocks: before.blocks, usedBytes: before.usedBytes })
    await again.close()
    expect((await tailOf(path, 0)).seal).toBe(tail.seal)
  })

  test('whose seal was not finished is sealed after the next opening', async () => {
    const folder = await scratchDir()
    const path = join(folder, 'store')
    const opened = await newStore(folder)
    fillFirstArena(opened)
    await opened.close()
    const sealed = await tailOf(path, 0)
    const file = await open(path, 'r+')
    await file.write(new Uint8Array(20), 0, 20, arenaBase + arenaBytes - 20)
    await file.close()
    const again = await openQuiet(path)
    await again.close()
    expect((await tailOf(path, 0)).seal).toBe(sealed.seal)
  })

  test('when it was the last: no space left in arenas, also for the smallest block; known ones are still fine', async () => {
    const folder = await scratchDir()
    const opened = await newStore(folder, { compress: false })
    let seed = 0
    let reply: Uint8Array | string = ''
    while (typeof (reply = opened.write(13, noise(seed, 57_344))) !== 'string') seed++
    expect(reply).toBe('no space left in arenas')
    expect(opened.write(13, noise(1e6, 4))).toBe('no space left in arenas')
    expect(typeof opened.write(13, noise(0, 57_344))).toBe('object')
    expect(opened.stats()).toMatchObject({ fullArenas: 3, freeBytes: 0 })
    await opened.close()
    const again = await openQuiet(join(folder, 'store'))
    expect(again.stats()).toMatchObject({ blocks: seed, fullArenas: 3 })
    expect(again.write(13, noise(1e6, 4))).toBe('no space left in arenas')
  })
})

describe('a partition of a real venti', () => {
  test('keeps its indexed counters and gets an extension; full arenas are left for its owner to seal', async () => {
    const folder = await scratchDir()
    const path = join(folder, 'image')
    await expandFixture('seq-day1', path)
    const { arenas } = healthyPartition('seq-day1')
    const opened = await openQuiet(path, { compress: false })
    fillFirstArena(opened)
    await opened.close()
    const first = await tailOf(path, 0, arenas[0]!.stop)
    expect(first.indexed).toEqual(arenas[0]!.tail.indexed)
    expect(first.stored).toMatchObject({ sealed: true })
    expect(first.stored.clumps).toBeGreaterThan(arenas[0]!.clumps)
    expect(first.seal).toBe('0'.repeat(40))
    const second = await tailOf(path, 1, arenas[1]!.stop)
    expect(second.indexed).toMatchObject({ clumps: 0, sealed: false })
    expect(second.stored).toMatchObject({ clumps: 1, sealed: false })
  })

  test('that is sealed and indexed, but has no seal yet, gets it', async () => {
    const path = join(await scratchDir(), 'image')
    await expandFixture('seq-day3-flushed', path)
    const opened = await openQuiet(path)
    await opened.close()
    // The real server's seals of the same partition.
    const image = loadFixture('seq-day3-sealed')
    for (const { stop } of healthyPartition('seq-day3-sealed').arenas) {
      expect((await tailOf(path, 0, stop)).seal).toBe(image.subarray(stop - 20, stop).toString('hex'))
    }
  })

  test.each(['seq-day3', 'v4-day3', 'bs32k-day3', 'fossil-venti', 'seq-day3-sealed'])(
    '%s is not changed by being opened and closed',
    async (id) => {
      const path = join(await scratchDir(), 'image')
      await expandFixture(id, path)
      const opened = await openQuiet(path)
      expect(opened.stats().blocks).toBe(healthyPartition(id).uniqueClumps)
      await opened.close()
      expect((await fileBytes(path)).equals(loadFixture(id))).toBe(true)
    },
  )
})
