// What has to be said to Electron before it is ready: where its own files lie, the sandbox, the scheme of the page, that there
// is one application for each state folder.

import { app, crashReporter } from 'electron'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { registerPageScheme } from './page-scheme.ts'

/** False: another one runs on this state folder. */
export function sayBeforeReady(stateDir: string): boolean {
  // Chromium's own files apart from ours. Electron wants the folder to be there, and nothing may be waited for here.
  const profile = join(stateDir, 'electron')
  mkdirSync(profile, { recursive: true, mode: 0o700 })
  app.setPath('userData', profile)
  app.setAppLogsPath()
  // It would forget a --no-sandbox, and then no page comes up where Chromium's sandbox cannot work. The page itself is
  // sandboxed from Node in any case (main-window.ts).
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  registerPageScheme()
  // One for each profile.
  if (!app.requestSingleInstanceLock()) return false
  // Dumps stay on this computer.
  crashReporter.start({ uploadToServer: false })
  return true
}
