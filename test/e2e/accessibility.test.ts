// Every view and step, light and dark: axe finds nothing serious or critical, and nothing is wider than the window.

import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCli } from '../helpers/cli-process.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { closeBrowser } from './browser-host.ts'
import { launcher } from './launcher.ts'
import { sections } from './tour.ts'
import { testMs } from './waiting.ts'

beforeAll(buildCli)
afterAll(closeBrowser)

/** What is serious or critical, with where it is. In other colours only the contrast can be another. */
async function seriousIn(page: Page, rules: readonly string[] | 'all'): Promise<readonly string[]> {
  // There are no frames in these pages, so no second page is needed to put the findings together.
  const axe = new AxeBuilder({ page }).setLegacyMode(true)
  const { violations } = await (rules === 'all' ? axe : axe.withRules([...rules])).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`)
}

/** At the smallest window, twice as large as usual: everything wraps, nothing has to be scrolled sideways. */
async function tooWideIn(page: Page): Promise<readonly string[]> {
  const size = page.viewportSize()!
  await page.setViewportSize({ width: 450, height: 300 })
  // The view and a dialog scroll by themselves: the page around them would never be wider.
  const found = await page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll('main, [role=dialog], [role=alertdialog]')]
      .filter((element) => element.scrollWidth > element.clientWidth)
      .map((element) => `${element.tagName}: ${element.scrollWidth} of ${element.clientWidth} pixels`),
  )
  await page.setViewportSize(size)
  return found
}

describe.skipIf(launcher.kind === null)('axe finds nothing serious in', { timeout: 2 * testMs }, () => {
  test.each(Object.entries(sections))('%s', async (_name, section) => {
    const found: Record<string, readonly string[]> = {}
    const stop = async (page: Page, name: string): Promise<void> => {
      for (const [colorScheme, rules] of [
        ['light', 'all'],
        ['dark', ['color-contrast', 'link-in-text-block']],
      ] as const) {
        await page.emulateMedia({ colorScheme })
        found[`${name}, ${colorScheme}`] = await seriousIn(page, rules)
      }
      found[`${name}, at 200 %`] = await tooWideIn(page)
    }
    await section(await scratchDir(), stop, { width: 900, height: 600 })
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, []])))
    expect(Object.keys(found).length).toBeGreaterThan(0)
  })
})
