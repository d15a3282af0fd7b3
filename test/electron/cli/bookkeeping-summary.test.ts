// What a sync says of wrcmd, rootscor and the source's own server, as text.

import { describe, expect, test } from 'vitest'
import { bookkeepingLines, bookkeepingPlanLines, sourceServerLines } from '../../../electron/cli/bookkeeping-summary.ts'
import type { BookkeepingResult, SourceServerResult } from '../../../shared/model/bookkeeping.ts'

const before = 'venti/wrarena -h tcp!a!17034 -o 794624 /dev/sdE0/arenas 0x96df0'
const after = 'venti/wrarena -h tcp!a!17034 -o 2891776 /dev/sdE0/arenas 0x2ce70'
const result: BookkeepingResult = {
  path: 'd.img:9fat',
  dial: 'tcp!a!17034',
  before,
  after,
  written: true,
  claim: null,
  rootRecorded: null,
  note: null,
  proposal: null,
  error: null,
  errorCode: null,
}

describe('wrcmd and rootscor', () => {
  test('without a 9fat nothing is said', () => {
    expect([bookkeepingLines(null), bookkeepingPlanLines(null)]).toEqual([[], []])
  })

  test('written, with the root of a fossil', () => {
    expect(bookkeepingLines({ ...result, rootRecorded: true })).toEqual([
      'wrcmd on d.img:9fat follows: its new line, with two lines in rootscor',
      `    ${after}`,
      '    recorded in rootscor: the last root of the fossil',
    ])
    expect(bookkeepingLines({ ...result, before: after, rootRecorded: false })).toEqual([
      'wrcmd on d.img:9fat follows: its line stands, with two lines in rootscor',
      `    ${after}`,
      '    the last root of the fossil stands in rootscor already',
    ])
  })

  test('left alone, with the line to set', () => {
    const note = 'wrcmd is left alone: it names tcp!b!17034, which is none of the targets of this run'
    const alone = { ...result, written: false, after: null, note, proposal: after }
    const expected = [`d.img:9fat: ${note}`, '    the line to set:', `    ${after}`]
    expect(bookkeepingLines(alone)).toEqual(expected)
    expect(bookkeepingPlanLines(alone)).toEqual(expected)
  })

  test('failed: why, what is safe, what next', () => {
    const error = 'd.img:9fat: no room for rootscor'
    const lines = bookkeepingLines({ ...result, written: false, after: null, error, errorCode: 'full-9fat' })
    expect(lines.slice(0, 2)).toEqual([
      'wrcmd and rootscor on d.img:9fat could not follow',
      '    why:  no room for rootscor',
    ])
    expect(lines[2]).toContain('safe: The targets are as said above. Nothing on the 9fat was changed')
    expect(lines[3]).toContain('next: Make room')
    expect(bookkeepingLines({ ...result, error, errorCode: 'nothing we know' })).toHaveLength(4)
  })

  test('foretold', () => {
    expect(bookkeepingPlanLines({ ...result, written: false })).toEqual([
      'wrcmd on d.img:9fat would become',
      `    ${after}`,
    ])
  })
})

test.each<[Partial<SourceServerResult> | null, readonly string[]]>([
  [null, []],
  [{ synced: true }, ["The source's own server tcp!a!17034 was told to write its newest blocks to disk first"]],
  [{ dial: null, http: 'http://a:80' }, []],
  [
    { foundInMemory: 0, onlyInMemory: 0 },
    ["The source's own server tcp!a!17034 has nothing in memory that is not on disk"],
  ],
  [
    { foundInMemory: 86, onlyInMemory: 0, synced: true },
    ["86 blocks were only in the memory of the source's own server tcp!a!17034; after a sync all of it is on disk"],
  ],
  [
    { foundInMemory: 1, onlyInMemory: 1, flushed: true },
    ["1 block was only in the memory of the source's own server tcp!a!17034; after a flush 1 still is"],
  ],
  [{ foundInMemory: 7, onlyInMemory: 7 }, ["7 blocks were only in the memory of the source's own server tcp!a!17034"]],
])('the source’s own server: %j', (server, lines) => {
  const none: SourceServerResult = {
    dial: 'tcp!a!17034',
    http: null,
    synced: false,
    arenas: [],
    foundInMemory: null,
    onlyInMemory: null,
    flushed: false,
    waitedMs: 0,
  }
  expect(sourceServerLines(server === null ? null : { ...none, ...server })).toEqual(lines)
})
