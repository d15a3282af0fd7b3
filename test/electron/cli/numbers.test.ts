// Sizes, rates and seconds as they are typed.

import { expect, test } from 'vitest'
import { parseRate, parseSeconds, parseSize } from '../../../electron/cli/numbers.ts'

test.each([
  ['4096', 4096],
  ['8k', 8192],
  ['8K', 8192],
  ['512m', 512 * 2 ** 20],
  ['20G', 20 * 2 ** 30],
  ['1.5g', 1.5 * 2 ** 30],
  ['2t', 2 * 2 ** 40],
  ['0x10000', 65536],
  ['0x10k', 16384],
  ['0XFF', 255],
  ['0', null],
  ['-1', null],
  ['', null],
  ['k', null],
  ['10kb', null],
  ['10 m', null],
  ['1e9', null],
  ['0x', null],
  ['99999999t', null],
])('parseSize(%j) is %j', (text, expected) => {
  expect(parseSize(text)).toBe(expected)
})

test.each([
  ['10m', 10 * 2 ** 20],
  ['500k/s', 500 * 2 ** 10],
  ['/s', null],
])('parseRate(%j) is %j', (text, expected) => {
  expect(parseRate(text)).toBe(expected)
})

test.each([
  ['5', 5000],
  ['0.5', 500],
  ['30s', 30_000],
  ['0', null],
  ['-1', null],
  ['1m', null],
  ['86401', null],
])('parseSeconds(%j) is %j', (text, expected) => {
  expect(parseSeconds(text)).toBe(expected)
})
