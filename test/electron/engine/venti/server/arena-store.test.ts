// The store without a network: blocks come back, flushed or not, and files that are not ours to write are left alone.

import { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { openStore } from '../../../../../electron/engine/venti/server/arena-store.ts'
import { createStore } from '../../../../../electron/engine/venti/server/create-store.ts'
import { rejection } from '../../../../helpers/client-calls.ts'
import { scratchDir } from '../../../../helpers/scratch.ts'
import {
  fileBytes,
  loadBlock,
  newStore,
  noise,
  openQuiet,
  prose,
  smallSizes,
  storeBlock,
  tailOf,
} from '../../../../helpers/store-calls.ts'

describe('blocks', () => {
  test.each([true, false])(
    'of every type and size come back, before and after a flush and a restart (compress %s)',
    async (compress) => {
      const folder = await scratchDir()
      let opened = await newStore(folder, { compress })
      const blocks = [1, 2, 3, 4, 5, 6, 7, 8, 9, 13].flatMap((type, i) =>
        [1, 2, 100, 8192, 57344].map((size) => ({
          type,
          data: size % 200 === 0 ? prose(i, size) : noise(5 + i, Math.max(4, size)),
        })),
      )
      const scores = blocks.map(({ type, data }) => storeBlock(opened, data, type))
      const check = async (): Promise<void> => {
        for (const [i, { type, data }] of blocks.entries()) {
          const found = await loadBlock(opened, scores[i]!, type)
          // Deep equality of 57344 numbers takes milliseconds.
          expect(typeof found === 'string' ? found : Buffer.compare(found, data)).toBe(0)
        }
      }
      await check()
      await opened.sync()
      await check()
      await opened.close()
      opened = await openQuiet(join(folder, 'store'))
      await check()
      expect(opened.stats()).toMatchObject({
        blocks: new Set(blocks.map(({ type }, i) => `${scores[i]}/${type}`)).size,
      })
    },
  )

  test('known already are acknowledged and not stored again; the type is part of the key', async () => {
    const opened = await newStore(await scratchDir())
    const data = noise(1, 500)
    const score = storeBlock(opened, data)
    const { usedBytes } = opened.stats()
    expect(storeBlock(opened, data)).toBe(score)
    expect(opened.stats()).toMatchObject({ usedBytes, blocks: 1, writes: 2, duplicates: 1 })
    expect(await loadBlock(opened, score, 1)).toBe(`no block with score ${score}/16 exists`)
    storeBlock(opened, data, 1)
    expect(opened.stats()).toMatchObject({ usedBytes: 2 * usedBytes, blocks: 2 })
    expect(await loadBlock(opened, score, 1)).toEqual(data)
  })

  test('that compress take less room, and others none more than they have', async () => {
    const opened = await newStore(await scratchDir())
    storeBlock(opened, prose(3, 8192))
    expect(opened.stats().usedBytes).toBeLessThan(4096)
    const { usedBytes } = opened.stats()
    storeBlock(opened, noise(3, 8192))
    expect(opened.stats().usedBytes).toBe(usedBytes + 38 + 8192)
  })

  test('the empty block, too large ones, wrong types and unknown scores', async () => {
    const opened = await newStore(await scratchDir())
    expect(Buffer.from(opened.write(13, new Uint8Array(0)) as Uint8Array).toString('hex')).toBe(
      'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    )
    expect(opened.write(13, new Uint8Array(57345))).toBe('lump too large')
    for (const type of [0, 10, 11, 12, 14, 255])
      expect(opened.write(type, noise(1, 9))).toBe(`invalid lump type ${type}`)
    expect(opened.stats()).toMatchObject({ blocks: 0, usedBytes: 0 })
    const unknown = '0123456789012345678901234567890123456789'
    for (const [type, api] of [
      [13, 0],
      [2, 8],
      [3, 9],
      [9, 15],
      [1, 16],
      [12, 255],
    ] as const) {
      expect(await loadBlock(opened, unknown, type)).toBe(`no block with score ${unknown}/${api} exists`)
    }
    expect(await loadBlock(opened, '0'.repeat(40), 5, 0)).toEqual(new Uint8Array(0))
    const score = storeBlock(opened, noise(2, 300))
    expect(await loadBlock(opened, score, 13, 299)).toBe('read too small 1: asked for 299 need at least 300')
    expect(await loadBlock(opened, score, 13, 0)).toBe('read too small 1: asked for 0 need at least 300')
    expect(await loadBlock(opened, score, 13, 300)).toHaveLength(300)
  })

  test('carry the time they were stored', async () => {
    let time = 1_500_000_000
    const folder = await scratchDir()
    const opened = await newStore(folder, { now: () => time })
    storeBlock(opened, noise(1, 10))
    time += 77
    storeBlock(opened, noise(2, 10))
    await opened.close()
    expect(await tailOf(join(folder, 'store'), 0)).toMatchObject({
      firstClumpTime: 1_500_000_000,
      lastClumpTime: 1_500_000_077,
    })
  })

  test('are flushed without being asked', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    try {
      const folder = await scratchDir()
      const opened = await newStore(folder, { idleFlushMs: 1000, maxFlushDelayMs: 4000 })
      const clumpsOnDisk = async (): Promise<number> => (await tailOf(join(folder, 'store'), 0)).stored.clumps
      storeBlock(opened, noise(1, 10))
      vi.advanceTimersByTime(999)
      expect(await clumpsOnDisk()).toBe(0)
      vi.advanceTimersByTime(1)
      await vi.waitFor(async () => expect(await clumpsOnDisk()).toBe(1), { timeout: 10_000 })
      // Never idle: then at the latest after four seconds.
      for (let i = 0; i < 8; i++) {
        storeBlock(opened, noise(2 + i, 10))
        vi.advanceTimersByTime(500)
      }
      await vi.waitFor(async () => expect(await clumpsOnDisk()).toBeGreaterThanOrEqual(8), { timeout: 10_000 })
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('what is refused', () => {
  test('devices, folders and missing files, in clear words', async () => {
    const folder = await scratchDir()
    expect(await rejection(openStore('/dev/null'))).toMatchObject({
      code: 'store-open',
      message: expect.stringMatching(/\/dev\/null is a device.*never writes to a disk/),
    })
    expect((await rejection(openStore(folder))).message).toMatch(/is a folder/)
    const missing = await rejection(openStore(join(folder, 'no')))
    expect(missing).toMatchObject({ code: 'store-open', message: expect.stringMatching(/no such file/) })
    expect(await readdir(folder)).toEqual([])
  })

  test('a file that is no arena partition; it stays as it is and no lock is left', async () => {
    const folder = await scratchDir()
    const path = join(folder, 'letter')
    await writeFile(path, Buffer.alloc(2_000_000, 'x'))
    expect((await rejection(openStore(path))).code).toBe('not-arena-partition')
    expect(await readdir(folder)).toEqual(['letter'])
  })

  test('creating over anything that exists, or in a folder that does not', async () => {
    const folder = await scratchDir()
    const path = join(folder, 'store')
    await writeFile(path, 'mine')
    expect((await rejection(createStore(path, smallSizes))).code).toBe('file-exists')
    expect(await fileBytes(path)).toEqual(Buffer.from('mine'))
    expect((await rejection(createStore(join(folder, 'no', 'store'), smallSizes))).code).toBe('store-open')
    await mkdir(join(folder, 'dir'))
    expect((await rejection(createStore(join(folder, 'dir'), smallSizes))).code).toBe('file-exists')
    expect((await readdir(folder)).toSorted()).toEqual(['dir', 'store'])
  })

  test('a second server, also under another name of the file', async () => {
    const folder = await scratchDir()
    const opened = await newStore(folder)
    await symlink(join(folder, 'store'), join(folder, 'alias'))
    for (const name of ['store', 'alias']) {
      const error = await rejection(openStore(join(folder, name)))
      expect(error).toMatchObject({ code: 'store-locked', retriable: true })
      expect(error.message).toContain(`process ${process.pid}`)
    }
    await opened.close()
    await (await openQuiet(join(folder, 'alias'))).close()
  })
})

test('a new store is sparse and has the sizes asked for', async () => {
  const path = join(await scratchDir(), 'large')
  await createStore(path, { sizeBytes: 20 * 2 ** 30, arenaBytes: 512 * 2 ** 20 })
  const status = await stat(path)
  expect(status.size).toBe(20 * 2 ** 30)
  expect(status.blocks * 512).toBeLessThan(4 * 2 ** 20)
  const opened = await openQuiet(path)
  expect(opened.stats()).toMatchObject({ arenas: 40, blocks: 0, usedBytes: 0 })
  expect(opened.stats().freeBytes).toBe(20 * 2 ** 30 - 794624 - 40 * (3 * 8192 + 8))
})
