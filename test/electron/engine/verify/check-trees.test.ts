// The walk over archives that the fixtures do not have: any depth, odd sizes, shared codes, lies. Every block of every one
// of them is taken away once, and exactly that block must be missed.

import { describe, expect, test } from 'vitest'
import { verifyTree, type TreeCheck } from '../../../../electron/engine/verify/check.ts'
import { SeenBlocks } from '../../../../electron/engine/verify/seen.ts'
import type { RootScore, Score } from '../../../../shared/model/score.ts'
import type { VerifyDepth } from '../../../../shared/model/verify.ts'
import type { MemoryBlocks } from '../../../helpers/memory-blocks.ts'
import { noise } from '../../../helpers/store-calls.ts'
import {
  entryBytesOf,
  nameBytesOf,
  VacBuilder,
  withoutZeros,
  type EntryPlan,
  type NodePlan,
} from '../../../helpers/vac-builder.ts'

const check = async (store: MemoryBlocks, root: RootScore, depth: VerifyDepth = 'present'): Promise<TreeCheck> =>
  await verifyTree(store, root, { depth, concurrency: 16 })

const keysOf = (found: TreeCheck): string[] => found.faults.map(({ score, type }) => `${score}/${type}`)

/** All that was built is reached, and whatever is taken away is missed, alone. */
async function expectEveryBlock(builder: VacBuilder, root: RootScore): Promise<void> {
  const { store } = builder
  const { size } = store.blocks
  // A list of its own: a block put back would come round again for ever.
  const all = Array.from(store.blocks)
  for (const depth of ['present', 'full'] as const) {
    expect(await check(store, root, depth)).toMatchObject({
      ok: true,
      blocks: size,
      good: size,
      faults: [],
      problems: [],
    })
  }
  for (const [key, block] of all) {
    store.blocks.delete(key)
    const missed = await check(store, root)
    expect([missed.ok, keysOf(missed)]).toEqual([false, [key]])
    store.blocks.set(key, block)
    store.corrupt.add(key)
    const damaged = await check(store, root, 'full')
    expect([damaged.ok, keysOf(damaged), damaged.faults[0]?.kind]).toEqual([false, [key], 'corrupt'])
    store.corrupt.delete(key)
  }
}

const file = (name: string, seed: number, bytes: number, plan: NodePlan['stream'] = {}): NodePlan => ({
  name,
  data: noise(seed, bytes),
  stream: plan,
})
const small = { psize: 256, dsize: 256 }

/** An archive whose root directory has these entries, and names for some of them. */
function withEntries(builder: VacBuilder, entries: readonly EntryPlan[], names: readonly Uint8Array[]): RootScore {
  const own = builder.putMeta([nameBytesOf({ name: '/', entry: 0, mode: (1 << 15) | 0o777 })])
  return builder.root([builder.putSource(entries), builder.putMeta(names), own])
}

describe('every block of', () => {
  test('files of any depth, sparse ones, directories in directories', async () => {
    const builder = new VacBuilder({ stream: small })
    const sparse = new Uint8Array(256 * 40)
    sparse.set(noise(9, 100), 256 * 30)
    const root = builder.archive([
      file('one', 1, 10),
      file('two', 2, 300),
      file('deep', 3, 256 * 14),
      file('deeper', 4, 20, { extraDepth: 7 }),
      { name: 'sparse', data: sparse },
      { name: 'empty' },
      { name: 'sub', children: [file('one', 5, 10), { name: 'again', children: [file('x', 6, 700)] }], gap: 9 },
      { name: 'hollow', children: [] },
    ])
    await expectEveryBlock(builder, root)
    expect(await check(builder.store, root)).toMatchObject({ files: 8, directories: 3 })
  })

  test('a fossil, with its extra level', async () => {
    const builder = new VacBuilder({ stream: small, version: 9 })
    const children = Array.from({ length: 20 }, (_, i) => file(`f${i}`, i, 30))
    const root = builder.archive(
      [
        { name: 'active', children },
        { name: 'archive', children: [] },
      ],
      { fossil: true },
    )
    await expectEveryBlock(builder, root)
  })

  test('entries that no name refers to', async () => {
    const builder = new VacBuilder()
    const named = builder.put(noise(1, 50))
    const lost = builder.put(noise(2, 60))
    const lostFolder = builder.putSource([builder.put(noise(3, 70))])
    const root = withEntries(builder, [named, lost, lostFolder], [nameBytesOf({ name: 'named', entry: 0 })])
    await expectEveryBlock(builder, root)
    builder.store.blocks.delete(`${lost.score}/13`)
    expect((await check(builder.store, root)).faults).toMatchObject([{ path: '/#1' }])
  })

  test('what hides behind a pointer block that a file and a directory share', async () => {
    const builder = new VacBuilder()
    const hidden = builder.put(noise(1, 50))
    // The same bytes as data and as entries, under the same pointer block.
    const leaf = withoutZeros(entryBytesOf(hidden))
    const score = builder.store.put(13, leaf)
    builder.store.put(2, leaf)
    const pointers = builder.store.put(3, Buffer.from(score, 'hex'))
    const asFile = { depth: 1, size: 40, score: pointers }
    const root = withEntries(builder, [asFile, { ...asFile, directory: true }], [nameBytesOf({ name: 'f', entry: 0 })])
    await expectEveryBlock(builder, root)
  })

  test('a meta block that is a file, too', async () => {
    const builder = new VacBuilder()
    const inside = builder.put(noise(1, 50))
    const meta = builder.putMeta([nameBytesOf({ name: 'inside', entry: 0 })])
    const names = [
      nameBytesOf({ name: 'a', entry: 0 }),
      nameBytesOf({ name: 'b', entry: 1, metaEntry: 2, mode: (1 << 15) | 0o755 }),
    ]
    const root = withEntries(builder, [meta, builder.putSource([inside]), meta], names)
    await expectEveryBlock(builder, root)
    builder.store.blocks.delete(`${inside.score}/13`)
    expect((await check(builder.store, root)).faults).toMatchObject([{ path: '/b/inside' }])
  })

  test('a stream that another entry cuts shorter', async () => {
    const builder = new VacBuilder({ stream: small })
    const whole = builder.put(noise(1, 256 * 10))
    const short = { ...whole, size: 256 * 3 }
    const names = [nameBytesOf({ name: 'short', entry: 0 }), nameBytesOf({ name: 'whole', entry: 1 })]
    await expectEveryBlock(builder, withEntries(builder, [short, whole], names))
  })
})

describe('trees that do not make sense', () => {
  const folderBit = 1 << 15

  test.each([
    ['an entry that is not there', [{ name: 'x', entry: 7 }], /entry 7 is not there/],
    ['another generation', [{ name: 'x', entry: 0, version: 9, gen: 5 }], /not there, or another one/],
    ['a folder that is a file', [{ name: 'x', entry: 0, mode: folderBit }], /directory whose entry is a file/],
    ['a file that is a folder', [{ name: 'x', entry: 1 }], /file whose entry is a directory/],
    [
      'a folder without names',
      [{ name: 'x', entry: 1, version: 9, metaEntry: 9, mode: folderBit }],
      /entry 9 with its/,
    ],
  ] as const)('%s', async (_what, names, words) => {
    const builder = new VacBuilder()
    const entries = [builder.put(noise(1, 50)), builder.putSource([])]
    const found = await check(builder.store, withEntries(builder, entries, names.map(nameBytesOf)))
    expect(found).toMatchObject({ ok: false, faults: [], problems: [{ path: '/x' }] })
    expect(found.problems[0]?.message).toMatch(words)
  })

  test('entries, names and meta blocks of garbage spoil nothing else', async () => {
    const builder = new VacBuilder()
    const good = builder.put(noise(1, 50))
    const bad = { psize: 3, dsize: 9, score: '1'.repeat(40), size: 10 }
    const own = builder.putMeta([nameBytesOf({ name: '/', entry: 0, mode: folderBit })])
    const meta = builder.put(noise(5, 500))
    const root = builder.root([builder.putSource([bad, good]), meta, own])
    const found = await check(builder.store, root)
    expect(found).toMatchObject({ ok: false, faults: [], blocks: builder.store.blocks.size })
    expect(found.problems.map(({ message }) => message).join()).toMatch(/meta block.*block sizes 3 and 9/)
  })

  test('a top block without three entries, an archive of nothing, a block longer than its place', async () => {
    const builder = new VacBuilder()
    const two = builder.root([builder.putSource([]), builder.putMeta([])])
    expect((await check(builder.store, two)).problems).toMatchObject([{ path: '/' }])
    const none = builder.root([], { root: { top: '0'.repeat(40) } })
    await expect(check(builder.store, none)).rejects.toMatchObject({ code: 'not-a-tree' })
    const long = { ...builder.put(noise(1, 5000)), dsize: 300, size: 300 }
    const root = withEntries(builder, [long], [nameBytesOf({ name: 'long', entry: 0 })])
    for (const depth of ['present', 'full'] as const) {
      expect(await check(builder.store, root, depth)).toMatchObject({ ok: false, problems: [{ path: '/long' }] })
    }
  })
})

describe('trees built to cost too much', () => {
  const huge = 2 ** 48 - 1

  test('streams, directories and names of 2^48 zeros', async () => {
    const builder = new VacBuilder()
    const zeros: EntryPlan = { depth: 5, size: huge }
    const own = builder.putMeta([nameBytesOf({ name: '/', entry: 0, mode: 1 << 15 })])
    const root = builder.root([{ ...zeros, directory: true }, zeros, own])
    const found = await check(builder.store, root)
    expect(found).toMatchObject({ ok: true, blocks: 3 })
    expect(found.warnings).toHaveLength(1)
  })

  test.each(['data', 'directory', 'names'] as const)('one block over and over again as %s', async (kind) => {
    const builder = new VacBuilder()
    const directory = kind === 'directory'
    let score = builder.store.put(directory ? 2 : 13, directory ? entryBytesOf({}) : noise(1, 500))
    for (let level = 1; level <= 5; level++) {
      score = builder.store.put(2 + level, Buffer.from(score.repeat(409), 'hex'))
    }
    const repeated = { depth: 5, size: huge, score, directory }
    const own = builder.putMeta([nameBytesOf({ name: '/', entry: 0, mode: (1 << 15) | 0o777 })])
    const root =
      kind === 'names'
        ? builder.root([builder.putSource([]), repeated, own])
        : withEntries(builder, [repeated], [nameBytesOf({ name: 'x', entry: kind === 'data' ? 0 : 5 })])
    builder.store.reads = 0
    const found = await check(builder.store, root)
    expect([found.blocks, found.faults]).toEqual([builder.store.blocks.size, []])
    expect(builder.store.reads).toBeLessThan(20)
  })

  test('directories that share their children: 2^60 paths', async () => {
    const builder = new VacBuilder()
    let source = builder.putSource([builder.put(noise(1, 50))])
    let meta = builder.putMeta([nameBytesOf({ name: 'f', entry: 0 })])
    for (let level = 0; level < 60; level++) {
      const names = ['a', 'b'].map((name, i) => nameBytesOf({ name, entry: 2 * i, mode: (1 << 15) | 0o755 }))
      const entries = [source, meta, source, meta]
      source = builder.putSource(entries)
      meta = builder.putMeta(names)
    }
    const own = builder.putMeta([nameBytesOf({ name: '/', entry: 0, mode: 1 << 15 })])
    const root = builder.root([source, meta, own])
    expect(await check(builder.store, root)).toMatchObject({ ok: true, blocks: builder.store.blocks.size, files: 1 })
  })

  test('directories nested too deep are said, not followed for ever', async () => {
    const builder = new VacBuilder()
    let source = builder.putSource([])
    let meta = builder.putMeta([])
    for (let level = 0; level < 1100; level++) {
      const below = [source, meta]
      source = builder.putSource(below)
      meta = builder.putMeta([nameBytesOf({ name: `d${level}`, entry: 0, mode: (1 << 15) | 0o755 })])
    }
    const own = builder.putMeta([nameBytesOf({ name: '/', entry: 0, mode: 1 << 15 })])
    const found = await check(builder.store, builder.root([source, meta, own]))
    expect(found.ok).toBe(false)
    expect(found.problems[0]?.message).toMatch(/nested more than 1000 deep/)
    expect(found.problems[0]?.path.length).toBeLessThanOrEqual(4097)
  })
})

test('a block met costs less than 48 bytes', () => {
  const seen = new SeenBlocks()
  const digits = '0123456789abcdef'
  for (let i = 0; i < 100_000; i++) {
    let score = ''
    for (const byte of noise(i, 20)) score += digits[byte >>> 4]! + digits[byte & 15]!
    seen.claim(score as Score, 13)
  }
  expect(seen.count).toBe(100_000)
  expect(seen.memoryBytes / seen.count).toBeLessThan(48)
})

test('what an earlier look found answers a claim, once in each look and only where it says enough', () => {
  const seen = new SeenBlocks()
  const [probed, read, gone, loaded] = ['11', '22', '33', '44'].map((byte) => byte.repeat(20) as Score)
  seen.set(probed!, 13, 'present', 700)
  seen.set(read!, 13, 'good', 8192)
  seen.set(gone!, 13, 'missing')
  seen.addEarlier(
    Uint8Array.from({ length: 20 }, () => 0x44),
    0,
    13,
    'present',
    57344,
  )
  expect([seen.count, seen.known]).toEqual([3, 4])
  expect([seen.claim(probed!, 13, 'present'), seen.state(loaded!, 13)]).toEqual(['taken', null])

  seen.lookAgain()
  expect([seen.count, seen.known, seen.state(read!, 13)]).toEqual([0, 4, null])
  expect(seen.claim(probed!, 13, 'present')).toEqual({ earlierBytes: 700 })
  expect(seen.claim(probed!, 13, 'present')).toBe('taken')
  expect(seen.claim(read!, 13, 'good')).toEqual({ earlierBytes: 8192 })
  expect(seen.claim(loaded!, 13, 'present')).toEqual({ earlierBytes: 57344 })
  expect(seen.claim(gone!, 13, 'present')).toBe('ask')
  expect([seen.count, seen.state(gone!, 13), seen.state(probed!, 13)]).toEqual([4, 'wanted', 'present'])

  seen.lookAgain()
  // A server that says it has a block has not yet given it back.
  expect(seen.claim(probed!, 13, 'good')).toBe('ask')
  expect(seen.claim(probed!, 3, 'good')).toBe('ask')
})
