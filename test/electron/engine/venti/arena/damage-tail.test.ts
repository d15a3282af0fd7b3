// Damage in heads and tails, by venti-arenas.md 7.5: zeroed blocks, a wrong version, every single bit of a tail's fields,
// counters that lag behind the log or run ahead of it. No block is lost by any of it.

import { describe, expect, test } from 'vitest'
import { openArenaPartition } from '../../../../../electron/engine/venti/arena/arena-partition.ts'
import { surveyArena } from '../../../../../electron/engine/venti/arena/survey.ts'
import {
  arenaOf,
  expectLost,
  intactBuilt,
  intactFixture,
  expectOnlyLost,
  type IntactArena,
} from '../../../../helpers/damage-cases.ts'
import { healthyPartition, loadFixture } from '../../../../helpers/fixtures.ts'
import { buildPartition, noise, prose, type ArenaPlan, type BuiltPartition } from '../../../../helpers/image-builder.ts'
import { memorySource } from '../../../../helpers/memory-source.ts'
import { named, scanSource, type Scanned } from '../../../../helpers/scan-calls.ts'

const zeroBlock = (image: Buffer, at: number): void => void image.fill(0, at, at + 8192)

describe.each([
  ['seq-day3', 'arenas0'],
  ['seq-day3', 'arenas2'],
  ['seq-day3-sealed', 'arenas1'],
  ['v4-day3', 'arenas0'],
  ['bs32k-day3', 'arenas0'],
])('%s %s', (id, name) => {
  const { blockSize } = healthyPartition(id)

  test('a zeroed tail: the log is walked without it', async () => {
    const { arena, intact } = await expectOnlyLost(id, name, (image, one) => {
      image.fill(0, one.tailAt, one.tailAt + blockSize)
      return []
    })
    expect(arena.damage.map(({ kind, partitionOffset }) => [kind, partitionOffset])).toEqual([
      ['tail-missing', intact.tailAt],
    ])
    expect(arena.end).toEqual({
      reason: 'log-end',
      offset: intact.clumps.at(-1)!.nextOffset,
      index: intact.clumps.length,
    })
    // No cursor moves in this arena.
    expect(arena.arena!.counted).toBeNull()
  })

  test('a zeroed tail and damaged clumps: only those are lost', async () => {
    const { arena } = await expectOnlyLost(id, name, (image, one) => {
      image.fill(0, one.tailAt, one.tailAt + blockSize)
      for (const index of [0, 10, 100]) image[one.dataBase + one.clumps[index]!.offset + 40]! ^= 1
      for (const index of [50, 51])
        image.fill(0, one.dataBase + one.clumps[index]!.offset, one.dataBase + one.clumps[index]!.offset + 38)
      return [0, 10, 50, 51, 100]
    })
    expect(arena.losses.map(({ damage }) => [damage.kind, damage.index])).toEqual([
      ['score-mismatch', 0],
      ['score-mismatch', 10],
      ['lost-region', 50],
      ['score-mismatch', null],
    ])
  })

  test('a zeroed head', async () => {
    const { arena, intact } = await expectOnlyLost(id, name, (image, one) => {
      image.fill(0, one.start, one.start + blockSize)
      return []
    })
    const kinds = arena.damage.map(({ kind, partitionOffset }) => [kind, partitionOffset])
    expect(kinds).toEqual([['head-missing', intact.start]])
  })

  test('head and tail zeroed: the first clump gives the magic', async () => {
    const { arena } = await expectOnlyLost(id, name, (image, one) => {
      image.fill(0, one.start, one.start + blockSize)
      image.fill(0, one.tailAt, one.tailAt + blockSize)
      return []
    })
    expect(arena.damage.map(({ kind }) => kind)).toEqual(['head-missing', 'tail-missing'])
  })

  test.each([0, 1, 2, 3, 6, 7, 13, 255, 0x80000005])('the tail says version %i', async (version) => {
    const own = healthyPartition(id).arenas.find((arena) => arena.name === name)!
    const { arena } = await expectOnlyLost(id, name, (image, one) => {
      image.writeUInt32BE(version, one.tailAt + 4)
      return []
    })
    expect(arena.damage.map(({ kind }) => kind)).toEqual(['tail-differs'])
    // Everything else in it is as it should be, so its counters are read the way the head says.
    const counters = own.tail.stored ?? own.tail.indexed
    expect(arena.arena!.counted).toEqual(counters)
  })

  test('the tail says the other version', async () => {
    const own = healthyPartition(id).arenas.find((arena) => arena.name === name)!
    const { arena } = await expectOnlyLost(id, name, (image, one) => {
      image.writeUInt32BE(own.version === 5 ? 4 : 5, one.tailAt + 4)
      return []
    })
    expect(arena.damage.map(({ kind }) => kind)).toEqual(['tail-differs'])
    expect(arena.arena).toMatchObject({ version: own.version, counted: own.tail.stored ?? own.tail.indexed })
  })

  test('the head says another version or clump magic', async () => {
    for (const at of own5(id) ? [7, 84, 87] : [7]) {
      const { arena } = await expectOnlyLost(id, name, (image, one) => {
        image[one.start + at]! ^= 1
        return []
      })
      expect(arena.damage.map(({ kind }) => kind)).toEqual(['head-differs'])
      expect(arena.arena!.counted).not.toBeNull()
    }
  })
})

const own5 = (id: string): boolean => healthyPartition(id).arenas[0]!.version === 5

describe('a clump magic that only the tail or only the head has', () => {
  test('in the tail: the first clump decides for the head, also in an arena whose tail counts nothing', async () => {
    const counted = await expectOnlyLost('seq-day3', 'arenas2', (image, one) => {
      image[one.tailAt + 90]! ^= 4
      return []
    })
    expect(counted.arena.damage.map(({ kind }) => kind)).toEqual(['tail-differs'])
    expect(counted.arena.arena!.counted).not.toBeNull()

    const blocks = [{ data: prose(500, 1) }, { data: prose(700, 2) }]
    const built = buildPartition({ arenas: [{ blocks, uncounted: 2 }] })
    built.bytes[built.arenas[0]!.tailAt + 88]! ^= 1
    const scanned = await scanSource(built.bytes)
    expectLost(scanned, intactBuilt(built), 'arenas0', [])
    expect(scanned.damage.map(({ kind }) => kind)).toEqual(['tail-differs'])
  })

  test('names that differ are remarks', async () => {
    const tail = await expectOnlyLost('seq-day3', 'arenas0', (image, one) => {
      image.write('other', one.tailAt + 8)
      return []
    })
    expect(tail.arena.damage.map(({ kind }) => kind)).toEqual(['tail-differs'])
    const head = await expectOnlyLost('seq-day3', 'arenas0', (image, one) => {
      image.write('other', one.start + 8)
      return []
    })
    expect(head.arena.damage.map(({ kind }) => kind)).toEqual(['head-differs'])
  })
})

test('an arena of which neither head nor tail nor first clump can be read is left out; the others are read', async () => {
  const image = loadFixture('seq-day3')
  const intact = intactFixture('seq-day3')
  const one = arenaOf(intact, 'arenas1')
  for (const at of [one.start, one.dataBase, one.tailAt]) zeroBlock(image, at)
  const scanned = await scanSource(image)
  expect(scanned.arenas[1]).toMatchObject({ arena: null, blocks: [] })
  expect(scanned.arenas[1]!.damage.map(({ kind }) => kind)).toEqual([
    'head-missing',
    'tail-missing',
    'arena-unreadable',
  ])
  expect(scanned.arenas.map(({ blocks }) => blocks.length)).toEqual([503, 0, 197, 0, 0, 0])
})

describe('counters that do not fit the log', () => {
  const counters = (image: Buffer, { tailAt }: IntactArena, change: { clumps?: number; used?: number }): void => {
    if (change.clumps !== undefined) image.writeUInt32BE(change.clumps, tailAt + 110)
    if (change.used !== undefined) image.writeBigUInt64BE(BigInt(change.used), tailAt + 118)
  }
  const { clumps } = arenaOf(intactFixture('seq-day3'), 'arenas2')
  const end = clumps.at(-1)!.nextOffset

  test.each([
    ['one clump less', { clumps: 196 }],
    ['one clump more', { clumps: 198 }],
    ['no clumps', { clumps: 0 }],
    ['half a clump less', { used: end - 20 }],
    ['nearly the last clump less', { used: clumps.at(-1)!.offset + 1 }],
    ['ends in the middle of a block', { used: clumps[50]!.offset + 100 }],
    ['ends in the middle of a header', { used: clumps[50]!.offset + 10 }],
    ['ends at a clump', { used: clumps[50]!.offset }],
    ['nothing used but clumps counted', { used: 38 * 197 }],
    ['used is one more', { used: end + 1 }],
    ['used is much more', { used: end + 300_000 }],
    ['beyond the arena', { used: 2 ** 40 }],
    ['2^63', { used: Number.MAX_SAFE_INTEGER }],
    ['2^32 - 1 clumps', { clumps: 2 ** 32 - 1 }],
  ])('%s: no block is lost, and it is said', async (_, change) => {
    const { arena } = await expectOnlyLost('seq-day3', 'arenas2', (image, one) => {
      counters(image, one, change)
      return []
    })
    expect(arena.damage.length).toBeGreaterThan(0)
    for (const { kind } of arena.damage) expect(['tail-differs', 'tail-missing']).toContain(kind)
    expect(arena.end).toMatchObject({ reason: 'log-end', offset: end })
  })

  test.each([50, 100, 196])('an older tail of the same arena (%i clumps) is no damage', async (counted) => {
    const { arena } = await expectOnlyLost('seq-day3', 'arenas2', (image, one) => {
      const before = one.clumps.slice(0, counted)
      counters(image, one, { clumps: counted, used: before.at(-1)!.nextOffset })
      const sizes = before.map(({ offset }) => [
        image.readUInt16BE(one.dataBase + offset + 5),
        image.readUInt16BE(one.dataBase + offset + 7),
      ])
      image.writeUInt32BE(sizes.filter(([stored, plain]) => stored! < plain!).length, one.tailAt + 114)
      image.writeBigUInt64BE(BigInt(sizes.reduce((sum, [, plain]) => sum + plain!, 0)), one.tailAt + 126)
      return []
    })
    expect(arena.damage).toEqual([])
    expect(arena.end).toMatchObject({ offset: end, index: 197 })
    expect(arena.arena!.counted!.clumps).toBe(counted)
  })
})

const blocks = Array.from({ length: 45 }, (_, i) => ({ data: i % 3 === 0 ? noise(90 + i, i) : prose(150 + 7 * i, i) }))
/** Bits of the tail that no reader can judge: times, and what the index has, as long as it is possible. */
const variants: readonly (readonly [string, ArenaPlan])[] = [
  ['version 5, index behind', { blocks, indexed: 20 }],
  ['version 5, index complete', { blocks }],
  ['version 5, full', { blocks, indexed: 20, state: 'full' }],
  ['version 5, tail behind the log', { blocks, uncounted: 5, indexed: 10 }],
  ['version 5, sealed', { blocks, state: 'sealed' }],
  ['version 4, index behind', { version: 4, blocks, indexed: 20 }],
  ['version 4, index complete', { version: 4, blocks }],
  ['version 4, sealed', { version: 4, blocks, state: 'sealed' }],
  ['empty', {}],
]

function build(plan: ArenaPlan): BuiltPartition {
  const other = { blocks: blocks.slice(0, 3) }
  return buildPartition({ blockSize: 512, arenas: [other, { ...plan, oldBytes: plan.version !== 4 }, other] })
}

/** Byte ranges of fields that must be reported when they change, relative to the tail. */
function telling({ version = 5, blocks: own = [], indexed, state }: ArenaPlan): readonly (readonly [number, number])[] {
  const shift = version === 5 ? 4 : 0
  const extended = indexed !== undefined || state === 'full'
  const identity: (readonly [number, number])[] = [
    [0, 4],
    [4, 8],
    [8, 15],
  ]
  if (version === 5) identity.push([88, 92])
  if (own.length === 0) return identity
  const counters = extended
    ? [[106 + shift, 130 + shift] as const]
    : [[72, 80] as const, [88 + shift, 104 + shift] as const]
  return [...identity, ...counters]
}

describe.each(variants)('every single bit of a tail: %s', (_, plan) => {
  const { bytes, blockSize, arenas, ...rest } = build(plan)
  const intact = intactBuilt({ bytes, blockSize, arenas, ...rest })
  const { tailAt, name } = arenas[1]!

  test('no block is lost, and a change that matters is named', async () => {
    const told = telling(plan)
    const silent: string[] = []
    for (let bit = 0; bit < 135 * 8; bit++) {
      const at = Math.floor(bit / 8)
      bytes[tailAt + at]! ^= 1 << (bit % 8)
      const scanned: Scanned = await scanSource(bytes)
      try {
        const arena = expectLost(scanned, intact, name, [])
        const mustTell = told.some(([from, to]) => at >= from && at < to)
        if (mustTell && arena.damage.length === 0) silent.push(`${at}.${bit % 8}`)
        for (const one of arena.damage) expect(one.arena).toBe(name)
      } catch (error) {
        throw new Error(`bit ${bit % 8} of byte ${at} of the tail`, { cause: error })
      } finally {
        bytes[tailAt + at]! ^= 1 << (bit % 8)
      }
    }
    expect(silent).toEqual([])
  })

  test('the seal of a sealed arena covers them all', async () => {
    if (plan.state !== 'sealed') return
    for (let at = 0; at < blockSize; at += 7) {
      bytes[tailAt + at]! ^= 0x10
      const partition = await openArenaPartition(memorySource(bytes))
      const { damage } = await surveyArena(partition, partition.entries[1]!, { check: true })
      bytes[tailAt + at]! ^= 0x10
      const seen = named(damage).filter((one) => one.startsWith('seal-mismatch') || one.startsWith('tail-'))
      expect([at, seen.length > 0]).toEqual([at, true])
    }
  })
})
