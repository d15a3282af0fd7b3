// The main process of the desktop application: application.ts, or with --cli the command line, in the same program because a
// package holds no other one. Importing this file runs it.

import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { defaultStateDir } from '../platform/paths.ts'
import { startApplication } from './application.ts'

const programDir = dirname(fileURLToPath(import.meta.url))

/** APP --cli -- sync …: the arguments of the command line; null: the window. */
function commandLineIn(argv: readonly string[]): readonly string[] | null {
  const at = argv.indexOf('--cli')
  if (at < 0) return null
  const rest = argv.slice(at + 1)
  return rest[0] === '--' ? rest.slice(1) : rest
}

async function runCommandLine(args: readonly string[]): Promise<void> {
  const path = join(programDir, 'cli.js')
  process.argv = [process.execPath, path, ...args]
  await import(pathToFileURL(path).href)
}

function stateDirIn(argv: readonly string[]): string {
  const at = argv.indexOf('--state')
  const given = at < 0 ? undefined : argv[at + 1]
  if (given !== undefined) return resolve(given)
  return defaultStateDir({ platform: process.platform, environment: process.env, home: homedir() })
}

const commandLine = commandLineIn(process.argv)
if (commandLine === null) {
  const application = startApplication({
    stateDir: stateDirIn(process.argv),
    programDir,
    isHidden: process.argv.includes('--hidden'),
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void application?.endNow())
} else await runCommandLine(commandLine)
