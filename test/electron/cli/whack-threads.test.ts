// Blocks compressed in threads: the same bytes as here, in the order they were given, whatever becomes of the threads; and never
// more memory than was set aside.

import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { WhackThreads, whackThreadsFor } from '../../../electron/cli/whack-threads.ts'
import { sha1 } from '../../../electron/engine/hash/sha1.ts'
import { whack } from '../../../electron/engine/venti/format/whack.ts'
import type { Score } from '../../../shared/model/score.ts'
import { buildCli, cliPath } from '../../helpers/cli-process.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { noise, prose } from '../../helpers/store-calls.ts'

const program = join(cliPath, '..', 'whack.js')

beforeAll(buildCli)

const blocks = Array.from({ length: 100 }, (_, seed) =>
  (seed % 3 === 0 ? noise : prose)(seed, [4, 60, 8192, 57344, 3000][seed % 5] as number),
)

/** By their hashes: to compare so many bytes one by one takes long. */
const asTheyAre = blocks.map((block, number): [number, Score] => [number, sha1(block)])

function stored(block: Uint8Array): Score {
  const out = new Uint8Array(block.length)
  const length = whack(block, out)
  return sha1(length < 0 ? block : out.subarray(0, length))
}

/** What comes back, by the number of the block, in the order it comes. */
async function throughThreads(threads: WhackThreads): Promise<[number, Score][]> {
  const back: [number, Score][] = []
  let sawFull = false
  for (const [number, block] of blocks.entries()) {
    sawFull ||= threads.full
    await threads.room()
    threads.compress(block, (bytes) => back.push([number, sha1(bytes)]))
  }
  expect(sawFull).toBe(true)
  while (back.length < blocks.length) await new Promise((resolve) => setImmediate(resolve))
  return back
}

test.each([1, 2])('%i: the same as here, in order', async (count) => {
  const failures: Error[] = []
  const threads = new WhackThreads(count, (error) => failures.push(error), program)
  onTestFinished(() => threads.close())
  expect(await throughThreads(threads)).toEqual(blocks.map((block, number) => [number, stored(block)]))
  expect(failures).toEqual([])
})

test('a thread that ends loses nothing: blocks are stored as they are, and it is told once', async () => {
  const broken = join(await scratchDir(), 'broken.mjs')
  await writeFile(broken, "throw new Error('no such luck')\n")
  const failures: string[] = []
  const threads = new WhackThreads(2, ({ message }) => failures.push(message), broken)
  onTestFinished(() => threads.close())
  expect(await throughThreads(threads)).toEqual(asTheyAre)
  expect(failures).toEqual(['no such luck'])
})

test('closed, it gives back what it has', async () => {
  const threads = new WhackThreads(1, () => undefined, program)
  const back: number[] = []
  for (const number of [0, 1, 2]) threads.compress(blocks[number] as Uint8Array, () => back.push(number))
  await threads.close()
  expect(back).toEqual([0, 1, 2])
})

test('threads are for machines with a core to spare, and the program of the thread', () => {
  expect(whackThreadsFor(program)).toBe(Math.min(2, availableParallelism() - 1))
  expect(whackThreadsFor(`${program}.none`)).toBe(0)
})
