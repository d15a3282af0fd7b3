// npm start [-- ARGUMENTS]: the window, installed and built first if need be. In Electron where there is one, or one can be
// fetched, and a display; else "venti-mirror window" in this process, so that signals, standard streams and exit status are
// the program's own.

import { pathToFileURL } from 'node:url'
import { ensureBuilt } from './build.mjs'
import { electronProgram, fetchElectron, reasonForBrowser, runElectron } from './electron.mjs'
import { inProject, say } from './project.mjs'

/** Ends this process when the window was shown; else resolves with why not. */
async function tryElectron(args) {
  const isRoot = process.getuid?.() === 0
  const reason = reasonForBrowser({ args, platform: process.platform, environment: process.env, isRoot })
  if (reason !== null) return reason
  let program = electronProgram()
  if (program === null) {
    say('Fetching Electron, once …')
    program = await fetchElectron()
  }
  if (program === null) return 'Electron is not here and could not be fetched'
  const { status, cameUp } = await runElectron(program, args)
  if (cameUp) process.exit(status)
  return `Electron ended at once with ${status} (what it said is above)`
}

await ensureBuilt()
const args = process.argv.slice(2)
const reason = await tryElectron(args)
say(`The window is shown in a browser: ${reason}. Arguments go to "venti-mirror window".`)
const program = inProject('dist', 'cli.js')
process.argv.splice(1, process.argv.length, program, 'window', ...args.filter((one) => one !== '--browser'))
await import(pathToFileURL(program).href)
