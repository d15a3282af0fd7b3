// The builder against the real server: an arena of seq-day1, built anew from nothing but its blocks, is the same bytes.

import { expect, test } from 'vitest'
import { unwhack } from '../../electron/engine/venti/format/unwhack.ts'
import { healthyPartition, loadFixture } from './fixtures.ts'
import { buildPartition, type BlockPlan } from './image-builder.ts'

test('an arena built from its blocks equals the one the server wrote', () => {
  const image = loadFixture('seq-day1')
  const arena = healthyPartition('seq-day1').arenas[0]!
  const blocks: BlockPlan[] = []
  for (let at = arena.dataBase; at < arena.dataBase + arena.used; at += 38 + image.readUInt16BE(at + 5)) {
    const size = image.readUInt16BE(at + 5)
    const data = Buffer.alloc(image.readUInt16BE(at + 7))
    if (image[at + 29] === 1) image.copy(data, 0, at + 38)
    else expect(unwhack(image, at + 38, at + 38 + size, data, data.length)).toBe(true)
    blocks.push({ data, type: image[at + 4]!, time: image.readUInt32BE(at + 34) })
  }
  expect(blocks).toHaveLength(arena.clumps)
  const built = buildPartition({
    tableBytes: 524288,
    arenas: [
      {
        name: arena.name,
        clumpMagic: Number(arena.clumpMagic),
        sizeBytes: arena.stop - arena.start,
        blocks,
        indexed: arena.tail.indexed.clumps,
      },
    ],
  })
  expect(built.arenas[0]).toMatchObject({ start: arena.start, stop: arena.stop, dataBase: arena.dataBase })
  const rebuilt = built.bytes.subarray(arena.start, arena.stop)
  const original = image.subarray(arena.start, arena.stop)
  // Not toEqual: its diff of two megabytes would take minutes.
  expect(rebuilt.equals(original)).toBe(true)
})

test('a sealed arena built from blocks has the counters its log adds up to', () => {
  const blocks = [1, 2, 3].map((seed) => ({ data: Buffer.alloc(700, seed), type: 13 }))
  const { bytes, arenas } = buildPartition({ blockSize: 512, arenas: [{ version: 4, blocks, state: 'sealed' }] })
  const { counted, tailAt, stop, clumps } = arenas[0]!
  expect(clumps.at(-1)!.nextOffset).toBe(counted.used)
  expect(bytes.readUInt32BE(tailAt + 72)).toBe(3)
  expect(bytes[tailAt + 104]).toBe(1)
  expect(bytes.subarray(stop - 20, stop).every((byte) => byte === 0)).toBe(false)
})
