// What the application does around a copy: the taskbar, sleep, quitting, a page that dies, an engine that dies. The engine is
// the real one in a process of its own, and the target a venti that answers when it is let.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test, vi } from 'vitest'
import type { ApplicationOptions } from '../../../electron/app/application.ts'
import type { JobView, MirrorView, SyncJobView } from '../../../shared/model/window.ts'
import { startVenti } from '../../e2e/targets.ts'
import { buildCli } from '../../helpers/cli-process.ts'
import { Desktop } from '../../helpers/desktop.ts'
import { app, desk } from '../../helpers/electron/core.ts'
import { enginePids, notifications, powerMonitor, pressMenu } from '../../helpers/electron/electron.ts'
import { BrowserWindow } from '../../helpers/electron/window.ts'
import { expectedBlocks } from '../../helpers/fixtures.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { blocksOf, imageIn, stateDirIn, syncIn } from '../../helpers/sync-runs.ts'

beforeAll(buildCli)
// A shared machine can be many times slower than an idle one.
vi.setConfig({ testTimeout: 240_000 })

type Venti = Awaited<ReturnType<typeof startVenti>>

/** A mirror with new blocks to send, and its target. */
async function mirrorWithNews(): Promise<{ folder: string; attic: Venti }> {
  const folder = await scratchDir()
  const attic = await startVenti()
  await syncIn(folder, await imageIn(folder, 'seq-day1'), [attic])
  await imageIn(folder, 'seq-day3')
  return { folder, attic }
}

const syncs = ({ told }: Desktop): readonly SyncJobView[] =>
  told.flatMap(({ event, value }) => {
    const job = event === 'job.view' ? (value as JobView) : null
    return job?.kind === 'sync' ? [job] : []
  })

const newestSync = (desktop: Desktop): SyncJobView | undefined => syncs(desktop).at(-1)

/** A copy that stands in its middle until the target is let go on. */
async function copying(
  options: Partial<ApplicationOptions> = {},
): Promise<{ desktop: Desktop; folder: string; attic: Venti }> {
  const { folder, attic } = await mirrorWithNews()
  const desktop = await Desktop.start(folder, options)
  attic.behaviour.hold = true
  await desktop.ask('sync.start', { mirror: 'source', dials: null })
  await desktop.waitsFor('blocks at the target', () => attic.store.held.length > 0)
  await desktop.waitsFor('a picture of the copy', () => newestSync(desktop)?.state === 'running')
  return { desktop, folder, attic }
}

function letGo(attic: Venti): void {
  attic.behaviour.hold = false
  attic.store.release()
}

async function expectComplete(desktop: Desktop, attic: Venti): Promise<void> {
  await desktop.waitsFor('the end of the copy', () => newestSync(desktop)?.result === 'ok')
  expect(blocksOf(attic)).toEqual(expectedBlocks('seq-day3'))
}

test('the taskbar and the title say how far a copy is, and the computer stays awake for it', async () => {
  const { desktop, attic } = await copying()
  await desktop.waitsFor('the title', () => desktop.window.title.includes('source'))
  expect([...desk.blockers.values()]).toEqual(['prevent-app-suspension'])
  expect(desk.progress.at(-1)).toEqual([
    expect.any(Number),
    { mode: expect.stringMatching(/^(normal|indeterminate)$/) },
  ])
  letGo(attic)
  await expectComplete(desktop, attic)
  await desktop.waitsFor('the end in the title', () => desktop.window.title === 'Venti Mirror')
  expect([desk.progress.at(-1), [...desk.blockers]]).toEqual([[-1, { mode: 'none' }], []])
  // Success is told only to those who wish it.
  expect(notifications().map(({ options }) => options['title'])).not.toContain('source is in step')
})

test('a failure is notified, and a click on it leads to the window', async () => {
  const { folder, attic } = await mirrorWithNews()
  const desktop = await Desktop.start(folder)
  await attic.close()
  await desktop.ask('sync.start', { mirror: 'source', dials: null })
  await desktop.waitsFor('the end of the sync', () => newestSync(desktop)?.state === 'ended')
  const isFailure = ({ options }: { options: Readonly<Record<string, unknown>> }): boolean =>
    String(options['title']).startsWith('The sync of source')
  await desktop.waitsFor('the notification', () => notifications().some(isFailure))
  desktop.window.hide()
  notifications().find(isFailure)?.emit('click')
  expect(desktop.window.isShown).toBe(true)
  expect(desktop.told.at(-1)).toEqual({ event: 'desktop.command', value: { command: 'overview', mirror: 'source' } })
})

test('quitting during a copy asks; kept running it goes on; quit it stops at a checkpoint and goes on at the next start', async () => {
  const { desktop, folder, attic } = await copying()
  app.quit()
  await desktop.waitsFor('the question', () => desktop.asked('message').length === 1)
  expect(desktop.asked('message')).toMatchObject([{ buttons: ['Keep Running', 'Quit'], defaultId: 0, cancelId: 0 }])
  expect([desk.exitStatus, newestSync(desktop)?.state]).toEqual([null, 'running'])

  desk.answers.push(1)
  // The cross in the corner asks the same.
  desktop.window.close()
  await desktop.waitsFor('the second question', () => desktop.asked('message').length === 2)
  letGo(attic)
  attic.behaviour.hold = true
  expect(await desk.exited.promise).toBe(0)
  expect(enginePids()).toEqual([])
  const kept = JSON.parse(await readFile(join(stateDirIn(folder), 'interrupted.json'), 'utf8')) as unknown
  expect(kept).toEqual([{ mirror: 'source', dials: [attic.dial.text] }])

  letGo(attic)
  const next = await Desktop.start(folder)
  await expectComplete(next, attic)
  expect(await readFile(join(stateDirIn(folder), 'interrupted.json'), 'utf8').catch(() => null)).toBeNull()
})

test('quitting with nothing under way does not ask', async () => {
  const desktop = await Desktop.start(await scratchDir())
  pressMenu('Quit')
  expect([await desk.exited.promise, desktop.asked('message')]).toEqual([0, []])
})

test('a copy pauses for sleep and goes on after it', async () => {
  const { desktop, attic } = await copying()
  powerMonitor.emit('suspend')
  letGo(attic)
  await desktop.waitsFor('the pause', () => ['pausing', 'paused'].includes(newestSync(desktop)?.state ?? ''))
  powerMonitor.emit('resume')
  await expectComplete(desktop, attic)
})

test('a daily time missed in sleep is said, and not begun beside the copy that goes on', async () => {
  const clock = { now: new Date('2026-11-27T12:00:00Z') }
  const { desktop, attic } = await copying({ now: () => clock.now })
  expect(await desktop.bridge.ask('desktop.change', { dailyAt: '06:00' })).toMatchObject({ ok: true })
  powerMonitor.emit('suspend')
  letGo(attic)
  await desktop.waitsFor('the pause', () => newestSync(desktop)?.state === 'paused')
  attic.behaviour.hold = true
  clock.now = new Date('2026-11-29T12:00:00Z')
  desk.isOnline = false
  powerMonitor.emit('resume')
  const missed = ({ options }: { options: Readonly<Record<string, unknown>> }): boolean =>
    options['title'] === 'A daily sync was missed'
  await desktop.waitsFor('what was missed', () => notifications().some(missed))
  await desktop.waitsFor('the copy going on', () => newestSync(desktop)?.state === 'running')
  // Whatever else would have begun is there when this is answered.
  await desktop.ask('app.view', {})
  letGo(attic)
  await expectComplete(desktop, attic)
  expect([new Set(syncs(desktop).map(({ id }) => id)).size, notifications().filter(missed).length]).toEqual([1, 1])
})

test('a copy that broke while the network was away is begun again when it is back', async () => {
  const { desktop, attic } = await copying()
  desk.isOnline = false
  await attic.crash()
  await desktop.waitsFor('the end of the broken copy', () => newestSync(desktop)?.state === 'ended')
  const broken = newestSync(desktop)?.id
  attic.behaviour.hold = false
  await attic.restart()
  desk.isOnline = true
  await expectComplete(desktop, attic)
  expect(newestSync(desktop)?.id).not.toBe(broken)
})

test('an engine that dies is started again, and the copy with it', async () => {
  const { desktop, attic } = await copying()
  const [pid] = enginePids()
  process.kill(pid as number, 'SIGKILL')
  await desktop.waitsFor('another engine', () => enginePids().length === 1 && enginePids()[0] !== pid)
  letGo(attic)
  await expectComplete(desktop, attic)
  expect(syncs(desktop).filter(({ result }) => result === 'ok')).toHaveLength(1)
})

test('a page that dies is told of and opened again, and the copy goes on without it', async () => {
  const { desktop, attic } = await copying()
  const { webContents } = desktop.window
  const { loads } = webContents
  webContents.emit('render-process-gone', {}, { reason: 'oom', exitCode: 1 })
  await desktop.waitsFor('the page again', () => webContents.loads === loads + 1)
  expect(desktop.asked('message')).toMatchObject([{ message: 'The window ended unexpectedly.', cancelId: 0 }])
  desktop.bridge.onEvent((message) => void desktop.told.push(message))
  letGo(attic)
  await expectComplete(desktop, attic)
})

test('a page that hangs is waited for or opened again, as its user wants', async () => {
  const desktop = await Desktop.start(await scratchDir())
  const { window } = desktop
  const { loads } = window.webContents
  window.emit('unresponsive')
  await desktop.waitsFor('the question', () => desktop.asked('message').length === 1)
  expect(window.webContents.loads).toBe(loads)
  desk.answers.push(1)
  window.emit('unresponsive')
  await desktop.waitsFor('the page again', () => window.webContents.loads === loads + 1)
  expect(desktop.asked('message')).toHaveLength(2)
})

test('the menu leads to views, to the logs, and to a report without names or scores', async () => {
  const { folder, attic } = await mirrorWithNews()
  const desktop = await Desktop.start(folder)
  pressMenu('Verify')
  expect(desktop.told.at(-1)).toEqual({ event: 'desktop.command', value: { command: 'verify', mirror: null } })
  const view = await desktop.ask('app.view', {})
  const [mirror] = view.mirrors as readonly [MirrorView]
  pressMenu('Copy Report')
  await desktop.waitsFor('the report', () => desk.clipboard !== '')
  expect(desk.clipboard).toContain('Venti Mirror 0.1.0 on ')
  expect(desk.clipboard).toMatch(/Mirror 1, "[^"]+": 1 target, /)
  for (const hidden of [mirror.source.path, attic.dial.text]) expect(desk.clipboard).not.toContain(hidden)
  expect(desk.clipboard).not.toMatch(/[0-9a-f]{40}/)
  pressMenu('Open Logs Folder')
  await desktop.waitsFor('the folder', () => desktop.asked('folder').length === 1)
  expect(desktop.asked('folder')).toEqual([{ path: app.getPath('logs') }])
})

test('the dialog of the system gives what was chosen, or nothing', async () => {
  const desktop = await Desktop.start(await scratchDir())
  const asked = { what: 'file', title: 'The source', start: '/tmp' } as const
  desk.answers.push('/dev/sdb')
  expect(await desktop.bridge.ask('desktop.choose', asked)).toEqual({ ok: true, value: '/dev/sdb' })
  expect(await desktop.bridge.ask('desktop.choose', asked)).toEqual({ ok: true, value: null })
  expect(desktop.asked('open')).toMatchObject([{ title: 'The source', defaultPath: '/tmp' }, {}])
})

test('where the window stood is kept', async () => {
  const folder = await scratchDir()
  await Desktop.start(folder)
  BrowserWindow.getAllWindows()[0]?.close()
  await desk.exited.promise
  const next = await Desktop.start(folder)
  expect(next.window.options).toMatchObject({ x: 10, y: 20, width: 1000, height: 700 })
})
