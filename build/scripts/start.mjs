// npm start [-- ARGUMENTS]: the window, installed and built first if need be: "venti-mirror window" in this process, so that
// signals, standard streams and exit status are the program's own.

import { pathToFileURL } from 'node:url'
import { ensureBuilt } from './build.mjs'
import { inProject, say } from './project.mjs'

await ensureBuilt()
say('The window is shown in a browser by the browser host; arguments go to "venti-mirror window".')
const program = inProject('dist', 'cli.js')
process.argv.splice(1, 1, program, 'window')
await import(pathToFileURL(program).href)
