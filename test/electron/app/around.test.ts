// What the application does by itself: the daily time and what it missed, the tray, the start at login, and secrets, which are
// kept by the platform or not at all.

import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test, vi } from 'vitest'
import { openSecrets } from '../../../electron/app/secrets.ts'
import type { DesktopSettings, DesktopView } from '../../../shared/desktop.ts'
import { startVenti } from '../../e2e/targets.ts'
import { buildCli } from '../../helpers/cli-process.ts'
import { Desktop } from '../../helpers/desktop.ts'
import { app, desk, resetElectron } from '../../helpers/electron/core.ts'
import { notifications, pressMenu, Tray } from '../../helpers/electron/electron.ts'
import { BrowserWindow } from '../../helpers/electron/window.ts'
import { expectedBlocks } from '../../helpers/fixtures.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { blocksOf, imageIn, stateDirIn, syncIn } from '../../helpers/sync-runs.ts'

beforeAll(buildCli)
// A shared machine can be many times slower than an idle one.
vi.setConfig({ testTimeout: 240_000 })

async function change(desktop: Desktop, settings: Partial<DesktopSettings>): Promise<DesktopView> {
  const result = await desktop.bridge.ask('desktop.change', settings)
  if (!result.ok) throw new Error(result.problem.next)
  return result.value as DesktopView
}

test('a daily time that nobody met is caught up at the next start, and said', async () => {
  const folder = await scratchDir()
  const attic = await startVenti()
  await syncIn(folder, await imageIn(folder, 'seq-day1'), [attic])
  await imageIn(folder, 'seq-day3')
  const first = await Desktop.start(folder, { now: () => new Date('2026-11-27T12:00:00Z') })
  expect(await change(first, { dailyAt: '06:00' })).toMatchObject({ settings: { dailyAt: '06:00' }, missedAt: null })
  pressMenu('Quit')
  await desk.exited.promise

  const next = await Desktop.start(folder, { now: () => new Date('2026-11-29T12:00:00Z') })
  await next.waitsFor('all blocks', () => blocksOf(attic).length === expectedBlocks('seq-day3')?.length)
  expect(notifications().map(({ options }) => options['title'])).toContain('A daily sync was missed')
  const view = (await next.bridge.ask('desktop.view', {})) as { readonly value: DesktopView }
  expect(view.value.missedAt?.slice(0, 10)).toBe('2026-11-29')

  // Seen, it is gone, here and on disk; another one would not be.
  const { missedAt } = view.value
  const later = { missedAt: '2026-11-30T06:00:00.000Z' }
  const dismissed: unknown[] = []
  for (const asked of [{}, { missedAt: null }, { missedAt: 'today' }, { missedAt, more: 1 }, later, { missedAt }])
    dismissed.push(await next.bridge.ask('desktop.dismissMissed', asked))
  const refused = { ok: false, problem: { code: 'usage' } }
  const left = (at: string | null): object => ({ ok: true, value: { missedAt: at } })
  expect(dismissed).toMatchObject([refused, refused, refused, refused, left(missedAt), left(null)])
  expect(JSON.parse(await readFile(join(stateDirIn(folder), 'desktop.json'), 'utf8'))).toMatchObject({ missedAt: null })

  // Once: another start on the same day has nothing to catch up.
  await next.application.endNow()
  const third = await Desktop.start(folder, { now: () => new Date('2026-11-29T13:00:00Z') })
  await third.ask('app.view', {})
  expect(notifications().map(({ options }) => options['title'])).not.toContain('A daily sync was missed')
})

test('in the tray the window is hidden when it is closed, and the tray leads back to it and out', async () => {
  const desktop = await Desktop.start(await scratchDir())
  expect(Tray.all()).toEqual([])
  await change(desktop, { tray: true })
  const [tray] = Tray.all()
  const { window } = desktop
  window.close()
  expect([window.isShown, window.isDestroyed(), desk.exitStatus]).toEqual([false, false, null])
  pressMenu('Open', tray?.menu)
  expect(window.isShown).toBe(true)
  pressMenu('Quit', tray?.menu)
  expect(await desk.exited.promise).toBe(0)
  expect(Tray.all()).toEqual([])
})

test('without a tray on this desktop the window closes as ever', async () => {
  const desktop = await Desktop.start(await scratchDir())
  desk.isTraySupported = false
  await change(desktop, { tray: true })
  desktop.window.close()
  expect(await desk.exited.promise).toBe(0)
})

test.skipIf(process.platform !== 'linux')(
  'started at login: an entry in the autostart folder, and gone again',
  async () => {
    const folder = await scratchDir()
    const desktop = await Desktop.start(folder)
    app.setPath('appData', join(folder, 'config'))
    app.setPath('exe', '/opt/Venti "Mirror"/100%')
    await change(desktop, { startAtLogin: true })
    const path = join(folder, 'config', 'autostart', 'venti-mirror.desktop')
    expect(await readFile(path, 'utf8')).toContain('Exec="/opt/Venti \\\\"Mirror\\\\"/100%%" --hidden\n')
    await change(desktop, { startAtLogin: false })
    await expect(stat(path)).rejects.toThrow('ENOENT')
  },
)

test('a checkout is not started at login, and says so', async () => {
  const desktop = await Desktop.start(await scratchDir())
  desk.isPackaged = false
  await expect(change(desktop, { startAtLogin: true })).rejects.toThrow('Only an installed application')
})

test('settings of no kind are refused', async () => {
  const desktop = await Desktop.start(await scratchDir())
  for (const settings of [
    { dailyAt: '6:00' },
    { dailyAt: '24:00' },
    { dailyAt: 6 },
    { tray: 'yes' },
    { other: true },
  ]) {
    expect(await desktop.bridge.ask('desktop.change', settings)).toMatchObject({
      ok: false,
      problem: { code: 'usage' },
    })
  }
})

test('a file of settings that cannot be understood is set aside, and the usual ones stand', async () => {
  const folder = await scratchDir()
  await (await Desktop.start(folder)).application.endNow()
  await writeFile(join(stateDirIn(folder), 'desktop.json'), '{"settings":{"tray":1}}')
  const desktop = await Desktop.start(folder)
  const view = await desktop.bridge.ask('desktop.view', {})
  expect(view).toMatchObject({ ok: true, value: { settings: { tray: false, startAtLogin: false, dailyAt: null } } })
})

test('a secret is kept by the platform, never as text', async () => {
  resetElectron()
  app.becomeReady()
  const path = join(await scratchDir(), 'secrets.json')
  const said: string[] = []
  const store = openSecrets({ path, platform: 'linux', now: () => new Date(), say: (line) => void said.push(line) })
  await store.set('glenda@host', 'correct horse')
  expect([await store.get('glenda@host'), await store.get('other')]).toEqual(['correct horse', null])
  expect(await readFile(path, 'utf8')).not.toContain('correct horse')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  await writeFile(path, JSON.stringify({ 'glenda@host': Buffer.from('of another user').toString('base64') }))
  expect([await store.get('glenda@host'), said]).toEqual([null, [expect.stringContaining('cannot be decrypted')]])
  await store.forget('glenda@host')
  expect(await readFile(path, 'utf8')).toBe('{}\n')
})

test.each(['basic_text', 'unknown'])('where it would be plain text (%s) it is refused', async (backend) => {
  resetElectron()
  app.becomeReady()
  desk.storageBackend = backend
  const path = join(await scratchDir(), 'secrets.json')
  const store = openSecrets({ path, platform: 'linux', now: () => new Date(), say: () => undefined })
  const refused = store.set('glenda@host', 'correct horse')
  await expect(refused).rejects.toMatchObject({
    code: 'secret-refused',
    data: { next: expect.stringContaining('GNOME Keyring') },
  })
  await expect(refused).rejects.not.toThrow('correct horse')
  await expect(stat(path)).rejects.toThrow('ENOENT')
  expect(BrowserWindow.getAllWindows()).toEqual([])
})
