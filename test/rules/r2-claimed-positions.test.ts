// R2 and R5 where a position comes from a wrcmd instead of our own copy. It is a claim: taken over only after the source was
// found to bear it out, probes found the blocks on the target it names, and that target acknowledged a later sync on the
// same connection; never beyond what the tail counted; never past an R5 that fails.

import { existsSync, readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { decodeMirror } from '../../electron/engine/state/mirror-file.ts'
import { rejection } from '../helpers/client-calls.ts'
import { diskIn, scriptLine, setWrcmd, textOn, volumeIn, type TestDisk } from '../helpers/disk-syncs.ts'
import type { FakeVenti } from '../helpers/fake-venti.ts'
import { expectedBlocks, healthyPartition } from '../helpers/fixtures.ts'
import { scratchDir } from '../helpers/scratch.ts'
import {
  blocksOf,
  clumpLog,
  cursorsIn,
  imageIn,
  keyOf,
  promisedBy,
  stateDirIn,
  syncIn,
  type LoggedClump,
} from '../helpers/sync-runs.ts'
import { startWatchedVenti, type WatchedStore } from '../helpers/watched-store.ts'

const log = clumpLog('seq-day3')
const { arenas } = healthyPartition('seq-day3')

let folder: string
let ninefat: TestDisk
let source: string

beforeEach(async () => {
  folder = await scratchDir()
  ninefat = await volumeIn(folder, '9fat12')
  source = await imageIn(folder, 'seq-day3')
})

async function watched(): Promise<{ readonly venti: FakeVenti; readonly store: WatchedStore }> {
  const made = await startWatchedVenti()
  onTestFinished(() => made.venti.close())
  return made
}

/** Blocks by number, once for all tests. */
const contents = new Map<string, Uint8Array>()
async function fill(venti: FakeVenti, clumps: readonly LoggedClump[]): Promise<void> {
  if (contents.size === 0) {
    const { venti: whole } = await watched()
    await syncIn(await scratchDir(), source, [whole])
    for (const [key, data] of whole.blocks) contents.set(key, data)
  }
  for (const clump of clumps) venti.blocks.set(keyOf(clump), contents.get(keyOf(clump))!)
}

const startOf = (arena: string): number => arenas.find(({ name }) => name === arena)!.start

async function claim(venti: FakeVenti, number: number): Promise<void> {
  const { arena, next } = log[number - 1]!
  await setWrcmd(folder, ninefat.ninefat, `${scriptLine(venti, startOf(arena), next)}\n`)
}

/** What the state on the disk promises at this instant and a power cut of the target would take. */
function brokenPromises(venti: FakeVenti): readonly LoggedClump[] {
  const path = join(stateDirIn(folder), 'mirrors', 'source.json')
  if (!existsSync(path)) return []
  const state = decodeMirror(readFileSync(path, 'utf8'))
  if (typeof state === 'string') throw new Error(state)
  return promisedBy(log, cursorsIn(state, venti)).filter((clump) => !venti.durable.has(keyOf(clump)))
}

describe('R2', () => {
  test.each([
    ['in the first arena', 300],
    ['in the last', log.length - 40],
    ['at the end', log.length],
  ])('blocks below a claim %s that no sync covers yet: nothing is promised before one does', async (_where, number) => {
    const { venti, store } = await watched()
    await fill(venti, log.slice(0, number))
    await claim(venti, number)
    const broken: LoggedClump[] = []
    store.onRequest = () => void broken.push(...brokenPromises(venti))
    const { exit, result, target } = await syncIn(folder, source, [venti], {
      ninefat: ninefat.ninefat,
      checkpointMs: 1,
    })
    expect({ exit, taken: result.bookkeeping!.claim!.taken, sent: target.sent, broken }).toEqual({
      exit: 0,
      taken: true,
      sent: log.length - number,
      broken: [],
    })
    expect(brokenPromises(venti)).toEqual([])
    expect(blocksOf(venti)).toEqual(expectedBlocks('seq-day3'))
  })

  test('the target dies right after the probes: nothing of the claim was saved', async () => {
    const { venti, store } = await watched()
    await fill(venti, log.slice(0, 300))
    await claim(venti, 300)
    const crash: Promise<void>[] = []
    store.onRequest = (kind) => {
      if (kind === 'probe' && store.counters.probes >= 50 && crash.length === 0) crash.push(venti.crash())
    }
    const options = { ninefat: ninefat.ninefat, retryPauseMs: 1, connectTimeoutMs: 200 }
    const { exit } = await syncIn(folder, source, [venti], options)
    await Promise.all(crash)
    expect({ exit, left: venti.blocks.size, broken: brokenPromises(venti) }).toEqual({ exit: 1, left: 0, broken: [] })
    // Whoever believed the claim now would lose 300 blocks.
    await venti.restart()
    store.onRequest = () => undefined
    expect((await syncIn(folder, source, [venti])).exit).toBe(0)
    expect(blocksOf(venti)).toEqual(expectedBlocks('seq-day3'))
  })

  test('a claim beyond what the tail counts is refused, though the log goes on there', async () => {
    const { venti } = await watched()
    source = await imageIn(folder, 'stale-trailer')
    const { used } = healthyPartition('seq-day2').arenas[0]!
    await setWrcmd(folder, ninefat.ninefat, `${scriptLine(venti, startOf('arenas0'), used)}\n`)
    const error = await rejection(syncIn(folder, source, [venti], { ninefat: ninefat.ninefat }))
    expect({ code: error.code, requests: venti.counters.requests }).toEqual({ code: 'bad-wrcmd', requests: 0 })
    expect(error.message).toContain('is past the end: arenas0 is written up to 0x974d1')
  })

  test('whatever the target has and wrcmd claims: all blocks arrive, unless the sample was deceived', async () => {
    const gaps = fc.uniqueArray(fc.nat(log.length - 1), { maxLength: 40 })
    const about = fc.record({ has: fc.nat(log.length), claims: fc.integer({ min: 1, max: log.length }), gaps })
    await fc.assert(
      fc.asyncProperty(about, async ({ has, claims, gaps: missing }) => {
        folder = await scratchDir()
        ninefat = await volumeIn(folder, '9fat12')
        source = await imageIn(folder, 'seq-day3')
        const { venti } = await watched()
        const gone = new Set(missing)
        await fill(
          venti,
          log.filter((_, index) => index < has && !gone.has(index)),
        )
        await claim(venti, claims)
        const { exit, result } = await syncIn(folder, source, [venti], { ninefat: ninefat.ninefat })
        const { taken, probed, found } = result.bookkeeping!.claim!
        const lacked = log.slice(0, claims).filter((_, index) => index >= has || gone.has(index))
        expect(exit).toBe(0)
        expect(taken).toBe(probed === found)
        // A claim that is true is always taken; of a false one at most what was not asked for can be missing.
        if (lacked.length === 0) expect(taken).toBe(true)
        const expected = new Set(log.map((clump) => keyOf(clump)))
        const lost = [...expected].filter((key) => !venti.blocks.has(key))
        if (!taken) expect(lost).toEqual([])
        else expect(lost.toSorted()).toEqual([...new Set(lacked.map((clump) => keyOf(clump)))].toSorted())
        // An audit brings those.
        if (lost.length > 0) {
          expect((await syncIn(folder, source, [venti], { audit: true })).exit).toBe(0)
          expect([...expected].filter((key) => !venti.blocks.has(key))).toEqual([])
        }
        await venti.close()
      }),
      { numRuns: 12 },
    )
  }, 60_000)
})

describe('R5', () => {
  test('our own positions come from another partition: refused, whatever wrcmd says; neither moves', async () => {
    const { venti } = await watched()
    await claim(venti, 1)
    await syncIn(folder, source, [venti], { ninefat: ninefat.ninefat })
    const line = await textOn(ninefat, 'wrcmd')
    await imageIn(folder, 'fossil-venti')
    const state = await readFile(join(stateDirIn(folder), 'mirrors', 'source.json'))
    const before = await readFile(ninefat.path)
    const { requests } = venti.counters
    const error = await rejection(syncIn(folder, source, [venti]))
    expect({ code: error.code, requests: venti.counters.requests }).toEqual({ code: 'wrong-partition', requests })
    expect((await readFile(ninefat.path)).equals(before)).toBe(true)
    expect((await readFile(join(stateDirIn(folder), 'mirrors', 'source.json'))).equals(state)).toBe(true)
    expect(await textOn(ninefat, 'wrcmd')).toBe(line)
  })

  test('wrcmd was kept and the partition replaced: its offset is no boundary there, and the run ends', async () => {
    const { venti } = await watched()
    await fill(venti, log)
    await claim(venti, 200)
    const other = await imageIn(folder, 'fossil-venti', 'other.img')
    const error = await rejection(syncIn(folder, other, [venti], { ninefat: ninefat.ninefat }))
    expect(error.code).toBe('bad-wrcmd')
    expect(error.message).toMatch(/is inside a block of arenas0, which begins at 0x/)
  })

  test('an offset that happens to fit another partition: its blocks are not on the target', async () => {
    const { venti } = await watched()
    await fill(venti, log)
    const disk = await diskIn(folder, 'disk-mbr', venti)
    const { result, exit } = await syncIn(folder, disk.arenas, [venti], { ninefat: disk.ninefat })
    expect({ exit, claim: result.bookkeeping!.claim!.taken }).toEqual({ exit: 0, claim: false })
    for (const line of expectedBlocks('fossil-venti')!) expect(blocksOf(venti)).toContain(line)
  })

  test('a clump below the claim whose directory entry says otherwise: the source is read instead', async () => {
    const { venti } = await watched()
    await fill(venti, log.slice(0, 300))
    await claim(venti, 300)
    const arena = arenas[0]!
    const image = await readFile(source)
    // The score in the entry of the first clump: entries stand in the last directory block, from its beginning.
    image.writeUInt8(image[arena.dataBase + arena.size - 8192 + 5]! ^ 1, arena.dataBase + arena.size - 8192 + 5)
    await writeFile(source, image)
    const { result } = await syncIn(folder, source, [venti], { ninefat: ninefat.ninefat })
    expect(result.bookkeeping!.claim).toMatchObject({ taken: false, probed: 0 })
    expect(blocksOf(venti)).toEqual(expectedBlocks('seq-day3'))
  })
})
