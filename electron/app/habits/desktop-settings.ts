// desktop.json in the state folder: what a person chose about the application on this computer, the last daily time that was
// met, and the last look for a new version. A file that cannot be understood is kept under another name; the usual settings stand then.

import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { DesktopSettings } from '../../../shared/desktop.ts'
import { errnoOf } from '../../engine/errno.ts'
import { writeAtomically } from '../../engine/state/atomic-write.ts'
import { setAside } from '../../engine/state/mirror-file.ts'
import { usualUpdates, type UpdateState } from './update-state.ts'

export type DesktopState = {
  readonly settings: DesktopSettings
  /** Up to when daily times are done with: the last run, or when the time was chosen; ISO. Null: none was ever chosen. */
  readonly doneUntil: string | null
  /** See DesktopView. */
  readonly missedAt: string | null
  readonly updates: UpdateState
}

export const usualDesktop: DesktopState = {
  settings: { tray: false, startAtLogin: false, dailyAt: null, weeklyLook: false },
  doneUntil: null,
  missedAt: null,
  updates: usualUpdates,
}

/** "HH:MM" */
export const clockTime = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/)
export const desktopChange = z.strictObject({
  tray: z.boolean().exactOptional(),
  startAtLogin: z.boolean().exactOptional(),
  dailyAt: clockTime.nullable().exactOptional(),
  weeklyLook: z.boolean().exactOptional(),
})

const moment = z.iso.datetime().nullable().default(null)
const version = z.string().max(64).nullable().default(null)
/** What an older version did not write is as usual. */
const saved = z.object({
  settings: z.object({
    tray: z.boolean().default(false),
    startAtLogin: z.boolean().default(false),
    dailyAt: clockTime.nullable().default(null),
    weeklyLook: z.boolean().default(false),
  }),
  doneUntil: moment,
  missedAt: moment,
  updates: z.object({ triedAt: moment, lookedAt: moment, found: version, told: version }).default(usualUpdates),
})

/** Never rejects; what is wrong is in `problems`. */
export async function readDesktop(
  path: string,
  now: Date,
): Promise<{ readonly desktop: DesktopState; readonly problems: readonly string[] }> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const code = errnoOf(error)
    return { desktop: usualDesktop, problems: code === 'ENOENT' ? [] : [`${path} cannot be read (${code})`] }
  }
  try {
    return { desktop: saved.parse(JSON.parse(text)), problems: [] }
  } catch {
    const kept = await setAside(path, now).catch(() => path)
    return { desktop: usualDesktop, problems: [`${path} could not be understood; it is kept as ${kept}`] }
  }
}

/** Rejects with state-write. */
export async function writeDesktop(path: string, state: DesktopState): Promise<void> {
  await writeAtomically(path, `${JSON.stringify(state, null, 1)}\n`)
}
