// The default state folder of every platform.

import { expect, test } from 'vitest'
import { defaultStateDir, type PathSettings } from '../../../electron/platform/paths.ts'

const cases: readonly [PathSettings, string][] = [
  [{ platform: 'linux', home: '/home/glenda', environment: {} }, '/home/glenda/.local/share/venti-mirror'],
  [{ platform: 'linux', home: '/home/glenda', environment: { XDG_DATA_HOME: '/data' } }, '/data/venti-mirror'],
  [{ platform: 'linux', home: '/root', environment: { XDG_DATA_HOME: 'relative' } }, '/root/.local/share/venti-mirror'],
  [{ platform: 'linux', home: '/root', environment: { XDG_DATA_HOME: '' } }, '/root/.local/share/venti-mirror'],
  [{ platform: 'freebsd', home: '/root', environment: {} }, '/root/.local/share/venti-mirror'],
  [
    { platform: 'darwin', home: '/Users/glenda', environment: { XDG_DATA_HOME: '/data' } },
    '/Users/glenda/Library/Application Support/Venti Mirror',
  ],
  [
    { platform: 'win32', home: 'C:\\Users\\glenda', environment: { APPDATA: 'D:\\Roaming' } },
    'D:\\Roaming\\Venti Mirror',
  ],
  [
    { platform: 'win32', home: 'C:\\Users\\glenda', environment: {} },
    'C:\\Users\\glenda\\AppData\\Roaming\\Venti Mirror',
  ],
]

test.each(cases)('%j', (settings, expected) => {
  expect(defaultStateDir(settings)).toBe(expected)
})
