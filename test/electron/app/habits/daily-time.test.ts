// When the daily time comes and whether it was missed, in zones whose clocks leap: Node takes up a changed TZ at once, so
// that one file can be in all of them.

import fc from 'fast-check'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { dueDaily, isMissed, nextDaily } from '../../../../electron/app/habits/daily-time.ts'
import { usualDesktop, type DesktopState } from '../../../../electron/app/habits/desktop-settings.ts'

const before = process.env['TZ']

function goTo(zone: string): void {
  process.env['TZ'] = zone
}

afterAll(() => {
  if (before === undefined) delete process.env['TZ']
  else process.env['TZ'] = before
})
beforeEach(() => goTo('Europe/Berlin'))

const state = (dailyAt: string | null, doneUntil: string | null): DesktopState => ({
  ...usualDesktop,
  settings: { ...usualDesktop.settings, dailyAt },
  doneUntil,
})

/** The next ones, one after the other, in UTC. */
function following(at: string, after: string, many: number): readonly string[] {
  const found: string[] = []
  let last = new Date(after)
  while (found.length < many) {
    last = nextDaily(at, last)
    found.push(last.toISOString().replace(':00.000Z', ''))
  }
  return found
}

test.each([
  // 29 March 2026: 02:00 becomes 03:00.
  ['the clock leaps over it', 'Europe/Berlin', '02:30', '2026-03-28T00:00Z', ['28T01:30', '29T01:00', '30T00:30']],
  ['it is where the leap ends', 'Europe/Berlin', '03:00', '2026-03-28T00:00Z', ['28T02:00', '29T01:00', '30T01:00']],
  ['it is where the leap begins', 'Europe/Berlin', '02:00', '2026-03-28T00:00Z', ['28T01:00', '29T01:00', '30T00:00']],
  // 25 October 2026: 03:00 becomes 02:00.
  ['it comes twice', 'Europe/Berlin', '02:30', '2026-10-24T00:00Z', ['24T00:30', '25T00:30', '26T01:30']],
  ['between the first and the second', 'Europe/Berlin', '02:30', '2026-10-25T00:45Z', ['26T01:30']],
  ['the second has come', 'Europe/Berlin', '02:30', '2026-10-25T01:30Z', ['26T01:30']],
  ['at that very instant the next is the day after', 'Europe/Berlin', '12:00', '2026-07-01T10:00Z', ['02T10:00']],
  // 8 November 2026 in Havana: 01:00 becomes 00:00; 8 March: 00:00 becomes 01:00.
  ['midnight is leapt over', 'America/Havana', '00:30', '2026-03-07T12:00Z', ['08T05:00', '09T04:30']],
  // 4 October 2026 on Lord Howe: 02:00 becomes 02:30.
  ['a leap of half an hour', 'Australia/Lord_Howe', '02:15', '2026-10-02T20:00Z', ['03T15:30', '04T15:15']],
  ['a year ends', 'Pacific/Auckland', '03:30', '2026-12-30T15:00Z', ['31T14:30', '01T14:30']],
])('%s', (_name, zone, at, after, expected) => {
  goTo(zone)
  expect(following(at, after, expected.length).map((text) => text.slice(8))).toEqual(expected)
})

test('whatever the zone, each day has one, at its time unless the clock leapt, and none is skipped', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kolkata']
  const year = { min: new Date('2020-01-01T00:00Z'), max: new Date('2030-01-01T00:00Z'), noInvalidDate: true }
  const two = (number: number): string => String(number).padStart(2, '0')
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 1439 }), fc.date(year), (zone, minute, after) => {
      goTo(zone)
      const at = `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
      const first = nextDaily(at, after)
      const second = nextDaily(at, first)
      const nextDay = new Date(first.getFullYear(), first.getMonth(), first.getDate() + 1)
      const shown = two(first.getHours()) + two(first.getMinutes())
      const hours = (second.getTime() - first.getTime()) / 3_600_000
      const due = dueDaily(state(at, after.toISOString()), new Date(first.getTime() - 1))
      return (
        first > after &&
        first.getTime() - after.getTime() <= 25 * 3_600_000 &&
        nextDay.toDateString() === second.toDateString() &&
        hours >= 22 &&
        hours <= 26 &&
        shown >= at.replace(':', '') &&
        due === null
      )
    }),
  )
})

// At 03:30, in Berlin in winter 02:30Z.
test.each([
  ['before its time', '2026-11-27T02:30:05Z', '2026-11-28T02:29:59Z', null],
  ['at its time', '2026-11-27T02:30:05Z', '2026-11-28T02:30:00Z', '2026-11-28T02:30:00.000Z'],
  ['after it ran', '2026-11-28T02:30:00Z', '2026-11-28T02:30:00Z', null],
  ['after it was made up for, or chosen', '2026-11-28T09:00:00Z', '2026-11-28T22:00:00Z', null],
  ['after many days, the newest', '2026-11-03T02:30:05Z', '2026-11-28T01:00:00Z', '2026-11-27T02:30:00.000Z'],
  ['the clock was set back after it ran', '2026-11-28T02:30:02Z', '2026-11-28T02:29:00Z', null],
  ['and comes there again', '2026-11-28T02:30:02Z', '2026-11-28T02:30:00Z', null],
  ['it ran by a clock that was ahead', '2026-12-24T02:30:00Z', '2026-11-28T02:31:00Z', '2026-11-28T02:30:00.000Z'],
  ['never chosen', null, '2026-11-28T02:31:00Z', null],
])('due: %s', (_name, doneUntil, now, expected) => {
  expect(dueDaily(state('03:30', doneUntil), new Date(now))?.toISOString() ?? null).toBe(expected)
})

test('without a daily time none is due', () => {
  expect(dueDaily(state(null, '2026-11-03T02:30:05Z'), new Date('2026-11-28T02:31:00Z'))).toBeNull()
})

test('ten minutes late is not missed', () => {
  const late = (time: string): boolean => isMissed(new Date('2026-11-28T02:30Z'), new Date(`2026-11-28T${time}Z`))
  expect([late('02:40:00'), late('02:40:01')]).toEqual([false, true])
})

test('what is no time of day is a mistake', () => {
  expect(() => nextDaily('3:30', new Date(0))).toThrow('3:30 is no time of day')
})
