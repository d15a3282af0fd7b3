// desktop.json in the state folder: what a person chose about the application on this computer, and the last daily time that
// was met. A file that cannot be understood is kept under another name; the usual settings stand then.

import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { DesktopSettings } from '../../../shared/desktop.ts'
import { writeAtomically } from '../../engine/state/atomic-write.ts'
import { setAside } from '../../engine/state/mirror-file.ts'

export type DesktopState = {
  readonly settings: DesktopSettings
  /** Up to when daily times are done with: the last run, or when the time was chosen; ISO. Null: none was ever chosen. */
  readonly doneUntil: string | null
  /** See DesktopView. */
  readonly missedAt: string | null
}

export const usualDesktop: DesktopState = {
  settings: { tray: false, startAtLogin: false, dailyAt: null },
  doneUntil: null,
  missedAt: null,
}

/** "HH:MM" */
export const clockTime = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/)
export const desktopChange = z.strictObject({
  tray: z.boolean().exactOptional(),
  startAtLogin: z.boolean().exactOptional(),
  dailyAt: clockTime.nullable().exactOptional(),
})

const moment = z.iso.datetime().nullable()
const saved = z.object({
  settings: z.object({ tray: z.boolean(), startAtLogin: z.boolean(), dailyAt: clockTime.nullable() }),
  doneUntil: moment,
  missedAt: moment,
})

/** Never rejects. */
export async function readDesktop(path: string, now: Date): Promise<DesktopState> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch {
    return usualDesktop
  }
  try {
    return saved.parse(JSON.parse(text))
  } catch {
    await setAside(path, now).catch(() => undefined)
    return usualDesktop
  }
}

/** Rejects with state-write. */
export async function writeDesktop(path: string, state: DesktopState): Promise<void> {
  await writeAtomically(path, `${JSON.stringify(state, null, 1)}\n`)
}
