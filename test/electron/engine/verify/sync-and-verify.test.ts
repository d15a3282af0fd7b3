// sync --verify --wait: a root that fossil has just written comes to the disk of its source while the run waits for it. The
// source grows, goes away, stays as it is at the very moment the run says that it waits; the result is that of one run.

import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { readHistory } from '../../../../electron/engine/state/history.ts'
import { lockMirror } from '../../../../electron/engine/state/mirror-file.ts'
import { readVerifyRecords } from '../../../../electron/engine/state/verify-log.ts'
import { syncAndVerify, type SyncAndVerifyOptions } from '../../../../electron/engine/verify/sync-and-verify.ts'
import { verifiedStatusOf, type VerifiedSync } from '../../../../shared/model/run.ts'
import { expectedDisk, expectedFossil } from '../../../helpers/disk-fixtures.ts'
import {
  day1Offset,
  diskIn,
  patchDisk,
  scriptLine,
  setWrcmd,
  textOn,
  volumeIn,
  type TestDisk,
} from '../../../helpers/disk-syncs.ts'
import { startFakeVenti, type FakeVenti } from '../../../helpers/fake-venti.ts'
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
} from '../../../helpers/sync-runs.ts'
import { startWatchedVenti } from '../../../helpers/watched-store.ts'

const log = clumpLog('fossil-venti')
const day1 = clumpLog('fossil-venti-day1')
const [arena0, , arena2] = healthyPartition('fossil-venti').arenas
const { last, fossilizeLine } = expectedFossil()
const wholeBlocks = healthyPartition('fossil-venti').roots.at(-1)!.reachableBlocks!
const shownRoot = `vac:${last.slice(4, 8)}…${last.slice(-4)}`
const hour = 3_600_000

let folder: string
let venti: FakeVenti
let disk: TestDisk
/** The source, as it is on day 1. */
let source: string

async function target(): Promise<FakeVenti> {
  const made = await startFakeVenti()
  onTestFinished(() => made.close())
  return made
}

beforeEach(async () => {
  folder = await scratchDir()
  venti = await target()
  disk = await diskIn(folder, 'disk-mbr', venti)
  source = await imageIn(folder, 'fossil-venti-day1')
})

/** What its venti then writes, ready to be put there in one step. */
async function growth(id = 'fossil-venti'): Promise<() => void> {
  const next = await imageIn(folder, id, `${id}.next`)
  return () => renameSync(next, source)
}

type Hooks = { readonly onWait?: (count: number) => void; readonly targets?: readonly FakeVenti[] }

/** One run that polls without a pause worth the name. `onWait`: it says, for the first, second … time, that it waits. */
async function run(
  { onWait = () => undefined, targets = [venti] }: Hooks,
  options: Partial<SyncAndVerifyOptions> = {},
): Promise<{ readonly result: VerifiedSync; readonly exit: 0 | 1 | 3; readonly notes: readonly string[] }> {
  const notes: string[] = []
  let waits = 0
  const result = await syncAndVerify({
    source,
    targets: targets.map(dialOf),
    stateDir: stateDirIn(folder),
    ninefat: disk.ninefat,
    fossil: disk.fossil,
    environment: {},
    retryPauseMs: 1,
    waitMs: hour,
    pollMs: 2,
    onNote: (line) => {
      notes.push(line)
      if (line.startsWith('not there yet')) onWait(++waits)
    },
    ...options,
  })
  return { result, exit: verifiedStatusOf(result), notes }
}

const atDay1 = (): string => scriptLine(venti, arena0!.start, day1Offset)
const atEnd = (): string => scriptLine(venti, arena2!.start, arena2!.used)
const rootscorLines = async (): Promise<readonly string[]> => (await textOn(disk, 'rootscor'))!.trimEnd().split('\n')
const runsIn = async (mirror: string, kind: 'run' | 'rollover' = 'run') =>
  (await readHistory(stateDirIn(folder), mirror)).filter((line) => line.kind === kind)

describe('the root of a fossil that is not on the disk of the source yet', () => {
  test('comes during the wait: one result, one line of history, one pair of lines', async () => {
    const grow = await growth()
    const before = await rootscorLines()
    const during: Promise<readonly (string | null)[]>[] = []
    const { result, exit, notes } = await run({
      onWait: () => {
        during.push(Promise.all([textOn(disk, 'wrcmd'), textOn(disk, 'rootscor')]))
        grow()
      },
    })
    expect({
      exit,
      rounds: result.rounds,
      warnings: result.warnings.filter((line) => /memory|wait/.test(line)),
    }).toEqual({
      exit: 0,
      rounds: 2,
      warnings: [],
    })
    expect(result.verified).toEqual([
      {
        dial: dialOf(venti),
        root: shownRoot,
        from: `the last archive of ${disk.fossil}`,
        ok: true,
        blocks: wholeBlocks,
        missing: 0,
        corrupt: 0,
        rootReason: null,
        problem: null,
      },
    ])
    expect(notes.filter((line) => line.startsWith('not there yet'))).toEqual([
      `not there yet: the root block ${shownRoot} on ${dialOf(venti)}; syncing again, for 1 h more`,
    ])
    expect(notes.join()).not.toContain(last.slice(4))

    // Both rounds together are what one sync of the grown source is.
    expect(blocksOf(venti)).toEqual(expectedBlocks('fossil-venti'))
    const [sum] = result.targets
    expect(sum).toMatchObject({ ok: true, error: null, sent: log.length, present: 0, blocks: log.length })
    expect(sum!.arenas.map(({ name, from, to, blocks }) => ({ name, from, to, blocks }))).toEqual(
      healthyPartition('fossil-venti')
        .arenas.filter(({ clumps }) => clumps > 0)
        .map(({ name, used, clumps }) => ({
          name,
          from: 0,
          to: used,
          blocks: clumps,
        })),
    )
    expect(venti.counters.writes).toBe(log.length)
    expect(result.rollovers.map(({ fromArena, toArena }) => `${fromArena} ${toArena}`)).toEqual([
      'arenas0 arenas1',
      'arenas1 arenas2',
    ])

    // While it waited wrcmd stood as before, and the root was recorded already.
    const [wrcmd, rootscor] = (await during[0])!
    expect(wrcmd).toBe(`${atDay1()}\n`)
    expect(rootscor!.trimEnd().split('\n').slice(before.length)).toEqual([fossilizeLine.withVentiSet.trimEnd()])
    expect((await rootscorLines()).slice(before.length)).toEqual([
      fossilizeLine.withVentiSet.trimEnd(),
      atDay1(),
      atEnd(),
    ])
    expect(await textOn(disk, 'wrcmd')).toBe(`${atEnd()}\n`)
    expect(result.bookkeeping).toMatchObject({ before: atDay1(), after: atEnd(), written: true, rootRecorded: true })
    // That of the first round: the target was empty.
    expect(result.bookkeeping!.claim).toMatchObject({ arena: 'arenas0', taken: false })
    expect(result.warnings.join('\n')).toContain('this was not taken over')

    const { mirror } = result
    expect(await runsIn(mirror)).toMatchObject([
      {
        durationMs: result.durationMs,
        bytesRead: result.bytesRead,
        cancelled: false,
        bookkeeping: { written: true, error: null },
        targets: [{ dial: dialOf(venti), ok: true, sent: log.length, blocks: log.length }],
      },
    ])
    expect(await runsIn(mirror, 'rollover')).toHaveLength(2)
    const records = await readVerifyRecords(stateDirIn(folder), mirror)
    expect(records.map(({ ok, blocks }) => ({ ok, blocks }))).toEqual([
      { ok: false, blocks: 1 },
      { ok: true, blocks: wholeBlocks },
    ])
  })

  test('is there already, but not all that is below it: those blocks are awaited just so', async () => {
    const early = new Set(day1.map(keyOf))
    const late = log.findLast((one) => one.type === 13 && one.size > 1000 && !early.has(keyOf(one)))!
    for (const [key, data] of await allBlocks()) if (key !== keyOf(late)) venti.blocks.set(key, data)
    const grow = await growth()
    const { result, exit, notes } = await run({ onWait: grow })
    expect([exit, result.rounds, venti.blocks.has(keyOf(late))]).toEqual([0, 2, true])
    expect(notes.find((line) => line.startsWith('not there yet'))).toContain(`1 block of ${shownRoot} on `)
    // The others below it were taken over from wrcmd.
    expect(result.targets).toMatchObject([{ blocks: log.length - day1.length }])
  })

  test('is kept when fossil archives again meanwhile', async () => {
    const grow = await growth()
    const part = expectedDisk('disk-mbr').parts.find(({ name }) => name === 'fossil')!
    const later = Buffer.alloc(20, 0xab)
    let patched: Promise<void> = Promise.resolve()
    const { result, exit } = await run(
      {
        onWait: (count) => {
          if (count === 1) patched = patchDisk(disk.path, part.byteOffset + expectedFossil().lastScoreOffset, later)
          if (count === 3) grow()
        },
      },
      { pollMs: 100 },
    )
    await patched
    expect({ exit, root: result.verified[0]!.root, recorded: result.bookkeeping!.rootRecorded }).toEqual({
      exit: 0,
      root: shownRoot,
      recorded: true,
    })
    expect((await rootscorLines()).filter((line) => line.startsWith('vac:abab'))).toEqual([])
  })

  test('the time is up: exit 3, the sync stands, wrcmd follows it; nothing is checked twice for nothing', async () => {
    const { result, exit } = await run({}, { waitMs: 150 })
    expect(exit).toBe(3)
    expect(result.rounds).toBeGreaterThan(1)
    expect(result.waitedMs).toBeGreaterThanOrEqual(150)
    expect(result.verified).toMatchObject([{ ok: false, missing: 1, blocks: 1 }])
    expect(result.verified[0]!.problem).toContain('in no arena of the source')
    expect(result.targets).toMatchObject([{ ok: true, sent: day1.length, blocks: day1.length }])
    expect(venti.counters.writes).toBe(day1.length)
    expect(result.bookkeeping).toMatchObject({ before: atDay1(), after: atDay1(), written: true, rootRecorded: true })
    expect(await runsIn(result.mirror)).toHaveLength(1)
    expect(await readVerifyRecords(stateDirIn(folder), result.mirror)).toHaveLength(1)
    // Without a wait there is one round.
    const plain = await run({}, { waitMs: 0 })
    expect([plain.exit, plain.result.rounds, plain.result.waitedMs]).toEqual([3, 1, 0])
  })

  test('an interrupt ends the wait at once, and keeps what the sync before it did', async () => {
    const controller = new AbortController()
    const began = performance.now()
    const { result, exit } = await run(
      { onWait: () => void setImmediate(() => controller.abort()) },
      { signal: controller.signal, pollMs: 60_000 },
    )
    expect(performance.now() - began).toBeLessThan(30_000)
    expect({ exit, cancelled: result.cancelled, rounds: result.rounds }).toEqual({
      exit: 1,
      cancelled: true,
      rounds: 1,
    })
    expect(result.targets).toMatchObject([{ ok: true, sent: day1.length }])
    expect(result.bookkeeping).toMatchObject({ written: true, rootRecorded: true })
    expect(await runsIn(result.mirror)).toMatchObject([{ targets: [{ ok: true, sent: day1.length }] }])
  })

  test('an interrupt in the middle of a later round: wrcmd stands where the round before it ended', async () => {
    const { venti: watched, store } = await startWatchedVenti()
    onTestFinished(() => watched.close())
    await setWrcmd(folder, disk.ninefat, `${scriptLine(watched, arena0!.start, day1Offset)}\n`)
    const [grow, controller] = [await growth(), new AbortController()]
    const { result, exit } = await run(
      {
        targets: [watched],
        onWait: () => {
          grow()
          store.onRequest = (kind) => {
            if (kind === 'write' && watched.blocks.size > day1.length + 10) controller.abort()
          }
        },
      },
      { signal: controller.signal },
    )
    expect({ exit, cancelled: result.cancelled, rounds: result.rounds }).toEqual({
      exit: 1,
      cancelled: true,
      rounds: 2,
    })
    expect(result.targets).toMatchObject([{ ok: false, errorCode: 'cancelled' }])
    expect(result.targets[0]!.sent).toBeGreaterThan(day1.length)
    const line = scriptLine(watched, arena0!.start, day1Offset)
    expect(result.bookkeeping).toMatchObject({ before: line, after: line, written: true, rootRecorded: true })
    expect(await runsIn(result.mirror)).toMatchObject([{ cancelled: true, targets: [{ ok: false }] }])
  })

  test('blocks that the tail does not count yet are asked for in each round and counted once', async () => {
    renameSync(await imageIn(folder, 'stale-trailer', 'stale.img'), source)
    const flush = await growth('seq-day2')
    const own = await volumeIn(folder, '9fat12-nowrcmd')
    const all = clumpLog('seq-day2').length
    const controller = new AbortController()
    const standing: ReturnType<typeof onlyMirror>[] = []
    const { result } = await run(
      {
        onWait: (count) => {
          standing.push(onlyMirror(folder))
          if (count === 3) flush()
          if (count === 5) controller.abort()
        },
      },
      { ninefat: own.ninefat, signal: controller.signal },
    )
    expect(result.rounds).toBe(5)
    expect(result.targets).toMatchObject([{ ok: true, sent: all, present: 0, blocks: all }])
    const [lagging, after] = [await standing[0]!, await onlyMirror(folder)].map(
      (one) => cursorsIn(one, venti)['arenas0']!,
    )
    expect(lagging!.offset).toBeLessThan(lagging!.seenTo)
    expect([after!.offset, lagging!.seenTo]).toEqual([after!.seenTo, after!.seenTo])
  })

  test('with --audit every block is asked for once, not in every round', async () => {
    const { venti: watched, store } = await startWatchedVenti()
    onTestFinished(() => watched.close())
    const controller = new AbortController()
    const asked: number[] = []
    const { result } = await run(
      {
        targets: [watched],
        onWait: (count) => {
          asked.push(store.requests)
          if (count === 4) controller.abort()
        },
      },
      { audit: true, signal: controller.signal },
    )
    expect(result.rounds).toBe(4)
    expect(asked[0]).toBeGreaterThan(day1.length)
    expect(asked[3]! - asked[0]!).toBeLessThan(day1.length / 4)
  })
})

describe('several targets', () => {
  test('one that was down comes back in a later round; one that is whole is not checked again', async () => {
    const [early, late] = [await target(), await target()]
    // It has everything already, as after a sync from elsewhere.
    const grow = await growth()
    for (const [key, data] of await allBlocks()) early.blocks.set(key, data)
    await late.close()
    const { result, exit } = await run(
      {
        targets: [early, venti, late],
        onWait: (count) => {
          if (count === 1) void late.restart()
          if (count === 2) grow()
        },
      },
      { pollMs: 50 },
    )
    expect({ exit, dials: result.verified.map(({ dial, ok }) => [dial, ok]) }).toEqual({
      exit: 0,
      dials: [early, venti, late].map((one) => [dialOf(one), true]),
    })
    expect(result.targets.map(({ ok, error, blocks }) => ({ ok, error, blocks }))).toEqual(
      [1, 2, 3].map(() => ({ ok: true, error: null, blocks: log.length })),
    )
    expect(blocksOf(late)).toEqual(expectedBlocks('fossil-venti'))
    const records = await readVerifyRecords(stateDirIn(folder), result.mirror)
    expect(records.filter(({ dial }) => dial === dialOf(early))).toMatchObject([{ ok: true }])
  })

  test('a target that stays down is no reason to wait', async () => {
    const gone = await target()
    await gone.close()
    for (const [key, data] of await allBlocks()) venti.blocks.set(key, data)
    const { result, exit, notes } = await run({ targets: [venti, gone] })
    expect([exit, result.rounds, notes.filter((line) => line.startsWith('not there yet'))]).toEqual([3, 1, []])
    expect(result.verified).toMatchObject([{ dial: dialOf(venti), ok: true }])
    const none = await run({ targets: [gone] })
    expect([none.exit, none.result.rounds, none.result.verified]).toEqual([1, 1, []])
    expect(await runsIn(result.mirror)).toHaveLength(2)
  })
})

describe('what cannot come is not waited for', () => {
  test('a block that the target lost', async () => {
    const grow = await growth()
    grow()
    await run({})
    const lost = log.findLast(({ type }) => type === 1)!
    venti.blocks.delete(keyOf(lost))
    const { result, exit } = await run({})
    expect([exit, result.rounds, result.waitedMs]).toEqual([3, 1, 0])
    expect(result.verified).toMatchObject([{ ok: false, missing: 1, problem: '/: lost-on-target' }])
  })

  test('a root that the server of the source does not have; one that it has is awaited, and it is asked again', async () => {
    const own = await target()
    const without = await run({}, { sourceVenti: dialOf(own) })
    expect([without.exit, without.result.rounds]).toEqual([3, 1])
    for (const [key, data] of await allBlocks()) own.blocks.set(key, data)
    const grow = await growth()
    const syncs: number[] = []
    const { result, exit } = await run(
      {
        onWait: (count) => {
          syncs.push(own.counters.syncs)
          if (count === 3) grow()
        },
      },
      { sourceVenti: dialOf(own), waitMs: hour },
    )
    expect({ exit, rounds: result.rounds, synced: result.sourceServer!.synced }).toEqual({
      exit: 0,
      rounds: 4,
      synced: true,
    })
    expect(syncs[1]! - syncs[0]!).toBeGreaterThan(0)
    expect(syncs[2]! - syncs[1]!).toBeGreaterThan(0)
  })
})

describe('a round that cannot begin', () => {
  test('because the source is away for a moment: the next one goes on', async () => {
    const grow = await growth()
    const away = join(folder, 'away.img')
    const { result, exit, notes } = await run({
      onWait: (count) => {
        if (count === 1) renameSync(source, away)
        else if (count === 2) grow()
      },
    })
    expect({ exit, rounds: result.rounds, sent: result.targets[0]!.sent }).toEqual({
      exit: 0,
      rounds: 2,
      sent: log.length,
    })
    expect(notes.join('\n')).toContain('the sync could not be run again while waiting')
    expect(result.warnings.join('\n')).not.toContain('could not be run again')
  })

  test('because another run has the mirror: said, and the rounds before stand', async () => {
    let locked: ReturnType<typeof lockMirror> | undefined
    const { result, exit } = await run(
      {
        onWait: (count) => {
          if (count === 1) locked = lockMirror(stateDirIn(folder), 'source')
        },
      },
      { waitMs: 600, pollMs: 250 },
    )
    await (await locked)!.release()
    expect([exit, result.mirror]).toEqual([3, 'source'])
    expect(result.warnings.at(-1)).toMatch(/^the sync could not be run again while waiting: /)
    expect(result.targets).toMatchObject([{ ok: true, sent: day1.length }])
    expect(result.bookkeeping).toMatchObject({ written: true })
  })
})

async function allBlocks(): Promise<ReadonlyMap<`${string}/${number}`, Uint8Array>> {
  const [filled, other] = [await target(), await scratchDir()]
  await syncAndVerify({
    source: await imageIn(other, 'fossil-venti'),
    targets: [dialOf(filled)],
    stateDir: stateDirIn(other),
    environment: {},
  })
  return filled.blocks
}
