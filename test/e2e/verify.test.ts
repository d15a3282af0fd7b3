// Can the backup be read: a block that a target lost is found and healed, the tree is browsed, a file is looked at and taken
// out, and no root score in full reaches the page before it is revealed.

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from '../helpers/chromium.ts'
import { buildCli } from '../helpers/cli-process.ts'
import { expandFixture, expectedBlocks, healthyPartition, treeManifest, type TreeEntry } from '../helpers/fixtures.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { blocksOf, clumpLog, keyOf } from '../helpers/sync-runs.ts'
import { BrowserHost, closeBrowser } from './browser-host.ts'
import { launcher, startProgram } from './launcher.ts'
import { watchFrames } from './frames.ts'
import { openMirrorIn } from './open-mirror.ts'
import type { Program } from './program.ts'
import { startVenti } from './targets.ts'
import { testMs, waitFor } from './waiting.ts'

beforeAll(buildCli)
afterAll(closeBrowser)

const scoresOf = (id: string): readonly string[] => healthyPartition(id).roots.map(({ score }) => score.slice(4))
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function openVerify<P extends Program>(folder: string, program: P) {
  const source = join(folder, 'arenas.img')
  await expandFixture('seq-day3', source)
  const attic = await startVenti()
  const opened = await openMirrorIn(program, { source, targets: { attic: attic.dial.text }, ninefat: null })
  const { page } = opened
  await page.getByRole('button', { name: 'Verify', exact: true }).click()
  await waitFor(page.getByRole('option', { name: /7e1f…f2c7/ }))
  return { ...opened, attic }
}

async function freshProgram(): Promise<[string, Program]> {
  const folder = await scratchDir()
  return [folder, await startProgram(join(folder, 'state'))]
}

describe.skipIf(launcher.kind === null)('Verify', { timeout: testMs }, () => {
  test('finds a block the target lost, says why, and heals it', async () => {
    const { page, attic } = await openVerify(...(await freshProgram()))
    // Of the newest archive alone: the last clumps of its log are data and pointers that the third day wrote.
    const lost = keyOf(clumpLog('seq-day3').at(-20)!)
    expect(attic.blocks.delete(lost)).toBe(true)
    attic.durable.delete(lost)

    await page.getByRole('option', { name: /7e1f…f2c7/ }).click()
    await page.getByRole('button', { name: 'Check that every block is there' }).click()
    await waitFor(page.getByText('not whole', { exact: true }))
    await waitFor(page.getByText(/^1 block is gone from attic\. It is safe in arenas2\.$/))
    await page.getByRole('button', { name: 'Show blocks' }).click()
    await waitFor(page.getByRole('region', { name: 'Blocks' }).getByText(/^arenas2 at 0x/))

    await page.getByRole('button', { name: 'Send it and check again' }).click()
    await waitFor(page.getByText(/All \d+ blocks found on attic\. 1 block had to be sent again\./))
    expect(blocksOf(attic)).toEqual(expectedBlocks('seq-day3'))

    await page.getByRole('button', { name: 'Activity', exact: true }).click()
    await page.getByRole('button', { name: 'Checks' }).click()
    await waitFor(page.getByText('1 sent again', { exact: false }))
  })

  test('browses the tree, shows a file, and takes it out as it was', async () => {
    const [folder, program] = await freshProgram()
    const { page } = await openVerify(folder, program)
    await page.getByRole('option', { name: /7e1f…f2c7/ }).click()
    const tree = page.getByRole('tree', { name: 'Files of the archive' })
    await waitFor(tree)
    await tree.focus()
    await waitFor(page.getByRole('treeitem', { name: /^▸big/ }).or(page.getByRole('treeitem', { name: /big/ })))
    await page.getByRole('treeitem', { name: /many/ }).click()
    await page.keyboard.press('ArrowRight')
    const name = 'f012.txt'
    const { size, sha256: wanted } = treeManifest('trees/seq-day3.json').entries[`many/${name}`] as TreeEntry
    await waitFor(page.getByRole('treeitem', { name: new RegExp(name) }))
    await page.getByRole('treeitem', { name: new RegExp(name) }).click()

    await page.getByRole('button', { name: 'Preview' }).click()
    const preview = page.getByRole('dialog', { name })
    const text = preview.getByLabel('Text')
    await waitFor(text)
    const shown = await text.innerText()
    expect(shown).toHaveLength(size!)
    expect(sha256(Buffer.from(shown))).toBe(wanted)
    await preview.getByRole('button', { name: 'As hex' }).click()
    await waitFor(preview.getByLabel('Bytes'))
    await preview.getByRole('button', { name: 'Close' }).click()

    const restored = join(folder, 'restored')
    await page.getByRole('button', { name: 'Extract…' }).click()
    await page.getByRole('textbox', { name: 'Into the folder' }).fill(restored)
    await page.getByRole('button', { name: 'Extract', exact: true }).click()
    await waitFor(page.getByRole('dialog').getByText(/1 file, /))
    expect(sha256(await readFile(join(restored, name)))).toBe(wanted)
  })

  // In the browser host, where what is on the wire can be listened to; in Electron the same answers go over IPC.
  test.skipIf(chromiumPath() === null)('gives the page no root score before it is asked to', async () => {
    const folder = await scratchDir()
    const host = await BrowserHost.start(join(folder, 'state'))
    const { page, context } = await openVerify(folder, host)
    const second = await context.newPage()
    const frames = watchFrames(second)
    await page.close()
    await second.goto(host.address)
    for (const view of ['Overview', 'Verify', 'Activity', 'Settings']) {
      await second.getByRole('button', { name: view, exact: true }).click()
    }
    await second.getByRole('button', { name: 'Verify', exact: true }).click()
    const option = second.getByRole('option', { name: /7e1f…f2c7/ })
    await waitFor(option)
    await option.click()
    await second.getByRole('button', { name: 'Read everything back' }).click()
    await waitFor(second.getByText(/All \d+ blocks read back/))
    await second.getByRole('button', { name: 'Recovery card' }).click()
    await waitFor(second.getByRole('dialog').getByText(/flfmt/))
    await second.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    for (const score of scoresOf('seq-day3')) expect(frames.heard()).not.toContain(score)

    const [, , newest] = scoresOf('seq-day3') as [string, string, string]
    await second.getByRole('button', { name: 'Reveal the score' }).first().click()
    await waitFor(second.getByText(`vac:${newest}`))
    expect(frames.heard()).toContain(newest)
    for (const score of scoresOf('seq-day3').slice(0, 2)) expect(frames.heard()).not.toContain(score)
  })
})
