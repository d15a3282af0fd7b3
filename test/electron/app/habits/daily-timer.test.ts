// The daily run begins once for each time, is written down first, and looks at the clock often enough for a computer that
// sleeps.

import { expect, test } from 'vitest'
import { DailyTimer } from '../../../../electron/app/habits/daily-timer.ts'
import { usualDesktop, type DesktopState } from '../../../../electron/app/habits/desktop-settings.ts'
import { AppError } from '../../../../shared/errors.ts'

const local = (day: number, hours: number, minutes = 0): number => new Date(2026, 10, day, hours, minutes).getTime()
const shown = (date: Date | string): string => new Date(date).toString().slice(8, 21)

function world(startMs: number, doneDay: number) {
  const did: string[] = []
  const waits: number[] = []
  const at = {
    nowMs: startMs,
    isDiskFull: false,
    timer: null as null | { readonly dueMs: number; readonly run: () => void },
    state: {
      ...usualDesktop,
      settings: { ...usualDesktop.settings, dailyAt: '03:30' },
      doneUntil: new Date(local(doneDay, 3, 30)).toISOString(),
    } as DesktopState,
  }
  const settle = async (): Promise<void> => {
    for (let turns = 0; turns < 10; turns++) await Promise.resolve()
  }
  const timer = new DailyTimer({
    now: () => new Date(at.nowMs),
    setTimer: (run, ms) => {
      waits.push(ms)
      const set = { dueMs: at.nowMs + ms, run }
      at.timer = set
      return () => {
        if (at.timer === set) at.timer = null
      }
    },
    state: () => at.state,
    keep: async (done) => {
      await Promise.resolve()
      if (at.isDiskFull) throw new AppError('state-write', 'the disk is full')
      at.state = { ...at.state, ...done }
      did.push(`keep ${shown(done.doneUntil ?? '')}${done.missedAt === null ? '' : ', missed'}`)
    },
    onDue: (due, missed) => void did.push(`run ${shown(due)}${missed ? ', missed' : ''}`),
    say: (line) => void did.push(line),
  })
  /** Timers run as they come due. */
  const until = async (ms: number): Promise<void> => {
    await settle()
    while (at.timer !== null && at.timer.dueMs <= ms) {
      const { dueMs, run } = at.timer
      at.timer = null
      at.nowMs = dueMs
      run()
      await settle()
    }
    at.nowMs = ms
  }
  return { timer, did, waits, at, until, settle }
}

test('it runs once a day, to the second, and never waits for more than a minute', async () => {
  const { timer, did, waits, until } = world(local(10, 20, 0) + 12_345, 10)
  timer.look()
  await until(local(13, 0))
  expect([did, Math.max(...waits)]).toEqual([
    ['keep 11 2026 03:30', 'run 11 2026 03:30', 'keep 12 2026 03:30', 'run 12 2026 03:30'],
    60_000,
  ])
})

test('after sleep it is made up for once, however often it looks, and says what was missed', async () => {
  const { timer, did, at, settle, until } = world(local(10, 20), 10)
  timer.look()
  at.nowMs = local(14, 9)
  timer.look()
  timer.look()
  await settle()
  timer.look()
  await until(local(14, 23))
  expect(did).toEqual(['keep 14 2026 09:00, missed', 'run 14 2026 03:30, missed'])
})

test('what cannot be written down does not run, is said once, and runs when it can', async () => {
  const { timer, did, at, until } = world(local(10, 3), 9)
  timer.look()
  at.isDiskFull = true
  await until(local(10, 3, 35))
  at.isDiskFull = false
  await until(local(10, 4))
  expect(did).toEqual(['the daily run does not begin: the disk is full', 'keep 10 2026 03:36', 'run 10 2026 03:30'])
})

test('turned off or closed while it is written down it does not run, and no timer stays', async () => {
  const off = world(local(10, 9), 8)
  off.timer.look()
  off.at.state = { ...off.at.state, settings: usualDesktop.settings }
  await off.until(local(12, 0))
  const closed = world(local(10, 9), 8)
  closed.timer.look()
  closed.timer.close()
  await closed.settle()
  closed.timer.look()
  expect([off.did, closed.did, closed.at.timer]).toEqual([
    ['keep 10 2026 09:00, missed'],
    ['keep 10 2026 09:00, missed'],
    null,
  ])
})

test('without a daily time it goes on looking, for one may be chosen', () => {
  const { timer, did, waits, at } = world(local(10, 9), 8)
  at.state = usualDesktop
  timer.look()
  expect([did, waits]).toEqual([[], [60_000]])
})
