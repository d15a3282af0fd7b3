// A run that is stopped with patience comes to a checkpoint: what the target acknowledged is below a saved cursor, and the
// next run sends none of it again, also over a line that is slow.

import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { FlightLimit } from '../../../../electron/engine/sync/flight-limit.ts'
import type { FakeBehaviour } from '../../../helpers/fake-store.ts'
import { startFakeVenti, type FakeVenti } from '../../../helpers/fake-venti.ts'
import { expectedBlocks } from '../../../helpers/fixtures.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import { SlowLine } from '../../../helpers/slow-line.ts'
import { blocksOf, clumpLog, cursorsIn, imageIn, onlyMirror, promisedBy, syncIn } from '../../../helpers/sync-runs.ts'

const log = clumpLog('seq-day3')
const patience = { stopPatienceMs: 10_000 }

async function fake(behaviour: Partial<FakeBehaviour>): Promise<FakeVenti> {
  const venti = await startFakeVenti(behaviour)
  onTestFinished(() => venti.close())
  return venti
}

type Stopped = { readonly folder: string; readonly image: string; readonly ms: number; readonly promised: number }

async function stopped(dial: string, when: () => boolean): Promise<Stopped> {
  const folder = await scratchDir()
  const image = await imageIn(folder, 'seq-day3')
  const stop = new AbortController()
  const run = syncIn(folder, image, [dial], { ...patience, signal: stop.signal })
  while (!when()) await pause(5)
  const beganMs = performance.now()
  stop.abort()
  expect((await run).result.cancelled).toBe(true)
  const ms = performance.now() - beganMs
  return { folder, image, ms, promised: promisedBy(log, cursorsIn(await onlyMirror(folder), dial)).length }
}

describe('stopped with patience', () => {
  test('replies of 50 ms: all that was acknowledged is kept, and none of it sent again', async () => {
    const venti = await fake({ delayMs: 50 })
    const dial = venti.dial.text
    const { folder, image, promised, ms } = await stopped(dial, () => venti.blocks.size > 100)
    expect(promised).toBe(venti.blocks.size)
    expect(promised).toBeGreaterThan(100)
    expect(promised).toBeLessThan(951)
    expect(ms).toBeLessThan(3000)
    expect([...venti.blocks.keys()].toSorted()).toEqual([...venti.durable].toSorted())
    const { exit, target } = await syncIn(folder, image, [dial])
    expect({ exit, sent: target.sent }).toEqual({ exit: 0, sent: 951 - promised })
    expect(venti.counters.writes).toBe(951)
    expect(blocksOf(venti)).toEqual(expectedBlocks('seq-day3'))
  })

  test('a slow line that would take long for a full window: the stop is a matter of seconds, and keeps everything', async () => {
    const venti = await fake({})
    const line = await SlowLine.to(venti.port, { bytesPerSecond: 250_000, roundTripMs: 50 })
    onTestFinished(() => line.close())
    const { promised, ms } = await stopped(line.dial, () => venti.blocks.size > 450)
    expect(promised).toBe(venti.blocks.size)
    expect(promised).toBeGreaterThan(450)
    // With a full window of 250 blocks it would be twice as long.
    expect(ms).toBeLessThan(4500)
  })

  test('a target that answers no more is given up', async () => {
    const venti = await fake({ hangAfterRequests: 200 })
    const folder = await scratchDir()
    const image = await imageIn(folder, 'seq-day3')
    const stop = new AbortController()
    const run = syncIn(folder, image, [venti], { stopPatienceMs: 500, signal: stop.signal })
    while (venti.counters.requests < 200) await pause(5)
    const beganMs = performance.now()
    stop.abort()
    await run
    expect(performance.now() - beganMs).toBeLessThan(3000)
    expect(promisedBy(log, cursorsIn(await onlyMirror(folder), venti))).toEqual([])
  })
})

describe('what may be under way', () => {
  const block = 8192

  /** Sends all it may, and has it acknowledged at this rate; returns the most that was under way. */
  function most(bytesPerSecond: number, seconds: number): number {
    let nowMs = 0
    const limit = new FlightLimit(() => nowMs)
    let underWay = 0
    let largest = 0
    let owed = 0
    for (; nowMs < seconds * 1000; nowMs += 10) {
      for (; limit.allows(block) && underWay < 1e9; underWay += block) limit.sent(block)
      largest = Math.max(largest, underWay)
      for (owed += bytesPerSecond / 100; owed >= block && underWay > 0; owed -= block, underWay -= block)
        limit.acknowledged(block)
    }
    return largest
  }

  test.each([20_000, 500_000, 5_000_000, 50_000_000])(
    'at %i bytes a second: two seconds of it, and not less',
    (rate) => {
      expect(most(rate, 20)).toBeGreaterThanOrEqual(Math.min(rate, 4 * 2 ** 20))
      expect(most(rate, 20)).toBeLessThanOrEqual(Math.max(64 * block, rate * 2.6) + block)
    },
  )

  test('after a standstill it is as much as before within a few round trips', () => {
    let nowMs = 0
    const limit = new FlightLimit(() => nowMs)
    for (let step = 0; step < 300; step++, nowMs += 10) {
      for (let i = 0; i < 60; i++) limit.sent(block)
      for (let i = 0; i < 60; i++) limit.acknowledged(block)
    }
    nowMs += 30_000
    let largest = 0
    for (let step = 0; step < 40; step++, nowMs += 10) {
      let sent = 0
      for (; limit.allows(block) && sent < 512; sent++) limit.sent(block)
      largest = Math.max(largest, sent)
      for (let i = 0; i < sent; i++) limit.acknowledged(block)
    }
    expect(largest).toBe(512)
  })

  test('one block always goes', () => {
    const limit = new FlightLimit(() => 0)
    expect(limit.allows(2 ** 24)).toBe(true)
    limit.sent(2 ** 24)
    expect(limit.allows(1)).toBe(false)
  })
})
