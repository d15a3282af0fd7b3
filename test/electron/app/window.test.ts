// The window and what its page can reach: the options of the one, the bridge of the other, and everything else refused. The
// preload is the built one, run without Node as a sandboxed preload is.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { askChannel, bridgeName, pageOrigin } from '../../../shared/bridge.ts'
import { buildCli } from '../../helpers/cli-process.ts'
import { Desktop, programDir } from '../../helpers/desktop.ts'
import { app, desk, resetElectron } from '../../helpers/electron/core.ts'
import { BrowserWindow, invoke, protocol, session, WebContents } from '../../helpers/electron/window.ts'
import { bridged, Page } from '../../helpers/electron/page.ts'
import { scratchDir } from '../../helpers/scratch.ts'

beforeAll(buildCli)

test('the window is sandboxed, isolated and without Node, and the page has the bridge and nothing else', async () => {
  const { window, bridge } = await Desktop.start(await scratchDir())
  expect(window.options['webPreferences']).toEqual({
    preload: join(programDir, 'preload.cjs'),
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
    devTools: false,
  })
  expect([window.options['show'], window.options['minWidth'], window.options['minHeight']]).toEqual([false, 900, 600])
  expect(Object.keys(window.webContents.page?.world ?? {})).toEqual([bridgeName])
  expect(Object.keys(bridge).toSorted()).toEqual(['ask', 'onEvent'])
  expect(Object.isFrozen(bridge)).toBe(true)
  expect(await bridge.ask('app.view', {})).toMatchObject({ ok: true, value: { mirrors: [] } })
})

test('on a display smaller than its usual least size it fits, and first it stands on the main one', async () => {
  const { window } = await Desktop.start(await scratchDir(), {}, () => {
    desk.displays = [
      { id: 7, workArea: { x: -1920, y: 0, width: 1920, height: 1080 } },
      { id: 3, workArea: { x: 0, y: 24, width: 800, height: 456 } },
    ]
    desk.mainDisplayId = 3
  })
  const { x, y, width, height, minWidth, minHeight } = window.options
  expect({ x, y, width, height, minWidth, minHeight }).toEqual({
    x: 0,
    y: 24,
    width: 800,
    height: 456,
    minWidth: 800,
    minHeight: 456,
  })
})

test('the preload needs nothing that a sandbox does not have', async () => {
  const code = await readFile(join(programDir, 'preload.cjs'), 'utf8')
  const page = new Page(code, () => Promise.resolve(null))
  expect(Object.keys(page.world)).toEqual([bridgeName])
  expect(() => new Page('require("node:fs")', () => Promise.resolve(null))).toThrow('module not found')
  expect(code.length).toBeLessThan(4_000)
})

test('the page may not leave, open, attach, or be given a permission; a reload it may', async () => {
  const { window } = await Desktop.start(await scratchDir())
  const { webContents: contents } = window
  expect(contents.getURL()).toBe(`${pageOrigin}/`)
  const elsewhere = [
    'https://example.org/',
    'file:///etc/passwd',
    `${pageOrigin}/other`,
    'javascript:alert(1)',
    'data:text/html,x',
  ]
  for (const url of elsewhere) {
    expect([
      url,
      contents.navigates(url),
      contents.navigates(url, 'will-frame-navigate'),
      contents.navigates(url, 'will-redirect'),
      contents.opens(url),
    ]).toEqual([url, false, false, false, false])
  }
  expect([contents.navigates(`${pageOrigin}/`), contents.attachesGuest()]).toEqual([true, false])
  const { defaultSession } = session
  for (const permission of [
    'media',
    'geolocation',
    'notifications',
    'openExternal',
    'clipboard-read',
    'fileSystem',
    'usb',
  ]) {
    expect([permission, await defaultSession.grants(contents, permission)]).toEqual([permission, false])
    expect(defaultSession.permissionCheck?.(contents, permission, `${pageOrigin}/`)).toBe(false)
  }
  expect(await defaultSession.grants(contents, 'clipboard-sanitized-write')).toBe(true)
  expect(defaultSession.permissionCheck?.(contents, 'clipboard-sanitized-write', 'https://example.org/')).toBe(false)
  expect(defaultSession.device?.({})).toBe(false)
})

test('a page that was made by somebody else is guarded like ours', async () => {
  await Desktop.start(await scratchDir())
  const stray = new WebContents({})
  expect([stray.navigates('https://example.org/'), stray.opens('https://example.org/'), stray.attachesGuest()]).toEqual(
    [false, false, false],
  )
})

test('only the files of the page are served, with a policy that allows nothing unsafe', async () => {
  await Desktop.start(await scratchDir())
  const { defaultSession } = session
  const page = await defaultSession.load(`${pageOrigin}/`)
  const policy = page?.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('unsafe-')
  const html = (await page?.text()) ?? ''
  const [, script = ''] = /src="\.(\/assets\/[^"]+\.js)"/.exec(html) ?? []
  const loaded = await defaultSession.load(`${pageOrigin}${script}`)
  expect([loaded?.status, loaded?.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8'])
  const absent = ['/package.json', '/../package.json', '/assets/', '/%2e%2e/cli.js', '/index.html']
  for (const path of absent) expect([path, (await defaultSession.load(pageOrigin + path))?.status]).toEqual([path, 404])
  expect((await defaultSession.load(pageOrigin.replace('window', 'other')))?.status).toBeUndefined()
  expect((await defaultSession.load(`${pageOrigin}/`, 'POST'))?.status).toBe(405)
  for (const url of ['https://example.org/x.png', 'http://127.0.0.1:1/', 'file:///etc/passwd', 'ws://127.0.0.1:1/']) {
    expect([url, await defaultSession.load(url)]).toEqual([url, null])
  }
})

test('a message of anybody but the page in the main frame is rejected', async () => {
  const { window } = await Desktop.start(await scratchDir())
  const { webContents: own } = window
  const { mainFrame } = own
  const strangers = [
    { sender: new WebContents({}), senderFrame: mainFrame },
    { sender: own, senderFrame: null },
    { sender: own, senderFrame: { url: `${pageOrigin}/`, parent: mainFrame } },
    { sender: own, senderFrame: { url: `${pageOrigin}/`, parent: null } },
  ]
  for (const stranger of strangers)
    await expect(invoke(stranger, askChannel, 'app.view', {})).rejects.toThrow('refused')
  expect(await invoke({ sender: own, senderFrame: mainFrame }, askChannel, 'app.view', {})).toMatchObject({ ok: true })
  // A page that got in the place of ours.
  own.mainFrame = { url: 'https://example.org/', parent: null }
  await expect(invoke({ sender: own, senderFrame: own.mainFrame }, askChannel, 'app.view', {})).rejects.toThrow(
    'refused',
  )
})

test('a malformed message is answered with what is wrong, and does nothing', async () => {
  const { bridge, window } = await Desktop.start(await scratchDir())
  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = cyclic
  const malformed: readonly (readonly [unknown, unknown])[] = [
    ['nothing.such', {}],
    ['toString', {}],
    ['desktop.nothing', {}],
    ['app.view', { more: 1 }],
    ['app.view', null],
    ['app.view', undefined],
    ['app.view', 1n],
    ['app.view', cyclic],
    ['places.look', { path: 'x'.repeat(100_000) }],
    ['places.look', { path: ['/'] }],
    ['desktop.choose', { what: 'everything', title: '', start: null }],
    ['x'.repeat(1000), {}],
    [{}, {}],
    [null, {}],
  ]
  const from = { sender: window.webContents, senderFrame: window.webContents.mainFrame }
  for (const [channel, asked] of malformed) {
    expect(await invoke(from, askChannel, channel, asked)).toMatchObject({ ok: false, problem: { code: 'usage' } })
  }
  await expect(bridge.ask('app.view', () => 1)).rejects.toThrow('could not be cloned')
  expect(await bridge.ask('app.view', {})).toMatchObject({ ok: true })
})

test('a second start shows the window of the first, and ends itself', async () => {
  const folder = await scratchDir()
  const { window } = await Desktop.start(folder)
  window.isMinimizedNow = true
  window.hide()
  app.emit('second-instance', {}, [], '/')
  expect([window.isMinimizedNow, window.isShown]).toEqual([false, true])
  await expect(
    (async () => {
      resetElectron()
      desk.hasLock = false
      const { startApplication } = await import('../../../electron/app/application.ts')
      const second = startApplication({ stateDir: join(folder, 'second'), programDir })
      app.becomeReady()
      await app.whenReady()
      return [second, desk.exitStatus, BrowserWindow.getAllWindows().length]
    })(),
  ).resolves.toEqual([null, 0, 0])
})

test.each([
  ['is turned on for all there is', [], { 'enable-sandbox': true, 'no-sandbox': false }],
  ['stays off for who turned it off', ['no-sandbox'], { 'enable-sandbox': false, 'no-sandbox': true }],
])("the system's sandbox %s", async (_name, given, expected) => {
  const folder = await scratchDir()
  const { startApplication } = await import('../../../electron/app/application.ts')
  resetElectron()
  for (const name of given) app.commandLine.appendSwitch(name)
  const application = startApplication({ stateDir: join(folder, 'state'), programDir })
  const found = Object.keys(expected).map((name) => [name, app.commandLine.hasSwitch(name)])
  await application?.endNow()
  expect(Object.fromEntries(found)).toEqual(expected)
})

test('a state folder that the browser host has is said, and nothing is opened', async () => {
  const folder = await scratchDir()
  const { stateDirIn } = await import('../../helpers/sync-runs.ts')
  const { takeInstance } = await import('../../../electron/host/instance.ts')
  const { startApplication } = await import('../../../electron/app/application.ts')
  const instance = await takeInstance(stateDirIn(folder))
  resetElectron()
  startApplication({ stateDir: stateDirIn(folder), programDir })
  app.becomeReady()
  expect(await desk.exited.promise).toBe(1)
  await instance.release()
  expect(desk.asked).toMatchObject([
    { kind: 'error', options: { content: expect.stringContaining('is open already') } },
  ])
  expect(BrowserWindow.getAllWindows()).toEqual([])
})

// The double itself: were it lenient, the tests above would show nothing.
test('the double refuses what Electron refuses', () => {
  resetElectron()
  expect(() => new BrowserWindow()).toThrow('before the app is ready')
  expect(() => session.defaultSession).toThrow('before the app is ready')
  app.becomeReady()
  expect(() => protocol.registerSchemesAsPrivileged([])).toThrow('before app is ready')
  expect(() => app.enableSandbox()).toThrow('before app is ready')
  class Thing {
    readonly value = 1
    double(): number {
      return this.value * 2
    }
  }
  const over = bridged({ thing: new Thing(), run: (value: { nested: number[] }) => value.nested }) as {
    thing: { double?: unknown }
    run(value: object): number[]
  }
  expect(over.thing.double).toBeUndefined()
  const given = { nested: [1] }
  expect([over.run(given), over.run(given) === given.nested]).toEqual([[1], false])
  expect(() => bridged(Symbol('x'))).toThrow('could not be cloned')
})
