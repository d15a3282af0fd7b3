// The window as a person has it: the built program serving it, and a real browser looking at it. A host can be killed and
// started again over the same state folder; pages of the one before are then as in life, pages without a host.

import type { Browser, BrowserContext, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { launchChromium } from '../helpers/chromium.ts'
import { CliProcess } from '../helpers/cli-process.ts'
import { Requests } from './setup-by-request.ts'
import { patienceMs } from './waiting.ts'

export type WindowOptions = {
  readonly stateDir: string
  readonly width?: number
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
  readonly reducedMotion?: 'reduce' | 'no-preference'
  /** Of a session that its link was used up for: "name=value". */
  readonly cookie?: string
}

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

export class WindowHost {
  readonly process: CliProcess
  readonly stateDir: string
  readonly #link: string

  private constructor(process: CliProcess, stateDir: string, link: string) {
    this.process = process
    this.stateDir = stateDir
    this.#link = link
  }

  /** Ended with the test. */
  static async start(stateDir: string, args: readonly string[] = []): Promise<WindowHost> {
    const process = new CliProcess(['window', '--port', '0', '--no-open', '--state', stateDir, ...args])
    onTestFinished(async () => {
      await process.kill()
    })
    await process.says(linkPattern)
    const [, link] = linkPattern.exec(process.output) as unknown as [string, string]
    return new WindowHost(process, stateDir, link)
  }

  /** Works once. */
  get link(): string {
    return this.#link
  }

  get address(): string {
    return this.#link.slice(0, this.#link.indexOf('#'))
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    await this.process.kill()
  }
}

/** Closed when the test ends. */
export async function openRequests(host: WindowHost, cookie: string): Promise<Requests> {
  const requests = await Requests.open(host, cookie)
  onTestFinished(() => requests.close())
  return requests
}

export type OpenWindow = { readonly host: WindowHost; readonly page: Page; readonly context: BrowserContext }

/** A page that has control. Errors of the page end the test. */
export async function openPage(host: WindowHost, options: Omit<WindowOptions, 'stateDir'> = {}): Promise<OpenWindow> {
  const { width = 1120, height = 760, colorScheme = 'light', reducedMotion = 'reduce' } = options
  const context = await (
    await sharedBrowser()
  ).newContext({ viewport: { width, height }, colorScheme, reducedMotion, locale: 'en-GB', timezoneId: 'UTC' })
  // A shared machine can be many times slower than an idle one.
  context.setDefaultTimeout(patienceMs)
  const errors: string[] = []
  onTestFinished(async () => {
    await context.close()
    if (errors.length > 0) throw new Error(`the page had errors: ${errors.join('; ')}`)
  })
  if (options.cookie !== undefined) await context.addCookies([browserCookie(host, options.cookie)])
  const page = await context.newPage()
  page.on('pageerror', (error) => errors.push(error.message))
  await page.goto(options.cookie === undefined ? host.link : host.address)
  return { host, page, context }
}

function browserCookie(host: WindowHost, cookie: string) {
  const at = cookie.indexOf('=')
  return {
    name: cookie.slice(0, at),
    value: cookie.slice(at + 1),
    url: host.address,
    httpOnly: true,
    sameSite: 'Strict',
  } as const
}

export async function openWindow({ stateDir, ...options }: WindowOptions): Promise<OpenWindow> {
  return await openPage(await WindowHost.start(stateDir), options)
}
