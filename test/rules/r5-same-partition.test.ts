// R5 Same partition. A cursor is used only if the source still is the partition it came from (arena name, clump magic, the
// last mirrored clump's score at its offset). Otherwise: a clear refusal, with what differs; nothing is sent and no byte of
// the state changes.

import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sha1 } from '../../electron/engine/hash/sha1.ts'
import { cursorProblem } from '../../electron/engine/sync/same-partition.ts'
import { openSourceView, viewArena } from '../../electron/engine/sync/source-view.ts'
import { openArenaPartition } from '../../electron/engine/venti/arena/arena-partition.ts'
import type { AppError } from '../../shared/errors.ts'
import { rejection } from '../helpers/client-calls.ts'
import { startFakeVenti, type FakeVenti } from '../helpers/fake-venti.ts'
import { faultySource } from '../helpers/faulty-source.ts'
import { expectedBlocks, healthyPartition, loadFixture } from '../helpers/fixtures.ts'
import { buildPartition, noise, prose, type ArenaPlan, type BlockPlan } from '../helpers/image-builder.ts'
import { memorySource } from '../helpers/memory-source.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { blocksOf, clumpLog, cursorsIn, imageIn, onlyMirror, stateDirIn, syncIn } from '../helpers/sync-runs.ts'

async function fake(): Promise<FakeVenti> {
  const venti = await startFakeVenti()
  onTestFinished(() => venti.close())
  return venti
}

/** Every file of the state folder, to the byte and the instant. */
async function stateBytes(folder: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {}
  for (const name of (await readdir(stateDirIn(folder), { recursive: true })).toSorted()) {
    const path = join(stateDirIn(folder), name)
    const about = await stat(path)
    if (about.isFile()) found[name] = `${sha1(await readFile(path))} ${about.mtimeMs} ${about.ino}`
  }
  return found
}

/** A sync that must be refused, and that must leave state and target as they are. */
async function expectRefusal(folder: string, venti: FakeVenti, source: string): Promise<AppError> {
  const before = await stateBytes(folder)
  const { connections, requests } = venti.counters
  const error = await rejection(syncIn(folder, source, [venti]))
  expect(await stateBytes(folder)).toEqual(before)
  expect(venti.counters).toMatchObject({ connections, requests })
  expect(error.code).toBe('wrong-partition')
  expect(error.message).toContain('Nothing was sent and no cursor moved')
  return error
}

const texts = (count: number, seed: number): BlockPlan[] =>
  Array.from({ length: count }, (_, i) => ({ data: prose(900, seed + i), encoding: 'plain' }))

const arena = (plan: Partial<ArenaPlan> = {}): ArenaPlan => ({ sizeBytes: 512 * 1024, blocks: texts(40, 1), ...plan })

describe('R5: refused, with what differs', () => {
  async function mirrored(arenas: readonly ArenaPlan[]): Promise<{
    readonly folder: string
    readonly venti: FakeVenti
    readonly source: string
    readonly put: (arenas: readonly ArenaPlan[]) => Promise<void>
  }> {
    const folder = await scratchDir()
    const venti = await fake()
    const source = join(folder, 'source.img')
    const put = async (plan: readonly ArenaPlan[]): Promise<void> =>
      await writeFile(source, buildPartition({ arenas: plan }).bytes)
    await put(arenas)
    expect((await syncIn(folder, source, [venti])).exit).toBe(0)
    return { folder, venti, source, put }
  }

  test('another clump magic: reformatted', async () => {
    const { folder, venti, source, put } = await mirrored([arena({ clumpMagic: 0x11111111 })])
    await put([arena({ clumpMagic: 0x22222222 })])
    const { message } = await expectRefusal(folder, venti, source)
    expect(message).toMatch(/arena arenas0: its clump magic is 0x22222222 .*, it was 0x11111111/)
  })

  test('reformatted and empty', async () => {
    const { folder, venti, source, put } = await mirrored([arena({ clumpMagic: 0x11111111 })])
    await put([arena({ clumpMagic: 0x22222222, blocks: [] })])
    expect((await expectRefusal(folder, venti, source)).message).toContain('clump magic')
  })

  test('another last clump at its offset', async () => {
    const { folder, venti, source, put } = await mirrored([arena({ clumpMagic: 0x11111111 })])
    // The same sizes, so that every clump stands where one stood before.
    await put([arena({ clumpMagic: 0x11111111, blocks: texts(40, 500) })])
    expect((await expectRefusal(folder, venti, source)).message).toContain('another clump stands at clump offset')
  })

  test('no clump at the offset', async () => {
    const { folder, venti, source, put } = await mirrored([arena({ clumpMagic: 0x11111111 })])
    const others = Array.from({ length: 60 }, (_, i) => ({ data: prose(777, 900 + i) }))
    await put([arena({ clumpMagic: 0x11111111, blocks: others })])
    expect((await expectRefusal(folder, venti, source)).message).toMatch(/no clump stands|it ends at/)
  })

  test('an older state of the same arena', async () => {
    const { folder, venti, source, put } = await mirrored([arena()])
    await put([arena({ blocks: texts(39, 1) })])
    expect((await expectRefusal(folder, venti, source)).message).toContain('this is an older state of it')
  })

  test('an arena that moved', async () => {
    const { folder, venti, source, put } = await mirrored([arena(), arena({ blocks: texts(10, 300) })])
    await put([arena({ sizeBytes: 640 * 1024 }), arena({ blocks: texts(10, 300) })])
    expect((await expectRefusal(folder, venti, source)).message).toMatch(
      /arena arenas1: it starts at \d+, it was at \d+/,
    )
  })

  test('an arena under another name', async () => {
    const { folder, venti, source, put } = await mirrored([arena({ clumpMagic: 0x11111111 })])
    await put([arena({ clumpMagic: 0x11111111, name: 'other0' })])
    expect((await expectRefusal(folder, venti, source)).message).toContain(
      'arena arenas0: it is no longer in the arena table',
    )
  })

  test('another version of the same arena', async () => {
    const { folder, venti, source, put } = await mirrored([arena({ version: 5, clumpMagic: 0x11111111 })])
    await put([arena({ version: 4 })])
    expect((await expectRefusal(folder, venti, source)).message).toMatch(/version 4.*version 5/)
  })

  test('two version 4 partitions of the same geometry, magic and sizes', async () => {
    const { folder, venti, source, put } = await mirrored([arena({ version: 4 })])
    await put([arena({ version: 4, blocks: texts(40, 700) })])
    expect((await expectRefusal(folder, venti, source)).message).toContain('another clump stands')
    await put([arena({ version: 4, blocks: texts(80, 700) })])
    expect((await expectRefusal(folder, venti, source)).message).toContain('another clump stands')
  })

  test.each([
    ['seq-day3', 'seq-day1'],
    ['seq-day3', 'seq-day2'],
    ['seq-day3', 'empty'],
    ['seq-day3', 'fossil-venti'],
    ['v4-day3', 'fossil-venti'],
    ['v4-day3', 'seq-day3'],
    ['fossil-venti', 'fossil-venti-day1'],
  ])('mirrored %s, then %s stands there', async (mirroredId, otherId) => {
    const folder = await scratchDir()
    const venti = await fake()
    await syncIn(folder, await imageIn(folder, mirroredId), [venti])
    await expectRefusal(folder, venti, await imageIn(folder, otherId))
  })

  test('one target’s cursors are enough: the others are not synced past a refusal', async () => {
    const folder = await scratchDir()
    const [one, two] = [await fake(), await fake()]
    await syncIn(folder, await imageIn(folder, 'seq-day3'), [one])
    const source = await imageIn(folder, 'seq-day1')
    const before = await stateBytes(folder)
    expect((await rejection(syncIn(folder, source, [two]))).code).toBe('wrong-partition')
    expect(await stateBytes(folder)).toEqual(before)
    expect(two.blocks.size).toBe(0)
  })
})

describe('R5: accepted', () => {
  test('the same partition some days later, flushed, sealed, moved', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    for (const [id, name] of [
      ['seq-day1', 'a.img'],
      ['seq-day2', 'b.img'],
      ['seq-day3', 'b.img'],
      ['seq-day3-flushed', 'c.img'],
      ['seq-day3-sealed', 'a.img'],
    ] as const) {
      expect((await syncIn(folder, await imageIn(folder, id, name), [venti])).exit).toBe(0)
    }
    expect(blocksOf(venti)).toEqual(expectedBlocks('seq-day3'))
    await onlyMirror(folder)
  })

  test('a partition that got more arenas at its end', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = join(folder, 'source.img')
    // Room for a longer table is there from the beginning, as fmtarenas leaves it.
    const put = async (arenas: readonly ArenaPlan[]): Promise<void> =>
      await writeFile(source, buildPartition({ arenas, tableBytes: 65536 }).bytes)
    await put([arena()])
    await syncIn(folder, source, [venti])
    await put([arena(), arena({ blocks: texts(5, 300) })])
    const { exit, target } = await syncIn(folder, source, [venti])
    expect({ exit, sent: target.sent }).toEqual({ exit: 0, sent: 5 })
  })

  /** The last mirrored clump of arenas2 in seq-day3, spoilt in its header. */
  function spoilt(where: 'header' | 'both'): Buffer {
    const image = loadFixture('seq-day3')
    const { dataBase, stop, clumps } = healthyPartition('seq-day3').arenas[2]!
    const last = clumpLog('seq-day3').at(-1)!
    noise(30, 5).copy(image, dataBase + last.offset)
    if (where === 'both') noise(25, 6).copy(image, stop - 2 * 8192 + (clumps - 1) * 25)
    return image
  }

  test('a damaged last clump whose directory entry still tells', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = await imageIn(folder, 'seq-day3')
    await syncIn(folder, source, [venti])
    await writeFile(source, spoilt('header'))
    expect((await syncIn(folder, source, [venti])).target.ok).toBe(true)
  })

  test('but not one of which nothing is left', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = await imageIn(folder, 'seq-day3')
    await syncIn(folder, source, [venti])
    await writeFile(source, spoilt('both'))
    await expectRefusal(folder, venti, source)
  })

  test('a tail with a flipped clump magic or version: damage, not another partition', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = await imageIn(folder, 'seq-day3')
    await syncIn(folder, source, [venti])
    const { stop } = healthyPartition('seq-day3').arenas[0]!
    for (const at of [stop - 8192 + 7, stop - 8192 + 90]) {
      const image = loadFixture('seq-day3')
      image.writeUInt8(image[at]! ^ 1, at)
      await writeFile(source, image)
      const { target } = await syncIn(folder, source, [venti])
      expect({ ok: target.ok, sent: target.sent }).toEqual({ ok: true, sent: 0 })
    }
  })

  test('an arena that cannot be read at all: damage, and its cursor is kept', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = await imageIn(folder, 'seq-day3')
    await syncIn(folder, source, [venti])
    const before = cursorsIn(await onlyMirror(folder), venti)
    const image = loadFixture('seq-day3')
    const { start, stop } = healthyPartition('seq-day3').arenas[1]!
    image.fill(0, start, start + 8192 + 65536).fill(0, stop - 8192, stop)
    await writeFile(source, image)
    const { exit, result, target } = await syncIn(folder, source, [venti])
    expect({ exit, ok: target.ok, kinds: result.damage.map(({ kind }) => kind).toSorted() }).toMatchObject({
      exit: 3,
      ok: true,
      kinds: expect.arrayContaining(['arena-unreadable']) as unknown,
    })
    expect(cursorsIn(await onlyMirror(folder), venti)).toEqual(before)
    await imageIn(folder, 'seq-day3')
    const healed = await syncIn(folder, source, [venti])
    expect({ exit: healed.exit, sent: healed.target.sent }).toEqual({ exit: 0, sent: 0 })
  })

  test('a disk that cannot read the place of the last clump: the directory is asked', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = await imageIn(folder, 'seq-day3')
    await syncIn(folder, source, [venti])
    const cursor = cursorsIn(await onlyMirror(folder), venti)['arenas2']!
    const image = loadFixture('seq-day3')
    const { dataBase, stop } = healthyPartition('seq-day3').arenas[2]!
    const at = dataBase + cursor.last!.offset
    const problemWith = async (unreadable: readonly { start: number; end: number }[]): Promise<string | null> => {
      const partition = await openArenaPartition(faultySource(memorySource(image), { unreadable }))
      return await cursorProblem(await viewArena(partition, partition.entries[2]!, 2), cursor)
    }
    expect(await problemWith([])).toBeNull()
    expect(await problemWith([{ start: at, end: at + 1 }])).toBeNull()
    const directory = { start: stop - 2 * 8192, end: stop - 8192 }
    expect(await problemWith([{ start: at, end: at + 1 }, directory])).toContain('cannot be read')
  })
})

test('R5 checks every cursor with a few reads each, however large the arenas', async () => {
  const folder = await scratchDir()
  const venti = await fake()
  const source = await imageIn(folder, 'seq-day3')
  await syncIn(folder, source, [venti])
  const cursors = cursorsIn(await onlyMirror(folder), venti)
  const view = await openSourceView(source)
  const before = view.count.bytes
  for (const [name, cursor] of Object.entries(cursors))
    expect(await cursorProblem(view.byName.get(name)!, cursor)).toBeNull()
  expect(view.count.bytes - before).toBe(3 * 38)
  await view.close()
})
