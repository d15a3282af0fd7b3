// The index of a million blocks: right against a Map, and within its memory.

import fc from 'fast-check'
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { ScoreTable } from '../../../../../electron/engine/venti/server/score-table.ts'

const scoreOf = (seed: number): Buffer => createHash('sha1').update(String(seed)).digest()

test('keeps what a Map keeps, also for scores that share most of their bytes', () => {
  const block = fc.record({
    // Few different bytes, in the places that choose segment, slot and comparison.
    bytes: fc.tuple(fc.nat(1), fc.nat(2), fc.nat(2), fc.nat(1)),
    type: fc.constantFrom(1, 2, 13),
    arena: fc.nat(65535),
    offset: fc.oneof(fc.nat(1000), fc.integer({ min: 2 ** 31 - 2, max: 2 ** 33 }), fc.constant(2 ** 48 - 1)),
    size: fc.integer({ min: 1, max: 57344 }),
  })
  fc.assert(
    fc.property(fc.array(block, { maxLength: 200 }), (blocks) => {
      const table = new ScoreTable()
      const model = new Map<string, (typeof blocks)[number]>()
      for (const { bytes, type, arena, offset, size } of blocks) {
        const score = new Uint8Array(24)
        const [first, fourth, eighth, last] = bytes
        score.set([first, 0, 0, 0, 0, 0, 0, fourth, eighth], 4)
        score[23] = last
        const key = `${bytes.join()}/${type}`
        const entry = table.find(score, 4, type)
        expect(entry >= 0).toBe(model.has(key))
        if (entry >= 0) table.move(entry, arena, offset)
        else table.add(score, 4, type, arena, offset, size)
        model.set(key, { bytes, type, arena, offset, size: model.get(key)?.size ?? size })
        const found = table.find(score, 4, type)
        const wanted = model.get(key)!
        expect([table.arenaOf(found), table.offsetOf(found), table.sizeOf(found)]).toEqual([
          wanted.arena,
          wanted.offset,
          wanted.size,
        ])
      }
      expect(table.count).toBe(model.size)
    }),
    { numRuns: 200 },
  )
})

test('a mark of damage stays until the block moves, and changes nothing else', () => {
  const table = new ScoreTable()
  const entry = table.add(scoreOf(1), 0, 13, 65535, 2 ** 40 + 5, 100)
  table.markDamaged(entry)
  expect(table.find(scoreOf(1), 0, 13)).toBe(entry)
  expect([table.isDamaged(entry), table.arenaOf(entry), table.offsetOf(entry)]).toEqual([true, 65535, 2 ** 40 + 5])
  table.move(entry, 3, 7)
  expect([table.isDamaged(entry), table.arenaOf(entry), table.offsetOf(entry), table.sizeOf(entry)]).toEqual([
    false,
    3,
    7,
    100,
  ])
})

test('takes at most 48 bytes a block and finds every one', () => {
  const table = new ScoreTable()
  let worst = 0
  const count = 300_000
  for (let i = 0; i < count; i++) {
    table.add(scoreOf(i), 0, 13, i % 100, i * 8230, 8192)
    // Below some ten thousand blocks the first chunk is all there is.
    if (i > 50_000 && i % 1000 === 0) worst = Math.max(worst, table.memoryBytes / (i + 1))
  }
  expect(worst).toBeLessThanOrEqual(48)
  let wrong = 0
  for (let i = 0; i < count; i += 7) if (table.offsetOf(table.find(scoreOf(i), 0, 13)) !== i * 8230) wrong++
  expect(wrong).toBe(0)
  expect(table.find(scoreOf(count), 0, 13)).toBe(-1)
  expect(table.find(scoreOf(1), 0, 1)).toBe(-1)
})
