// npm run screenshots: a picture of every stop of the tour, light and dark; those that the README shows are kept in
// build/readme. Run by vitest with a configuration of its own (build/scripts/screenshots.mjs), because the tour's helpers
// end what they started when a test ends.

import { copyFile, mkdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, expect, test } from 'vitest'
import { sections } from './tour.ts'
import { testMs } from './waiting.ts'
import { closeBrowser } from './browser-host.ts'

afterAll(closeBrowser)

const pictures = process.env['SCREENSHOTS'] ?? 'dist/screenshots'
const readme = process.env['README_PICTURES'] ?? 'build/readme'

/** Pictures by stop and colours, as the README names their files. */
const shown: Readonly<Record<string, string>> = {
  'overview, new blocks, light': 'overview.png',
  'set-up copy, light': 'copy.png',
  'verify, a block missing, dark': 'verify-dark.png',
  'overview, many arenas, light': 'arenas.png',
  'overview, a rollover, dark': 'rollover-dark.png',
}
const mostBytes = 200_000

const fileOf = (name: string): string => `${name.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}.png`

async function shoot(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    // Colours change softly where nothing asks them not to.
    await page.waitForTimeout(50)
    const called = `${name}, ${colorScheme}`
    const path = join(pictures, fileOf(called))
    await page.screenshot({ path, animations: 'disabled', caret: 'hide' })
    const file = shown[called]
    if (file === undefined) continue
    expect((await stat(path)).size).toBeLessThan(mostBytes)
    await copyFile(path, join(readme, file))
  }
}

// Paths are seen in the pictures: short ones, and the same on every machine.
test.each(Object.entries(sections))('%s', { timeout: testMs }, async (_name, section) => {
  const folder = join(tmpdir(), 'plan9')
  await mkdir(pictures, { recursive: true })
  await mkdir(readme, { recursive: true })
  await mkdir(folder)
  try {
    await section(folder, shoot, { width: 1120, height: 760 })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
