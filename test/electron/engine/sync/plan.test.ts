// What a target lacks, computed from tails and cursors alone, must be what a sync then sends: the plan is the promise behind
// --dry-run and behind "time left".

import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { needsScan, planTarget } from '../../../../electron/engine/sync/plan.ts'
import { openSourceView, type SourceView } from '../../../../electron/engine/sync/source-view.ts'
import type { Cursor } from '../../../../shared/model/mirror.ts'
import { healthyPartition } from '../../../helpers/fixtures.ts'
import { openScratchDir, type ScratchDir } from '../../../helpers/scratch.ts'
import { clumpLog, imageIn } from '../../../helpers/sync-runs.ts'

let scratch: ScratchDir
beforeAll(async () => {
  scratch = await openScratchDir()
})
afterAll(() => scratch.remove())

async function withView<T>(id: string, work: (view: SourceView) => T): Promise<T> {
  const view = await openSourceView(await imageIn(scratch.path, id, `${id}.img`))
  try {
    return work(view)
  } finally {
    await view.close()
  }
}

/** The cursor of a target that has the first `count` clumps of an arena. */
function cursorAfter(id: string, arena: string, count: number): Cursor {
  const { start, version, clumpMagic } = healthyPartition(id).arenas.find(({ name }) => name === arena)!
  const clumps = clumpLog(id)
    .filter((clump) => clump.arena === arena)
    .slice(0, count)
  const last = clumps.at(-1)
  const offset = last?.next ?? 0
  return {
    start,
    version: version as 4 | 5,
    clumpMagic: Number.parseInt(clumpMagic, 16),
    offset,
    clumps: count,
    uncompressed: clumps.reduce((sum, { size }) => sum + size, 0),
    last:
      last === undefined
        ? null
        : {
            offset: last.offset,
            score: last.score,
          },
    seenTo: offset,
  }
}

describe.each(['seq-day3', 'v4-day3', 'bs32k-day3'])('%s', (id) => {
  test('from any cursors: blocks and bytes are exactly those behind them', async () => {
    const log = clumpLog(id)
    const names = [...new Set(log.map(({ arena }) => arena))]
    await withView(id, (view) => {
      const counts = fc.tuple(...names.map((name) => fc.nat({ max: log.filter(({ arena }) => arena === name).length })))
      fc.assert(
        fc.property(counts, (given) => {
          const cursors = Object.fromEntries(names.map((name, i) => [name, cursorAfter(id, name, given[i]!)]))
          const left = names.flatMap((name, i) => log.filter(({ arena }) => arena === name).slice(given[i]))
          const plan = planTarget(view.arenas, cursors)
          expect({ blocks: plan.blocks, bytes: plan.bytes }).toEqual({
            blocks: left.length,
            bytes: left.reduce((sum, { size }) => sum + size, 0),
          })
          expect(plan.arenas.map(({ name }) => name)).toEqual([...new Set(left.map(({ arena }) => arena))])
        }),
        { numRuns: 25 },
      )
    })
  })
})

test('a cursor that does not know its number, behind damage, gets the nearest estimate', async () => {
  await withView('seq-day3', (view) => {
    const cursor = { ...cursorAfter('seq-day3', 'arenas0', 250), clumps: null, uncompressed: null }
    const [plan] = planTarget(view.arenas, { arenas0: cursor }).arenas
    const { used, clumps } = healthyPartition('seq-day3').arenas[0]!
    expect(plan).toEqual({
      name: 'arenas0',
      from: cursor.offset,
      to: used,
      blocks: Math.ceil(((used - cursor.offset) / used) * clumps),
      bytes: used - cursor.offset,
    })
  })
})

test('a scan is needed where something is behind the cursor, or behind the counters', async () => {
  const needed = async (id: string, offsets: readonly number[]): Promise<readonly boolean[]> =>
    await withView(id, (view) => offsets.map((offset) => needsScan(view.arenas[0]!, offset)))
  expect(await needed('seq-day1', [0, 619_691, 619_729])).toEqual([true, true, false])
  // The tail of stale-trailer counts as on the first day; the log goes on.
  expect(await needed('stale-trailer', [619_729, 888_531])).toEqual([true, true])
  expect(await needed('seq-day3', [2_057_191])).toEqual([false])
  expect(await needed('empty', [0])).toEqual([false])
})

test('the quick look costs about 140 bytes an arena', async () => {
  await withView('seq-day3', (view) => expect(view.count.bytes).toBeLessThan(4096 + 8192 + 6 * 200))
})

test('a view of a folder, of nothing and of a text is refused by what it is', async () => {
  const codes = await Promise.all(
    [scratch.path, join(scratch.path, 'nothing'), import.meta.filename].map(
      async (path) => await openSourceView(path).catch((error: { code: string }) => error.code),
    ),
  )
  expect(codes).toEqual(['source-open', 'source-open', 'not-arena-partition'])
})
