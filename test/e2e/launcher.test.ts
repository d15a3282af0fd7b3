// Which program the scenarios run in is said truly, and Electron's driver works: shown with a stand-in for Electron's
// program, where the real one cannot be had. It runs the main process and the preload as they are built, and shows the page
// in Chromium.

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { bridgeName } from '../../shared/bridge.ts'
import { chromiumPath } from '../helpers/chromium.ts'
import { buildCli } from '../helpers/cli-process.ts'
import { expandFixture, expectedBlocks, replaceWithFixture } from '../helpers/fixtures.ts'
import { projectDir } from '../helpers/project-dir.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { blocksOf } from '../helpers/sync-runs.ts'
import { standInProgram, startElectron } from './any-electron.ts'
import { chooseLauncher } from './choose-launcher.ts'

import { openMirrorIn } from './open-mirror.ts'
import { startVenti } from './targets.ts'
import { patienceMs, testMs, waitFor } from './waiting.ts'

const display = { DISPLAY: ':0' }
const usual = { environment: display, platform: 'linux', electron: '/electron', chromium: '/chromium' } as const

test.each([
  ['both are here', {}, 'electron', 'Electron (/electron)'],
  ['no display', { environment: {} }, 'chromium', 'there is no display for Electron'],
  ['no display, on a Mac', { environment: {}, platform: 'darwin' }, 'electron', 'Electron'],
  [
    'no Electron',
    { electron: null },
    'chromium',
    "Chromium (/chromium) with the browser host: Electron's program is not",
  ],
  ['Chromium asked for', { environment: { ...display, VENTI_MIRROR_E2E: 'chromium' } }, 'chromium', 'not asked for'],
  [
    'Electron asked for, and not here',
    { environment: { ...display, VENTI_MIRROR_E2E: 'electron' }, electron: null },
    null,
    "nothing: Electron's program is not here",
  ],
  ['neither', { electron: null, chromium: null }, null, 'nothing: no chromium on the path'],
] as const)('%s', (_name, change, kind, words) => {
  const choice = chooseLauncher({ ...usual, ...change })
  expect([choice.kind, choice.words]).toEqual([kind, expect.stringContaining(words)])
})

describe.skipIf(chromiumPath() === null)('Electron’s driver', { timeout: testMs }, () => {
  beforeAll(buildCli)

  test('shows a mirror, syncs it, and comes back after it was killed', async () => {
    const folder = await scratchDir()
    const source = join(folder, 'arenas.img')
    await expandFixture('seq-day1', source)
    const attic = await startVenti()
    const stateDir = join(folder, 'state')
    const electron = await startElectron(stateDir)
    const { page } = await openMirrorIn(electron, { source, targets: { attic: attic.dial.text }, ninefat: null })
    await waitFor(page.getByRole('heading', { name: 'Everything is on attic' }))
    await replaceWithFixture('seq-day2', source)
    await page.getByRole('button', { name: 'Look again' }).click()
    await page.getByRole('button', { name: 'Sync now' }).click()
    await waitFor(page.getByText('Done: 86 blocks, everything is on attic.'))
    expect(blocksOf(attic)).toEqual(expectedBlocks('seq-day2'))
    expect(await electron.application.evaluate(({ app }) => app.isReady())).toBe(true)

    await electron.kill()
    const again = await startElectron(stateDir)
    const later = await again.openPage()
    await waitFor(later.page.getByRole('heading', { name: 'Everything is on attic' }))
  })

  test('the page has the bridge and nothing else of the program, and may not leave', async () => {
    const stateDir = join(await scratchDir(), 'state')
    const { page } = await (await startElectron(stateDir)).openPage()
    await waitFor(page.getByRole('button', { name: 'Set up a mirror' }).first())
    const seen = await page.evaluate(
      (bridge) => ({
        ofNode: ['require', 'process', 'module', 'Buffer', 'global', 'ipcRenderer', 'electron'].filter(
          (name) => name in window,
        ),
        bridge: Object.keys((window as unknown as Record<string, object>)[bridge] ?? {}).toSorted(),
      }),
      bridgeName,
    )
    expect(seen).toEqual({ ofNode: [], bridge: ['ask', 'onEvent'] })
    const here = page.url()
    await page.evaluate(() => {
      location.href = 'https://example.org/'
    })
    const log = async (): Promise<string> => await readFile(join(stateDir, 'electron', 'logs', 'main.log'), 'utf8')
    await expect.poll(log, { timeout: patienceMs }).toContain('refused a navigation to https:')
    expect(page.url()).toBe(here)
    await waitFor(page.getByRole('button', { name: 'Set up a mirror' }).first())
  })

  test('the command line runs in the same program', async () => {
    const program = await standInProgram()
    const run = promisify(execFile)
    const { stdout } = await run(program, [projectDir, '--cli', '--', '--version'])
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    await expect(run(program, [projectDir, '--cli', 'sync', '--nonsense'])).rejects.toMatchObject({ code: 2 })
  })
})
