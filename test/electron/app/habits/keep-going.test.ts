// Which syncs go on by themselves, and which are left to their owner.

import { expect, test } from 'vitest'
import { KeepGoing, settlingMs } from '../../../../electron/app/habits/keep-going.ts'
import { needsNetwork } from '../../../../electron/app/habits/needs-network.ts'
import type { EventMessage, Result } from '../../../../shared/contract.ts'

const targets = [{ dial: 'tcp!a!1', error: null }]
const failed = { state: 'ended', result: 'failed', problem: { code: 'connection-lost' } }

function world() {
  const asked: unknown[] = []
  const said: string[] = []
  const state = { isOnline: true, nowMs: 0 }
  /** A network that stays away until it is let come. */
  let comes: Promise<void> | null = null
  const keep: KeepGoing = new KeepGoing(
    {
      ask: (channel, payload): Promise<Result<unknown>> => {
        asked.push([channel, payload])
        return Promise.resolve({ ok: true, value: null })
      },
      isOnline: () => state.isOnline,
      wait: (ms) => {
        state.nowMs += ms
        if (comes !== null && ms < settlingMs) return comes
        state.isOnline ||= comes === null
        return Promise.resolve()
      },
      say: (line) => void said.push(line),
    },
    () => state.nowMs,
  )
  const see = (id: string, change: object): void =>
    keep.hear({
      event: 'job.view',
      value: { id, kind: 'sync', mirror: 'home', state: 'running', targets, problem: null, result: null, ...change },
    } as unknown as EventMessage)
  /** Returns what brings it back, hours later. */
  const networkGoes = (): (() => void) => {
    let come: () => void = () => undefined
    state.isOnline = false
    comes = new Promise((resolve) => {
      come = resolve
    })
    return () => {
      state.nowMs += 4 * 3_600_000
      state.isOnline = true
      comes = null
      come()
    }
  }
  return { keep, asked, said, state, see, networkGoes }
}

const start = ['sync.start', { mirror: 'home', dials: ['tcp!a!1'] }]

test('a sync that its owner paused is not woken by waking, nor kept over a quit', async () => {
  const { keep, asked, see } = world()
  see('a', { state: 'paused' })
  keep.suspended()
  await keep.woke()
  expect([asked, keep.interrupted]).toEqual([[], []])
})

test('a sync that ran when the computer fell asleep is paused and resumed', async () => {
  const { keep, asked, see } = world()
  see('a', {})
  keep.suspended()
  see('a', { state: 'paused' })
  await keep.woke()
  expect(asked).toEqual([
    ['job.pause', { job: 'a' }],
    ['job.resume', { job: 'a' }],
  ])
})

test('a sync that sleep broke is begun again once, one that failed by day is not', async () => {
  const { keep, asked, see, state } = world()
  see('old', {})
  see('old', failed)
  state.nowMs = 3_600_000
  see('a', {})
  keep.suspended()
  see('a', failed)
  await keep.woke()
  expect(asked).toEqual([['job.pause', { job: 'a' }], start])
})

test('a failure without a network is met by beginning again, one with a network is not, nor is a cancel', async () => {
  const { asked, see, state } = world()
  see('a', {})
  see('a', failed)
  state.isOnline = false
  see('b', {})
  see('b', { state: 'ended', result: 'cancelled' })
  await Promise.resolve()
  expect(asked).toEqual([])
  see('c', {})
  see('c', failed)
  await expect.poll(() => asked).toEqual([start])
})

test('what sleep paused and what the daily time wants wait for the network for hours, and nothing is begun twice', async () => {
  const { keep, asked, see, networkGoes } = world()
  see('a', {})
  keep.suspended()
  see('a', { state: 'paused' })
  const networkComes = networkGoes()
  await keep.woke()
  const daily = [
    { mirror: 'home', dials: null, isLocal: false },
    { mirror: 'office', dials: null, isLocal: false },
    { mirror: 'disk', dials: null, isLocal: true },
  ]
  await keep.beginWhenPossible(daily, 'at the daily time')
  await keep.beginWhenPossible(daily.slice(0, 2), 'at the daily time of the next day')
  expect(asked).toEqual([
    ['job.pause', { job: 'a' }],
    ['sync.start', { mirror: 'disk', dials: null }],
  ])
  // A quit loses neither.
  expect(keep.interrupted).toEqual([
    { mirror: 'office', dials: null },
    { mirror: 'home', dials: ['tcp!a!1'] },
  ])
  networkComes()
  await expect
    .poll(() => asked.slice(2))
    .toEqual([
      ['job.resume', { job: 'a' }],
      ['sync.start', { mirror: 'office', dials: null }],
    ])
})

test('a copy to this computer goes on after sleep without a network', async () => {
  const { keep, asked, see, networkGoes } = world()
  const here = { targets: [{ dial: 'tcp!127.0.0.1!17034', error: null }] }
  see('a', here)
  keep.suspended()
  see('a', { ...here, state: 'paused' })
  networkGoes()
  await keep.woke()
  expect(asked).toEqual([
    ['job.pause', { job: 'a' }],
    ['job.resume', { job: 'a' }],
  ])
})

test('what broke in a long sleep is begun again, of every mirror', async () => {
  const { keep, asked, see, state } = world()
  for (const mirror of ['home', 'office']) see(mirror, { mirror })
  keep.suspended()
  for (const mirror of ['home', 'office']) see(mirror, { mirror, ...failed })
  state.nowMs += 8 * 3_600_000
  await keep.woke()
  const again = { dials: ['tcp!a!1'] }
  expect(asked.slice(2)).toEqual([
    ['sync.start', { mirror: 'home', ...again }],
    ['sync.start', { mirror: 'office', ...again }],
  ])
})

test('of all that broke without a network, what its owner begins meanwhile is not begun again', async () => {
  const { asked, see, networkGoes } = world()
  const networkComes = networkGoes()
  for (const mirror of ['home', 'office', 'attic']) see(mirror, { mirror, ...failed })
  see('by hand', { mirror: 'office' })
  networkComes()
  await expect
    .poll(() => asked)
    .toEqual([
      ['sync.start', { mirror: 'home', dials: ['tcp!a!1'] }],
      ['sync.start', { mirror: 'attic', dials: ['tcp!a!1'] }],
    ])
})

test.each([
  ['tcp!127.0.0.1!17034', false],
  ['localhost:17034', false],
  ['localhost', false],
  ['tcp![::1]!17034', false],
  ['::1', false],
  ['tcp!127.0.0.1.example.org!17034', true],
  ['localhost.example.org', true],
  ['tcp!backup!venti', true],
])('%s needs a network: %s', (dial, needs) => {
  expect(needsNetwork([dial])).toBe(needs)
  expect(needsNetwork([dial, 'tcp!backup!venti'])).toBe(true)
})

test('an engine that dies again and again is not met by beginning again for ever', async () => {
  const { keep, asked, said, see } = world()
  for (let death = 0; death < 6; death++) {
    see(`job ${death}`, {})
    await keep.engineRestarted()
  }
  expect([asked.length, said.filter((line) => line.includes('again and again')).length]).toEqual([3, 3])
})
