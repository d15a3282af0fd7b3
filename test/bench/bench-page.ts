// Whether the window stays responsive with much in it: 4 000 arenas and a directory of 100 000 files, in a real Chromium
// with a trace of its main thread. A task longer than 100 ms is one that a person feels. Its CPU time is told beside the
// time on the clock: on a busy machine a task is interrupted by others, and that is not the page's doing.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { connectVenti } from '../../electron/engine/venti/client/client.ts'
import { parseDial } from '../../electron/engine/venti/client/dial.ts'
import type { RootScore } from '../../shared/model/score.ts'
import { chromiumPath, launchChromium } from '../helpers/chromium.ts'
import { VacBuilder } from '../helpers/vac-builder.ts'
import { cookieOf, HostRequests } from '../e2e/host-requests.ts'
import { prepareMirror } from '../e2e/setup-by-request.ts'
import { Outbox } from './make-archive.ts'
import { makePartition } from './make-partition.ts'
import { startServer, startWindow, stopServer } from './measure.ts'
import { mebibyte } from './turns.ts'

const longTaskMs = 100
const patienceMs = 120_000

export type PageBench = {
  readonly cli: string
  readonly arenas: number
  readonly entries: number
  /** Where the traces are kept for a look at them; null: nowhere. */
  readonly traces: string | null
}

type TraceEvent = {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  readonly dur?: number
  readonly tdur?: number
  readonly args?: { readonly name?: string }
}

type Longest = { readonly ms: number; readonly cpuMs: number; readonly tasks: number }

function longestTask(trace: Buffer): Longest {
  const { traceEvents } = JSON.parse(trace.toString('utf8')) as { readonly traceEvents: readonly TraceEvent[] }
  const mains = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  )
  const tasks = traceEvents.filter(
    ({ name, ph, pid, tid }) => ph === 'X' && name.endsWith('RunTask') && mains.has(`${pid} ${tid}`),
  )
  if (tasks.length === 0) throw new Error('the trace has no task of a main thread: was another category meant?')
  return {
    ms: Math.max(...tasks.map(({ dur = 0 }) => dur)) / 1000,
    cpuMs: Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000,
    tasks: tasks.length,
  }
}

class Traced {
  readonly #browser: Browser
  readonly #page: Page
  readonly #folder: string | null

  constructor(browser: Browser, page: Page, folder: string | null) {
    this.#browser = browser
    this.#page = page
    this.#folder = folder
  }

  async step(name: string, work: () => Promise<void>): Promise<void> {
    await this.#browser.startTracing(this.#page, {
      categories: ['__metadata', 'toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'],
    })
    await work()
    // What the last thing that was done still sets off belongs to it.
    await this.#page.waitForTimeout(300)
    const trace = await this.#browser.stopTracing()
    if (this.#folder !== null) {
      await mkdir(this.#folder, { recursive: true })
      await writeFile(join(this.#folder, `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.json`), trace)
    }
    const { ms, cpuMs, tasks } = longestTask(trace)
    const verdict = cpuMs > longTaskMs ? '  too long' : ms > longTaskMs ? '  over it on the clock alone' : ''
    process.stdout.write(
      `  ${name.padEnd(52)}longest task ${ms.toFixed(0).padStart(4)} ms, ${cpuMs.toFixed(0).padStart(4)} ms of CPU (${tasks} tasks)${verdict}\n`,
    )
  }
}

/** One directory with that many small files beside a few others, on the disk of that venti. */
async function makeLargeDirectory(dial: string, entries: number): Promise<RootScore> {
  const client = await connectVenti(parseDial(dial), { replyTimeoutMs: patienceMs })
  const outbox = new Outbox()
  const builder = new VacBuilder({ store: outbox })
  const children = Array.from({ length: entries }, (_, at) => ({
    name: `message-${String(at).padStart(6, '0')}.txt`,
    entry: builder.put(Buffer.from(`message ${at % 64}\n`)),
    attributes: { qid: BigInt(at + 10), mtime: 1552593600 + at },
  }))
  const root = builder.archive([
    { name: 'mail', children },
    { name: 'readme', data: Buffer.from('a large mailbox\n') },
  ])
  await outbox.settle([client])
  await client.close()
  return root
}

async function walkMap(page: Page, traced: Traced, arenas: number): Promise<void> {
  const wall = page.getByRole('listbox', { name: /^All \d+ arenas$/ })
  await traced.step('the map: along it with the wheel', async () => {
    await wall.hover()
    for (let turn = 0; turn < 60; turn++) await page.mouse.wheel(0, turn < 40 ? 240 : -360)
  })
  await traced.step('the map: along it with the keyboard', async () => {
    await wall.focus()
    for (const key of ['End', 'Home', ...Array.from({ length: 60 }, () => 'ArrowDown'), 'Enter', 'Escape']) {
      await page.keyboard.press(key)
    }
  })
  await page.getByRole('button', { name: 'List', exact: true }).click()
  const name = page.getByRole('textbox', { name: 'Name has' })
  await name.waitFor()
  await traced.step('the list: a name typed and taken back', async () => {
    await name.pressSequentially(`bench${arenas - 11}`, { delay: 30 })
    for (let at = 0; at < 4; at++) await page.keyboard.press('Backspace', { delay: 30 })
    await name.fill('')
  })
  const rows = page.locator('[role=grid] tbody tr')
  // Found by style and not by role: looking for roles and names is work that the test would do in the page.
  const heads = page.locator('[role=grid] th button')
  await traced.step('the list: scrolled', async () => {
    await rows.nth(2).hover()
    for (let turn = 0; turn < 40; turn++) await page.mouse.wheel(0, 2000)
  })
  await traced.step('the list: sorted by two columns', async () => {
    for (const column of [3, 0]) await heads.nth(column).click()
  })
}

async function walkTree(page: Page, traced: Traced): Promise<void> {
  const tree = page.getByRole('tree', { name: 'Files of the archive' })
  await page.getByRole('treeitem', { name: /mail/ }).first().waitFor({ timeout: patienceMs })
  await traced.step('the tree: a large directory opened', async () => {
    await page.getByRole('treeitem', { name: /mail/ }).first().click()
    await page.keyboard.press('ArrowRight')
    await page.getByRole('treeitem', { name: /message-000000/ }).waitFor({ timeout: patienceMs })
  })
  await traced.step('the tree: along it with the wheel', async () => {
    await tree.hover()
    for (let turn = 0; turn < 60; turn++) await page.mouse.wheel(0, 3000)
  })
  await traced.step('the tree: to its end and back, page by page', async () => {
    await tree.focus()
    for (const key of ['End', 'Home', ...Array.from({ length: 40 }, () => 'PageDown')]) await page.keyboard.press(key)
  })
  await traced.step('the tree: to a name by typing it', async () => {
    await page.keyboard.type('message-0001', { delay: 30 })
  })
}

export async function benchPage(bench: PageBench, folder: string): Promise<void> {
  if (chromiumPath() === null) {
    process.stdout.write('\nthe page: not measured, there is no Chromium here\n')
    return
  }
  const source = join(folder, 'arenas.img')
  await makePartition(source, {
    sizeBytes: (bench.arenas + 2) * mebibyte,
    arenaBytes: mebibyte,
    compressiblePart: 0.4,
    seed: 20190314,
    sealedFill: 0.02,
    lastFill: 0.01,
  })
  const store = await startServer(bench.cli, join(folder, 'store.img'), ['--size', '1g', '--arena-size', '256m'])
  const host = await startWindow(bench.cli, join(folder, 'state'))
  const browser = await launchChromium()
  try {
    const root = await makeLargeDirectory(store.dial, bench.entries)
    const cookie = await cookieOf(host)
    const requests = await HostRequests.open(host, cookie)
    await prepareMirror(requests, { source, targets: { store: store.dial }, ninefat: null })
    const [name, value] = cookie.split('=') as [string, string]
    const context = await browser.newContext({ viewport: { width: 1120, height: 760 } })
    context.setDefaultTimeout(patienceMs)
    await context.addCookies([{ name, value, url: host.address, httpOnly: true, sameSite: 'Strict' }])
    const page = await context.newPage()
    const traced = new Traced(browser, page, bench.traces)
    process.stdout.write(
      `\nthe page with ${bench.arenas} arenas and a directory of ${bench.entries} files; limit: no task over ${longTaskMs} ms\n`,
    )
    const { job, draft } = await requests.ask('setup.copy', {})
    const ended = requests.ended(job)
    await traced.step('the copy of them looked at', async () => {
      await page.goto(host.address)
      await page.getByRole('button', { name: 'Overview', exact: true }).click()
      await ended
    })
    await requests.ask('roots.paste', { mirror: draft.mirror ?? draft.name, text: root })
    await requests.ask('setup.finish', {})
    await requests.close()
    await traced.step('the page opened', async () => {
      await page.reload()
      await page.getByRole('listbox', { name: /^All \d+ arenas$/ }).waitFor()
    })
    await walkMap(page, traced, bench.arenas)
    await traced.step('Verify opened', async () => {
      await page.getByRole('button', { name: 'Verify', exact: true }).click()
      await page.getByRole('option', { name: new RegExp(root.slice(0, 4)) }).click()
    })
    await walkTree(page, traced)
  } finally {
    await browser.close()
    await stopServer(host.process)
    await stopServer(store.process)
  }
}
