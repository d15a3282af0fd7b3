// Numbers as people read them, with the places where rounding changes the unit.

import { describe, expect, test } from 'vitest'
import {
  countOf,
  formatAge,
  formatBytes,
  formatCount,
  formatDuration,
  formatRateOf,
  percentOf,
  printable,
} from '../../../shared/text/format.ts'

const kib = 1024
const mib = 1024 * kib
const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

test.each([
  [0, '0 B'],
  [1, '1 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1536, '1.5 KiB'],
  [mib - 1, '1.0 MiB'],
  [1023.94 * kib, '1023.9 KiB'],
  [mib, '1.0 MiB'],
  [2_200_000_000, '2.0 GiB'],
  [5 * 2 ** 40, '5.0 TiB'],
  [Number.MAX_SAFE_INTEGER, '8.0 PiB'],
  [-5, '0 B'],
])('formatBytes(%d) is %s', (bytes, expected) => {
  expect(formatBytes(bytes)).toBe(expected)
})

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [1_234_567, '1,234,567'],
])('formatCount(%d) is %s', (count, expected) => {
  expect(formatCount(count)).toBe(expected)
})

test('countOf knows one from many', () => {
  expect([countOf(0, 'block'), countOf(1, 'block'), countOf(1951, 'block'), countOf(2, 'entry', 'entries')]).toEqual([
    '0 blocks',
    '1 block',
    '1,951 blocks',
    '2 entries',
  ])
})

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [999.6, '1 s'],
  [2000, '2 s'],
  [2_449, '2.4 s'],
  [9_960, '10 s'],
  [42 * second, '42 s'],
  [59_600, '1 min'],
  [200 * second, '3 min 20 s'],
  [hour - 1, '1 h'],
  [2 * hour + 5 * minute, '2 h 5 min'],
  [day, '1 day'],
  [day + 4 * hour, '1 day 4 h'],
  [1000 * day, '1,000 days'],
])('formatDuration(%d) is %s', (ms, expected) => {
  expect(formatDuration(ms)).toBe(expected)
})

test('formatRateOf takes a time too short to measure', () => {
  expect([formatRateOf(mib, 1000), formatRateOf(kib, 0)]).toEqual(['1.0 MiB/s', '1000.0 KiB/s'])
})

test.each([
  [0, 0, 100],
  [0, 10, 0],
  [999, 1000, 99],
  [1000, 1000, 100],
  [1100, 1000, 100],
])('percentOf(%d, %d) is %d', (done, total, expected) => {
  expect(percentOf(done, total)).toBe(expected)
})

describe('formatAge', () => {
  const now = Date.UTC(2019, 2, 14)
  test.each([
    [0, 'just now'],
    [59 * second, 'just now'],
    [minute, '1 minute ago'],
    [2 * hour, '2 hours ago'],
    [47 * hour, '47 hours ago'],
    [3 * day, '3 days ago'],
    [-30 * second, 'just now'],
    [-3 * hour, '3 hours in the future'],
  ])('%d ms', (age, expected) => {
    expect(formatAge(now - age, now)).toBe(expected)
  })
})

test('printable lets no control character through', () => {
  expect(printable('\u001b[31mred\u0007\n\u009b')).toBe('\\x1b[31mred\\x07\\x0a\\x9b')
  expect(printable('abc\u202egpj')).toBe('abc\\u202egpj')
  expect(printable('Größe 世界 vac:3223…368f')).toBe('Größe 世界 vac:3223…368f')
})
