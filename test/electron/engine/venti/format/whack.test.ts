// whack and unwhack against what real programs made: the worked examples (output of the reference encoder) and every
// clump of the fixture images. The tables are written out here once more, from the format's description and not by the
// rule the codec uses, and a slow decoder that reads bit by bit says what damaged input means.

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sha1 } from '../../../../../electron/engine/hash/sha1.ts'
import { unwhack } from '../../../../../electron/engine/venti/format/unwhack.ts'
import { createWhackEncoder, whack } from '../../../../../electron/engine/venti/format/whack.ts'
import { fixtureIds, healthyPartition, loadFixture } from '../../../../helpers/fixtures.ts'

const maxBlock = 57344
const guardBytes = 16

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const textBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

/** Bytes without a pattern, the same at every run. */
function noise(length: number): Uint8Array {
  let state = 1
  return new Uint8Array(length).map(() => (state = Math.imul(state, 1664525) + 1013904223) >>> 24)
}

/** Decodes into the middle of a larger buffer; a changed guard byte on either side is an error. */
function decode(stream: Uint8Array, outLength: number): Uint8Array | null {
  const padded = new Uint8Array(outLength + 2 * guardBytes).fill(0xa5)
  const out = padded.subarray(guardBytes)
  const before = stream.slice()
  const done = unwhack(stream, 0, stream.length, out, outLength)
  const guards = [...padded.subarray(0, guardBytes), ...padded.subarray(guardBytes + outLength)]
  if (guards.some((byte) => byte !== 0xa5)) throw new Error('bytes outside the output were written')
  if (!same(before, stream)) throw new Error('the input was written')
  return done ? out.slice(0, outLength) : null
}

function encode(block: Uint8Array): Uint8Array | null {
  const out = new Uint8Array(block.length + guardBytes).fill(0xa5)
  const length = whack(block, out)
  if (length === -1) return null
  if (length >= block.length) throw new Error(`${block.length} bytes became ${length}`)
  if (out.subarray(Math.max(0, block.length - 1)).some((byte) => byte !== 0xa5)) throw new Error('too much was written')
  return out.slice(0, length)
}

/** A stream from symbols written as text: '0 01100001'. Blanks are ignored, the last byte is filled with zeros. */
function bits(...symbols: readonly string[]): Uint8Array {
  const text = symbols.join('').replaceAll(' ', '')
  const bytes = new Uint8Array(Math.ceil(text.length / 8))
  for (let i = 0; i < text.length; i++) if (text[i] === '1') bytes[i >> 3]! |= 0x80 >> (i & 7)
  return bytes
}

const binary = (value: number, width: number): string => value.toString(2).padStart(width, '0')
const special = (byte: number): string => `0${binary(byte, 8)}`

/** Rows of the length table: first length, bits, first code. */
const lengthRows = [
  [3, 2, 0x2],
  [4, 3, 0x6],
  [5, 5, 0x1c],
  [7, 6, 0x3c],
  [8, 7, 0x7a],
  [10, 8, 0xf8],
  [12, 9, 0x1f4],
  [16, 10, 0x3f0],
  [20, 11, 0x7e8],
  [28, 12, 0xfe0],
  [36, 13, 0x1fd0],
  [52, 14, 0x3fc0],
  [68, 15, 0x7fa0],
  [100, 16, 0xff80],
  [132, 17, 0x1ff40],
  [196, 18, 0x3ff00],
  [260, 19, 0x7fe80],
  [388, 20, 0xffe00],
  [516, 21, 0x1ffd00],
  [772, 22, 0x3ffc00],
  [1028, 23, 0x7ffa00],
  [1540, 24, 0xfff800],
] as const

/** Rows of the offset table: first distance (offset - 1), prefix, further bits. */
const offsetRows = [
  [0, '000', 6],
  [64, '001', 6],
  [128, '010', 7],
  [256, '011', 8],
  [512, '100', 9],
  [1024, '101', 10],
  [2048, '110', 11],
  [4096, '1110', 12],
  [8192, '1111', 13],
] as const

function lengthCode(length: number): string {
  const [first, width, code] = lengthRows.findLast(([from]) => from <= length)!
  return binary(code + length - first, width)
}

function offsetCode(offset: number): string {
  const [first, prefix, width] = offsetRows.findLast(([from]) => from <= offset - 1)!
  return prefix + binary(offset - 1 - first, width)
}

/** What the format's description makes of any input, one bit at a time; null for damage or more than `room`. */
function slowDecode(stream: Uint8Array, room: number): Uint8Array | null {
  const total = 8 * stream.length
  const out: number[] = []
  let at = 0
  let history = [1, 1, 1, 1]
  const take = (count: number): number => {
    let value = 0
    for (; count > 0; count--, at++) value = 2 * value + (((stream[at >> 3] ?? 0) >> (7 - (at & 7))) & 1)
    return value
  }
  while (total - at >= 8) {
    if (take(1) === 0) {
      let byte
      if (history.includes(1)) byte = take(8)
      else {
        byte = take(7)
        if (byte < 24) byte = (4 * byte + take(2) + 192) % 256
        else if (byte < 32) byte = (8 * byte + take(3) + 192) % 256
      }
      out.push(byte)
      history = [...history.slice(1), byte < 32 || byte > 127 ? 1 : 0]
    } else {
      let code = 1
      let width = 1
      let length = -1
      while (length < 0 && width < 24) {
        code = 2 * code + take(1)
        width++
        const index = lengthRows.findIndex((row) => row[1] === width)
        if (index < 0) continue
        const [first, , firstCode] = lengthRows[index]!
        const next = lengthRows[index + 1]?.[0] ?? 2052
        if (code - firstCode < next - first) length = first + code - firstCode
      }
      if (length < 0) return null
      const short = binary(take(3), 3)
      const prefix = short === '111' ? short + take(1) : short
      const [first, , further] = offsetRows.find((row) => row[1] === prefix)!
      const offset = first + take(further) + 1
      if (offset > out.length || out.length + length > room) return null
      for (; length > 0; length--) out.push(out[out.length - offset]!)
    }
    if (out.length > room) return null
  }
  return at <= total ? new Uint8Array(out) : null
}

function slowBlock(stream: Uint8Array, outLength: number): Uint8Array | null {
  const block = slowDecode(stream, outLength)
  return block?.length === outLength ? block : null
}

const binaryExample = bytesOf('6e616d653d 00ff801f 41424344454647 05 48494a4b4c e9 4d4e4f5051 90')

const examples: readonly { name: string; block: Uint8Array; stream: string }[] = [
  { name: 'run of matches', block: textBytes('abc'.repeat(7)), stream: '30 98 8c 7f 90 08' },
  {
    name: 'plain text',
    block: textBytes('one potato, two potato, three potato, four potato, five'),
    stream: '37 9b 8c a2 07 06 f7 46 17 46 f2 c2 07 47 76 ff 80 5b 43 93 2f c0 65 99 bd d5 cb e0 18 d2 ec ca',
  },
  {
    name: 'all literal forms, odd length code',
    block: new Uint8Array([...binaryExample, ...binaryExample]),
    stream:
      '37 18 4d a6 53 d1 01 fe 80 0f 90 48 44 32 22 2a 32 38 8a 48 24 92 89 69 81 49 34 9c 4f 28 28 8d 0f e1 0e 00',
  },
  {
    name: 'longest match',
    block: new Uint8Array(8192),
    stream: '00 7f fc ff 80 3f fe 7f c0 1f ff 3f e0 0f ff 9f 20 00',
  },
  { name: 'ten equal letters', block: textBytes('A'.repeat(10)), stream: '20 fb 00 00' },
]

describe('output of the reference encoder', () => {
  test.each(examples)('$name: decodes to the block', ({ block, stream }) => {
    expect(decode(bytesOf(stream), block.length)).toEqual(block)
  })

  test.each(examples)('$name: is what we encode', ({ block, stream }) => {
    expect(encode(block)).toEqual(bytesOf(stream))
  })

  test('a block where colliding hash chains use up the candidates', () => {
    // Eight letters, so a chain is longer than 48: only the server's own hash leads to the same matches. Length and
    // SHA-1 are those of whackblock in plan9port's whack.c.
    const block = noise(maxBlock).map((byte) => 0x61 + (byte >> 5))
    const stream = encode(block)!
    expect({ block: sha1(block), length: stream.length, stream: sha1(stream) }).toEqual({
      block: '98a49077690d0c54dbfaaa6450a354d735741745',
      length: 29770,
      stream: '3500b741cde2711e41d2a3190e048bc188524515',
    })
    expect(decode(stream, maxBlock)).toEqual(block)
  })

  const images = fixtureIds(({ encoding, expected }) => encoding === 'gzip' && !('damage' in expected))
  test.each(images)('every clump of %s', (id) => {
    const image = loadFixture(id)
    const wrong: string[] = []
    const found = { compressed: 0, plain: 0 }
    const out = new Uint8Array(maxBlock)
    const again = new Uint8Array(maxBlock)
    const { arenas } = healthyPartition(id)
    for (const arena of arenas) {
      for (let at = arena.dataBase; at < arena.dataBase + arena.used;) {
        const size = image.readUInt16BE(at + 5)
        const blockSize = image.readUInt16BE(at + 7)
        const score = image.toString('hex', at + 9, at + 29)
        const data = at + 38
        const stored = image.subarray(data, data + size)
        const where = `${arena.name} at 0x${(at - arena.dataBase).toString(16)}`
        if (image[at + 29] === 2) {
          found.compressed++
          const block = out.subarray(0, blockSize)
          if (!unwhack(image, data, data + size, out, blockSize)) wrong.push(`${where}: does not decode`)
          else if (sha1(block) !== score) wrong.push(`${where}: wrong score`)
          else if (!same(again.subarray(0, whack(block, again)), stored)) wrong.push(`${where}: encodes differently`)
        } else {
          found.plain++
          if (whack(stored, again) !== -1) wrong.push(`${where}: the server stored this plain`)
        }
        at = data + size
      }
    }
    const compressed = arenas.reduce((sum, arena) => sum + arena.compressedClumps, 0)
    const clumps = arenas.reduce((sum, arena) => sum + arena.clumps, 0)
    expect({ ...found, wrong }).toEqual({ compressed, plain: clumps - compressed, wrong: [] })
  })
})

describe('symbols', () => {
  test('every match length, 3 to 2051', () => {
    const wrong: number[] = []
    for (let length = 3; length <= 2051; length++) {
      const block = textBytes('a'.repeat(length + 1))
      const stream = bits(special(0x61), lengthCode(length), offsetCode(1))
      if (!same(encode(block) ?? new Uint8Array(), stream)) wrong.push(length)
      if (!same(decode(stream, block.length) ?? new Uint8Array(), block)) wrong.push(-length)
    }
    expect(wrong).toEqual([])
  })

  test('every match length copied from further back than it is long', () => {
    const wrong: number[] = []
    const unlike = new Uint8Array(2051).map((_, i) => (i * i * 31 + (i >> 3)) & 0xff)
    const literals = [...unlike].map((byte) => special(byte | 0x80)).join('')
    const start = unlike.map((byte) => byte | 0x80)
    for (const [first] of lengthRows) {
      for (const length of [first, Math.min(2051, first + 1), Math.max(3, first - 1), 2051]) {
        const stream = bits(literals, lengthCode(length), offsetCode(2051))
        const block = new Uint8Array([...start, ...start.subarray(0, length)])
        if (!same(decode(stream, block.length) ?? new Uint8Array(), block)) wrong.push(length)
      }
    }
    expect(wrong).toEqual([])
  })

  test('copies that just overlap what they write, and that just do not', () => {
    const wrong: string[] = []
    const start = noise(260).map((byte) => byte | 0x80)
    const literals = [...start].map(special).join('')
    for (const length of [3, 4, 46, 47, 48, 49, 50, 100, 255]) {
      for (const offset of [1, 2, length - 2, length - 1, length, length + 1]) {
        if (offset < 1) continue
        const expected = [...start]
        for (let i = 0; i < length; i++) expected.push(expected[expected.length - offset]!)
        const found = decode(bits(literals, lengthCode(length), offsetCode(offset)), expected.length)
        if (!same(found ?? new Uint8Array(), new Uint8Array(expected))) wrong.push(`${length} bytes from ${offset}`)
      }
    }
    expect(wrong).toEqual([])
  })

  test('a code beyond length 2051 is damage', () => {
    const block = (length: number): Uint8Array | null =>
      decode(bits(special(0x61), binary(0xfff800 + length - 1540, 24), offsetCode(1)), length + 1)
    expect(block(2051)).toEqual(textBytes('a'.repeat(2052)))
    for (const length of [2052, 2053, 2100, 3587]) expect(block(length)).toBeNull()
    expect(decode(bits(special(0x61), '1'.repeat(64)), maxBlock)).toBeNull()
  })

  test('every offset, 1 to 16384', () => {
    const history = 16384
    const start = new Uint8Array(history).map((_, i) => ((i % 251) ^ (i >> 7)) | 0x80)
    const literals = [...start].map((byte) => special(byte)).join('')
    const wrong: number[] = []
    // 9 * 16384 bits are whole bytes, so each stream is the literals with a match put behind them.
    const stream = new Uint8Array([...bits(literals), 0, 0, 0])
    const out = new Uint8Array(history + 3)
    for (let offset = 1; offset <= history; offset++) {
      const match = bits(lengthCode(3), offsetCode(offset))
      stream.set(match, 18432)
      const done = unwhack(stream, 0, 18432 + match.length, out, history + 3)
      const expected = [0, 1, 2].map((i) => start[history - offset + (i % offset)]!)
      if (!done || !same(out.subarray(history), new Uint8Array(expected))) wrong.push(offset)
    }
    expect(wrong).toEqual([])
    expect(same(out.subarray(0, history), start)).toBe(true)
  })

  test('an offset beyond the first byte is damage', () => {
    expect(decode(bits(special(1), lengthCode(3), offsetCode(2)), 4)).toBeNull()
    expect(decode(bits(lengthCode(3), offsetCode(1)), 3)).toBeNull()
  })

  test('matches are found up to 16384 bytes back and not further', () => {
    const marker = [1, 2, 3, 4]
    for (const [offset, length] of [
      [16384, 16],
      [16385, 20],
    ] as const) {
      const block = new Uint8Array([...marker, ...new Uint8Array(offset - marker.length).fill(9), ...marker])
      const stream = encode(block)!
      expect(decode(stream, block.length)).toEqual(block)
      // 4 or 8 literals of 9 bits, runs, and in the first case one match over the whole window.
      const long = Math.floor((offset - 5) / 2051)
      const runs =
        (lengthCode(2051) + offsetCode(1)).repeat(long) + lengthCode(offset - 5 - 2051 * long) + offsetCode(1)
      const head = [...marker, 9].map(special).join('')
      const tail = length === 16 ? lengthCode(4) + offsetCode(16384) : marker.map(special).join('')
      expect(stream).toEqual(bits(head, runs, tail))
    }
  })

  test('every byte in every literal form', () => {
    const wrong: string[] = []
    const check = (byte: number, before: string, form: string): void => {
      const unit = [...textBytes(before), byte]
      const block = new Uint8Array(Array.from({ length: 30 }, () => unit).flat())
      const literals = [...textBytes(before)].map(special).join('') + form
      const stream = bits(literals, lengthCode(block.length - unit.length), offsetCode(unit.length))
      if (!same(encode(block) ?? new Uint8Array(), stream)) wrong.push(`encode ${before} ${byte}`)
      if (!same(decode(stream, block.length) ?? new Uint8Array(), block)) wrong.push(`decode ${before} ${byte}`)
    }
    for (let byte = 0; byte < 256; byte++) {
      const escape = (byte + 64) % 256
      const plain = byte >= 32 && byte <= 127 ? binary(byte, 8) : binary(escape, escape < 96 ? 10 : 11)
      // Four plain bytes before: the short forms. A special one at any of the four places: nine bits.
      check(byte, 'wxyz', plain)
      for (const before of ['\x01xyz', 'w\x80yz', 'wx\x1fz', 'wxy\xff']) check(byte, before, special(byte))
    }
    expect(wrong).toEqual([])
  })
})

describe('the encoder', () => {
  test('what would not become shorter is stored plain', () => {
    expect(encode(new Uint8Array(0))).toBeNull()
    expect(encode(textBytes('aa'))).toBeNull()
    expect(encode(textBytes('aaa'))).toBeNull()
    // 9 + 2 + 9 bits are three bytes.
    expect(encode(textBytes('aaaa'))).toEqual(bits(special(0x61), lengthCode(3), offsetCode(1)))
    expect(encode(new Uint8Array(256).map((_, i) => i))).toBeNull()
  })

  test('a result of exactly the same length is stored plain', () => {
    // n literals of 9 bits, then a match of 3 over 9 bits: 9n + 11 bits, as many bytes as n + 3 for n = 6 to 13.
    const block = (literals: number): Uint8Array =>
      new Uint8Array([...Array.from({ length: literals }, (_, i) => 0x80 + i), 0x80, 0x81, 0x82])
    expect(encode(block(13))).toBeNull()
    expect(encode(block(6))).toBeNull()
    expect(encode(block(5))).toEqual(bits(...[0x80, 0x81, 0x82, 0x83, 0x84].map(special), lengthCode(3), offsetCode(5)))
  })

  test('gives up like the server when the first half does not compress', () => {
    const random = noise(4096)
    expect(encode(new Uint8Array([...random, ...new Uint8Array(4095)]))).toBeNull()
    expect(encode(new Uint8Array([...new Uint8Array(4095), ...random]))).not.toBeNull()
  })

  test('remembers nothing of the block before', () => {
    const used = createWhackEncoder()
    const out = new Uint8Array(maxBlock)
    const blocks = [
      ...examples.map(({ block }) => block),
      textBytes('abcdefghijklmnopqrstuvwxyz'.repeat(2000)),
      new Uint8Array(maxBlock),
    ]
    const fresh = blocks.map((block) => out.slice(0, createWhackEncoder().encode(block, out)))
    for (let round = 0; round < 2; round++) {
      const again = blocks.toReversed().map((block) => out.slice(0, used.encode(block, out)))
      expect(again.toReversed()).toEqual(fresh)
    }
  })

  test('refuses a block larger than a server stores', () => {
    expect(() => whack(new Uint8Array(maxBlock + 1), new Uint8Array(2 * maxBlock))).toThrow('too large')
    expect(() => whack(new Uint8Array(100), new Uint8Array(98))).toThrow('no room')
  })
})

/** Blocks with the habits of real ones: words, runs, repeats of something earlier, binary numbers, noise. */
const piece = fc.oneof(
  fc.record({
    kind: fc.constant('text' as const),
    bytes: fc.uint8Array({ min: 97, max: 104, minLength: 1, maxLength: 40 }),
  }),
  fc.record({ kind: fc.constant('noise' as const), bytes: fc.uint8Array({ minLength: 1, maxLength: 60 }) }),
  fc.record({
    kind: fc.constant('run' as const),
    byte: fc.integer({ min: 0, max: 255 }),
    count: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 5000 })),
  }),
  fc.record({
    kind: fc.constant('repeat' as const),
    back: fc.oneof(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 20000 })),
    count: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 3000 })),
  }),
)

const block = fc.array(piece, { maxLength: 24 }).map((pieces) => {
  const bytes = new Uint8Array(maxBlock)
  let length = 0
  for (const each of pieces) {
    if (each.kind === 'text' || each.kind === 'noise') {
      const fitting = each.bytes.subarray(0, maxBlock - length)
      bytes.set(fitting, length)
      length += fitting.length
    } else {
      const stop = Math.min(maxBlock, length + each.count)
      for (; length < stop; length++) {
        bytes[length] = each.kind === 'run' ? each.byte : (bytes[length - Math.min(length, each.back)] ?? 0)
      }
    }
  }
  return bytes.slice(0, length)
})

function expectProperty<T>(property: fc.IProperty<T>, numRuns: number): void {
  fc.assert(property, { numRuns })
}

describe('properties', () => {
  test('what is encoded decodes to the same block, and to no other length', () => {
    expectProperty(
      fc.property(block, (bytes) => {
        const stream = encode(bytes)
        if (stream === null) return true
        return (
          same(decode(stream, bytes.length) ?? new Uint8Array(), bytes) &&
          decode(stream, bytes.length - 1) === null &&
          decode(stream, bytes.length + 1) === null
        )
      }),
      3000,
    )
  })

  test('a stream cut off anywhere, or with a byte too many, fails', () => {
    expectProperty(
      fc.property(block, fc.nat(), fc.integer({ min: 0, max: 255 }), (bytes, cut, extra) => {
        const stream = encode(bytes)
        if (stream === null) return true
        const shorter = stream.slice(0, cut % stream.length)
        return (
          decode(shorter, bytes.length) === null && decode(new Uint8Array([...stream, extra]), bytes.length) === null
        )
      }),
      1500,
    )
  })

  test.each(examples)('every beginning of an example fails: $name', ({ block: { length }, stream }) => {
    const bytes = bytesOf(stream)
    for (let cut = 0; cut < bytes.length; cut++) expect(decode(bytes.slice(0, cut), length)).toBeNull()
  })

  test('random bytes are decoded as the description says, within bounds', () => {
    // Ones are long lengths and literals need zeros: a mixture goes deeper than evenly spread bytes.
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .array(fc.constantFrom(0x00, 0x10, 0x20, 0x61, 0x80, 0xf8, 0xfe, 0xff), { maxLength: 60 })
        .map((bytes) => new Uint8Array(bytes)),
    )
    expectProperty(
      fc.property(garbage, fc.integer({ min: 0, max: 4000 }), (stream, outLength) => {
        // A length the stream does lead to, if it leads anywhere, beside the arbitrary one.
        for (const length of [outLength, slowDecode(stream, maxBlock)?.length ?? 0]) {
          const expected = slowBlock(stream, length)
          const found = decode(stream, length)
          if (expected === null ? found !== null : found === null || !same(found, expected)) return false
        }
        return true
      }),
      5000,
    )
  })

  test('a damaged stream is decoded as the description says, within bounds', () => {
    const flips = fc.array(fc.nat(), { minLength: 1, maxLength: 3 })
    const small = block.filter((bytes) => bytes.length > 0 && bytes.length < 3000)
    expectProperty(
      fc.property(small, flips, (bytes, damage) => {
        const stream = encode(bytes)
        if (stream === null) return true
        for (const flip of damage) stream[(flip >> 3) % stream.length]! ^= 1 << (flip & 7)
        const expected = slowBlock(stream, bytes.length)
        const found = decode(stream, bytes.length)
        return expected === null ? found === null : found !== null && same(found, expected)
      }),
      2000,
    )
  })

  test('only source[start..end) counts', () => {
    expectProperty(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(40), fc.nat(300), (stream, start, outLength) => {
        const answers = [0x00, 0xff].map((around) => {
          const source = new Uint8Array(start + stream.length + 8).fill(around)
          source.set(stream, start)
          const out = new Uint8Array(outLength)
          return { done: unwhack(source, start, start + stream.length, out, outLength), out }
        })
        expect(answers[1]).toEqual(answers[0])
      }),
      1000,
    )
  })
})

test('senseless ranges are refused, not thrown at', () => {
  const source = bytesOf('20 fb 00 00')
  const out = new Uint8Array(10)
  expect(unwhack(source, 0, 4, out, 10)).toBe(true)
  for (const [start, end, outLength] of [
    [0, 5, 10],
    [-1, 4, 10],
    [3, 2, 10],
    [3, 1, 0],
    [0, 4, 11],
    [0, 4, -1],
    [Number.NaN, 4, 10],
    [0, Number.NaN, 10],
    [0, 4, Number.NaN],
  ] as const) {
    expect(unwhack(source, start, end, out, outLength)).toBe(false)
  }
  // Its last byte is zero, as is what a read past the end would give.
  expect(unwhack(source.subarray(0, 3), 0, 4, out, 10)).toBe(false)
  expect(unwhack(source, 2, 2, out, 0)).toBe(true)
  expect(unwhack(source, 0, 4, out, 0)).toBe(false)
})
