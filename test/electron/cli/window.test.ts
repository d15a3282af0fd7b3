// venti-mirror window as it is built: the page, the service behind it, one window on a state folder, and its end.

import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { version } from '../../../electron/cli/version.ts'
import type { AppView } from '../../../shared/model/window.ts'
import { buildCli, CliProcess, runCli, startCli } from '../../helpers/cli-process.ts'
import { cookieIn, send, TestPage, type HostName } from '../../helpers/host-runner.ts'
import { scratchDir } from '../../helpers/scratch.ts'

beforeAll(buildCli)

type Started = HostName & { readonly address: string; readonly token: string; readonly stateDir: string }

/** What --json prints. */
async function startedBy(window: CliProcess): Promise<Started> {
  await window.says(/\n\}\n/)
  const document = JSON.parse(window.output) as { link: string; address: string; port: number; stateDir: string }
  const { link, address, port, stateDir } = document
  expect(link.startsWith(`${address}#`)).toBe(true)
  const name = `127.0.0.1:${port}`
  return { port, name, origin: `http://${name}`, address, token: link.slice(address.length + 1), stateDir }
}

async function openPage(host: Started): Promise<TestPage> {
  const Origin = host.origin
  const reply = await send(host, { method: 'POST', path: '/session', headers: { Origin }, body: host.token })
  expect(reply.status).toBe(204)
  const page = new TestPage(host, { Origin, Cookie: cookieIn(reply) })
  await page.until(({ heard }) => heard.length > 0)
  return page
}

test('serves the page and the real service, tells a second one where it is, and ends with status 0', async () => {
  const state = join(await scratchDir(), 'state')
  const window = startCli(['window', '--port', '0', '--state', state, '--json'])
  onTestFinished(async () => void (await window.kill()))
  const host = await startedBy(window)
  const html = (await send(host)).body
  const script = /<script type="module"[^>]* src="\.(\/assets\/[^"]+\.js)"/.exec(html)?.[1] as string
  expect((await send(host, { path: script })).headers['content-type']).toBe('text/javascript; charset=utf-8')
  expect(html).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=/)

  const page = await openPage(host)
  page.send({ id: 1, channel: 'app.view', asked: {} })
  page.send({ id: 2, channel: 'places.look', asked: { path: 7 } })
  page.send({ id: 3, channel: 'no.such', asked: {} })
  await page.until((one) => one.said('id').length === 3)
  const replies = page.said('id') as { id: number; result: { ok: boolean; value: AppView } }[]
  const [first, ...others] = replies.toSorted((a, b) => a.id - b.id)
  const view = first?.result.value
  expect([view?.version, view?.dataFolder, view?.mirrors, view?.jobs]).toEqual([version, host.stateDir, [], []])
  expect(others).toMatchObject([{ result: { ok: false } }, { result: { ok: false } }])

  const second = await runCli(['window', '--port', '0', '--state', state])
  expect([second.status, second.stdout]).toEqual([1, ''])
  expect(second.stderr).toContain(`is open already at ${host.address} (process ${window.pid})`)

  window.signal('SIGINT')
  expect(await window.ended).toMatchObject({ status: 0, stderr: '' })
  expect(page.closed === null || page.closed === 1001).toBe(true)
  expect((await readdir(state)).filter((name) => name.startsWith('window'))).toEqual([])
})

test('a killed one is no obstacle to the next', async () => {
  const state = await scratchDir()
  const first = startCli(['window', '--port', '0', '--state', state, '--json'])
  await startedBy(first)
  await first.kill()
  const second = startCli(['window', '--port', '0', '--state', state, '--json'])
  const { port } = await startedBy(second)
  const third = await runCli(['window', '--port', String(port), '--state', await scratchDir()])
  expect([third.status, third.stderr]).toEqual([1, expect.stringContaining('something else listens there')])
  second.signal('SIGTERM')
  expect((await second.ended).status).toBe(0)
})

test('Enter prints another link, by every name', async () => {
  const args = ['window', '--port', '0', '--allow-host', 'localhost:8000', '--state', await scratchDir(), '--no-open']
  const window = new CliProcess(args, {}, 'pipe')
  onTestFinished(async () => void (await window.kill()))
  await window.says(/Ctrl-C/)
  window.child.stdin?.write('\n')
  const link = String.raw`http://\S+#([\w-]{43})`
  await window.says(new RegExp(String.raw`Ctrl-C.*\n${link}\n${link}\n`))
  const tokens = [...window.output.matchAll(new RegExp(link, 'g'))].map(([, token]) => token)
  expect(tokens).toHaveLength(4)
  expect([tokens[0] === tokens[1], tokens[2] === tokens[3], tokens[0] === tokens[2]]).toEqual([true, true, false])
  expect(window.output).toContain('http://localhost:8000/#')
})

test('npm start is this command', async () => {
  const script = fileURLToPath(new URL('../../../build/scripts/start.mjs', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--help'])
  expect(stdout).toMatch(/^Usage: venti-mirror window /)
})
