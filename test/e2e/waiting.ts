// What a person sees is waited for, never a time: a shared machine is many times slower than the one it was written on.

import type { Locator } from 'playwright-core'
import { expect } from 'vitest'

export const patienceMs = 45_000
/** Of one whole test; an idle machine needs a tenth of it. */
export const testMs = 240_000

/** Comes into sight, the first of them; what else is on the page is told when it does not. */
export async function waitFor(locator: Locator): Promise<void> {
  try {
    await locator.first().waitFor({ timeout: patienceMs })
  } catch (error) {
    const seen = await locator
      .page()
      .locator('body')
      .innerText({ timeout: 5_000 })
      .catch(() => '')
    throw new Error(`${locator.toString()} did not come up; the page says:\n${seen}`, { cause: error })
  }
}

export async function waitGone(locator: Locator): Promise<void> {
  await locator.first().waitFor({ state: 'hidden', timeout: patienceMs })
}

/** What only a page with control may press. */
export async function waitEnabled(locator: Locator): Promise<void> {
  await expect.poll(() => locator.isEnabled(), { timeout: patienceMs }).toBe(true)
}
