// The page itself: its files and no others, with headers that leave a browser no freedom.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pressStyle } from '../../../electron/host/headers.ts'
import { readPageFiles } from '../../../electron/host/page-files.ts'
import { runHost, send } from '../../helpers/host-runner.ts'
import { scratchDir } from '../../helpers/scratch.ts'

test('every answer carries the policy', async () => {
  const host = await runHost()
  const policy = `default-src 'none'; script-src 'self'; style-src 'self' 'sha256-38RhXrc7EdReTKsOm23ZPOCUgniTUUcjky8QOOrQx6o='; connect-src 'self' ws://${host.name}; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
  for (const [path, status] of Object.entries({
    '/': 200,
    '/assets/main-abc.js': 200,
    '/nothing': 404,
    '/session': 401,
  })) {
    const reply = await send(host, { path })
    expect([path, reply.status]).toEqual([path, status])
    expect(reply.headers).toMatchObject({
      'content-security-policy': policy,
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    })
    expect(reply.headers).not.toHaveProperty('access-control-allow-origin')
  }
  const foreign = await send(host, { headers: { Host: 'evil.example' } })
  expect(foreign.headers['content-security-policy']).toContain("connect-src 'none'")
  expect(foreign.body).toBe('Forbidden\n')
})

test('the style sheet that the policy makes room for is the one that react-aria adds', async () => {
  const url = new URL('../../../node_modules/react-aria/dist/private/interactions/usePress.mjs', import.meta.url)
  const script = await readFile(url, 'utf8')
  const added = /style\.textContent = `([^`]*)`\.trim\(\)/.exec(script)?.[1]
  expect(added?.replace(/\$\{[^}]*\}/, 'data-react-aria-pressable').trim()).toBe(pressStyle)
})

test('the page is asked for again, what is named by its content is kept', async () => {
  const host = await runHost()
  const page = await send(host)
  expect([page.headers['cache-control'], page.headers['content-type']]).toEqual([
    'no-cache',
    'text/html; charset=utf-8',
  ])
  const again = await send(host, { headers: { 'If-None-Match': page.headers.etag as string } })
  expect([again.status, again.body]).toEqual([304, ''])
  const script = await send(host, { path: '/assets/main-abc.js' })
  expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  const head = await send(host, { method: 'HEAD' })
  expect([head.status, head.headers['content-length'], head.body]).toEqual([200, String(page.body.length), ''])
})

test.each([
  '/../package.json',
  '/assets/../../secret',
  '/assets/%2e%2e/%2e%2e/secret',
  '/..%2fsecret',
  '/assets/..\\..\\secret',
  '//etc/passwd',
  '/etc/passwd',
  '/assets/',
  '/index.html',
  '/__proto__',
  'http://evil.example/',
  '*',
])('%s is not there', async (path) => {
  const host = await runHost()
  expect((await send(host, { path })).status).toBe(404)
})

test('other methods are refused', async () => {
  const host = await runHost()
  const Origin = host.origin
  for (const [method, path, status] of [
    ['POST', '/', 405],
    ['PUT', '/session', 405],
    ['DELETE', '/assets/main-abc.js', 405],
    ['OPTIONS', '/session', 405],
    ['POST', '/nothing', 404],
  ] as const) {
    expect([method, path, (await send(host, { method, path, headers: { Origin } })).status]).toEqual([
      method,
      path,
      status,
    ])
  }
})

test('a folder is read once: what comes into it later is not served', async () => {
  const folder = await scratchDir()
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), 'page')
  await writeFile(join(folder, 'assets/a-1.css'), 'style')
  await writeFile(join(folder, '.env'), 'secret')
  const files = await readPageFiles(folder)
  expect([...files.keys()].toSorted()).toEqual(['/', '/assets/a-1.css'])
  await writeFile(join(folder, 'assets/b.js'), 'late')
  const host = await runHost({ files })
  expect((await send(host)).body).toBe('page')
  expect((await send(host, { path: '/assets/b.js' })).status).toBe(404)
  await expect(readPageFiles(join(folder, 'assets'))).rejects.toMatchObject({ code: 'source-open' })
  await expect(readPageFiles(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'source-open' })
})
