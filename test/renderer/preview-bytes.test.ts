// Bytes of a preview as text and as a dump.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesOf, hexLines, hexText, textOf } from '../../renderer/views/verify/preview-bytes.ts'

test('base64 gives back every byte', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(bytesOf(Buffer.from(bytes).toString('base64'))).toEqual(bytes)
    }),
  )
})

test('a character that the end of a piece cuts is left out; what is no UTF-8 is marked', () => {
  const whole = new TextEncoder().encode('für')
  expect(textOf(whole)).toBe('für')
  expect(textOf(whole.subarray(0, 2))).toBe('f')
  expect(textOf(Uint8Array.of(0x61, 0xff, 0x62))).toBe('a\ufffdb')
})

test('a dump has sixteen bytes a line, from the offset of its piece on', () => {
  const bytes = Uint8Array.from({ length: 18 }, (_, index) => index + 0x30)
  expect(hexLines(bytes, 0x1_0000)).toEqual([
    { offset: '00010000', hex: '30 31 32 33 34 35 36 37 38 39 3a 3b 3c 3d 3e 3f', text: '0123456789:;<=>?' },
    { offset: '00010010', hex: '40 41', text: '@A' },
  ])
  const [first, second] = hexText(bytes, 0x1_0000).split('\n') as [string, string]
  expect(second.indexOf('@A')).toBe(first.indexOf('0123456789'))
})

test('what is no printable ASCII is a point, and nothing at all has no line', () => {
  expect(hexLines(Uint8Array.of(0x00, 0x1b, 0x20, 0x7e, 0x7f, 0xe4), 0)[0]?.text).toBe('.. ~..')
  expect(hexText(new Uint8Array(), 0)).toBe('')
})

test('every byte stands in its dump once, in order', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const hex = hexLines(bytes, 0).flatMap((line) => line.hex.split(' '))
      expect(hex.map((digits) => Number.parseInt(digits, 16))).toEqual([...bytes])
    }),
  )
})
