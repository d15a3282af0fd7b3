// Checks as jobs of the service: what they find, what they heal, how they stop and go on. Real handlers, a fake target.

import { readdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { unfinishedFolder } from '../../../electron/engine/state/unfinished-check.ts'
import { readVerifyRecords } from '../../../electron/engine/state/verify-log.ts'
import type { VerifyDepth } from '../../../shared/model/verify.ts'
import type { JobId, RootView } from '../../../shared/model/window.ts'
import type { BlockKey, FakeVenti } from '../../helpers/fake-venti.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { onlyMirror, stateDirIn } from '../../helpers/sync-runs.ts'
import { VacBuilder } from '../../helpers/vac-builder.ts'
import { filledFake, newestRoot, partsOf } from '../../helpers/verify-runs.ts'
import { problemIn, verifyServiceIn } from '../../helpers/verify-service.ts'

const id = 'seq-day1'
const { score, blocks } = newestRoot(id)

async function setUp() {
  const folder = await scratchDir()
  const { venti, image } = await filledFake(folder, id)
  const { name } = await onlyMirror(folder)
  const service = verifyServiceIn(folder)
  const root = await service.rootView(name, score)
  const start = async (options: { depth?: VerifyDepth; repair?: boolean; of?: RootView } = {}): Promise<JobId> => {
    const { depth = 'present', repair = false, of = root } = options
    return await service.handlers['check.start']({ mirror: name, root: of.id, dial: venti.dial.text, depth, repair })
  }
  return { folder, venti, image, name, service, root, start }
}

describe('a check', () => {
  test('of a whole archive passes, is kept, and the mirror is told', async () => {
    const { venti, image, name, service, root, start, folder } = await setUp()
    const job = await start()
    const view = await service.checked(job)
    expect(view).toMatchObject({
      kind: 'check',
      mirror: name,
      score: root.score,
      state: 'ended',
      problem: null,
      checked: blocks,
      result: { ok: true, blocks, good: blocks, missing: [], corrupt: [], problems: [], unlisted: 0, cancelled: false },
    })
    expect(view.command).toBe(
      `venti-mirror verify ${root.score} --at 127.0.0.1:${venti.port} --source ${image} --state ${stateDirIn(folder)}`,
    )
    expect(service.changed).toEqual([name])
    expect(await readVerifyRecords(stateDirIn(folder), name)).toMatchObject([{ ok: true, blocks, depth: 'present' }])
    const again = await service.rootView(name, score)
    expect(again.checks).toMatchObject([{ dial: venti.dial.text, ok: true, depth: 'present', missing: 0 }])
    expect(JSON.stringify([view, again])).not.toContain(score.slice(4))
  })

  test('of a root whose mask is like that of another is kept as its own', async () => {
    const { service, start, name, venti, root } = await setUp()
    const alike = `${score.slice(4, 8)}${'0'.repeat(32)}${score.slice(-4)}`
    const other = await service.handlers['roots.paste']({ mirror: name, text: alike })
    await service.checked(await start({ depth: 'full' }))
    const { roots } = await service.handlers['roots.list']({ mirror: name })
    expect(roots.map(({ score: shown }) => shown)).toEqual([root.score, root.score])
    const checksOf = (wanted: RootView): number => roots.find((one) => one.id === wanted.id)?.checks.length ?? -1
    expect([checksOf(root), checksOf(other)]).toEqual([1, 0])
    const card = service.handlers['recovery.card']({
      mirror: name,
      root: other.id,
      dial: venti.dial.text,
      reveal: false,
    })
    expect(await problemIn(card)).toMatchObject({ code: 'verify-failed' })
  })

  test('twice at a time is refused', async () => {
    const { venti, service, start } = await setUp()
    venti.behaviour.hold = true
    const job = await start()
    expect(await problemIn(start())).toMatchObject({ code: 'usage', safe: expect.stringContaining('goes on') })
    venti.behaviour.hold = false
    service.context.jobs.cancel(job)
    await service.checked(job)
    const next = await start()
    expect((await service.checked(next)).result?.ok).toBe(true)
  })

  test('of a target that is down fails, and says what is safe', async () => {
    const { venti, service, start, folder, name } = await setUp()
    await venti.close()
    const view = await service.checked(await start())
    expect(view).toMatchObject({ state: 'ended', result: null, problem: { code: 'connect-failed' } })
    expect(view.problem?.next).not.toBe('')
    expect(await readVerifyRecords(stateDirIn(folder), name)).toEqual([])
  })
})

describe('blocks that are missing', () => {
  test('are found with path and place, and healed by a job that repairs', async () => {
    const { venti, service, start, folder, name } = await setUp()
    const { data } = partsOf(id, venti)
    venti.blocks.delete(data.key)
    const found = await service.checked(await start())
    expect(found.result).toMatchObject({ ok: false, good: blocks - 1, repaired: 0 })
    expect(found.result?.missing).toMatchObject([
      { path: `/${data.path}`, arena: data.clump.arena, offset: data.clump.offset, reason: 'lost-on-target' },
    ])
    expect((await service.rootView(name, score)).checks).toMatchObject([{ ok: false, missing: 1 }])

    const healed = await service.checked(await start({ repair: true }))
    expect(healed.command).toContain(' --repair')
    expect(healed.result).toMatchObject({ ok: true, good: blocks, repaired: 1, missing: [{ repaired: true }] })
    expect(venti.durable.has(data.key)).toBe(true)
    expect((await service.rootView(name, score)).checks).toMatchObject([{ ok: true }])
    const records = await readVerifyRecords(stateDirIn(folder), name)
    expect(records.map(({ ok, repaired }) => [ok, repaired])).toEqual([
      [false, 0],
      [true, 1],
    ])
  })

  test('damaged on the target: named, and not healed by writing it again', async () => {
    const { venti, service, start } = await setUp()
    const { data } = partsOf(id, venti)
    venti.store.damaged.add(data.key)
    const view = await service.checked(await start({ depth: 'full', repair: true }))
    expect(view.result).toMatchObject({ ok: false, repaired: 0, missing: [] })
    expect(view.result?.corrupt).toMatchObject([
      { path: `/${data.path}`, reason: 'damaged-on-target', repaired: false },
    ])
  })
})

describe('stopped', () => {
  const leaves = 3000

  /** A large archive beside the one of the mirror. */
  async function large() {
    const here = await setUp()
    const builder = new VacBuilder()
    const content = new Uint8Array(leaves * 512)
    for (let i = 0; i < leaves; i++) content.set([1, i >>> 8, i & 0xff], i * 512)
    const root = builder.archive([{ name: 'big', data: content, stream: { dsize: 512 } }])
    for (const [key, data] of builder.store.blocks) here.venti.blocks.set(key as BlockKey, data)
    const of = await here.service.handlers['roots.paste']({ mirror: here.name, text: root })
    return { ...here, of, total: builder.store.blocks.size }
  }

  /** When the target was asked so many questions. */
  async function asked({ counters }: FakeVenti, count: number): Promise<void> {
    const before = counters.probes + counters.reads
    while (counters.probes + counters.reads - before < count) await new Promise((resolve) => setImmediate(resolve))
  }

  const kept = async (folder: string): Promise<number> => (await readdir(unfinishedFolder(stateDirIn(folder)))).length

  test('paused and resumed it goes on, and leaves one line', async () => {
    const { folder, venti, service, start, of, total, name } = await large()
    venti.behaviour.delayMs = 1
    const job = await start({ of })
    await asked(venti, 1000)
    expect(service.context.jobs.pause(job).state).toBe('pausing')
    const paused = await service.reached(job, ({ state }) => state === 'paused')
    expect(paused).toMatchObject({ result: null, endedAt: null, problem: null })
    expect(venti.connections).toBe(0)
    expect(await kept(folder)).toBe(1)
    expect(await readVerifyRecords(stateDirIn(folder), name)).toEqual([])

    const before = venti.counters.probes + venti.counters.reads
    service.context.jobs.resume(job)
    const view = await service.checked(job)
    expect(view.result).toMatchObject({ ok: true, blocks: total, good: total, cancelled: false })
    expect(view.notes.join()).toContain('went on with the check')
    // Not from the beginning.
    expect(venti.counters.probes + venti.counters.reads - before).toBeLessThan(total - 500)
    expect(await readVerifyRecords(stateDirIn(folder), name)).toMatchObject([{ ok: true, cancelled: false }])
    expect(await kept(folder)).toBe(0)
  })

  test('cancelled it says so, and the next one of that root goes on', async () => {
    const { folder, venti, service, start, of, total, name } = await large()
    venti.behaviour.delayMs = 1
    const job = await start({ of })
    await asked(venti, 1000)
    expect(service.context.jobs.cancel(job).state).toBe('cancelling')
    expect(await service.checked(job)).toMatchObject({ result: { ok: false, cancelled: true }, problem: null })
    expect(await readVerifyRecords(stateDirIn(folder), name)).toMatchObject([{ ok: false, cancelled: true }])
    const next = await service.checked(await start({ of }))
    expect(next.result).toMatchObject({ ok: true, good: total })
    expect(next.notes.join()).toContain('went on with the check')
  })

  test('when the service closes it is at a checkpoint', async () => {
    const { folder, venti, service, start, of } = await large()
    venti.behaviour.delayMs = 1
    const job = await start({ of })
    await asked(venti, 1000)
    await service.context.jobs.close()
    expect(service.context.jobs.view(job).state).toBe('paused')
    expect([venti.connections, await kept(folder)]).toEqual([0, 1])
  })
})
