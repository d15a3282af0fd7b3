// The window without Electron: the built program serving it, and a real browser looking at it. A host can be killed and
// started again over the same state folder; pages of the one before are then as in life, pages without a host.

import type { Browser } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { launchChromium } from '../helpers/chromium.ts'
import { CliProcess } from '../helpers/cli-process.ts'
import { cookieOf, HostRequests } from './host-requests.ts'
import { usualPage, watchPage, type OpenWindow, type PageOptions, type Program } from './program.ts'

const linkPattern = /The window is at (http:\S+)/

let browser: Promise<Browser> | null = null

/** One for all tests of a file: starting it takes a second. For afterAll: closeBrowser. */
export async function sharedBrowser(): Promise<Browser> {
  browser ??= launchChromium()
  return await browser
}

export async function closeBrowser(): Promise<void> {
  const open = browser
  browser = null
  await (await open?.catch(() => null))?.close()
}

export class BrowserHost implements Program {
  readonly process: CliProcess
  readonly stateDir: string
  /** Works once. */
  readonly link: string
  #cookie: string | null = null

  private constructor(process: CliProcess, stateDir: string, link: string) {
    this.process = process
    this.stateDir = stateDir
    this.link = link
  }

  /** Ended with the test. */
  static async start(
    stateDir: string,
    args: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<BrowserHost> {
    const process = new CliProcess(['window', '--port', '0', '--no-open', '--state', stateDir, ...args], environment)
    onTestFinished(async () => {
      await process.kill()
    })
    await process.says(linkPattern)
    const [, link] = linkPattern.exec(process.output) as unknown as [string, string]
    return new BrowserHost(process, stateDir, link)
  }

  get address(): string {
    return this.link.slice(0, this.link.indexOf('#'))
  }

  async openRequests(): Promise<HostRequests> {
    this.#cookie ??= await cookieOf(this)
    const requests = await HostRequests.open(this, this.#cookie)
    onTestFinished(() => requests.close())
    return requests
  }

  async openPage(options: PageOptions = {}): Promise<OpenWindow<this>> {
    const { width, height, colorScheme, reducedMotion } = { ...usualPage, ...options }
    const context = await (
      await sharedBrowser()
    ).newContext({ viewport: { width, height }, colorScheme, reducedMotion, locale: 'en-GB', timezoneId: 'UTC' })
    onTestFinished(() => context.close())
    if (this.#cookie !== null) {
      const [name, value] = this.#cookie.split('=') as [string, string]
      await context.addCookies([{ name, value, url: this.address, httpOnly: true, sameSite: 'Strict' }])
    }
    const page = await context.newPage()
    watchPage(page, context)
    await page.goto(this.#cookie === null ? this.link : this.address)
    return { program: this, page, context }
  }

  async kill(): Promise<void> {
    await this.process.kill()
  }
}
