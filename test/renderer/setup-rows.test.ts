import { expect, test } from 'vitest'
import { liveCursors } from '../../renderer/components/arena-map/live-cursors.ts'
import { freeTargetName } from '../../renderer/text/setup-words.ts'
import { copyRows } from '../../renderer/views/setup/copy-rows.ts'
import { aMap } from './fake-mirror.ts'

test('few arenas are all in the table of the copy', () => {
  const map = aMap()
  expect(copyRows(map, liveCursors(map, null), null)).toEqual({ shown: [0, 1, 2, 3], before: 0, after: 0, empty: 1 })
})

test('of many arenas those around the one at hand are, and the rest is counted', () => {
  const length = 4000
  const column = <T>(value: T): T[] => Array.from({ length }, () => value)
  const mapUpTo = (end: number) =>
    aMap({
      names: column('arenas'),
      used: column(900),
      targets: [{ dial: 'd', name: 'basement', cursors: column(0).map((_, index) => (index < end ? 900 : 0)) }],
    })
  const rowsUpTo = (end: number) => {
    const map = mapUpTo(end)
    return copyRows(map, liveCursors(map, null), null)
  }
  const middle = rowsUpTo(2000)
  expect(middle.shown).toHaveLength(12)
  expect(middle.shown).toContain(1999)
  expect(middle.shown).toContain(2000)
  expect(middle.before + middle.shown.length + middle.after).toBe(length)
  expect(rowsUpTo(0)).toMatchObject({ before: 0, after: length - 12 })
  expect(rowsUpTo(length)).toMatchObject({ before: length - 12, after: 0 })
})

test('a second store is not called as the first is', () => {
  const named = (...names: string[]) => ({
    targets: names.map((name) => ({ dial: name, name, store: null, test: null })),
  })
  expect(freeTargetName('here', named())).toBe('here')
  expect(freeTargetName('here', named('here', 'here 2'))).toBe('here 3')
})
