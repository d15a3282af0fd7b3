// The window in Electron, driven by Playwright's Electron driver. Its one page is there from the start, so requests go
// through that page's bridge, and the page is loaded anew before a person uses it.

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { _electron as electron, type ElectronApplication, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { bridgeName, type Bridge } from '../../shared/bridge.ts'
import type { EventMessage, Result } from '../../shared/contract.ts'
import { projectDir } from '../helpers/project-dir.ts'
import { usualPage, watchPage, type OpenWindow, type PageOptions, type Program } from './program.ts'
import { Requests } from './requests.ts'
import { patienceMs } from './waiting.ts'

const heardBy = 'heardByTest'

class BridgeRequests extends Requests {
  readonly #page: Page

  private constructor(page: Page) {
    super()
    this.#page = page
  }

  static async open(page: Page): Promise<BridgeRequests> {
    const requests = new BridgeRequests(page)
    await page.exposeFunction(heardBy, (message: EventMessage) => requests.hear(message))
    await page.evaluate(
      ([bridge, heard]) => {
        const world = window as unknown as Record<string, unknown>
        ;(world[bridge] as Bridge).onEvent(world[heard] as Parameters<Bridge['onEvent']>[0])
      },
      [bridgeName, heardBy] as const,
    )
    return requests
  }

  override close(): Promise<void> {
    // The page forgets its listeners when it is loaded anew.
    return Promise.resolve()
  }

  protected override async send(channel: string, asked: unknown): Promise<Result<unknown>> {
    return await this.#page.evaluate(
      async ([bridge, to, what]) =>
        await ((window as unknown as Record<string, unknown>)[bridge] as Bridge).ask(to, what),
      [bridgeName, channel, asked] as const,
    )
  }
}

export class ElectronProgram implements Program {
  readonly application: ElectronApplication
  readonly stateDir: string
  readonly #child: ChildProcess
  readonly #page: Page
  #isUsed = false

  private constructor(application: ElectronApplication, child: ChildProcess, stateDir: string, page: Page) {
    this.application = application
    this.#child = child
    this.stateDir = stateDir
    this.#page = page
  }

  /** Ended with the test. The program is the one that the npm package finds, so that Playwright loads its own part into it. */
  static async start(stateDir: string, args: readonly string[] = []): Promise<ElectronProgram> {
    const application = await electron.launch({
      args: [projectDir, '--state', stateDir, '--lang=en-GB', ...args],
      env: { ...(process.env as Record<string, string>), TZ: 'UTC' },
      // Chromium refuses its own sandbox to root.
      chromiumSandbox: process.getuid?.() !== 0,
      timeout: patienceMs,
    })
    // The driver forgets it once it is gone.
    const child = application.process()
    onTestFinished(() => killed(child))
    const page = await application.firstWindow({ timeout: patienceMs })
    // A window is there before its page is.
    await page.waitForFunction((bridge) => bridge in window, bridgeName, { timeout: patienceMs })
    return new ElectronProgram(application, child, stateDir, page)
  }

  async openRequests(): Promise<Requests> {
    this.#isUsed = true
    return await BridgeRequests.open(this.#page)
  }

  async openPage(options: PageOptions = {}): Promise<OpenWindow<this>> {
    const { width, height, colorScheme, reducedMotion } = { ...usualPage, ...options }
    const context = this.application.context()
    watchPage(this.#page, context)
    await this.#page.setViewportSize({ width, height })
    await this.#page.emulateMedia({ colorScheme, reducedMotion })
    if (this.#isUsed) await this.#page.reload()
    return { program: this, page: this.#page, context }
  }

  async kill(): Promise<void> {
    await killed(this.#child)
  }
}

/** Without asking: a quit in the middle of a copy would open a dialog that no test sees. */
async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
