// The daily time on the local clock, also where that is set forward and back (Europe/Berlin: 29 March and 25 October 2026).

import { afterAll, beforeAll, expect, test } from 'vitest'
import { dueDaily, isMissed, nextDaily } from '../../../../electron/app/habits/daily-time.ts'
import { usualDesktop, type DesktopState } from '../../../../electron/app/habits/desktop-settings.ts'

const before = process.env['TZ']
beforeAll(() => {
  process.env['TZ'] = 'Europe/Berlin'
})
afterAll(() => {
  if (before === undefined) delete process.env['TZ']
  else process.env['TZ'] = before
})

test.each([
  ['today', '06:00', '2026-11-28T04:00:00Z', '2026-11-28T05:00:00.000Z'],
  ['tomorrow', '06:00', '2026-11-28T05:00:00Z', '2026-11-29T05:00:00.000Z'],
  ['over the end of a year', '23:30', '2026-12-31T22:45:00Z', '2027-01-01T22:30:00.000Z'],
  ['a time that the clock leaps over', '02:30', '2026-03-28T12:00:00Z', '2026-03-29T01:30:00.000Z'],
  ['after it, the usual one', '02:30', '2026-03-29T01:30:00Z', '2026-03-30T00:30:00.000Z'],
  ['a time that comes twice: the first', '02:30', '2026-10-24T12:00:00Z', '2026-10-25T00:30:00.000Z'],
  ['and not the second', '02:30', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00.000Z'],
])('next: %s', (_name, at, after, expected) => {
  expect(nextDaily(at, new Date(after)).toISOString()).toBe(expected)
})

const state = (dailyAt: string | null, doneUntil: string | null): DesktopState => ({
  ...usualDesktop,
  settings: { ...usualDesktop.settings, dailyAt },
  doneUntil,
})

test.each([
  ['none chosen', state(null, null), '2026-11-28T12:00:00Z', null],
  ['chosen after today’s time', state('06:00', '2026-11-28T08:00:00Z'), '2026-11-28T12:00:00Z', null],
  ['just come', state('06:00', '2026-11-27T05:00:30Z'), '2026-11-28T05:00:10Z', '2026-11-28T05:00:00.000Z'],
  ['done', state('06:00', '2026-11-28T05:00:10Z'), '2026-11-28T05:01:10Z', null],
  ['missed by hours', state('06:00', '2026-11-27T05:00:30Z'), '2026-11-28T12:00:00Z', '2026-11-28T05:00:00.000Z'],
  [
    'missed by a week: the newest',
    state('06:00', '2026-11-20T05:00:30Z'),
    '2026-11-28T04:00:00Z',
    '2026-11-27T05:00:00.000Z',
  ],
  ['the clock was set back', state('06:00', '2026-12-24T05:00:30Z'), '2026-11-28T12:00:00Z', null],
])('due: %s', (_name, given, now, expected) => {
  expect(dueDaily(given, new Date(now))?.toISOString() ?? null).toBe(expected)
})

test('a few minutes late is not missed', () => {
  const due = new Date('2026-11-28T05:00:00Z')
  expect([isMissed(due, new Date('2026-11-28T05:09:00Z')), isMissed(due, new Date('2026-11-28T05:11:00Z'))]).toEqual([
    false,
    true,
  ])
})
