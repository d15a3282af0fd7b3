// The token bucket behind --limit, with a clock of its own.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rateLimit } from '../../../../electron/engine/sync/rate-limit.ts'

/** Sends blocks as the writer does, waiting as told; returns the milliseconds it took. */
function send(bytesPerSecond: number, blocks: readonly number[]): number {
  const limit = rateLimit(bytesPerSecond)
  let nowMs = 1000
  for (const bytes of blocks) {
    for (let wait = limit.take(bytes, nowMs); wait > 0; wait = limit.take(bytes, nowMs)) nowMs += wait
  }
  return nowMs - 1000
}

test('a burst of a tenth of a second goes at once', () => {
  expect(send(100_000, [4000, 4000, 2000])).toBe(0)
})

test('a block larger than the burst goes, and is paid for afterwards', () => {
  expect(send(1000, [8192])).toBe(0)
  expect(send(1000, [8192, 1])).toBeGreaterThan(7900)
})

test('waiting is never zero milliseconds', () => {
  const limit = rateLimit(1e9)
  limit.take(1e8, 0)
  expect(limit.take(1, 0)).toBeGreaterThanOrEqual(1)
})

test('a pause does not save up more than a burst', () => {
  const limit = rateLimit(10_000)
  expect(limit.take(1000, 0)).toBe(0)
  expect(limit.take(1000, 3_600_000)).toBe(0)
  expect(limit.take(1000, 3_600_000)).toBeGreaterThan(90)
})

test('a clock that stands still or is asked often changes nothing', () => {
  const limit = rateLimit(1000)
  limit.take(100, 0)
  for (let i = 0; i < 50; i++) expect(limit.take(100, 10)).toBeGreaterThan(0)
  expect(limit.take(100, 100)).toBe(0)
})

test('the rate is kept on average for any blocks', () => {
  const block = fc.integer({ min: 1, max: 57344 })
  const rate = fc.integer({ min: 1000, max: 50_000_000 })
  fc.assert(
    fc.property(fc.array(block, { minLength: 1, maxLength: 200 }), rate, (blocks, bytesPerSecond) => {
      const seconds = send(bytesPerSecond, blocks) / 1000
      const total = blocks.reduce((sum, bytes) => sum + bytes, 0)
      const burst = bytesPerSecond / 10
      const last = blocks.at(-1)!
      // Faster only by the burst and the block that is still owed for; slower only by the rounding of each wait.
      expect(total - burst - last).toBeLessThanOrEqual(seconds * bytesPerSecond + 1)
      expect(seconds).toBeLessThanOrEqual(total / bytesPerSecond + (blocks.length * 2) / 1000 + 0.1)
    }),
  )
})
