// Every view with data in it, and empty, light and dark: axe finds nothing serious or critical.

import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from '../helpers/chromium.ts'
import { buildCli } from '../helpers/cli-process.ts'
import { expandFixture } from '../helpers/fixtures.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { openMirror } from './open-mirror.ts'
import { startVenti } from './targets.ts'
import { testMs, waitFor } from './waiting.ts'
import { closeBrowser, openWindow } from './window.ts'

beforeAll(buildCli)
afterAll(closeBrowser)

/** What is serious or critical, with where it is. */
async function seriousIn(page: Page): Promise<readonly string[]> {
  // There are no frames in these pages, so no second page is needed to put the findings together.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`)
}

const colours = ['light', 'dark'] as const

const go = async (page: Page, view: string): Promise<void> => {
  await page.getByRole('button', { name: view, exact: true }).click()
}

describe.skipIf(chromiumPath() === null)('axe', { timeout: testMs }, () => {
  test.each(colours)('finds nothing serious in the views of a mirror, %s', async (colorScheme) => {
    const folder = await scratchDir()
    const source = join(folder, 'arenas.img')
    await expandFixture('seq-day1', source)
    const attic = await startVenti()
    const vault = await startVenti()
    const targets = { attic: attic.dial.text, vault: vault.dial.text }
    const { page } = await openMirror(folder, { source, targets, ninefat: null }, { colorScheme })
    await expandFixture('seq-day3', source)
    await vault.close()
    await page.getByRole('button', { name: 'Look again' }).click()
    await waitFor(page.getByRole('heading', { name: '676 new blocks to send' }))
    const found: Record<string, readonly string[]> = {}
    const look = async (name: string): Promise<void> => {
      found[name] = await seriousIn(page)
    }
    await look('overview, before')
    attic.behaviour.hold = true
    await page.getByRole('button', { name: 'Sync now' }).click()
    await waitFor(page.getByRole('progressbar', { name: 'Sent to attic' }))
    await look('overview, a sync under way')
    attic.behaviour.hold = false
    attic.store.release()
    await waitFor(page.getByText('attic has everything; vault was left behind.'))
    await page.getByRole('option', { name: /^arenas1, / }).click()
    await waitFor(page.getByRole('region', { name: 'Arena arenas1' }))
    await look('overview, an arena chosen')
    await page.getByRole('button', { name: 'List', exact: true }).click()
    await waitFor(page.getByLabel('Name has'))
    await look('overview, the list of arenas')

    await go(page, 'Verify')
    await waitFor(page.getByRole('tree', { name: 'Files of the archive' }).or(page.getByRole('alert')))
    await look('verify')
    await page.getByRole('button', { name: 'Paste a score…' }).click()
    await waitFor(page.getByRole('dialog'))
    await look('verify, a dialog')
    await page.keyboard.press('Escape')
    await go(page, 'Activity')
    await waitFor(page.getByRole('listitem').filter({ hasText: 'rollover' }))
    await look('activity')
    await go(page, 'Settings')
    await waitFor(page.getByRole('heading', { name: 'Targets' }))
    await look('settings')
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, []])))
  })

  test.each(colours)('finds nothing serious where there is no mirror yet, %s', async (colorScheme) => {
    const { page } = await openWindow({ stateDir: join(await scratchDir(), 'state'), colorScheme })
    await waitFor(page.getByRole('heading', { name: 'Nothing is mirrored yet' }))
    const found: Record<string, readonly string[]> = {}
    for (const view of ['Overview', 'Set-up', 'Verify', 'Activity', 'Settings']) {
      await go(page, view)
      await waitFor(page.locator('main h1'))
      found[view] = await seriousIn(page)
    }
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, []])))
  })
})
