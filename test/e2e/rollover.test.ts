// Arenas that filled up since the last sync: the hand-over is seen on the map, logged, and wrcmd on the 9fat of a whole disk
// says before and after.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCli } from '../helpers/cli-process.ts'
import { expectedDisk } from '../helpers/disk-fixtures.ts'
import { day1Offset, diskIn, patchDisk, scriptLine, setWrcmd, textOn } from '../helpers/disk-syncs.ts'
import { loadFixture } from '../helpers/fixtures.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { closeBrowser } from './browser-host.ts'
import { launcher } from './launcher.ts'
import { openMirror } from './open-mirror.ts'
import { startVenti } from './targets.ts'
import { testMs, waitFor } from './waiting.ts'

beforeAll(buildCli)
afterAll(closeBrowser)

/** Where the first day ends, in arenas0, and the second, in arenas2. */
const day1 = [794624, day1Offset] as const
const day2 = [2891776, 183920] as const

describe.skipIf(launcher.kind === null)('a rollover', { timeout: testMs }, () => {
  test('is drawn, logged, and written to wrcmd', async () => {
    const folder = await scratchDir()
    const disk = await diskIn(folder)
    const { byteOffset } = expectedDisk('disk-mbr').parts.find(({ name }) => name === 'arenas')!
    await patchDisk(disk.path, byteOffset, loadFixture('fossil-venti-day1'))
    const attic = await startVenti()
    await setWrcmd(folder, disk.ninefat, `${scriptLine(attic, day1[0], 0)}\n`)
    const before = scriptLine(attic, ...day1)
    const after = scriptLine(attic, ...day2)
    const { page } = await openMirror(folder, {
      source: disk.arenas,
      targets: { attic: attic.dial.text },
      ninefat: disk.ninefat,
      fossil: null,
    })
    expect(await textOn(disk, 'wrcmd')).toBe(`${before}\n`)
    await waitFor(page.getByRole('option', { name: /^arenas0, active, 60 % full, 287 blocks; attic 100 %$/ }))

    await patchDisk(disk.path, byteOffset, loadFixture('fossil-venti'))
    await page.getByRole('button', { name: 'Look again' }).click()
    await waitFor(page.getByRole('heading', { name: '258 new blocks to send' }))
    await waitFor(page.getByRole('option', { name: /^arenas1, .*; attic 0 %$/ }))
    await page.getByRole('button', { name: 'Sync now' }).click()

    const arenas = page.getByRole('region', { name: 'Arenas' })
    await waitFor(arenas.getByText(/arenas1 filled, arenas2 took over/))
    await waitFor(arenas.getByText(before))
    await waitFor(arenas.getByText(after))
    expect(await textOn(disk, 'wrcmd')).toBe(`${after}\n`)
    for (const name of [/^arenas0, .* 379 blocks; attic 100 %$/, /^arenas1, .* 124 blocks; attic 100 %$/]) {
      await waitFor(page.getByRole('option', { name }))
    }
    await waitFor(page.getByRole('option', { name: /^arenas2, active, .* 42 blocks; attic 100 %$/ }))

    await page.getByRole('button', { name: 'Activity', exact: true }).click()
    await page.getByRole('button', { name: 'Rollovers' }).click()
    await expect.poll(() => page.getByRole('listitem').filter({ hasText: 'rollover' }).count()).toBe(2)
    const lines = page.getByRole('main')
    await waitFor(lines.getByText(before))
    await waitFor(lines.getByText(after))
  })
})
