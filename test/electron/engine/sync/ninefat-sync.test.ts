// A sync that keeps wrcmd and rootscor of a whole disk: where a target stands comes from wrcmd when that is true, and goes
// back into it. The disks come from the real tools; their arenas hold the clumps of fossil-venti, their wrcmd stands at the
// end of its first day.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { planSync } from '../../../../electron/engine/sync/plan-sync.ts'
import { readHistory } from '../../../../electron/engine/state/history.ts'
import { rejection } from '../../../helpers/client-calls.ts'
import { expectedDisk, expectedFossil, loadDisk } from '../../../helpers/disk-fixtures.ts'
import {
  changedRange,
  day1Offset,
  diskIn,
  patchDisk,
  scriptLine,
  setWrcmd,
  textOn,
  volumeIn,
  type DiskId,
  type TestDisk,
} from '../../../helpers/disk-syncs.ts'
import type { FakeBehaviour } from '../../../helpers/fake-store.ts'
import type { FakeVenti } from '../../../helpers/fake-venti.ts'
import { expectedBlocks, healthyPartition } from '../../../helpers/fixtures.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import {
  blocksOf,
  clumpLog,
  cursorsIn,
  dialOf,
  imageIn,
  keyOf,
  onlyMirror,
  stateDirIn,
  stateFiles,
  syncIn,
  type Ran,
} from '../../../helpers/sync-runs.ts'
import { startWatchedVenti, type WatchedStore } from '../../../helpers/watched-store.ts'

const log = clumpLog('fossil-venti')
const below = log.filter(({ arena, next }) => arena === 'arenas0' && next <= day1Offset)
const [arena0, arena1, arena2] = healthyPartition('fossil-venti').arenas as readonly Arena[] as [Arena, Arena, Arena]
type Arena = { readonly start: number; readonly used: number }

let folder: string
let venti: FakeVenti
let store: WatchedStore

async function watched(behaviour: Partial<FakeBehaviour> = {}): Promise<{ venti: FakeVenti; store: WatchedStore }> {
  const made = await startWatchedVenti(behaviour)
  onTestFinished(() => made.venti.close())
  return made
}

beforeEach(async () => {
  folder = await scratchDir()
  ;({ venti, store } = await watched())
})

/** What the script sent on the first day. */
async function fillDay1(target: FakeVenti = venti): Promise<void> {
  const other = await scratchDir()
  const { exit } = await syncIn(other, await imageIn(other, 'fossil-venti-day1'), [target])
  expect({ exit, blocks: target.blocks.size }).toEqual({ exit: 0, blocks: below.length })
}

const sync = async (disk: TestDisk, options: Parameters<typeof syncIn>[3] = {}): Promise<Ran> =>
  await syncIn(folder, disk.arenas, [venti], { ninefat: disk.ninefat, ...options })

const atEnd = (target: FakeVenti = venti): string => scriptLine(target, arena2.start, arena2.used)
const atDay1 = (target: FakeVenti = venti): string => scriptLine(target, arena0.start, day1Offset)

/** Two partitions of one venti do not have arenas of one name: arenas0 becomes brenas0, in table, heads and tails. */
async function renameArenas(path: string): Promise<number> {
  const image = await readFile(path)
  let count = 0
  for (let at = image.indexOf('arenas'); at >= 0; at = image.indexOf('arenas', at + 1)) {
    // Not what stands in blocks.
    if (!/^arenas\d[\0\t]/.test(image.toString('latin1', at, at + 8))) continue
    image.write('brenas', at)
    count++
  }
  await writeFile(path, image)
  return count
}

const rootscorLines = async (disk: TestDisk): Promise<readonly string[]> =>
  (await textOn(disk, 'rootscor'))!.trimEnd().split('\n')

describe.each<DiskId>(['disk-mbr', 'disk-gpt'])('%s', (id) => {
  test('a target that has day 1: the claim is taken over, and only the rest is sent', async () => {
    const disk = await diskIn(folder, id, venti)
    const before = await readFile(disk.path)
    await fillDay1()
    const { writes } = venti.counters
    const { result, exit, target } = await sync(disk)
    expect({ exit, damage: result.damage, sent: target.sent, writes: venti.counters.writes - writes }).toEqual({
      exit: 0,
      damage: [],
      sent: log.length - below.length,
      writes: log.length - below.length,
    })
    expect(blocksOf(venti)).toEqual(expectedBlocks('fossil-venti'))
    expect(result.bookkeeping).toMatchObject({
      dial: dialOf(venti),
      before: atDay1(),
      after: atEnd(),
      written: true,
      claim: { arena: 'arenas0', offset: day1Offset, taken: true },
      note: null,
      proposal: null,
      error: null,
    })
    const { probed, found } = result.bookkeeping!.claim!
    expect({ allFound: probed === found, enough: probed >= 64, few: probed <= 66 }).toEqual({
      allFound: true,
      enough: true,
      few: true,
    })
    expect(result.warnings.join('\n')).toMatch(
      /this was taken over: \d+ blocks asked for, all there; the other \d+ blocks/,
    )
    expect(target.arenas[0]).toMatchObject({ name: 'arenas0', from: day1Offset, to: arena0.used })
    expect(await textOn(disk, 'wrcmd')).toBe(`${atEnd()}\n`)
    expect(arena2.used).toBe(0x2ce70)

    // The whole file, byte by byte: only the 9fat, and behind its FATs only what the two files need.
    const [from, to] = (await changedRange(disk, before))!
    expect(from).toBeGreaterThanOrEqual(disk.from + disk.volume.rootOffset)
    expect(to).toBeLessThanOrEqual(disk.to)
    // Against the fixture itself, too: what the test put into wrcmd is the only other change.
    const [first, end] = (await changedRange(disk, loadDisk(id)))!
    expect({ first: first >= disk.from + disk.volume.fatOffset, end: end <= disk.to }).toEqual({
      first: true,
      end: true,
    })
    const { text } = expectedDisk(id)['9fat'].files.find(({ name }) => name === 'ROOTSCOR')!
    expect(await textOn(disk, 'rootscor')).toBe(`${text!}${atDay1()}\n${atEnd()}\n`)
  })

  test('an empty target: the claim is refused, and everything is sent', async () => {
    const disk = await diskIn(folder, id, venti)
    const { result, exit, target } = await sync(disk)
    expect({ exit, sent: target.sent, taken: result.bookkeeping!.claim!.taken }).toEqual({
      exit: 0,
      sent: log.length,
      taken: false,
    })
    expect(result.bookkeeping!.claim!.found).toBe(0)
    expect(blocksOf(venti)).toEqual(expectedBlocks('fossil-venti'))
    expect(await textOn(disk, 'wrcmd')).toBe(`${atEnd()}\n`)
  })
})

describe('a claim', () => {
  test.each([
    ['the first block', below[0]!],
    ['the last block below it', below.at(-1)!],
  ])('is refused when %s is missing; that one is sent, the others are found', async (_what, gone) => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    await fillDay1()
    venti.blocks.delete(keyOf(gone))
    const { result, exit, target } = await sync(disk)
    const { probed, found, taken } = result.bookkeeping!.claim!
    expect({ exit, taken, missing: probed - found }).toEqual({ exit: 0, taken: false, missing: 1 })
    expect(result.warnings.join('\n')).toMatch(/this was not taken over: of \d+ blocks asked for, 1 are? missing there/)
    expect(blocksOf(venti)).toEqual(expectedBlocks('fossil-venti'))
    // Asked for before sent: hardly anything goes over the wire twice.
    expect(target.present).toBeGreaterThan(below.length - 20)
    expect(target.sent + target.present).toBe(log.length)
  })

  test('is tried with blocks chosen at random, the same for the same random numbers', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    await fillDay1()
    const image = await readFile(disk.path)
    const asked: string[][] = []
    for (const seed of [0.1, 0.1, 0.7]) {
      await writeFile(disk.path, image)
      let state = seed
      const random = (): number => (state = (state * 997 + 0.123) % 1)
      const probes: string[] = []
      const answer = store.answer.bind(store)
      store.answer = (request) => {
        if (request.kind === 'read' && request.count === 0) probes.push(request.score)
        return answer(request)
      }
      const other = await scratchDir()
      await syncIn(other, disk.arenas, [venti], { ninefat: disk.ninefat, random })
      store.answer = answer
      const known = new Set(below.map(({ score }) => score as string))
      asked.push(probes.slice(0, 67).filter((score) => known.has(score)))
    }
    expect(asked[0]).toEqual(asked[1])
    expect(asked[2]).not.toEqual(asked[0])
    expect(new Set(asked[0]).size).toBe(asked[0]!.length)
    expect(asked[0]![0]).toBe(below[0]!.score)
    expect(asked[0]!.at(-1)).toBe(below.at(-1)!.score)
  })

  test('nothing is saved before the target acknowledged a sync behind the probes (R2)', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    await fillDay1()
    const seen: (number | null)[] = []
    let behind = false
    store.onRequest = (kind) => {
      if (kind !== 'sync' || behind) return
      behind = true
      // Reset instead of a reply: the second connection has to ask again.
      venti.dropConnections()
    }
    const saved = async (): Promise<number | null> =>
      (await stateFiles(folder))[0]?.mirror.targets[0]?.cursors['arenas0']?.offset ?? null
    const { exit, target } = await sync(disk, { onNote: () => void saved().then((offset) => seen.push(offset)) })
    expect({ exit, sent: target.sent }).toEqual({ exit: 0, sent: log.length - below.length })
    expect(seen[0]).toBe(null)
  })

  test('of a server without usable probes is tried by reading', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    await fillDay1()
    venti.behaviour.probes = 'empty'
    const { result, exit, target } = await sync(disk)
    expect({ exit, sent: target.sent, taken: result.bookkeeping!.claim!.taken }).toEqual({
      exit: 0,
      sent: log.length - below.length,
      taken: true,
    })
    expect(venti.counters.reads).toBe(result.bookkeeping!.claim!.probed)
  })

  test('of a server without usable probes, with a block that cannot be read, is refused', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    await fillDay1()
    venti.behaviour.probes = 'empty'
    store.damaged.add(keyOf(below[0]!))
    const { result } = await sync(disk)
    expect(result.bookkeeping!.claim).toMatchObject({ taken: false })
  })

  test('over several arenas takes over each of them', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    const whole = await scratchDir()
    await syncIn(whole, await imageIn(whole, 'fossil-venti'), [venti])
    await setWrcmd(folder, disk.ninefat, `${atEnd()}\n`)
    const { writes } = venti.counters
    const { result, exit } = await sync(disk)
    expect({ exit, writes: venti.counters.writes - writes, rollovers: result.rollovers }).toEqual({
      exit: 0,
      writes: 0,
      rollovers: [],
    })
    expect(result.bookkeeping!.claim).toMatchObject({ arena: 'arenas2', offset: arena2.used, taken: true })
    const ours = cursorsIn(await onlyMirror(folder), venti)
    const real = cursorsIn(await onlyMirror(whole), venti)
    // The very cursors a sync of its own would have left, but for the magic and place, which are equal as well.
    expect(ours).toEqual(real)
  })

  test('taken over in the middle of an arena leaves the cursor a sync would have left there', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    const day1 = await scratchDir()
    await syncIn(day1, await imageIn(day1, 'fossil-venti-day1'), [venti])
    const saved: unknown[] = []
    store.onRequest = (kind) => {
      if (kind === 'write') store.behaviour.refuseAfterNewBlocks = 0
    }
    const { exit } = await sync(disk)
    saved.push(cursorsIn(await onlyMirror(folder), venti)['arenas0'])
    expect(exit).toBe(1)
    expect(saved).toEqual([cursorsIn(await onlyMirror(day1), venti)['arenas0']])
  })

  test('behind our own position changes nothing: ours stands', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    await sync(disk)
    await setWrcmd(folder, disk.ninefat, `${atDay1()}\n`)
    const { probes } = venti.counters
    const { result, exit, target } = await sync(disk)
    expect({ exit, blocks: target.blocks, claim: result.bookkeeping!.claim }).toEqual({
      exit: 0,
      blocks: 0,
      claim: null,
    })
    // One to learn whether the server answers probes.
    expect(venti.counters.probes - probes).toBeLessThanOrEqual(1)
    expect(await textOn(disk, 'wrcmd')).toBe(`${atEnd()}\n`)
  })

  test('that once was false is believed only after a complete sync', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    await fillDay1()
    const hidden = below[250]!
    venti.blocks.delete(keyOf(below[0]!))
    venti.blocks.delete(keyOf(hidden))
    const cancel = new AbortController()
    store.onRequest = (kind) => {
      if (kind === 'write') cancel.abort()
    }
    expect((await sync(disk, { signal: cancel.signal })).exit).toBe(1)
    store.onRequest = () => undefined
    const stopped = await onlyMirror(folder)
    expect(stopped.bookkeeping).toEqual({ ninefat: disk.ninefat, doubted: dialOf(venti) })
    const { offset } = cursorsIn(stopped, venti)['arenas0']!
    expect({ moved: offset > below[0]!.offset, hidden: offset < hidden.offset }).toEqual({ moved: true, hidden: true })
    // A sample of the first half, which would find everything there.
    let calls = 0
    const random = (): number => (calls++ % 64) / 128
    const { result, exit } = await sync(disk, { random })
    expect({ exit, claim: result.bookkeeping!.claim }).toEqual({
      exit: 0,
      claim: { arena: 'arenas0', offset: day1Offset, probed: 0, found: 0, taken: false },
    })
    expect(venti.blocks.has(keyOf(hidden))).toBe(true)
    expect((await onlyMirror(folder)).bookkeeping).toEqual({ ninefat: disk.ninefat, doubted: null })
  })

  test('with --audit is not needed: every block is asked for', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    await fillDay1()
    venti.blocks.delete(keyOf(below[100]!))
    const { result, exit, target } = await sync(disk, { audit: true })
    expect({ exit, present: target.present, sent: target.sent }).toEqual({
      exit: 0,
      present: below.length - 1,
      sent: log.length - below.length + 1,
    })
    expect(result.bookkeeping!.claim).toEqual({
      arena: 'arenas0',
      offset: day1Offset,
      probed: 379,
      found: below.length - 1,
      taken: true,
    })
    expect(blocksOf(venti)).toEqual(expectedBlocks('fossil-venti'))
  })

  test('above damage in the source is not taken over, and the damage is reported as ever', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    await fillDay1()
    const bad = below.at(-1)!
    const part = expectedDisk('disk-mbr').parts.find(({ name }) => name === 'arenas')!
    venti.blocks.delete(keyOf(bad))
    await patchDisk(disk.path, part.byteOffset + arena0.start + 8192 + bad.offset + 38, Buffer.of(0xff, 0xfe, 0xfd))
    const { result, exit } = await sync(disk)
    expect(result.bookkeeping!.claim).toMatchObject({ taken: false, probed: 0 })
    expect(result.warnings.join('\n')).toContain('not taken over: the block of arenas0 at')
    const lost = result.damage.filter(({ kind }) => kind !== 'seal-mismatch').map(({ offset }) => offset)
    expect({ exit, lost }).toEqual({ exit: 3, lost: [bad.offset] })
  })
})

describe('damage that is known', () => {
  test('below a claim is not jumped over, even when the sample would miss it', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    await fillDay1()
    const bad = below[280]!
    const part = expectedDisk('disk-mbr').parts.find(({ name }) => name === 'arenas')!
    await patchDisk(disk.path, part.byteOffset + arena0.start + 8192 + bad.offset + 38, Buffer.of(0xff, 0xfe, 0xfd))
    venti.blocks.delete(keyOf(bad))
    // Another target meets it first, and then it is known.
    const { venti: first } = await watched()
    expect((await syncIn(folder, disk.arenas, [first])).exit).toBe(3)
    let calls = 0
    const random = (): number => (calls++ % 64) / 128
    const { result } = await sync(disk, { random })
    expect(result.bookkeeping!.claim).toMatchObject({ taken: false, probed: 0 })
    expect(result.warnings.join('\n')).toContain('not taken over: arenas0 is damaged below it (score-mismatch)')
    const { damage } = await onlyMirror(folder)
    const record = damage.find((one) => one.damage.clumpOffset === bad.offset)!
    expect(record.owedTo).toEqual([dialOf(first), dialOf(venti)].toSorted())
  })
})

describe('a wrcmd that cannot be right ends the run before anything is sent', () => {
  test.each<[string, (line: string) => string, RegExp]>([
    [
      '-o where no arena starts',
      (line) => line.replace('794624', '184320'),
      /no arena starts there; arenas1 starts at 1843200/,
    ],
    [
      'an offset past the end',
      (line) => line.replace(/0x\w+$/, '0xfffff'),
      /0xfffff is past the end: arenas0 is written up to 0xf7337/,
    ],
    [
      'an offset inside a block',
      (line) => line.replace(/0x\w+$/, '0x96df1'),
      /0x96df1 is inside a block of arenas0, which begins at 0x96df0/,
    ],
    ['no offset', (line) => line.replace(/ 0x\w+$/, ''), /clump offset is missing/],
    ['another program', (line) => line.replace('venti/wrarena', 'rm'), /expected a program whose name ends in wrarena/],
    ['a root score in it', (line) => `${line} vac:${'ab'.repeat(20)}`, /vac:abab…abab/],
  ])('%s', async (_what, spoil, message) => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    await setWrcmd(folder, disk.ninefat, `${spoil(atDay1())}\n`)
    const before = await readFile(disk.path)
    const { requests, connections } = venti.counters
    const error = await rejection(sync(disk))
    expect(error.code).toBe('bad-wrcmd')
    expect(error.message).toMatch(message)
    expect(error.message).toContain('Nothing was sent')
    expect(error.message).not.toContain('ab'.repeat(20))
    expect(venti.counters).toMatchObject({ requests, connections })
    expect(await stateFiles(folder)).toEqual([])
    expect((await readFile(disk.path)).equals(before)).toBe(true)
    // A dry run says the same.
    const plan = { source: disk.arenas, targets: [dialOf(venti)], stateDir: stateDirIn(folder), environment: {} }
    expect((await rejection(planSync({ ...plan, ninefat: disk.ninefat }))).message).toBe(error.message)
  })
})

describe('left alone, with the line to set', () => {
  test('a wrcmd that names none of the targets', async () => {
    const disk = await diskIn(folder)
    const { result, exit } = await sync(disk)
    const line = expectedDisk('disk-mbr')['9fat'].files.find(({ name }) => name === 'WRCMD')!.text!
    expect(result.bookkeeping).toEqual({
      path: disk.ninefat,
      dial: null,
      before: line.trimEnd(),
      after: null,
      written: false,
      claim: null,
      rootRecorded: null,
      note: 'wrcmd is left alone: it names tcp!192.168.0.99!17034, which is none of the targets of this run',
      proposal: atEnd(),
      error: null,
      errorCode: null,
    })
    expect(exit).toBe(0)
    expect((await readFile(disk.path)).equals(loadDisk('disk-mbr'))).toBe(true)
  })

  test.each([
    ['no wrcmd', '9fat12-nowrcmd', 'there is no wrcmd there yet'],
    ['an empty wrcmd', null, 'wrcmd is empty, and claims nothing'],
  ])('%s', async (_what, volume, note) => {
    const disk = await diskIn(folder)
    const ninefat = volume === null ? disk : await volumeIn(folder, volume)
    if (volume === null) await setWrcmd(folder, disk.ninefat, '\n')
    const before = await readFile(ninefat.path)
    const { result, exit } = await syncIn(folder, disk.arenas, [venti], { ninefat: ninefat.ninefat })
    const { proposal } = result.bookkeeping!
    expect({ exit, note: result.bookkeeping!.note }).toEqual({ exit: 0, note })
    // The partition as the commands in rootscor call it.
    expect(proposal).toMatch(/^venti\/wrarena -h tcp!127\.0\.0\.1!\d+ -o 2891776 \/dev\/sd\w\d\/arenas 0x2ce70$/)
    expect((await readFile(ninefat.path)).equals(before)).toBe(true)
  })

  test('a wrcmd that somebody changes while the run goes on; the next run takes it over', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    const theirs = scriptLine(venti, arena1.start, 0)
    const changing: Promise<unknown>[] = []
    store.onRequest = (kind) => {
      // The reply waits until the other has finished.
      store.behaviour.hold = kind === 'sync'
      if (kind === 'sync')
        changing.push(setWrcmd(folder, disk.ninefat, `${theirs}\n`).then(() => setImmediate(() => store.release())))
    }
    const { result, exit } = await sync(disk)
    await Promise.all(changing)
    expect({ exit, written: result.bookkeeping!.written, error: result.bookkeeping!.error }).toEqual({
      exit: 0,
      written: false,
      error: null,
    })
    expect(result.bookkeeping!.note).toContain('it changed while this run was going on')
    expect(result.bookkeeping!.proposal).toBe(atEnd())
    expect(await textOn(disk, 'wrcmd')).toBe(`${theirs}\n`)
    expect(await rootscorLines(disk)).toHaveLength(3)
    store.onRequest = () => undefined
    store.behaviour.hold = false
    const again = await sync(disk)
    expect(again.result.bookkeeping).toMatchObject({ before: theirs, after: atEnd(), written: true, claim: null })
  })

  test('a wrcmd whose target did not get everything', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    const second = (await watched()).venti
    venti.behaviour.refuseAfterNewBlocks = 10
    const { result, exit } = await syncIn(folder, disk.arenas, [venti, second], { ninefat: disk.ninefat })
    expect({ exit, blocks: second.blocks.size }).toEqual({ exit: 3, blocks: log.length })
    expect(result.bookkeeping).toMatchObject({ written: false, after: null, proposal: null, error: null })
    expect(result.bookkeeping!.note).toContain('the target it names is not up to date')
    expect(await textOn(disk, 'wrcmd')).toBe(`${atDay1()}\n`)
    // And the other way round: the target it names is fine, another is not.
    venti.behaviour.refuseAfterNewBlocks = Infinity
    await second.close()
    const other = await syncIn(folder, disk.arenas, [venti, dialOf(second)], { connectTimeoutMs: 500 })
    expect({ exit: other.exit, written: other.result.bookkeeping!.written }).toEqual({ exit: 3, written: true })
    expect(await textOn(disk, 'wrcmd')).toBe(`${atEnd()}\n`)
  })

  test('a wrcmd of a source without blocks', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    const line = scriptLine(venti, 794624, 0)
    await setWrcmd(folder, disk.ninefat, `${line}\n`)
    const empty = await imageIn(folder, 'empty')
    const { result, exit } = await syncIn(folder, empty, [venti], { ninefat: disk.ninefat })
    expect({ exit, note: result.bookkeeping!.note }).toEqual({
      exit: 0,
      note: 'wrcmd is left alone: the source holds no block yet',
    })
    expect(await textOn(disk, 'wrcmd')).toBe(`${line}\n`)
  })
})

describe('both directions with the script', () => {
  test('day after day: the script goes on from our line, and we from the script’s', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    const day1 = await imageIn(folder, 'fossil-venti-day1')
    await setWrcmd(folder, disk.ninefat, `${scriptLine(venti, arena0.start, 0, day1)}\n`)
    const first = await syncIn(folder, day1, [venti], { ninefat: disk.ninefat, mirrorName: 'm' })
    const ours = scriptLine(venti, arena0.start, day1Offset, day1)
    expect({ exit: first.exit, line: await textOn(disk, 'wrcmd') }).toEqual({ exit: 0, line: `${ours}\n` })
    // The script sends arenas0 from there on, and then somebody moves on to arenas1, as by hand: all of it.
    const other = await scratchDir()
    await syncIn(other, await imageIn(other, 'fossil-venti'), [venti])
    venti.blocks.delete(keyOf(log.at(-1)!))
    await setWrcmd(folder, disk.ninefat, `${scriptLine(venti, arena1.start, arena1.used)}\n`)
    const { writes } = venti.counters
    const second = await syncIn(folder, await imageIn(folder, 'fossil-venti', 'fossil-venti-day1.img'), [venti], {
      mirrorName: 'm',
    })
    expect(second.result.bookkeeping).toMatchObject({
      claim: { arena: 'arenas1', taken: true },
      after: atEnd(),
      written: true,
    })
    // Of 42 blocks in the third arena one was missing; which are found is a matter of asking or sending.
    expect(second.target.blocks).toBe(42)
    expect(venti.counters.writes - writes).toBe(second.target.sent)
    expect(blocksOf(venti)).toEqual(expectedBlocks('fossil-venti'))
  })

  test('nothing new: the two lines are appended all the same, as the script does', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    await sync(disk)
    const before = await rootscorLines(disk)
    const { exit } = await sync(disk)
    expect({ exit, more: (await rootscorLines(disk)).slice(before.length) }).toEqual({
      exit: 0,
      more: [atEnd(), atEnd()],
    })
  })

  test('a rollover is written only once the next arena holds a clump', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    // arenas0 full, nothing in arenas1 yet: its tail says so, whatever bytes still stand there.
    const part = expectedDisk('disk-mbr').parts.find(({ name }) => name === 'arenas')!
    const image = await readFile(disk.path)
    for (const name of ['arenas1', 'arenas2']) {
      const { stop, dataBase } = healthyPartition('fossil-venti').arenas.find((one) => one.name === name)!
      const tail = part.byteOffset + stop - 8192
      image.fill(0, tail + 72, tail + 84)
      image.fill(0, tail + 92, tail + 8192)
      image.fill(0, part.byteOffset + dataBase, tail)
    }
    await writeFile(disk.path, image)
    const { exit } = await sync(disk)
    expect({ exit, line: await textOn(disk, 'wrcmd') }).toEqual({
      exit: 0,
      line: `${scriptLine(venti, arena0.start, arena0.used)}\n`,
    })
  })

  test('two names of one server are one: net!host, upper case, the default port', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    const { port } = venti
    await setWrcmd(folder, disk.ninefat, `${atDay1().replace('tcp!127.0.0.1', '/net.alt/tcp!127.1')}\n`)
    const { result } = await sync(disk)
    expect(result.bookkeeping).toMatchObject({ dial: dialOf(venti), written: true })
    // Everything of the user's line but the position is kept.
    expect(await textOn(disk, 'wrcmd')).toBe(
      `venti/wrarena -h /net.alt/tcp!127.1!${port} -o 2891776 /dev/sdE0/arenas 0x2ce70\n`,
    )
  })

  test('no -h means $venti', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    await setWrcmd(folder, disk.ninefat, 'wrarena -o 794624 /dev/sdE0/arenas 0x96df0\n')
    const environment = { venti: `127.0.0.1!${venti.port}` }
    const { result } = await sync(disk, { environment })
    expect(result.bookkeeping).toMatchObject({
      dial: dialOf(venti),
      after: 'wrarena -o 2891776 /dev/sdE0/arenas 0x2ce70',
    })
    const unset = await sync(disk)
    expect(unset.result.bookkeeping!.note).toContain('it names $venti')
  })
})

describe('what is remembered, and what fails', () => {
  test('the mirror remembers its 9fat; --no-9fat leaves it alone once', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    await sync(disk)
    const lines = (await rootscorLines(disk)).length
    const named = await syncIn(folder, (await onlyMirror(folder)).name, [venti])
    expect(named.result.bookkeeping).toMatchObject({ path: disk.ninefat, written: true })
    const without = await syncIn(folder, disk.arenas, [venti], { ninefat: null })
    expect(without.result.bookkeeping).toBe(null)
    expect(await rootscorLines(disk)).toHaveLength(lines + 2)
    expect((await onlyMirror(folder)).bookkeeping).toMatchObject({ ninefat: disk.ninefat })
  })

  test('a remembered 9fat that is gone: the blocks are sent, the result says so', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    const ninefat = await volumeIn(folder, '9fat12')
    await setWrcmd(folder, ninefat.ninefat, `${atDay1()}\n`)
    await syncIn(folder, disk.arenas, [venti], { ninefat: ninefat.ninefat })
    await writeFile(ninefat.path, 'gone')
    const { result, exit, target } = await syncIn(folder, disk.arenas, [venti])
    expect({ exit, ok: target.ok, code: result.bookkeeping!.errorCode }).toEqual({
      exit: 3,
      ok: true,
      code: 'not-9fat',
    })
    // Named in the call, it ends the run.
    expect((await rejection(syncIn(folder, disk.arenas, [venti], { ninefat: ninefat.ninefat }))).code).toBe('not-9fat')
  })

  test('no room for rootscor: nothing of the 9fat changes, and the run ends with 3', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    const full = await volumeIn(folder, '9fat12-full')
    await setWrcmd(folder, full.ninefat, `${atDay1()}\n`)
    const before = await readFile(full.path)
    const { result, exit, target } = await syncIn(folder, disk.arenas, [venti], { ninefat: full.ninefat })
    expect({ exit, ok: target.ok, written: result.bookkeeping!.written, code: result.bookkeeping!.errorCode }).toEqual({
      exit: 3,
      ok: true,
      written: false,
      code: 'full-9fat',
    })
    expect((await readFile(full.path)).equals(before)).toBe(true)
    const history = await readHistory(stateDirIn(folder), result.mirror)
    expect(history.at(-1)).toMatchObject({ kind: 'run', bookkeeping: { written: false, error: expect.any(String) } })
  })

  test('several partitions under one venti: wrcmd speaks for the one it names', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    const [first, second] = [
      await imageIn(folder, 'bs32k-day3', 'arenasA'),
      await imageIn(folder, 'fossil-venti', 'arenasB'),
    ]
    const names = await renameArenas(first)
    const config = join(folder, 'venti.conf')
    await writeFile(config, `index main\narenas ${first}\narenas ${second}\n`)
    await setWrcmd(folder, disk.ninefat, `${atDay1().replace('/dev/sdE0/arenas', '/dev/sdE0/arenasB')}\n`)
    const { result, exit } = await syncIn(folder, config, [venti], { ninefat: disk.ninefat })
    expect({ exit, names: names > 0, note: result.bookkeeping!.note }).toEqual({ exit: 0, names: true, note: null })
    expect(await textOn(disk, 'wrcmd')).toBe(`${atEnd().replace('/dev/sdE0/arenas', '/dev/sdE0/arenasB')}\n`)
    await setWrcmd(folder, disk.ninefat, `${atDay1()}\n`)
    const unclear = await syncIn(folder, config, [venti], { ninefat: disk.ninefat })
    expect(unclear.result.bookkeeping).toMatchObject({ written: false, proposal: null })
    expect(unclear.result.bookkeeping!.note).toContain('/dev/sdE0/arenas, and none or several partitions')
  })

  test('a damaged 9fat is never written', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    const damaged = await volumeIn(folder, '9fat12-crosslink')
    const before = await readFile(damaged.path)
    const { result, exit } = await syncIn(folder, disk.arenas, [venti], { ninefat: damaged.ninefat }).catch(
      (error: unknown) => ({ result: null, exit: error }),
    )
    // Its wrcmd is the article's: no arena of this source starts at its -o.
    expect(result ?? exit).toMatchObject({ code: 'bad-wrcmd' })
    expect((await readFile(damaged.path)).equals(before)).toBe(true)
  })
})

describe('the root of a fossil', () => {
  const { fossilizeLine } = expectedFossil()

  test('is recorded first, as fossilize does, and only once', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    const before = await rootscorLines(disk)
    const { result, exit } = await sync(disk, { fossil: disk.fossil })
    expect({ exit, recorded: result.bookkeeping!.rootRecorded }).toEqual({ exit: 0, recorded: true })
    expect((await rootscorLines(disk)).slice(before.length)).toEqual([
      fossilizeLine.withVentiSet.trimEnd(),
      atDay1(),
      atEnd(),
    ])
    const again = await sync(disk, { fossil: disk.fossil })
    expect(again.result.bookkeeping).toMatchObject({ rootRecorded: false, written: true })
    expect((await rootscorLines(disk)).filter((line) => line === fossilizeLine.withVentiSet.trimEnd())).toHaveLength(1)
    const text = JSON.stringify([result, again.result])
    expect(text).not.toContain(expectedFossil().last.slice(4))
  })

  test('is recorded also when wrcmd names somebody else', async () => {
    const disk = await diskIn(folder)
    const { result } = await sync(disk, { fossil: disk.fossil })
    expect(result.bookkeeping).toMatchObject({ rootRecorded: true, written: false })
    expect((await rootscorLines(disk)).at(-1)).toBe(fossilizeLine.withVentiSet.trimEnd())
    const line = expectedDisk('disk-mbr')['9fat'].files.find(({ name }) => name === 'WRCMD')!.text!
    expect(await textOn(disk, 'wrcmd')).toBe(line)
  })

  test('without a rootscor the fossil’s own configuration names its partition', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    const ninefat = await volumeIn(folder, '9fat12-norootscor')
    await setWrcmd(folder, ninefat.ninefat, `${atDay1()}\n`)
    await syncIn(folder, disk.arenas, [venti], { ninefat: ninefat.ninefat, fossil: disk.fossil })
    expect(await textOn(ninefat, 'rootscor')).toBe(`${fossilizeLine.withVentiUnset}${atDay1()}\n${atEnd()}\n`)
  })

  test('that was never archived is not recorded, and one being archived is said', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    const part = expectedDisk('disk-mbr').parts.find(({ name }) => name === 'fossil')!
    const { lastScoreOffset, superOffset } = expectedFossil()
    await patchDisk(disk.path, part.byteOffset + superOffset + 26, Buffer.of(0, 0, 0, 5))
    await patchDisk(
      disk.path,
      part.byteOffset + lastScoreOffset,
      Buffer.from('da39a3ee5e6b4b0d3255bfef95601890afd80709', 'hex'),
    )
    const { result } = await sync(disk, { fossil: disk.fossil })
    expect(result.bookkeeping).toMatchObject({ rootRecorded: null, written: true })
    expect(result.warnings.join('\n')).toMatch(/an archive is in progress/)
    expect(result.warnings.join('\n')).toMatch(/nothing was archived from this fossil yet/)
    expect((await rootscorLines(disk)).filter((line) => line.startsWith('vac:'))).toHaveLength(1)
  })

  test('needs a 9fat', async () => {
    const disk = await diskIn(folder)
    const error = await rejection(syncIn(folder, disk.arenas, [venti], { fossil: disk.fossil }))
    expect({ code: error.code, requests: venti.counters.requests }).toEqual({ code: 'usage', requests: 0 })
  })
})

describe('a dry run', () => {
  const planned = async (disk: TestDisk): ReturnType<typeof planSync> =>
    await planSync({
      source: disk.arenas,
      targets: [dialOf(venti)],
      stateDir: stateDirIn(folder),
      environment: {},
      ninefat: disk.ninefat,
    })

  test('shows what would be taken over and what the line would become, and changes nothing', async () => {
    const disk = await diskIn(folder, 'disk-mbr', venti)
    await fillDay1()
    const before = await readFile(disk.path)
    const { syncs, writes } = venti.counters
    const plan = await planned(disk)
    expect(plan.bookkeeping).toMatchObject({
      dial: dialOf(venti),
      before: atDay1(),
      after: atEnd(),
      written: false,
      claim: { arena: 'arenas0', offset: day1Offset, taken: true },
      note: null,
      error: null,
    })
    expect(plan.targets[0]).toMatchObject({ blocks: log.length - below.length })
    expect(plan.targets[0]!.arenas[0]).toMatchObject({ name: 'arenas0', from: day1Offset })
    expect(venti.counters).toMatchObject({ syncs, writes })
    expect((await readFile(disk.path)).equals(before)).toBe(true)
    expect(await stateFiles(folder)).toEqual([])
  })

  test('of a false claim plans everything', async () => {
    const plan = await planned(await diskIn(folder, 'disk-mbr', venti))
    expect(plan.bookkeeping!.claim).toMatchObject({ taken: false, found: 0 })
    expect(plan.targets[0]).toMatchObject({ blocks: log.length })
  })

  test('of a wrcmd for somebody else shows the line to set', async () => {
    const plan = await planned(await diskIn(folder))
    expect(plan.bookkeeping).toMatchObject({ dial: null, after: null, proposal: atEnd() })
  })
})
