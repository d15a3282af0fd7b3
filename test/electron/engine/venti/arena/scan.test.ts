// Healthy partitions: the survey finds what the manifest says, the scan yields every block once, and both cost one pass over
// the log. Images from the real server for what it made, built ones for every block size, version and state.

import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { AppError } from '../../../../../shared/errors.ts'
import type { ArenaSummary } from '../../../../../shared/model/arena.ts'
import type { BlockSource } from '../../../../../electron/engine/source/block-source.ts'
import { countingSource, type ReadCount } from '../../../../../electron/engine/source/counting-source.ts'
import { openFileSource } from '../../../../../electron/engine/source/any-file.ts'
import { openArenaPartition } from '../../../../../electron/engine/venti/arena/arena-partition.ts'
import { ClumpScanner, type ScanItem } from '../../../../../electron/engine/venti/arena/clump-scanner.ts'
import { surveyArena } from '../../../../../electron/engine/venti/arena/survey.ts'
import { faultySource } from '../../../../helpers/faulty-source.ts'
import {
  clumpListHash,
  expandFixture,
  expectedBlocks,
  fixture,
  fixtureIds,
  healthyPartition,
  loadFixture,
  type ExpectedArena,
} from '../../../../helpers/fixtures.ts'
import { buildPartition, noise, prose, type ArenaPlanState, type BlockPlan } from '../../../../helpers/image-builder.ts'
import { memorySource } from '../../../../helpers/memory-source.ts'
import { blockLines, keyOf, named, scanArena, scanSource } from '../../../../helpers/scan-calls.ts'
import { scratchDir } from '../../../../helpers/scratch.ts'

const healthy = fixtureIds(({ expected }) => !('damage' in expected))

async function sourceOf(id: string): Promise<BlockSource> {
  if (fixture(id).encoding !== 'extents') return memorySource(loadFixture(id), id)
  const path = join(await scratchDir(), id)
  await expandFixture(id, path)
  const source = await openFileSource(path)
  onTestFinished(async () => await source.close())
  return source
}

function stateOf({ clumps, tail, sealScore }: ExpectedArena): ArenaSummary['state'] {
  if ((tail.stored ?? tail.indexed).sealed) return sealScore === null ? 'full, seal pending' : 'sealed'
  return clumps === 0 ? 'empty' : 'active'
}

function summaryOf(arena: ExpectedArena, partition: string): ArenaSummary {
  const { name, start, dataBase, stop, size, clumps, compressedClumps, used, uncompressed, sealScore } = arena
  const version = arena.version as 4 | 5
  const counts = { clumps, compressedClumps, used, uncompressed, endOffset: arena.endOffsetHex }
  const place = { partition, name, offset: start, dataBase, stop, size, version }
  return { ...place, ...counts, state: stateOf(arena), sealScore, damage: [] }
}

async function survey(source: BlockSource, check: boolean): Promise<ArenaSummary[]> {
  const partition = await openArenaPartition(source)
  const summaries: ArenaSummary[] = []
  for (const entry of partition.entries) summaries.push(await surveyArena(partition, entry, { check }))
  return summaries
}

describe.each(healthy)('%s', (id) => {
  const { arenas, blockSize, arenaBase, totalClumps } = healthyPartition(id)
  const expected = (name: string): ArenaSummary[] => arenas.map((arena) => summaryOf(arena, name))

  test.each([false, true])('the survey equals the manifest (check: %s)', async (check) => {
    const source = await sourceOf(id)
    expect(await survey(source, check)).toEqual(expected(source.name))
  })

  test('without check it reads heads, tails and the ends of the logs only', async () => {
    const count: ReadCount = { reads: 0, bytes: 0 }
    await survey(countingSource(await sourceOf(id), count), false)
    expect(count.bytes).toBeLessThan(16 + 4096 + arenas.length * 1200)
    expect(count.reads).toBeLessThanOrEqual(2 + 5 * arenas.length)
  })

  test('the scan yields each block once, in one pass, without a remark', async () => {
    const { partition, damage, arenas: scanned, count } = await scanSource(await sourceOf(id))
    expect(partition.header).toMatchObject({ blockSize, arenaBase })
    expect(damage).toEqual([])
    const lines = blockLines(scanned)
    expect(lines).toHaveLength(totalClumps)
    const hash = clumpListHash(lines)
    expect(hash).toBe(healthyPartition(id).clumpListSha256)
    const listed = expectedBlocks(id)
    if (listed !== null) expect(lines.toSorted()).toEqual(listed)
    for (const [index, { end, blocks }] of scanned.entries()) {
      const { used, clumps } = arenas[index]!
      expect(end).toEqual({ reason: 'log-end', offset: used, index: clumps })
      expect(blocks.map((block) => block.index)).toEqual([...blocks.keys()])
    }
    const log = arenas.reduce((sum, { used }) => sum + used, 0)
    const directory = arenas.reduce(
      (sum, { clumps }) => sum + (Math.floor(clumps / (blockSize / 25)) + 1) * blockSize,
      0,
    )
    expect(count.bytes).toBeLessThan(log + directory + 4096 + arenas.length * 1200)
  })
})

test('a scan resumed at any clump yields the rest', async () => {
  const { partition, arenas } = await scanSource(loadFixture('seq-day2'), 'arenas0')
  const { arena, blocks } = arenas[0]!
  for (const from of [1, 100, 274, 275, 360]) {
    const { offset } = blocks[from]!
    const again = await scanArena(arena!, { offset, index: from })
    expect(again.items.map(keyOf)).toEqual(blocks.slice(from).map(keyOf))
    const unnumbered = await scanArena(arena!, { offset, index: null })
    // The directory tells the number again.
    expect(unnumbered.items.map(keyOf)).toEqual(blocks.slice(from).map(keyOf))
  }
  const end = arenas[0]!.end!.offset
  expect((await scanArena(arena!, { offset: end, index: 361 })).items).toEqual([])
  expect(partition.entries[0]!.name).toBe('arenas0')
})

test('a scan with a limit ends at the first clump behind it', async () => {
  const { arenas } = await scanSource(loadFixture('seq-day1'), 'arenas0')
  const { arena, blocks } = arenas[0]!
  const to = blocks[99]!.offset + 1
  const items: ScanItem[] = []
  const batches = new ClumpScanner(arena!, { from: 0, index: 0, to }).run()
  for (;;) {
    const { value, done } = await batches.next()
    if (done === true) {
      expect(value).toEqual({ reason: 'limit', offset: blocks[100]!.offset, index: 100 })
      break
    }
    items.push(...value)
  }
  expect(items.map(keyOf)).toEqual(blocks.slice(0, 100).map(keyOf))
})

test('a cancelled scan ends with the one code for that', async () => {
  const { arenas } = await scanSource(loadFixture('seq-day3'), 'arenas0')
  const batches = new ClumpScanner(arenas[0]!.arena!, { from: 0, index: 0, signal: AbortSignal.abort() }).run()
  await expect(batches.next()).rejects.toMatchObject({ code: 'cancelled' })
  await expect(batches.next()).resolves.toMatchObject({ done: true })
})

test('answers that come back in another order change nothing', async () => {
  const image = loadFixture('seq-day3')
  const plain = await scanSource(image)
  for (const seed of [1, 2, 3]) {
    const shuffled = await scanSource(faultySource(memorySource(image), { latency: { turns: 7, seed } }))
    expect(shuffled.arenas.map(({ blocks, end }) => [blocks.map(keyOf), end])).toEqual(
      plain.arenas.map(({ blocks, end }) => [blocks.map(keyOf), end]),
    )
  }
})

describe('a tail that lags behind the log', () => {
  test('stale-trailer: everything of day 2 is found, nothing is damage', async () => {
    const { arenas, damage } = await scanSource(loadFixture('stale-trailer'))
    expect(damage).toEqual([])
    expect(blockLines(arenas).toSorted()).toEqual(expectedBlocks('seq-day2'))
    const { arena, end } = arenas[0]!
    expect(end).toEqual({ reason: 'log-end', offset: 0xd8ed3, index: 361 })
    // Where a cursor may stand is the tail's word, not the log's.
    expect(arena!.counted).toMatchObject({ used: 0x974d1, clumps: 275 })
    const quick = await survey(memorySource(loadFixture('stale-trailer')), false)
    expect(quick[0]).toMatchObject({ clumps: 361, endOffset: '0xd8ed3', state: 'active', damage: [] })
  })

  test('bad-torn-uncounted: the torn clump behind the tail ends the log and is no damage', async () => {
    const { arenas, damage } = await scanSource(loadFixture('bad-torn-uncounted'))
    expect(damage).toEqual([])
    expect(arenas[2]!.blocks).toHaveLength(196)
    expect(arenas[2]!.end).toEqual({ reason: 'torn', offset: 0x11afb1, index: 196 })
  })
})

const blocks: readonly BlockPlan[] = [
  { data: Buffer.from('a'), type: 1 },
  { data: prose(300, 1), type: 2 },
  { data: noise(511, 2), type: 3 },
  { data: prose(8192, 3), type: 13 },
  { data: noise(57344, 4), type: 13 },
  { data: Buffer.alloc(57344, 7), type: 9 },
  ...Array.from({ length: 60 }, (_, i) => ({ data: prose(100 + i, 100 + i), type: 13 })),
  { data: noise(1, 5), type: 13 },
]

describe.each([512, 1024, 2048, 4096, 8192, 16384, 32768, 65536])('blocks of %d bytes', (blockSize) => {
  const states: ArenaPlanState[] = ['open', 'full', 'flushed', 'sealed']
  const shown = { open: 'active', full: 'full, seal pending', flushed: 'full, seal pending', sealed: 'sealed' } as const

  test.each([4, 5] as const)('version %d in every state', async (version) => {
    const { bytes, arenas } = buildPartition({
      blockSize,
      arenas: [
        {},
        ...states.map((state) => ({ version, state, blocks, oldBytes: version === 5 })),
        ...states.map((state) => ({
          version,
          state,
          blocks,
          indexed: state === 'open' || state === 'full' ? 3 : blocks.length,
        })),
        { version, blocks, uncounted: blocks.length, oldBytes: version === 5 },
        { version, blocks, uncounted: 30, indexed: 2 },
        {},
      ],
      slackBytes: 300,
    })
    const scanned = await scanSource(bytes)
    expect(scanned.damage).toEqual([])
    for (const [index, { blocks: found, end }] of scanned.arenas.entries()) {
      const { clumps } = arenas[index]!
      expect(found.map(({ offset, type, score, nextOffset }) => [offset, type, score, nextOffset])).toEqual(
        clumps.map(({ offset, type, score, nextOffset }) => [offset, type, score, nextOffset]),
      )
      expect(found.every((block, i) => Buffer.compare(block.data, clumps[i]!.data) === 0)).toBe(true)
      expect(end).toEqual({ reason: 'log-end', offset: clumps.at(-1)?.nextOffset ?? 0, index: clumps.length })
    }
    for (const check of [false, true]) {
      const summaries = await survey(memorySource(bytes), check)
      expect(summaries.map(({ state }) => state)).toEqual([
        'empty',
        ...states.map((state) => shown[state]),
        ...states.map((state) => shown[state]),
        'active',
        'active',
        'empty',
      ])
      expect(summaries.flatMap(({ damage }) => named(damage))).toEqual([])
      for (const { clumps } of summaries.slice(1, -1)) expect(clumps).toBe(blocks.length)
    }
  })
})

describe('what is no arena partition', () => {
  test.each([
    ['nothing', Buffer.alloc(0), '0 bytes are too few'],
    ['zeros', Buffer.alloc(300_000), 'magic is 0x0, expected 0xa9e4a5e7'],
    [
      'a header and nothing behind it',
      loadFixture('empty').subarray(0, 262144 + 600),
      'before its arena table at 0x42000',
    ],
    [
      'a table of nothing',
      loadFixture('empty').fill(0, 270336, 794624),
      'arena table at 0x42000 has no usable line: it is empty',
    ],
  ])('%s', async (_, image, message) => {
    const opening = openArenaPartition(memorySource(image, 'disk.img'))
    await expect(opening).rejects.toBeInstanceOf(AppError)
    await expect(opening).rejects.toMatchObject({ code: 'not-arena-partition' })
    await expect(opening).rejects.toThrow(/^disk\.img: /)
    await expect(opening).rejects.toThrow(message)
  })
})
