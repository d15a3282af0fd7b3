// Blocks read in the order they were written come with fewer reads of the file; what was read ahead never hides what the file
// says to whoever asks again, nor takes the place of another block.

import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { OpenHandle, StoreHandle } from '../../../../../electron/engine/venti/server/store-file.ts'
import { patchDisk } from '../../../../helpers/disk-syncs.ts'
import { scratchDir } from '../../../../helpers/scratch.ts'
import { fileBytes, loadBlock, newStore, noise, openQuiet, storeBlock } from '../../../../helpers/store-calls.ts'

type CountedReads = { readonly open: OpenHandle; reads: number; fails: (length: number) => boolean }

function countedReads(): CountedReads {
  const counted: CountedReads = {
    reads: 0,
    fails: () => false,
    open: async (path) => {
      const real = await open(path, 'r+')
      const handle: Record<keyof StoreHandle, unknown> = {
        read: async (bytes: Uint8Array, from: number, length: number, offset: number) => {
          counted.reads++
          if (counted.fails(length)) throw Object.assign(new Error('a bad place'), { code: 'EIO' })
          return await real.read(bytes, from, length, offset)
        },
        write: real.write.bind(real),
        datasync: real.datasync.bind(real),
        stat: real.stat.bind(real),
        close: real.close.bind(real),
      }
      return handle as StoreHandle
    },
  }
  return counted
}

async function storeOf(blocks: readonly Uint8Array[]) {
  const folder = await scratchDir()
  const filled = await newStore(folder)
  const scores = blocks.map((block) => storeBlock(filled, block))
  await filled.close()
  const path = join(folder, 'store')
  const counted = countedReads()
  const opened = await openQuiet(path, { openHandle: counted.open })
  const load = async (order: readonly number[]): Promise<number> => {
    const before = counted.reads
    const found = await Promise.all(order.map(async (n) => await loadBlock(opened, scores[n] as string)))
    for (const [i, n] of order.entries())
      expect(Buffer.compare(found[i] as Uint8Array, blocks[n] as Uint8Array)).toBe(0)
    return counted.reads - before
  }
  return { path, counted, opened, scores, load }
}

const inOrder = Array.from({ length: 100 }, (_, n) => n)
const blocks = inOrder.map((n) => noise(n + 1, 4000))

test('100 blocks in order cost a few reads of the file, blocks here and there one each', async () => {
  const { load } = await storeOf(blocks)
  // Further apart than anybody who walks, and none twice.
  expect(await load([0, 40, 80, 20, 60, 99])).toBe(6)
  expect(await load(inOrder)).toBeLessThanOrEqual(12)
})

test('who asks again gets what the file says now', async () => {
  const { path, opened, scores, load } = await storeOf(blocks)
  await load(inOrder)
  const at = (await fileBytes(path)).indexOf((blocks[50] as Uint8Array).subarray(0, 100))
  await patchDisk(path, at + 10, Uint8Array.of(1, 2, 3, 4))
  expect(await loadBlock(opened, scores[50] as string)).toContain('corrupted')
  // The store takes it again, and gives the new one out.
  storeBlock(opened, blocks[50] as Uint8Array)
  await load(inOrder)
})

test('a place that cannot be read ahead is read block by block', async () => {
  const { counted, load } = await storeOf(blocks)
  counted.fails = (length) => length > 8192
  expect(await load(inOrder)).toBeGreaterThanOrEqual(100)
})
