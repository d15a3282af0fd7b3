// The whole of the Verify view against the embedded server: synced, checked in full, looked into, restored, and the card for
// it given; in everything that the window got, no root in full but the one revealed (R10).

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { verifyLogPath } from '../../../electron/engine/state/verify-log.ts'
import { createStore } from '../../../electron/engine/venti/server/create-store.ts'
import { startServer } from '../../../electron/engine/venti/server/server.ts'
import { healthyPartition, treeManifest } from '../../helpers/fixtures.ts'
import { restoredTree, withoutOwners } from '../../helpers/restored-tree.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { imageIn, onlyMirror, stateDirIn, syncIn } from '../../helpers/sync-runs.ts'
import { newestRoot } from '../../helpers/verify-runs.ts'
import { verifyServiceIn } from '../../helpers/verify-service.ts'

test('from the list of roots to the files in a folder', async () => {
  const folder = await scratchDir()
  const path = join(folder, 'store')
  await createStore(path, { sizeBytes: 48 * 2 ** 20, arenaBytes: 8 * 2 ** 20 })
  const server = await startServer({ path, listen: { port: 0 } })
  onTestFinished(() => server.close())
  await syncIn(folder, await imageIn(folder, 'seq-day3'), [server])
  const { name: mirror, targets } = await onlyMirror(folder)
  const dial = targets[0]?.dial as string
  const { score, tree, reachableBlocks } = newestRoot('seq-day3')
  const service = verifyServiceIn(folder)
  const { handlers, context } = service
  const told: unknown[] = []

  const list = await handlers['roots.list']({ mirror })
  expect(list.roots).toHaveLength(healthyPartition('seq-day3').roots.length)
  const root = list.roots[0]!.id
  const check = await service.checked(
    await handlers['check.start']({ mirror, root, dial, depth: 'full', repair: false }),
  )
  expect(check.result).toMatchObject({ ok: true, good: reachableBlocks, warnings: [] })
  const page = await handlers['tree.list']({ root, dial, path: '/', from: 0, count: 100 })
  const file = page.entries.find(({ kind, size }) => kind === 'file' && size > 0)!
  const preview = await handlers['tree.preview']({ root, dial, path: file.path, offset: 0 })
  expect(preview.size).toBe(file.size)
  const into = context.places.add(join(folder, 'restored'))
  const extract = await service.extracted(await handlers['extract.start']({ root, dial, path: '/', folder: into.id }))
  expect(extract.result).toBe('ok')
  expect(await restoredTree(into.path)).toEqual(withoutOwners(treeManifest(tree as string).entries))
  const card = await handlers['recovery.card']({ mirror, root, dial, reveal: false })
  const activity = await handlers['activity.list']({
    mirror: null,
    kinds: ['run', 'rollover', 'check', 'damage'],
    from: 0,
    count: 100,
  })
  const csv = await handlers['activity.export']({ mirror, kinds: ['run', 'rollover', 'check'], format: 'csv' })

  told.push(list, check, page, preview, extract, card, activity, csv, context.jobs.views)
  const text = JSON.stringify(told)
  for (const one of healthyPartition('seq-day3').roots) expect(text).not.toContain(one.score.slice(4))
  expect(await readFile(verifyLogPath(stateDirIn(folder), mirror), 'utf8')).not.toContain(score.slice(4))
  expect(await handlers['roots.reveal']({ root })).toEqual({ score })
})
