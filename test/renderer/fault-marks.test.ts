// Which rows of a tree say that something is missing below them.

import { expect, test } from 'vitest'
import { faultMarks, markWords, noMarks } from '../../renderer/views/verify/fault-marks.ts'
import type { FaultyBlock } from '../../shared/model/verify.ts'
import type { CheckResult } from '../../shared/model/window.ts'

const fault = (path: string, repaired = false): FaultyBlock => ({
  score: 'ab'.repeat(20),
  type: 0,
  path,
  arena: null,
  offset: null,
  reason: 'unknown',
  detail: null,
  repaired,
})

const result = (missing: readonly FaultyBlock[], corrupt: readonly FaultyBlock[] = []): CheckResult => ({
  ok: false,
  cancelled: false,
  blocks: 10,
  good: 9,
  bytes: 0,
  missing,
  corrupt,
  problems: [],
  unlisted: 0,
  repaired: 0,
  warnings: [],
  durationMs: 1,
})

test('a file counts in every folder above it', () => {
  const marks = faultMarks(
    result([fault('/a/b/img3.raw'), fault('/a/b/img3.raw'), fault('/a/c'), fault('/')], [fault('/a/b/x')]),
  )
  expect(Object.fromEntries(marks)).toEqual({
    '/a': { missing: 3, damaged: 1 },
    '/a/b': { missing: 2, damaged: 1 },
    '/a/b/img3.raw': { missing: 2, damaged: 0 },
    '/a/c': { missing: 1, damaged: 0 },
    '/a/b/x': { missing: 0, damaged: 1 },
  })
})

test('nothing to mark is always the same: no check, nothing found, all of it repaired, a path cut short', () => {
  expect(faultMarks(null)).toBe(noMarks)
  expect(faultMarks(result([]))).toBe(noMarks)
  expect(faultMarks(result([fault('/a', true), fault('/'), fault('…/long/path')]))).toBe(noMarks)
})

test('in words', () => {
  expect(
    [
      { missing: 1, damaged: 0 },
      { missing: 3, damaged: 0 },
      { missing: 0, damaged: 1 },
      { missing: 3, damaged: 2 },
    ].map((mark) => markWords(mark)),
  ).toEqual(['1 block missing', '3 blocks missing', '1 block damaged', '3 blocks missing, 2 damaged'])
})
