// The page's end of the contract, against a real host on 127.0.0.1 and a service that only pretends. What a browser does by
// itself is done here: it keeps the cookie, sends its Origin, and has an address bar.

import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket as NodeSocket } from 'ws'
import { SocketApi, type SocketApiOptions, type SocketSurroundings } from '../../renderer/socket-api.ts'
import { ServiceError } from '../../renderer/service-error.ts'
import type { EventMessage, Result } from '../../shared/contract.ts'
import { freePort } from '../helpers/cli-process.ts'
import { FakeLink, patiently, runHost, type RunningHost } from '../helpers/host-runner.ts'

/** A browser with one page open on that address. */
class FakeBrowser implements SocketSurroundings {
  readonly origin: string
  readonly requests: string[] = []
  sockets = 0
  token: string | null
  newLink: () => void = () => undefined
  #cookie = ''

  constructor(origin: string, token: string | null) {
    this.origin = origin
    this.token = token
  }

  takeToken(): string | null {
    const { token } = this
    this.token = null
    return token
  }

  onNewLink(told: () => void): void {
    this.newLink = told
  }

  open(token: string): void {
    this.token = token
    this.newLink()
  }

  async fetch(url: string, init: { method: 'GET' | 'POST'; body?: string }): Promise<Response> {
    const response = await fetch(url, {
      ...init,
      headers: { Cookie: this.#cookie, ...(init.method === 'POST' ? { Origin: this.origin } : {}) },
    })
    this.#cookie = response.headers.get('set-cookie')?.split(';')[0] ?? this.#cookie
    this.requests.push(`${init.method} ${response.status}`)
    return response
  }

  openSocket(url: string): WebSocket {
    this.sockets++
    return new NodeSocket(url, { headers: { Origin: this.origin, Cookie: this.#cookie } }) as unknown as WebSocket
  }
}

type Opened = { readonly api: SocketApi; readonly browser: FakeBrowser; readonly links: string[]; refused: number }

function open(browser: FakeBrowser, options: Partial<SocketApiOptions> = {}): Opened {
  const opened = { browser, links: [] as string[], refused: 0 }
  const api = new SocketApi({
    onRefused: () => opened.refused++,
    surroundings: browser,
    firstPauseMs: 20,
    longestPauseMs: 80,
    ...options,
  })
  onTestFinished(() => api.close())
  api.onLink(({ connected, control }) => opened.links.push(connected ? (control ? 'control' : 'looks') : 'away'))
  return Object.assign(opened, { api })
}

async function openAt(host: RunningHost, options: Partial<SocketApiOptions> = {}): Promise<Opened> {
  const opened = open(new FakeBrowser(host.origin, host.newToken()), options)
  await expect.poll(() => opened.links.at(-1), patiently).not.toBe('away')
  return opened
}

async function problemOf(asking: Promise<unknown>): Promise<unknown> {
  const thrown: unknown = await asking.then(
    () => 'nothing',
    (error: unknown) => error,
  )
  expect(thrown).toBeInstanceOf(ServiceError)
  return (thrown as ServiceError).problem
}

const jobEvent = (sequence: number): EventMessage =>
  ({ event: 'job.view', value: { id: 'a', sequence } }) as unknown as EventMessage

describe('the link', () => {
  test('lets the page in, and is gone from its address', async () => {
    const host = await runHost()
    const { browser, links } = await openAt(host)
    expect([browser.token, browser.requests, links]).toEqual([null, ['POST 204', 'GET 204'], ['away', 'control']])
  })

  test('used up: refused, said once, until a new one is opened in the same page', async () => {
    const host = await runHost()
    const used = host.newToken()
    await openAt(host)
    const opened = open(new FakeBrowser(host.origin, used))
    await expect.poll(() => opened.links.at(-1), patiently).toBe('looks')
    const late = open(new FakeBrowser(host.origin, used))
    await expect.poll(() => late.browser.requests.length, patiently).toBeGreaterThan(4)
    expect([late.refused, late.links, late.browser.sockets]).toEqual([1, ['away'], 0])
    late.browser.open(host.newToken())
    await expect.poll(() => late.links.at(-1), patiently).toBe('looks')
    expect(late.refused).toBe(1)
  })

  test('opened a second time in a browser that was let in does no harm', async () => {
    const host = await runHost()
    const { browser, api, links } = await openAt(host)
    browser.open('a'.repeat(43))
    expect([browser.token, await api.ask('app.view', {})]).toEqual([null, { echo: 'app.view' }])
    expect(links).toEqual(['away', 'control'])
  })

  test('is kept while the host is not there yet', async () => {
    const port = await freePort()
    const opened = open(new FakeBrowser(`http://127.0.0.1:${port}`, 'a'.repeat(43)))
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect([opened.browser.requests, opened.refused]).toEqual([[], 0])
    await runHost({ port })
    await expect.poll(() => opened.browser.requests.slice(0, 2), patiently).toEqual(['POST 401', 'GET 401'])
    expect(opened.refused).toBe(1)
  })
})

describe('requests', () => {
  test('get their own answer', async () => {
    const host = await runHost()
    const { api } = await openAt(host)
    const late: (() => void)[] = []
    host.link.answer = (channel, asked) =>
      new Promise((resolve) => late.push(() => resolve({ ok: true, value: { channel, asked } })))
    const first = api.ask('mirror.arenas', { mirror: 'a' })
    const second = api.ask('mirror.arenas', { mirror: 'b' })
    await expect.poll(() => late.length, patiently).toBe(2)
    for (const answer of late.toReversed()) answer()
    expect(await Promise.all([first, second])).toEqual([
      { channel: 'mirror.arenas', asked: { mirror: 'a' } },
      { channel: 'mirror.arenas', asked: { mirror: 'b' } },
    ])
  })

  test('that fail bring the problem of the service', async () => {
    const host = await runHost()
    const { api } = await openAt(host)
    const problem = { code: 'usage', happened: 'so', safe: 'this', next: 'that' }
    host.link.answer = () => Promise.resolve({ ok: false, problem })
    expect(await problemOf(api.ask('setup.begin', {}))).toEqual(problem)
  })

  test('without a connection are refused at once, and so is one that is too long', async () => {
    const away = open(new FakeBrowser(`http://127.0.0.1:${await freePort()}`, null))
    expect(await problemOf(away.api.ask('app.view', {}))).toMatchObject({ code: 'connection-lost' })
    const host = await runHost()
    const { api, links } = await openAt(host)
    const long = api.ask('roots.paste', { mirror: 'a', text: 'é'.repeat(33_000) })
    expect(await problemOf(long)).toMatchObject({ code: 'usage', safe: 'Nothing was sent.' })
    expect([host.link.asked, links.at(-1)]).toEqual([[], 'control'])
  })
})

describe('a lost connection', () => {
  test('rejects what was asked, comes back by itself with the cookie, and hears events again', async () => {
    const port = await freePort()
    const link = new FakeLink()
    const first = await runHost({ port, link })
    const opened = await openAt(first)
    const { api, browser, links } = opened
    const heard: unknown[] = []
    const end = api.on('job.view', ({ sequence }) => heard.push(sequence))
    link.tell(jobEvent(1))
    await expect.poll(() => heard, patiently).toEqual([1])

    link.answer = () => new Promise<Result<unknown>>(() => undefined)
    const asking = problemOf(api.ask('sync.start', { mirror: 'a', dials: null }))
    await expect.poll(() => link.asked.length, patiently).toBe(1)
    browser.requests.length = 0
    await first.close()
    expect(await asking).toMatchObject({ code: 'connection-lost' })
    expect(links).toEqual(['away', 'control', 'away'])

    // The next process knows no session of the one before it.
    const second = await runHost({ port, link })
    await expect.poll(() => opened.refused, patiently).toBe(1)
    expect(new Set(browser.requests)).toEqual(new Set(['GET 401']))
    browser.open(second.newToken())
    await expect.poll(() => links.at(-1), patiently).toBe('control')
    link.tell(jobEvent(2))
    await expect.poll(() => heard, patiently).toEqual([1, 2])
    end()
    link.tell(jobEvent(3))
    link.answer = () => Promise.resolve({ ok: true, value: 'done' })
    expect([await api.ask('app.view', {}), heard]).toEqual(['done', [1, 2]])
  })

  test('pauses grow, and start small again once it is back', async () => {
    const port = await freePort()
    const browser = new FakeBrowser(`http://127.0.0.1:${port}`, null)
    const times: number[] = []
    const fetching = browser.fetch.bind(browser)
    browser.fetch = async (...args) => {
      times.push(performance.now())
      return await fetching(...args)
    }
    open(browser)
    await expect.poll(() => times.length, patiently).toBeGreaterThan(4)
    const pauses = times.slice(1, 5).map((ms, index) => ms - (times[index] as number))
    // 20, 40, 80, 80 ms.
    expect(pauses.map((ms, index) => ms >= [20, 40, 80, 80][index]! - 2)).toEqual([true, true, true, true])
  })

  test('a silent one counts as lost', async () => {
    const host = await runHost({ pingMs: 600_000 })
    const { browser, links } = await openAt(host, { silenceMs: 60 })
    await expect.poll(() => browser.sockets, patiently).toBeGreaterThan(2)
    expect(links.slice(0, 4)).toEqual(['away', 'control', 'away', 'control'])
  })

  test('one over which the host is heard is kept', async () => {
    const host = await runHost({ pingMs: 600_000 })
    const { browser, links } = await openAt(host, { silenceMs: 2_000 })
    const until = performance.now() + 3_000
    for (let sequence = 1; performance.now() < until; sequence++) {
      host.link.tell(jobEvent(sequence))
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect([browser.sockets, links]).toEqual([1, ['away', 'control']])
  })
})

test('control is told at every change, and can be taken', async () => {
  const host = await runHost()
  const first = await openAt(host)
  const second = await openAt(host)
  expect([first.links.at(-1), second.links.at(-1)]).toEqual(['control', 'looks'])
  second.api.takeControl()
  await expect.poll(() => second.links.at(-1), patiently).toBe('control')
  await expect.poll(() => first.links.at(-1), patiently).toBe('looks')
  second.api.close()
  await expect.poll(() => first.links, patiently).toEqual(['away', 'control', 'looks', 'control'])
})
