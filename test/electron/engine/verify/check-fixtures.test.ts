// Every root of every fixture: exactly the reachable blocks after a sync to the embedded server, and of a damaged source
// exactly the blocks that it could not supply.

import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { apiTypeOf } from '../../../../electron/engine/venti/format/block-type.ts'
import { createStore } from '../../../../electron/engine/venti/server/create-store.ts'
import { startServer } from '../../../../electron/engine/venti/server/server.ts'
import { fixture, fixtureIds, healthyPartition } from '../../../helpers/fixtures.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import { imageIn, syncIn } from '../../../helpers/sync-runs.ts'
import { checkOn, filledFake } from '../../../helpers/verify-runs.ts'

let folder: string

beforeEach(async () => {
  folder = await scratchDir()
})

const fine = { ok: true, faults: [], problems: [], unlisted: 0, unwalked: 0, warnings: [], cancelled: false }
const withRoots = fixtureIds(
  ({ expected }) =>
    !('damage' in expected) && expected.roots.some(({ reachableBlocks }) => reachableBlocks !== undefined),
)
const withLosses = fixtureIds(({ expected }) => expected.roots?.some(({ intact }) => intact !== undefined) === true)

describe('every root of every fixture, after a sync to the embedded server', () => {
  test.each(withRoots)('%s', async (id) => {
    const path = join(folder, 'target.img')
    await createStore(path, { sizeBytes: 24 * 2 ** 20, arenaBytes: 4 * 2 ** 20 })
    const server = await startServer({ path, listen: { port: 0 } })
    onTestFinished(() => server.close())
    await syncIn(folder, await imageIn(folder, id), [server])
    for (const { score, reachableBlocks } of healthyPartition(id).roots) {
      const counts = { blocks: reachableBlocks, good: reachableBlocks }
      const present = await checkOn(server, score, { depth: 'present' })
      const full = await checkOn(server, score, { depth: 'full' })
      expect(present).toMatchObject({ ...fine, ...counts })
      expect(full).toEqual(present)
    }
  })

  test('there are enough of them', () => {
    expect(withRoots.length).toBeGreaterThan(9)
  })
})

describe('what a damaged source could not supply is what is missing', () => {
  test.each(withLosses)('%s', async (id) => {
    const { venti } = await filledFake(folder, id)
    for (const { score, intact, missingBlocks } of fixture(id).expected.roots ?? []) {
      const { ok, faults, problems } = await checkOn(venti, score)
      expect([score, ok, problems]).toEqual([score, intact, []])
      const missing = faults.map((fault) => `${fault.score}/${apiTypeOf(fault.type)}`)
      expect(missing).toEqual(missingBlocks ?? [])
    }
  })

  test('there are enough of them', () => {
    expect(withLosses.length).toBeGreaterThan(9)
  })
})
