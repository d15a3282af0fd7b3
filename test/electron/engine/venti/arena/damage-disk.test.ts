// Disks that fail: regions that cannot be read are damage like any other and cost the clumps in them; a device that is gone
// ends the run with an error, whichever read meets it first.

import { describe, expect, test } from 'vitest'
import { AppError } from '../../../../../shared/errors.ts'
import { losesBlocks } from '../../../../../shared/model/damage.ts'
import type { BlockSource } from '../../../../../electron/engine/source/block-source.ts'
import { countingSource, type ReadCount } from '../../../../../electron/engine/source/counting-source.ts'
import { openArenaPartition } from '../../../../../electron/engine/venti/arena/arena-partition.ts'
import { surveyArena } from '../../../../../electron/engine/venti/arena/survey.ts'
import {
  arenaOf,
  expectLost,
  intactBuilt,
  intactFixture,
  expectOnlyLost,
  touched,
  type IntactArena,
} from '../../../../helpers/damage-cases.ts'
import { faultySource, type Faults } from '../../../../helpers/faulty-source.ts'
import { loadFixture } from '../../../../helpers/fixtures.ts'
import { buildPartition, noise, prose } from '../../../../helpers/image-builder.ts'
import { memorySource } from '../../../../helpers/memory-source.ts'
import { named, scanSource, type ScannedArena } from '../../../../helpers/scan-calls.ts'

const page = 4096
const down = (at: number): number => Math.floor(at / page) * page
const up = (at: number): number => Math.ceil(at / page) * page

type Range = { readonly start: number; readonly end: number }

const badSource =
  (...unreadable: readonly Range[]) =>
  (image: Buffer): BlockSource =>
    faultySource(memorySource(image), { unreadable })

/** Scans an arena of seq-day3 with these clump offsets unreadable; the clumps in the bad pages are lost. */
async function scanBad(name: string, regions: readonly Range[]): Promise<{ arena: ScannedArena; intact: IntactArena }> {
  const { dataBase } = arenaOf(intactFixture('seq-day3'), name)
  const ranges = regions.map(({ start, end }) => ({ start: dataBase + start, end: dataBase + end }))
  const lostIn = (one: IntactArena): number[] => {
    const lost = ranges.flatMap(({ start, end }) => touched(one, down(start) - dataBase, up(end) - dataBase))
    return [...new Set(lost)].toSorted((a, b) => a - b)
  }
  return await expectOnlyLost('seq-day3', name, (_, one) => lostIn(one), badSource(...ranges))
}

describe('a region of the log that cannot be read', () => {
  test.each([
    ['a sector at the beginning', 'arenas0', [{ start: 0, end: 512 }]],
    ['a sector in the middle', 'arenas0', [{ start: 900_000, end: 900_512 }]],
    ['64 KiB', 'arenas1', [{ start: 500_000, end: 565_536 }]],
    ['across two reads', 'arenas1', [{ start: 2 ** 20 - 700, end: 2 ** 20 + 300 }]],
    ['the whole of one read', 'arenas1', [{ start: 2 ** 20 - 5000, end: 2 ** 21 - 100_000 }]],
    [
      'several',
      'arenas0',
      [
        { start: 5000, end: 5001 },
        { start: 300_000, end: 320_000 },
        { start: 1_500_000, end: 1_500_001 },
      ],
    ],
    ['the end', 'arenas0', [{ start: 2_057_191 - 100, end: 2_057_191 }]],
  ] as const)('%s', async (_, name, regions) => {
    const { arena, intact } = await scanBad(name, regions)
    const reported = arena.damage.filter(({ kind }) => kind === 'unreadable-region')
    const pages = regions.map(({ start, end }) => [down(intact.dataBase + start), up(intact.dataBase + end)])
    expect(
      reported.map(({ partitionOffset, clumpOffset, nextOffset }) => [
        partitionOffset,
        clumpOffset! + intact.dataBase,
        nextOffset! + intact.dataBase,
      ]),
    ).toEqual(
      // A region that begins before the log or ends behind it is known as far as the log was read.
      pages.map(([from, to]) => {
        const first = Math.max(from!, intact.dataBase)
        const end = intact.dataBase + intact.clumps.at(-1)!.nextOffset
        const last = to! > end ? expect.any(Number) : to
        return [first, first, last]
      }),
    )
    expect(reported.every((one) => !losesBlocks(one))).toBe(true)
  })

  test('behind what the tail counts: no block is missed, nothing is lost', async () => {
    const { start, end } = { start: 1_159_169, end: 1_165_000 }
    const { arena } = await expectOnlyLost(
      'seq-day3',
      'arenas2',
      () => [],
      badSource({ start: 4_997_120 + start, end: 4_997_120 + end }),
    )
    expect(arena.damage.map(({ kind }) => kind)).toEqual(['unreadable-region'])
  })

  test('a bad place costs a bounded number of reads', async () => {
    const intact = arenaOf(intactFixture('seq-day3'), 'arenas1')
    const count: ReadCount = { reads: 0, bytes: 0 }
    const from = intact.dataBase + 500_000
    await scanSource(
      countingSource(badSource({ start: from, end: from + 512 })(loadFixture('seq-day3')), count),
      'arenas1',
    )
    expect(count.reads).toBeLessThan(80)
  })
})

describe('a directory that cannot be read', () => {
  test('in part: named with its place, no block is lost, the rest of it is still compared', async () => {
    const { arena, intact } = await expectOnlyLost(
      'seq-day3',
      'arenas0',
      (image, one) => {
        image[one.entryAddress(400) + 7]! ^= 1
        return []
      },
      (image) =>
        badSource({
          start: arenaOf(intactFixture('seq-day3'), 'arenas0').tailAt - 100,
          end: arenaOf(intactFixture('seq-day3'), 'arenas0').tailAt - 50,
        })(image),
    )
    expect(arena.damage.map(({ kind, partitionOffset, index }) => [kind, partitionOffset, index])).toEqual([
      ['directory-differs', intact.dataBase + intact.clumps[400]!.offset, 400],
      ['directory-unreadable', intact.tailAt - 8192, null],
    ])
  })

  test('with damage in the log: the clump is still all that is lost', async () => {
    const { tailAt } = arenaOf(intactFixture('seq-day3'), 'arenas0')
    for (const index of [10, 320, 400]) {
      await expectOnlyLost(
        'seq-day3',
        'arenas0',
        (image, one) => {
          image.fill(0, one.dataBase + one.clumps[index]!.offset, one.dataBase + one.clumps[index]!.offset + 38)
          return [index]
        },
        badSource({ start: tailAt - 2 * 8192, end: tailAt }),
      )
    }
  })
})

describe('heads and tails that cannot be read', () => {
  const { start, tailAt } = arenaOf(intactFixture('seq-day3'), 'arenas1')

  test.each([
    ['the head', [{ start, end: start + 512 }], ['head-missing']],
    ['the tail', [{ start: tailAt, end: tailAt + 512 }], ['tail-missing']],
    ['the seal', [{ start: tailAt + 8192 - 512, end: tailAt + 8192 }], ['seal-mismatch']],
    [
      'head and tail',
      [
        { start, end: start + 8 },
        { start: tailAt, end: tailAt + 8 },
      ],
      ['head-missing', 'tail-missing'],
    ],
  ])('%s: no block is lost', async (_, ranges, kinds) => {
    const { arena } = await expectOnlyLost('seq-day3', 'arenas1', () => [], badSource(...ranges))
    expect(arena.damage.map(({ kind }) => kind)).toEqual(kinds)
  })

  test('nothing of the arena: it is left out, the others are read', async () => {
    const scanned = await scanSource(badSource({ start, end: tailAt + 8192 })(loadFixture('seq-day3')))
    expect(scanned.arenas.map(({ blocks }) => blocks.length)).toEqual([503, 0, 197, 0, 0, 0])
    expect(named(scanned.damage)).toEqual(['head-missing - -', 'tail-missing - -', 'arena-unreadable - -'])
  })
})

test('a seal over a region that cannot be read does not end the survey', async () => {
  const image = loadFixture('seq-day3-sealed')
  const { stop, tailAt, start } = arenaOf(intactFixture('seq-day3-sealed'), 'arenas0')
  for (const range of [
    { start: start + 600, end: start + 700 },
    { start: start + 2_090_000, end: start + 2_090_001 },
    { start: tailAt - 8192, end: tailAt },
  ]) {
    const partition = await openArenaPartition(badSource(range)(image))
    const { damage, clumps } = await surveyArena(partition, partition.entries[0]!, { check: true })
    expect(clumps).toBe(503)
    expect(damage.map(({ kind, partitionOffset }) => [kind, partitionOffset])).toContainEqual([
      'seal-mismatch',
      stop - 20,
    ])
  }
})

describe('a table that cannot be read', () => {
  test('beyond its text: no matter', async () => {
    const scanned = await scanSource(badSource({ start: 274_432, end: 794_624 })(loadFixture('seq-day3')))
    expect(scanned.damage).toEqual([])
  })

  test('a large one with a bad place behind its text', async () => {
    const arenas = Array.from({ length: 200 }, (_, i) => ({ name: `arena-with-a-long-name-${i}`, sizeBytes: 2560 }))
    const { bytes, tableBase } = buildPartition({ blockSize: 512, arenas, tableBytes: 65536 })
    const textBytes = bytes.indexOf(0, tableBase) - tableBase
    expect(textBytes).toBeGreaterThan(4096)
    const partition = await openArenaPartition(badSource({ start: tableBase + 20_480, end: tableBase + 24_000 })(bytes))
    expect(partition.entries).toHaveLength(200)
  })

  test('its text: an error that names the place', async () => {
    const opening = openArenaPartition(badSource({ start: 270_336, end: 270_400 })(loadFixture('seq-day3')))
    await expect(opening).rejects.toMatchObject({ code: 'source-read' })
    await expect(opening).rejects.toThrow('memory: reading 4096 bytes at 0x42000 failed (EIO)')
  })

  test('its header: an error that names the place', async () => {
    const opening = openArenaPartition(badSource({ start: 262_144, end: 262_200 })(loadFixture('seq-day3')))
    await expect(opening).rejects.toThrow('memory: reading 16 bytes at 0x40000 failed (EIO)')
  })
})

describe('a device that is gone', () => {
  const blocks = Array.from({ length: 40 }, (_, i) => ({ data: i % 2 === 0 ? noise(400, i) : prose(900, i) }))
  const built = buildPartition({
    blockSize: 512,
    arenas: [{ blocks, state: 'sealed' }, { blocks, uncounted: 3 }, { version: 4, blocks, indexed: 2 }, {}],
  })

  async function allReads(image: Buffer, faults: Faults): Promise<number> {
    const count: ReadCount = { reads: 0, bytes: 0 }
    const partition = await openArenaPartition(faultySource(countingSource(memorySource(image), count), faults))
    for (const entry of partition.entries) {
      const { damage } = await surveyArena(partition, entry, { check: true })
      if (image === built.bytes && damage.length > 0) throw new Error(`taken for damage: ${named(damage).join()}`)
    }
    return count.reads
  }

  test('ends the run with an error, at whatever read it happens', async () => {
    const reads = await allReads(built.bytes, {})
    for (let vanishAfter = 0; vanishAfter < reads; vanishAfter++) {
      const ended = await allReads(built.bytes, { vanishAfter }).catch((error: unknown) => error)
      expect([vanishAfter, ended]).toEqual([vanishAfter, expect.any(AppError)])
      expect((ended as AppError).code).toBe('source-read')
      expect((ended as AppError).message).toMatch(/^memory: .*0x[0-9a-f]+/)
    }
    expect(await allReads(built.bytes, { vanishAfter: reads })).toBe(reads)
  })

  test('also while damage is being stepped over', async () => {
    const image = Buffer.from(built.bytes)
    for (const { clumps, entryAddress } of built.arenas) {
      for (const index of [3, 4, 20].filter((one) => one < clumps.length)) {
        image.fill(0, clumps[index]!.address, clumps[index]!.address + 38)
        image.fill(0, entryAddress(index), entryAddress(index) + 25)
      }
    }
    const reads = await allReads(image, {})
    for (let vanishAfter = 0; vanishAfter < reads; vanishAfter++) {
      await expect(allReads(image, { vanishAfter })).rejects.toMatchObject({ code: 'source-read' })
    }
  })

  test('a file cut short while it is read: the part that is left is read, the rest is damage', async () => {
    const { arenas } = built
    const cutAt = arenas[1]!.clumps[20]!.address + 10
    const scanned = await scanSource(faultySource(memorySource(built.bytes), { cutAt }))
    expect(scanned.arenas[0]!.blocks).toHaveLength(40)
    const found = scanned.arenas[1]!
    expect(found.blocks.every((block) => arenas[1]!.clumps[block.index!]!.score === block.score)).toBe(true)
    expect(found.damage.map(({ kind }) => kind)).toContain('unreadable-region')
    expect(scanned.arenas.slice(2).every(({ arena }) => arena === null)).toBe(true)
  })

  test('whole again: what was lost arrives', async () => {
    const range = { start: built.arenas[0]!.clumps[5]!.address, end: built.arenas[0]!.clumps[9]!.address }
    const broken = await scanSource(badSource(range)(built.bytes))
    expect(broken.arenas[0]!.blocks.length).toBeLessThan(40)
    expectLost(await scanSource(built.bytes), intactBuilt(built), 'arenas0', [])
  })
})
