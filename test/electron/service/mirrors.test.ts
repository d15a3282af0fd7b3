// Mirrors as Overview sees them: what is new before a sync, what became of it, rollovers, targets that are down, pauses, what
// its owner chose, and the map of thousands of arenas.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { appendHistory, readHistory } from '../../../electron/engine/state/history.ts'
import { decodeMirror, lockMirror } from '../../../electron/engine/state/mirror-file.ts'
import { dropOwnLock } from '../../../electron/engine/state/file-lock.ts'
import type { MirrorView, SyncJobView } from '../../../shared/model/window.ts'
import { freePort } from '../../helpers/cli-process.ts'
import { cpuMs } from '../../helpers/cpu-time.ts'
import { diskIn } from '../../helpers/disk-syncs.ts'
import { startFakeVenti, type FakeVenti } from '../../helpers/fake-venti.ts'
import { healthyPartition } from '../../helpers/fixtures.ts'
import { buildPartition, noise } from '../../helpers/image-builder.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { isHeld, serviceIn, type ServiceRun } from '../../helpers/service-runs.ts'
import { imageIn, onlyMirror, stateDirIn, syncIn, type AnyTarget } from '../../helpers/sync-runs.ts'

const mebibyte = 2 ** 20

async function fake(behaviour: Parameters<typeof startFakeVenti>[0] = {}): Promise<FakeVenti> {
  const venti = await startFakeVenti(behaviour)
  onTestFinished(() => venti.close())
  return venti
}

const dialOf = (venti: FakeVenti): string => venti.dial.text

async function viewOf(service: ServiceRun, mirror = 'source'): Promise<MirrorView> {
  return await service.ask('mirror.refresh', { mirror })
}

async function synced(service: ServiceRun, dials: readonly string[] | null = null): Promise<SyncJobView> {
  return await service.synced(await service.ask('sync.start', { mirror: 'source', dials }))
}

/** A mirror that the command line made. */
async function mirrored(folder: string, id: string, targets: readonly AnyTarget[]): Promise<string> {
  const image = await imageIn(folder, id)
  await syncIn(folder, image, targets)
  return image
}

test('three days: what is new before the sync, and the rollovers after it', async () => {
  const folder = await scratchDir()
  const venti = await fake()
  const disk = await diskIn(folder, 'disk-mbr', venti)
  const image = await imageIn(folder, 'seq-day1')
  await syncIn(folder, image, [venti], { ninefat: null })
  await appendHistory(stateDirIn(folder), 'source', {
    kind: 'run',
    at: new Date(Date.now() - 48 * 3600 * 1000).toISOString(),
    durationMs: 1000,
    bytesRead: 1,
    usedBytes: 0,
    damage: 0,
    cancelled: false,
    targets: [{ dial: dialOf(venti), ok: true, error: null, blocks: 9, sent: 9, present: 0, bytesSent: 500_000 }],
  })
  const service = serviceIn(folder)
  const first = await viewOf(service)
  expect(first).toMatchObject({
    source: { path: image, problem: null, totals: { blocks: 275, arenas: 6 } },
    toSend: { blocks: 0, bytes: 0, arenas: [] },
    estimateSeconds: null,
    targets: [{ behindBlocks: 0, state: 'reachable', problem: null }],
    lastRun: { result: 'ok' },
    lastRollover: null,
    newestRoot: { from: 'arenas' },
    damage: 0,
    job: null,
  })
  expect(first.targets[0]?.roundTripMs).toBeGreaterThan(0)
  await imageIn(folder, 'seq-day2')
  expect(await viewOf(service)).toMatchObject({ toSend: { blocks: 86, bytes: 289_355, arenas: ['arenas0'] } })
  const second = await synced(service)
  expect(second).toMatchObject({ result: 'ok', rollovers: [], targets: [{ blocksDone: 86, blocksTotal: 86 }] })
  await imageIn(folder, 'seq-day3')
  const third = await viewOf(service)
  expect(third).toMatchObject({ toSend: { blocks: 590, arenas: ['arenas0', 'arenas1', 'arenas2'] } })
  expect(third.estimateSeconds?.[0]).toBeGreaterThan(0)
  // Two days for what day 2 had used.
  expect(third.forecast).toMatchObject({ activeArena: 'arenas2' })
  expect(third.forecast.bytesPerDay).toBeCloseTo(0xd8ed3 / 2, -4)
  expect(third.forecast.activeFullDays).toBeGreaterThan(0)
  expect(third.forecast.partitionFullDays).toBeGreaterThan(third.forecast.activeFullDays ?? Infinity)
  const before = await service.ask('mirror.arenas', { mirror: 'source' })
  expect(before.targets[0]?.cursors).toEqual([0xd8ed3, 0, 0, 0, 0, 0])

  const last = await synced(service)
  expect(last.rollovers.map(({ fromArena, toArena }) => [fromArena, toArena])).toEqual([
    ['arenas0', 'arenas1'],
    ['arenas1', 'arenas2'],
  ])
  for (const { at } of last.rollovers) expect(Date.parse(at)).toBeGreaterThanOrEqual(Date.parse(last.startedAt))
  expect(last.verified).toMatchObject([{ ok: true }])
  const done = await viewOf(service)
  expect(done).toMatchObject({
    toSend: { blocks: 0 },
    lastRollover: { fromArena: 'arenas1', toArena: 'arenas2' },
    lastRun: { rollovers: 2 },
    targets: [{ lastVerified: { depth: 'present' }, isLate: false }],
  })
  const map = await service.ask('mirror.arenas', { mirror: 'source' })
  expect(map).toMatchObject({
    mirror: 'source',
    names: ['arenas0', 'arenas1', 'arenas2', 'arenas3', 'arenas4', 'arenas5'],
    offsets: [794_624, 2_891_776, 4_988_928, 7_086_080, 9_183_232, 11_280_384],
    // The sample was taken before its venti sealed them.
    states: ['full, seal pending', 'full, seal pending', 'active', 'empty', 'empty', 'empty'],
    clumps: healthyPartition('seq-day3').arenas.map(({ clumps }) => clumps),
    targets: [{ cursors: [0x1f63e7, 0x1f8542, 0x11b001, 0, 0, 0] }],
  })
  expect(disk.path).not.toBe(image)
  for (const { score } of healthyPartition('seq-day3').roots) expect(service.text).not.toContain(score)
})

test('a target that is down is told while the other goes on, and caught up when it is back', async () => {
  const folder = await scratchDir()
  const [good, away] = [await fake(), await fake()]
  await mirrored(folder, 'seq-day1', [good, away])
  await imageIn(folder, 'seq-day2')
  await away.close()
  const service = serviceIn(folder)
  const job = await service.ask('sync.start', { mirror: 'source', dials: null })
  const half = await service.reached(job, (view) => {
    return view.kind === 'sync' && view.targets.some(({ dial, phase }) => dial === dialOf(good) && phase === 'done')
  })
  expect(half.state).toBe('running')
  const ended = await service.synced(job)
  expect(ended.result).toBe('attention')
  const of = (venti: FakeVenti) => ended.targets.find(({ dial }) => dial === dialOf(venti))
  expect(of(good)).toMatchObject({ phase: 'done', blocksDone: 86, error: null })
  expect(of(away)).toMatchObject({
    phase: 'failed',
    blocksDone: 0,
    error: expect.stringMatching(/nothing listens there/),
  })
  const view = await viewOf(service)
  const target = (venti: FakeVenti) => view.targets.find(({ dial }) => dial === dialOf(venti))
  expect(target(good)).toMatchObject({ state: 'reachable', behindBlocks: 0, problem: null })
  expect(target(away)).toMatchObject({
    state: 'unreachable',
    behindBlocks: 86,
    problem: { code: 'connect-failed', safe: expect.any(String), next: expect.any(String) },
  })
  await away.restart()
  const again = await synced(service)
  expect(again).toMatchObject({ result: 'ok' })
  expect(await viewOf(service)).toMatchObject({ toSend: { blocks: 0 } })
  expect(away.blocks.size).toBe(good.blocks.size)
})

describe('pause, resume, cancel', () => {
  const slow = { delayMs: 30 }
  const moving = (view: { kind: string }): boolean =>
    view.kind === 'sync' && ((view as SyncJobView).targets[0]?.blocksDone ?? 0) > 100

  async function begun(folder: string, venti: FakeVenti): Promise<{ service: ServiceRun; job: SyncJobView['id'] }> {
    // One that has the mirror, but nothing of its blocks.
    await mirrored(folder, 'seq-day1', [venti])
    await imageIn(folder, 'seq-day3')
    const service = serviceIn(folder)
    return { service, job: await service.ask('sync.start', { mirror: 'source', dials: null }) }
  }

  test('a pause keeps what was confirmed and frees the mirror; a resume sends the rest', async () => {
    const folder = await scratchDir()
    const venti = await fake(slow)
    const { service, job } = await begun(folder, venti)
    await service.reached(job, moving)
    expect(await service.refusal('sync.start', { mirror: 'source', dials: null })).toMatchObject({ code: 'usage' })
    expect((await service.ask('job.pause', { job })).state).toBe('pausing')
    expect(await service.refusal('job.pause', { job })).toMatchObject({ code: 'usage' })
    const paused = (await service.reached(job, ({ state }) => state === 'paused')) as SyncJobView
    expect(paused).toMatchObject({ result: null, problem: null, endedAt: null })
    expect((await viewOf(service)).job).toBe(job)
    const left = (await viewOf(service)).toSend.blocks
    expect(left).toBeGreaterThan(0)
    expect(left).toBe(275 + 676 - venti.blocks.size)
    // Nobody holds it meanwhile.
    await (await lockMirror(stateDirIn(folder), 'source')).release()
    expect(await service.refusal('mirror.forget', { mirror: 'source' })).toMatchObject({ code: 'usage' })
    await service.ask('job.resume', { job })
    expect(await service.refusal('job.resume', { job })).toMatchObject({ code: 'usage' })
    const ended = await service.synced(job)
    expect(ended).toMatchObject({ result: 'ok', targets: [{ blocksTotal: 676, blocksDone: 676 }] })
    // What was acknowledged before the pause was not sent again.
    expect(venti.counters.writes).toBe(275 + 676)
    const sequences = service.events.flatMap(({ event, value }) =>
      event === 'job.view' ? [(value as SyncJobView).sequence] : [],
    )
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b))
    expect(await service.refusal('job.cancel', { job })).toMatchObject({ code: 'usage' })
  })

  test('cancelled while it runs, and while it is paused', async () => {
    const folder = await scratchDir()
    const venti = await fake(slow)
    const { service, job } = await begun(folder, venti)
    await service.reached(job, moving)
    expect((await service.ask('job.cancel', { job })).state).toBe('cancelling')
    expect(await service.synced(job)).toMatchObject({ result: 'cancelled', problem: null, endedAt: expect.any(String) })
    const second = await service.ask('sync.start', { mirror: 'source', dials: null })
    await service.reached(second, ({ state }) => state === 'running')
    await service.ask('job.pause', { job: second })
    await service.reached(second, ({ state }) => state === 'paused')
    expect(await service.ask('job.cancel', { job: second })).toMatchObject({ state: 'ended', result: 'cancelled' })
    venti.behaviour.delayMs = 0
    expect(await synced(service)).toMatchObject({ result: 'ok' })
  })

  test('the end of the service is a pause of its jobs', async () => {
    const folder = await scratchDir()
    const venti = await fake(slow)
    const { service, job } = await begun(folder, venti)
    await service.reached(job, moving)
    const before = (await onlyMirror(folder)).targets[0]?.cursors['arenas0']?.offset ?? 0
    await service.link.close()
    const after = (await onlyMirror(folder)).targets[0]?.cursors['arenas0']?.offset ?? 0
    expect(after).toBeGreaterThan(before)
    await (await lockMirror(stateDirIn(folder), 'source')).release()
    expect(await service.refusal('app.view', {})).toMatchObject({ code: 'cancelled' })
  })
})

describe('what its owner chose', () => {
  test('is kept, told, and waits for the end of a sync that has the file', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    await mirrored(folder, 'seq-day1', [venti])
    await imageIn(folder, 'seq-day3')
    const dial = dialOf(venti)
    const service = serviceIn(folder)
    const changed = await service.ask('mirror.change', {
      mirror: 'source',
      verifyAfterSync: false,
      targetNames: { [dial]: 'cellar' },
    })
    expect(changed).toMatchObject({ verifyAfterSync: false, targets: [{ name: 'cellar' }] })
    expect(changed.command).not.toContain('--verify')
    // A copy that is merely slow can be over before its picture is told.
    venti.behaviour.hold = true
    const job = await service.ask('sync.start', { mirror: 'source', dials: [dial] })
    await isHeld(venti)
    const during = await service.ask('mirror.change', { mirror: 'source', limitBytesPerSecond: 50 * mebibyte })
    expect(during).toMatchObject({ limitBytesPerSecond: 50 * mebibyte, verifyAfterSync: false })
    expect((await onlyMirror(folder)).preferences?.limitBytesPerSecond).toBeUndefined()
    venti.behaviour.hold = false
    venti.store.release()
    expect(await service.synced(job)).toMatchObject({ result: 'ok', stage: 'sync', verified: [] })
    const { preferences } = await onlyMirror(folder)
    expect(preferences).toEqual({
      verifyAfterSync: false,
      limitBytesPerSecond: 50 * mebibyte,
      targetNames: { [dial]: 'cellar' },
    })
    expect(
      await service.refusal('mirror.change', { mirror: 'source', targetNames: { 'tcp!no!1': 'x' } }),
    ).toMatchObject({
      code: 'usage',
    })
  })

  test('holds for the command line, where it says nothing else', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    await mirrored(folder, 'seq-day1', [venti])
    const service = serviceIn(folder)
    await service.ask('mirror.change', { mirror: 'source', limitBytesPerSecond: 256 * 1024 })
    await service.link.close()
    await imageIn(folder, 'seq-day2')
    const beganMs = performance.now()
    const { result } = await syncIn(folder, 'source', [])
    // 289 355 bytes at 256 KiB a second.
    expect(performance.now() - beganMs).toBeGreaterThan(800)
    expect(result.targets).toMatchObject([{ sent: 86 }])
    const history = await readHistory(stateDirIn(folder), 'source')
    expect(history.at(-1)).toMatchObject({ kind: 'run', usedBytes: 0xd8ed3 })
  })

  test('targets come and go; a forgotten mirror leaves nothing but the blocks', async () => {
    const folder = await scratchDir()
    const [one, two] = [await fake(), await fake()]
    await mirrored(folder, 'seq-day1', [one])
    const service = serviceIn(folder)
    expect(await service.refusal('mirror.removeTarget', { mirror: 'source', dial: dialOf(one) })).toMatchObject({
      code: 'usage',
    })
    const added = await service.ask('mirror.addTarget', { mirror: 'source', dial: dialOf(two), name: 'attic' })
    expect(added.targets.find(({ dial }) => dial === dialOf(two))).toMatchObject({
      name: 'attic',
      behindBlocks: 275,
      lastSync: null,
    })
    const only = await synced(service, [dialOf(two)])
    expect(only).toMatchObject({ result: 'ok', targets: [{ dial: dialOf(two), blocksDone: 275 }] })
    expect(two.blocks.size).toBe(one.blocks.size)
    const removed = await service.ask('mirror.removeTarget', { mirror: 'source', dial: dialOf(one) })
    expect(removed.targets.map(({ dial }) => dial)).toEqual([dialOf(two)])
    await service.ask('mirror.forget', { mirror: 'source' })
    expect((await service.ask('app.view', {})).mirrors).toEqual([])
    expect(await readHistory(stateDirIn(folder), 'source')).toEqual([])
    expect(await service.refusal('mirror.arenas', { mirror: 'source' })).toMatchObject({ code: 'state-missing' })
  })
})

test.each([
  { limitBytesPerSecond: 0 },
  { limitBytesPerSecond: '1' },
  { verifyAfterSync: 1 },
  { targetNames: { a: 1 } },
  { targetNames: [] },
  { fossil: 1 },
  { sourceVenti: {} },
  { sourceHttp: 17034 },
  'fast',
])('a mirror file with %j for what its owner chose is not used', async (preferences) => {
  const folder = await scratchDir()
  await mirrored(folder, 'seq-day1', [await fake()])
  const mirror = await onlyMirror(folder)
  for (const good of [undefined, null, {}, { fossil: null, limitBytesPerSecond: null, sourceVenti: 'a' }]) {
    expect(decodeMirror(JSON.stringify({ ...mirror, preferences: good }))).toMatchObject({ name: 'source' })
  }
  expect(decodeMirror(JSON.stringify({ ...mirror, preferences }))).toMatch(/owner chose/)
})

test('another partition in the place of the source is said, and the rest is still shown', async () => {
  const folder = await scratchDir()
  const venti = await fake()
  const image = await mirrored(folder, 'seq-day1', [venti])
  const service = serviceIn(folder)
  await writeFile(image, buildPartition({ arenas: [{ blocks: [{ data: noise(500, 1) }] }] }).bytes)
  expect(await viewOf(service)).toMatchObject({
    source: { totals: null, problem: { code: 'wrong-partition' } },
    targets: [{ dial: dialOf(venti), state: 'reachable' }],
  })
  expect(await service.refusal('mirror.arenas', { mirror: 'source' })).toMatchObject({ code: 'wrong-partition' })
})

test('4000 arenas: the map and the view answer at once', async () => {
  const folder = await scratchDir()
  const venti = await fake()
  const count = 4000
  const arenas = Array.from({ length: count }, (_, index) => {
    const state = index < count - 1 ? 'sealed' : 'open'
    return { name: `arenas${index}`, version: 5, state, blocks: [{ data: noise(64, index + 1) }] } as const
  })
  const image = join(folder, 'source.img')
  await writeFile(image, buildPartition({ blockSize: 512, tableBytes: 512 * 1024, arenas }).bytes)
  await syncIn(folder, image, [venti])
  const service = serviceIn(folder)
  await service.ask('app.view', {})
  const spent: number[] = []
  for (let i = 0; i < 2; i++) {
    const began = cpuMs()
    const map = await service.ask('mirror.arenas', { mirror: 'source' })
    spent.push(cpuMs() - began)
    expect(map.names).toHaveLength(count)
    expect(map.states.filter((state) => state === 'sealed')).toHaveLength(count - 1)
    expect(map.targets[0]?.cursors.every((cursor) => cursor > 0)).toBe(true)
  }
  // Of processor time, the second without reading the seals.
  expect(Math.max(...spent)).toBeLessThan(3000)
  const began = cpuMs()
  expect(await viewOf(service)).toMatchObject({ toSend: { blocks: 0 }, source: { totals: { arenas: count } } })
  expect(cpuMs() - began).toBeLessThan(4000)
})

test('a lock of this process that nobody holds any more is dropped, and no other', async () => {
  const folder = await scratchDir()
  const path = join(folder, 'thing')
  await writeFile(`${path}.lock`, JSON.stringify({ pid: 1, host: 'elsewhere', started: '', boot: '' }))
  await dropOwnLock(path)
  expect(await readFile(`${path}.lock`, 'utf8')).toContain('elsewhere')
  expect(await freePort()).toBeGreaterThan(0)
})
