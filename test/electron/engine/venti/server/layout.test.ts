// A new store is laid out as fmtarenas does it: the tables of partitions made by the real program are the measure, and so
// are their heads and tails, byte for byte.

import fc from 'fast-check'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createStore } from '../../../../../electron/engine/venti/server/create-store.ts'
import { planLayout } from '../../../../../electron/engine/venti/server/layout.ts'
import { encodeStoreMark } from '../../../../../electron/engine/venti/server/store-mark.ts'
import { decodeArenaHead, encodeArenaHead } from '../../../../../electron/engine/venti/format/arena-head.ts'
import { decodeArenaTail, encodeArenaTail } from '../../../../../electron/engine/venti/format/arena-tail.ts'
import { sealOf } from '../../../../../electron/engine/venti/server/store-arena.ts'
import { fixture, fixtureIds, healthyPartition, loadFixture } from '../../../../helpers/fixtures.ts'
import { scratchDir } from '../../../../helpers/scratch.ts'
import { fileBytes } from '../../../../helpers/store-calls.ts'

const mebibyte = 1024 * 1024
const isArenaImage = (id: string): boolean => {
  const { file, expected } = fixture(id)
  return /^(arenas|fossil)\//.test(file) && !('damage' in expected) && 'arenaTableText' in expected
}
const healthy = fixtureIds(({ id }) => isArenaImage(id))
const whole = healthy.filter((id) => fixture(id).encoding !== 'extents')
const defaults = { blockSize: 8192, namePrefix: 'arenas' }

test('there are partitions to compare with', () => {
  expect(healthy.length).toBeGreaterThanOrEqual(10)
})

test.each(healthy)('%s: the same table', (id) => {
  const { blockSize, arenas, arenaTableText, arenaBase, tableBase } = healthyPartition(id)
  const first = arenas[0]!
  const layout = planLayout({
    sizeBytes: fixture(id).size,
    arenaBytes: first.stop - first.start,
    blockSize,
    namePrefix: first.name.slice(0, -1),
  })
  expect(layout.tableText).toBe(arenaTableText)
  expect(layout).toMatchObject({ blockSize, arenaBase, tableBase })
})

test('the worked example: a remainder below 1 MiB goes to the last arena', () => {
  const { tableText } = planLayout({
    sizeBytes: 9 * mebibyte,
    arenaBytes: 2 * mebibyte,
    ...defaults,
    namePrefix: 'arenas.',
  })
  expect(tableText).toBe(
    '4\narenas.0\t794624\t2891776\narenas.1\t2891776\t4988928\narenas.2\t4988928\t7086080\narenas.3\t7086080\t9437184\n',
  )
})

test.each([
  [794624 + 3 * mebibyte, 3],
  [794624 + 4 * mebibyte - 1, 3],
  [794624 + 4 * mebibyte, 4],
])('a file of %d bytes has %d arenas of 1 MiB', (sizeBytes, count) => {
  expect(planLayout({ sizeBytes, arenaBytes: mebibyte, ...defaults }).arenas).toHaveLength(count)
})

test('a remainder of 1 MiB becomes a short arena, and a file smaller than an arena one short arena', () => {
  const arenaBytes = 4 * mebibyte
  const two = planLayout({ sizeBytes: 794624 + 5 * mebibyte, arenaBytes, ...defaults })
  expect(two.arenas.map(({ start, stop }) => stop - start)).toEqual([4 * mebibyte, mebibyte])
  const one = planLayout({ sizeBytes: 794624 + 2 * mebibyte, arenaBytes, ...defaults })
  expect(one.arenas.map(({ start, stop }) => stop - start)).toEqual([2 * mebibyte])
})

test.each([
  [{ sizeBytes: mebibyte }, /1048576 bytes holds no arena: 794624 .* make 1843200/],
  [{ arenaBytes: mebibyte - 1 }, /1048575 bytes is too small: at least 1048576/],
  [{ blockSize: 1000 }, /1000 is not a power of two/],
  [{ blockSize: 131072 }, /131072 is not a power of two from 512 to 65536/],
  [{ sizeBytes: Number.NaN }, /NaN bytes/],
  [{ sizeBytes: 2 ** 40, arenaBytes: mebibyte }, /1048575 arenas, at most 31744/],
  [
    { sizeBytes: 30_000 * mebibyte, arenaBytes: mebibyte },
    /table of 29999 arenas needs \d+ bytes, it has room for 524288/,
  ],
  [{ namePrefix: 'x'.repeat(63) }, /at most 63 fit/],
  [{ namePrefix: 'a#' }, /without #/],
])('%o is refused with the numbers', (wrong, message) => {
  const options = { sizeBytes: 64 * mebibyte, arenaBytes: 8 * mebibyte, ...defaults, ...wrong }
  expect(() => planLayout(options)).toThrow(message)
})

test('every layout covers the file without holes, in arenas of at least 1 MiB on whole blocks', () => {
  const sizes = fc.record({
    sizeBytes: fc.integer({ min: 2 * mebibyte, max: 80 * 2 ** 30 }),
    arenaBytes: fc.integer({ min: mebibyte, max: 2 ** 30 }),
    blockSize: fc.constantFrom(512, 1024, 8192, 32768, 65536),
  })
  fc.assert(
    fc.property(sizes, ({ sizeBytes, arenaBytes, blockSize }) => {
      // A line has up to 40 bytes here, and the table has 512 KiB.
      fc.pre((sizeBytes / arenaBytes) * 40 < 524288)
      const { arenas, arenaBase } = planLayout({ sizeBytes, arenaBytes, blockSize, namePrefix: 'arenas' })
      const starts = arenas.map(({ start }) => start)
      const stops = arenas.map(({ stop }) => stop)
      expect([...starts, sizeBytes - (sizeBytes % blockSize)]).toEqual([arenaBase, ...stops])
      expect(arenas.every(({ start, stop }) => start % blockSize === 0 && stop - start >= mebibyte)).toBe(true)
    }),
    { numRuns: 300 },
  )
})

describe('bytes of the real programs', () => {
  test.each(whole)('%s: heads and tails decoded and encoded again are the same', (id) => {
    const image = loadFixture(id)
    const { blockSize, arenas } = healthyPartition(id)
    for (const { start, stop } of arenas) {
      const headBlock = image.subarray(start, start + blockSize)
      const head = decodeArenaHead(headBlock)
      if (typeof head === 'string') throw new Error(head)
      const headAgain = new Uint8Array(blockSize)
      encodeArenaHead(head, headAgain)
      expect(headBlock.equals(headAgain)).toBe(true)

      const tailBlock = image.subarray(stop - blockSize, stop)
      const tail = decodeArenaTail(tailBlock)
      if (typeof tail === 'string') throw new Error(tail)
      expect(tailBlock.equals(encodeArenaTail(tail, new Uint8Array(blockSize), sealOf(tailBlock)))).toBe(true)
    }
  })

  test('a new store is what fmtarenas makes, apart from the mark in the unused area', async () => {
    const image = loadFixture('empty')
    const { arenas } = healthyPartition('empty')
    const magics = arenas.map(({ clumpMagic }) => Number(clumpMagic))
    const path = join(await scratchDir(), 'store')
    const [first] = arenas
    await createStore(path, {
      sizeBytes: image.length,
      arenaBytes: first!.stop - first!.start,
      nextMagic: () => magics.shift()!,
    })
    const made = await fileBytes(path)
    const mark = encodeStoreMark()
    expect(made.subarray(0, mark.length).equals(mark)).toBe(true)
    made.fill(0, 0, mark.length)
    expect(made.equals(image)).toBe(true)
  })
})
