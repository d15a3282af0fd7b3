// Every view and step, light and dark: axe finds nothing serious or critical, and nothing is wider than the window.

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCli } from '../helpers/cli-process.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { faultsOf } from './axe.ts'
import { closeBrowser } from './browser-host.ts'
import { launcher } from './launcher.ts'
import { sections } from './tour.ts'
import { testMs } from './waiting.ts'

beforeAll(buildCli)
afterAll(closeBrowser)

describe.skipIf(launcher.kind === null)('axe finds nothing serious in', { timeout: 2 * testMs }, () => {
  test.each(Object.entries(sections))('%s', async (_name, section) => {
    const found: Record<string, readonly string[]> = {}
    const stop = async (page: Page, name: string): Promise<void> => {
      Object.assign(found, await faultsOf(page, name))
    }
    await section(await scratchDir(), stop, { width: 900, height: 600 })
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, []])))
    expect(Object.keys(found).length).toBeGreaterThan(0)
  })
})
