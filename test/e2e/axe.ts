// What is wrong with a page for those who do not see, do not see well, or have little room.

import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/** What is serious or critical, with where it is. In other colours only the contrast can be another. */
async function seriousIn(page: Page, rules: readonly string[] | 'all'): Promise<readonly string[]> {
  // Half a megabyte of script once for each document, not for each look at it.
  const isThere = await page.evaluate(() => 'axe' in globalThis)
  // There are no frames in these pages, so no second page is needed to put the findings together.
  const axe = new AxeBuilder({ page, ...(isThere ? { axeSource: ';' } : {}) })
    .setLegacyMode(true)
    // Of what passed, nothing is put together and sent.
    .options({ resultTypes: ['violations'] })
  const { violations } = await (rules === 'all' ? axe : axe.withRules([...rules])).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`)
}

/** A dialog comes up softly, and colours change so: half-way there, contrasts are what nobody gets to read. */
async function atRest(page: Page): Promise<void> {
  await page.evaluate(async () => {
    // On a busy machine what was just caused may begin some frames later: several looks in a row find nothing in motion.
    for (let quietLooks = 0; quietLooks < 3;) {
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
      const passing = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity)
      const isMoving = passing.length > 0 || document.querySelector('[data-entering], [data-exiting]') !== null
      quietLooks = isMoving ? 0 : quietLooks + 1
      await Promise.allSettled(passing.map(async ({ finished }) => await finished))
    }
  })
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

/** By what was looked at: light, dark, large. */
export async function faultsOf(page: Page, name: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const found: Record<string, readonly string[]> = {}
  for (const [colorScheme, rules] of [
    ['light', 'all'],
    ['dark', ['color-contrast', 'link-in-text-block']],
  ] as const) {
    await page.emulateMedia({ colorScheme })
    await atRest(page)
    found[`${name}, ${colorScheme}`] = await seriousIn(page, rules)
  }
  found[`${name}, at 200 %`] = await tooWideIn(page)
  return found
}
