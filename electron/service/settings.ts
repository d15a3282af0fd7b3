// settings.json in the state folder: what the owner of the window chose. A file that cannot be understood is kept under
// another name and told; the usual settings stand then.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Settings } from '../../shared/model/window.ts'
import { errnoOf } from '../engine/errno.ts'
import { writeAtomically } from '../engine/state/atomic-write.ts'
import { setAside } from '../engine/state/mirror-file.ts'

export const usualSettings: Settings = {
  theme: 'system',
  lateAfterHours: 36,
  notifyFailures: true,
  notifySuccess: false,
}

const saved: z.ZodType<Settings> = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  lateAfterHours: z
    .number()
    .positive()
    .max(24 * 366),
  notifyFailures: z.boolean(),
  notifySuccess: z.boolean(),
})

const settingsPath = (stateDir: string): string => join(stateDir, 'settings.json')

/** Never rejects; what is wrong is in `problems`. */
export async function readSettings(
  stateDir: string,
  now: Date,
): Promise<{ readonly settings: Settings; readonly problems: readonly string[] }> {
  const path = settingsPath(stateDir)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const code = errnoOf(error)
    return { settings: usualSettings, problems: code === 'ENOENT' ? [] : [`${path} cannot be read (${code})`] }
  }
  try {
    return { settings: { ...usualSettings, ...saved.parse({ ...usualSettings, ...JSON.parse(text) }) }, problems: [] }
  } catch {
    const kept = await setAside(path, now).catch(() => path)
    return { settings: usualSettings, problems: [`${path} could not be understood; it is kept as ${kept}`] }
  }
}

/** Rejects with state-write. */
export async function writeSettings(stateDir: string, settings: Settings): Promise<void> {
  await writeAtomically(settingsPath(stateDir), `${JSON.stringify(settings, null, 1)}\n`)
}
