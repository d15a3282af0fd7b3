// The desktop application in the double of Electron: the real main process, the built preload, the real engine in a process.

import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { onTestFinished, vi } from 'vitest'
import { startApplication, type Application, type ApplicationOptions } from '../../electron/app/application.ts'
import { bridgeName, type Bridge } from '../../shared/bridge.ts'
import type { Answer, Asked, Channel, EventMessage } from '../../shared/contract.ts'
import type { DesktopEventMessage } from '../../shared/desktop.ts'
import { cliPath } from './cli-process.ts'
import { app, desk, resetElectron } from './electron/core.ts'
import { endEngines, onlyWindow } from './electron/electron.ts'
import { BrowserWindow } from './electron/window.ts'
import { stateDirIn } from './sync-runs.ts'

export const programDir = join(cliPath, '..')
const patience = { timeout: 60_000, interval: 20 }

export class Desktop {
  readonly application: Application
  readonly told: (EventMessage | DesktopEventMessage)[] = []

  private constructor(application: Application) {
    this.application = application
  }

  /** On the state folder that sync-runs.ts uses; with the window there. `sitDown`: what there is on the desk first. */
  static async start(
    folder: string,
    options: Partial<ApplicationOptions> = {},
    sitDown: () => void = () => undefined,
  ): Promise<Desktop> {
    resetElectron()
    sitDown()
    const application = startApplication({
      stateDir: stateDirIn(folder),
      programDir,
      restartMs: 50,
      wait: async () => await pause(20),
      ...options,
    })
    if (application === null) throw new Error('another one runs')
    const desktop = new Desktop(application)
    onTestFinished(async () => {
      await application.endNow()
      await endEngines()
    })
    app.becomeReady()
    await vi.waitUntil(() => BrowserWindow.getAllWindows()[0]?.isShown === true, patience)
    desktop.bridge.onEvent((message) => void desktop.told.push(message))
    return desktop
  }

  get window(): BrowserWindow {
    return onlyWindow(BrowserWindow.getAllWindows())
  }

  /** What the page finds. */
  get bridge(): Bridge {
    return this.window.webContents.page?.world[bridgeName] as Bridge
  }

  async ask<C extends Channel>(channel: C, asked: Asked<C>): Promise<Answer<C>> {
    const result = await this.bridge.ask(channel, asked)
    if (!result.ok) throw new Error(`${channel}: ${result.problem.happened}`)
    return result.value as Answer<C>
  }

  async waitsFor(what: string, isIt: () => boolean): Promise<void> {
    try {
      await vi.waitUntil(isIt, patience)
    } catch (error) {
      throw new Error(`${what} did not come; told so far: ${JSON.stringify(this.told.slice(-3))}`, { cause: error })
    }
  }

  /** The dialogs so far, by their kind. */
  asked(kind: string): readonly Readonly<Record<string, unknown>>[] {
    return desk.asked.filter((one) => one.kind === kind).map(({ options }) => options)
  }
}
