// Damage in the arena table: each line is judged by itself, a bad one disables its arena and no other, and is named with its
// place and, where a head stands between the neighbours, with the arena it probably means.

import { describe, expect, test } from 'vitest'
import { openArena } from '../../../../../electron/engine/venti/arena/arena.ts'
import { openArenaPartition, type ArenaPartition } from '../../../../../electron/engine/venti/arena/arena-partition.ts'
import { losesBlocks } from '../../../../../shared/model/damage.ts'
import { cpuMs } from '../../../../helpers/cpu-time.ts'
import { healthyPartition, loadFixture } from '../../../../helpers/fixtures.ts'
import { memorySource } from '../../../../helpers/memory-source.ts'
import { scanSource } from '../../../../helpers/scan-calls.ts'

const { tableBase, arenaBase, arenas } = healthyPartition('seq-day3')
const original = healthyPartition('seq-day3').arenaTableText
const lines = original.split('\n').slice(1, -1)
const names = arenas.map(({ name }) => name)

function withTable(text: string): Buffer {
  const image = loadFixture('seq-day3')
  image.fill(0, tableBase, arenaBase)
  image.write(text, tableBase, 'latin1')
  return image
}

const open = async (text: string): Promise<ArenaPartition> => await openArenaPartition(memorySource(withTable(text)))
const tableOf = (...body: string[]): string => `${body.length}\n${body.join('\n')}\n`
/** The table with line `index` replaced. */
const replaced = (index: number, line: string): string => tableOf(...lines.with(index, line))

describe('one bad line', () => {
  const [start, stop] = [4988928, 7086080]

  test.each([
    ['digit', `arenas2\t49889x8\t${stop}`],
    ['a tab is a blank', `arenas2 ${start}\t${stop}`],
    ['a tab is missing', `arenas2\t${start}`],
    ['one tab too many', `arenas2\t${start}\t\t${stop}`],
    ['`#` in the name', `aren#s2\t${start}\t${stop}`],
    ['`#` in a number', `arenas2\t${start}\t70#6080`],
    ['name not printable', `aren\x07s2\t${start}\t${stop}`],
    ['no name', `\t${start}\t${stop}`],
    ['start before the arenas', `arenas2\t4988\t${stop}`],
    ['start in an arena before', `arenas2\t2988928\t${stop}`],
    ['start in an arena behind', `arenas2\t8988928\t9183232`],
    ['stop before start', `arenas2\t${start}\t708608`],
    ['stop in an arena behind', `arenas2\t${start}\t9086080`],
    ['stop far behind', `arenas2\t${start}\t70860800000`],
    ['start a little too late', `arenas2\t4988936\t${stop}`],
    ['start one block too late', `arenas2\t4997120\t${stop}`],
    ['stop a little too early', `arenas2\t${start}\t7086000`],
    ['stop much too early', `arenas2\t${start}\t5086080`],
    ['both inside its own place', 'arenas2\t5988928\t6086080'],
    ['both beyond the end', 'arenas2\t49889280\t70860800'],
    ['number too long', `arenas2\t${start}\t70860807086080708608`],
    ['name of another arena', `arenas1\t${start}\t${stop}`],
  ])('%s: only arenas2 is left out', async (_, line) => {
    const partition = await open(replaced(2, line))
    expect(partition.entries.map(({ name }) => name)).toEqual(names.filter((name) => name !== 'arenas2'))
    expect(partition.damage).toHaveLength(1)
    const [bad] = partition.damage
    expect(bad).toMatchObject({ kind: 'table-line', arena: 'arenas2' })
    expect(bad!.partitionOffset).toBe(tableBase + original.indexOf('arenas2'))
    expect(bad!.detail).toContain('arena table line 2 ')
    expect(bad!.detail).toContain(`an arena named arenas2 stands between its neighbours at ${start} to ${stop}`)
  })

  test('the arenas of all other lines are read whole', async () => {
    const scanned = await scanSource(withTable(replaced(2, 'arenas2\t49889x8\t7086080')))
    expect(scanned.arenas.map(({ name, blocks, damage }) => [name, blocks.length, damage])).toEqual([
      ['arenas0', 503, []],
      ['arenas1', 251, []],
      ['arenas3', 0, []],
      ['arenas4', 0, []],
      ['arenas5', 0, []],
    ])
  })

  test.each(lines.map((_, index) => index))('line %i cut out by a damaged newline before it', async (index) => {
    const text = original.split('\n')
    text.splice(index, 2, `${text[index]}x${text[index + 1]}`)
    const partition = await open(text.join('\n'))
    const bad = names.filter((name) => !partition.entries.some((entry) => entry.name === name))
    // The two lines it joins; or the count and the first line, which then looks like a name, and the heads tell.
    expect(bad).toEqual(index === 0 ? ['arenas0'] : names.slice(index - 1, index + 1))
    expect(partition.damage.map(({ kind }) => kind)).toContain('table-count')
  })
})

describe('every single bit of the table', () => {
  test('costs at most the arenas of two lines, and all others stay where they are', async () => {
    const image = loadFixture('seq-day3')
    const silent: [number, number][] = []
    const places = new Map(arenas.map(({ name, start, stop }) => [name, `${start} ${stop}`]))
    for (let bit = 0; bit < original.length * 8; bit++) {
      const at = tableBase + Math.floor(bit / 8)
      image[at]! ^= 1 << (bit % 8)
      const partition = await openArenaPartition(memorySource(image))
      image[at]! ^= 1 << (bit % 8)
      const kept = partition.entries.filter(({ name, start, stop }) => places.get(name) === `${start} ${stop}`)
      expect([bit, kept.length]).toEqual([bit, expect.toSatisfy((count: number) => count >= names.length - 2)])
      if (partition.damage.length === 0 && kept.length < names.length) silent.push([at, bit % 8])
    }
    // A name or a number may become another legal one, which only heads and tails can tell.
    for (const [byte, bit] of silent) {
      image[byte]! ^= 1 << bit
      const partition = await openArenaPartition(memorySource(image))
      const told: unknown[] = []
      for (const entry of partition.entries) {
        told.push(...(await openArena(partition, entry, { head: true, seal: false })).damage)
      }
      image[byte]! ^= 1 << bit
      expect([byte, bit, told.length > 0]).toEqual([byte, bit, true])
    }
  })
})

describe('the count', () => {
  test.each([
    ['too small', '5', 'a count of 5 in its first line and 6 lines behind it'],
    ['too large', '7', 'a count of 7 in its first line and 6 lines'],
    ['0', '0', 'a count of 0'],
    ['2^32 - 1', '4294967295', 'no readable count'],
    ['not a number', '6x', 'no readable count'],
    ['negative', '-6', 'no readable count'],
  ])('%s: said, and every arena is read', async (_, count, words) => {
    const partition = await open(`${count}\n${lines.join('\n')}\n`)
    expect(partition.entries.map(({ name }) => name)).toEqual(names)
    expect(partition.damage).toMatchObject([{ kind: 'table-count', arena: '', partitionOffset: tableBase }])
    expect(partition.damage[0]!.detail).toContain(words)
    expect(losesBlocks(partition.damage[0]!)).toBe(false)
  })

  test('missing: said, and every arena is read', async () => {
    const partition = await open(`${lines.join('\n')}\n`)
    expect(partition.entries.map(({ name }) => name)).toEqual(names)
    expect(partition.damage.map(({ kind }) => kind)).toEqual(['table-count'])
  })
})

describe('lines that do not fit together', () => {
  test.each([
    [0, `arenas0\t794624\t4988928`, ['arenas0']],
    [0, `arenas0\t794624\t13377536`, ['arenas0']],
    [5, `arenas5\t794624\t13377536`, ['arenas5']],
    [3, `arenas3\t2891776\t9183232`, ['arenas3']],
  ])('line %i overlaps others: the heads say who is right', async (index, line, left) => {
    const partition = await open(replaced(index, line))
    expect(partition.entries.map(({ name }) => name)).toEqual(names.filter((name) => !left.includes(name)))
    expect(partition.damage.map(({ kind, partitionOffset }) => [kind, partitionOffset])).toEqual([
      ['table-line', tableBase + original.indexOf(`arenas${index}`)],
    ])
    expect(partition.damage[0]!.detail).toContain(`overlaps line`)
  })

  test('a line twice', async () => {
    const partition = await open(tableOf(...lines, lines[5]!))
    expect(partition.entries.map(({ name }) => name)).toEqual(names)
    expect(partition.damage[0]).toMatchObject({ kind: 'table-line' })
    expect(partition.damage[0]!.detail).toContain('repeats the name "arenas5"')
  })

  test('the place of an arena twice under two names', async () => {
    const partition = await open(tableOf(...lines, 'other\t11280384\t13377536'))
    expect(partition.entries.map(({ name }) => name)).toEqual(names)
    expect(partition.damage.map(({ kind }) => kind)).toEqual(['table-line'])
  })

  test('two lines exchanged: out of order is refused as the server does, and named', async () => {
    const exchanged = lines.with(2, lines[3]!).with(3, lines[2]!)
    const partition = await open(tableOf(...exchanged))
    expect(partition.entries.map(({ name }) => name)).toEqual(names.filter((name) => name !== 'arenas2'))
    expect(partition.damage[0]!.detail).toContain('is out of order with line 2')
  })

  test('all in descending order', async () => {
    const partition = await open(tableOf(...lines.toReversed()))
    expect(partition.entries).toHaveLength(1)
    expect(partition.damage.filter(({ kind }) => kind === 'table-line')).toHaveLength(5)
  })
})

describe('a text that is cut or too long', () => {
  test('no newline at the end: the last line might be a part of a number', async () => {
    for (const cut of [1, 2, 5]) {
      const partition = await open(original.slice(0, -cut))
      expect(partition.entries.map(({ name }) => name)).toEqual(names.slice(0, 5))
      expect(partition.damage).toMatchObject([{ kind: 'table-line', arena: 'arenas5' }])
      expect(partition.damage[0]!.detail).toContain('does not end in a newline')
    }
  })

  test('a NUL in the middle: what is behind it is not there', async () => {
    const partition = await open(original.replace('arenas3', '\0renas3'))
    expect(partition.entries.map(({ name }) => name)).toEqual(names.slice(0, 3))
    expect(partition.damage.map(({ kind }) => kind)).toEqual(['table-count'])
  })

  test('a NUL at the beginning: no table', async () => {
    await expect(open(`\0${original}`)).rejects.toThrow('arena table at 0x42000 has no usable line: it is empty')
  })

  test('31 744 lines and more are read in bounded time; what overlaps or is beyond is left out', async () => {
    const many = Array.from({ length: 31_750 }, (_, i) => `a${i}\t${11_280_384 + i}\t13377536`)
    const image = Buffer.concat([loadFixture('seq-day3').subarray(0, 270_336), Buffer.alloc(4 * 2 ** 20)])
    const body = [...lines.slice(0, 2), ...many].join('\n')
    image.write(`31752\n${body}\n`, 270_336, 'latin1')
    image.writeUInt32BE(270_336 + 2 ** 20, 262_144 + 12)
    const source = { ...memorySource(image), sizeBytes: 2 ** 33 }
    const before = cpuMs()
    const partition = await openArenaPartition(source)
    expect(cpuMs() - before).toBeLessThan(5000)
    expect(partition.entries.length).toBeLessThan(10)
    expect(partition.damage.length).toBeGreaterThan(31_000)
  })
})

describe('an arena that ends behind the partition', () => {
  test('is cut short: named, and what is there of it is read', async () => {
    const image = loadFixture('seq-day3').subarray(0, 4988928 + 8192 + 600_000)
    const scanned = await scanSource(image)
    const whole = await scanSource(loadFixture('seq-day3'))
    const cut = scanned.arenas[2]!
    const complete = whole.arenas[2]!.blocks.filter((block) => block.nextOffset <= 600_000 - ((8192 + 600_000) % 8192))
    expect(cut.blocks.map(({ score }) => score)).toEqual(complete.map(({ score }) => score))
    expect(scanned.partition.damage.map(({ kind, arena }) => [kind, arena])).toEqual([
      ['table-line', 'arenas3'],
      ['table-line', 'arenas4'],
      ['table-line', 'arenas5'],
      ['arena-truncated', 'arenas2'],
    ])
    expect(scanned.arenas.slice(0, 2).flatMap(({ damage }) => damage)).toEqual([])
  })
})
