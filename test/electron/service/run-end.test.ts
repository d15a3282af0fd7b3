// What a mirror and the end of its runs say: targets in the order of their owner, how long the way is again after a target was
// away, why a run wants to be looked at, and what a mirror is called.

import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { changeNinefat } from '../../../electron/engine/fat/ninefat.ts'
import { mirrorWish } from '../../../electron/service/mirror-wish.ts'
import type { MirrorView, SetupDraft, SyncJobView } from '../../../shared/model/window.ts'
import { expectedDisk, expectedFossil } from '../../helpers/disk-fixtures.ts'
import { diskIn, setWrcmd, scriptLine, textOn } from '../../helpers/disk-syncs.ts'
import { startFakeVenti, type FakeBehaviour, type FakeVenti } from '../../helpers/fake-venti.ts'
import { healthyPartition } from '../../helpers/fixtures.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { serviceIn, type ServiceRun } from '../../helpers/service-runs.ts'
import { imageIn, onlyMirror } from '../../helpers/sync-runs.ts'

async function fake(behaviour: Partial<FakeBehaviour> = {}): Promise<FakeVenti> {
  const venti = await startFakeVenti(behaviour)
  onTestFinished(() => venti.close())
  return venti
}

/** Servers whose dial strings are not in the order of their letters. */
async function unsorted(count: number): Promise<readonly FakeVenti[]> {
  const all = await Promise.all(Array.from({ length: count }, async () => await fake()))
  const sorted = all.toSorted((a, b) => (a.dial.text < b.dial.text ? -1 : 1))
  return [...sorted.slice(1).toReversed(), ...sorted.slice(0, 1)]
}

const dialsOf = (targets: readonly { readonly dial: string }[]): readonly string[] => targets.map(({ dial }) => dial)

async function drafted(service: ServiceRun, path: string, targets: readonly FakeVenti[]): Promise<SetupDraft> {
  await service.ask('setup.begin', {})
  const { place } = await service.ask('places.look', { path })
  let draft = await service.ask('setup.source', { place: place.id })
  for (const [index, venti] of targets.entries()) {
    draft = await service.ask('setup.addTarget', { dial: venti.dial.text, name: `number ${index}` })
  }
  return draft
}

async function copied(service: ServiceRun): Promise<SyncJobView> {
  const { job } = await service.ask('setup.copy', {})
  return await service.synced(job)
}

async function viewed(service: ServiceRun, mirror: string): Promise<MirrorView> {
  return await service.ask('mirror.refresh', { mirror })
}

test('targets stay in the order in which they were added: plan, copy, view, map, activity, state', async () => {
  const folder = await scratchDir()
  const ventis = await unsorted(3)
  const service = serviceIn(folder)
  await drafted(service, await imageIn(folder, 'seq-day1'), ventis.slice(0, 2))
  const order = ventis.map(({ dial }) => dial.text)
  const two = order.slice(0, 2)
  expect(dialsOf((await service.ask('setup.plan', {})).targets)).toEqual(two)
  const copy = await copied(service)
  expect(copy.result).toBe('ok')
  expect([dialsOf(copy.targets), dialsOf(copy.verified)]).toEqual([two, two])
  const mirror = copy.mirror as string
  expect(dialsOf((await viewed(service, mirror)).targets)).toEqual(two)

  const added = await service.ask('mirror.addTarget', { mirror, dial: order[2] as string, name: 'last' })
  expect(dialsOf(added.targets)).toEqual(order)
  // Chosen the other way round.
  const job = await service.ask('sync.start', { mirror, dials: order.toReversed() })
  const ended = await service.synced(job)
  expect([ended.result, dialsOf(ended.targets)]).toEqual(['ok', order])
  expect(dialsOf((await service.ask('mirror.arenas', { mirror })).targets)).toEqual(order)
  expect(dialsOf((await onlyMirror(folder)).targets)).toEqual(order)
  const { lastRun } = await viewed(service, mirror)
  expect(dialsOf(lastRun?.targets ?? [])).toEqual(order)
})

test('a target that was away is called by its name once, and has its round trip again after the next sync', async () => {
  const folder = await scratchDir()
  const [good, away] = [await fake(), await fake()]
  const service = serviceIn(folder)
  await drafted(service, await imageIn(folder, 'seq-day1'), [good, away])
  const { mirror, result, problem } = await copied(service)
  expect({ result, problem }).toEqual({ result: 'ok', problem: null })
  const name = mirror as string
  await imageIn(folder, 'seq-day2')
  await away.close()
  const dial = away.dial.text
  const of = ({ targets }: MirrorView) => targets.find((target) => target.dial === dial)
  const down = await service.synced(await service.ask('sync.start', { mirror: name, dials: null }))
  expect(down).toMatchObject({ result: 'attention', problem: null })
  const again = down.notes.filter((line) => line.includes('trying again'))
  expect(again.length).toBeGreaterThan(0)
  for (const line of again) expect(line).toMatch(/^number 1: cannot connect to host 127\.0\.0\.1 port \d+: /)
  expect(down.targets[1]?.error).toMatch(/^cannot connect to /)
  expect(of(await viewed(service, name))).toMatchObject({ state: 'unreachable', roundTripMs: null })
  await away.restart()
  // Listened for from before: it may be told before the end of the job is.
  const told = service.told('mirror.view', (view) => typeof of(view)?.roundTripMs === 'number')
  await service.synced(await service.ask('sync.start', { mirror: name, dials: [dial] }))
  expect(of(await told)).toMatchObject({ state: 'reachable' })
})

test('rootscor of another venti: the copy says why it wants to be looked at', async () => {
  const folder = await scratchDir()
  const venti = await fake()
  // Its own arenas, and beside them the 9fat of somebody else.
  const disk = await diskIn(folder, 'disk-mbr')
  const service = serviceIn(folder)
  await drafted(service, await imageIn(folder, 'seq-day1'), [venti])
  await setWrcmd(folder, disk.ninefat, `${scriptLine(venti, 794_624, 0)}\n`)
  const { place } = await service.ask('places.look', { path: disk.ninefat })
  await service.ask('setup.ninefat', { place: place.id })
  const copy = await copied(service)
  expect(copy).toMatchObject({
    result: 'attention',
    targets: [{ phase: 'done' }],
    verified: [{ ok: false }],
    problem: {
      code: 'block-missing',
      happened: expect.stringMatching(
        /^vac:[0-9a-f]{4}…[0-9a-f]{4}, the newest line of rootscor on .*, is in no arena of this source/,
      ),
      safe: expect.stringContaining('was copied'),
      next: expect.stringContaining('belongs to another venti'),
    },
  })
  expect(JSON.stringify({ ...copy, command: '' })).not.toMatch(/--[a-z]/)
  for (const { score } of healthyPartition('seq-day1').roots) {
    expect(service.text).not.toContain(score.replace('vac:', ''))
  }
})

test('a 9fat that cannot be written to: the blocks are there, and why wrcmd is behind is said', async () => {
  const folder = await scratchDir()
  const venti = await fake()
  const disk = await diskIn(folder, 'disk-mbr', venti)
  const service = serviceIn(folder)
  const { ninefat } = await drafted(service, disk.arenas, [venti])
  expect(ninefat?.canImport).toBe(true)
  venti.behaviour.hold = true
  const { job } = await service.ask('setup.copy', {})
  await expect.poll(() => venti.store.held.length, { timeout: 30_000 }).toBeGreaterThan(0)
  // Its boot sector is lost meanwhile, and nothing else: the arenas on the same disk are being read.
  const file = await open(disk.path, 'r+')
  await file.write(new Uint8Array(512), 0, 512, disk.from)
  await file.close()
  venti.behaviour.hold = false
  venti.store.release()
  const copy = await service.synced(job)
  expect(copy).toMatchObject({
    result: 'attention',
    targets: [{ phase: 'done' }],
    problem: {
      happened: expect.stringContaining('could not be brought up to date'),
      safe: expect.stringContaining('nothing is lost'),
      next: expect.any(String),
    },
  })
})

test('a mirror is called after its disk, and after its partition where there are several', async () => {
  const folder = await scratchDir()
  const disk = await diskIn(folder)
  expect(await mirrorWish(disk.arenas)).toBe(join(folder, 'plan9'))
  expect(await mirrorWish('/dev/sdb2')).toBe('/dev/sdb2')
  expect(await mirrorWish(join(folder, 'away.img'))).toBe(join(folder, 'away.img'))
  // A second arenas partition in the place of the fossil.
  const bytes = await readFile(disk.path)
  const { parts } = expectedDisk('disk-mbr')
  const of = (name: string) => parts.find((part) => part.name === name)!
  const { byteOffset, bytes: length } = of('arenas')
  bytes.copy(bytes, of('fossil').byteOffset, byteOffset, byteOffset + length)
  await writeFile(disk.path, bytes)
  expect(await mirrorWish(disk.arenas)).toBe(join(folder, 'plan9-arenas'))
  expect(await mirrorWish(disk.fossil)).toBe(join(folder, 'plan9-fossil'))
})

test('the daily button: fossil’s last root is recorded, the blocks are sent, the root is checked on the target', async () => {
  const folder = await scratchDir()
  const venti = await fake()
  const disk = await diskIn(folder)
  const { last } = expectedFossil()
  // As it is before fossilize ran: rootscor knows nothing of the archive.
  await changeNinefat(disk.ninefat, () => [{ kind: 'replace', name: 'rootscor', content: new Uint8Array(0) }], {
    stateDir: join(folder, 'test'),
    now: new Date('2019-03-16T12:00:00Z'),
  })
  await setWrcmd(folder, disk.ninefat, `${scriptLine(venti, 794_624, 0)}\n`)
  const service = serviceIn(folder)
  const { ninefat, fossil } = await drafted(service, disk.arenas, [venti])
  expect([ninefat?.canImport, fossil?.path]).toEqual([true, disk.fossil])
  const copy = await copied(service)
  expect(copy).toMatchObject({ result: 'ok', verified: [{ dial: venti.dial.text, ok: true }] })
  const recorded = await textOn(disk, 'rootscor')
  expect(recorded).toContain(last)
  expect(service.text).not.toContain(last)

  // Nothing new: the same root is not recorded twice, and is checked again.
  const again = await service.synced(await service.ask('sync.start', { mirror: copy.mirror as string, dials: null }))
  expect(again).toMatchObject({ result: 'ok', verified: [{ ok: true }] })
  expect((await textOn(disk, 'rootscor'))?.split(last)).toHaveLength(2)
})
