// A version-4 arena that stores another version-4 arena: vac of an arenas file, whose clumps carry the same magic and verify
// wherever they stand. Nothing inside a block may be taken for a clump of the arena while the directory is whole.

import { describe, expect, test } from 'vitest'
import { expectLost, intactBuilt, touched } from '../../../../helpers/damage-cases.ts'
import {
  buildPartition,
  entryBytes,
  headerBytes,
  noise,
  prose,
  type BlockPlan,
  type BuiltPartition,
} from '../../../../helpers/image-builder.ts'
import { scanArena, scanSource } from '../../../../helpers/scan-calls.ts'

/** Raw bytes of a version-4 arena with clumps of many sizes. */
function innerArena(seed: number): Buffer {
  const blocks = Array.from({ length: 60 }, (_, i) => ({ data: noise(40 + ((i * 997) % 3000), seed + i), type: 13 }))
  const { bytes, arenas } = buildPartition({ blockSize: 512, arenas: [{ version: 4, blocks }] })
  return Buffer.from(bytes.subarray(arenas[0]!.start, arenas[0]!.stop))
}

/** Cut as vac would cut a file, stored as it is or compressed; between them ordinary blocks. */
function carriers(inner: Buffer, pieceBytes: number, encoding: 'plain' | 'smallest'): BlockPlan[] {
  const plans: BlockPlan[] = [{ data: prose(300, 1) }, { data: noise(500, 2) }]
  for (let at = 0; at < inner.length; at += pieceBytes) {
    plans.push({ data: inner.subarray(at, at + pieceBytes), encoding })
    if ((at / pieceBytes) % 3 === 0) plans.push({ data: prose(200 + at / 100, at) })
  }
  // The last block ends with whole inner clumps: the log's end proves nothing about them.
  const whole = buildPartition({
    blockSize: 512,
    arenas: [{ version: 4, blocks: [{ data: noise(200, 91) }, { data: noise(300, 92) }] }],
  })
  const { dataBase, counted } = whole.arenas[0]!
  const ends = Buffer.concat([noise(100, 5), whole.bytes.subarray(dataBase, dataBase + counted.used)])
  return [...plans, { data: ends, encoding: 'plain' }]
}

function outer(pieceBytes: number, encoding: 'plain' | 'smallest' = 'plain'): BuiltPartition {
  const blocks = carriers(innerArena(11), pieceBytes, encoding)
  return buildPartition({
    blockSize: 1024,
    arenas: [{ version: 4, blocks, state: 'flushed' }, { blocks: [{ data: prose(100, 3) }] }],
  })
}

const images: readonly (readonly [string, BuiltPartition])[] = [
  ['in pieces of 8 KiB', outer(8192)],
  ['in pieces of 1000 bytes', outer(1000)],
  ['in pieces of 56 KiB', outer(57_344)],
  ['compressed where that helps', outer(8192, 'smallest')],
]

type Spoil = (image: Buffer, built: BuiltPartition, index: number) => readonly number[]

const zeroHeader = (image: Buffer, { arenas }: BuiltPartition, index: number): void => {
  const { address } = arenas[0]!.clumps[index]!
  image.fill(0, address, address + headerBytes)
}

const spoils: readonly (readonly [string, Spoil])[] = [
  [
    'a header',
    (image, built, index) => {
      zeroHeader(image, built, index)
      return [index]
    },
  ],
  [
    'two headers',
    (image, built, index) => {
      const pair = [index, index + 1].filter((one) => one < built.arenas[0]!.clumps.length)
      for (const one of pair) zeroHeader(image, built, one)
      return pair
    },
  ],
  [
    'four headers',
    (image, built, index) => {
      const four = [0, 1, 2, 3].map((i) => index + i).filter((one) => one < built.arenas[0]!.clumps.length)
      for (const one of four) zeroHeader(image, built, one)
      return four
    },
  ],
  [
    'sizes in a header',
    (image, built, index) => {
      image.writeUInt16BE(0x0101, built.arenas[0]!.clumps[index]!.address + 5)
      return [index]
    },
  ],
  [
    'header and directory entry',
    (image, built, index) => {
      zeroHeader(image, built, index)
      const at = built.arenas[0]!.entryAddress(index)
      image.fill(0, at, at + entryBytes)
      return [index]
    },
  ],
  [
    'a hole that ends inside a block',
    (image, built, index) => {
      const { dataBase, clumps, counted } = built.arenas[0]!
      const from = Math.max(0, clumps[index]!.offset - 20)
      const to = Math.min(from + 2500, counted.used)
      image.fill(0xa5, dataBase + from, dataBase + to)
      return touched(built.arenas[0]!, from, to)
    },
  ],
]

describe.each(images)('%s', (_, built) => {
  const intact = intactBuilt(built)

  test('undamaged', async () => {
    expectLost(await scanSource(built.bytes), intact, 'arenas0', [])
  })

  test.each(spoils)('damage in %s, at every clump: no junk is yielded, nothing else is lost', async (_name, spoil) => {
    for (const { index } of built.arenas[0]!.clumps) {
      const image = Buffer.from(built.bytes)
      const lost = spoil(image, built, index)
      expectLost(await scanSource(image), intact, 'arenas0', lost)
    }
  })

  test('resumed at damaged clumps without knowing their number: still no junk', async () => {
    const { clumps } = built.arenas[0]!
    for (const { index, offset } of clumps) {
      const image = Buffer.from(built.bytes)
      const pair = [index, index + 1].filter((one) => one < clumps.length)
      for (const one of pair) zeroHeader(image, built, one)
      const { arena } = (await scanSource(image, 'arenas0')).arenas[0]!
      const { items } = await scanArena(arena!, { offset, index: null })
      const found = items.flatMap((item) => (item.kind === 'clump' ? [`${item.offset} ${item.score}`] : []))
      expect(found).toEqual(clumps.slice(index + pair.length).map((clump) => `${clump.offset} ${clump.score}`))
    }
  })
})
