// R7 Targets are independent. A dead, slow or full target delays no other target and moves no other cursor.
//
// The good target's time beside a bad one is held against its time alone, just before, and the timeouts of the bad one are
// longer than that. Where it can be seen, the order of events is judged rather than the time. The source is larger than what
// may be queued for a target, so that a target that takes nothing really is in the way.

import { copyFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { SyncOptions } from '../../electron/engine/sync/prepare.ts'
import type { SyncSnapshot } from '../../shared/model/run.ts'
import { startFakeVenti, type FakeBehaviour, type FakeVenti } from '../helpers/fake-venti.ts'
import { buildPartition, type ArenaPlan } from '../helpers/image-builder.ts'
import { openScratchDir, scratchDir, type ScratchDir } from '../helpers/scratch.ts'
import { cursorsIn, dialOf, onlyMirror, stateDirIn, syncIn, type AnyTarget, type Ran } from '../helpers/sync-runs.ts'

const blockBytes = 32 * 1024
const arenaBytes = 12 * 1024 * 1024
/** 350 blocks an arena, four full arenas and one in use: 52 MiB. The queue of a target holds 32. */
const blocksPerArena = 350
const blocksInLast = 260
const totalBlocks = 4 * blocksPerArena + blocksInLast

let scratch: ScratchDir
let image = ''
let older = ''

/** Cheap to make and different each: nothing here depends on compression. */
function plan(arenas: readonly number[]): readonly ArenaPlan[] {
  let number = 0
  return arenas.map((count, index) => ({
    sizeBytes: arenaBytes,
    state: index < 4 && count === blocksPerArena ? 'full' : 'open',
    blocks: Array.from({ length: count }, () => {
      const data = Buffer.alloc(blockBytes, number % 251)
      data.writeUInt32BE(number++, 0)
      return { data, encoding: 'plain' }
    }),
  }))
}

beforeAll(async () => {
  scratch = await openScratchDir()
  const full = Array.from({ length: 4 }, () => blocksPerArena)
  image = join(scratch.path, 'image')
  older = join(scratch.path, 'older')
  await writeFile(image, buildPartition({ arenas: plan([...full, blocksInLast]) }).bytes)
  await writeFile(older, buildPartition({ arenas: plan([...full, blocksInLast - 20]) }).bytes)
}, 60_000)
afterAll(() => scratch.remove())

async function fake(behaviour: Partial<FakeBehaviour> = {}): Promise<FakeVenti> {
  const venti = await startFakeVenti(behaviour)
  onTestFinished(() => venti.close())
  return venti
}

/** A target that is bad in every connection makes no progress that would earn it another one. */
const noCheckpoints = { checkpointMs: 100_000, retryPauseMs: 20 } as const

type Timed = Ran & {
  readonly goodMs: number
  /** Of the others when the good target was done. */
  readonly othersOpen: number
  readonly totalMs: number
}

/** A sync to the good target and others; when was the good one done, by the word of the progress snapshots? */
async function timed(
  folder: string,
  good: FakeVenti,
  others: readonly AnyTarget[],
  options: Partial<SyncOptions> = {},
): Promise<Timed> {
  const began = performance.now()
  let goodMs = Infinity
  let othersOpen = 0
  const onProgress = ({ targets }: SyncSnapshot): void => {
    const phase = targets.find(({ dial }) => dial === dialOf(good))?.phase
    if (phase !== 'done' || goodMs < Infinity) return
    goodMs = performance.now() - began
    othersOpen = targets.filter((target) => target.phase !== 'done' && target.phase !== 'failed').length
  }
  const ran = await syncIn(folder, image, [good, ...others], { onProgress, ...options })
  return { ...ran, goodMs, othersOpen, totalMs: performance.now() - began }
}

type Allowed = {
  readonly goodMs: number
  /** For connecting and replies: whoever waits for a bad target takes longer than the good one may. */
  readonly timeouts: { readonly connectTimeoutMs: number; readonly replyTimeoutMs: number }
}

/**
 * What a good target may take beside a bad one, by its time alone, just before: machines have moods. The rest is for the
 * wait for others to connect, the patience with a slow one, a second reader of the disk, and a mood that changes meanwhile.
 */
async function allowedNow(): Promise<Allowed> {
  const folder = await scratchDir()
  const alone = await timed(folder, await fake(), [])
  const goodMs = 3 * alone.goodMs + 1000
  return { goodMs, timeouts: { connectTimeoutMs: goodMs, replyTimeoutMs: goodMs } }
}

function expectUndisturbed(run: Timed, good: FakeVenti, allowed: Allowed): void {
  expect(good.blocks.size).toBe(totalBlocks)
  expect(run.target).toMatchObject({ ok: true, sent: totalBlocks, present: 0 })
  expect(run.goodMs).toBeLessThan(allowed.goodMs)
}

/** Accepts connections and says nothing. */
async function silentServer(): Promise<{ readonly dial: string; readonly close: () => Promise<void> }> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return { dial: `tcp!127.0.0.1!${address.port}`, close }
}

describe('R7: beside a target that', () => {
  type Bad = {
    readonly name: string
    readonly behaviour: Partial<FakeBehaviour>
    readonly code: string
    /** Blocks it took before it went bad; they must not be sent again needlessly once it is well. */
    readonly tookSome?: boolean
  }

  const bad: readonly Bad[] = [
    { name: 'is hung before its greeting', behaviour: { greeting: null }, code: 'connect-timeout' },
    { name: 'greets with garbage', behaviour: { greeting: Buffer.from('SSH-2.0-OpenSSH\r\n') }, code: 'handshake' },
    { name: 'is hung from the first request on', behaviour: { hangAfterRequests: 0 }, code: 'reply-timeout' },
    { name: 'hangs in mid-copy', behaviour: { hangAfterRequests: 400 }, code: 'reply-timeout', tookSome: true },
    { name: 'is full', behaviour: { refuseAfterNewBlocks: 0 }, code: 'target-full' },
    { name: 'gets full in mid-copy', behaviour: { refuseAfterNewBlocks: 500 }, code: 'target-full', tookSome: true },
    { name: 'is read-only', behaviour: { readOnly: true }, code: 'target-read-only' },
    {
      name: 'closes in mid-copy, every time',
      behaviour: { endAfterRequests: 300 },
      code: 'connection-lost',
      tookSome: true,
    },
    {
      name: 'resets in mid-copy, every time',
      behaviour: { resetAfterRequests: 300 },
      code: 'connection-lost',
      tookSome: true,
    },
    {
      name: 'answers with a wrong score',
      behaviour: { probes: 'empty', fault: { atRequest: 300, kind: 'wrong-score' } },
      code: 'protocol',
    },
    {
      name: 'answers with an unknown tag',
      behaviour: { fault: { atRequest: 300, kind: 'unknown-tag' } },
      code: 'protocol',
    },
  ]

  test.each(bad)(
    '$name: finishes in its own time, and the next run repairs the other',
    async (one) => {
      const folder = await scratchDir()
      const allowed = await allowedNow()
      const [good, ill] = [await fake(), await fake(one.behaviour)]
      const run = await timed(folder, good, [ill], { ...allowed.timeouts, ...noCheckpoints })
      expectUndisturbed(run, good, allowed)
      const failed = run.result.targets.find(({ dial }) => dial === dialOf(ill))!
      expect({ exit: run.exit, ok: failed.ok, code: failed.errorCode }).toEqual({ exit: 3, ok: false, code: one.code })
      expect(failed.error).toContain(dialOf(ill))
      const mirror = await onlyMirror(folder)
      expect(cursorsIn(mirror, good)['arenas4']!.clumps).toBe(blocksInLast)
      expect(mirror.targets.find(({ dial }) => dial === dialOf(ill))!.lastError).toBe(failed.error)

      const held = ill.blocks.size
      if (one.tookSome === true) expect(held).toBeGreaterThan(100)
      ill.store.behaviour = { ...ill.behaviour, ...wellBehaved }
      const goodBefore = good.counters.writes
      const repaired = await timed(folder, good, [ill])
      expect({ exit: repaired.exit, blocks: ill.blocks.size, new: ill.counters.newBlocks }).toEqual({
        exit: 0,
        blocks: totalBlocks,
        new: totalBlocks,
      })
      expect(good.counters.writes).toBe(goodBefore)
    },
    60_000,
  )

  const wellBehaved: Partial<FakeBehaviour> = {
    greeting: undefined,
    hangAfterRequests: Infinity,
    endAfterRequests: Infinity,
    resetAfterRequests: Infinity,
    refuseAfterNewBlocks: Infinity,
    readOnly: false,
    fault: null,
    delayMs: 0,
  }

  test('is not there: finishes in its own time; and when it comes up during the run, it is served', async () => {
    const folder = await scratchDir()
    const allowed = await allowedNow()
    const [good, gone] = [await fake(), await fake()]
    await gone.close()
    const run = await timed(folder, good, [gone], { ...allowed.timeouts, retryPauseMs: 50 })
    expectUndisturbed(run, good, allowed)
    expect({ exit: run.exit, code: run.result.targets[1]!.errorCode ?? run.result.targets[0]!.errorCode }).toEqual({
      exit: 3,
      code: 'connect-failed',
    })
    // Up again while the next run is already trying.
    const up: Promise<void>[] = []
    const coming = await timed(folder, good, [gone], {
      retryPauseMs: 100,
      onNote: (line) => {
        if (up.length === 0 && line.includes('trying again')) up.push(gone.restart())
      },
    })
    expect({ exit: coming.exit, tries: up.length, held: gone.blocks.size }).toEqual({
      exit: 0,
      tries: 1,
      held: totalBlocks,
    })
  })

  test('takes connections and says nothing at all: finishes in its own time', async () => {
    const folder = await scratchDir()
    const allowed = await allowedNow()
    const good = await fake()
    const silent = await silentServer()
    onTestFinished(silent.close)
    const run = await timed(folder, good, [silent.dial], allowed.timeouts)
    expectUndisturbed(run, good, allowed)
    expect({ exit: run.exit, othersOpen: run.othersOpen }).toEqual({ exit: 3, othersOpen: 1 })
    expect(run.totalMs).toBeGreaterThan(allowed.timeouts.connectTimeoutMs)
  })

  test('is slow: finishes in its own time, and the slow one too, in its own', async () => {
    const folder = await scratchDir()
    const allowed = await allowedNow()
    const [good, slow] = [await fake(), await fake({ delayMs: 250 })]
    const run = await timed(folder, good, [slow])
    expectUndisturbed(run, good, allowed)
    expect({ exit: run.exit, othersOpen: run.othersOpen, held: slow.blocks.size }).toEqual({
      exit: 0,
      othersOpen: 1,
      held: totalBlocks,
    })
  })

  test('is held to a rate of its own: limits do not add up', async () => {
    const folder = await scratchDir()
    const [one, two] = [await fake(), await fake()]
    const began = performance.now()
    const { exit } = await syncIn(folder, image, [one, two], { limitBytesPerSecond: 40_000_000 })
    const seconds = (performance.now() - began) / 1000
    expect({ exit, one: one.blocks.size, two: two.blocks.size }).toEqual({
      exit: 0,
      one: totalBlocks,
      two: totalBlocks,
    })
    // 54.4 MB each at 40 MB/s each; slower is only a loaded machine.
    expect(seconds).toBeGreaterThan(1.1)
    expect(seconds).toBeLessThan(20)
  })
})

describe('R7: beside a new target', () => {
  test('that is slow, the daily increment of the old one does not wait for the bulk copy', async () => {
    const folder = await scratchDir()
    const [old, fresh] = [await fake(), await fake()]
    const source = join(folder, 'source.img')
    await copyFile(older, source)
    await syncIn(folder, source, [old])
    await copyFile(image, source)
    fresh.store.behaviour = { ...fresh.behaviour, delayMs: 150 }
    let freshThen = Infinity
    const { exit } = await syncIn(folder, source, [old, fresh], {
      onProgress: ({ targets }) => {
        const phase = targets.find(({ dial }) => dial === dialOf(old))?.phase
        if (phase === 'done') freshThen = Math.min(freshThen, fresh.blocks.size)
      },
    })
    expect({ exit, old: old.blocks.size, fresh: fresh.blocks.size }).toEqual({
      exit: 0,
      old: totalBlocks,
      fresh: totalBlocks,
    })
    // 1660 blocks at 150 ms for each window of 64 take four seconds; twenty take one round.
    expect(freshThen).toBeLessThan(totalBlocks / 2)
  })

  test('each block is counted for whom it was sent to', async () => {
    const folder = await scratchDir()
    const [old, fresh] = [await fake(), await fake()]
    const source = join(folder, 'source.img')
    await copyFile(older, source)
    await syncIn(folder, source, [old])
    await copyFile(image, source)
    const { result } = await syncIn(folder, source, [old, fresh])
    const sent = new Map(result.targets.map((target) => [target.dial, target.sent]))
    expect([sent.get(dialOf(old)), sent.get(dialOf(fresh))]).toEqual([20, totalBlocks])
  }, 30_000)
})

describe('R7: one read for all that keep pace', () => {
  test('three equal targets cost the bytes of one', async () => {
    const source = image
    const folder = await scratchDir()
    const one = await syncIn(folder, source, [await fake()])
    await rm(stateDirIn(folder), { recursive: true })
    const three = await syncIn(folder, source, [await fake(), await fake(), await fake()])
    expect(three.result.targets.map(({ sent }) => sent)).toEqual([totalBlocks, totalBlocks, totalBlocks])
    expect(three.result.bytesRead).toBe(one.result.bytesRead)
  }, 30_000)

  test('a target that is lost comes back to a read of its own, while the others go on', async () => {
    const folder = await scratchDir()
    const [good, shaky] = [await fake(), await fake()]
    // Both are held to a rate that any machine keeps: the copy takes long against a reconnect, and what the other one has when
    // the good one is done hangs on when it came back, not on how fast the machine is.
    let dropped = false
    let shakyThen = Infinity
    const { exit } = await syncIn(folder, image, [good, shaky], {
      checkpointMs: 30,
      retryPauseMs: 50,
      limitBytesPerSecond: 10_000_000,
      onProgress: ({ targets }) => {
        const progress = targets.find(({ dial }) => dial === dialOf(shaky))
        if (!dropped && (progress?.blocksDone ?? 0) > 200) {
          dropped = true
          shaky.dropConnections()
        }
        if (targets.find(({ dial }) => dial === dialOf(good))?.phase === 'done')
          shakyThen = Math.min(shakyThen, shaky.blocks.size)
      },
    })
    expect({ exit, dropped, good: good.blocks.size, shaky: shaky.blocks.size }).toEqual({
      exit: 0,
      dropped: true,
      good: totalBlocks,
      shaky: totalBlocks,
    })
    expect(shaky.counters.connections).toBe(2)
    // It came back while the other was still being fed. After the other it would have what it had when it was lost.
    expect(shakyThen).toBeGreaterThan(totalBlocks / 2)
  })
})
