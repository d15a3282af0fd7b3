// A target that is down: it is told, the others go on, and when it is back it catches up from where it stood.

import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCli } from '../helpers/cli-process.ts'
import { expandFixture, expectedBlocks, replaceWithFixture } from '../helpers/fixtures.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { blocksOf } from '../helpers/sync-runs.ts'
import { closeBrowser } from './browser-host.ts'
import { launcher } from './launcher.ts'
import { openMirror } from './open-mirror.ts'
import { startVenti } from './targets.ts'
import { testMs, waitFor, waitGone } from './waiting.ts'

beforeAll(buildCli)
afterAll(closeBrowser)

describe.skipIf(launcher.kind === null)('a target that is down', { timeout: testMs }, () => {
  test('is told, the other goes on, and Retry brings it up to date', async () => {
    const folder = await scratchDir()
    const source = join(folder, 'arenas.img')
    await expandFixture('seq-day1', source)
    const attic = await startVenti()
    const vault = await startVenti()
    const targets = { attic: attic.dial.text, vault: vault.dial.text }
    const { page } = await openMirror(folder, { source, targets, ninefat: null })
    await waitFor(page.getByRole('heading', { name: /^Everything is on (attic and vault|vault and attic)$/ }))

    await attic.close()
    await replaceWithFixture('seq-day2', source)
    await page.getByRole('button', { name: 'Look again' }).click()
    await waitFor(page.getByRole('row', { name: /^attic.*cannot be reached/ }))
    await page.getByRole('button', { name: 'Sync now' }).click()
    await waitFor(page.getByText('vault has everything; attic was left behind.'))
    expect(blocksOf(vault)).toEqual(expectedBlocks('seq-day2'))
    expect(blocksOf(attic)).toEqual(expectedBlocks('seq-day1'))
    await waitFor(page.getByRole('row', { name: /^attic.*cannot be reached.*86 blocks/ }))
    await waitFor(page.getByRole('row', { name: /^vault.*reachable.*nothing/ }))

    await attic.restart()
    await page.getByRole('button', { name: 'Retry attic' }).first().click()
    await waitFor(page.getByText('Done: 86 blocks, everything is on attic.'))
    await waitFor(page.getByRole('heading', { name: /^Everything is on (attic and vault|vault and attic)$/ }))
    await waitGone(page.getByRole('row', { name: /cannot be reached/ }))
    expect(blocksOf(attic)).toEqual(expectedBlocks('seq-day2'))
  })
})
