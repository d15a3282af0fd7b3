// Who is let in: one-time tokens, the cookie, names and origins, and what a browser is told about each answer.

import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { canonicalHost } from '../../../electron/host/addresses.ts'
import { Secrets } from '../../../electron/host/secrets.ts'
import { cookieIn, letIn, openPage, postToken, runHost, send, TestPage } from '../../helpers/host-runner.ts'

const socketStatus = async (host: Awaited<ReturnType<typeof runHost>>, headers: Record<string, string>) => {
  const page = new TestPage(host, headers)
  await page.until(({ refused, heard }) => refused !== null || heard.length > 0)
  return page.refused ?? 'let in'
}

describe('the token of a link', () => {
  test('lets a browser in once', async () => {
    const host = await runHost()
    const token = host.newToken()
    expect(token).toMatch(/^[\w-]{43}$/)
    const first = await postToken(host, token)
    expect([first.status, first.body]).toEqual([204, ''])
    expect(first.headers['set-cookie']).toEqual([
      expect.stringMatching(new RegExp(`^venti-mirror-${host.port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`)),
    ])
    const second = await postToken(host, token)
    expect([second.status, second.headers['set-cookie']]).toEqual([401, undefined])
  })

  test('a wrong one is refused, and each further one is answered later', async () => {
    const host = await runHost()
    const times: number[] = []
    for (const token of ['', 'x', 'y'.repeat(43)]) {
      const began = performance.now()
      expect((await postToken(host, token)).status).toBe(401)
      times.push(performance.now() - began)
    }
    // 100, 200, 400 ms; timers of Node may fire a millisecond early.
    expect(times.map((ms, index) => ms >= 100 * 2 ** index - 2)).toEqual([true, true, true])
    expect((await postToken(host, host.newToken())).status).toBe(204)
  })

  test('many wrong ones at once do not pile up, and do not keep the right one out', async () => {
    const host = await runHost()
    const began = performance.now()
    const wrong = Array.from({ length: 30 }, () => postToken(host, 'wrong'))
    const right = await postToken(host, host.newToken())
    expect([right.status, performance.now() - began < 2_000]).toEqual([204, true])
    await Promise.any(wrong.map(async (reply) => expect((await reply).status).toBe(429)))
    await host.close()
    await Promise.allSettled(wrong)
  })

  test('too much for a token is not read', async () => {
    const host = await runHost()
    expect((await postToken(host, 'x'.repeat(100_000)).catch(() => ({ status: 413 }))).status).toBe(413)
  })

  test('only the newest few unused links count', () => {
    const secrets = new Secrets()
    const tokens = Array.from({ length: 6 }, () => secrets.newToken())
    expect(tokens.map((token) => secrets.redeem(token) !== null)).toEqual([false, false, true, true, true, true])
  })
})

describe('the cookie', () => {
  test('is asked for by GET /session and by the socket', async () => {
    const host = await runHost()
    const cookie = await letIn(host)
    expect((await send(host, { path: '/session' })).status).toBe(401)
    expect((await send(host, { path: '/session', headers: { Cookie: `a=b; ${cookie}; c` } })).status).toBe(204)
    expect(await socketStatus(host, { Origin: host.origin })).toBe(401)
    expect(await socketStatus(host, { Origin: host.origin, Cookie: `${cookie}x` })).toBe(401)
    expect(await socketStatus(host, { Origin: host.origin, Cookie: cookie })).toBe('let in')
    // A reload.
    expect(await socketStatus(host, { Origin: host.origin, Cookie: cookie })).toBe('let in')
  })

  test('of one host means nothing to another', async () => {
    const [one, other] = [await runHost(), await runHost()]
    const value = (await letIn(one)).split('=')[1] as string
    const cookie = `venti-mirror-${other.port}=${value}`
    expect(await socketStatus(other, { Origin: other.origin, Cookie: cookie })).toBe(401)
  })
})

describe('names and origins', () => {
  test('a page is served under the names of this computer only', async () => {
    const host = await runHost({ allowedHosts: ['localhost:8000', 'mirror.example'] })
    const status = async (name: string) => (await send(host, { headers: { Host: name } })).status
    const own = ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]'].map((name) => `${name}:${host.port}`)
    for (const name of [...own, 'localhost:8000', 'mirror.example', 'mirror.example:80']) {
      expect([name, await status(name)]).toEqual([name, 200])
    }
    // The second is DNS rebinding: a name of somebody's own that points to 127.0.0.1.
    const foreign = [
      'evil.example',
      `evil.example:${host.port}`,
      '127.0.0.1',
      `127.0.0.1:${host.port + 1}`,
      `127.0.0.1.evil.example:${host.port}`,
      `localhost:${host.port}@evil.example`,
      `evil.example/127.0.0.1:${host.port}`,
    ]
    for (const name of foreign) expect([name, await status(name)]).toEqual([name, 403])
    // Without any name, as HTTP 1.0 allows.
    const socket = connect(host.port, '127.0.0.1').end('GET / HTTP/1.0\r\n\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 403 /)
  })

  test('a request of another page is refused, whatever it knows', async () => {
    const host = await runHost()
    const token = host.newToken()
    const origins = [
      'http://evil.example',
      'null',
      `https://${host.name}`,
      `http://127.0.0.1:${host.port + 1}`,
      `http://localhost:${host.port}`,
      `${host.origin}/`,
    ]
    for (const origin of origins) {
      expect([origin, (await postToken(host, token, { Origin: origin })).status]).toEqual([origin, 403])
      expect([origin, (await send(host, { headers: { Origin: origin } })).status]).toEqual([origin, 403])
    }
    const unnamed = await send(host, { method: 'POST', path: '/session', body: token })
    expect(unnamed.status).toBe(403)
    // None of them used it up.
    const Cookie = cookieIn(await postToken(host, token))
    for (const Origin of origins) expect([Origin, await socketStatus(host, { Origin, Cookie })]).toEqual([Origin, 403])
    expect(await socketStatus(host, { Cookie })).toBe(403)
    const rebound = { Host: `evil.example:${host.port}`, Origin: `http://evil.example:${host.port}` }
    expect(await socketStatus(host, { ...rebound, Cookie })).toBe(403)
    expect(host.link.asked).toEqual([])
  })

  test('the page under another allowed name is at home there', async () => {
    const host = await runHost({ allowedHosts: ['localhost:8000'] })
    const headers = { Host: 'localhost:8000', Origin: 'http://localhost:8000' }
    const Cookie = cookieIn(await postToken(host, host.newToken(), headers))
    expect(await socketStatus(host, { ...headers, Cookie })).toBe('let in')
  })

  test.each([
    ['localhost:8000', 'localhost:8000'],
    ['LOCALHOST:08000', 'localhost:8000'],
    ['name:80', 'name'],
    ['[::1]:1', '[::1]:1'],
    ['a:0', null],
    ['a:65536', null],
    ['a b:1', null],
    ['a:1:2', null],
    ['http://a:1', null],
    ['-a:1', null],
  ])('%s is %s', (given, host) => expect(canonicalHost(given)).toBe(host))
})

test('no more than sixteen pages', async () => {
  const host = await runHost()
  const cookie = await letIn(host)
  const pages = await Promise.all(Array.from({ length: 16 }, () => openPage(host, cookie)))
  expect(pages.map(({ refused }) => refused)).toEqual(pages.map(() => null))
  expect((await openPage(host, cookie)).refused).toBe(503)
})
