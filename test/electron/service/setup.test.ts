// The wizard by requests, against the real engine and embedded servers: from the sample to a verified copy, left and taken up
// again, and everything it must refuse.

import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readNinefat } from '../../../electron/engine/fat/ninefat.ts'
import { createStore } from '../../../electron/engine/venti/server/create-store.ts'
import { startServer, type RunningServer } from '../../../electron/engine/venti/server/server.ts'
import type { PlaceId, SetupDraft, SourceLook } from '../../../shared/model/window.ts'
import { diskIn, scriptLine, setWrcmd } from '../../helpers/disk-syncs.ts'
import { startFakeVenti } from '../../helpers/fake-venti.ts'
import { healthyPartition } from '../../helpers/fixtures.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { serviceIn, type ServiceRun } from '../../helpers/service-runs.ts'
import { imageIn, onlyMirror, stateDirIn } from '../../helpers/sync-runs.ts'

const mebibyte = 2 ** 20
const sampleBlocks = 275

async function serverIn(folder: string, name: string): Promise<RunningServer> {
  const path = join(folder, name)
  await createStore(path, { sizeBytes: 17 * mebibyte, arenaBytes: 2 * mebibyte })
  const server = await startServer({ path, listen: { port: 0 } })
  onTestFinished(() => server.close())
  return server
}

const partitionOf = (look: SourceLook, name: string): PlaceId => {
  const found = look.partitions.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no partition ${name}`)
  return found.place.id
}

async function addedStore(service: ServiceRun, folder: string): Promise<SetupDraft> {
  const place = await service.ask('places.folder', { path: join(folder, 'backup') })
  return await service.ask('setup.addStore', { folder: place.id, name: 'second disk', sizeBytes: 17 * mebibyte })
}

test('from the sample to a verified copy in a folder', async () => {
  const folder = await scratchDir()
  const service = serviceIn(folder)
  expect((await service.ask('app.view', {})).setup).toBeNull()
  expect((await service.ask('setup.begin', {})).step).toBe('source')

  const sample = await service.ask('setup.sample', {})
  expect(sample).toMatchObject({ isSample: true, name: 'sample', source: { kind: 'arenas' } })
  expect(sample.source?.totals).toMatchObject({ arenas: 6, sealed: 0, empty: 5, blocks: sampleBlocks, damage: 0 })
  expect(sample.ninefat).toMatchObject({ canImport: true, problem: null, arena: 'arenas0' })
  expect((await service.ask('setup.step', { step: 'targets' })).step).toBe('targets')

  const { targets } = await addedStore(service, folder)
  expect(targets).toHaveLength(1)
  const [target] = targets
  expect(target).toMatchObject({
    name: 'second disk',
    store: { folder: join(folder, 'backup'), isServed: true, sizeBytes: 17 * mebibyte },
    test: { ok: true, isSource: false, answersProbes: true },
  })
  expect((await stat(join(folder, 'backup', 'venti-mirror-store.img'))).size).toBe(17 * mebibyte)

  await service.ask('setup.step', { step: 'plan' })
  const plan = await service.ask('setup.plan', {})
  expect(plan.targets).toMatchObject([
    { dial: target?.dial, blocks: sampleBlocks, bytes: 783_204, fits: true, problem: null },
  ])
  expect(plan.seconds?.[0]).toBeGreaterThan(0)
  expect(plan.measuredBytesPerSecond).toBeGreaterThan(0)
  expect(plan.command).toContain('--dry-run')

  const { draft, job } = await service.ask('setup.copy', {})
  expect(draft).toMatchObject({ step: 'copy', mirror: 'sample' })
  const copy = await service.synced(job)
  expect(copy).toMatchObject({
    result: 'ok',
    stage: 'verify',
    problem: null,
    targets: [{ phase: 'done', blocksDone: sampleBlocks, blocksTotal: sampleBlocks, name: 'second disk', error: null }],
    verified: [{ dial: target?.dial, ok: true, problem: null }],
  })
  expect(copy.command).toContain('sync')
  expect(copy.targets[0]?.confirmed?.arena).toBe('arenas0')

  const view = await service.ask('app.view', {})
  expect(view.setup).toMatchObject({ step: 'done', mirror: 'sample' })
  expect(view.mirrors).toMatchObject([
    {
      name: 'sample',
      toSend: { blocks: 0, bytes: 0, arenas: [] },
      isLate: false,
      targets: [{ state: 'reachable', behindBlocks: 0, isLate: false, lastVerified: { depth: 'present' } }],
      newestRoot: { score: expect.stringMatching(/^vac:[0-9a-f]{4}…[0-9a-f]{4}$/) },
      job: null,
    },
  ])
  // Its wrcmd was given to the store, and followed.
  const { wrcmd } = await readNinefat(join(stateDirIn(folder), 'sample', 'sample-9fat.img'))
  expect(wrcmd.text).toContain(`${target?.dial} -o 794624`)
  expect(wrcmd.text?.trim()).toMatch(/0x974d1$/)

  expect((await service.ask('setup.mutual', { disk: null })).words.length).toBeGreaterThan(0)
  await service.ask('setup.finish', {})
  expect((await service.ask('app.view', {})).setup).toBeNull()
  expect(await service.refusal('setup.finish', {})).toMatchObject({ code: 'usage' })
  // R10: nothing that came out has a root in full.
  for (const { score } of healthyPartition('seq-day1').roots) expect(service.text).not.toContain(score)
})

test('left at every step, taken up by another service, with new ids for its places', async () => {
  const folder = await scratchDir()
  const image = await imageIn(folder, 'seq-day1')
  const venti = await serverIn(folder, 'venti')
  let service = serviceIn(folder)
  const again = async (): Promise<SetupDraft> => {
    await service.link.close()
    service = serviceIn(folder)
    const { setup } = await service.ask('app.view', {})
    if (setup === null) throw new Error('the draft is gone')
    return setup
  }
  await service.ask('setup.begin', {})
  expect(await again()).toMatchObject({ step: 'source', source: null })
  const look = await service.ask('places.look', { path: image })
  const old = look.place.id
  await service.ask('setup.source', { place: old })
  expect(await again()).toMatchObject({ source: { place: { path: image } }, name: 'source' })
  expect(await service.refusal('setup.source', { place: old })).toMatchObject({ code: 'usage' })
  await service.ask('setup.step', { step: 'targets' })
  await service.ask('setup.addTarget', { dial: venti.dial, name: 'cellar' })
  await service.ask('setup.name', { name: 'nightly' })
  expect(await again()).toMatchObject({
    step: 'targets',
    name: 'nightly',
    targets: [{ dial: venti.dial, name: 'cellar' }],
  })
  await service.ask('setup.ninefat', { place: null })
  await service.ask('setup.step', { step: 'plan' })
  expect(await again()).toMatchObject({ step: 'plan', noNinefat: true, ninefat: null })
  const { job } = await service.ask('setup.copy', {})
  expect((await service.synced(job)).result).toBe('ok')
  expect(await again()).toMatchObject({ step: 'done', mirror: 'nightly' })
  // What was copied has its source.
  const place = await service.ask('places.look', { path: image })
  expect(await service.refusal('setup.source', { place: place.place.id })).toMatchObject({ code: 'usage' })
  await service.ask('setup.discard', {})
  expect((await service.ask('app.view', {})).mirrors).toMatchObject([{ name: 'nightly' }])
})

test('dropped in the middle of the copy: another service goes on from the cursors', async () => {
  const folder = await scratchDir()
  const image = await imageIn(folder, 'seq-day3')
  const venti = await startFakeVenti({ delayMs: 30 })
  onTestFinished(() => venti.close())
  const total = healthyPartition('seq-day3').arenas.reduce((sum, { clumps }) => sum + clumps, 0)
  const first = serviceIn(folder)
  await first.ask('setup.begin', {})
  const look = await first.ask('places.look', { path: image })
  await first.ask('setup.source', { place: look.place.id })
  await first.ask('setup.addTarget', { dial: venti.dial.text, name: 'far away' })
  const { job } = await first.ask('setup.copy', {})
  await first.reached(job, (view) => view.kind === 'sync' && (view.targets[0]?.blocksDone ?? 0) > 50)
  await first.link.close()
  const kept = (await onlyMirror(folder)).targets[0]?.cursors ?? {}
  expect(Object.keys(kept)).not.toEqual([])
  const sentBefore = venti.counters.writes
  expect(sentBefore).toBeLessThan(total)

  const second = serviceIn(folder)
  const { setup } = await second.ask('app.view', {})
  expect(setup).toMatchObject({ step: 'copy', mirror: 'source' })
  const again = await second.ask('setup.copy', {})
  const done = await second.synced(again.job)
  expect(done.targets).toMatchObject([{ phase: 'done' }])
  expect(done.result).toBe('ok')
  expect(venti.blocks.size).toBe(total)
})

test('a good wrcmd is imported, the typo of the article refused with the arena meant', async () => {
  const folder = await scratchDir()
  const venti = await serverIn(folder, 'venti')
  const disk = await diskIn(folder, 'disk-mbr', venti)
  const service = serviceIn(folder)
  await service.ask('setup.begin', {})
  const whole = await service.ask('places.look', { path: disk.path })
  expect(whole).toMatchObject({ kind: 'disk', totals: null })
  expect(await service.refusal('setup.source', { place: whole.place.id })).toMatchObject({
    code: 'not-arena-partition',
  })
  const draft = await service.ask('setup.source', { place: partitionOf(whole, 'arenas') })
  // What stands beside the arenas is found.
  expect(draft.ninefat).toMatchObject({ canImport: true, arena: 'arenas0', problems: [], roots: expect.any(Number) })
  expect(draft.ninefat?.roots).toBeGreaterThan(0)
  expect(draft.fossil).toMatchObject({ path: disk.fossil })

  await setWrcmd(folder, disk.ninefat, `${scriptLine(venti, 53_766_536, 0)}\n`)
  const typo = await service.ask('setup.ninefat', { place: partitionOf(whole, '9fat') })
  expect(typo.ninefat).toMatchObject({ canImport: false, problem: null })
  const [error] = typo.ninefat?.problems ?? []
  expect(error).toMatchObject({
    severity: 'error',
    message: expect.stringMatching(/no arena starts there; arenas\d starts at \d+/),
  })
  await service.ask('setup.addTarget', { dial: venti.dial, name: 'cellar' })
  expect(await service.refusal('setup.copy', {})).toMatchObject({ code: 'bad-wrcmd' })
  const bad = await service.ask('wrcmd.look', {
    place: partitionOf(whole, '9fat'),
    source: partitionOf(whole, 'arenas'),
  })
  expect(bad.canImport).toBe(false)
  // Another partition is no 9fat.
  const arenas = await service.ask('setup.ninefat', { place: partitionOf(whole, 'arenas') })
  expect(arenas.ninefat).toMatchObject({ canImport: false, problem: { code: 'not-9fat' } })
})

test('what must not be: strangers, doubles, the source itself, and steps that need others first', async () => {
  const folder = await scratchDir()
  const image = await imageIn(folder, 'seq-day1')
  const service = serviceIn(folder)
  expect(await service.refusal('setup.step', { step: 'targets' })).toMatchObject({ code: 'usage' })
  await service.ask('setup.begin', {})
  expect(await service.refusal('setup.step', { step: 'targets' })).toMatchObject({ code: 'usage' })
  expect(await service.refusal('setup.plan', {})).toMatchObject({ code: 'usage' })
  expect(await service.refusal('setup.copy', {})).toMatchObject({ code: 'usage' })
  const strange = '5f0f5bd5-6d0b-4b0c-8a39-1d54f3c3c5a1'
  expect(await service.refusal('setup.source', { place: strange })).toMatchObject({ code: 'usage' })
  expect(await service.refusal('setup.ninefat', { place: strange })).toMatchObject({ code: 'usage' })
  const text = join(folder, 'notes.txt')
  await writeFile(text, 'hello\n')
  const notes = await service.ask('places.look', { path: text })
  expect(notes).toMatchObject({ kind: 'other', totals: null })
  expect(await service.refusal('setup.source', { place: notes.place.id })).toMatchObject({
    code: 'not-arena-partition',
  })
  const look = await service.ask('places.look', { path: image })
  await service.ask('setup.source', { place: look.place.id })
  expect(await service.refusal('setup.step', { step: 'verify' })).toMatchObject({ code: 'usage' })
  // A copy of the partition that is served: its own server, by the name it gives its arenas.
  const served = await startServer({ path: await imageIn(folder, 'seq-day1', 'copy.img'), listen: { port: 0 } })
  onTestFinished(() => served.close())
  expect(await service.ask('setup.test', { dial: served.dial })).toMatchObject({ ok: false, isSource: true })
  expect(await service.refusal('setup.addTarget', { dial: served.dial, name: 'own' })).toMatchObject({
    code: 'target-is-source',
  })
  const venti = await serverIn(folder, 'venti')
  const tested = await service.ask('setup.test', { dial: `127.0.0.1:${venti.port}` })
  expect(tested).toMatchObject({ dial: venti.dial, ok: true, problem: null, answersProbes: true })
  expect(tested.roundTripMs).toBeGreaterThan(0)
  expect(tested.freeBytes).toBeGreaterThan(mebibyte)
  expect(await service.ask('setup.test', { dial: 'udp!a!1' })).toMatchObject({
    dial: null,
    problem: { code: 'dial-string' },
  })
  await service.ask('setup.addTarget', { dial: venti.dial, name: 'one' })
  expect(await service.refusal('setup.addTarget', { dial: venti.dial, name: 'two' })).toMatchObject({ code: 'usage' })
  await mkdir(join(folder, 'small'))
  const place = await service.ask('places.folder', { path: join(folder, 'small') })
  await service.ask('setup.addStore', { folder: place.id, name: 'small', sizeBytes: 2 * mebibyte })
  const { targets } = await service.ask('setup.plan', {})
  expect(targets.map(({ fits }) => fits)).toContain(true)
  const draft = await service.ask('setup.removeTarget', { dial: venti.dial })
  expect(draft.targets.map(({ name }) => name)).toEqual(['small'])
  await service.ask('setup.discard', {})
  // Nobody uses the store any more; its file is there still.
  expect(JSON.parse(await readFile(join(stateDirIn(folder), 'stores.json'), 'utf8'))).toMatchObject({ stores: [] })
  expect((await stat(join(folder, 'small', 'venti-mirror-store.img'))).size).toBe(2 * mebibyte)
})
