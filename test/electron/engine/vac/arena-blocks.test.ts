// Blocks found in arena partitions: where they stand, whether they can be given back, and what a lying directory changes.

import { describe, expect, test } from 'vitest'
import type { AppError } from '../../../../shared/errors.ts'
import type { Score } from '../../../../shared/model/score.ts'
import { openArenaBlocks, type ArenaBlocks } from '../../../../electron/engine/vac/arena-blocks.ts'
import { openArenaPartition } from '../../../../electron/engine/venti/arena/arena-partition.ts'
import { buildPartition, noise, prose, type ArenaPlan, type BuiltPartition } from '../../../helpers/image-builder.ts'
import { memorySource } from '../../../helpers/memory-source.ts'

const block = (seed: number, type = 13) => ({ data: seed % 2 === 0 ? noise(900, seed) : prose(3000, seed), type })
const some = (from: number, count: number) => Array.from({ length: count }, (_, i) => block(from + i))

function build(arenas: readonly ArenaPlan[]): BuiltPartition {
  return buildPartition({ arenas })
}

async function opened(built: BuiltPartition, options?: Parameters<typeof openArenaBlocks>[2]): Promise<ArenaBlocks> {
  return await openArenaBlocks('source', [await openArenaPartition(memorySource(built.bytes, 'source'))], options)
}

const codeOf = async (read: Promise<unknown>): Promise<string> =>
  await read.then(
    () => 'read',
    (error: unknown) => (error as AppError).code,
  )

describe.each(['directories', 'logs'] as const)('from %s', (from) => {
  test('every block of every arena, also behind the counters', async () => {
    const built = build([
      { blocks: some(0, 40), state: 'sealed' },
      { blocks: some(100, 30), version: 4, uncounted: 7 },
    ])
    const store = await opened(built, { from })
    expect(store.count).toBe(70)
    for (const arena of built.arenas) {
      for (const { score, type, offset, data } of arena.clumps) {
        expect(store.locate(score as Score, type)).toEqual({ arena: arena.name, offset })
        expect(Buffer.compare(await store.read(score as Score, type, 57344), data)).toBe(0)
        expect(await store.probe(score as Score, type)).toBe(data.length)
      }
    }
  })

  test('score and type are the key; what is not there is missing', async () => {
    const built = build([{ blocks: [block(1, 2), block(2, 1)] }])
    const store = await opened(built, { from })
    const [directory, root] = built.arenas[0]!.clumps.map(({ score }) => score as Score) as [Score, Score]
    expect(await codeOf(store.read(directory, 2, 57344))).toBe('read')
    expect(await codeOf(store.read(directory, 13, 57344))).toBe('block-missing')
    expect(store.locate(directory, 13)).toBeNull()
    expect(await store.probe(directory, 13)).toBeNull()
    expect(await codeOf(store.read('ab'.repeat(20) as Score, 13, 57344))).toBe('block-missing')
    const error = await store.read(root, 13, 57344).catch((thrown: unknown) => thrown as AppError)
    expect((error as AppError).code).toBe('block-missing')
  })

  test('a longer block than the tree allows is refused', async () => {
    const built = build([{ blocks: [block(2)] }])
    const store = await opened(built, { from })
    const { score } = built.arenas[0]!.clumps[0]!
    expect(await codeOf(store.read(score as Score, 13, 899))).toBe('bad-tree')
    expect(await codeOf(store.read(score as Score, 13, 900))).toBe('read')
  })

  test('a damaged block is found and not given', async () => {
    const built = build([{ blocks: some(0, 20) }])
    for (const { address, storedSize } of built.arenas[0]!.clumps.slice(5, 7)) {
      built.bytes[address + 38 + storedSize - 1]! ^= 1
      built.bytes[address + 38 + 10]! ^= 0x40
    }
    const store = await opened(built, { from })
    for (const [i, { score, offset }] of built.arenas[0]!.clumps.entries()) {
      expect(store.locate(score as Score, 13)?.offset).toBe(offset)
      expect(await codeOf(store.read(score as Score, 13, 57344))).toBe(i === 5 || i === 6 ? 'block-corrupt' : 'read')
    }
  })

  test('a block that stands there twice is read from the good place', async () => {
    for (const damaged of [0, 3]) {
      const built = build([{ blocks: [block(4), block(5), block(6), block(4)] }])
      const clumps = built.arenas[0]!.clumps
      built.bytes[clumps[damaged]!.address + 38 + 100]! ^= 1
      const store = await opened(built, { from })
      expect(await codeOf(store.read(clumps[0]!.score as Score, 13, 57344))).toBe('read')
    }
  })

  test('only what is wanted is kept', async () => {
    const built = build([{ blocks: some(0, 50) }])
    const clumps = built.arenas[0]!.clumps
    const wanted = new Set([clumps[7]!.score as Score, clumps[30]!.score as Score, 'ff'.repeat(20) as Score])
    const store = await opened(built, { from, wanted })
    expect(store.count).toBe(2)
    expect(store.locate(clumps[30]!.score as Score, 13)).toEqual({
      arena: built.arenas[0]!.name,
      offset: clumps[30]!.offset,
    })
    expect(store.locate(clumps[31]!.score as Score, 13)).toBeNull()
  })

  test('cancelling', async () => {
    const built = build([{ blocks: some(0, 5) }])
    await expect(opened(built, { from, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe('a directory that lies', () => {
  test('about sizes: the log is read instead', async () => {
    const built = build([{ blocks: some(0, 30) }])
    const arena = built.arenas[0]!
    built.bytes[arena.entryAddress(3) + 2]! ^= 8
    const store = await opened(built)
    expect(store.count).toBe(30)
    for (const { score, offset } of arena.clumps) expect(store.locate(score as Score, 13)?.offset).toBe(offset)
  })

  test('about a score: the log knows better', async () => {
    const built = build([{ blocks: some(0, 30) }])
    const arena = built.arenas[0]!
    built.bytes[arena.entryAddress(3) + 24]! ^= 8
    const score = arena.clumps[3]!.score as Score
    expect(await codeOf((await opened(built)).read(score, 13, 57344))).toBe('block-missing')
    expect(await codeOf((await opened(built, { from: 'logs' })).read(score, 13, 57344))).toBe('read')
  })
})
