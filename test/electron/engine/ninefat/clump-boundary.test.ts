// Clump boundaries as an independent walk of the log gives them, also where the directory or the log is damaged.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { boundariesOf, readArenaMap } from '../../../../electron/engine/ninefat/arena-map.ts'
import { clumpBoundary } from '../../../../electron/engine/ninefat/clump-boundary.ts'
import { openSourceView, type ArenaView, type SourceView } from '../../../../electron/engine/sync/source-view.ts'
import type { Arena } from '../../../../electron/engine/venti/arena/arena.ts'
import type { ArenaPartition } from '../../../../electron/engine/venti/arena/arena-partition.ts'
import { AppError } from '../../../../shared/errors.ts'
import { loadFixture } from '../../../helpers/fixtures.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import { clumpLog } from '../../../helpers/sync-runs.ts'

async function withImage<T>(image: Uint8Array, work: (view: SourceView) => Promise<T>): Promise<T> {
  const path = join(await scratchDir(), 'arenas.img')
  await writeFile(path, image)
  const view = await openSourceView(path)
  try {
    return await work(view)
  } finally {
    await view.close()
  }
}

const startsIn = (id: string, arena: string): number[] =>
  clumpLog(id).flatMap((clump) => (clump.arena === arena ? [clump.offset] : []))

const arenaOf = (view: SourceView, name: string): Arena => (view.byName.get(name) as ArenaView).arena as Arena

/** Every boundary and the places just beside it. */
async function expectAll(arena: Arena, starts: readonly number[], step: number): Promise<void> {
  const used = arena.counted?.used as number
  const all = [...starts, used]
  for (let index = 0; index < all.length; index += step) {
    const offset = all[index] as number
    expect(await clumpBoundary(arena, offset)).toEqual({ isBoundary: true, before: offset, clumps: index })
    const [before, behind] = [all[index - 1], all[index + 1]]
    if (before !== undefined) {
      expect(await clumpBoundary(arena, offset - 1)).toEqual({ isBoundary: false, before, clumps: index - 1 })
    }
    if (behind !== undefined) {
      expect(await clumpBoundary(arena, offset + 1)).toEqual({ isBoundary: false, before: offset, clumps: index })
    }
  }
}

describe('a healthy arena', () => {
  test.each(['seq-day3', 'v4-day3-sealed', 'fossil-venti'])('every boundary of %s, and nothing else', async (id) => {
    await withImage(loadFixture(id), async (view) => {
      for (const { name, arena } of view.arenas) {
        if (arena === null || arena.counted?.clumps === 0) continue
        await expectAll(arena, startsIn(id, name), 7)
      }
    })
  })

  test('an empty one begins with a boundary', async () => {
    await withImage(loadFixture('empty'), async (view) => {
      const { arena } = view.arenas[0] as ArenaView
      expect(await clumpBoundary(arena as Arena, 0)).toEqual({ isBoundary: true, before: 0, clumps: 0 })
      expect(await clumpBoundary(arena as Arena, 5)).toMatchObject({ isBoundary: false, before: 0 })
    })
  })
})

describe('where the directory cannot be trusted', () => {
  const id = 'fossil-venti'
  const starts = startsIn(id, 'arenas0')

  /** Places in the image of arenas0. */
  async function damaged(change: (image: Uint8Array, arena: Arena) => void): Promise<Uint8Array> {
    const image = loadFixture(id)
    await withImage(image, async (view) => change(image, arenaOf(view, 'arenas0')))
    return image
  }

  test('a directory whose sizes are wrong is not used: the log is walked', async () => {
    const image = await damaged((bytes, { dataBase, sizeBytes, blockSize }) => {
      // Stored size of entry 3.
      const entry = dataBase + sizeBytes - blockSize + 3 * 25
      bytes[entry + 2] = (bytes[entry + 2] as number) ^ 4
    })
    await withImage(image, async (view) => await expectAll(arenaOf(view, 'arenas0'), starts, 60))
  })

  test('two wrong sizes that cancel each other out are found by the clump itself', async () => {
    const image = await damaged((bytes, { dataBase, sizeBytes, blockSize }) => {
      const first = dataBase + sizeBytes - blockSize
      bytes[first + 10 * 25 + 2] = (bytes[first + 10 * 25 + 2] as number) + 1
      bytes[first + 11 * 25 + 2] = (bytes[first + 11 * 25 + 2] as number) - 1
    })
    await withImage(image, async (view) => {
      const arena = arenaOf(view, 'arenas0')
      const offset = starts[11] as number
      expect(await clumpBoundary(arena, offset)).toEqual({ isBoundary: true, before: offset, clumps: 11 })
      expect(await clumpBoundary(arena, offset + 1)).toEqual({ isBoundary: false, before: offset, clumps: 11 })
    })
  })

  test('without a tail the log is walked', async () => {
    const image = await damaged((bytes, { stop, blockSize }) => bytes.fill(0, stop - blockSize, stop))
    await withImage(image, async (view) => {
      const arena = arenaOf(view, 'arenas0')
      expect(arena.counted).toBeNull()
      const offset = starts[20] as number
      expect(await clumpBoundary(arena, offset)).toEqual({ isBoundary: true, before: offset, clumps: 20 })
      expect(await clumpBoundary(arena, offset - 1)).toEqual({ isBoundary: false, before: starts[19], clumps: 19 })
    })
  })

  test('a damaged header in the log: the directory and the walk agree on what follows', async () => {
    const image = await damaged((bytes, { dataBase }) =>
      bytes.fill(0xff, dataBase + (starts[5] as number), dataBase + (starts[5] as number) + 38),
    )
    await withImage(image, async (view) => {
      const arena = arenaOf(view, 'arenas0')
      for (const index of [4, 5, 6, 30]) {
        const offset = starts[index] as number
        expect(await clumpBoundary(arena, offset)).toMatchObject({ isBoundary: true, before: offset })
      }
      expect(await clumpBoundary(arena, (starts[5] as number) + 10)).toMatchObject({
        isBoundary: false,
        before: starts[5],
      })
    })
  })

  test('cancelled', async () => {
    await withImage(loadFixture(id), async (view) => {
      const asked = clumpBoundary(arenaOf(view, 'arenas0'), 100, AbortSignal.abort())
      await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
    })
  })
})

test('the arena map has the head of the arena asked about, and asks about boundaries by address', async () => {
  const image = loadFixture('fossil-venti')
  image.fill(0, 794624, 794624 + 512)
  await withImage(image, async (view) => {
    const partition = view.partitions[0] as ArenaPartition
    const map = await readArenaMap(view, partition, 794624)
    expect(map.arenas.map(({ name, start, used, full }) => [name, start, used, full])).toEqual([
      ['arenas0', 794624, 1012535, true],
      ['arenas1', 1843200, 1020520, true],
      ['arenas2', 2891776, 183920, false],
      ['arenas3', 3940352, 0, false],
      ['arenas4', 4988928, 0, false],
      ['arenas5', 6037504, 0, false],
    ])
    expect(map.arenas.map(({ problem }) => problem !== null)).toEqual([true, false, false, false, false, false])
    expect((await readArenaMap(view, partition, 1843200)).arenas.every(({ problem }) => problem === null)).toBe(true)
    const ask = boundariesOf(view, partition)
    const [arenas0] = map.arenas
    if (arenas0 === undefined) throw new AppError('bug', 'no arenas')
    expect(await ask(arenas0, 0x96df0)).toMatchObject({ isBoundary: true })
    expect(await ask(arenas0, 0x96df1)).toMatchObject({ isBoundary: false, before: 0x96df0 })
    await expect(ask({ ...arenas0, start: 5 }, 0)).rejects.toMatchObject({ code: 'source-read' })
  })
})
