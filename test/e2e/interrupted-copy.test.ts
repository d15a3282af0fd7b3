// A first copy that something comes between: the page is reloaded, the connection is lost, the host is killed. Nothing of it
// changes what is on the target, and the window catches up.

import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from '../helpers/chromium.ts'
import { buildCli } from '../helpers/cli-process.ts'
import { expandFixture, expectedBlocks, replaceWithFixture } from '../helpers/fixtures.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { blocksOf } from '../helpers/sync-runs.ts'
import { BrowserHost, closeBrowser } from './browser-host.ts'
import { launcher, openWindow, startProgram } from './launcher.ts'
import { openMirror, openMirrorIn } from './open-mirror.ts'
import { prepareMirror } from './setup-by-request.ts'
import { startVenti, trickle } from './targets.ts'
import { patienceMs, testMs, waitEnabled, waitFor } from './waiting.ts'

beforeAll(buildCli)
afterAll(closeBrowser)

describe.skipIf(launcher.kind === null)('a copy that something comes between', { timeout: testMs }, () => {
  test('goes on when the page is reloaded, and the page catches up', async () => {
    const folder = await scratchDir()
    const source = join(folder, 'arenas.img')
    await expandFixture('seq-day1', source)
    const attic = await startVenti()
    const { page } = await openMirror(folder, { source, targets: { attic: attic.dial.text }, ninefat: null })
    await replaceWithFixture('seq-day3', source)
    attic.behaviour.hold = true
    await page.getByRole('button', { name: 'Sync now' }).click()
    await expect.poll(() => attic.store.held.length, { timeout: patienceMs }).toBeGreaterThan(0)

    await page.reload()
    await waitFor(page.getByRole('button', { name: 'Pause' }))
    await waitFor(page.getByRole('progressbar', { name: 'Sent to attic' }))
    attic.behaviour.hold = false
    attic.store.release()
    await waitFor(page.getByText('Done: 676 blocks, everything is on attic.'))
    // One copy, the one begun before: a second would have sent some blocks again.
    expect(attic.counters.writes).toBe(951)
    expect(blocksOf(attic)).toEqual(expectedBlocks('seq-day3'))
  })

  test('resumes after the host was killed, and sends nothing of what was confirmed again', async () => {
    const folder = await scratchDir()
    const source = join(folder, 'arenas.img')
    await expandFixture('seq-day3', source)
    const attic = await startVenti()
    const stateDir = join(folder, 'state')
    const program = await startProgram(stateDir)
    const requests = await program.openRequests()
    await prepareMirror(requests, { source, targets: { attic: attic.dial.text }, ninefat: null })
    attic.behaviour.hold = true
    let isConfirmed = false
    void requests
      .told('job.view', (view) => view.kind === 'sync' && view.targets.some(({ confirmed }) => confirmed !== null))
      .then(() => (isConfirmed = true))
    await requests.ask('setup.copy', {})
    await expect
      .poll(
        // So slowly that a checkpoint comes long before the end.
        trickle(attic, () => isConfirmed, 2),
        { timeout: patienceMs, interval: 50 },
      )
      .toBe(true)
    await program.kill()
    attic.behaviour.hold = false
    attic.dropConnections()
    const { writes } = attic.counters

    const { page } = await openWindow({ stateDir })
    await page.getByRole('button', { name: 'Overview', exact: true }).click()
    const heading = page.getByRole('heading', { name: /^\d+ (new )?blocks to send/ })
    await waitFor(heading)
    const left = Number.parseInt(await heading.innerText(), 10)
    expect([left > 0, left < 951]).toEqual([true, true])
    await page.getByRole('button', { name: 'Sync now' }).click()
    await waitFor(page.getByText(`Done: ${left} blocks, everything is on attic.`))
    expect(blocksOf(attic)).toEqual(expectedBlocks('seq-day3'))
    expect(attic.counters.writes - writes).toBeLessThanOrEqual(left)
  })

  // Of the browser host alone: in Electron there is one page, and nothing between it and the service that could be lost.
  test.skipIf(chromiumPath() === null)(
    'goes on while the connection is lost and another page takes control',
    async () => {
      const folder = await scratchDir()
      const source = join(folder, 'arenas.img')
      await expandFixture('seq-day1', source)
      const attic = await startVenti()
      const host = await BrowserHost.start(join(folder, 'state'))
      const { page, context } = await openMirrorIn(host, {
        source,
        targets: { attic: attic.dial.text },
        ninefat: null,
      })
      // Control goes to the page that comes first, and a browser may well finish loading the later one before.
      await waitEnabled(page.getByRole('button', { name: 'Sync now' }))
      const second = await context.newPage()
      await second.goto(host.address)
      await waitFor(second.getByText('Another page has control: this one only looks.'))
      expect(await second.getByRole('button', { name: 'Sync now' }).isDisabled()).toBe(true)

      await replaceWithFixture('seq-day3', source)
      attic.behaviour.hold = true
      await page.getByRole('button', { name: 'Sync now' }).click()
      await waitFor(second.getByRole('progressbar', { name: 'Sent to attic' }))
      expect(await second.getByRole('button', { name: 'Pause' }).isDisabled()).toBe(true)
      await second.getByRole('button', { name: 'Take control here' }).click()
      await waitFor(page.getByText('Another page has control: this one only looks.'))
      await waitEnabled(second.getByRole('button', { name: 'Pause' }))
      await page.close()

      attic.behaviour.hold = false
      attic.store.release()
      await waitFor(second.getByText('Done: 676 blocks, everything is on attic.'))
      expect(blocksOf(attic)).toEqual(expectedBlocks('seq-day3'))
    },
  )
})
