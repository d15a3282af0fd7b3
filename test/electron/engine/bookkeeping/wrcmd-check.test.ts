// A wrcmd against the arenas it is meant for: every way to point at the wrong place is named, with the right one.

import { describe, expect, test } from 'vitest'
import { parseWrcmd } from '../../../../electron/engine/bookkeeping/wrcmd.ts'
import {
  arenaAddressOf,
  checkWrcmd,
  earlierArenas,
  explainWrcmd,
  positionIn,
  probableArena,
  type ArenaMap,
  type MappedArena,
} from '../../../../electron/engine/bookkeeping/wrcmd-check.ts'
import type { WrarenaCommand } from '../../../../shared/model/bookkeeping.ts'
import { healthyPartition } from '../../../helpers/fixtures.ts'

const line = (offset: number | string, last: string, partition = '/dev/sdC0/arenas'): string =>
  `venti/wrarena -h tcp!a!17034 -o ${offset} ${partition} ${last}`

function understood(text: string): WrarenaCommand {
  const { command } = parseWrcmd(text)
  if (command === null) throw new Error(`not understood: ${text}`)
  return command
}

/** The arenas that disk/venti made on a real disk of 2 GB, each written as far as `used` says. */
function mapWith(used: readonly (number | null)[], full: readonly boolean[] = []): ArenaMap {
  const arenas = healthyPartition('seed-geometry').arenas.map(({ name, start, stop, dataBase }, index): MappedArena => {
    return { name, start, stop, dataBase, used: used[index] ?? null, full: full[index] ?? false, problem: null }
  })
  return { partition: 'disk.img:arenas', arenas }
}

/** Clumps of 100 bytes. */
const hundreds = async (_: MappedArena, offset: number): Promise<{ isBoundary: boolean; before: number }> => ({
  isBoundary: offset % 100 === 0,
  before: offset - (offset % 100),
})

async function check(text: string, map: ArenaMap): Promise<{ problems: string[]; arena?: string; proposal?: string }> {
  const { arena, problems, proposal } = await checkWrcmd(understood(text), map, hundreds)
  return {
    problems: problems.map(({ severity, message }) => `${severity}: ${message}`),
    ...(arena === null ? {} : { arena: arena.name }),
    ...(proposal === null ? {} : { proposal: proposal.trimEnd() }),
  }
}

const active = mapWith([2000, 500, 0, 0, 0], [true])

describe('-o', () => {
  test("the original article's own typo", async () => {
    expect(await check(line(53766536, '0x64'), active)).toEqual({
      problems: ['error: no arena starts there; arenas1 starts at 537665536'],
      proposal: line(537665536, '0x64'),
    })
  })

  test.each<[number, string, string]>([
    [537665536 + 8192, 'arenas1', 'the base in place of the head'],
    [537665536 - 8192, 'arenas1', 'computed with the block size of the index'],
    [537665356, 'arenas1', 'two digits swapped'],
    [5376655366, 'arenas1', 'a digit too many'],
    [1074535448, 'arenas2', 'a wrong digit'],
    [161140736, 'arenas3', 'a digit lost'],
    [794642, 'arenas0', 'swapped again'],
    [794624 - 1, 'arenas0', 'one less'],
    [57365536, 'arenas1', 'two digits swapped and one lost'],
    [600_000_000, 'arenas1', 'somewhere inside'],
    [1_000_000_000, 'arenas1', 'inside, though the next one starts nearer'],
    [0, 'arenas0', 'nothing'],
    [9_000_000_000, 'arenas4', 'behind everything'],
  ])('%i probably means %s: %s', async (offset, name) => {
    expect(probableArena(offset, active.arenas)?.name).toBe(name)
    const { problems } = await check(line(offset, '0x0'), active)
    const { start } = active.arenas.find((arena) => arena.name === name) as MappedArena
    expect(problems).toEqual([`error: no arena starts there; ${name} starts at ${start}`])
  })

  test('nothing is proposed where the offset cannot belong to the arena that was meant', async () => {
    expect(await check(line(53766536, '0xffff'), active)).not.toHaveProperty('proposal')
  })

  test('no arenas at all', async () => {
    const { problems } = await check(line(5, '0x0'), { partition: 'x', arenas: [] })
    expect(problems).toEqual(['error: no arena starts there; there is none in this partition'])
  })

  test('an arena whose head is damaged', async () => {
    const arenas = active.arenas.map((arena) => ({ ...arena, problem: arena.name === 'arenas1' ? 'head magic' : null }))
    expect(await check(line(537665536, '0x64'), { ...active, arenas })).toEqual({
      problems: ['error: wrarena cannot read arenas1: head magic'],
      arena: 'arenas1',
    })
  })
})

describe('the last word', () => {
  test.each<[string, string[], string | null]>([
    ['0x0', [], null],
    ['0x64', [], null],
    ['0x1f4', [], null],
    ['0x1f5', ['error: 0x1f5 is past the end: arenas1 is written up to 0x1f4, and nothing would be sent'], '0x0'],
    ['0x65', ['error: 0x65 is inside a block of arenas1, which would be skipped; the block begins at 0x64'], '0x64'],
  ])('%s', async (last, problems, proposed) => {
    expect(await check(line(537665536, last), active)).toEqual({
      problems,
      arena: 'arenas1',
      ...(proposed === null ? {} : { proposal: line(537665536, proposed) }),
    })
  })

  test('nothing is proposed where nothing is right', async () => {
    expect(await check(line(1074536448, '0x1'), active)).toEqual({
      problems: ['error: 0x1 is past the end: arenas2 is written up to 0x0, and nothing would be sent'],
      arena: 'arenas2',
    })
  })

  test('nobody can say without a tail', async () => {
    const { problems } = await check(line(537665536, '0x1'), mapWith([2000, null]))
    expect(problems).toEqual(['warning: the tail of arenas1 cannot be read, so nobody can say whether 0x1 is right'])
  })
})

describe('the end of an arena', () => {
  test('a full one: on to the next, which holds blocks', async () => {
    expect(await check(line(794624, '0x7d0'), active)).toEqual({
      problems: [
        'error: arenas0 is full and all of it was sent; new blocks are in arenas1, which this line never reaches',
      ],
      arena: 'arenas0',
      proposal: line(537665536, '0x0'),
    })
    expect(await check(line(794624, '0x64'), active)).toEqual({ problems: [], arena: 'arenas0' })
  })

  test('a full one whose next is empty still: wait, because "end offset 0" would blank the file', async () => {
    expect(await check(line(794624, '0x7d0'), mapWith([2000, 0, 0], [true]))).toEqual({
      problems: [
        'warning: arenas0 is full and all of it was sent; go on with -o 537665536 and 0x0 once arenas1 holds a block, and not before',
      ],
      arena: 'arenas0',
    })
  })

  test('one that takes blocks still, while the next has some', async () => {
    expect(await check(line(794624, '0x7d0'), mapWith([2000, 500]))).toEqual({
      problems: ['error: all of arenas0 was sent; new blocks are in arenas1, which this line never reaches'],
      arena: 'arenas0',
      proposal: line(537665536, '0x0'),
    })
  })

  test('empty arenas between are stepped over', async () => {
    const { proposal } = await check(line(794624, '0x7d0'), mapWith([2000, 0, 300], [true]))
    expect(proposal).toBe(line(1074536448, '0x0'))
  })

  test('the last of all', async () => {
    const map = mapWith([1, 1, 1, 1, 200], [true, true, true, true, true])
    const { problems, proposal } = await check(line(2148278272, '0xc8'), map)
    expect([problems, proposal]).toEqual([
      ['warning: arenas4 is full, all of it was sent, and it is the last arena'],
      undefined,
    ])
  })

  test('an empty arena is a trap: back to the end of the last with blocks', async () => {
    expect(await check(line(1074536448, '0x0'), active)).toEqual({
      problems: [
        'error: arenas2 holds no block yet: some wrarenas print "end offset 0" for it, and ventiprog would leave wrcmd blank',
      ],
      arena: 'arenas2',
      proposal: line(537665536, '0x1f4'),
    })
    const { problems } = await check(line(794624, '0x0'), mapWith([0, 0, 0, 0, 0]))
    expect(problems).toEqual([expect.stringMatching(/^warning: arenas0 holds no block yet/)])
  })
})

describe('a range of a partition, as plan9port wants it', () => {
  const ranged = (range: string, offset: number, last: string): string => line(offset, last, `/dev/sdb:${range}`)

  test.each<[string, number, number]>([
    ['537665536-1074536448', 0, 537665536],
    ['537665536-', 0, 537665536],
    ['-1074536448', 537665536, 537665536],
    ['1m-', 536616960, 537665536],
    ['arenas', 537665536, 537665536],
    ['-', 5, 5],
  ])(':%s with -o %i', (range, offset, address) => {
    expect(arenaAddressOf(understood(ranged(range, offset, '0x0')))).toBe(address)
  })

  test('a proposal keeps to the form', async () => {
    const { proposal } = await check(ranged('794624-537665536', 0, '0x7d0'), active)
    expect(proposal).toBe(ranged('537665536-1074536448', 0, '0x0'))
    const inside = positionIn(understood(ranged('0-9000000000', 794624, '0x0')), active.arenas[1] as MappedArena, 5)
    expect(inside).toEqual({ arenaOffset: 537665536, clumpOffset: 5 })
  })
})

test('what it does, in words', () => {
  const [, arenas1] = active.arenas as [MappedArena, MappedArena]
  expect(explainWrcmd(understood(line(537665536, '0x64')), arenas1)).toBe(
    'It sends 400 B of arenas1, from 0x64 to 0x1f4, to tcp!a!17034.',
  )
  expect(explainWrcmd(understood(line(537665536, '0x1f4')), arenas1)).toBe(
    'It sends whatever comes into arenas1 behind 0x1f4; nothing is there now, to tcp!a!17034.',
  )
  expect(explainWrcmd(understood('wrarena -o 5 /x 0x1'), { ...arenas1, used: null })).toBe(
    'It sends what arenas1 holds from 0x1 on, to $venti.',
  )
  expect(earlierArenas(active, arenas1)).toBe(
    'It takes for granted that 1 earlier arena (arenas0) was sent there before.',
  )
  expect(earlierArenas(active, active.arenas[4] as MappedArena)).toBe(
    'It takes for granted that 2 earlier arenas (arenas0 to arenas1) were sent there before.',
  )
  expect(earlierArenas(active, active.arenas[0] as MappedArena)).toBeNull()
})
