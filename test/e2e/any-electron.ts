// Electron for what only a desktop application has: the real one where the scenarios run in it, else the stand-in for its
// program. Playwright looks for it once in a process, so there is one for all tests of a file.

import { rmSync } from 'node:fs'
import { makeElectronProgram } from '../helpers/electron-program/make-program.ts'
import { openScratchDir } from '../helpers/scratch.ts'
import { ElectronProgram } from './electron-program.ts'
import { launcher } from './launcher.ts'

let made: Promise<string> | null = null

async function makeOnce(): Promise<string> {
  const { path } = await openScratchDir()
  process.once('exit', () => rmSync(path, { recursive: true, force: true }))
  process.env['ELECTRON_OVERRIDE_DIST_PATH'] = path
  return await makeElectronProgram(path)
}

/** Path of the stand-in. */
export async function standInProgram(): Promise<string> {
  made ??= makeOnce()
  return await made
}

export async function startElectron(stateDir: string): Promise<ElectronProgram> {
  if (launcher.kind !== 'electron') await standInProgram()
  return await ElectronProgram.start(stateDir)
}
