// Begins the daily run when its time has come, or was missed. It looks at the clock at least once a minute rather than wait
// for one long timer, because timers stand still while the computer sleeps and clocks are set.

import { asAppError } from '../../../shared/errors.ts'
import { dueDaily, isMissed, nextDaily } from './daily-time.ts'
import type { DesktopState } from './desktop-settings.ts'

export type DailySurroundings = {
  readonly now: () => Date
  /** Returns what stops it. */
  readonly setTimer: (run: () => void, ms: number) => () => void
  readonly state: () => DesktopState
  /** Brings to disk that it is done: the run begins only after that, so that it never begins twice. */
  readonly keep: (done: Pick<DesktopState, 'doneUntil' | 'missedAt'>) => Promise<void>
  readonly onDue: (due: Date, missed: boolean) => void
  readonly say: (line: string) => void
}

const longestWaitMs = 60_000

export class DailyTimer {
  readonly #around: DailySurroundings
  #stopTimer: (() => void) | null = null
  #isKeeping = false
  #isClosed = false
  #isFailureSaid = false

  constructor(around: DailySurroundings) {
    this.#around = around
  }

  /** At the start, after waking, and when the time was changed: it does not wait for the next minute. */
  look(): void {
    this.#stopTimer?.()
    if (this.#isClosed) return
    const { now, state, setTimer } = this.#around
    const at = state().settings.dailyAt
    const time = now()
    const due = dueDaily(state(), time)
    if (due !== null && !this.#isKeeping) void this.#begin(due, time)
    const aheadMs = at === null ? longestWaitMs : nextDaily(at, time).getTime() - time.getTime()
    this.#stopTimer = setTimer(() => this.look(), Math.min(longestWaitMs, aheadMs))
  }

  close(): void {
    this.#isClosed = true
    this.#stopTimer?.()
    this.#stopTimer = null
  }

  async #begin(due: Date, now: Date): Promise<void> {
    const { keep, say, state, onDue } = this.#around
    const missed = isMissed(due, now)
    this.#isKeeping = true
    try {
      await keep({ doneUntil: now.toISOString(), missedAt: missed ? due.toISOString() : null })
    } catch (error) {
      // The next look tries again; said once, not once a minute.
      if (!this.#isFailureSaid) say(`the daily run does not begin: ${asAppError(error).message}`)
      this.#isFailureSaid = true
      return
    } finally {
      this.#isKeeping = false
    }
    this.#isFailureSaid = false
    // It may have been turned off meanwhile.
    if (!this.#isClosed && state().settings.dailyAt !== null) onDue(due, missed)
  }
}
