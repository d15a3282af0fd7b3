// A check that was interrupted goes on: leaves it had found are not asked for again, everything that leads to others is
// read again, and what it remembers is dropped as soon as the target turns out to have changed.

import { appendFile, readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  UnfinishedCheck,
  unfinishedFolder,
  unfinishedKeptMs,
} from '../../../../electron/engine/state/unfinished-check.ts'
import type { VerifyOptions } from '../../../../electron/engine/verify/run-verify.ts'
import type { RootScore, Score } from '../../../../shared/model/score.ts'
import type { VerifyResult } from '../../../../shared/model/verify.ts'
import { startFakeVenti, type BlockKey, type FakeVenti } from '../../../helpers/fake-venti.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import { stateDirIn } from '../../../helpers/sync-runs.ts'
import { verifyIn } from '../../../helpers/verify-runs.ts'
import { VacBuilder } from '../../../helpers/vac-builder.ts'

const leaves = 2000
let folder: string
let venti: FakeVenti
let root: RootScore
let fileBlocks: readonly BlockKey[]

const questions = (): number => venti.counters.probes + venti.counters.reads

beforeEach(async () => {
  folder = await scratchDir()
  venti = await startFakeVenti()
  onTestFinished(async () => await venti.close())
  const builder = new VacBuilder()
  const content = new Uint8Array(leaves * 512)
  for (let i = 0; i < leaves; i++) content.set([1, i >>> 8, i & 0xff], i * 512)
  const big = { name: 'big', data: content, stream: { dsize: 512 } }
  root = builder.archive([{ name: 'folder', children: [big] }])
  for (const [key, data] of builder.store.blocks) venti.blocks.set(key as BlockKey, data)
  fileBlocks = [...venti.blocks].flatMap(([key, data]) => (key.endsWith('/13') && data[0] === 1 ? [key] : []))
})

/** Ends a check as soon as `after` of its questions were answered. */
async function interrupted(after: number, options: Partial<VerifyOptions> = {}): Promise<VerifyResult> {
  const controller = new AbortController()
  const before = questions()
  const timer = setInterval(() => {
    if (questions() - before >= after) controller.abort()
  }, 1)
  try {
    return await verifyIn(folder, venti, root, {
      concurrency: 4,
      signal: controller.signal,
      onProgress: () => questions() - before >= after && controller.abort(),
      ...options,
    })
  } finally {
    clearInterval(timer)
  }
}

const filesKept = async (): Promise<string[]> => await readdir(unfinishedFolder(stateDirIn(folder))).catch(() => [])

test.each(['present', 'full'] as const)('%s: it goes on where it was', async (depth) => {
  const first = await interrupted(500, { depth })
  expect(first).toMatchObject({ ok: false, cancelled: true, resumed: null })
  const [name] = await filesKept()
  const path = join(unfinishedFolder(stateDirIn(folder)), name as string)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readFile(path, 'hex')).not.toContain(root)

  const before = questions()
  const second = await verifyIn(folder, venti, root, { depth })
  expect(second).toMatchObject({ ok: true, cancelled: false, blocks: venti.blocks.size, good: venti.blocks.size })
  const found = second.resumed?.blocks as number
  expect(found).toBeGreaterThan(300)
  // A sample of 64 and a few reads to tell what the server's answers mean come on top.
  expect(questions() - before).toBeLessThan(venti.blocks.size - found + 80)
  expect(await filesKept()).toEqual([])

  const third = await verifyIn(folder, venti, root, { depth })
  expect(third).toMatchObject({ ok: true, resumed: null, bytes: second.bytes, good: second.good, files: second.files })
})

test('again and again, until it is done', async () => {
  let blocks = 0
  for (let i = 0; i < 3; i++) {
    const result = await interrupted(400)
    expect(result.cancelled).toBe(true)
    expect(result.resumed?.blocks ?? 0).toBeGreaterThanOrEqual(blocks)
    blocks = result.resumed?.blocks ?? 0
  }
  expect(blocks).toBeGreaterThan(400)
  const last = await verifyIn(folder, venti, root)
  expect(last).toMatchObject({ ok: true, good: venti.blocks.size })
  expect(last.resumed?.blocks).toBeGreaterThan(blocks)
})

test('presence is no answer to a full check, nor another root or target', async () => {
  await interrupted(500, { depth: 'present' })
  expect((await verifyIn(folder, venti, root, { depth: 'full' })).resumed).toBeNull()
  const other = await startFakeVenti()
  onTestFinished(async () => await other.close())
  for (const [key, data] of venti.blocks) other.blocks.set(key, data)
  expect((await verifyIn(folder, other, root)).resumed).toBeNull()
  expect((await verifyIn(folder, venti, root)).resumed).not.toBeNull()
})

test('--from-start asks for everything', async () => {
  await interrupted(500)
  const before = questions()
  const result = await verifyIn(folder, venti, root, { fromStart: true })
  expect(result).toMatchObject({ ok: true, resumed: null })
  expect(questions() - before).toBeGreaterThanOrEqual(venti.blocks.size)
})

describe('a target that changed meanwhile', () => {
  test('lost what it had: the check begins again and finds all of it', async () => {
    await interrupted(500)
    const lost = fileBlocks.filter((_, i) => i % 2 === 0)
    for (const key of lost) venti.blocks.delete(key)
    const result = await verifyIn(folder, venti, root)
    expect(result).toMatchObject({ ok: false, resumed: null })
    expect(result.missing).toHaveLength(lost.length)
    expect(result.warnings.join()).toMatch(/lacks blocks that it had .* begins again/)
  })

  test('is empty: nothing passes', async () => {
    await interrupted(500)
    venti.blocks.clear()
    const result = await verifyIn(folder, venti, root)
    expect(result).toMatchObject({ ok: false, good: 0, resumed: null })
  })

  test('a block that leads to others is read again, whatever was found below it', async () => {
    await interrupted(1500)
    const pointer = [...venti.blocks.keys()].find((key) => key.endsWith('/3')) as BlockKey
    venti.blocks.delete(pointer)
    const result = await verifyIn(folder, venti, root)
    expect(result.resumed).not.toBeNull()
    expect(result).toMatchObject({ ok: false, missing: [{ score: pointer.slice(0, 40), type: 9 }] })
  })
})

test('waiting asks only for what is missing', async () => {
  const [key] = fileBlocks as [BlockKey]
  const data = venti.blocks.get(key) as Uint8Array
  venti.blocks.delete(key)
  const asked: number[] = []
  const result = await verifyIn(folder, venti, root, {
    waitMs: 60_000,
    onNote: () => {
      asked.push(questions())
      if (asked.length === 3) venti.blocks.set(key, data)
    },
  })
  expect(result).toMatchObject({ ok: true, good: venti.blocks.size, resumed: null })
  const [first = 0, second = 0, third = 0] = asked
  // Each further look reads what leads to others (here some pointer blocks and directories) and asks for one leaf.
  for (const count of [second - first, third - second]) expect(count).toBeLessThan(30)
  expect(first).toBeGreaterThan(leaves)
})

describe('the file', () => {
  const day = new Date('2026-01-02T03:04:05Z')
  const key = { root: 'ab'.repeat(20) as RootScore, dial: 'tcp!h!1', depth: 'present' } as const
  const score = (byte: string): Score => byte.repeat(20) as Score

  async function kept(scores: readonly Score[], warn: (line: string) => void = () => undefined): Promise<string> {
    const check = new UnfinishedCheck(folder, key, day, warn)
    for (const one of scores) check.note(one, 8192)
    await check.keep()
    const [name] = await readdir(unfinishedFolder(folder)).catch(() => [])
    return join(unfinishedFolder(folder), name ?? 'none')
  }

  async function loaded(now = day): Promise<{ since: string | null; found: string[] }> {
    const found: string[] = []
    const check = new UnfinishedCheck(folder, key, now, () => undefined)
    const since = await check.load(now, ({ bytes, at, lengthBytes }) => {
      found.push(`${Buffer.from(bytes.subarray(at, at + 20)).toString('hex')} ${lengthBytes}`)
    })
    return { since: since?.toISOString() ?? null, found }
  }

  test('a record cut off by a crash is dropped, and what is appended behind it is whole', async () => {
    const path = await kept([score('11'), score('22')])
    await truncate(path, (await stat(path)).size - 5)
    expect((await loaded()).found).toEqual([`${score('11')} 8192`])
    await kept([score('33')])
    expect(await loaded()).toEqual({
      since: day.toISOString(),
      found: [`${score('11')} 8192`, `${score('33')} 8192`],
    })
  })

  test.each<[string, (path: string) => Promise<void>, Date]>([
    ['too old', async () => undefined, new Date(day.getTime() + unfinishedKeptMs + 1)],
    ['from the future', async () => undefined, new Date(day.getTime() - 1)],
    ['of something else', async (path) => await writeFile(path, 'x'.repeat(200)), day],
    ['empty', async (path) => await truncate(path, 0), day],
  ])('%s: not used', async (_, change, now) => {
    await change(await kept([score('11')]))
    expect(await loaded(now)).toEqual({ since: null, found: [] })
  })

  test('it is written on the way, not only at the end: a killed check goes on too', async () => {
    const check = new UnfinishedCheck(folder, key, day, () => undefined)
    for (let i = 0; i < 5000; i++) check.note(i.toString(16).padStart(40, '0') as Score, 1)
    await vi.waitFor(async () => expect((await loaded()).found.length).toBeGreaterThanOrEqual(4096))
    await check.discard()
    expect(await loaded()).toEqual({ since: null, found: [] })
  })

  test('garbage behind the header spares no question', async () => {
    const first = await interrupted(500)
    expect(first.cancelled).toBe(true)
    const [name] = await filesKept()
    const path = join(unfinishedFolder(stateDirIn(folder)), name as string)
    await truncate(path, 64)
    await appendFile(path, Buffer.alloc(22 * 50, 0x5a))
    expect(await verifyIn(folder, venti, root)).toMatchObject({ ok: true, resumed: null })
  })

  test('one that nobody went on with is swept away', async () => {
    const path = await kept([score('11')])
    await utimes(path, new Date(0), new Date(0))
    const check = await verifyIn(folder, venti, root, { stateDir: folder })
    expect(check.ok).toBe(true)
    expect(await readdir(unfinishedFolder(folder))).toEqual([])
  })

  test('a folder that cannot be written costs the going on, not the check', async () => {
    await writeFile(join(folder, 'verify'), '')
    const lines: string[] = []
    await kept([score('11')], (line) => lines.push(line))
    expect(lines).toEqual([expect.stringMatching(/^the progress of this check cannot be kept/)])
  })
})
