// The stand-in for Electron's program, for machines that do not have it: takes the command line that Electron takes, runs the
// main process of the application it is given in the double, and shows its page in Chromium. It listens for debuggers as
// Electron does, so that Playwright's Electron driver can drive it. Made by make-program.ts.

import { readFileSync } from 'node:fs'
import inspector from 'node:inspector'
import Module, { createRequire, register } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as electron from '../electron/electron.ts'
import { app, desk, showIn } from '../electron/core.ts'
import type { WebContents } from '../electron/window.ts'
import { Chromium } from './chromium.ts'
import { View } from './view.ts'

export * from '../electron/electron.ts'

/** What require() does, in a version of Node that has no hooks for it. */
const loading = '_load'
type Loading = (request: string, ...rest: unknown[]) => unknown

const here = dirname(fileURLToPath(import.meta.url))
const { chromium: program, chromiumArgs } = JSON.parse(readFileSync(join(here, 'chromium.json'), 'utf8')) as {
  readonly chromium: string
  readonly chromiumArgs: readonly string[]
}

/** import … from 'electron' and require('electron') both get this program's module. */
function beElectron(): void {
  const hook = `export const resolve = (name, context, next) =>
    name === 'electron' ? { url: ${JSON.stringify(import.meta.url)}, shortCircuit: true } : next(name, context)`
  register(`data:text/javascript,${encodeURIComponent(hook)}`)
  const loader = Module as unknown as Record<typeof loading, Loading>
  const usual = loader[loading].bind(loader)
  loader[loading] = (request, ...rest) => (request === 'electron' ? electron : usual(request, ...rest))
}

function takeArguments(args: readonly string[]): { readonly required: readonly string[]; readonly folder: string } {
  const required: string[] = []
  for (let at = 0; at < args.length; at++) {
    const one = args[at] as string
    if (one === '-r') required.push(args[++at] as string)
    else if (!one.startsWith('-')) return { required, folder: resolve(one) }
    else app.commandLine.appendSwitch(one.slice(2))
  }
  throw new Error('no application was named')
}

const args = process.argv.slice(2)
process.argv = [process.execPath, ...args]
const { required, folder } = takeArguments(args)
desk.isPackaged = false
beElectron()
const isDebugged = args.includes('--remote-debugging-port=0')
const chromium = args.includes('--cli')
  ? null
  : new Chromium(program, [
      ...chromiumArgs,
      '--headless=new',
      '--no-startup-window',
      `--user-data-dir=${join(here, `profile-${process.pid}`)}`,
      ...(isDebugged ? ['--remote-debugging-port=0'] : []),
    ])
if (args.includes('--inspect=0')) inspector.open(0)
if (chromium !== null) showIn(async (contents) => await View.open(chromium, contents as WebContents))
void desk.exited.promise.then(async (status) => {
  await Promise.all([electron.endEngines(), chromium?.end()])
  process.exit(status)
})
const require = createRequire(import.meta.url)
for (const one of required) require(one)
const { main } = require(join(folder, 'package.json')) as { readonly main: string }
// Not waited for here: the main process imports this very module, which has to be done by then.
void import(pathToFileURL(join(folder, main)).href).then(() => app.becomeReady())
