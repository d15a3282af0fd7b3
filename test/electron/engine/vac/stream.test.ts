// Hash trees of every depth and shape, read back: leaves, ranges, everything in order, holes, and around lost blocks. The
// builder stores them as writers do, truncated at every level.

import { describe, expect, test } from 'vitest'
import { AppError } from '../../../../shared/errors.ts'
import type { Score } from '../../../../shared/model/score.ts'
import { decodeEntry, type VacEntry } from '../../../../electron/engine/vac/entry.ts'
import { HashTree, type Gap, type Piece } from '../../../../electron/engine/vac/stream.ts'
import { spelledOut } from '../../../../electron/engine/vac/zeros.ts'
import { randomNumbers } from '../../../helpers/faulty-source.ts'
import { MemoryBlocks } from '../../../helpers/memory-blocks.ts'
import { entryBytesOf, VacBuilder, zeroBytesScore, type EntryPlan } from '../../../helpers/vac-builder.ts'

/** 12 pointers in a block. */
const small = { psize: 256, dsize: 256 }

/** Every leaf differs; `holes` of 10 leaves are zeros, and some end in zeros. */
function contents(length: number, holes = 0): Uint8Array {
  const random = randomNumbers(length + 7 * holes + 1)
  const data = new Uint8Array(length)
  for (let at = 0; at < length; at += 256) {
    if (random(10) < holes) continue
    const end = Math.min(length, at + (random(3) === 0 ? random(256) : 256))
    for (let i = at; i < end; i++) data[i] = random(256)
  }
  return data
}

const decoded = (plan: EntryPlan): VacEntry => decodeEntry(entryBytesOf(plan), 0, 'stream') as VacEntry

async function wholeOf(tree: HashTree): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const bytes of spelledOut(tree.pieces())) parts.push(bytes)
  return Buffer.concat(parts)
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** Pieces and gaps must cover a range once. */
function expectCover(stretches: readonly (Piece | Gap)[], from: number, to: number): void {
  let at = from
  for (const { offset, length } of stretches) {
    expect(offset).toBe(at)
    expect(length).toBeGreaterThan(0)
    at += length
  }
  expect(at).toBe(Math.max(from, to))
}

describe('every depth', () => {
  const sizes = [0, 1, 255, 256, 257, 12 * 256, 12 * 256 + 1, 144 * 256 - 3, 144 * 256 + 1, 1728 * 256 + 77]

  test.each(sizes)('%d bytes', async (size) => {
    for (const holes of [0, 5]) {
      const data = contents(size, holes)
      for (const extraDepth of [0, 1]) {
        const builder = new VacBuilder({ stream: small })
        const entry = decoded(builder.put(data, { extraDepth }))
        const tree = new HashTree(builder.store, entry, { readAhead: 1 + (size % 40) })
        expect((await wholeOf(tree)).equals(data)).toBe(true)
        expect(entry.depth).toBeGreaterThanOrEqual(extraDepth)
        expectCover(await collect(tree.pieces()), 0, size)
      }
    }
  })

  test.each([0, 1, 2, 3, 4, 5, 6, 7])('depth %d', async (depth) => {
    const builder = new VacBuilder({ stream: small })
    const data = contents(200)
    const entry = decoded(builder.put(data, { extraDepth: depth }))
    expect(entry.depth).toBe(depth)
    expect((await wholeOf(new HashTree(builder.store, entry))).equals(data)).toBe(true)
    expect(builder.store.reads).toBe(depth + 1)
  })

  test('the last leaf of the largest tree of depth 7', async () => {
    const builder = new VacBuilder({ stream: small })
    const leaf = contents(100)
    let score: string = builder.store.put(13, leaf)
    const leaves = 12 ** 7
    for (let level = 1; level <= 7; level++) {
      score = builder.store.put(2 + level, Buffer.from(zeroBytesScore.repeat(11) + score, 'hex'))
    }
    const tree = new HashTree(builder.store, decoded({ ...small, depth: 7, size: leaves * 256, score }))
    const last = await tree.leaf(leaves - 1)
    expect([last.offset, last.length, Buffer.compare(last.bytes, leaf)]).toEqual([(leaves - 1) * 256, 256, 0])
    expect((await tree.leaf(leaves - 2)).bytes).toHaveLength(0)
    const pieces = await collect(tree.pieces())
    expect(pieces.filter(({ bytes }) => bytes.length > 0).map(({ offset }) => offset)).toEqual([(leaves - 1) * 256])
    expectCover(pieces, 0, leaves * 256)
    expect(pieces).toHaveLength(8)
  })

  test('leaf numbers beyond 2^32, pointer blocks of many pointers', async () => {
    const builder = new VacBuilder()
    const leaf = contents(57)
    const size = 2 ** 48 - 1
    const [psize, dsize] = [57344, 256]
    const perBlock = Math.floor(psize / 20)
    const n = 2 ** 40 - 5
    let score: string = builder.store.put(13, leaf)
    for (let level = 1; level <= 4; level++) {
      const index = Math.floor(n / perBlock ** (level - 1)) % perBlock
      score = builder.store.put(2 + level, Buffer.from(zeroBytesScore.repeat(index) + score, 'hex'))
    }
    const tree = new HashTree(builder.store, decoded({ psize, dsize, depth: 4, size, score }))
    expect((await tree.leaf(n)).bytes).toEqual(leaf)
    expect((await tree.leafScore(n - 1)).score).toBeNull()
    const around = await tree.read(n * 256 - 3, 64)
    expect(Buffer.from(around).equals(Buffer.concat([Buffer.alloc(3), leaf, Buffer.alloc(4)]))).toBe(true)
  })
})

describe('ranges', () => {
  test('any range is what the bytes say, cut to the stream', async () => {
    const builder = new VacBuilder({ stream: small })
    const data = contents(20_000, 4)
    const tree = new HashTree(builder.store, decoded(builder.put(data)))
    const random = randomNumbers(5)
    for (let i = 0; i < 300; i++) {
      const from = random(21_000)
      const length = random(3000)
      const wanted = data.subarray(from, from + length)
      expect(Buffer.compare(await tree.read(from, length), wanted)).toBe(0)
      const pieces = await collect(tree.pieces(from, from + length))
      expectCover(pieces, from, from + wanted.length)
    }
    const reads = builder.store.reads
    expect(await tree.read(20_000, 10)).toHaveLength(0)
    expect(await tree.read(10, 0)).toHaveLength(0)
    expect(builder.store.reads).toBe(reads)
  })

  test('other block sizes: what does not fill a pointer or a leaf', async () => {
    for (const [psize, dsize] of [
      [259, 256],
      [8160, 8192],
      [57344, 57344],
      [300, 999],
    ] as const) {
      const builder = new VacBuilder({ stream: { psize, dsize } })
      const data = contents(200_000, 2)
      const tree = new HashTree(builder.store, decoded(builder.put(data)))
      expect((await wholeOf(tree)).equals(data)).toBe(true)
    }
  })

  test('leaves that are larger than any block: zeros behind what is stored', async () => {
    const builder = new VacBuilder()
    const score = builder.store.put(13, Uint8Array.of(1, 2, 3))
    const entry = decoded({ psize: (256 << 5) | 10, dsize: (2047 << 5) | 31, flags: 0x40, size: 2 ** 40, score })
    const tree = new HashTree(builder.store, entry)
    expect(await collect(tree.pieces())).toEqual([{ offset: 0, length: 2 ** 40, bytes: Uint8Array.of(1, 2, 3) }])
    expect([...(await tree.read(1, 4))]).toEqual([2, 3, 0, 0])
  })
})

describe('holes', () => {
  test('a stream of zeros costs no read, whatever it claims', async () => {
    const store = new MemoryBlocks()
    for (const score of [zeroBytesScore, undefined]) {
      const plan = { size: 2 ** 48 - 1, depth: 7, ...(score === undefined ? {} : { score }) }
      const tree = new HashTree(store, decoded(plan))
      expect(await collect(tree.pieces())).toEqual([{ offset: 0, length: 2 ** 48 - 1, bytes: new Uint8Array(0) }])
      expect(await tree.leafScore(5)).toEqual({ score: null, leaves: tree.leafCount - 5 })
      expect(await tree.read(2 ** 47, 3)).toEqual(new Uint8Array(3))
    }
    expect(store.reads).toBe(0)
  })

  test('spelled out, zeros come in small parts and stop when nobody asks', async () => {
    const tree = new HashTree(new MemoryBlocks(), decoded({ size: 2 ** 48 - 1, depth: 7 }))
    let bytes = 0
    for await (const part of spelledOut(tree.pieces())) {
      expect(part.length).toBeLessThanOrEqual(65536)
      bytes += part.length
      if (bytes > 1_000_000) break
    }
    expect(bytes).toBeLessThan(1_100_000)
  })

  test('zero pointers in the middle, in both spellings', async () => {
    for (const empty of ['da39a3ee5e6b4b0d3255bfef95601890afd80709', zeroBytesScore]) {
      const builder = new VacBuilder({ stream: { ...small, empty } })
      const data = new Uint8Array(300 * 256)
      data[0] = 1
      data[299 * 256] = 2
      const tree = new HashTree(builder.store, decoded(builder.put(data)))
      const pieces = await collect(tree.pieces())
      expect(pieces.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(2)
      expectCover(pieces, 0, data.length)
      expect((await wholeOf(tree)).equals(data)).toBe(true)
      expect(pieces).toHaveLength(6)
      // Two leaves and their pointer blocks of two levels, twice; the top is kept.
      expect(builder.store.reads).toBe(1 + 2 * 6)
    }
  })
})

describe('reading ahead', () => {
  test.each([1, 8])('%d leaves at a time, no more', async (readAhead) => {
    const builder = new VacBuilder({ stream: small })
    const data = contents(100 * 256)
    const tree = new HashTree(builder.store, decoded(builder.put(data)), { readAhead })
    expect((await wholeOf(tree)).equals(data)).toBe(true)
    // A pointer block is asked for beside the leaves.
    expect(builder.store.most).toBeLessThanOrEqual(readAhead + 1)
    expect(builder.store.most).toBeGreaterThanOrEqual(Math.min(readAhead, 8))
    // Every block once: 100 leaves, 9 blocks of pointers, the top.
    expect(builder.store.reads).toBe(100 + 9 + 1)
  })

  test('cancelling ends it', async () => {
    const builder = new VacBuilder({ stream: small })
    const abort = new AbortController()
    const entry = decoded(builder.put(contents(100 * 256)))
    const tree = new HashTree(builder.store, entry, { readAhead: 4, signal: abort.signal })
    let seen = 0
    const reading = (async () => {
      for await (const piece of tree.pieces()) {
        seen += piece.length
        abort.abort()
      }
    })()
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' })
    expect(seen).toBeLessThanOrEqual(5 * 256)
  })
})

describe('lost blocks', () => {
  async function spoiled(spoil: (store: MemoryBlocks, keys: readonly string[]) => void) {
    const builder = new VacBuilder({ stream: small })
    const data = contents(40 * 256)
    const entry = decoded(builder.put(data))
    spoil(builder.store, [...builder.store.blocks.keys()])
    return { data, tree: new HashTree(builder.store, entry, { readAhead: 5 }), entry, store: builder.store }
  }

  test('a leaf: the others come, and pieces end there', async () => {
    const { data, tree } = await spoiled((store, keys) => store.blocks.delete(keys[17] as string))
    const stretches = await collect(tree.stretches())
    expectCover(stretches, 0, data.length)
    const gaps = stretches.flatMap((one) => ('error' in one ? [[one.offset, one.length, one.error.code]] : []))
    expect(gaps).toEqual([[17 * 256, 256, 'block-missing']])
    for (const one of stretches) {
      if ('bytes' in one) expect(Buffer.compare(one.bytes, withoutTail(data, one))).toBe(0)
    }
    await expect(wholeOf(tree)).rejects.toMatchObject({ code: 'block-missing' })
    await expect(tree.leaf(17)).rejects.toMatchObject({ code: 'block-missing' })
    expect((await tree.leaf(18)).offset).toBe(18 * 256)
  })

  test('a block of pointers: all below it, once', async () => {
    const { data, tree, store } = await spoiled((blocks, keys) => blocks.corrupt.add(keys[41] as string))
    const stretches = await collect(tree.stretches())
    expectCover(stretches, 0, data.length)
    const gaps = stretches.flatMap((one) => ('error' in one ? [[one.offset, one.length, one.error.code]] : []))
    expect(gaps).toEqual([[12 * 256, 12 * 256, 'block-corrupt']])
    expect(store.reads).toBe(40 - 12 + 4 + 1)
    await expect(tree.leafScore(13)).rejects.toMatchObject({ code: 'block-corrupt' })
    expect(await tree.leafScore(24)).toMatchObject({ leaves: 1 })
  })

  test('a block longer than the tree says is not taken', async () => {
    const { tree } = await spoiled((store, keys) => store.blocks.set(keys[3] as string, new Uint8Array(257)))
    await expect(tree.leaf(3)).rejects.toMatchObject({ code: 'bad-tree' })
  })

  test('a store that fails is no gap, and may be asked again', async () => {
    const { tree, data, store } = await spoiled(() => undefined)
    const read = store.read.bind(store)
    store.read = (_score: Score, type: number) => Promise.reject(new AppError('connection-lost', `gone ${type}`))
    await expect(collect(tree.stretches())).rejects.toMatchObject({ code: 'connection-lost' })
    store.read = read
    store.read = (score, type, maxBytes) =>
      type === 13 ? Promise.reject(new AppError('connection-lost', 'gone')) : read(score, type, maxBytes)
    await expect(collect(tree.stretches())).rejects.toMatchObject({ code: 'connection-lost' })
    store.read = read
    expect((await wholeOf(tree)).equals(data)).toBe(true)
  })
})

/** The bytes a piece stores: the leaf without the zeros at its end. */
function withoutTail(data: Uint8Array, { offset, length }: Piece): Uint8Array {
  let end = offset + length
  while (end > offset && data[end - 1] === 0) end--
  return data.subarray(offset, end)
}
