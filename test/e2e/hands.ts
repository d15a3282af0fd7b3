// The two ways to use a window: pointing at things, and going from one to the next with the Tab key.

import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { patienceMs, waitFor } from './waiting.ts'

export interface Hand {
  press(locator: Locator): Promise<void>
  fill(locator: Locator, text: string): Promise<void>
}

export const mouseHand = (): Hand => ({
  press: async (locator) => {
    await locator.click({ timeout: patienceMs })
  },
  fill: async (locator, text) => {
    await locator.fill(text, { timeout: patienceMs })
  },
})

/** More stops than any view has. */
const mostStops = 120

export const keyboardHand = (page: Page): Hand => {
  const goTo = async (locator: Locator): Promise<void> => {
    await waitFor(locator)
    await expect.poll(() => locator.isEnabled(), { timeout: patienceMs }).toBe(true)
    for (let stop = 0; stop < mostStops; stop++) {
      if (await locator.evaluate((element) => element === document.activeElement)) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`${locator.toString()} cannot be reached with the Tab key`)
  }
  return {
    press: async (locator) => {
      await goTo(locator)
      await page.keyboard.press('Enter')
    },
    fill: async (locator, text) => {
      await goTo(locator)
      await page.keyboard.type(text)
    },
  }
}
