// Every view and every step of the set-up, with data in them and without, as a person comes by them. Whoever takes the tour
// is called at each stop with its name: to let axe look at it (accessibility.test.ts), or to take a picture (screenshots).

import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { makePartition } from '../bench/make-partition.ts'
import { diskIn, patchDisk, scriptLine, setWrcmd, type TestDisk } from '../helpers/disk-syncs.ts'
import { expectedDisk } from '../helpers/disk-fixtures.ts'
import { expandFixture, loadFixture } from '../helpers/fixtures.ts'
import { clumpLog, keyOf } from '../helpers/sync-runs.ts'
import { startElectron } from './any-electron.ts'
import { openWindow } from './launcher.ts'
import { openMirror } from './open-mirror.ts'
import type { PageOptions } from './program.ts'
import { startVenti, trickle } from './targets.ts'
import { machineSections } from './tour-machines.ts'
import { patienceMs, waitFor, waitGone } from './waiting.ts'

export type Stop = (page: Page, name: string) => Promise<void>
export type TourOptions = PageOptions

/** What a section of the tour shows, in a folder of its own. */
export type Section = (folder: string, stop: Stop, options: TourOptions) => Promise<void>

const button = (page: Page, name: string | RegExp): Locator => page.getByRole('button', { name, exact: true })
const heading = (page: Page, name: string | RegExp): Locator => page.getByRole('heading', { name, level: 1 })
const go = async (page: Page, view: string): Promise<void> => await button(page, view).click()

async function diskOfDay1(folder: string): Promise<{ readonly disk: TestDisk; readonly arenasAt: number }> {
  const disk = await diskIn(folder)
  const { byteOffset } = expectedDisk('disk-mbr').parts.find(({ name }) => name === 'arenas')!
  await patchDisk(disk.path, byteOffset, loadFixture('fossil-venti-day1'))
  return { disk, arenasAt: byteOffset }
}

async function emptyViews(folder: string, stop: Stop, options: TourOptions): Promise<void> {
  const { page } = await openWindow({ stateDir: join(folder, 'state'), ...options })
  await waitFor(heading(page, 'Nothing is mirrored yet'))
  for (const view of ['Overview', 'Set-up', 'Verify', 'Activity', 'Settings']) {
    await go(page, view)
    await waitFor(page.locator('main h1'))
    await stop(page, `empty ${view}`)
  }
}

async function setUp(folder: string, stop: Stop, options: TourOptions): Promise<void> {
  const disk = await diskIn(folder)
  const attic = await startVenti()
  await setWrcmd(folder, disk.ninefat, `${scriptLine(attic, 53_766_536, 0)}\n`)
  const { page } = await openWindow({ stateDir: join(folder, 'state'), ...options })
  await button(page, 'Set up a mirror').click()
  await button(page, 'Set up a mirror').click()
  await waitFor(heading(page, 'Which venti is to be mirrored?'))
  await stop(page, 'set-up source')
  await button(page, 'Browse…').first().click()
  await waitFor(page.getByRole('dialog'))
  await stop(page, 'set-up source, a file chosen')
  await page.keyboard.press('Escape')
  await page.getByRole('textbox', { name: 'Path of the source' }).fill(disk.path)
  await button(page, 'Look').click()
  await waitFor(page.getByText('fossil', { exact: false }).first())
  await stop(page, 'set-up source, a whole disk')
  await button(page, 'Take this: arenas').click()
  await waitFor(heading(page, 'This is what will be mirrored'))
  await stop(page, 'set-up source, chosen')
  await button(page, 'Continue').click()

  await page.getByRole('textbox', { name: 'Address of the venti' }).fill('tcp!127.0.0.1!9')
  await button(page, 'Test').click()
  await waitFor(button(page, 'Add it all the same'))
  await stop(page, 'set-up targets, one that does not answer')
  await page.getByRole('textbox', { name: 'Address of the venti' }).fill(attic.dial.text)
  await page.getByRole('textbox', { name: 'Name for it' }).fill('attic')
  await button(page, 'Test').click()
  await button(page, 'Add this target').click()
  await waitFor(heading(page, 'These get a copy'))
  await page.getByRole('radio', { name: 'A folder on this computer' }).click()
  await page.getByRole('textbox', { name: 'Folder of the store' }).fill(join(folder, 'store'))
  await stop(page, 'set-up targets, a folder')
  await button(page, 'Add this folder').click()
  await waitFor(page.getByRole('list', { name: 'Targets' }).getByText('this computer'))
  await stop(page, 'set-up targets')
  await button(page, 'Continue').click()

  await waitFor(page.getByText('The line in wrcmd does not do what it should, so it is not taken over.'))
  await stop(page, 'set-up bookkeeping, a wrong line')
  await setWrcmd(folder, disk.ninefat, `${scriptLine(attic, 794624, 0)}\n`)
  await button(page, 'Check again').click()
  await waitFor(page.getByText('The line in wrcmd fits the arenas. Each sync will keep it up to date.'))
  await stop(page, 'set-up bookkeeping')
  await button(page, 'Continue').click()
  await waitFor(heading(page, /545 blocks/))
  await stop(page, 'set-up plan')

  attic.behaviour.hold = true
  await button(page, 'Start the copy').click()
  await waitFor(page.getByRole('progressbar', { name: 'The whole copy' }))
  await expect
    .poll(
      trickle(attic, () => attic.counters.writes),
      { timeout: patienceMs },
    )
    .toBeGreaterThan(150)
  await stop(page, 'set-up copy')
  await button(page, 'Cancel…').click()
  await waitFor(page.getByRole('alertdialog'))
  await stop(page, 'set-up copy, to be cancelled')
  await page.keyboard.press('Escape')
  await waitGone(page.getByRole('alertdialog'))
  await button(page, 'Pause').click()
  attic.behaviour.hold = false
  attic.store.release()
  await waitFor(heading(page, 'The copy is paused'))
  await stop(page, 'set-up copy, paused')
  await button(page, 'Resume').click()
  await waitFor(page.getByRole('heading', { name: 'The other direction' }))
  await stop(page, 'set-up done')
  await page
    .locator('ol')
    .getByRole('button', { name: /^Verify/ })
    .click()
  await waitFor(page.locator('main h1'))
  await stop(page, 'set-up verify')
}

async function overview(folder: string, stop: Stop, options: TourOptions): Promise<void> {
  const { disk, arenasAt } = await diskOfDay1(folder)
  const attic = await startVenti()
  const vault = await startVenti()
  await setWrcmd(folder, disk.ninefat, `${scriptLine(attic, 794624, 0)}\n`)
  const targets = { attic: attic.dial.text, vault: vault.dial.text }
  const { page } = await openMirror(
    folder,
    { source: disk.arenas, targets, ninefat: disk.ninefat, fossil: null },
    options,
  )
  await waitFor(heading(page, /^Everything is on /))
  await stop(page, 'overview, up to date')
  await patchDisk(disk.path, arenasAt, loadFixture('fossil-venti'))
  await button(page, 'Look again').click()
  await waitFor(heading(page, '258 new blocks to send'))
  await stop(page, 'overview, new blocks')
  attic.behaviour.hold = true
  await button(page, 'Sync now').click()
  await waitFor(page.getByRole('progressbar', { name: 'Sent to attic' }))
  const { writes } = attic.counters
  await expect
    .poll(
      trickle(attic, () => attic.counters.writes - writes),
      { timeout: patienceMs },
    )
    .toBeGreaterThan(80)
  await stop(page, 'overview, a sync under way')
  attic.behaviour.hold = false
  attic.store.release()
  await waitFor(page.getByText(/^Done: 258 blocks/))
  await waitFor(page.getByText(/arenas1 filled, arenas2 took over/))
  await stop(page, 'overview, a rollover')
  await page.getByRole('option', { name: /^arenas1, / }).click()
  await waitFor(page.getByRole('region', { name: 'Arena arenas1' }))
  await stop(page, 'overview, an arena chosen')
  await button(page, 'List').click()
  await waitFor(page.getByLabel('Name has'))
  await stop(page, 'overview, the list of arenas')

  await vault.close()
  await button(page, 'Look again').click()
  await waitFor(page.getByRole('row', { name: /^vault.*cannot be reached/ }))
  await stop(page, 'overview, a target away')

  await go(page, 'Activity')
  await waitFor(page.getByRole('listitem').filter({ hasText: 'rollover' }))
  await stop(page, 'activity')
  await go(page, 'Settings')
  await waitFor(page.getByRole('heading', { name: 'Targets' }))
  await stop(page, 'settings')
  await button(page, /^Forget/)
    .first()
    .click()
  await waitFor(page.getByRole('alertdialog'))
  await stop(page, 'settings, a mirror to be forgotten')
}

async function verify(folder: string, stop: Stop, options: TourOptions): Promise<void> {
  const source = join(folder, 'arenas.img')
  await expandFixture('seq-day3', source)
  const attic = await startVenti()
  const { page } = await openMirror(folder, { source, targets: { attic: attic.dial.text }, ninefat: null }, options)
  await go(page, 'Verify')
  await waitFor(page.getByRole('option', { name: /7e1f…f2c7/ }))
  await page.getByRole('option', { name: /7e1f…f2c7/ }).click()
  await waitFor(page.getByRole('treeitem', { name: /many/ }))
  await stop(page, 'verify')
  const lost = keyOf(clumpLog('seq-day3').at(-20)!)
  attic.blocks.delete(lost)
  attic.durable.delete(lost)
  await button(page, 'Check that every block is there').click()
  await waitFor(page.getByText('not whole', { exact: true }))
  await button(page, 'Show blocks').click()
  await stop(page, 'verify, a block missing')
  await button(page, 'Send it and check again').click()
  await waitFor(page.getByText(/All \d+ blocks found on attic\./))
  await button(page, 'Read everything back').click()
  await waitFor(page.getByText(/All \d+ blocks read back/))
  await page.getByRole('treeitem', { name: /many/ }).click()
  await page.keyboard.press('ArrowRight')
  await page.getByRole('treeitem', { name: /f012\.txt/ }).click()
  await stop(page, 'verify, read back')
  await button(page, 'Preview').click()
  await waitFor(page.getByRole('dialog').getByLabel('Text'))
  await stop(page, 'verify, a file as text')
  await button(page, 'As hex').click()
  await waitFor(page.getByRole('dialog').getByLabel('Bytes'))
  await stop(page, 'verify, a file as hex')
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  await button(page, 'Extract…').click()
  await page.getByRole('textbox', { name: 'Into the folder' }).fill(join(folder, 'restored'))
  await stop(page, 'verify, a file to be extracted')
  await button(page, 'Extract').click()
  await waitFor(page.getByRole('dialog').getByText(/1 file, /))
  await stop(page, 'verify, a file extracted')
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  await button(page, 'Recovery card').click()
  await waitFor(page.getByRole('dialog').getByText(/flfmt/))
  await stop(page, 'verify, the recovery card')
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  await button(page, 'Paste a score…').click()
  await waitFor(page.getByRole('dialog'))
  await stop(page, 'verify, a score to be pasted')
}

/** In the page: "r,g,b" of a token. */
function tokenColour(element: Element, token: string): string {
  const probe = document.createElement('i')
  probe.style.setProperty('transition', 'none', 'important')
  probe.style.color = `var(${token})`
  element.append(probe)
  const colour = getComputedStyle(probe).color
  probe.remove()
  return (/\d+, \d+, \d+/.exec(colour)?.[0] ?? colour).replaceAll(' ', '')
}

/** In the page: the same of every pixel, each once. */
function coloursOn(element: Element): readonly string[] {
  const canvas = element as HTMLCanvasElement
  const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? []
  const found = new Set<string>()
  for (let at = 0; at < pixels.length; at += 4) found.add([pixels[at], pixels[at + 1], pixels[at + 2]].join(','))
  return [...found]
}

/** More than are drawn one by one. */
async function manyArenas(folder: string, stop: Stop, options: TourOptions): Promise<void> {
  const source = join(folder, 'arenas.img')
  const mixture = { compressiblePart: 0.9, seed: 7, sealedFill: 0.9, lastFill: 0.5 }
  await makePartition(source, { sizeBytes: 64 * 2 ** 20, arenaBytes: 2 ** 20, ...mixture })
  const attic = await startVenti()
  const targets = { attic: attic.dial.text }
  const { page } = await openMirror(folder, { source, targets, ninefat: null, hasNoRoot: true }, options)
  await waitFor(page.getByRole('listbox', { name: 'Arenas around the active one' }))
  await page.getByRole('region', { name: 'Arenas' }).scrollIntoViewIfNeeded()
  // Sealed arenas in their own colour: the canvas has no role that would tell.
  const sealed = await page.getByRole('region', { name: 'Arenas' }).evaluate(tokenColour, '--sealed')
  await expect.poll(() => page.locator('canvas').first().evaluate(coloursOn)).toContain(sealed)
  await stop(page, 'overview, many arenas')
}

/** What the application does on its computer by itself; a page in a browser has none of it. */
async function desktop(folder: string, stop: Stop, options: TourOptions): Promise<void> {
  const { page } = await (await startElectron(join(folder, 'state'))).openPage(options)
  await go(page, 'Settings')
  await waitFor(page.getByRole('heading', { name: 'On this computer' }))
  await page.getByRole('checkbox', { name: 'by itself' }).click()
  await waitFor(page.getByText(/^next: /))
  await page.getByRole('heading', { name: 'On this computer' }).scrollIntoViewIfNeeded()
  await stop(page, 'settings of the desktop')
  await page.getByText('New versions', { exact: true }).scrollIntoViewIfNeeded()
  await stop(page, 'settings of the desktop, the lower part')
}

export const sections: Readonly<Record<string, Section>> = {
  'the views without a mirror': emptyViews,
  'the set-up': setUp,
  ...machineSections,
  'the overview, activity and settings': overview,
  verify,
  'a map of many arenas': manyArenas,
  'the desktop application': desktop,
}
