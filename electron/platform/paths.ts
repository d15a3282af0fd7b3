// Where this platform keeps the data of an application for one user: the default state folder. Pure over its arguments, so
// that every platform's answer can be tested on any.

import { posix, win32 } from 'node:path'

export type PathSettings = {
  readonly platform: NodeJS.Platform
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Home folder of the user. */
  readonly home: string
}

export function defaultStateDir({ platform, environment, home }: PathSettings): string {
  if (platform === 'win32') {
    const roaming = environment['APPDATA']
    return win32.join(roaming || win32.join(home, 'AppData', 'Roaming'), 'Venti Mirror')
  }
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', 'Venti Mirror')
  const data = environment['XDG_DATA_HOME']
  // The XDG specification: a relative path in it is to be ignored.
  const base = data !== undefined && posix.isAbsolute(data) ? data : posix.join(home, '.local', 'share')
  return posix.join(base, 'venti-mirror')
}
