// Message bodies: the recorded exchange of venti-protocol.md §2.1 byte for byte, strict lengths, both directions.

import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { AppError } from '../../../../../shared/errors.ts'
import type { Score } from '../../../../../shared/model/score.ts'
import { fromHex, toHex } from '../../../../../electron/engine/bytes/hex.ts'
import { encodeFrame } from '../../../../../electron/engine/venti/wire/frame.ts'
import {
  decodeReply,
  decodeRequest,
  encodeReply,
  encodeRequest,
  encodeRreadHead,
  putTwriteHead,
  scoreEquals,
  type Reply,
  type Request,
} from '../../../../../electron/engine/venti/wire/message.ts'

const hello = new TextEncoder().encode('hello world')
const score = '2aae6c35c94fcfb415dbe95f408b9ce91ee846ed' as Score
const none = new Uint8Array(0)

function body(hex: string): Uint8Array {
  return new Uint8Array(fromHex(hex.replaceAll(' ', ''))!)
}

function codeOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return error instanceof AppError ? error.code : `not an AppError: ${String(error)}`
  }
  return 'no error'
}

const requests: [string, Request][] = [
  [
    '00000014 04 00 0002 3034 0009 616e6f6e796d6f7573 00 00 00',
    { kind: 'hello', tag: 0, version: '04', uid: 'anonymous', strength: 0, crypto: none, codec: none },
  ],
  ['00000011 0e 05 0d000000 68656c6c6f20776f726c64', { kind: 'write', tag: 5, blockType: 13, data: hello }],
  [
    '0000001a 0c 06 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed 0d 00 2000',
    { kind: 'read', tag: 6, score, blockType: 13, count: 8192 },
  ],
  ['00000002 10 07', { kind: 'sync', tag: 7 }],
  ['00000002 02 08', { kind: 'ping', tag: 8 }],
  ['00000002 06 09', { kind: 'goodbye', tag: 9 }],
]

const replies: [string, Reply][] = [
  [
    '0000000f 05 00 0009 616e6f6e796d6f7573 00 00',
    { kind: 'hello', tag: 0, serverId: 'anonymous', crypto: 0, codec: 0 },
  ],
  ['00000016 0f 05 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed', { kind: 'write', tag: 5, score }],
  ['0000000d 0d 06 68656c6c6f20776f726c64', { kind: 'read', tag: 6, data: hello }],
  ['00000002 11 07', { kind: 'sync', tag: 7 }],
  ['00000002 03 08', { kind: 'ping', tag: 8 }],
  ['0000000d 01 09 0009 726561 64206f6e6c79', { kind: 'error', tag: 9, text: 'read only' }],
]

describe('golden exchange', () => {
  test.each(requests)('%s', (hex, request) => {
    expect(toHex(encodeFrame('04', encodeRequest(request)))).toBe(hex.replaceAll(' ', ''))
    expect(decodeRequest(body(hex).subarray(4))).toEqual(request)
  })

  test.each(replies)('%s', (hex, reply) => {
    expect(toHex(encodeFrame('04', encodeReply(reply)))).toBe(hex.replaceAll(' ', ''))
    expect(decodeReply(body(hex).subarray(4))).toEqual(reply)
  })

  test('heads that leave without their data are the same bytes', () => {
    for (const version of ['02', '04'] as const) {
      const whole = encodeFrame(version, encodeRequest(requests[1]![1]))
      const head = new Uint8Array(whole.length - hello.length).fill(0xee)
      putTwriteHead(head, version, 5, 13, hello.length)
      expect([...head, ...hello]).toEqual([...whole])
      const reply = encodeFrame(version, encodeReply(replies[2]![1]))
      expect([...encodeRreadHead(version, 6, hello.length), ...hello]).toEqual([...reply])
    }
  })
})

describe('strictness', () => {
  test('one byte less or more is a protocol error', () => {
    for (const [hex, request] of requests) {
      const exact = body(hex).subarray(4)
      // Data runs to the end of the frame, so only its head can be cut.
      const shorter = request.kind === 'write' ? exact.subarray(0, 5) : exact.subarray(0, -1)
      expect(
        codeOf(() => decodeRequest(shorter)),
        request.kind,
      ).toBe('protocol')
      if (request.kind !== 'write') {
        expect(
          codeOf(() => decodeRequest(Uint8Array.of(...exact, 0))),
          request.kind,
        ).toBe('protocol')
      }
    }
    for (const [hex, reply] of replies) {
      if (reply.kind === 'read') continue
      const exact = body(hex).subarray(4)
      expect(
        codeOf(() => decodeReply(exact.subarray(0, -1))),
        reply.kind,
      ).toBe('protocol')
      expect(
        codeOf(() => decodeReply(Uint8Array.of(...exact, 0))),
        reply.kind,
      ).toBe('protocol')
    }
    expect(codeOf(() => decodeReply(none))).toBe('protocol')
    expect(codeOf(() => decodeReply(Uint8Array.of(13)))).toBe('protocol')
    expect(codeOf(() => decodeRequest(Uint8Array.of(14)))).toBe('protocol')
  })

  test('the Tread count may have four bytes, but never three or five', () => {
    const long = body('0c 06 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed 0d 00 00012000')
    expect(decodeRequest(long)).toEqual({ kind: 'read', tag: 6, score, blockType: 13, count: 0x12000 })
    expect(codeOf(() => decodeRequest(long.subarray(0, -1)))).toBe('protocol')
    expect(codeOf(() => decodeRequest(Uint8Array.of(...long, 0)))).toBe('protocol')
    expect(codeOf(() => encodeRequest({ kind: 'read', tag: 1, score, blockType: 13, count: 65536 }))).toBe('bug')
  })

  test('padding is ignored, block types are not judged', () => {
    expect(decodeRequest(body('0e 05 ff 010203 61'))).toMatchObject({ blockType: 255, data: Uint8Array.of(0x61) })
    expect(decodeRequest(body(`0c 06 ${score} 00 ff 0000`))).toMatchObject({ blockType: 0, count: 0 })
  })

  test('codes that are no request or no reply', () => {
    expect(decodeRequest(Uint8Array.of(0, 3))).toEqual({ kind: 'unknown', tag: 3, code: 0 })
    expect(decodeRequest(Uint8Array.of(13, 3, 1, 2))).toEqual({ kind: 'unknown', tag: 3, code: 13 })
    for (const code of [0, 2, 4, 6, 7, 8, 12, 14, 16, 18, 255]) {
      expect(
        codeOf(() => decodeReply(Uint8Array.of(code, 3))),
        String(code),
      ).toBe('protocol')
    }
  })

  test('strings: at most 1024 bytes, no NUL, a cut character is no error', () => {
    const error = (length: number, fill: number): Uint8Array =>
      Uint8Array.of(1, 1, length >> 8, length & 255, ...new Uint8Array(length).fill(fill))
    expect(decodeReply(error(1024, 0x61))).toMatchObject({ text: 'a'.repeat(1024) })
    expect(codeOf(() => decodeReply(error(1025, 0x61)))).toBe('protocol')
    expect(codeOf(() => decodeReply(error(1, 0)))).toBe('protocol')
    expect(decodeReply(error(1, 0xc3))).toMatchObject({ text: '\ufffd' })
  })

  test('an error text of any length can be sent', () => {
    for (const text of ['x'.repeat(5000), 'ü€'.repeat(600), 'a\0b']) {
      const decoded = decodeReply(encodeReply({ kind: 'error', tag: 1, text }))
      expect(decoded.kind === 'error' && text.replaceAll('\0', '').startsWith(decoded.text)).toBe(true)
      expect(decoded.kind === 'error' && decoded.text.length > 1).toBe(true)
    }
  })
})

describe('properties', () => {
  const byte = fc.integer({ min: 0, max: 255 })
  const name = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.includes('\0'))
  const field = fc.uint8Array({ maxLength: 255 })
  const data = fc.uint8Array({ maxLength: 500 })
  const anyScore = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => toHex(bytes) as Score)
  const count = fc.integer({ min: 0, max: 65535 })
  const anyRequest: fc.Arbitrary<Request> = fc.oneof(
    fc.record({
      kind: fc.constant('hello' as const),
      tag: byte,
      version: name,
      uid: name,
      strength: byte,
      crypto: field,
      codec: field,
    }),
    fc.record({ kind: fc.constant('read' as const), tag: byte, score: anyScore, blockType: byte, count }),
    fc.record({ kind: fc.constant('write' as const), tag: byte, blockType: byte, data }),
    fc.record({ kind: fc.constantFrom('ping' as const, 'sync' as const, 'goodbye' as const), tag: byte }),
  )
  const anyReply: fc.Arbitrary<Reply> = fc.oneof(
    fc.record({ kind: fc.constant('error' as const), tag: byte, text: name }),
    fc.record({ kind: fc.constant('hello' as const), tag: byte, serverId: name, crypto: byte, codec: byte }),
    fc.record({ kind: fc.constant('read' as const), tag: byte, data }),
    fc.record({ kind: fc.constant('write' as const), tag: byte, score: anyScore }),
    fc.record({ kind: fc.constantFrom('ping' as const, 'sync' as const), tag: byte }),
  )

  test('decode(encode(x)) is x', () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        expect(decodeRequest(encodeRequest(request))).toEqual(request)
      }),
    )
    fc.assert(
      fc.property(anyReply, (reply) => {
        expect(decodeReply(encodeReply(reply))).toEqual(reply)
      }),
    )
  })

  test('any bytes decode or give a protocol error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), byte, (bytes, code) => {
        if (bytes.length > 0) bytes[0] = code % 20
        expect(['protocol', 'no error']).toContain(codeOf(() => decodeReply(bytes)))
        expect(['protocol', 'no error']).toContain(codeOf(() => decodeRequest(bytes)))
      }),
      { numRuns: 1000 },
    )
  })

  test('scoreEquals is equality of scores', () => {
    fc.assert(
      fc.property(anyScore, fc.nat(19), byte, (one, at, value) => {
        const bytes = Uint8Array.of(7, ...fromHex(one)!)
        expect(scoreEquals(bytes, 1, one)).toBe(true)
        const same = bytes[1 + at] === value
        bytes[1 + at] = value
        expect(scoreEquals(bytes, 1, one)).toBe(same)
      }),
    )
  })
})
