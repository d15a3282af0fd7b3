// Damage in the log and its directory, by the policy of venti-arenas.md 7.5: the damaged fixtures first, then the kinds they
// do not have, made from the healthy ones. Every good block arrives once, every loss is named, other arenas are untouched.

import { describe, expect, test } from 'vitest'
import { openArenaPartition } from '../../../../../electron/engine/venti/arena/arena-partition.ts'
import { surveyArena } from '../../../../../electron/engine/venti/arena/survey.ts'
import type { Damage } from '../../../../../shared/model/damage.ts'
import {
  clumpKeys,
  expectBoundedReads,
  intactFixture,
  lossKeys,
  expectOnlyLost,
  touched,
  type IntactArena,
} from '../../../../helpers/damage-cases.ts'
import {
  clumpListHash,
  expectedBlocksHash,
  fixture,
  fixtureIds,
  loadFixture,
  type DamagedPartition,
} from '../../../../helpers/fixtures.ts'
import { entryBytes, headerBytes, noise } from '../../../../helpers/image-builder.ts'
import { memorySource } from '../../../../helpers/memory-source.ts'
import { blockLines, named, scanSource } from '../../../../helpers/scan-calls.ts'

function damaged(id: string): DamagedPartition {
  const { expected } = fixture(id)
  if (!('damage' in expected)) throw new Error(`${id} is healthy`)
  return expected
}

async function checkedDamage(image: Buffer): Promise<Damage[]> {
  const partition = await openArenaPartition(memorySource(image))
  const found = [...partition.damage]
  for (const entry of partition.entries) {
    const { damage } = await surveyArena(partition, entry, { check: true })
    found.push(...damage.filter((one) => !partition.damage.includes(one)))
  }
  return found
}

/** What a scan with seals says about each damaged fixture. A new fixture fails until it has its line. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  'bad-flip-plain': ['score-mismatch'],
  'bad-flip-compressed': ['score-mismatch'],
  'bad-magic': ['bad-clump-header'],
  'bad-torn-counted': ['incomplete-last-clump'],
  'bad-torn-uncounted': [],
  'bad-zero-head': ['head-missing'],
  'bad-table': ['table-line'],
  'bad-truncated': ['arena-truncated'],
  'bad-directory': ['directory-differs'],
  'bad-seal': ['seal-mismatch'],
  'stale-trailer': [],
}

const damagedIds = fixtureIds(({ expected }) => 'damage' in expected)

describe.each(damagedIds)('%s', (id) => {
  const { damage: made, arenas = [], recoverableClumps, readableArenas } = damaged(id)

  test('each damage is named: kind, arena, clump, score', async () => {
    const found = await checkedDamage(loadFixture(id))
    expect(found.map(({ kind }) => kind)).toEqual(kinds[id])
    for (const one of found) {
      expect(one.arena).toBe(made.arena ?? 'arenas2')
      if (made.clumpOffset !== undefined) expect(one.clumpOffset).toBe(made.clumpOffset)
      if (made.clumpIndex !== undefined) expect(one.index).toBe(made.clumpIndex)
      if (made.score !== undefined) expect(one.score).toBe(made.score)
    }
    const bad = arenas.flatMap(({ directoryWalk }) => directoryWalk?.bad ?? [])
    const atClumps = found.filter((one) => one.clumpOffset !== null)
    expect(atClumps.map(({ index, clumpOffset }) => [index, clumpOffset])).toEqual(
      bad.map(({ index, clumpOffset }) => [index, clumpOffset]),
    )
  })

  test('everything else arrives', async () => {
    const scanned = await scanSource(loadFixture(id))
    const lines = blockLines(scanned.arenas)
    const wanted = expectedBlocksHash(id)
    if (wanted !== null) expect([lines.length, clumpListHash(lines)]).toEqual([recoverableClumps, wanted])
    for (const { name, recoverable } of arenas) {
      const arena = scanned.arenas.find((one) => one.name === name)!
      expect([name, arena.blocks.length]).toEqual([name, recoverable])
      if (name !== made.arena) expect([name, arena.damage]).toEqual([name, []])
    }
    if (readableArenas !== undefined) {
      expect(scanned.arenas.map(({ name }) => name)).toEqual(readableArenas)
      expect(scanned.arenas.flatMap(({ damage }) => damage)).toEqual([])
    }
    expectBoundedReads(scanned, intactFixture('seq-day3'))
  })
})

test('bad-torn-counted holds the cursor, a damaged clump elsewhere does not', async () => {
  const torn = await scanSource(loadFixture('bad-torn-counted'))
  expect(torn.arenas[2]!.losses.map(({ offset, holdsCursor }) => [offset, holdsCursor])).toEqual([[1159089, true]])
  const flip = await scanSource(loadFixture('bad-flip-plain'))
  expect(flip.arenas[1]!.losses.map(({ offset, holdsCursor }) => [offset, holdsCursor])).toEqual([[823000, false]])
})

test('bad-table: the line is named with its place, and the arena it probably means is proposed, not used', async () => {
  const { damage } = await openArenaPartition(memorySource(loadFixture('bad-table')))
  const { proposal, damage: made } = damaged('bad-table')
  expect(damage).toHaveLength(1)
  const lineAt = 270336 + made.tableText!.indexOf('arenas2')
  expect(damage[0]).toMatchObject({ kind: 'table-line', arena: proposal!.name, partitionOffset: lineAt })
  expect(damage[0]!.detail).toContain(`at ${proposal!.start} to ${proposal!.stop}; it is not used`)
})

const zero = (image: Buffer, from: number, to: number): Buffer => image.fill(0, from, to)
const addressOf = ({ dataBase, clumps }: IntactArena, index: number): number => dataBase + clumps[index]!.offset

function destroy(image: Buffer, arena: IntactArena, index: number, fill: 'zeros' | 'noise'): void {
  const at = addressOf(arena, index)
  if (fill === 'zeros') zero(image, at, at + headerBytes)
  else noise(headerBytes, index).copy(image, at)
}

function destroyEntry(image: Buffer, arena: IntactArena, index: number, fill: 'zeros' | 'noise'): void {
  const at = arena.entryAddress(index)
  if (fill === 'zeros') zero(image, at, at + entryBytes)
  else noise(entryBytes, 1000 + index).copy(image, at)
}

// Full arenas with mixed sizes, with blocks of 8 KiB only, and the one in use; version 4 and large blocks as well.
const places = [
  ['seq-day3', 'arenas0', [0, 255, 327, 502]],
  ['seq-day3', 'arenas1', [0, 127, 250]],
  ['seq-day3', 'arenas2', [0, 195]],
  ['v4-day3', 'arenas0', [1, 200]],
  ['bs32k-day3', 'arenas0', [0, 250]],
] as const

describe.each(places)('%s %s', (id, name, indexes) => {
  test.each(indexes)('clump %i: zero magic in mid-log', async (index) => {
    const { arena, intact, lost } = await expectOnlyLost(id, name, (image, one) => {
      zero(image, addressOf(one, index), addressOf(one, index) + 4)
      return [index]
    })
    expect(lossKeys(arena.damage)).toEqual(clumpKeys('bad-clump-header', intact, lost))
    expect(arena.damage[0]!.detail).toContain('clump magic is 0x0, expected 0x')
  })

  test.each(indexes)('clump %i: header and directory entry destroyed cost one clump', async (index) => {
    for (const fill of ['zeros', 'noise'] as const) {
      const { arena } = await expectOnlyLost(id, name, (image, one) => {
        destroy(image, one, index, fill)
        destroyEntry(image, one, index, fill)
        return [index]
      })
      expect(arena.losses.map(({ damage }) => [damage.index, damage.kind])).toEqual([[index, 'bad-clump-header']])
    }
  })

  test.each(indexes)('clump %i: every field of the header spoiled by itself', async (index) => {
    for (const at of [0, 3, 5, 6, 7, 8, 9, 28, 29]) {
      const { arena } = await expectOnlyLost(id, name, (image, one) => {
        image[addressOf(one, index) + at]! ^= 0x55
        return [index]
      })
      expect(arena.losses.map(({ damage }) => damage.index)).toEqual([index])
    }
    // Creator and time are covered by nothing and mean nothing to a copier.
    const { arena } = await expectOnlyLost(id, name, (image, one) => {
      image.fill(0xff, addressOf(one, index) + 30, addressOf(one, index) + 38)
      return []
    })
    expect(arena.damage).toEqual([])
  })

  test.each(indexes)('clump %i and the next: two consecutive ones, in every way', async (index) => {
    const pair = [index, index + 1].filter(
      (one) => one < intactFixture(id).arenas.find((a) => a.name === name)!.clumps.length,
    )
    const ways: readonly ((image: Buffer, one: IntactArena, at: number) => void)[] = [
      (image, one, at) => destroy(image, one, at, 'zeros'),
      (image, one, at) => destroy(image, one, at, 'noise'),
      (image, one, at) => void (image[addressOf(one, at) + headerBytes]! ^= 1),
      (image, one, at) => void (image[addressOf(one, at)]! ^= 1),
    ]
    for (const [i, first] of ways.entries()) {
      for (const second of [ways[i]!, ways[(i + 1) % ways.length]!]) {
        const { arena, intact } = await expectOnlyLost(id, name, (image, one) => {
          for (const [position, at] of pair.entries()) (position === 0 ? first : second)(image, one, at)
          return pair
        })
        expect(arena.losses.map(({ damage }) => damage.index)).toEqual(pair)
        expect(arena.losses.map(({ damage }) => damage.score)).toEqual(pair.map((at) => intact.clumps[at]!.score))
      }
    }
  })

  test.each([8192, 65536])('holes of %i bytes cost the clumps they touch', async (length) => {
    const { clumps } = intactFixture(id).arenas.find((arena) => arena.name === name)!
    const end = clumps.at(-1)!.nextOffset
    const holes = [
      0,
      20,
      clumps[3]!.offset,
      Math.floor(end / 2),
      2 ** 20 - length / 2,
      end - length - 1,
      end - length,
    ].map((at) => Math.max(0, Math.min(at, end - length)))
    for (const from of holes) {
      for (const fill of ['zeros', 'noise'] as const) {
        const { arena, lost } = await expectOnlyLost(id, name, (image, one) => {
          const [start, stop] = [one.dataBase + from, one.dataBase + from + length]
          if (fill === 'zeros') zero(image, start, stop)
          else noise(length, 5).copy(image, start)
          return touched(one, from, from + length)
        })
        expect(arena.losses.map(({ damage }) => damage.index)).toEqual(lost)
      }
    }
  })

  test.each(['zeros', 'noise'] as const)('the whole directory is %s: no block is lost, one remark', async (fill) => {
    const { arena } = await expectOnlyLost(id, name, (image, one) => {
      const from = one.entryAddress(one.clumps.length - 1)
      const start = from - ((from - one.start) % intactFixture(id).blockSize)
      if (fill === 'zeros') zero(image, start, one.tailAt)
      else noise(one.tailAt - start, 3).copy(image, start)
      return []
    })
    expect(named(arena.damage)).toEqual(['directory-differs 0 0'])
  })

  test('the whole directory is gone and a clump as well: that one is lost', async () => {
    for (const index of indexes) {
      for (const fill of ['zeros', 'noise'] as const) {
        await expectOnlyLost(id, name, (image, one) => {
          const from = one.entryAddress(one.clumps.length - 1)
          const start = from - ((from - one.start) % intactFixture(id).blockSize)
          if (fill === 'zeros') zero(image, start, one.tailAt)
          else noise(one.tailAt - start, 3).copy(image, start)
          destroy(image, one, index, fill)
          return [index]
        })
      }
    }
  })
})

describe('a hole and a garbage directory block', () => {
  const { blockSize } = intactFixture('seq-day3')

  // arenas0 has 503 clumps: entries 0 to 326 in the block before the tail, the rest in the one below.
  test.each([
    [100, 0],
    [100, 1],
    [325, 0],
    [326, 1],
    [330, 0],
    [330, 1],
    [500, 1],
  ])('hole at clump %i, directory block %i', async (index, block) => {
    for (const length of [10, 8192, 65536]) {
      for (const fill of ['zeros', 'noise'] as const) {
        const { intact, arena } = await expectOnlyLost('seq-day3', 'arenas0', (image, one) => {
          const start = one.tailAt - (block + 1) * blockSize
          if (fill === 'zeros') zero(image, start, start + blockSize)
          else noise(blockSize, 17).copy(image, start)
          const from = one.clumps[index]!.offset
          const to = Math.min(from + length, one.clumps.at(-1)!.nextOffset)
          zero(image, one.dataBase + from, one.dataBase + to)
          return touched(one, from, to)
        })
        // The numbers are found again where the directory is whole.
        expect(arena.blocks.at(-1)!.index).toBe(block === 1 && index < 503 ? arena.blocks.at(-1)!.index : 502)
        expect(intact.clumps).toHaveLength(503)
      }
    }
  })
})

describe('a clump marked corrupt', () => {
  const mark = (image: Buffer, one: IntactArena, index: number, where: 'header' | 'both' | 'directory'): void => {
    if (where !== 'directory') image[addressOf(one, index) + 4] = 255
    if (where !== 'header') image[one.entryAddress(index)] = 255
  }

  test.each(['header', 'both'] as const)(
    'in the %s: skipped and named, one and several in a row, the first and the last',
    async (where) => {
      for (const [name, indexes] of [
        ['arenas0', [0]],
        ['arenas0', [100]],
        ['arenas0', [100, 101, 102, 103]],
        ['arenas0', [502]],
        ['arenas2', [196]],
        ['arenas2', [195, 196]],
      ] as const) {
        const { arena, intact, lost } = await expectOnlyLost('seq-day3', name, (image, one) => {
          for (const index of indexes) mark(image, one, index, where)
          return indexes
        })
        expect(lossKeys(arena.damage)).toEqual(clumpKeys('marked-corrupt', intact, lost))
        expect(arena.losses.some(({ holdsCursor }) => holdsCursor)).toBe(false)
      }
    },
  )

  test('in the directory only: the block is good and arrives', async () => {
    const { arena } = await expectOnlyLost('seq-day3', 'arenas0', (image, one) => {
      mark(image, one, 100, 'directory')
      return []
    })
    expect(named(arena.damage)).toEqual([
      `directory-differs ${intactFixture('seq-day3').arenas[0]!.clumps[100]!.offset} 100`,
    ])
  })

  test('with a damaged block behind it', async () => {
    const { arena } = await expectOnlyLost('seq-day3', 'arenas1', (image, one) => {
      mark(image, one, 100, 'both')
      destroy(image, one, 101, 'zeros')
      return [100, 101]
    })
    expect(arena.losses.map(({ damage }) => damage.kind)).toEqual(['marked-corrupt', 'bad-clump-header'])
  })
})

describe('a type that only the header or only the directory has', () => {
  const legal = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 13])

  test.each([0, 1, 2, 5, 9, 10, 12, 14, 77, 254])(
    'type %i in the header: the block is sent as what it can be',
    async (type) => {
      const { arena, intact } = await expectOnlyLost('seq-day3', 'arenas1', (image, one) => {
        image[addressOf(one, 100) + 4] = type
        return []
      })
      const block = arena.blocks[100]!
      const sent = [block.type, block.alsoType].filter((one) => one !== null)
      expect(sent).toEqual(legal.has(type) ? [type, intact.clumps[100]!.type] : [intact.clumps[100]!.type])
      expect(named(arena.damage)).toEqual([`type-differs ${block.offset} 100`])
    },
  )

  test.each([1, 2, 5, 9])('type %i in the directory: the block is sent as both', async (type) => {
    const { arena, intact } = await expectOnlyLost('seq-day3', 'arenas1', (image, one) => {
      image[one.entryAddress(100)] = type
      return []
    })
    expect([arena.blocks[100]!.type, arena.blocks[100]!.alsoType]).toEqual([intact.clumps[100]!.type, type])
    expect(named(arena.damage)).toEqual([`type-differs ${intact.clumps[100]!.offset} 100`])
  })
})

describe('the last counted clump', () => {
  const spoilLast =
    (fill: 'zeros' | 'data') =>
    (image: Buffer, one: IntactArena): readonly number[] => {
      const last = one.clumps.length - 1
      if (fill === 'zeros') zero(image, addressOf(one, last), addressOf(one, last) + 8)
      else image[addressOf(one, last) + headerBytes + 5]! ^= 0x40
      return [last]
    }

  test.each(['zeros', 'data'] as const)('of a full or sealed arena is plain damage (%s)', async (fill) => {
    for (const id of ['seq-day3', 'seq-day3-sealed', 'v4-day3-sealed']) {
      const { arena, intact, lost } = await expectOnlyLost(id, 'arenas0', spoilLast(fill))
      const kind = fill === 'zeros' ? 'bad-clump-header' : 'score-mismatch'
      expect(lossKeys(arena.damage)).toEqual(clumpKeys(kind, intact, lost))
      expect(arena.losses.map(({ holdsCursor }) => holdsCursor)).toEqual([false])
    }
  })

  test.each(['zeros', 'data'] as const)(
    'of an arena in use may still be completed: it holds the cursor (%s)',
    async (fill) => {
      const { arena, intact, lost } = await expectOnlyLost('seq-day3', 'arenas2', spoilLast(fill))
      expect(lossKeys(arena.damage)).toEqual(clumpKeys('incomplete-last-clump', intact, lost))
      expect(arena.losses.map(({ holdsCursor }) => holdsCursor)).toEqual([true])
    },
  )

  test('with the one before it: only the last holds the cursor', async () => {
    const { arena } = await expectOnlyLost('seq-day3', 'arenas2', (image, one) => {
      zero(image, addressOf(one, 195), one.dataBase + one.clumps[196]!.nextOffset)
      return [195, 196]
    })
    expect(arena.losses.map(({ damage, holdsCursor }) => [damage.index, damage.kind, holdsCursor])).toEqual([
      [195, 'bad-clump-header', false],
      [196, 'incomplete-last-clump', true],
    ])
  })

  test('lost in a region without a directory holds the cursor at its beginning', async () => {
    const { arena } = await expectOnlyLost('seq-day3', 'arenas2', (image, one) => {
      zero(image, one.tailAt - 8192, one.tailAt)
      zero(image, addressOf(one, 190), one.dataBase + one.clumps[196]!.nextOffset)
      return [190, 191, 192, 193, 194, 195, 196]
    })
    expect(arena.losses.map(({ damage, holdsCursor }) => [damage.kind, damage.index, holdsCursor])).toEqual([
      ['lost-region', 190, true],
    ])
  })
})

test('damage around the borders of the read window', async () => {
  const { clumps } = intactFixture('seq-day3').arenas[0]!
  const around = clumps.filter(({ offset, nextOffset }) => offset < 2 ** 20 + 9000 && nextOffset > 2 ** 20 - 230_000)
  expect(around.length).toBeGreaterThan(20)
  for (const { index } of around) {
    await expectOnlyLost('seq-day3', 'arenas0', (image, one) => {
      destroy(image, one, index, 'zeros')
      return [index]
    })
    // Without the directory the magic has to be found, on whichever side of the border.
    await expectOnlyLost('seq-day3', 'arenas0', (image, one) => {
      zero(image, one.tailAt - 2 * 8192, one.tailAt)
      destroy(image, one, index, 'zeros')
      return [index]
    })
  }
})

test('damage in many places of one arena', async () => {
  for (const [step, withDirectory] of [
    [2, true],
    [3, true],
    [7, true],
    [2, false],
    [5, false],
  ] as const) {
    await expectOnlyLost('seq-day3', 'arenas0', (image, one) => {
      if (!withDirectory) zero(image, one.tailAt - 2 * 8192, one.tailAt)
      const indexes = one.clumps.map(({ index }) => index).filter((index) => index % step === 1)
      for (const index of indexes) destroy(image, one, index, index % 4 === 1 ? 'zeros' : 'noise')
      return indexes
    })
  }
})
