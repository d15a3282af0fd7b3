// A page that somebody else wrote, served with the headers that ours has: whatever it tries, nothing of it runs and nothing
// leaves. In Electron the same headers go with the page, and what headers cannot forbid (a window, a navigation) is refused
// by the shell: test/electron/app/window.test.ts.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { startHost } from '../../electron/host/server.ts'
import type { PageFile } from '../../electron/host/page-files.ts'
import type { ServiceLink } from '../../electron/service/link.ts'
import { chromiumPath } from '../helpers/chromium.ts'
import { patienceMs, testMs } from './waiting.ts'
import { closeBrowser, sharedBrowser } from './browser-host.ts'

afterAll(closeBrowser)

const nobody: ServiceLink = {
  ask: () => Promise.reject(new Error('nothing is asked')),
  onEvent: () => () => undefined,
  close: () => Promise.resolve(),
}

const file = (type: string, text: string): PageFile => ({
  bytes: Buffer.from(text),
  type,
  etag: '"0"',
  isImmutable: false,
})

/** Counts what reaches it. */
async function elsewhere(): Promise<{ readonly address: string; readonly reached: string[] }> {
  const reached: string[] = []
  const server = createServer((request, response) => {
    reached.push(request.url ?? '')
    response.setHeader('Access-Control-Allow-Origin', '*')
    response.end('ran.push("remote script")')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, reached }
}

const page = (other: string): string => `<!doctype html>
<title>hostile</title>
<base href="http://${other}/base/">
<script>window.ran = window.ran ?? []; ran.push('inline script')</script>
<style>body { background: url(http://${other}/style.png) }</style>
<body onload="ran.push('inline handler')">
<img src="http://${other}/image.png">
<script src="http://${other}/script.js"></script>
<link rel="stylesheet" href="http://${other}/style.css">
<iframe src="http://${other}/frame.html"></iframe>
<object data="http://${other}/object"></object>
<form id="form" action="http://${other}/form" method="post"></form>
<script src="/attempts.js"></script>
</body>`

/** The one script that runs, because it is the host's own. */
const attempts = (other: string): string => `
window.ran = window.ran ?? []
window.refused = []
const attempt = (name, work) => {
  try { if (work() === true) ran.push(name) } catch (error) { refused.push(name) }
}
attempt('eval', () => eval('1 + 1') === 2)
attempt('new Function', () => new Function('return 1')() === 1)
attempt('javascript link', () => { const a = document.createElement('a'); a.href = 'javascript:ran.push("link")'; document.body.append(a); a.click() })
setTimeout("ran.push('text in setTimeout')", 0)
attempt('worker', () => { new Worker(URL.createObjectURL(new Blob(['1']))).onmessage = () => ran.push('worker') })
attempt('form', () => document.getElementById('form').submit())
attempt('beacon', () => { navigator.sendBeacon('http://${other}/beacon', 'x') })
attempt('socket', () => { new WebSocket('ws://${other}/socket') })
const script = document.createElement('script'); script.textContent = 'ran.push("made script")'; document.body.append(script)
fetch('http://${other}/fetch', { mode: 'no-cors' }).then(() => ran.push('fetch'), () => refused.push('fetch'))
  .then(() => new Promise((resolve) => setTimeout(resolve, 300))).then(() => { document.title = 'done' })
`

describe.skipIf(chromiumPath() === null)('a hostile page', { timeout: testMs }, () => {
  test('runs nothing that is not the host’s own, and reaches nobody', async () => {
    const { address: other, reached } = await elsewhere()
    const files = new Map([
      ['/', file('text/html; charset=utf-8', page(other))],
      ['/attempts.js', file('text/javascript; charset=utf-8', attempts(other))],
    ])
    const host = await startHost({ link: nobody, files, port: 0 })
    onTestFinished(() => host.close())
    const context = await (await sharedBrowser()).newContext()
    onTestFinished(() => context.close())
    const tab = await context.newPage()
    // Not until it is loaded: a form that is refused while it loads keeps it from ever being.
    await tab.goto(host.address, { waitUntil: 'commit' })
    await tab.waitForFunction(() => document.title === 'done', undefined, { timeout: patienceMs })
    const seen = await tab.evaluate(() => {
      const { ran, refused } = window as unknown as { readonly ran: string[]; readonly refused: string[] }
      return { ran, refused: refused.toSorted(), url: location.href }
    })
    expect(seen).toEqual({ ran: [], refused: ['eval', 'fetch', 'new Function'], url: host.address })
    expect(reached).toEqual([])
  })

  test('the same page without the headers would do it all', async () => {
    const { address: other, reached } = await elsewhere()
    const server = createServer((request, response) => {
      const isScript = request.url === '/attempts.js'
      response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html')
      // Its form would lead away before anybody could look, and its base would take the script along.
      const text = isScript ? attempts(other).replace(/attempt\('form'.*/, '') : page(other).replace(/<base.*>/, '')
      response.end(text)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const context = await (await sharedBrowser()).newContext()
    onTestFinished(() => context.close())
    const tab = await context.newPage()
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    await tab.waitForFunction(() => document.title === 'done', undefined, { timeout: patienceMs })
    const ran = await tab.evaluate(() => (window as unknown as { readonly ran: string[] }).ran)
    for (const one of ['eval', 'new Function', 'inline script', 'remote script', 'fetch', 'made script'])
      expect(ran).toContain(one)
    expect(reached).toContain('/image.png')
  })
})
