// The daily time: when it comes next, and whether one has passed without a run. Pure, in local time: a time that the clock
// leaps over comes at the first instant after the leap, one that the clock shows twice comes the first time.

import type { DesktopState } from './desktop-settings.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** Later than this after its time, a run is one that was missed and is caught up. */
const graceMs = 10 * minuteMs
/** What was done more than a day from now was noted by a clock that went wrong, and must not stop all runs until then. */
const mostAheadMs = 25 * hourMs

function hoursAndMinutes(at: string): readonly [hours: number, minutes: number] {
  const [, hours, minutes] = /^(\d\d):(\d\d)$/.exec(at) ?? []
  if (hours === undefined || minutes === undefined) throw new RangeError(`${at} is no time of day`)
  return [Number(hours), Number(minutes)]
}

/** The first instant with the offset that `after` has: where the clock leapt. */
function leapBefore(after: number): number {
  const offsetAt = (ms: number): number => new Date(ms).getTimezoneOffset()
  const offset = offsetAt(after)
  // Both in minutes, because every zone leaps at a whole one; no zone leaps twice within a day.
  let [old, fresh] = [Math.floor(after / minuteMs) - 24 * 60, Math.floor(after / minuteMs)]
  while (fresh - old > 1) {
    const middle = Math.floor((old + fresh) / 2)
    if (offsetAt(middle * minuteMs) === offset) fresh = middle
    else old = middle
  }
  return fresh * minuteMs
}

/** That time on the day `days` after that of `day`. */
function onDay(at: string, day: Date, days: number): Date {
  const [hours, minutes] = hoursAndMinutes(at)
  // Of a time that there is twice this makes the first, and of one that there is not one as far behind the leap.
  const date = new Date(day.getFullYear(), day.getMonth(), day.getDate() + days, hours, minutes)
  const isThere = date.getHours() === hours && date.getMinutes() === minutes
  return isThere ? date : new Date(leapBefore(date.getTime()))
}

/** The next one later than `after`. */
export function nextDaily(at: string, after: Date): Date {
  // The day before too: a leap at midnight carries its time into this one.
  for (let days = -1; days <= 2; days++) {
    const date = onDay(at, after, days)
    if (date > after) return date
  }
  throw new RangeError(`there is no ${at} after ${after.toISOString()}`)
}

/** The newest one that is not later than `now`. */
function newestDaily(at: string, now: Date): Date {
  for (let days = 0; days >= -3; days--) {
    const date = onDay(at, now, days)
    if (date <= now) return date
  }
  throw new RangeError(`there is no ${at} before ${now.toISOString()}`)
}

/** The newest daily time that has come and was not met; null: none. However many there were, one run makes up for all. */
export function dueDaily({ settings: { dailyAt }, doneUntil }: DesktopState, now: Date): Date | null {
  if (dailyAt === null || doneUntil === null) return null
  const newest = newestDaily(dailyAt, now)
  const done = Date.parse(doneUntil)
  // A clock that was set back a little: what was done stays done.
  const isDone = done >= newest.getTime() && done - now.getTime() <= mostAheadMs
  return isDone ? null : newest
}

export const isMissed = (due: Date, now: Date): boolean => now.getTime() - due.getTime() > graceMs
