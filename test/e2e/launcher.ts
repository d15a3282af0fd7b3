// Starts the program that the scenarios run in, see choose-launcher.ts.

import { BrowserHost } from './browser-host.ts'
import { findLauncher } from './choose-launcher.ts'
import { ElectronProgram } from './electron-program.ts'
import type { OpenWindow, Program, WindowOptions } from './program.ts'

export const launcher = await findLauncher()

export async function startProgram(stateDir: string): Promise<Program> {
  return launcher.kind === 'electron' ? await ElectronProgram.start(stateDir) : await BrowserHost.start(stateDir)
}

export async function openWindow({ stateDir, ...options }: WindowOptions): Promise<OpenWindow> {
  return await (await startProgram(stateDir)).openPage(options)
}
