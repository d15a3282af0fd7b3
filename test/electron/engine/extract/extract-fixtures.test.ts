// Every archive of the fixtures, restored, is what its manifest says: paths, sizes, contents, permissions, times.

import { chmod, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { extractTree } from '../../../../electron/engine/extract/extract.ts'
import { openSource } from '../../../../electron/engine/source/open-source.ts'
import { openArenaBlocks } from '../../../../electron/engine/vac/arena-blocks.ts'
import type { BlockStore } from '../../../../electron/engine/vac/block-store.ts'
import { openArenaPartition } from '../../../../electron/engine/venti/arena/arena-partition.ts'
import type { RootScore } from '../../../../shared/model/score.ts'
import { expandFixture, healthyPartition, treeManifest } from '../../../helpers/fixtures.ts'
import { restoredTree, withoutOwners } from '../../../helpers/restored-tree.ts'
import { scratchDir } from '../../../helpers/scratch.ts'

async function blocksOf(id: string, folder: string): Promise<BlockStore> {
  const path = join(folder, 'image')
  await expandFixture(id, path)
  const source = await openSource(path)
  onTestFinished(async () => {
    for (const one of source.partitions) await one.close()
  })
  return await openArenaBlocks(id, await Promise.all(source.partitions.map((one) => openArenaPartition(one))))
}

describe.each(['seq-day3', 'v4-day3', 'bs32k-day3', 'seed-geometry', 'fossil-venti'])('%s', (id) => {
  test.each(healthyPartition(id).roots)('$label is restored as it was', async (root) => {
    const folder = await scratchDir()
    const store = await blocksOf(id, folder)
    const { under, entries } = treeManifest(root.tree!)
    const into = join(folder, 'restored')
    const options = { path: under, folder: into }
    const score = root.score.slice('vac:'.length) as RootScore
    const { durationMs, ...result } = await extractTree(store, score, options)
    expect(durationMs).toBeGreaterThanOrEqual(0)
    expect(result).toEqual({
      root: `vac:${score.slice(0, 4)}…${score.slice(-4)}`,
      path: under.startsWith('/') ? under : `/${under}`,
      folder: into,
      files: root.files,
      directories: root.dirs,
      bytes: root.bytes,
      skipped: 0,
      failed: [],
      unlisted: 0,
      renamed: [],
    })
    expect(await restoredTree(into)).toEqual(withoutOwners(entries))
  })
})

test('the whole of a fossil comes with every day it archived', async () => {
  const folder = await scratchDir()
  const store = await blocksOf('fossil-venti', folder)
  const root = healthyPartition('fossil-venti').roots.at(-1)!
  const into = join(folder, 'restored')
  const result = await extractTree(store, root.score.slice('vac:'.length) as RootScore, { folder: into })
  expect({ failed: result.failed, files: result.files }).toEqual({ failed: [], files: 141 + 138 + 141 })
  const found = await restoredTree(into)
  // Days of the archive are closed to writing, and so to cleaning up.
  onTestFinished(async () => {
    for (const [name, { kind }] of Object.entries(found)) if (kind === 'dir') await chmod(join(into, name), 0o755)
  })
  for (const day of ['archive/2019/0315', 'active']) {
    const { entries } = treeManifest(root.tree!)
    for (const [name, entry] of Object.entries(withoutOwners(entries))) expect(found[`${day}/${name}`]).toEqual(entry)
  }
})

test.skipIf(process.platform === 'win32')('zeros take no room', async () => {
  const folder = await scratchDir()
  const store = await blocksOf('seq-day3', folder)
  const root = healthyPartition('seq-day3').roots.at(-1)!
  const into = join(folder, 'restored')
  const path = '/zeros-1MB'
  await extractTree(store, root.score.slice('vac:'.length) as RootScore, { path, folder: into })
  const { size, blocks } = await stat(join(into, 'zeros-1MB'))
  expect({ size, isSparse: blocks * 512 < 65_536 }).toEqual({ size: 1_048_576, isSparse: true })
})
