// Numbers, ages and moments as the window writes them.

import { describe, expect, test } from 'vitest'
import {
  age,
  capital,
  count,
  counted,
  dayWords,
  duration,
  hex,
  moment,
  percent,
  printable,
  rate,
  size,
  timeRange,
} from '../../renderer/text/format.ts'
import { parseRate, rateText } from '../../renderer/text/parse-rate.ts'

const nnbsp = '\u202f'
const now = new Date(2026, 10, 28, 12, 0).getTime()
const local = (...date: [number, number, number, number, number]): string => new Date(...date).toISOString()

test('counts have their thousands apart', () => {
  expect([count(0), count(999), count(1284), count(1234567)]).toEqual([
    '0',
    '999',
    `1${nnbsp}284`,
    `1${nnbsp}234${nnbsp}567`,
  ])
  expect([counted(1, 'block'), counted(2, 'block'), counted(0, 'directory', 'directories')]).toEqual([
    '1 block',
    '2 blocks',
    '0 directories',
  ])
})

test('sizes are decimal, and never a thousand of a unit', () => {
  expect([0, 1, 999, 1000, 9_812_345, 999_949, 999_950, 41.2e9].map((bytes) => size(bytes))).toEqual([
    '0 bytes',
    '1 byte',
    '999 bytes',
    '1.0 kB',
    '9.8 MB',
    '999.9 kB',
    '1.0 MB',
    '41.2 GB',
  ])
  expect(rate(108e6)).toBe('108.0 MB/s')
  expect(hex(71_479_732)).toBe('0x442b1b4')
})

test('a percentage is full only when all is there', () => {
  expect([percent(0, 10), percent(999_999, 1_000_000), percent(10, 10), percent(0, 0)]).toEqual([0, 99, 100, 100])
})

test('time left is a range', () => {
  expect(timeRange(null)).toBe('not known yet')
  expect(timeRange([480, 540])).toBe('8 to 9 minutes')
  expect(timeRange([20, 20])).toBe('about 20 s')
  expect(timeRange([40, 120])).toBe('40 s to 2 minutes')
  expect(timeRange([60, 120])).toBe('1 to 2 minutes')
})

describe('ages and moments', () => {
  test.each<[string | null, string, string]>([
    [null, 'never', 'never'],
    [new Date(now - 30_000).toISOString(), 'just now', 'today 11:59'],
    [local(2026, 10, 28, 3, 0), '9 hours ago', 'today 03:00'],
    [local(2026, 10, 27, 5, 31), '30 hours ago', 'yesterday 05:31'],
    [local(2026, 10, 22, 12, 0), '6 days ago', '22 November 12:00'],
    [local(2026, 7, 28, 12, 0), '3 months ago', '28 August 12:00'],
    [local(2019, 2, 2, 20, 0), '7 years ago', '2 March 2019 20:00'],
    [local(2026, 10, 28, 15, 0), 'in 3 hours', 'today 15:00'],
  ])('%s', (iso, ago, when) => {
    expect([age(iso, now), moment(iso, now)]).toEqual([ago, when])
  })
})

test('what came from a disk cannot play tricks', () => {
  expect(printable('a\x1b[31m\u202eb\n')).toBe('a\\x1b[31m\\u202eb\\x0a')
})

test.each<[string, number | null | undefined]>([
  ['', null],
  ['  ', null],
  ['500k', 512_000],
  ['10M', 10_485_760],
  ['7', 7],
  ['0', undefined],
  ['-1', undefined],
  ['1.5m', undefined],
  ['999999999999g', undefined],
])('rate %j', (text, bytes) => {
  expect(parseRate(text)).toBe(bytes)
})

test.each([null, 7, 1024, 512_000, 10_485_760, 2 ** 30, 2 ** 30 + 1])('rate %j is read as it was written', (bytes) => {
  expect(parseRate(bytes === null ? '' : rateText(bytes))).toBe(bytes)
})

test('days have a time only while it is near; what took long has no tenths', () => {
  expect(
    [local(2026, 10, 28, 3, 0), local(2026, 10, 27, 5, 31), local(2026, 10, 12, 5, 0), local(2019, 2, 2, 20, 0)].map(
      (one) => dayWords(one, now),
    ),
  ).toEqual(['today 03:00', 'yesterday 05:31', '12 November', '2 March 2019'])
  expect([0, 900, 9949, 9950, 12_400, 180_000].map((ms) => duration(ms))).toEqual([
    '0.0 s',
    '0.9 s',
    '9.9 s',
    '10 s',
    '12 s',
    '3 minutes',
  ])
  expect(capital('yesterday')).toBe('Yesterday')
})
