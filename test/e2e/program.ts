// What runs the window in an end-to-end test: the browser host with Chromium before it, or Electron. The scenarios are
// written for either; launcher.ts says which one there is.

import type { BrowserContext, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import type { Requests } from './requests.ts'
import { patienceMs } from './waiting.ts'

export type PageOptions = {
  readonly width?: number
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
  readonly reducedMotion?: 'reduce' | 'no-preference'
}

export type WindowOptions = PageOptions & { readonly stateDir: string }

export interface Program {
  readonly stateDir: string
  /** Before the page is opened: for getting to where a test begins. */
  openRequests(): Promise<Requests>
  /** The page that a person uses, with control. Errors of the page end the test. */
  openPage(options?: PageOptions): Promise<OpenWindow>
  /** As a power cut would. */
  kill(): Promise<void>
}

export type OpenWindow<P extends Program = Program> = {
  readonly program: P
  readonly page: Page
  readonly context: BrowserContext
}

/** What is the same wherever a page runs. To be called before it loads; the test fails when the page has an error. */
export function watchPage(page: Page, context: BrowserContext): void {
  // A shared machine can be many times slower than an idle one.
  context.setDefaultTimeout(patienceMs)
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  onTestFinished(() => {
    if (errors.length > 0) throw new Error(`the page had errors: ${errors.join('; ')}`)
  })
}

export const usualPage = { width: 1120, height: 760, colorScheme: 'light', reducedMotion: 'reduce' } as const
