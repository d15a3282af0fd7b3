// The daily time: when it comes next, when one was missed, and a timer that looks once a minute, because timers stand still
// while a computer sleeps. Times are those of the local clock, whatever it does twice a year.

import type { DesktopState } from './desktop-settings.ts'

/** Later than this after its time, a run is one that was missed and is caught up. */
const graceMs = 10 * 60_000
const lookMs = 60_000

/** The first time that it is `at` ("HH:MM") after `after`. A time that the clock leaps over is the one it leaps to. */
export function nextDaily(at: string, after: Date): Date {
  const [hours = 0, minutes = 0] = at.split(':').map(Number)
  const on = (days: number): Date =>
    new Date(after.getFullYear(), after.getMonth(), after.getDate() + days, hours, minutes)
  const today = on(0)
  return today.getTime() > after.getTime() ? today : on(1)
}

/** The newest daily time that has come and was not met; null: none. */
export function dueDaily({ settings: { dailyAt }, doneUntil }: DesktopState, now: Date): Date | null {
  if (dailyAt === null || doneUntil === null) return null
  const done = new Date(doneUntil)
  // A clock that was set back: what was done stays done.
  const first = nextDaily(dailyAt, done)
  if (first.getTime() > now.getTime()) return null
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1, now.getHours(), now.getMinutes())
  const newest = nextDaily(dailyAt, yesterday)
  return newest.getTime() > now.getTime() || newest.getTime() < first.getTime() ? first : newest
}

export const isMissed = (due: Date, now: Date): boolean => now.getTime() - due.getTime() > graceMs

export type DailyOptions = {
  readonly now: () => Date
  readonly state: () => DesktopState
  /** Begins the run; what is due counts as done from then on. */
  readonly onDue: (due: Date, missed: boolean) => void
}

export class DailyTimer {
  readonly #options: DailyOptions
  readonly #timer: NodeJS.Timeout

  constructor(options: DailyOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.look(), lookMs)
    this.#timer.unref()
  }

  /** At the start, and after waking: it does not wait for the next minute. */
  look(): void {
    const { now, state, onDue } = this.#options
    const due = dueDaily(state(), now())
    if (due !== null) onDue(due, isMissed(due, now()))
  }

  close(): void {
    clearInterval(this.#timer)
  }
}
