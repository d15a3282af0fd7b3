// node build/scripts/run-cli.mjs ARGUMENTS: the command line from a checkout, installed and built first if need be. It runs
// in this process, so signals, standard streams and exit status are the program's own.

import { pathToFileURL } from 'node:url'
import { ensureBuilt } from './build.mjs'
import { inProject } from './project.mjs'

await ensureBuilt()
const program = inProject('dist', 'cli.js')
process.argv[1] = program
await import(pathToFileURL(program).href)
