// What is kept of looking for new versions (in desktop.json), and when it is time to look again by itself: a week after the
// last answer, and a day after a look that got none. What a clock that was set back makes of the future counts as long ago.

import { isNewer } from './versions.ts'

export type UpdateState = {
  /** The last look, answered or not; ISO. Null: none yet. */
  readonly triedAt: string | null
  /** The last look that was answered; ISO. */
  readonly lookedAt: string | null
  /** What it named, where that was newer than what ran. */
  readonly found: string | null
  /** The version that was told already. */
  readonly told: string | null
}

export const usualUpdates: UpdateState = { triedAt: null, lookedAt: null, found: null, told: null }

const dayMs = 24 * 60 * 60 * 1000

function isAgo(moment: string | null, ms: number, now: Date): boolean {
  return moment === null || Math.abs(now.getTime() - Date.parse(moment)) >= ms
}

export function isLookDue({ triedAt, lookedAt }: UpdateState, now: Date): boolean {
  return isAgo(lookedAt, 7 * dayMs, now) && isAgo(triedAt, dayMs, now)
}

/** Null: what runs is as new; also after what was found has been installed. */
export function newerThan(running: string, { found }: UpdateState): string | null {
  return found !== null && isNewer(found, running) ? found : null
}
