// New versions of the application: nothing is asked without the user's wish, nothing but the feed's own page is opened, and
// whatever the feed answers is safe. The net is a stand-in (desk.net).

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test, vi } from 'vitest'
import { version as running } from '../../../electron/cli/version.ts'
import type { DesktopChannel, DesktopView, UpdatesView } from '../../../shared/desktop.ts'
import type { Problem } from '../../../shared/model/window.ts'
import { buildCli } from '../../helpers/cli-process.ts'
import { Desktop } from '../../helpers/desktop.ts'
import { desk } from '../../helpers/electron/core.ts'
import { notifications, powerMonitor } from '../../helpers/electron/electron.ts'
import { session } from '../../helpers/electron/window.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { stateDirIn } from '../../helpers/sync-runs.ts'

beforeAll(buildCli)
// A shared machine can be many times slower than an idle one.
vi.setConfig({ testTimeout: 240_000 })

const feed = 'https://updates.example/venti-mirror'
const asked = new RegExp(`^${feed}/latest[a-z0-9-]*\\.yml$`)
const newer = 'version: 99.1.0\nfiles: []\n'

type Net = (request: Request) => Response | Promise<Response>
const answers = (text: string) => (): Response => new Response(text)

type Start = { readonly updateFeed?: unknown; readonly net?: Net; readonly weekly?: boolean; readonly now?: () => Date }

/** A package with such a feed. */
async function start(
  folder: string,
  { updateFeed = feed, net = answers(newer), weekly, now }: Start = {},
): Promise<Desktop> {
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'venti-mirror', updateFeed }))
  if (weekly !== undefined) {
    await mkdir(stateDirIn(folder), { recursive: true })
    const path = join(stateDirIn(folder), 'desktop.json')
    await writeFile(path, JSON.stringify({ settings: { weeklyLook: weekly } }))
  }
  // Awake at once: the next request is answered after what waking brings.
  const options = { wait: () => Promise.resolve(), ...(now === undefined ? {} : { now }) }
  return await Desktop.start(folder, options, () => {
    desk.appPath = folder
    desk.net = net
  })
}

async function ask(desktop: Desktop, channel: DesktopChannel, given: object = {}): Promise<unknown> {
  const result = await desktop.bridge.ask(channel, given)
  return result.ok ? result.value : result.problem
}

const updatesOf = async (desktop: Desktop, channel: DesktopChannel = 'desktop.view'): Promise<UpdatesView> =>
  ((await ask(desktop, channel)) as DesktopView).updates

const titles = (): readonly unknown[] => notifications().map(({ options }) => options['title'])

/** What waking or a start had begun, has been asked by then: a look notes itself before it asks. */
async function letItLook(desktop: Desktop): Promise<void> {
  await desktop.ask('app.view', {})
  await ask(desktop, 'desktop.change', { tray: true })
  await ask(desktop, 'desktop.change', { tray: false })
}

test('without a wish nothing is asked, however long it runs', async () => {
  let time = new Date('2026-11-29T12:00:00Z')
  const desktop = await start(await scratchDir(), { now: () => time })
  time = new Date('2027-11-29T12:00:00Z')
  powerMonitor.emit('resume')
  await letItLook(desktop)
  expect(await updatesOf(desktop)).toEqual({ feed, running, found: null, lookedAt: null })
  expect([desk.fetched, titles()]).toEqual([[], []])
})

test('a look finds a newer version, which is kept, and its page is opened in the browser of the system', async () => {
  const folder = await scratchDir()
  const now = (): Date => new Date('2026-11-29T12:00:00.000Z')
  const first = await start(folder, { now })
  const found = { feed, running, found: '99.1.0', lookedAt: '2026-11-29T12:00:00.000Z' }
  expect(await updatesOf(first, 'desktop.lookForUpdate')).toEqual(found)
  expect(desk.fetched).toEqual([expect.stringMatching(asked)])
  expect(first.told.findLast(({ event }) => event === 'desktop.view')).toMatchObject({ value: { updates: found } })
  expect(await ask(first, 'desktop.openUpdate')).toBeNull()
  // What was asked for is no news.
  expect([first.asked('browser'), titles()]).toEqual([[{ address: feed }], []])
  await first.application.endNow()

  const next = await start(folder, { now })
  expect([await updatesOf(next), desk.fetched]).toEqual([found, []])
})

test.each(['0.0.1', running, `${running}-rc.1`, `${running}+build`])('%s is nothing new', async (version) => {
  const desktop = await start(await scratchDir(), { net: answers(`version: ${version}\n`) })
  expect(await updatesOf(desktop, 'desktop.lookForUpdate')).toMatchObject({ found: null, lookedAt: expect.any(String) })
})

test('switched on, it looks once a week, and tells a version once', async () => {
  let time = new Date('2026-11-29T12:00:00Z')
  const folder = await scratchDir()
  const desktop = await start(folder, { now: () => time })
  await ask(desktop, 'desktop.change', { weeklyLook: true })
  await desktop.waitsFor('the notification', () => titles().length > 0)
  expect([titles(), desk.fetched.length]).toEqual([['Venti Mirror 99.1.0 is there'], 1])
  notifications()[0]?.emit('click')
  expect(desktop.told.at(-1)).toEqual({ event: 'desktop.command', value: { command: 'settings', mirror: null } })

  time = new Date('2026-12-05T12:00:00Z')
  powerMonitor.emit('resume')
  await letItLook(desktop)
  expect(desk.fetched).toHaveLength(1)
  time = new Date('2026-12-06T12:00:00Z')
  powerMonitor.emit('resume')
  const isLooked = ({ event, value }: Desktop['told'][number]): boolean =>
    event === 'desktop.view' && value.updates.lookedAt === time.toISOString()
  await desktop.waitsFor('the second look', () => desktop.told.some(isLooked))
  await ask(desktop, 'desktop.change', { weeklyLook: false })
  time = new Date('2027-01-06T12:00:00Z')
  powerMonitor.emit('resume')
  await letItLook(desktop)
  expect([titles().length, desk.fetched.length]).toEqual([1, 2])
  expect(JSON.parse(await readFile(join(stateDirIn(folder), 'desktop.json'), 'utf8'))).toMatchObject({
    updates: { found: '99.1.0', told: '99.1.0' },
  })
})

test('a weekly look that fails is quiet, and is not tried again before the next day', async () => {
  let time = new Date('2026-11-29T12:00:00Z')
  const folder = await scratchDir()
  const net = vi.fn<Net>(() => Promise.reject(new Error('net::ERR_INTERNET_DISCONNECTED')))
  const desktop = await start(folder, { weekly: true, net, now: () => time })
  await desktop.waitsFor('the look', () => net.mock.calls.length === 1)
  await desktop.application.endNow()
  time = new Date('2026-11-30T11:00:00Z')
  const next = await start(folder, { net, now: () => time })
  await letItLook(next)
  expect([net.mock.calls.length, await updatesOf(next), titles()]).toEqual([
    1,
    { feed, running, found: null, lookedAt: null },
    [],
  ])
  time = new Date('2026-11-30T12:00:00Z')
  powerMonitor.emit('resume')
  await next.waitsFor('the second look', () => net.mock.calls.length === 2)
})

const redirect = (location: string) => (): Response => new Response(null, { status: 302, headers: { location } })

test.each<[string, Net, string]>([
  ['no answer', () => Promise.reject(new Error('net::ERR_FAILED')), 'cannot be reached (net::ERR_FAILED)'],
  ['a large answer', answers(`version: 99.0.0\n${'x'.repeat(100_000)}`), 'sent more than a version takes'],
  ['a page', answers('<!doctype html><script>alert(1)</script>'), 'names no version'],
  ['a path', answers('version: ../../x'), 'names no version'],
  ['markup', answers('version: 99.0.0-<b>'), 'names no version'],
  ['a way to http', redirect('http://updates.example/latest.yml'), 'led to an address that is not https'],
  ['a way to a file', redirect('file:///etc/passwd'), 'led to an address that is not https'],
])('%s is told, and nothing comes of it', async (_name, net, happened) => {
  const desktop = await start(await scratchDir(), { net })
  const problem = (await ask(desktop, 'desktop.lookForUpdate')) as Problem
  expect(problem).toEqual({
    code: 'update-feed',
    happened: expect.stringContaining(happened),
    safe: 'Nothing was downloaded or installed; this version goes on as it is.',
    next: 'Try again later, or open the page of new versions in a browser.',
  })
  expect(await updatesOf(desktop)).toEqual({ feed, running, found: null, lookedAt: null })
  expect(desk.fetched.filter((address) => !address.startsWith(`${feed}/`))).toEqual([])
  expect([desktop.asked('browser'), titles()]).toEqual([[], []])
})

test('a way to another https address is gone', async () => {
  const elsewhere = 'https://cdn.example/latest.yml'
  const net: Net = ({ url }) => (url === elsewhere ? new Response(newer) : redirect(elsewhere)())
  const desktop = await start(await scratchDir(), { net })
  expect(await updatesOf(desktop, 'desktop.lookForUpdate')).toMatchObject({ found: '99.1.0' })
})

test.each([undefined, 'http://updates.example/', 'file:///etc/', 'https://name:word@updates.example/', 7, null])(
  'without a feed over https (%j) nobody can be asked and nothing opened',
  async (updateFeed) => {
    const folder = await scratchDir()
    const desktop = await start(folder, { updateFeed: updateFeed ?? null, weekly: true })
    await letItLook(desktop)
    expect(await updatesOf(desktop)).toMatchObject({ feed: null })
    for (const channel of ['desktop.lookForUpdate', 'desktop.openUpdate'] as const) {
      expect(await ask(desktop, channel)).toMatchObject({
        code: 'usage',
        happened: 'this package names no place for new versions',
      })
    }
    expect([desk.fetched, desktop.asked('browser')]).toEqual([[], []])
  },
)

test('a request cannot name another address, and the page reaches no further than before', async () => {
  const desktop = await start(await scratchDir())
  for (const channel of ['desktop.lookForUpdate', 'desktop.openUpdate'] as const) {
    expect(await ask(desktop, channel, { feed: 'https://other.example/' })).toMatchObject({ code: 'usage' })
  }
  await ask(desktop, 'desktop.lookForUpdate')
  expect(await session.defaultSession.load(`${feed}/latest.yml`)).toBeNull()
  expect(desktop.asked('browser')).toEqual([])
})

test('a checkout has no feed', async () => {
  const desktop = await Desktop.start(await scratchDir())
  expect(await updatesOf(desktop)).toMatchObject({ feed: null, found: null })
})
