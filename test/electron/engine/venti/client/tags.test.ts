// 255 tags, none of them 0, each given out once and reused as late as possible.

import { expect, test } from 'vitest'
import fc from 'fast-check'
import { TagTable, usableTags } from '../../../../../electron/engine/venti/client/tags.ts'

test('255 different tags without 0, then a bug', () => {
  const table = new TagTable<number>()
  const tags = Array.from({ length: usableTags }, (_, i) => table.take(i))
  expect(new Set(tags).size).toBe(255)
  expect(tags).not.toContain(0)
  expect(table.values().length).toBe(255)
  expect(() => table.take(0)).toThrow('all tags are in use')
})

test('a freed tag is the last to be given out again', () => {
  const table = new TagTable<string>()
  const first = table.take('a')
  table.release(first)
  expect(table.get(first)).toBeUndefined()
  const next = Array.from({ length: usableTags }, () => table.take('b'))
  expect(next.at(-1)).toBe(first)
  expect(() => table.release(0)).toThrow('not in use')
})

test('taking and releasing in any order never gives out a used tag', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { maxLength: 600 }), (steps) => {
      const table = new TagTable<number>()
      const held: number[] = []
      for (const step of steps) {
        if (step % 3 === 0 && held.length > 0) table.release(held.splice(step % held.length, 1)[0]!)
        else if (held.length < usableTags) {
          const tag = table.take(step)
          expect(held).not.toContain(tag)
          expect(table.get(tag)).toBe(step)
          held.push(tag)
        }
        expect(table.used).toBe(held.length)
      }
    }),
  )
})
