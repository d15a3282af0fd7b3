// Started when the user logs in, hidden if it stays in the tray: by the system on a Mac and on Windows, by a desktop entry in
// the autostart folder (freedesktop.org) on Linux.

import { app } from 'electron'
import { mkdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomically } from '../engine/state/atomic-write.ts'

const entryName = 'venti-mirror.desktop'

/** Why it cannot be had; null: it can. */
export function loginStartHindrance(): string | null {
  return app.isPackaged ? null : 'Only an installed application can be started at login; this one runs from a checkout.'
}

/** As the specification of desktop entries quotes it: in double quotes, with a backslash before what is special there. */
const quoted = (text: string): string =>
  `"${text
    .replaceAll(/["`$\\]/g, '\\$&')
    .replaceAll('\\', '\\\\')
    .replaceAll('%', '%%')}"`

const entry = (program: string): string =>
  [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Venti Mirror',
    `Exec=${quoted(program)} --hidden`,
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n')

/** Rejects with state-write. */
export async function setLoginStart(isWanted: boolean): Promise<void> {
  if (process.platform !== 'linux') {
    app.setLoginItemSettings({ openAtLogin: isWanted, args: ['--hidden'] })
    return
  }
  const folder = join(app.getPath('appData'), 'autostart')
  const path = join(folder, entryName)
  if (!isWanted) {
    await unlink(path).catch(() => undefined)
    return
  }
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // An AppImage is mounted somewhere else at every start; the variable names the file itself.
  await writeAtomically(path, entry(process.env['APPIMAGE'] ?? app.getPath('exe')))
}
