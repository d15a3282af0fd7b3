// The disk codecs against bytes the real programs wrote: what is decoded equals the manifest, and encoding it again gives the
// same bytes. The worked partition is that of venti-arenas.md 11.

import { describe, expect, test } from 'vitest'
import { decodeArenaHead, encodeArenaHead } from '../../../../../electron/engine/venti/format/arena-head.ts'
import { decodeArenaTable, encodeArenaTable } from '../../../../../electron/engine/venti/format/arena-table.ts'
import {
  decodeArenaTail,
  decodeSealScore,
  encodeArenaTail,
} from '../../../../../electron/engine/venti/format/arena-tail.ts'
import { apiTypeOf, isLegalWireType } from '../../../../../electron/engine/venti/format/block-type.ts'
import {
  clumpEncoding,
  clumpMagicOf,
  clumpScoreAt,
  clumpStoredSize,
  clumpTime,
  clumpType,
  clumpUncompressedSize,
  encodeClumpHeader,
  isSoundClump,
  magicBytes,
} from '../../../../../electron/engine/venti/format/clump.ts'
import {
  clumpInfoDistance,
  clumpInfosPerBlock,
  directoryReserveBytes,
  infoScoreAt,
  infoStoredSize,
  infoType,
  infoUncompressedSize,
} from '../../../../../electron/engine/venti/format/clump-info.ts'
import {
  decodePartitionHeader,
  encodePartitionHeader,
} from '../../../../../electron/engine/venti/format/partition-header.ts'
import { unwhack } from '../../../../../electron/engine/venti/format/unwhack.ts'
import { sha1 } from '../../../../../electron/engine/hash/sha1.ts'
import { fixture, fixtureIds, healthyPartition, loadFixture, type ExpectedArena } from '../../../../helpers/fixtures.ts'

const images = fixtureIds(({ expected, encoding }) => !('damage' in expected) && encoding !== 'extents')
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const name64 = (name: string): string => Buffer.from(name.padEnd(64, '\0')).toString('hex')

test('there are images of both versions, with and without extension and seal', () => {
  const arenas = images.flatMap((id) => healthyPartition(id).arenas)
  const kinds = new Set(arenas.map(({ version, tail }) => `v${version}${tail.stored === null ? '' : ' extended'}`))
  expect([...kinds].toSorted()).toEqual(['v4', 'v4 extended', 'v5', 'v5 extended'])
  expect(arenas.some(({ sealScore }) => sealScore !== null)).toBe(true)
})

describe.each(images)('%s', (id) => {
  const image = loadFixture(id)
  const expected = healthyPartition(id)
  const { blockSize, arenaBase, tableBase } = expected
  const arenaBlock = (at: number): Buffer => image.subarray(at, at + blockSize)

  test('header', () => {
    const bytes = image.subarray(262144, 262160)
    const header = decodePartitionHeader(bytes, id)
    expect(header).toEqual({ version: expected.partitionVersion, blockSize, arenaBase, tableBase })
    expect(Buffer.compare(encodePartitionHeader(header), bytes)).toBe(0)
  })

  test('table', () => {
    const usableBytes = image.length - (image.length % blockSize)
    const area = image.subarray(tableBase, arenaBase)
    const table = decodeArenaTable(area, { arenaBase, blockSize, usableBytes })
    const lines = expected.arenas.map(({ name, start, stop }, index) => ({
      index,
      name,
      start,
      stop,
      truncated: false,
    }))
    expect(table).toMatchObject({ entries: lines, bad: [], count: expected.arenaCount })
    expect(encodeArenaTable(table.entries)).toBe(expected.arenaTableText)
    expect(area.subarray(0, expected.arenaTableText.length).toString('latin1')).toBe(expected.arenaTableText)
  })

  test('heads', () => {
    for (const { name, start, stop, version, clumpMagic } of expected.arenas) {
      const block = arenaBlock(start)
      const head = decodeArenaHead(block)
      expect(head).toEqual({ version, name, blockSize, totalBytes: stop - start, clumpMagic: Number(clumpMagic) })
      if (typeof head === 'string') throw new Error(head)
      const again = Buffer.alloc(blockSize)
      encodeArenaHead(head, again)
      expect(again.equals(block)).toBe(true)
    }
  })

  test('tails', () => {
    for (const arena of expected.arenas) {
      const block = arenaBlock(arena.stop - blockSize)
      const tail = decodeArenaTail(block)
      expect(tail).toEqual(tailOf(arena))
      if (typeof tail === 'string') throw new Error(tail)
      const seal = decodeSealScore(block)
      expect(seal).toBe(arena.sealScore)
      const again = Buffer.alloc(blockSize)
      encodeArenaTail(tail, again, seal === null ? null : hex(seal))
      expect(again.equals(block)).toBe(true)
    }
  })

  test('clump headers, which the directory repeats', () => {
    for (const arena of expected.arenas) {
      let at = arena.dataBase
      for (let index = 0; index < arena.clumps; index++) {
        const bytes = image.subarray(at, at + 38)
        const header = {
          magic: clumpMagicOf(image, at),
          type: clumpType(image, at),
          storedSize: clumpStoredSize(image, at),
          uncompressedSize: clumpUncompressedSize(image, at),
          score: bytes.subarray(clumpScoreAt, clumpScoreAt + 20),
          encoding: clumpEncoding(image, at),
          time: clumpTime(image, at),
        }
        expect([index, isSoundClump(image, at), header.magic]).toEqual([index, true, Number(arena.clumpMagic)])
        expect(Buffer.compare(encodeClumpHeader(header, Buffer.alloc(38)), bytes)).toBe(0)
        const entryAt = arena.dataBase + arena.size - clumpInfoDistance(index, blockSize)
        const entry = [infoType(image, entryAt), infoStoredSize(image, entryAt), infoUncompressedSize(image, entryAt)]
        expect(entry).toEqual([header.type, header.storedSize, header.uncompressedSize])
        const score = image.subarray(entryAt + infoScoreAt, entryAt + infoScoreAt + 20)
        expect(Buffer.compare(score, header.score)).toBe(0)
        at += 38 + header.storedSize
      }
      expect(at - arena.dataBase).toBe(arena.used)
    }
  })
})

function tailOf(arena: ExpectedArena): unknown {
  const { name, version, clumpMagic, tail } = arena
  return {
    version,
    name,
    clumpMagic: Number(clumpMagic),
    firstClumpTime: tail.ctime,
    lastClumpTime: tail.wtime,
    indexed: tail.indexed,
    stored: tail.stored ?? tail.indexed,
  }
}

describe('the worked partition', () => {
  const usableBytes = 9 * 1024 * 1024

  test('header', () => {
    const bytes = hex('a9e4a5e7 00000003 00002000 000c2000')
    const header = decodePartitionHeader(bytes, 'worked')
    expect(header).toEqual({ version: 3, blockSize: 8192, arenaBase: 794624, tableBase: 270336 })
    expect(Buffer.compare(encodePartitionHeader(header), bytes)).toBe(0)
  })

  test('table', () => {
    const text =
      '4\narenas.0\t794624\t2891776\narenas.1\t2891776\t4988928\narenas.2\t4988928\t7086080\narenas.3\t7086080\t9437184\n'
    const { entries, bad } = decodeArenaTable(Buffer.from(`${text}\0\0`), {
      arenaBase: 794624,
      blockSize: 8192,
      usableBytes,
    })
    expect(bad).toEqual([])
    expect(entries.map(({ start }) => start)).toEqual([794624, 2891776, 4988928, 7086080])
    expect(encodeArenaTable(entries)).toBe(text)
  })

  test('head', () => {
    const bytes = hex(`d15c4ead 00000005 ${name64('arenas.0')} 00002000 0000000000200000 40ab2f0b`)
    const head = { version: 5, name: 'arenas.0', blockSize: 8192, totalBytes: 2097152, clumpMagic: 0x40ab2f0b } as const
    expect(decodeArenaHead(bytes)).toEqual(head)
    expect(Buffer.compare(encodeArenaHead(head, Buffer.alloc(88)), bytes)).toBe(0)
  })

  test('clump, directory entry', () => {
    const score = sha1(Buffer.from('hello world'))
    expect(score).toBe('2aae6c35c94fcfb415dbe95f408b9ce91ee846ed')
    const clump = hex(
      `40ab2f0b 0d 000b 000b ${score} 01 00000000 6b03a545 ${Buffer.from('hello world').toString('hex')}`,
    )
    expect(clump).toHaveLength(49)
    expect([clumpMagicOf(clump, 0), isSoundClump(clump, 0), clumpType(clump, 0)]).toEqual([0x40ab2f0b, true, 13])
    expect([clumpStoredSize(clump, 0), clumpUncompressedSize(clump, 0), clumpTime(clump, 0)]).toEqual([
      11, 11, 0x6b03a545,
    ])
    expect(Buffer.from(magicBytes(0x40ab2f0b))).toEqual(clump.subarray(0, 4))
    // Base 802816, size 2080768: the first entry stands at 2875392, the next 25 bytes behind it.
    expect([0, 1].map((index) => 802816 + 2080768 - clumpInfoDistance(index, 8192))).toEqual([2875392, 2875417])
    expect([infoType(clump, 4), infoStoredSize(clump, 4), infoUncompressedSize(clump, 4)]).toEqual([13, 11, 11])
  })

  test('compressed clump (5.2)', () => {
    const clump = hex('645c32f9 0d 0004 000a c71613a7386fd67995708464bf0223c0d78225c4 02 00000000 6b03a757 20fb0000')
    const out = new Uint8Array(10)
    expect([isSoundClump(clump, 0), unwhack(clump, 38, 42, out, 10)]).toEqual([true, true])
    expect([Buffer.from(out).toString(), sha1(out)]).toEqual(['AAAAAAAAAA', clump.subarray(9, 29).toString('hex')])
  })

  test('tail', () => {
    const fields = `f2a14ead 00000005 ${name64('arenas.0')} 00000000 00000000 6b03a545 6b03a551 40ab2f0b 0000000000000000 0000000000000000 00 01`
    const bytes = hex(`${fields} 0000000f 00000000 000000000000e2b2 000000000000e078 00`)
    const nothing = { clumps: 0, compressedClumps: 0, used: 0, uncompressed: 0, sealed: false }
    const tail = {
      version: 5,
      name: 'arenas.0',
      clumpMagic: 0x40ab2f0b,
      firstClumpTime: 0x6b03a545,
      lastClumpTime: 0x6b03a551,
      indexed: nothing,
      stored: { ...nothing, clumps: 15, used: 0xe2b2, uncompressed: 0xe078 },
    } as const
    expect(decodeArenaTail(bytes)).toEqual(tail)
    expect(Buffer.compare(encodeArenaTail(tail, Buffer.alloc(135)), bytes)).toBe(0)
  })
})

test('the seed geometry: the offsets of the original article', () => {
  const starts = healthyPartition('seed-geometry').arenas.map(({ start }) => start)
  expect(starts.slice(0, 4)).toEqual([794624, 537665536, 1074536448, 1611407360])
  expect(fixture('seed-geometry').size).toBe(2_200_000_000)
})

test('directory entries: 327 in a block of 8 KiB, and the space kept for them', () => {
  expect([512, 8192, 65536].map(clumpInfosPerBlock)).toEqual([20, 327, 2621])
  expect([0, 326, 327, 654].map((clumps) => directoryReserveBytes(clumps, 8192))).toEqual([8192, 8192, 16384, 24576])
  expect([0, 326, 327, 653].map((index) => clumpInfoDistance(index, 8192))).toEqual([8192, 42, 16384, 8234])
})

test('block types: disk codes and the numbers of the interfaces', () => {
  const api = Array.from({ length: 256 }, (_, code) => apiTypeOf(code))
  expect(api.map((type, code) => [code, type]).filter(([, type]) => type !== 255)).toEqual([
    [1, 16],
    [2, 8],
    [3, 9],
    [4, 10],
    [5, 11],
    [6, 12],
    [7, 13],
    [8, 14],
    [9, 15],
    [13, 0],
  ])
  const legal = api.map((_, code) => code).filter(isLegalWireType)
  expect(legal).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 13])
})
