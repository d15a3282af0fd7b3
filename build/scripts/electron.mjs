// Whether the window opens in Electron or in a browser, and Electron itself: found, or fetched once by its own installer. Every
// reason against it is one line, and the browser host is always there.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inProject, run, runNode } from './project.mjs'

/** A machine that cannot reach the server is told so long before this. */
const fetchLimitMs = 180_000

/** Options of "venti-mirror window" that only a browser host has. */
const ofBrowserHost = new Set(['--browser', '--port', '--allow-host', '--open', '--no-open', '--json', '--help'])

/** Why the window is not to open in Electron; null: nothing against it. */
export function reasonForBrowser({ args, platform, environment, isRoot }) {
  const option = args.find((one) => ofBrowserHost.has(one.split('=', 1)[0]))
  if (option !== undefined) return `asked for with ${option}`
  if (environment.VENTI_MIRROR_NO_ELECTRON) return 'asked for with VENTI_MIRROR_NO_ELECTRON'
  const hasDisplay = environment.DISPLAY || environment.WAYLAND_DISPLAY
  if (platform === 'linux' && !hasDisplay) return 'there is no display'
  if (platform === 'linux' && isRoot) return 'Electron does not run as root'
  return null
}

/** Path of the program; null: it is not there. */
export function electronProgram(environment = process.env, folder = inProject('node_modules', 'electron')) {
  try {
    const name = readFileSync(join(folder, 'path.txt'), 'utf8')
    const path = join(environment.ELECTRON_OVERRIDE_DIST_PATH || join(folder, 'dist'), name)
    return existsSync(path) ? path : null
  } catch {
    const given = environment.ELECTRON_OVERRIDE_DIST_PATH
    const path = given === undefined ? null : join(given, process.platform === 'win32' ? 'electron.exe' : 'electron')
    return path !== null && existsSync(path) ? path : null
  }
}

/** With Electron's own installer, which checks what it got. Null: it could not be had. */
export async function fetchElectron() {
  const signal = AbortSignal.timeout(fetchLimitMs)
  const status = await runNode('node_modules/electron/install.js', [], { stdio: 'ignore', signal }).catch(() => 1)
  return status === 0 ? electronProgram() : null
}

/** Resolves with the exit status (or the code of what kept it from starting), and with whether it came up at all. */
export async function runElectron(program, args) {
  const started = Date.now()
  const status = await run(program, [inProject(), ...args]).catch((error) => error.code)
  return { status, cameUp: status === 0 || Date.now() - started > 5_000 }
}
