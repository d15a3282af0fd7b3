// The restore drill: which files it draws, that it reads them whole and against the source, and that nothing passes that
// was not read.

import { beforeEach, describe, expect, test } from 'vitest'
import type { RootScore, Score } from '../../../../shared/model/score.ts'
import type { VerifyRecord } from '../../../../shared/model/verify.ts'
import { appendVerifyRecord, readVerifyRecords, verifyLogPath } from '../../../../electron/engine/state/verify-log.ts'
import { appendLine } from '../../../../electron/engine/state/atomic-write.ts'
import { decodeEntry } from '../../../../electron/engine/vac/entry.ts'
import { openTree } from '../../../../electron/engine/vac/tree.ts'
import { arenasOf, drill, type DrillOptions, type WithSource } from '../../../../electron/engine/verify/drill.ts'
import { chooseFiles, Reservoir, seededRandom } from '../../../../electron/engine/verify/drill-choice.ts'
import { compareSpan, firstDifference } from '../../../../electron/engine/verify/drill-compare.ts'
import { treeManifest } from '../../../helpers/fixtures.ts'
import { MemoryBlocks } from '../../../helpers/memory-blocks.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import { clumpLog, imageIn, keyOf, onlyMirror, stateDirIn } from '../../../helpers/sync-runs.ts'
import { entryBytesOf, nameBytesOf, VacBuilder, type NodePlan } from '../../../helpers/vac-builder.ts'
import { filledFake, newestRoot, partsOf, verifyIn } from '../../../helpers/verify-runs.ts'

const id = 'seq-day1'
const { score, tree } = newestRoot(id)
const manifest = treeManifest(tree as string)
const sizes = Object.values(manifest.entries).flatMap(({ sha256, size }) =>
  sha256 === undefined ? [] : [size as number],
)
let folder: string

beforeEach(async () => {
  folder = await scratchDir()
})

const noise = (length: number, seed: number): Uint8Array => {
  const random = seededRandom(seed)
  return Uint8Array.from({ length }, () => 1 + Math.floor(random() * 255))
}

/** 40 files over 8 directories, a few of them of many blocks. */
const plan: readonly NodePlan[] = [0, 1, 2, 3, 4, 5, 6, 7].map((d) => ({
  name: `d${d}`,
  children: [0, 1, 2, 3, 4].map((f) => ({
    name: `f${f}`,
    data: noise(f === 0 ? 15_000 : 40, 10 * d + f),
    // So that no directory is like another.
    attributes: { mtime: d },
  })),
}))

function built(children: readonly NodePlan[] = plan): { store: MemoryBlocks; root: RootScore } {
  const builder = new VacBuilder({ stream: { psize: 260, dsize: 1000 } })
  return { store: builder.store, root: builder.archive(children) }
}

function copyOf(store: MemoryBlocks): MemoryBlocks {
  const copy = new MemoryBlocks()
  for (const [key, block] of store.blocks) copy.blocks.set(key, new Uint8Array(block))
  return copy
}

/** Gives the wanted blocks and no others, and counts how often it was opened. */
function sourceOf(store: MemoryBlocks): { opened: number; most: number; source: WithSource } {
  const seen = { opened: 0, most: 0, source: null as unknown as WithSource }
  seen.source = async (wanted, work) => {
    seen.opened++
    seen.most = Math.max(seen.most, wanted.size)
    const only = new MemoryBlocks()
    for (const [key, block] of store.blocks) if (wanted.has(key.slice(0, 40) as Score)) only.blocks.set(key, block)
    return await work(only)
  }
  return seen
}

async function drillOf(store: MemoryBlocks, root: RootScore, options: Partial<DrillOptions> = {}) {
  return await drill(store, root, 40, { files: 5, seed: 1, source: null, ...options })
}

const paths = (files: readonly { readonly path: string }[]): readonly string[] => files.map(({ path }) => path)

/** Key of the block that holds these bytes. */
function keyWith(store: MemoryBlocks, bytes: Uint8Array): string {
  const found = [...store.blocks].find(([, block]) => Buffer.compare(block, bytes) === 0)
  if (found === undefined) throw new Error('no such block')
  return found[0]
}

describe('the choice', () => {
  test('every file is as likely as any other, and none comes twice', () => {
    const counts = Array.from({ length: 20 }, () => 0)
    for (let seed = 0; seed < 4000; seed++) {
      const reservoir = new Reservoir<number>(5, seededRandom(seed))
      for (let i = 0; i < 20; i++) reservoir.offer(() => i)
      const drawn = reservoir.drawn()
      expect(new Set(drawn).size).toBe(5)
      expect(drawn).toEqual(drawn.toSorted((a, b) => a - b))
      for (const i of drawn) counts[i]!++
    }
    // 1000 expected each; seeds are fixed, so that this never changes by itself.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120)
  })

  test('holds only as many as were asked for', () => {
    let made = 0
    const reservoir = new Reservoir<number>(3, seededRandom(7))
    for (let i = 0; i < 100_000; i++) reservoir.offer(() => made++)
    expect([reservoir.offered, reservoir.drawn().length]).toEqual([100_000, 3])
    // About 3 ln(100000 / 3) replacements.
    expect(made).toBeLessThan(100)
  })

  test('the seed decides, and known seeds draw what they always drew', async () => {
    const { store, root } = built()
    const drawn = async (seed: number) => paths((await drillOf(store, root, { seed })).result.files)
    expect(await drawn(1)).toEqual(await drawn(1))
    const all = await Promise.all(Array.from({ length: 10 }, async (_, seed) => (await drawn(seed)).join()))
    expect(new Set(all).size).toBeGreaterThan(8)
    const random = seededRandom(42)
    expect([random(), random()].map((one) => Math.floor(one * 1e6))).toEqual([601103, 852465])
  })

  test('from the whole tree; all of them where there are fewer', async () => {
    const { store, root } = built()
    const { result } = await drillOf(store, root, { files: 1000 })
    expect(paths(result.files)).toEqual(
      plan.flatMap(({ name, children = [] }) => children.map((f) => ['', name, f.name].join('/'))),
    )
    expect(result).toMatchObject({ ok: true, bytes: 8 * (15_000 + 4 * 40), compared: false })
  })

  test('directories made of the same blocks count once: 2^60 paths take no time', async () => {
    const builder = new VacBuilder()
    let { source, meta } = builder.directory([{ name: 'file', data: noise(50, 1) }])
    for (let level = 0; level < 60; level++) {
      const names = ['a', 'b'].map((name, i) =>
        nameBytesOf({ name, version: 8, entry: 2 * i, metaEntry: 2 * i + 1, mode: (1 << 15) | 0o755 }),
      )
      const entries = [source, meta, source, meta]
      ;[source, meta] = [builder.putSource(entries), builder.putMeta(names)]
    }
    const rootMeta = builder.putMeta([nameBytesOf({ name: '/', entry: 0, mode: (1 << 15) | 0o777 })])
    const opened = await openTree(builder.store, builder.root([source, meta, rootMeta]))
    const { files, chosen, unlistedCount } = await chooseFiles(opened, 10, seededRandom(1))
    expect([files, unlistedCount, paths(chosen)]).toEqual([1, 0, [`${'/a'.repeat(60)}/file`]])
  })
})

describe('the comparison', () => {
  const piece = (offset: number, length: number, bytes: readonly number[]) => ({
    offset,
    length,
    bytes: Uint8Array.from(bytes),
  })

  test('of pieces that are cut differently, with zeros behind what is stored', () => {
    expect(firstDifference(piece(0, 6, [1, 2, 3]), piece(2, 4, [3, 0, 0]), 2, 6)).toBeNull()
    expect(firstDifference(piece(0, 6, [1, 2, 3]), piece(2, 4, [4]), 2, 6)).toBe(2)
    expect(firstDifference(piece(0, 6, [1, 2, 3]), piece(2, 4, [3, 0, 9]), 2, 6)).toBe(4)
    expect(firstDifference(piece(0, 6, [1, 2, 3, 0, 0, 8]), piece(0, 6, [1, 2, 3]), 0, 6)).toBe(5)
    expect(firstDifference(piece(0, 6, [1, 2, 3]), piece(4, 2, []), 4, 6)).toBeNull()
  })

  test('is whole, whatever part of the source is indexed at a time', async () => {
    const { store, root } = built()
    for (const maxIndexed of [1, 2, 13, 40, 1000]) {
      const seen = sourceOf(store)
      const { result, warnings } = await drillOf(store, root, { files: 1000, source: seen.source, maxIndexed })
      expect([result.ok, result.compared, result.bytes, warnings]).toEqual([true, true, 8 * 15_160, []])
      // 152 leaves; pointer blocks, which every part needs anew, come on top.
      expect(seen.opened).toBeLessThanOrEqual(Math.ceil(152 / maxIndexed) + 1)
      if (maxIndexed < 1000) expect(seen.opened).toBeGreaterThan(2)
      expect(seen.most).toBeLessThanOrEqual(Math.min(200, 2 * maxIndexed + 4))
    }
  })

  test('a byte that differs is found in whatever block of a file it stands', async () => {
    const { store, root } = built()
    const data = plan[3]!.children![0]!.data as Uint8Array
    for (const leaf of [0, 12, 13, 14]) {
      const other = copyOf(store)
      const block = other.blocks.get(keyWith(store, data.subarray(1000 * leaf, 1000 * leaf + 1000)))!
      block[500]! ^= 1
      for (const maxIndexed of [1, 1000]) {
        const { result } = await drillOf(store, root, { files: 40, source: sourceOf(other).source, maxIndexed })
        expect(result.ok).toBe(false)
        const problem = `at ${1000 * leaf + 500}: it differs from the source`
        expect(result.files.filter(({ ok }) => !ok)).toEqual([{ path: '/d3/f0', bytes: 15_000, ok: false, problem }])
      }
    }
  })

  test('a long hole against blocks that have something in the middle of it', async () => {
    const [target, source] = [new VacBuilder(), new VacBuilder()]
    const sized = { psize: 260, dsize: 1000 }
    const holed = noise(10_000, 1)
    holed.fill(0, 3000, 7000)
    const other = Uint8Array.from(holed)
    other[5000] = 1
    const [mine, theirs] = [target.put(holed, sized), source.put(other, sized)]
    source.store.blocks.set(`${mine.score}/3`, source.store.blocks.get(`${theirs.score}/3`)!)
    const entry = decodeEntry(entryBytesOf(mine), 0, 'entry')!
    const stores = { target: target.store, source: source.store }
    const span = { from: 0, to: 10_000 }
    const problem = 'at 5000: it differs from the source'
    expect(await compareSpan(stores, entry, span, {})).toEqual({ bytes: 10_000, problem, stopped: false })
    const swapped = { target: source.store, source: target.store }
    expect(await compareSpan(swapped, entry, span, {})).toEqual({ bytes: 10_000, problem, stopped: false })
    const same = { target: target.store, source: target.store }
    expect(await compareSpan(same, entry, span, {})).toEqual({ bytes: 10_000, problem: null, stopped: false })
  })

  test('holes cost nothing', async () => {
    const { store, root } = built([{ name: 'hole', data: noise(1000, 3), stream: { size: 20_000, dsize: 1000 } }])
    const hole: NodePlan = { name: 'empty', entry: { size: 2 ** 47, depth: 7, psize: 8180, dsize: 8192 } }
    const large = built([hole])
    for (const one of [
      { store, root, bytes: 20_000 },
      { ...large, bytes: 2 ** 47 },
    ]) {
      const { result } = await drillOf(one.store, one.root, { source: sourceOf(one.store).source })
      expect(result).toMatchObject({ ok: true, bytes: one.bytes })
    }
  })
})

describe('what does not pass', () => {
  test('a file of which a block is lost or damaged on the target', async () => {
    const { store, root } = built()
    const data = plan[2]!.children![0]!.data as Uint8Array
    const key = keyWith(store, data.subarray(1000, 2000))
    for (const spoil of ['lost', 'damaged'] as const) {
      const target = copyOf(store)
      if (spoil === 'lost') target.blocks.delete(key)
      else target.corrupt.add(key)
      const ways = [
        { source: null },
        { source: sourceOf(store).source },
        { source: sourceOf(store).source, maxIndexed: 1 },
      ]
      for (const way of ways) {
        const { result } = await drillOf(target, root, { files: 40, ...way })
        expect(result.ok).toBe(false)
        const bad = result.files.filter(({ ok }) => !ok)
        expect(bad).toMatchObject([{ path: '/d2/f0', bytes: 1000 }])
        expect(bad[0]?.problem).toMatch(spoil === 'lost' ? /^at 1000: .* is not there/ : /^at 1000: .* spoiled/)
      }
    }
  })

  test('a file that the source does not have whole; the target is read to its end all the same', async () => {
    const { store, root } = built()
    const other = copyOf(store)
    other.blocks.delete(keyWith(store, (plan[2]!.children![0]!.data as Uint8Array).subarray(1000, 2000)))
    const { result } = await drillOf(store, root, { files: 40, source: sourceOf(other).source })
    const bad = result.files.filter(({ ok }) => !ok)
    expect([result.ok, bad.length, bad[0]?.bytes]).toEqual([false, 1, 15_000])
    expect(bad[0]?.problem).toMatch(/^at 1000: the source cannot tell: .* is not there/)
  })

  test('nothing read of an archive that has files, and a tree that cannot be listed', async () => {
    const nothing = built([])
    expect((await drill(nothing.store, nothing.root, 0, { files: 3, seed: 1, source: null })).result.ok).toBe(true)
    expect((await drill(nothing.store, nothing.root, 1, { files: 3, seed: 1, source: null })).result.ok).toBe(false)
    const lost = await drill(new MemoryBlocks(), nothing.root, 0, { files: 3, seed: 1, source: null })
    expect(lost.result).toMatchObject({ ok: false, files: [] })
    expect(lost.warnings.join()).not.toContain(nothing.root)

    const { store, root } = built()
    const opened = await openTree(store, root)
    const { meta } = await opened.lookup('/d5')
    store.blocks.delete([...store.blocks.keys()].find((key) => key.startsWith(meta!.score!))!)
    const partly = await drillOf(store, root, { files: 40 })
    expect([partly.result.ok, partly.result.files.length]).toEqual([false, 35])
    expect(partly.result.files.every(({ ok }) => ok)).toBe(true)
    expect(partly.warnings).toHaveLength(1)
    expect(partly.warnings[0]).toContain('/d5')
  })

  test('an interrupted one', async () => {
    const { store, root } = built()
    const controller = new AbortController()
    controller.abort()
    await expect(drillOf(store, root, { signal: controller.signal })).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe('in a verification', () => {
  const wanted = { files: 1000, seed: 20 }

  test('every file of a fixture, against its arenas; the result and the seed are kept', async () => {
    const { venti, image } = await filledFake(folder, id)
    const result = await verifyIn(folder, venti, score, { source: image, drill: wanted })
    const bytes = sizes.reduce((sum, size) => sum + size, 0)
    expect(result).toMatchObject({ ok: true, drill: { seed: 20, compared: true, ok: true, bytes } })
    expect(result.drill?.files).toHaveLength(result.files)
    const without = await verifyIn(folder, venti, score, { drill: { files: 3, seed: 4 } })
    expect(without).toMatchObject({ ok: true, drill: { seed: 4, compared: false, ok: true } })
    expect(await verifyIn(folder, venti, score)).toMatchObject({ ok: true, drill: null })
    const kept = await readVerifyRecords(stateDirIn(folder), (await onlyMirror(folder)).name)
    expect(kept.map((record) => [record.drill, record.drillSeed])).toEqual([
      [result.files, 20],
      [3, 4],
      [null, null],
    ])
  })

  test('damage that a look at what is present does not see', async () => {
    const { venti, image } = await filledFake(folder, id)
    const { data } = partsOf(id, venti)
    venti.store.damaged.add(data.key)
    const result = await verifyIn(folder, venti, score, { source: image, drill: wanted })
    expect(result).toMatchObject({ ok: false, missing: [], corrupt: [], good: result.blocks })
    expect(result.drill).toMatchObject({ ok: false })
    expect(result.drill?.files.filter(({ ok }) => !ok)).toMatchObject([{ path: `/${data.path}` }])
  })

  test('a source that is another one, or none at all', async () => {
    const { venti } = await filledFake(folder, 'seq-day3')
    const { score: later } = newestRoot('seq-day3')
    const older = await imageIn(folder, id, 'older.img')
    const early = new Set(clumpLog(id).map(keyOf))
    expect(clumpLog('seq-day3').some((clump) => !early.has(keyOf(clump)))).toBe(true)
    const result = await verifyIn(folder, venti, later, { source: older, drill: wanted })
    expect(result).toMatchObject({ ok: false, missing: [], drill: { ok: false } })
    const told = result.drill!.files.filter(({ ok }) => !ok)
    expect(told.length).toBeGreaterThan(0)
    expect(told.length).toBeLessThan(result.drill!.files.length)
    for (const { problem } of told) expect(problem).toMatch(/the source cannot tell/)
    const before = venti.counters.reads
    const absent = verifyIn(folder, venti, later, { source: `${older}.gone`, drill: wanted })
    await expect(absent).rejects.toMatchObject({ code: 'source-open' })
    // Told before the walk.
    expect(venti.counters.reads).toBe(before)
  })

  test('arenas are asked for the wanted blocks only', async () => {
    const image = await imageIn(folder, id)
    const one = clumpLog(id).find(({ type }) => type === 13)!
    const count = await arenasOf(image)(new Set([one.score]), async (blocks) => {
      await blocks.read(one.score, 13, 65_535)
      return (blocks as unknown as { count: number }).count
    })
    expect(count).toBe(1)
  })

  test('an interrupt while files are drilled', async () => {
    const { venti } = await filledFake(folder, id)
    const controller = new AbortController()
    const onNote = (): void => controller.abort()
    const result = await verifyIn(folder, venti, score, { drill: wanted, onNote, signal: controller.signal })
    expect(result).toMatchObject({ ok: false, cancelled: true, drill: null })
  })

  test('records from before there were drills', async () => {
    const record = { at: '2026-01-02T03:04:05.000Z', root: 'vac:1234…5678', dial: 'x', depth: 'full', ok: true }
    await appendLine(verifyLogPath(folder, 'old'), JSON.stringify(record))
    await appendVerifyRecord(folder, 'old', { ...record, drill: 7, drillSeed: 8 } as VerifyRecord)
    expect(await readVerifyRecords(folder, 'old')).toEqual([
      { ...record, drill: null, drillSeed: null },
      { ...record, drill: 7, drillSeed: 8 },
    ])
  })
})
