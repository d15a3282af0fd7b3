// The set-up as a person goes through it: the whole of it on the sample partition, with the mouse and with nothing but the
// keyboard; taken up again after the host was killed; and what it says of a wrcmd that is right, and of one that is not.

import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCli } from '../helpers/cli-process.ts'
import { diskIn, scriptLine, setWrcmd } from '../helpers/disk-syncs.ts'
import { expandFixture, expectedBlocks, healthyPartition, type ExpectedArena } from '../helpers/fixtures.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { blocksOf } from '../helpers/sync-runs.ts'
import { closeBrowser } from './browser-host.ts'
import { launcher, openWindow } from './launcher.ts'
import { keyboardHand, mouseHand, type Hand } from './hands.ts'
import { startVenti, trickle } from './targets.ts'
import { patienceMs, testMs, waitFor } from './waiting.ts'

beforeAll(buildCli)
afterAll(closeBrowser)

const heading = (page: Page, name: RegExp | string) => page.getByRole('heading', { name, level: 1 })
const button = (page: Page, name: RegExp | string) => page.getByRole('button', { name, exact: true })

async function sampleWizard(page: Page, hand: Hand, store: string): Promise<void> {
  await hand.press(button(page, 'Set up a mirror'))
  await hand.press(button(page, 'Try it with sample data').first())
  await waitFor(heading(page, 'This is what will be mirrored'))
  await hand.press(button(page, 'Continue'))

  await waitFor(heading(page, 'Where is the copy to go?'))
  await hand.fill(page.getByRole('textbox', { name: 'Folder of the store' }), store)
  await hand.press(button(page, 'Add this folder'))
  await waitFor(heading(page, 'These get a copy'))
  await hand.press(button(page, 'Continue'))

  await waitFor(heading(page, 'This is what the 9fat says'))
  await hand.press(button(page, 'Continue'))

  await waitFor(heading(page, /275 blocks/))
  await hand.press(button(page, 'Start the copy'))

  await waitFor(heading(page, /^(?!What the first copy)/))
  await waitFor(page.getByRole('heading', { name: 'The other direction' }))
  await hand.press(button(page, 'Go to the overview'))
  await waitFor(heading(page, 'Everything is on this computer'))
}

describe.skipIf(launcher.kind === null)('the set-up', { timeout: testMs }, () => {
  test.each([
    ['the mouse', mouseHand],
    ['the keyboard alone', keyboardHand],
  ] as const)('goes through on the sample partition with %s', async (_with, handOf) => {
    const folder = await scratchDir()
    const { page } = await openWindow({ stateDir: join(folder, 'state') })
    await sampleWizard(page, handOf(page), join(folder, 'store'))
    await waitFor(page.getByRole('row', { name: /^this computer.*served here.*nothing/ }))
    const arena = page.getByRole('option', { name: /^arenas0, .* 275 blocks; this computer 100 %$/ })
    await expect.poll(() => arena.count(), { timeout: patienceMs }).toBe(1)
  })

  test('is taken up again where it was after the host was killed in the middle of the copy', async () => {
    const folder = await scratchDir()
    const stateDir = join(folder, 'state')
    const source = join(folder, 'arenas.img')
    await expandFixture('seq-day3', source)
    const attic = await startVenti()
    const { page, program } = await openWindow({ stateDir })
    await button(page, 'Set up a mirror').click()
    await button(page, 'Set up a mirror').click()
    await page.getByRole('textbox', { name: 'Path of the source' }).fill(source)
    await button(page, 'Look').click()
    await waitFor(heading(page, 'This is what will be mirrored'))
    await button(page, 'Continue').click()
    await page.getByRole('textbox', { name: 'Address of the venti' }).fill(attic.dial.text)
    await page.getByRole('textbox', { name: 'Name for it' }).fill('attic')
    await button(page, 'Test').click()
    await button(page, 'Add this target').click()
    await button(page, 'Continue').click()
    await button(page, 'Go on without a 9fat').click()
    await button(page, 'Continue').click()
    await waitFor(heading(page, /951 blocks/))
    attic.behaviour.hold = true
    await button(page, 'Start the copy').click()
    await waitFor(page.getByRole('progressbar', { name: 'The whole copy' }))
    const written = trickle(attic, () => attic.counters.writes)
    await expect.poll(written, { timeout: patienceMs }).toBeGreaterThan(100)
    await program.kill()
    // In Electron the page is gone as well.
    if (launcher.kind === 'chromium') {
      await waitFor(page.getByText('The connection to the service was lost; trying again.'))
      await page.close()
    }
    attic.behaviour.hold = false
    attic.dropConnections()

    const { page: later } = await openWindow({ stateDir })
    await button(later, 'Set-up').click()
    await waitFor(heading(later, 'The copy stopped. Everything confirmed is kept.'))
    await button(later, 'Go on').click()
    await waitFor(later.getByRole('heading', { name: 'The other direction' }))
    expect(blocksOf(attic)).toEqual(expectedBlocks('seq-day3'))
  })

  test('takes over a wrcmd that is right, and refuses the typo of the article', async () => {
    const folder = await scratchDir()
    const source = join(folder, 'arenas.img')
    await expandFixture('seed-geometry', source)
    const [arena] = healthyPartition('seed-geometry').arenas as [ExpectedArena]
    const disk = await diskIn(folder)
    const attic = await startVenti()
    await setWrcmd(folder, disk.ninefat, `${scriptLine(attic, 53_766_536, 0)}\n`)
    const { page } = await openWindow({ stateDir: join(folder, 'state') })
    await button(page, 'Set up a mirror').click()
    await button(page, 'Set up a mirror').click()
    await page.getByRole('textbox', { name: 'Path of the source' }).fill(source)
    await button(page, 'Look').click()
    await waitFor(heading(page, 'This is what will be mirrored'))
    await button(page, 'Continue').click()
    await page.getByRole('textbox', { name: 'Address of the venti' }).fill(attic.dial.text)
    await button(page, 'Test').click()
    await button(page, 'Add this target').click()
    await button(page, 'Continue').click()
    await page.getByRole('textbox', { name: 'Path of the 9fat' }).fill(disk.ninefat)
    await button(page, 'Look at the 9fat').click()
    await waitFor(page.getByText('The line in wrcmd does not do what it should, so it is not taken over.'))
    await waitFor(page.getByText(/537665536/))
    expect(await button(page, 'Continue').isDisabled()).toBe(true)

    await setWrcmd(folder, disk.ninefat, `${scriptLine(attic, arena.start, arena.used)}\n`)
    await button(page, 'Check again').click()
    await waitFor(page.getByText('The line in wrcmd fits the arenas. Each sync will keep it up to date.'))
    await button(page, 'Continue').click()
    await waitFor(page.getByText(disk.ninefat))
    await waitFor(button(page, 'Start the copy'))
  })
})
