// Roots in arenas: those the manifest names, with or without a directory to find them by.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findRoots, type FoundRoots } from '../../../../electron/engine/ninefat/find-roots.ts'
import { openSourceView, type SourceView } from '../../../../electron/engine/sync/source-view.ts'
import { fixture, fixtureIds, healthyPartition, loadFixture } from '../../../helpers/fixtures.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import { clumpLog } from '../../../helpers/sync-runs.ts'

async function rootsIn(
  image: Uint8Array,
  change: (view: SourceView) => void = () => undefined,
): Promise<FoundRoots & { bytesRead: number }> {
  const path = join(await scratchDir(), 'arenas.img')
  await writeFile(path, image)
  const view = await openSourceView(path)
  try {
    change(view)
    return { ...(await findRoots(view)), bytesRead: view.count.bytes }
  } finally {
    await view.close()
  }
}

/** Type root, by an independent walk: newest first. */
const loggedRoots = (id: string): unknown[] =>
  clumpLog(id)
    .filter(({ type }) => type === 1)
    .map(({ arena, offset, score }) => ({ arena, offset, score, times: 1 }))
    .toReversed()

const placeOf = ({ arena, offset, score, times }: FoundRoots['roots'][number]): unknown => ({
  arena,
  offset,
  score,
  times,
})

const healthy = fixtureIds(({ expected, encoding }) => !('damage' in expected) && encoding !== 'extents')

test.each(healthy)('%s', async (id) => {
  const { roots, problems } = await rootsIn(loadFixture(id))
  expect(problems).toEqual([])
  expect(roots.map(placeOf)).toEqual(loggedRoots(id))
  expect(new Set(roots.map(({ score }) => `vac:${score}`))).toEqual(
    new Set(healthyPartition(id).roots.flatMap(({ score, intact }) => (intact === false ? [] : [score]))),
  )
  for (const { time } of roots) expect(new Date(time * 1000).getUTCFullYear()).toBe(2019)
})

test('the log is not read where the directory says where the roots are', async () => {
  const id = 'seq-day3'
  const { totalClumps } = healthyPartition(id)
  const { bytesRead } = await rootsIn(loadFixture(id))
  expect(totalClumps).toBeGreaterThan(500)
  expect(bytesRead).toBeLessThan(fixture(id).size / 10)
})

test('a directory that does not add up, or points elsewhere, gives way to the log', async () => {
  const id = 'seq-day3'
  const image = loadFixture(id)
  const { arenas } = healthyPartition(id)
  for (const { stop, clumps } of arenas) {
    if (clumps > 5) image[stop - 2 * 8192 + 2] = (image[stop - 2 * 8192 + 2] as number) ^ 1
  }
  const { roots } = await rootsIn(image)
  expect(roots.map(placeOf)).toEqual(loggedRoots(id))

  // The entry says root, the clump does not.
  const other = loadFixture(id)
  other[(arenas[0]?.stop as number) - 2 * 8192] = 1
  const found = await rootsIn(other)
  const own = found.roots.map(placeOf)
  for (const root of loggedRoots(id)) expect(own).toContainEqual(root)
})

test('a damaged root is a problem and not a root; an arena that cannot be read is named', async () => {
  const id = 'seq-day3'
  const [newest] = clumpLog(id)
    .filter(({ type }) => type === 1)
    .toReversed()
  if (newest === undefined) throw new Error('no root')
  const image = loadFixture(id)
  const { dataBase } = healthyPartition(id).arenas.find(({ name }) => name === newest.arena) as { dataBase: number }
  image[dataBase + newest.offset + 60] = (image[dataBase + newest.offset + 60] as number) ^ 1
  const { roots, problems } = await rootsIn(image)
  expect(roots.map(({ score }) => score)).not.toContain(newest.score)
  expect(roots).toHaveLength(2)
  expect(problems).toEqual([expect.stringContaining(`arena ${newest.arena}: 1 damaged places`)])

  const unreadable = await rootsIn(loadFixture(id), (view) => {
    view.arenas.forEach((one, index) => Object.assign(one, index === 0 ? { arena: null } : {}))
  })
  expect(unreadable.problems).toEqual([expect.stringMatching(/^arena arenas0 cannot be read/)])
})

test('roots behind what the tail counts are found by the log', async () => {
  const image = loadFixture('stale-trailer')
  const { roots, problems } = await rootsIn(image)
  expect(problems).toEqual([])
  expect(roots.length).toBeGreaterThan(0)
})
