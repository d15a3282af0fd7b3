// What is missing on a target, one kind of block after the other: found, explained from the source, sent where that helps,
// and believed only when it was read back.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { readVerifyRecords, verifyLogPath } from '../../../../electron/engine/state/verify-log.ts'
import { createStore } from '../../../../electron/engine/venti/server/create-store.ts'
import { startServer } from '../../../../electron/engine/venti/server/server.ts'
import { startFakeVenti } from '../../../helpers/fake-venti.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import { clumpLog, imageIn, keyOf, onlyMirror, stateDirIn, syncIn } from '../../../helpers/sync-runs.ts'
import { filledFake, newestRoot, partsOf, verifyIn } from '../../../helpers/verify-runs.ts'

const id = 'seq-day1'
const { score, blocks } = newestRoot(id)
let folder: string

beforeEach(async () => {
  folder = await scratchDir()
})

async function emptyFake(behaviour: Parameters<typeof startFakeVenti>[0] = {}) {
  const venti = await startFakeVenti(behaviour)
  onTestFinished(() => venti.close())
  return venti
}

describe('a whole archive', () => {
  test('passes with exact counts, and the result is kept', async () => {
    const { venti, image } = await filledFake(folder, id)
    const result = await verifyIn(folder, venti, score, { source: image, now: () => new Date('2026-01-02T03:04:05Z') })
    expect(result).toMatchObject({
      ok: true,
      blocks,
      good: blocks,
      missing: [],
      corrupt: [],
      repaired: 0,
      warnings: [],
    })
    const { name } = await onlyMirror(folder)
    const kept = await readVerifyRecords(stateDirIn(folder), name)
    expect(kept).toMatchObject([{ at: '2026-01-02T03:04:05.000Z', ok: true, blocks, missing: 0, depth: 'present' }])
    // R10
    const text = `${JSON.stringify(result)}${await readFile(verifyLogPath(stateDirIn(folder), name), 'utf8')}`
    expect(text).not.toContain(score.slice(4))
    expect(text).toContain(`vac:${score.slice(4, 8)}…`)
  })

  test('a target of no mirror is kept under its address', async () => {
    const { venti } = await filledFake(folder, id)
    const elsewhere = await scratchDir()
    await verifyIn(elsewhere, venti, score)
    expect(await readVerifyRecords(stateDirIn(elsewhere), `tcp-127.0.0.1-${venti.port}`)).toHaveLength(1)
  })
})

describe('one missing block of each kind', () => {
  const kinds = ['data', 'pointer', 'directory', 'meta', 'root'] as const

  function partOf(kind: (typeof kinds)[number], venti: Parameters<typeof partsOf>[1]) {
    if (kind !== 'root') return partsOf(id, venti)[kind]
    const clump = clumpLog(id).findLast((one) => one.type === 1 && `vac:${one.score}` === score)!
    return { clump, key: keyOf(clump), type: 16, path: null }
  }

  test.each(kinds)('%s: lost on the target, with its place; repaired and read back', async (kind) => {
    const { venti, image } = await filledFake(folder, id)
    const { key, clump, type } = partOf(kind, venti)
    venti.blocks.delete(key)
    const shown = kind === 'root' ? `vac:${clump.score.slice(0, 4)}…${clump.score.slice(-4)}` : clump.score
    const place = { score: shown, type, arena: clump.arena, offset: clump.offset }
    const found = await verifyIn(folder, venti, score, { source: image })
    expect(found).toMatchObject({ ok: false, repaired: 0, corrupt: [], problems: [] })
    expect(found.missing).toMatchObject([{ ...place, reason: 'lost-on-target', repaired: false }])
    expect(venti.blocks.has(key)).toBe(false)

    const unexplained = await verifyIn(folder, venti, score)
    expect(unexplained.missing).toMatchObject([{ score: shown, arena: null, offset: null, reason: 'unknown' }])

    const [writes, syncs] = [venti.counters.writes, venti.counters.syncs]
    const healed = await verifyIn(folder, venti, score, { source: image, repair: true })
    expect(healed).toMatchObject({ ok: true, blocks, good: blocks, repaired: 1, corrupt: [] })
    expect(healed.missing).toMatchObject([{ ...place, repaired: true }])
    // Just that block, and it is on disk.
    expect([venti.counters.writes - writes, venti.counters.syncs - syncs]).toEqual([1, 1])
    expect(venti.durable.has(key)).toBe(true)
    expect(await verifyIn(folder, venti, score, { depth: 'full' })).toMatchObject({ ok: true, blocks })
  })

  test('without a state it counts as not sent yet, and it says so', async () => {
    const { venti, image } = await filledFake(folder, id)
    venti.blocks.delete(partsOf(id, venti).data.key)
    const result = await verifyIn(await scratchDir(), venti, score, { source: image })
    expect(result.missing).toMatchObject([{ reason: 'not-sent-yet' }])
    expect(result.warnings.join()).toMatch(/no mirror in .* counts as not sent yet/)
  })
})

describe('reasons', () => {
  test('behind the cursor and before it: what the last sync did not have', async () => {
    const { venti } = await filledFake(folder, id)
    // The same partition two days later.
    const image = await imageIn(folder, 'seq-day3')
    const { score: later } = newestRoot('seq-day3')
    const result = await verifyIn(folder, venti, later, { source: image })
    expect(result).toMatchObject({ ok: false, good: 0, missing: [{ type: 16, reason: 'not-sent-yet' }] })
    expect(result.warnings.join()).toMatch(/does not have the root block/)
  })

  test('nowhere; and only in the memory of the server of the source', async () => {
    const { venti } = await filledFake(folder, 'seq-day3')
    const image = await imageIn(folder, 'seq-day1', 'older.img')
    const { score: later } = newestRoot('seq-day3')
    const early = new Set(clumpLog('seq-day1').map(keyOf))
    const late = clumpLog('seq-day3').find((one) => one.type === 13 && one.size > 2000 && !early.has(keyOf(one)))!
    const block = venti.blocks.get(keyOf(late))!
    venti.blocks.delete(keyOf(late))
    const nowhere = await verifyIn(folder, venti, later, { source: image })
    expect(nowhere.missing).toMatchObject([{ score: late.score, arena: null, offset: null, reason: 'nowhere' }])
    const own = await emptyFake()
    own.store.put(block)
    const inMemory = await verifyIn(folder, venti, later, { source: image, sourceVenti: own.dial.text })
    expect(inMemory.missing).toMatchObject([{ score: late.score, reason: 'not-on-disk-yet' }])
    expect(own.counters.syncs).toBe(1)
  })

  test('damaged in the source: reported, and nothing is sent', async () => {
    const { venti } = await filledFake(folder, 'bad-flip-plain')
    const { score: root } = newestRoot('seq-day3')
    const image = join(folder, 'source.img')
    const writes = venti.counters.writes
    const result = await verifyIn(folder, venti, root, { source: image, repair: true })
    expect(result).toMatchObject({ ok: false, repaired: 0, corrupt: [] })
    expect(result.missing).toMatchObject([
      { score: '70ce3840b46b01527bae3d3ad58edd2d9a0f7548', reason: 'damaged-in-source', repaired: false },
    ])
    expect(result.missing[0]?.arena).not.toBeNull()
    expect(result.missing[0]?.detail).toMatch(/hash/)
    expect(venti.counters.writes).toBe(writes)
  })
})

describe('repair', () => {
  test('a whole archive on an empty target, level by level', async () => {
    const venti = await emptyFake()
    const image = await imageIn(folder, id)
    const result = await verifyIn(folder, venti, score, { source: image, repair: true })
    expect(result).toMatchObject({ ok: true, blocks, good: blocks, repaired: blocks })
    expect(venti.counters.writes).toBe(blocks)
    expect(await verifyIn(folder, venti, score, { depth: 'full' })).toMatchObject({ ok: true, blocks, good: blocks })
  })

  test('a server that confirms and cannot read back: damaged on the target, never repaired', async () => {
    const { venti, image } = await filledFake(folder, id)
    const { data, meta } = partsOf(id, venti)
    for (const { key } of [data, meta]) venti.store.damaged.add(key)
    const result = await verifyIn(folder, venti, score, { source: image, repair: true, depth: 'full' })
    expect(result).toMatchObject({ ok: false, repaired: 0, missing: [] })
    expect(result.corrupt).toHaveLength(2)
    for (const one of result.corrupt) {
      expect(one).toMatchObject({ reason: 'damaged-on-target', repaired: false, detail: 'clump is marked corrupt' })
      expect(one.arena).not.toBeNull()
    }
  })

  test('a missing block that cannot be read after it was sent', async () => {
    const { venti, image } = await filledFake(folder, id)
    const { data } = partsOf(id, venti)
    venti.blocks.delete(data.key)
    venti.store.damaged.add(data.key)
    const result = await verifyIn(folder, venti, score, { source: image, repair: true })
    expect(result).toMatchObject({ ok: false, repaired: 0, missing: [] })
    expect(result.corrupt).toMatchObject([{ score: data.clump.score, reason: 'damaged-on-target', repaired: false }])
  })

  test('never sends to the server of the source', async () => {
    const path = join(folder, 'source.img')
    await createStore(path, { sizeBytes: 24 * 2 ** 20, arenaBytes: 4 * 2 ** 20 })
    const server = await startServer({ path, listen: { port: 0 } })
    onTestFinished(() => server.close())
    await syncIn(await scratchDir(), await imageIn(folder, id, 'other.img'), [server])
    const refused = verifyIn(folder, server, score, { source: path, repair: true })
    await expect(refused).rejects.toMatchObject({ code: 'target-is-source' })
    // To look is harmless.
    expect(await verifyIn(folder, server, score, { source: path })).toMatchObject({ ok: true })
  })

  test('a target that is full or takes no writes ends it', async () => {
    const { venti, image } = await filledFake(folder, id)
    venti.blocks.delete(partsOf(id, venti).data.key)
    venti.behaviour.readOnly = true
    const refused = verifyIn(folder, venti, score, { source: image, repair: true })
    await expect(refused).rejects.toMatchObject({ code: 'target-read-only' })
  })

  test('needs a source', async () => {
    const venti = await emptyFake()
    await expect(verifyIn(folder, venti, score, { repair: true })).rejects.toMatchObject({ code: 'usage' })
  })
})

describe('waiting', () => {
  test('until what is missing has come', async () => {
    const { venti, image } = await filledFake(folder, id)
    const { data, directory } = partsOf(id, venti)
    const kept = [data, directory].map(({ key }) => [key, venti.blocks.get(key)!] as const)
    for (const [key] of kept) venti.blocks.delete(key)
    const notes: string[] = []
    const result = await verifyIn(await scratchDir(), venti, score, {
      source: image,
      waitMs: 60_000,
      onNote: (line) => {
        notes.push(line)
        const [next] = kept.splice(0, 1)
        if (next !== undefined) venti.blocks.set(...next)
      },
    })
    expect(result).toMatchObject({ ok: true, blocks, good: blocks, missing: [] })
    expect(notes.length).toBeGreaterThan(0)
  })

  test('not for what never comes, and not longer than was said', async () => {
    const { venti, image } = await filledFake(folder, id)
    venti.blocks.delete(partsOf(id, venti).data.key)
    const notes: string[] = []
    const onNote = (line: string): void => void notes.push(line)
    // Lost on the target: no waiting brings it.
    const lost = await verifyIn(folder, venti, score, { source: image, waitMs: 3_600_000, onNote })
    expect([lost.ok, notes]).toEqual([false, []])
    const waited = await verifyIn(folder, venti, score, { waitMs: 40, onNote })
    expect([waited.ok, waited.missing.length]).toEqual([false, 1])
  })

  test('a cancel ends it', async () => {
    const { venti } = await filledFake(folder, id)
    venti.blocks.delete(partsOf(id, venti).data.key)
    const controller = new AbortController()
    const result = await verifyIn(folder, venti, score, {
      waitMs: 3_600_000,
      pollMs: 3_600_000,
      signal: controller.signal,
      onNote: () => controller.abort(),
    })
    expect(result).toMatchObject({ ok: false, cancelled: true })
  })
})
