// Which syncs go on by themselves, and which are left to their owner.

import { expect, test } from 'vitest'
import { KeepGoing } from '../../../../electron/app/habits/keep-going.ts'
import type { EventMessage, Result } from '../../../../shared/contract.ts'

const targets = [{ dial: 'tcp!a!1', error: null }]
const failed = { state: 'ended', result: 'failed', problem: { code: 'connection-lost' } }

function world() {
  const asked: unknown[] = []
  const said: string[] = []
  const state = { isOnline: true, nowMs: 0 }
  const keep: KeepGoing = new KeepGoing(
    {
      ask: (channel, payload): Promise<Result<unknown>> => {
        asked.push([channel, payload])
        return Promise.resolve({ ok: true, value: null })
      },
      isOnline: () => state.isOnline,
      wait: (ms) => {
        state.nowMs += ms
        state.isOnline = true
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
  return { keep, asked, said, state, see }
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

test('an engine that dies again and again is not met by beginning again for ever', async () => {
  const { keep, asked, said, see } = world()
  for (let death = 0; death < 6; death++) {
    see(`job ${death}`, {})
    await keep.engineRestarted()
  }
  expect([asked.length, said.filter((line) => line.includes('again and again')).length]).toEqual([3, 3])
})
