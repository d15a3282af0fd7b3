// Restores as jobs of the service: what lands in the chosen folder is what the manifest has, also after a pause; where files
// cannot be given back the others are there, and the job says so.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { PlaceId } from '../../../shared/model/window.ts'
import type { BlockKey } from '../../helpers/fake-venti.ts'
import { healthyPartition, treeManifest } from '../../helpers/fixtures.ts'
import { restoredTree, withoutOwners } from '../../helpers/restored-tree.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { VacBuilder } from '../../helpers/vac-builder.ts'
import { filledFake, newestRoot, partsOf, rootOf } from '../../helpers/verify-runs.ts'
import { problemIn, verifyServiceIn } from '../../helpers/verify-service.ts'

async function setUp(id: string) {
  const folder = await scratchDir()
  const { venti } = await filledFake(folder, id)
  const service = verifyServiceIn(folder)
  const root = service.context.roots.idOf(newestRoot(id).root)
  const into = service.context.places.add(join(folder, 'restored'))
  const start = async (path = '/', place: PlaceId = into.id) =>
    await service.handlers['extract.start']({ root, dial: venti.dial.text, path, folder: place })
  return { folder, venti, service, root, into: into.path, start }
}

test('a whole archive is what its manifest says', async () => {
  const { service, start, into, venti } = await setUp('seq-day3')
  const view = await service.extracted(await start())
  const { tree, files, bytes, score } = newestRoot('seq-day3')
  expect(view).toMatchObject({
    state: 'ended',
    result: 'ok',
    files,
    bytes,
    skipped: 0,
    failed: [],
    folder: into,
    problem: null,
  })
  expect(await restoredTree(into)).toEqual(withoutOwners(treeManifest(tree as string).entries))
  expect(view.command).toBe(`venti-mirror extract ${view.command.split(' ')[2]} ${into} --at 127.0.0.1:${venti.port}`)
  expect(view.command).toContain('…')
  expect(JSON.stringify(view)).not.toContain(score.slice(4))
})

test('the files of an earlier snapshot of a fossil', async () => {
  const { service, into, venti } = await setUp('fossil-venti')
  const [first] = healthyPartition('fossil-venti').roots
  const root = service.context.roots.idOf(rootOf(first!.score))
  const place = service.context.places.add(into)
  const job = await service.handlers['extract.start']({
    root,
    dial: venti.dial.text,
    path: '/active',
    folder: place.id,
  })
  expect((await service.extracted(job)).result).toBe('ok')
  expect(await restoredTree(into)).toEqual(withoutOwners(treeManifest(first!.tree as string).entries))
})

test('paused and resumed: the same files, and those that were complete are not written again', async () => {
  const { service, into, venti } = await setUp('seq-day1')
  const builder = new VacBuilder()
  const count = 300
  const nodes = Array.from({ length: count }, (_, i) => ({ name: `f${i}`, data: Buffer.from(`contents ${i}`) }))
  const root = service.context.roots.idOf(builder.archive(nodes))
  for (const [key, data] of builder.store.blocks) venti.blocks.set(key as BlockKey, data)
  const { id } = service.context.places.add(into)
  venti.behaviour.delayMs = 1
  const job = await service.handlers['extract.start']({ root, dial: venti.dial.text, path: '/', folder: id })
  await service.reached(job, (view) => view.kind === 'extract' && view.files > 0)
  service.context.jobs.pause(job)
  await service.reached(job, ({ state }) => state === 'paused')
  const before = Object.keys(await restoredTree(into)).length
  expect(before).toBeGreaterThan(0)
  expect(before).toBeLessThan(count)
  service.context.jobs.resume(job)
  expect(await service.extracted(job)).toMatchObject({ result: 'ok', skipped: before, files: count - before })
  expect(Object.keys(await restoredTree(into))).toHaveLength(count)
})

test('cancelled', async () => {
  const { service, start, venti } = await setUp('seq-day1')
  venti.behaviour.hold = true
  const job = await start()
  service.context.jobs.cancel(job)
  venti.behaviour.hold = false
  expect(await service.extracted(job)).toMatchObject({ result: 'cancelled', problem: null })
})

test('a file that cannot be given back is named, and the others are there', async () => {
  const { service, start, venti, into } = await setUp('seq-day1')
  const { data } = partsOf('seq-day1', venti)
  venti.blocks.delete(data.key)
  const view = await service.extracted(await start())
  expect(view).toMatchObject({ result: 'attention', failed: [{ path: `/${data.path}` }] })
  const expected = withoutOwners(treeManifest(newestRoot('seq-day1').tree as string).entries)
  const found = await restoredTree(into)
  expect(Object.keys(expected).filter((path) => !(path in found))).toEqual([data.path])
})

test('a folder that nobody chose, and one that is being restored to', async () => {
  const { service, start, venti } = await setUp('seq-day1')
  expect(await problemIn(start('/', '/etc' as PlaceId))).toMatchObject({ code: 'usage' })
  venti.behaviour.hold = true
  const job = await start()
  expect(await problemIn(start())).toMatchObject({ code: 'usage' })
  service.context.jobs.cancel(job)
  venti.behaviour.hold = false
  await service.extracted(job)
})
