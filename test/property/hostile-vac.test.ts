// Whatever an archive claims: its codecs answer or refuse with bad-tree, and nobody who opens, lists or reads it is led
// outside a block, into endless work or into memory that grows. More than ten thousand spoiled roots, entries, meta blocks
// and directory entries, a thousand spoiled archives, and trees made to waste time.

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import type { RootScore } from '../../shared/model/score.ts'
import { decodeDirEntry } from '../../electron/engine/vac/dir-entry.ts'
import { decodeEntry } from '../../electron/engine/vac/entry.ts'
import { EntryTable } from '../../electron/engine/vac/entry-table.ts'
import { decodeMetaBlock } from '../../electron/engine/vac/meta-block.ts'
import { minimumDepth } from '../../electron/engine/vac/pointers.ts'
import { decodeRoot } from '../../electron/engine/vac/root.ts'
import { HashTree } from '../../electron/engine/vac/stream.ts'
import { openTree, type VacFile, type VacTree } from '../../electron/engine/vac/tree.ts'
import { cpuMs } from '../helpers/cpu-time.ts'
import {
  entryBytesOf,
  metaBlockOf,
  nameBytesOf,
  rootBytesOf,
  VacBuilder,
  type EntryPlan,
  type NodePlan,
} from '../helpers/vac-builder.ts'

let cases = 0

const limits = [0, 1, 7, 8, 0x1c, 0x7f, 0xff, 0x100, 0x1fff, 0x2000, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0xffffffff]

type Edit = { readonly at: number; readonly bytes: Uint8Array }

/** Numbers at their limits, single bytes, random bytes, anywhere. */
function edits(length: number): fc.Arbitrary<readonly Edit[]> {
  const number = fc.tuple(fc.constantFrom(...limits), fc.constantFrom(2, 4)).map(([value, width]) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return bytes.subarray(4 - width)
  })
  const bytes = fc.oneof(number, fc.uint8Array({ minLength: 1, maxLength: 12 }))
  return fc.array(fc.record({ at: fc.nat(length - 1), bytes }), { minLength: 1, maxLength: 5 })
}

function edited(bytes: Uint8Array, changes: readonly Edit[], cut = 0): Uint8Array {
  const copy = Buffer.from(bytes)
  for (const { at, bytes: put } of changes) copy.set(put.subarray(0, copy.length - at), at)
  return new Uint8Array(copy.subarray(0, copy.length - Math.min(cut, copy.length)))
}

/** Runs a decoder over spoiled copies of `sound`; it gives a value that `check` accepts, or one of the refusals. */
function fuzz<T>(
  runs: number,
  sound: readonly Uint8Array[],
  decode: (bytes: Uint8Array) => T,
  check: (value: T, bytes: Uint8Array) => boolean,
): { refused: number; taken: number } {
  const counts = { refused: 0, taken: 0 }
  const spoiled = fc
    .constantFrom(...sound)
    .chain((bytes) => fc.tuple(fc.constant(bytes), edits(bytes.length), fc.oneof(fc.constant(0), fc.nat(40))))
  const property = fc.property(spoiled, ([bytes, changes, cut]) => {
    cases++
    const input = edited(bytes, changes, cut)
    let value: T
    try {
      value = decode(input)
    } catch (error) {
      counts.refused++
      return error instanceof AppError && (error.code === 'bad-tree' || error.code === 'not-a-tree')
    }
    counts.taken++
    return check(value, input)
  })
  fc.assert(property, { numRuns: runs })
  return counts
}

/** Both happen in thousands of draws, or the test does not test what it says. */
function expectBoth({ refused, taken }: { refused: number; taken: number }): void {
  expect(refused).toBeGreaterThan(50)
  expect(taken).toBeGreaterThan(50)
}

const qidSpace = [3, Buffer.alloc(16, 1)] as const
const names = [7, 8, 9].map((version) =>
  nameBytesOf({ name: `name ${version}`, entry: version, version, sections: [qidSpace, [9, Buffer.alloc(5)]] }),
)

describe('spoiled bytes', () => {
  test('4000 meta blocks', () => {
    const block = new Uint8Array(1024)
    block.set(metaBlockOf(names, { maxIndex: 10 }))
    const minimal = new Uint8Array(metaBlockOf(names.slice(0, 1), { maxIndex: 1, magic: 0x5656fc7a }))
    const decode = (bytes: Uint8Array) => decodeMetaBlock(bytes, 'm')
    const counts = fuzz(4000, [block, block.subarray(0, 60), minimal], decode, ({ slots }, bytes) => {
      for (const slot of slots) {
        if ('problem' in slot) continue
        const from = slot.bytes.byteOffset - bytes.byteOffset
        if (from < 12 || from + slot.bytes.length > bytes.length || slot.bytes.length < 8) return false
      }
      return slots.length * 4 <= bytes.length
    })
    expectBoth(counts)
  })

  test('4000 directory entries', () => {
    const decode = (bytes: Uint8Array) => decodeDirEntry(bytes, 'd')
    const counts = fuzz(4000, names, decode, (found, bytes) => {
      return found.nameBytes.length < bytes.length && found.version >= 7 && found.version <= 9 && found.qid >= 0n
    })
    expectBoth(counts)
  })

  test('4000 entries', () => {
    const plans: readonly EntryPlan[] = [
      { size: 5e6, depth: 2, score: 'ab'.repeat(20) },
      { size: 120, directory: true, gen: 3 },
      { psize: 0, dsize: 0, directory: true },
      { psize: (128 << 5) | 9, dsize: (128 << 5) | 9, flags: 0x40, size: 1e9, depth: 5 },
    ]
    const decode = (bytes: Uint8Array) => {
      const whole = new Uint8Array(40)
      whole.set(bytes)
      return decodeEntry(whole, 0, 'e')
    }
    const counts = fuzz(4000, plans.map(entryBytesOf), decode, (entry) => {
      if (entry === null) return true
      const { psize, dsize, depth, size } = entry
      if (psize < 256 || dsize < 256 || depth > 7 || size >= 2 ** 48) return false
      return Number.isSafeInteger(psize) && Number.isSafeInteger(dsize) && depth >= minimumDepth(size, dsize, psize)
    })
    expectBoth(counts)
  })

  test('1000 roots', () => {
    const sound = [
      rootBytesOf({ name: 'fossil', top: 'cd'.repeat(20) }),
      rootBytesOf({ version: 0x8002, blockSize: 0x1009 }),
    ]
    expectBoth(
      fuzz(
        1000,
        sound,
        (bytes) => decodeRoot(bytes, 'r'),
        (root) => root.blockSize >= 256 && root.type.length <= 128,
      ),
    )
    expect(cases).toBeGreaterThan(10_000)
  })
})

/** Walks what there is up to a budget; returns how many files it met. */
async function visit(tree: VacTree, budget: number): Promise<number> {
  let met = 0
  const walk = async (dir: VacFile, depth: number): Promise<void> => {
    for await (const listed of tree.list(dir)) {
      if (++met >= budget) return
      if (listed.kind === 'problem') continue
      if (listed.file.isDirectory) {
        if (depth < 8) await walk(listed.file, depth + 1)
      } else if (listed.file.entry !== null) {
        let bytes = 0
        for await (const piece of tree.data(listed.file).pieces()) {
          bytes += piece.bytes.length
          if (++met >= budget || bytes > 1e6) break
        }
      }
    }
  }
  await walk(tree.rootFile, 0)
  return met
}

const someTree: readonly NodePlan[] = [
  { name: 'small', data: Buffer.from('some text') },
  { name: 'long', data: Buffer.alloc(9000, 7) },
  {
    name: 'dir',
    children: [
      { name: 'inner', data: Buffer.from('x') },
      { name: 'deep', children: [{ name: 'y' }] },
    ],
  },
]

const ofTheTree = new Set(['block-missing', 'block-corrupt', 'bad-tree', 'not-a-tree', 'no-such-path'])

test('a thousand archives with spoiled blocks: opened, walked and read, or refused', async () => {
  const builder = new VacBuilder({ stream: { psize: 260, dsize: 512 }, version: 9 })
  const score = builder.archive(someTree, { fossil: true })
  const sound = new Map(builder.store.blocks)
  const keys = [...sound.keys()]
  let opened = 0
  const spoiled = fc
    .constantFrom(...keys)
    .chain((key) => fc.tuple(fc.constant(key), edits((sound.get(key) as Uint8Array).length)))
  const property = fc.asyncProperty(spoiled, async ([key, changes]) => {
    builder.store.blocks.set(key, edited(sound.get(key) as Uint8Array, changes))
    builder.store.reads = 0
    const started = cpuMs()
    try {
      const tree = await openTree(builder.store, score)
      opened++
      await visit(tree, 300)
    } catch (error) {
      if (!(error instanceof AppError) || !ofTheTree.has(error.code)) throw error
    } finally {
      builder.store.blocks.set(key, sound.get(key) as Uint8Array)
    }
    return cpuMs() - started < 5000 && builder.store.reads < 3000
  })
  await fc.assert(property, { numRuns: 1000 })
  expect(opened).toBeGreaterThan(500)
})

describe('trees made to waste time', () => {
  const maxSize = 2 ** 48 - 1
  const endless = { depth: 7, size: maxSize }

  /** A root over this source and this list of names. */
  function rooted(builder: VacBuilder, source: EntryPlan, meta: EntryPlan): RootScore {
    return builder.root([source, meta, builder.putMeta([nameBytesOf({ name: '/', entry: 0 })])])
  }

  /** A tree of depth 7 in which every pointer leads to this leaf. */
  function shared(builder: VacBuilder, type: number, leaf: Uint8Array, psize: number): string {
    let score: string = builder.store.put(type, leaf)
    const perBlock = Math.floor(psize / 20)
    for (let level = 1; level <= 7; level++) {
      score = builder.store.put(2 + level, Buffer.from(score.repeat(perBlock), 'hex'))
    }
    return score
  }

  test('an empty file, source and list of names of 2^48 bytes cost nothing', async () => {
    const builder = new VacBuilder()
    const meta = builder.putMeta([nameBytesOf({ name: 'zeros', entry: 0 }), nameBytesOf({ name: 'far', entry: 1e9 })])
    const source = { ...builder.putSource([endless]), ...endless, directory: true, score: undefined }
    const first = entryBytesOf(endless)
    const leaf = builder.store.put(2, first)
    let score: string = leaf
    for (let level = 1; level <= 7; level++) score = builder.store.put(2 + level, Buffer.from(score, 'hex'))
    const tree = await openTree(builder.store, rooted(builder, { ...source, score }, meta))
    expect(await visit(tree, 100)).toBe(3)
    const file = await tree.lookup('/zeros')
    expect(file.size).toBe(maxSize)
    expect((await tree.lookup('/far')).problem?.message).toMatch(/not in use/)
    const nothing = await openTree(builder.store, rooted(builder, { ...source, score }, { ...endless }))
    builder.store.reads = 0
    expect(await visit(nothing, 100)).toBe(1)
    expect(builder.store.reads).toBe(0)
  })

  test('a list of names without end is listed while it is asked for, and not beyond reason', async () => {
    const builder = new VacBuilder()
    const source = builder.putSource([builder.put(Buffer.from('x'))])
    const block = metaBlockOf([nameBytesOf({ name: 'again', entry: 0 })])
    const score = shared(builder, 13, block, 8180)
    const root = rooted(builder, source, { ...endless, score })
    const tree = await openTree(builder.store, root)
    builder.store.reads = 0
    expect(await visit(tree, 50)).toBeGreaterThanOrEqual(50)
    expect(builder.store.reads).toBeLessThan(250)
    const bounded = await openTree(builder.store, root, { maxNames: 400 })
    await expect(bounded.lookup('/missing')).rejects.toMatchObject({ code: 'bad-tree' })
    expect((await bounded.lookup('/again')).size).toBe(1)
  })

  test('a block of names that are all the same one', async () => {
    const builder = new VacBuilder()
    const source = builder.putSource([builder.put(Buffer.from('x'))])
    const name = nameBytesOf({ name: 'n', entry: 0 })
    const slots = 14_000
    const block = Buffer.alloc(57_344)
    block.set(metaBlockOf([name], { maxIndex: slots }))
    block.writeUInt16BE(slots, 10)
    for (let i = 1; i < slots; i++) block.copy(block, 12 + 4 * i, 12, 16)
    const meta = builder.put(block, { dsize: 57_344 })
    const tree = await openTree(builder.store, rooted(builder, source, meta))
    builder.store.reads = 0
    let count = 0
    for await (const listed of tree.list(tree.rootFile)) count += listed.kind === 'file' ? 1 : 0
    expect(count).toBe(slots)
    expect(builder.store.reads).toBe(2)
  })

  test('directories that share one another: 2^60 paths, one of them found at once', async () => {
    const builder = new VacBuilder()
    let { source, meta } = builder.directory([{ name: 'bottom', data: Buffer.from('x') }])
    for (let i = 0; i < 60; i++) {
      const both = [0, 2].map((entry) => nameBytesOf({ name: entry === 0 ? 'left' : 'right', entry, mode: 0x8000 }))
      source = builder.putSource([source, meta, source, meta])
      meta = builder.putMeta(both)
    }
    const tree = await openTree(builder.store, rooted(builder, source, meta))
    builder.store.reads = 0
    const path = Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 'left' : 'right')).join('/')
    expect((await tree.lookup(`${path}/bottom`)).size).toBe(1)
    expect(builder.store.reads).toBeLessThan(200)
    expect(await visit(tree, 200)).toBeGreaterThanOrEqual(200)
  })

  test('entries of a directory of 2^48 bytes: a few leaves are kept, however many are asked for', async () => {
    const builder = new VacBuilder({ stream: { psize: 256, dsize: 256 } })
    const leaf = Buffer.concat(Array.from({ length: 6 }, () => entryBytesOf({ psize: 256, dsize: 256 })))
    const score = shared(builder, 2, leaf, 256)
    const plan = { psize: 256, dsize: 256, depth: 7, size: 12 ** 7 * 256, directory: true, score }
    const entry = decodeEntry(entryBytesOf(plan), 0, 'e')
    if (entry === null) throw new Error('no entry')
    const table = new EntryTable(builder.store, entry)
    expect(table.slots).toBe(12 ** 7 * 6)
    for (let i = 0; i < 500; i++) expect(await table.entry((i * 7919 * 613) % table.slots, 'e')).not.toBeNull()
    expect(await table.entry(table.slots, 'e')).toBeNull()
    expect(await table.entry(2 ** 52, 'e')).toBeNull()
    const again = builder.store.reads
    await table.entry((499 * 7919 * 613) % table.slots, 'e')
    expect(builder.store.reads).toBe(again)
  })

  test('a depth that lies leads to a block that is not there', async () => {
    const builder = new VacBuilder()
    const data = builder.put(Buffer.alloc(20_000, 5))
    const deeper = decodeEntry(entryBytesOf({ ...data, depth: 2 }), 0, 'e')
    if (deeper === null) throw new Error('no entry')
    await expect(new HashTree(builder.store, deeper).leaf(0)).rejects.toMatchObject({ code: 'block-missing' })
  })
})
