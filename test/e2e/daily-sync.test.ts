// The daily sync by one click: what is new is said before, what was sent afterwards, and the arenas that filled meanwhile are
// handed over, in the map, in the activity and in wrcmd.

import { expandFixture, replaceWithFixture } from '../helpers/fixtures.ts'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCli } from '../helpers/cli-process.ts'
import { blocksOf } from '../helpers/sync-runs.ts'
import { expectedBlocks } from '../helpers/fixtures.ts'
import { closeBrowser } from './browser-host.ts'
import { launcher } from './launcher.ts'
import { startVenti } from './targets.ts'
import { openMirror } from './open-mirror.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { testMs, waitFor } from './waiting.ts'

beforeAll(buildCli)
afterAll(closeBrowser)

describe.skipIf(launcher.kind === null)('the daily sync', { timeout: testMs }, () => {
  test('says what is new, sends it with one click, and says what it did', async () => {
    const folder = await scratchDir()
    const source = join(folder, 'arenas.img')
    await expandFixture('seq-day1', source)
    const attic = await startVenti()
    const { page } = await openMirror(folder, { source, targets: { attic: attic.dial.text }, ninefat: null })
    await waitFor(page.getByRole('heading', { name: 'Everything is on attic' }))

    for (const [day, blocks] of [
      ['seq-day2', 86],
      ['seq-day3', 590],
    ] as const) {
      await replaceWithFixture(day, source)
      await page.getByRole('button', { name: 'Look again' }).click()
      await waitFor(page.getByRole('heading', { name: `${blocks} new blocks to send` }))
      await page.getByRole('button', { name: 'Sync now' }).click()
      await waitFor(page.getByText(`Done: ${blocks} blocks, everything is on attic.`))
      await waitFor(page.getByRole('heading', { name: 'Everything is on attic' }))
      expect(blocksOf(attic)).toEqual(expectedBlocks(day))
    }
  })
})
