// The page as Electron has it, in Chromium: no WebSocket and no browser host, but the bridge of the built preload, behind it
// the main process in the double of Electron, and behind that the real engine in a process of its own.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startHost } from '../../electron/host/server.ts'
import { readPageFiles } from '../../electron/host/page-files.ts'
import type { ServiceLink } from '../../electron/service/link.ts'
import { bridgeName } from '../../shared/bridge.ts'
import { chromiumPath } from '../helpers/chromium.ts'
import { buildCli } from '../helpers/cli-process.ts'
import { Desktop, programDir } from '../helpers/desktop.ts'
import { desk } from '../helpers/electron/core.ts'
import { pressMenu } from '../helpers/electron/electron.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { stateDirIn } from '../helpers/sync-runs.ts'
import { patienceMs, testMs, waitFor } from './waiting.ts'
import { closeBrowser, sharedBrowser } from './browser-host.ts'

beforeAll(buildCli)
afterAll(closeBrowser)

/** Serves the files; the page must not need more of it. */
const nobody: ServiceLink = {
  ask: () => Promise.reject(new Error('the page asks over the bridge')),
  onEvent: () => () => undefined,
  close: () => Promise.resolve(),
}

type Told = { told(message: unknown): void }

/** The page over the bridge of `desktop`. */
async function openOver(desktop: Desktop): Promise<Page> {
  const files = await readPageFiles(join(programDir, 'renderer'))
  const host = await startHost({ link: nobody, files, port: 0 })
  onTestFinished(() => host.close())
  const context = await (
    await sharedBrowser()
  ).newContext({ viewport: { width: 1120, height: 900 }, reducedMotion: 'reduce' })
  context.setDefaultTimeout(patienceMs)
  onTestFinished(() => context.close())
  const page = await context.newPage()
  await page.exposeFunction('askOverBridge', (channel: string, asked: unknown) => desktop.bridge.ask(channel, asked))
  await page.addInitScript((name) => {
    const world = window as unknown as Record<string, unknown> & Told & { askOverBridge: unknown }
    const listeners = new Set<(message: unknown) => void>()
    world.told = (message) => {
      for (const listener of listeners) listener(message)
    }
    world[name] = {
      ask: world.askOverBridge,
      onEvent: (listener: (message: unknown) => void) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    }
  }, bridgeName)
  const end = desktop.bridge.onEvent((message) => {
    void page.evaluate((one) => (window as unknown as Told).told(one), message).catch(() => undefined)
  })
  onTestFinished(end)
  await page.goto(host.address)
  return page
}

describe.skipIf(chromiumPath() === null)('the page in Electron', { timeout: testMs }, () => {
  test('sets up the sample, and the menu and the settings of the desktop lead where they say', async () => {
    const folder = await scratchDir()
    const desktop = await Desktop.start(folder)
    const page = await openOver(desktop)
    await waitFor(page.getByRole('button', { name: 'Overview', exact: true }))
    pressMenu('Settings')
    await waitFor(page.getByRole('heading', { name: 'On this computer' }))
    await page.getByRole('checkbox', { name: 'by itself' }).click()
    await waitFor(page.getByText(/^next: (today|tomorrow) 06:00$/))
    await page.getByLabel('Time of the daily sync').fill('05:30')
    await waitFor(page.getByText(/^next: (today|tomorrow) 05:30$/))
    await page.getByRole('checkbox', { name: 'in the tray when the window is closed' }).click()
    await expect
      .poll(async () => JSON.parse(await readFile(join(stateDirIn(folder), 'desktop.json'), 'utf8')) as unknown)
      .toMatchObject({ settings: { dailyAt: '05:30', tray: true, startAtLogin: false } })
    await page.getByRole('button', { name: 'Copy a report' }).click()
    await waitFor(page.getByText('It is on the clipboard.'))
    expect(desk.clipboard).toContain('Venti Mirror')
    const shot = process.env['VENTI_MIRROR_SHOT']
    if (shot !== undefined) await page.screenshot({ path: shot, fullPage: true })

    pressMenu('Set Up a Mirror …')
    await page.getByRole('button', { name: 'Try it with sample data' }).click()
    await desktop.waitsFor('the draft', () => desktop.told.some(({ event }) => event === 'setup.view'))
    expect((await desktop.ask('app.view', {})).setup).not.toBeNull()
  })

  test('a new version is looked for when asked, told, and its page opened in the browser of the system', async () => {
    const folder = await scratchDir()
    const updateFeed = 'https://updates.example/venti-mirror'
    await writeFile(join(folder, 'package.json'), JSON.stringify({ updateFeed }))
    const desktop = await Desktop.start(folder, {}, () => {
      desk.appPath = folder
      desk.net = () => new Response('<b>busy</b>', { status: 503 })
    })
    const page = await openOver(desktop)
    await waitFor(page.getByRole('button', { name: 'Overview', exact: true }))
    pressMenu('Settings')
    await waitFor(page.getByText('0.1.0 runs; nobody has looked yet.'))
    const look = page.getByRole('button', { name: 'Look for a new version' })
    await look.click()
    await waitFor(page.getByRole('alert').getByText('updates.example answered with status 503 instead of a version'))
    desk.net = () => new Response('version: 99.1.0')
    await look.click()
    await waitFor(page.getByText('Version 99.1.0 is there; 0.1.0 runs.'))
    const note = page.getByRole('note').filter({ hasText: 'Version 99.1.0 is there.' })
    const shot = process.env['VENTI_MIRROR_SHOT']
    if (shot !== undefined) await page.screenshot({ path: `${shot}-update.png`, fullPage: true })
    await note.getByRole('button', { name: 'Open the download page' }).click()
    await expect.poll(() => desktop.asked('browser')).toEqual([{ address: updateFeed }])
    await note.getByRole('button', { name: 'Later' }).click()
    await expect.poll(() => note.count()).toBe(0)
    await page.getByRole('checkbox', { name: 'look once a week' }).click()
    await expect
      .poll(async () => JSON.parse(await readFile(join(stateDirIn(folder), 'desktop.json'), 'utf8')) as unknown)
      .toMatchObject({ settings: { weeklyLook: true }, updates: { found: '99.1.0' } })
  })

  test('a file can be chosen in the dialog of the system', async () => {
    const folder = await scratchDir()
    const desktop = await Desktop.start(folder)
    await desktop.ask('setup.begin', {})
    const page = await openOver(desktop)
    await page.getByRole('button', { name: 'Set-up', exact: true }).click()
    await page.getByRole('button', { name: 'Browse…' }).first().click()
    desk.answers.push(join(programDir, 'tray.png'))
    await page.getByRole('button', { name: 'System dialog …' }).click()
    // A picture is no partition: it was looked at.
    await waitFor(page.getByText('This is nothing that can be mirrored.'))
    expect(desktop.asked('open')).toMatchObject([{ properties: ['openFile', 'showHiddenFiles'] }])
  })
})
