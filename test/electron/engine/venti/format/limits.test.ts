// Every field of the disk structures at and beyond its limit: refused with a sentence that names place, found and expected,
// never with an exception of the language.

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../../../../shared/errors.ts'
import {
  arenaHeadBytesV5,
  decodeArenaHead,
  encodeArenaHead,
} from '../../../../../electron/engine/venti/format/arena-head.ts'
import { decodeArenaTable, type ArenaTable } from '../../../../../electron/engine/venti/format/arena-table.ts'
import {
  arenaTailBytes,
  countersProblem,
  decodeArenaTail,
  emptyCounters,
  encodeArenaTail,
  type ArenaCounters,
  type ArenaTail,
} from '../../../../../electron/engine/venti/format/arena-tail.ts'
import { isSoundClump } from '../../../../../electron/engine/venti/format/clump.ts'
import {
  decodePartitionHeader,
  encodePartitionHeader,
} from '../../../../../electron/engine/venti/format/partition-header.ts'

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i)
  return bytes
}

describe('partition header', () => {
  test.each([
    ['magic', words(0xa9e4a5e6, 3, 8192, 794624), 'magic is 0xa9e4a5e6, expected 0xa9e4a5e7'],
    ['index section', words(0xd15c5ec7, 2, 8192, 794624), 'magic is 0xd15c5ec7'],
    ['version', words(0xa9e4a5e7, 4, 8192, 794624), 'version is 4, expected 3'],
    ['block size 0', words(0xa9e4a5e7, 3, 0, 794624), 'block size is 0, expected a power of two from 512 to 65536'],
    ['block size 256', words(0xa9e4a5e7, 3, 256, 794624), 'block size is 256'],
    ['block size 131072', words(0xa9e4a5e7, 3, 131072, 794624), 'block size is 131072'],
    ['block size 8193', words(0xa9e4a5e7, 3, 8193, 794624), 'block size is 8193'],
    ['block size 2^31', words(0xa9e4a5e7, 3, 2 ** 31, 794624), 'block size is 2147483648'],
    ['arena base', words(0xa9e4a5e7, 3, 8192, 270336), 'arena base is 0x42000, expected more than 0x42000'],
  ])('%s is refused', (_, bytes, message) => {
    const decode = (): unknown => decodePartitionHeader(bytes, 'disk')
    expect(decode).toThrow(AppError)
    expect(decode).toThrow(`disk: arena partition header at 0x40000: ${message}`)
  })

  test('too short is a decoding error that names the place', () => {
    expect(() => decodePartitionHeader(Buffer.alloc(15), 'disk')).toThrow(/disk: arena partition header at 0x40000/)
  })

  test.each([512, 1024, 2048, 4096, 8192, 16384, 32768, 65536])(
    'block size %d: where the table begins',
    (blockSize) => {
      const { tableBase } = decodePartitionHeader(encodePartitionHeader({ blockSize, arenaBase: 2 ** 32 - 1 }), 'disk')
      expect(tableBase).toBe(Math.ceil((262144 + 512) / blockSize) * blockSize)
    },
  )
})

describe('arena table', () => {
  const limits = { arenaBase: 4096, blockSize: 512, usableBytes: 1_000_000 }
  const decode = (text: string | Uint8Array): ArenaTable =>
    decodeArenaTable(typeof text === 'string' ? Buffer.from(text, 'latin1') : text, limits)

  test.each([
    ['fields', 'a 4096\t8192', 'expected name<tab>start<tab>stop'],
    ['four fields', 'a\t4096\t8192\t1', 'expected name<tab>start<tab>stop'],
    ['empty name', '\t4096\t8192', 'expected 1 to 63 printable characters'],
    ['name of 64', `${'n'.repeat(64)}\t4096\t8192`, 'expected 1 to 63 printable characters'],
    ['name with a control character', 'a\x01\t4096\t8192', 'expected 1 to 63 printable characters'],
    ['name beyond ASCII', 'a\xe4\t4096\t8192', 'expected 1 to 63 printable characters'],
    ['letters in a number', 'a\t40x6\t8192', 'expected two decimal numbers'],
    ['negative number', 'a\t-4096\t8192', 'expected two decimal numbers'],
    ['blank in a number', 'a\t 4096\t8192', 'expected two decimal numbers'],
    ['hex number', 'a\t0x1000\t8192', 'expected two decimal numbers'],
    ['number of 17 digits', 'a\t4096\t10000000000000000', 'expected two decimal numbers'],
    ['empty number', 'a\t\t8192', 'expected two decimal numbers'],
    ['before the arena base', 'a\t4095\t8192', 'starts at 4095, before the arena base 4096'],
    ['behind the end', 'a\t1000000\t1001536', 'starts at 1000000, behind the end 1000000'],
    ['too small', 'a\t4096\t5631', 'too small for an arena'],
    ['stop before start', 'a\t8192\t4096', 'too small for an arena'],
    ['comment cuts the line', 'a#\t4096\t8192', 'expected name<tab>start<tab>stop'],
    ['very long line', `${'x'.repeat(10_000)}\t4096\t8192`, 'expected name<tab>start<tab>stop'],
  ])('%s: only that line is bad', (_, line, reason) => {
    const { entries, bad, count } = decode(`3\nfirst\t10240\t20480\n${line}\nlast\t20480\t30720\n`)
    expect(entries.map(({ name, index }) => [name, index])).toEqual([
      ['first', 0],
      ['last', 2],
    ])
    expect(bad).toHaveLength(1)
    expect(bad[0]).toMatchObject({ index: 1, textOffset: 20 })
    expect(bad[0]!.reason).toContain(reason)
    expect(count).toBe(3)
  })

  test('the last line must end, or its number may be cut', () => {
    const { entries, bad } = decode('2\na\t4096\t8192\nb\t8192\t65536')
    expect(entries.map(({ name }) => name)).toEqual(['a'])
    expect(bad).toMatchObject([{ index: 1, textOffset: 14 }])
    expect(bad[0]!.reason).toContain('does not end in a newline')
  })

  test('comments and empty lines do not count', () => {
    const { entries, bad, count } = decode('# made by hand\n2\n\na\t4096\t8192# first\n   \nb\t8192\t65536\n#end\n')
    expect(entries.map(({ name, index }) => [name, index])).toEqual([
      ['a', 0],
      ['b', 1],
    ])
    expect([bad, count]).toEqual([[], 2])
  })

  test.each([
    ['x\na\t4096\t8192\n', null],
    ['\na\t4096\t8192\n', null],
    ['a\t4096\t8192\n', null],
    ['-1\na\t4096\t8192\n', null],
    ['9999999999\na\t4096\t8192\n', null],
    ['0\na\t4096\t8192\n', 0],
    ['4294967295\na\t4096\t8192\n', null],
    ['999999999\na\t4096\t8192\n', 999999999],
  ])('a first line that is no count costs no arena: %j', (text, count) => {
    const table = decode(text)
    expect([table.entries.map(({ name }) => name), table.count]).toEqual([['a'], count])
  })

  test.each(['', '\0', '\n\n\n', '# nothing\n', '\x00a\t4096\t8192\n'])('no table: %j', (text) => {
    expect(decode(text)).toMatchObject({ entries: [], bad: [] })
  })

  test('a name with blanks is one name; a second of the same name is bad', () => {
    const { entries, bad } = decode('2\nmy arena\t4096\t8192\nmy arena\t8192\t65536\n')
    expect(entries).toMatchObject([{ name: 'my arena', start: 4096 }])
    expect(bad[0]).toMatchObject({ index: 1, reason: 'line 1 repeats the name "my arena"' })
  })

  test('an arena that ends behind the partition is there, cut short', () => {
    expect(decode('1\na\t4096\t1000001\n').entries).toMatchObject([{ name: 'a', stop: 1000001, truncated: true }])
    expect(decode('1\na\t4096\t1000000\n').entries).toMatchObject([{ truncated: false }])
    expect(decode('1\na\t4096\t9999999999999999\n').entries).toMatchObject([{ truncated: true }])
  })

  test('31744 lines are the limit; what is beyond is named', () => {
    const lines = Array.from({ length: 31746 }, (_, i) => `a${i}\t${4096 + 2048 * i}\t${6144 + 2048 * i}\n`)
    const wide = { ...limits, usableBytes: 2 ** 40 }
    const full = decodeArenaTable(Buffer.from(`31744\n${lines.slice(0, 31744).join('')}`), wide)
    expect([full.entries.length, full.bad.length]).toEqual([31744, 0])
    const over = decodeArenaTable(Buffer.from(`31746\n${lines.join('')}`), wide)
    expect([over.entries.length, over.bad.length]).toEqual([31744, 1])
    expect(over.bad[0]).toMatchObject({ index: 31744 })
    expect(over.bad[0]!.reason).toContain('at most 31744')
  })

  test('any bytes give a table, quickly, and every entry is inside the limits', () => {
    const alphabet = fc.constantFrom(...'0123456789\t\t\n\n#ab\x7f \0'.split(''))
    const text = fc.oneof(fc.string({ unit: alphabet, maxLength: 200 }), fc.string({ unit: 'binary', maxLength: 200 }))
    const holds = fc.property(text, (value) => {
      const { entries } = decode(Buffer.from(value, 'latin1'))
      const inside = entries.every(({ start, stop }) => start >= 4096 && start < 1_000_000 && stop - start >= 1536)
      expect(inside).toBe(true)
    })
    fc.assert(holds, { numRuns: 2000 })
  })
})

const name = fc.stringMatching(/^[\x20-\x7e]{1,63}$/)
const u32 = fc.nat(2 ** 32 - 1)
const u53 = fc.maxSafeNat()
const version = fc.constantFrom(4 as const, 5 as const)
const counters: fc.Arbitrary<ArenaCounters> = fc.record({
  clumps: u32,
  compressedClumps: u32,
  used: u53,
  uncompressed: u53,
  sealed: fc.boolean(),
})

describe('arena head', () => {
  test('decode(encode(x)) is x', () => {
    const heads = fc.record({
      version,
      name,
      blockSize: u32,
      totalBytes: u53,
      clumpMagic: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    })
    const holds = fc.property(heads, (head) => {
      const sane = head.version === 4 ? { ...head, clumpMagic: 0xd15cb10c } : head
      const block = Buffer.alloc(512)
      encodeArenaHead(sane, block)
      expect(decodeArenaHead(block)).toEqual(sane)
    })
    fc.assert(holds, { numRuns: 300 })
  })

  test.each([
    ['magic', 0, 0xd15c4eac, 'head magic is 0xd15c4eac, expected 0xd15c4ead'],
    ['version 3', 4, 3, 'head version is 3, expected 4 or 5'],
    ['version 6', 4, 6, 'head version is 6'],
    ['clump magic 0', 84, 0, 'clump magic is 0'],
    ['name', 8, 0x01020304, 'head name is not text'],
    ['empty name', 8, 0, 'head name is not text'],
  ])('%s is a sentence', (_, at, value, sentence) => {
    const block = Buffer.alloc(512)
    encodeArenaHead({ version: 5, name: 'arenas0', blockSize: 512, totalBytes: 4096, clumpMagic: 7 }, block)
    block.writeUInt32BE(value, at)
    expect(decodeArenaHead(block)).toContain(sentence)
    expect(decodeArenaHead(block.subarray(0, arenaHeadBytesV5 - 1))).toContain('only 87 bytes')
  })

  test('a name that fills its field without a NUL is not text', () => {
    const block = Buffer.alloc(512)
    encodeArenaHead({ version: 5, name: 'a', blockSize: 512, totalBytes: 4096, clumpMagic: 7 }, block)
    block.fill('n', 8, 72)
    expect(decodeArenaHead(block)).toBe('head name is not text')
  })

  test('a size beyond 2^53 is Infinity, so that no comparison takes it', () => {
    const block = Buffer.alloc(512)
    encodeArenaHead({ version: 4, name: 'a', blockSize: 512, totalBytes: 1, clumpMagic: 0xd15cb10c }, block)
    block.fill(0xff, 76, 84)
    expect(decodeArenaHead(block)).toMatchObject({ totalBytes: Infinity })
  })
})

describe('arena tail', () => {
  const tails: fc.Arbitrary<ArenaTail> = fc
    .record({
      version,
      name,
      clumpMagic: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      firstClumpTime: u32,
      lastClumpTime: u32,
      indexed: counters,
      stored: counters,
    })
    .map((tail) => (tail.version === 4 ? { ...tail, clumpMagic: 0xd15cb10c } : tail))

  test('decode(encode(x)) is x', () => {
    const holds = fc.property(tails, (tail) => {
      // Sealed in the index is sealed.
      const sane = tail.indexed.sealed ? { ...tail, stored: { ...tail.stored, sealed: true } } : tail
      expect(decodeArenaTail(encodeArenaTail(sane, new Uint8Array(512)))).toEqual(sane)
    })
    fc.assert(holds, { numRuns: 300 })
  })

  test('sealed in the first counters is sealed in both (an old writer)', () => {
    const indexed = { ...emptyCounters, sealed: true }
    const tail: ArenaTail = {
      version: 5,
      name: 'a',
      clumpMagic: 9,
      firstClumpTime: 0,
      lastClumpTime: 0,
      indexed,
      stored: emptyCounters,
    }
    expect(decodeArenaTail(encodeArenaTail(tail, new Uint8Array(512)))).toMatchObject({ stored: { sealed: true } })
  })

  test.each([
    ['magic', 3, 0xae, 'tail magic is 0xf2a14eae, expected 0xf2a14ead'],
    ['version', 7, 6, 'tail version is 6, expected 4 or 5'],
    ['name', 8, 0x1b, 'tail name is not text'],
    ['clump magic 0', 91, 0, 'clump magic is 0'],
  ])('%s is a sentence', (_, at, value, sentence) => {
    const tail: ArenaTail = {
      version: 5,
      name: 'a',
      clumpMagic: 9,
      firstClumpTime: 0,
      lastClumpTime: 0,
      indexed: emptyCounters,
      stored: emptyCounters,
    }
    const block = encodeArenaTail(tail, new Uint8Array(512))
    block[at] = value
    expect(decodeArenaTail(block)).toContain(sentence)
    expect(decodeArenaTail(block.subarray(0, arenaTailBytes - 1))).toContain('only 134 bytes')
  })

  test.each([
    ['used beyond the arena', { clumps: 1, used: 8192 * 3 - 8192 + 1 }, /16385 bytes used of 24576 with 1 clumps/],
    ['used Infinity', { used: Infinity }, /Infinity bytes used/],
    ['too many clumps for what is used', { clumps: 2, used: 75 }, /75 bytes used for 2 clumps/],
    ['clumps 2^32 - 1', { clumps: 2 ** 32 - 1, used: 38 }, /38 bytes used of 24576 with 4294967295 clumps/],
    ['compressed clumps', { clumps: 1, compressedClumps: 2, used: 100 }, /2 compressed clumps of 1/],
    ['uncompressed', { clumps: 1, used: 100, uncompressed: Infinity }, /beyond 2\^53/],
  ])('counters that cannot be: %s', (_, fields, problem) => {
    expect(countersProblem({ ...emptyCounters, ...fields }, 24576, 8192)).toMatch(problem)
  })

  test('counters that just fit', () => {
    expect(countersProblem({ ...emptyCounters, clumps: 1, used: 16384 }, 24576, 8192)).toBeNull()
    expect(countersProblem({ ...emptyCounters, clumps: 2, used: 76, compressedClumps: 2 }, 24576, 8192)).toBeNull()
  })
})

describe('clump header', () => {
  const sound = (size: number, uncompressed: number, encoding: number): boolean => {
    const bytes = Buffer.alloc(38)
    bytes.writeUInt16BE(size, 5)
    bytes.writeUInt16BE(uncompressed, 7)
    bytes.writeUInt8(encoding, 29)
    return isSoundClump(bytes, 0)
  }

  test.each([
    [1, 1, 1, true],
    [57344, 57344, 1, true],
    [57345, 57345, 1, false],
    [0, 0, 1, false],
    [10, 11, 1, false],
    [11, 10, 1, false],
    [1, 2, 2, true],
    [57343, 57344, 2, true],
    [57344, 57344, 2, false],
    [57344, 57345, 2, false],
    [0, 10, 2, false],
    [11, 10, 2, false],
    [10, 10, 0, false],
    [10, 10, 3, false],
    [10, 10, 255, false],
  ])('%d stored, %d uncompressed, encoding %d: %s', (size, uncompressed, encoding, expected) => {
    expect(sound(size, uncompressed, encoding)).toBe(expected)
  })
})
