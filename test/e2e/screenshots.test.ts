// The pictures of the README, of the real program with real data: they can be made, show what they should, and stay small.
// With $SCREENSHOTS they are kept in that folder (npm run screenshots).

import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makePartition } from '../bench/make-partition.ts'
import { chromiumPath } from '../helpers/chromium.ts'
import { buildCli } from '../helpers/cli-process.ts'
import { expandFixture } from '../helpers/fixtures.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { openMirror } from './open-mirror.ts'
import { cookieOf, prepareMirror, Requests } from './setup-by-request.ts'
import { startVenti, trickle } from './targets.ts'
import { patienceMs, testMs, waitFor } from './waiting.ts'
import { closeBrowser, openPage, WindowHost } from './window.ts'

beforeAll(buildCli)
afterAll(closeBrowser)

const mostBytes = 200_000

/** Bytes of the picture. */
async function shoot(page: Page, name: string): Promise<number> {
  const folder = process.env['SCREENSHOTS'] ?? (await scratchDir())
  await mkdir(folder, { recursive: true })
  const path = join(folder, `${name}.png`)
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' })
  return (await stat(path)).size
}

describe.skipIf(chromiumPath() === null)('screenshots', { timeout: testMs }, () => {
  test('of the overview and of Verify', async () => {
    const folder = await scratchDir()
    const source = join(folder, 'arenas.img')
    await expandFixture('seq-day2', source)
    const basement = await startVenti()
    const attic = await startVenti()
    const targets = { basement: basement.dial.text, attic: attic.dial.text }
    const { page } = await openMirror(folder, { source, targets, ninefat: null })
    await expandFixture('seq-day3', source)
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await page.getByRole('button', { name: 'Look again' }).click()
    await waitFor(page.getByRole('heading', { name: '590 new blocks to send' }))
    await waitFor(page.getByRole('option', { name: /^arenas1, .* 0 %$/ }))
    expect(await shoot(page, 'overview')).toBeLessThan(mostBytes)
    await page.getByRole('button', { name: 'Sync now' }).click()
    await waitFor(page.getByText(/^Done: 590 blocks/))
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
    await page.getByRole('button', { name: 'Verify', exact: true }).click()
    await page.getByRole('button', { name: 'Read everything back' }).click()
    await waitFor(page.getByText(/All \d+ blocks read back/))
    await waitFor(page.getByRole('treeitem', { name: /big/ }))
    expect(await shoot(page, 'verify-dark')).toBeLessThan(mostBytes)
  })

  test('of the copy in the set-up', async () => {
    const folder = await scratchDir()
    const source = join(folder, 'arenas.img')
    await expandFixture('seq-day3', source)
    const attic = await startVenti()
    const host = await WindowHost.start(join(folder, 'state'))
    const cookie = await cookieOf(host)
    const requests = await Requests.open(host, cookie)
    await prepareMirror(requests, { source, targets: { attic: attic.dial.text }, ninefat: null })
    attic.behaviour.hold = true
    await requests.ask('setup.copy', {})
    await expect
      .poll(
        trickle(attic, () => attic.counters.writes),
        { timeout: patienceMs },
      )
      .toBeGreaterThan(600)
    await requests.close()
    const { page } = await openPage(host, { cookie })
    await page.getByRole('button', { name: 'Set-up', exact: true }).click()
    await waitFor(page.getByRole('progressbar', { name: 'The whole copy' }))
    await waitFor(page.getByText('arenas1').first())
    expect(await shoot(page, 'copy')).toBeLessThan(mostBytes)
    attic.behaviour.hold = false
    attic.store.release()
    await waitFor(page.getByRole('heading', { name: 'The other direction' }))
  })

  test('of a map with many arenas', async () => {
    const folder = await scratchDir()
    const source = join(folder, 'arenas.img')
    const sizes = { sizeBytes: 64 * 2 ** 20, arenaBytes: 2 ** 20 }
    await makePartition(source, { ...sizes, compressiblePart: 0.9, seed: 7, lastFill: 0.5 })
    const attic = await startVenti()
    const { page } = await openMirror(folder, { source, targets: { attic: attic.dial.text }, ninefat: null })
    await waitFor(page.getByRole('listbox', { name: 'Arenas around the active one' }))
    await page.getByRole('region', { name: 'Arenas' }).scrollIntoViewIfNeeded()
    expect(await shoot(page, 'arenas')).toBeLessThan(mostBytes)
  })
})
