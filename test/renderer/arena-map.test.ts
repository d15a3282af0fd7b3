import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arenaOrder } from '../../renderer/components/arena-map/arena-order.ts'
import {
  activeOf,
  arenaLabel,
  fillPercent,
  handOf,
  isBehind,
  newPart,
  restingCursors,
  roomWords,
} from '../../renderer/components/arena-map/arena-view.ts'
import { nothingWatched, watch } from '../../renderer/components/arena-map/hand-over.ts'
import { liveCursors } from '../../renderer/components/arena-map/live-cursors.ts'
import {
  cellAt,
  cellRect,
  clampCell,
  fittingCell,
  largestCell,
  moveBy,
  rowsInSight,
  scrollKeeping,
  scrollShowing,
  smallestCell,
  wallOf,
} from '../../renderer/components/arena-map/wall-layout.ts'
import { aCopy, aJob, aMap, hoursAgo } from './fake-mirror.ts'

describe('the wall', () => {
  const sizes = fc.record({
    count: fc.integer({ min: 1, max: 20_000 }),
    width: fc.integer({ min: 120, max: 3000 }),
    cell: fc.integer({ min: smallestCell, max: largestCell }),
    height: fc.integer({ min: 100, max: 600 }),
  })

  test('every arena is found where it stands, and stands inside', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), ({ count, width, cell, height }, seed) => {
        const wall = wallOf(count, width, cell, height)
        const index = seed % count
        const rect = cellRect(wall, index)
        expect(cellAt(wall, rect.x + rect.width / 2, rect.y + rect.height / 2)).toBe(index)
        expect(rect.x + rect.width).toBeLessThanOrEqual(Math.max(width, cell) + 0.001)
        expect(rect.y + rect.height).toBeLessThanOrEqual(wall.height + 0.001)
      }),
    )
  })

  test('4 000 arenas are in sight together, and cells as large as can be', () => {
    const cell = fittingCell(4000, 820, 164)
    expect(wallOf(4000, 820, cell, 164).height).toBeLessThanOrEqual(164)
    expect(wallOf(4000, 820, cell + 0.5, 164).height).toBeGreaterThan(164)
    expect(fittingCell(4000, 100, 50)).toBe(smallestCell)
    expect(fittingCell(3, 820, 164)).toBe(largestCell)
  })

  test('a zoom keeps the arena at hand where it is', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: smallestCell, max: largestCell }), fc.nat(), (one, next, seed) => {
        const before = wallOf(one.count, one.width, one.cell, one.height)
        const after = wallOf(one.count, one.width, next, one.height)
        const index = seed % one.count
        const scrollTop = scrollShowing(before, index, 0, one.height)
        const top = scrollKeeping(before, after, scrollTop, index)
        const y = (wall: typeof before, scroll: number): number => cellRect(wall, index).y + wall.pitchY / 2 - scroll
        // It cannot be scrolled above the first row; otherwise it stays to the pixel.
        if (top > 0) expect(y(after, top)).toBeCloseTo(y(before, scrollTop), 6)
        else expect(top).toBe(0)
      }),
    )
  })

  test('rows in sight are all that show, and no others', () => {
    const wall = wallOf(4000, 820, 40, 164)
    const [first, end] = rowsInSight(wall, 500, 164)
    expect(first * wall.pitchY).toBeLessThanOrEqual(500)
    expect((first + 1) * wall.pitchY).toBeGreaterThan(500)
    expect(end * wall.pitchY).toBeGreaterThanOrEqual(664)
    expect((end - 1) * wall.pitchY).toBeLessThan(664)
  })

  test('scrolling shows an arena with as little as possible', () => {
    const wall = wallOf(4000, 820, 40, 164)
    const { y, height } = cellRect(wall, 2000)
    expect(scrollShowing(wall, 2000, y + 10, 164)).toBe(y)
    expect(scrollShowing(wall, 2000, 0, 164)).toBe(y + height - 164)
    expect(scrollShowing(wall, 2000, y - 20, 164)).toBe(y - 20)
  })

  test('arrow keys walk and stop at the ends', () => {
    const wall = { count: 10, columns: 4 }
    const moves = (from: number) =>
      ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End', 'PageDown', 'x'].map((key) =>
        moveBy(wall, from, key, 2),
      )
    expect(moves(5)).toEqual([4, 6, 1, 9, 0, 9, 9, null])
    expect(moves(0)).toEqual([0, 1, 0, 4, 0, 9, 8, null])
    expect(moves(9)).toEqual([8, 9, 5, 9, 0, 9, 9, null])
  })

  test('zooming stays between all and the size of vessels', () => {
    expect([1, 5, 500].map((cell) => clampCell(cell, 4))).toEqual([4, 5, largestCell])
  })
})

describe('one arena', () => {
  const map = aMap()
  const live = restingCursors(map)

  test('is said in full', () => {
    expect(arenaLabel(map, live, 3)).toBe('arenas3, active, 55 % full, 2 blocks; basement 80 %, attic 0 %')
    expect(arenaLabel(map, live, 1)).toBe(
      'arenas1, sealed, 100 % full, 4 blocks, 1 damaged place; basement 100 %, attic 100 %',
    )
    expect(arenaLabel(map, live, 4)).toBe('arenas4, empty')
  })

  test('an active one is never full, whatever the rounding', () => {
    expect(fillPercent(aMap({ used: [0, 0, 0, 960, 0] }), 3)).toBe(99)
  })

  test('new is what no target has; behind is what one lacks', () => {
    expect([0, 2, 3, 4].map((index) => newPart(map, live, index))).toEqual([0, 0, expect.closeTo(0.2), 0])
    expect([0, 2, 3, 4].map((index) => isBehind(map, live, index))).toEqual([false, true, true, false])
  })

  test('where the source writes, and where the mirror does', () => {
    expect(activeOf(map)).toBe(3)
    expect(handOf(map, live)).toBe(3)
    const fresh = aMap({ targets: [{ dial: 'x', name: 'x', cursors: [0, 0, 0, 0, 0] }] })
    expect(handOf(fresh, restingCursors(fresh))).toBe(0)
    expect(activeOf(aMap({ states: ['sealed', 'sealed', 'sealed', 'sealed', 'empty'] }))).toBe(3)
  })

  test('rooms that differ are counted only', () => {
    expect(roomWords(map, (bytes) => `${bytes} B`)).toBe('5 of 1000 B')
    expect(roomWords(aMap({ sizes: [1, 2, 3, 4, 5] }), (bytes) => `${bytes} B`)).toBe('5 arenas')
  })
})

describe('while a run goes on', () => {
  const map = aMap()
  const attic = (change: Parameters<typeof aCopy>[1]) =>
    liveCursors(map, aJob({ targets: [aCopy('attic', change)] })).targets[1]

  test('without a run the map is as it is', () => {
    expect(liveCursors(map, null).targets[1]?.cursors).toBe(map.targets[1]?.cursors)
  })

  test('what is confirmed moves the cursor, and finishes the arenas before', () => {
    const confirmed = { arena: 'arenas3', offset: 200, at: hoursAgo(0) }
    expect(attic({ confirmed })?.cursors).toEqual([900, 900, 900, 200, 0])
  })

  test('a confirmation never moves a cursor back', () => {
    const confirmed = { arena: 'arenas2', offset: 100, at: hoursAgo(0) }
    expect(attic({ confirmed })?.cursors).toEqual([900, 900, 450, 0, 0])
  })

  test('a rollover finishes the arena that was left before the next confirmation is told', () => {
    const rollover = {
      dial: 'tcp!attic!17034',
      fromArena: 'arenas2',
      fromOffset: 900,
      toArena: 'arenas3',
      toArenaOffset: 3000,
    }
    const job = aJob({ targets: [aCopy('attic')], rollovers: [{ ...rollover, at: hoursAgo(0) }] })
    expect(liveCursors(map, job).targets[1]?.cursors).toEqual([900, 900, 900, 0, 0])
    expect(liveCursors(map, job).targets[0]?.cursors).toBe(map.targets[0]?.cursors)
  })

  test('what is sent and not confirmed is on its way, not there', () => {
    const arena = { name: 'arenas2', index: 2, blocksDone: 1, blocksTotal: 2, present: 0 }
    const one = attic({ arena })
    expect(one?.cursors).toEqual([900, 900, 450, 0, 0])
    expect(one?.onItsWay).toEqual({ arena: 2, offset: 675 })
  })

  test('done is all of it; an arena the map does not know moves nothing', () => {
    expect(attic({ phase: 'done' })?.cursors).toEqual([900, 900, 900, 500, 0])
    expect(attic({ confirmed: { arena: 'other', offset: 9, at: hoursAgo(0) } })?.cursors).toEqual([900, 900, 450, 0, 0])
  })
})

describe('the hand-over', () => {
  const rollover = {
    dial: 'x',
    fromArena: 'arenas2',
    fromOffset: 900,
    toArena: 'arenas3',
    toArenaOffset: 3000,
    at: hoursAgo(0),
  }

  test('one that a job had behind it already is history', () => {
    const watched = watch(nothingWatched, aJob({ rollovers: [rollover] }), false)
    expect(watched).toMatchObject({ seen: 1, handOver: null })
  })

  test('one that comes while watching is drawn once', () => {
    const before = watch(nothingWatched, aJob(), true)
    const after = watch(before, aJob({ rollovers: [rollover] }), true)
    expect(after.handOver).toMatchObject({ fromArena: 'arenas2', toArena: 'arenas3' })
    expect(watch(after, aJob({ rollovers: [rollover], sequence: 9 }), true)).toBe(after)
  })

  test('a run so quick that its first picture has it is news too', () => {
    expect(watch(nothingWatched, aJob({ rollovers: [rollover] }), true).handOver).not.toBeNull()
  })

  test('the next run begins without one', () => {
    const after = watch(nothingWatched, aJob({ rollovers: [rollover] }), true)
    expect(watch(after, aJob({ id: 'job-2' as never }), true).handOver).toBeNull()
  })
})

describe('the list', () => {
  const map = aMap()
  const live = restingCursors(map)
  const order = (
    name: string,
    filter: 'all' | 'full' | 'behind' | 'damaged' | 'empty' | 'active',
    column: 'arena' | 'state' | 'fill' | 'blocks',
    isDescending = false,
  ) => arenaOrder(map, live, { name, filter, sort: { column, isDescending } })

  test('sorted, those alike in the order of the partition', () => {
    expect(order('', 'all', 'arena', true)).toEqual([4, 3, 2, 1, 0])
    expect(order('', 'all', 'fill')).toEqual([4, 3, 0, 1, 2])
    expect(order('', 'all', 'fill', true)).toEqual([0, 1, 2, 3, 4])
    expect(order('', 'all', 'state')).toEqual([3, 2, 0, 1, 4])
  })

  test('filtered by name and state', () => {
    expect(order('ENAS3', 'all', 'arena')).toEqual([3])
    expect(order('', 'full', 'arena')).toEqual([0, 1, 2])
    expect(order('', 'behind', 'arena')).toEqual([2, 3])
    expect(order('', 'damaged', 'arena')).toEqual([1])
    expect(order('nothing', 'all', 'arena')).toEqual([])
  })
})
