// The sample a day later: the blocks of each day and no others, a crash between the steps, and what it refuses.

import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { rootsOf } from '../../../electron/engine/bookkeeping/rootscor.ts'
import { readNinefat } from '../../../electron/engine/fat/ninefat.ts'
import { startFakeVenti, type FakeVenti } from '../../helpers/fake-venti.ts'
import { healthyPartition } from '../../helpers/fixtures.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { isHeld, sampleDir, serviceIn, type ServiceRun } from '../../helpers/service-runs.ts'
import { imageIn, stateDirIn, syncIn } from '../../helpers/sync-runs.ts'

const sampleIn = (folder: string): string => join(stateDirIn(folder), 'sample', 'sample.img')
const ninefatIn = (folder: string): string => join(stateDirIn(folder), 'sample', 'sample-9fat.img')

async function begun(folder: string): Promise<{ service: ServiceRun; venti: FakeVenti }> {
  const venti = await startFakeVenti()
  onTestFinished(() => venti.close())
  const service = serviceIn(folder)
  await service.ask('setup.begin', {})
  await service.ask('setup.sample', {})
  await service.ask('setup.addTarget', { dial: venti.dial.text, name: 'cellar' })
  const { warnings } = await service.ask('setup.plan', {})
  expect(warnings.join(' ')).not.toContain('wrcmd')
  const { job } = await service.ask('setup.copy', {})
  expect(await service.synced(job)).toMatchObject({ result: 'ok', problem: null, targets: [{ blocksDone: 275 }] })
  await service.ask('setup.finish', {})
  return { service, venti }
}

async function newestRecorded(folder: string): Promise<string | undefined> {
  const { rootscor } = await readNinefat(ninefatIn(folder))
  return rootsOf(rootscor.text ?? '')[0]?.score
}

const newestOf = (id: string): string => (healthyPartition(id).roots.at(-1)?.score ?? '').replace('vac:', '')

async function bundled(day: number): Promise<Buffer> {
  return gunzipSync(await readFile(join(sampleDir, `sample-day${day}.img.gz`)))
}

test('three days: 275, 86 and 590 blocks, with rollovers that wrcmd follows', async () => {
  const folder = await scratchDir()
  const { service, venti } = await begun(folder)
  const first = await service.ask('mirror.refresh', { mirror: 'sample' })
  expect(first).toMatchObject({ sample: { day: 1, days: 3 }, toSend: { blocks: 0 } })
  const line = first.wrcmd
  for (const [day, blocks] of [
    [2, 86],
    [3, 590],
  ] as const) {
    const view = await service.ask('sample.nextDay', { mirror: 'sample' })
    expect(view).toMatchObject({ sample: { day, days: 3 }, toSend: { blocks } })
    if (day === 2) expect(view.wrcmd).toBe(line)
    expect(await newestRecorded(folder)).toBe(newestOf(`seq-day${day}`))
    const before = venti.blocks.size
    const job = await service.ask('sync.start', { mirror: 'sample', dials: null })
    expect(await service.synced(job)).toMatchObject({
      result: 'ok',
      targets: [{ blocksDone: blocks }],
      verified: [{ ok: true }],
      rollovers: day === 3 ? [{}, {}] : [],
    })
    expect(venti.blocks.size - before).toBe(blocks)
  }
  const last = await service.ask('mirror.refresh', { mirror: 'sample' })
  expect(last).toMatchObject({ toSend: { blocks: 0 }, newestRoot: { from: 'rootscor' } })
  expect(last.wrcmd).toMatch(/-o 4988928 .* 0x11b001$/)
  expect(await service.refusal('sample.nextDay', { mirror: 'sample' })).toMatchObject({
    code: 'usage',
    happened: expect.stringContaining('last of its 3 days'),
  })
  for (const id of ['seq-day1', 'seq-day2', 'seq-day3']) expect(service.text).not.toContain(newestOf(id))
})

test('a crash between the new day and its root, or in the middle of writing, costs nothing', async () => {
  const folder = await scratchDir()
  const { service } = await begun(folder)
  await writeFile(sampleIn(folder), await bundled(2))
  await writeFile(`${sampleIn(folder)}.new`, 'half of it')
  expect(await service.ask('mirror.refresh', { mirror: 'sample' })).toMatchObject({ sample: { day: 2 } })
  const view = await service.ask('sample.nextDay', { mirror: 'sample' })
  expect(view).toMatchObject({ sample: { day: 3, days: 3 }, toSend: { blocks: 676 } })
  const { rootscor } = await readNinefat(ninefatIn(folder))
  const roots = rootsOf(rootscor.text ?? '').map(({ score }) => score as string)
  expect(roots.slice(0, 3)).toEqual([3, 2, 1].map((day) => newestOf(`seq-day${day}`)))
  await expect(stat(`${sampleIn(folder)}.new`)).rejects.toThrow('ENOENT')
})

test('refused: a mirror of something else, a file that is no day, and while anything of the mirror runs', async () => {
  const folder = await scratchDir()
  const { service, venti } = await begun(folder)
  const image = await imageIn(folder, 'seq-day1')
  const other = await startFakeVenti()
  onTestFinished(() => other.close())
  await syncIn(folder, image, [other], { mirrorName: 'mine' })
  expect(await service.refusal('sample.nextDay', { mirror: 'mine' })).toMatchObject({
    code: 'usage',
    happened: expect.stringContaining('no mirror of the sample'),
  })
  expect(await service.ask('mirror.refresh', { mirror: 'mine' })).toMatchObject({ sample: null })

  await service.ask('sample.nextDay', { mirror: 'sample' })
  // A copy that is merely slow can be over before its picture is told.
  venti.behaviour.hold = true
  const job = await service.ask('sync.start', { mirror: 'sample', dials: null })
  await isHeld(venti)
  expect(await service.refusal('sample.nextDay', { mirror: 'sample' })).toMatchObject({
    code: 'usage',
    happened: expect.stringContaining('being synced'),
  })
  expect((await readFile(sampleIn(folder))).equals(await bundled(2))).toBe(true)
  await service.ask('job.cancel', { job })
  venti.behaviour.hold = false
  venti.store.release()
  await service.synced(job)

  const strange = await bundled(2)
  strange[strange.length - 1] = (strange.at(-1) ?? 0) ^ 1
  await writeFile(sampleIn(folder), strange)
  expect(await service.ask('mirror.refresh', { mirror: 'sample' })).toMatchObject({ sample: null })
  expect(await service.refusal('sample.nextDay', { mirror: 'sample' })).toMatchObject({
    code: 'usage',
    happened: expect.stringContaining('none of the days'),
  })
})

test('tried anew when no mirror is about it any more, it begins with the first day', async () => {
  const folder = await scratchDir()
  const { service } = await begun(folder)
  await service.ask('sample.nextDay', { mirror: 'sample' })
  await service.ask('setup.begin', {})
  // A mirror is about it: it stays at its day.
  expect((await service.ask('setup.sample', {})).source?.totals?.blocks).toBe(361)
  await service.ask('setup.discard', {})
  await service.ask('mirror.forget', { mirror: 'sample' })
  await service.ask('setup.begin', {})
  const draft = await service.ask('setup.sample', {})
  expect(draft).toMatchObject({ source: { totals: { blocks: 275 } }, ninefat: { canImport: true, problem: null } })
})
