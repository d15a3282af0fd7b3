// Frames: the same bodies from every split of the stream, both length fields, the cap, and linear work.

import { expect, test } from 'vitest'
import fc from 'fast-check'
import { AppError } from '../../../../../shared/errors.ts'
import { encodeFrame, FrameReader } from '../../../../../electron/engine/venti/wire/frame.ts'
import type { ProtocolVersion } from '../../../../../electron/engine/venti/wire/version.ts'
import { cpuMs } from '../../../../helpers/cpu-time.ts'

function bodies(version: ProtocolVersion, chunks: readonly Uint8Array[], cap?: number): number[][] {
  const reader = new FrameReader(version, cap)
  const found: number[][] = []
  for (const chunk of chunks) {
    reader.push(chunk)
    for (let body = reader.next(); body !== undefined; body = reader.next()) found.push([...body])
  }
  return found
}

test('the length field has two bytes in version 02 and four in version 04', () => {
  const body = Uint8Array.of(16, 7)
  expect([...encodeFrame('02', body)]).toEqual([0, 2, 16, 7])
  expect([...encodeFrame('04', body)]).toEqual([0, 0, 0, 2, 16, 7])
  expect(encodeFrame('02', new Uint8Array(0xffff)).subarray(0, 2)).toEqual(Uint8Array.of(0xff, 0xff))
  expect(() => encodeFrame('02', new Uint8Array(0x10000))).toThrow(AppError)
})

test.each(['02', '04'] as const)('any split of a %s stream gives the same bodies', (version) => {
  const body = fc.uint8Array({ maxLength: 300 })
  fc.assert(
    fc.property(fc.array(body, { maxLength: 8 }), fc.array(fc.nat(2500), { maxLength: 12 }), (all, cuts) => {
      const stream = new Uint8Array(Buffer.concat(all.map((one) => encodeFrame(version, one))))
      const at = [0, ...cuts.map((cut) => Math.min(cut, stream.length)).toSorted((a, b) => a - b), stream.length]
      const split = at.slice(1).map((end, i) => stream.slice(at[i], end))
      expect(bodies(version, split)).toEqual(all.map((one) => [...one]))
    }),
  )
})

test('one byte at a time', () => {
  const stream = Buffer.concat([encodeFrame('04', Uint8Array.of(1, 2, 3)), encodeFrame('04', new Uint8Array(0))])
  expect(
    bodies(
      '04',
      [...stream].map((byte) => Uint8Array.of(byte)),
    ),
  ).toEqual([[1, 2, 3], []])
})

test('a body inside one chunk is not copied', () => {
  const chunk = encodeFrame('04', Uint8Array.of(9, 9))
  const reader = new FrameReader('04')
  reader.push(chunk)
  expect(reader.next()!.buffer).toBe(chunk.buffer)
})

test('a length above the cap is refused before anything is allocated, and stays refused', () => {
  const reader = new FrameReader('04')
  reader.push(Uint8Array.of(0, 1, 0, 1))
  for (let i = 0; i < 2; i++) {
    try {
      reader.next()
      expect.unreachable()
    } catch (error) {
      expect((error as AppError).code).toBe('protocol')
      expect((error as AppError).message).toContain('65537')
    }
  }
  expect(() => bodies('04', [Uint8Array.of(0xff, 0xff, 0xff, 0xff)])).toThrow('4294967295')
  expect(bodies('04', [encodeFrame('04', new Uint8Array(65536))])[0]?.length).toBe(65536)
  expect(bodies('02', [encodeFrame('02', new Uint8Array(65535))])[0]?.length).toBe(65535)
})

test('a large body in many pieces is copied once', () => {
  const size = 8 * 1024 * 1024
  const reader = new FrameReader('04', size)
  reader.push(encodeFrame('04', new Uint8Array(size)).subarray(0, 4))
  expect(reader.next()).toBeUndefined()
  const piece = new Uint8Array(64)
  let body: Uint8Array | undefined
  const before = cpuMs()
  for (let sent = 0; sent < size; sent += piece.length) {
    reader.push(piece)
    body = reader.next()
  }
  expect(body?.length).toBe(size)
  // 131072 pieces: copying what is there for each of them would move half a terabyte.
  expect(cpuMs() - before).toBeLessThan(5_000)
})
