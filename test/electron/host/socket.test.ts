// The contract over a WebSocket: what goes in and out, what is cut off, who has control, and what a slow page costs.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, onTestFinished, test } from 'vitest'
import { rights } from '../../../electron/host/control.ts'
import { Outbox, subjectOf } from '../../../electron/host/outbox.ts'
import { maxOutstanding, readMessage } from '../../../electron/host/page-socket.ts'
import { channels, type EventMessage, type Result } from '../../../shared/contract.ts'
import type { JobView } from '../../../shared/model/window.ts'
import { patiently, letIn, openPage, runHost, type TestPage } from '../../helpers/host-runner.ts'

/** What is in use after everything else was cleared away. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const jobEvent = (id: string, sequence: number, notes: readonly string[] = []): EventMessage =>
  ({ event: 'job.view', value: { id, sequence, notes } }) as unknown as EventMessage

async function answered(page: TestPage, id: number): Promise<Result<unknown>> {
  const find = () => page.said('id').find((one) => (one as { id: number }).id === id)
  await page.until(() => find() !== undefined)
  return (find() as { result: Result<unknown> }).result
}

describe('messages', () => {
  test('requests are answered by the service, also out of order', async () => {
    const host = await runHost()
    const page = await openPage(host)
    const waiting: (() => void)[] = []
    host.link.answer = (channel) =>
      channel === 'roots.list'
        ? new Promise((resolve) => waiting.push(() => resolve({ ok: true, value: 'late' })))
        : Promise.resolve({ ok: true, value: channel })
    page.send({ id: 7, channel: 'roots.list', asked: { mirror: 'a' } })
    page.send({ id: 8, channel: 'app.view', asked: {} })
    expect(await answered(page, 8)).toEqual({ ok: true, value: 'app.view' })
    waiting[0]?.()
    expect(await answered(page, 7)).toEqual({ ok: true, value: 'late' })
    expect(host.link.asked).toEqual([
      ['roots.list', { mirror: 'a' }],
      ['app.view', {}],
    ])
  })

  test('what is no channel is for the service to refuse, with control and without', async () => {
    const host = await runHost()
    const [first, second] = [await openPage(host), await openPage(host)]
    const problem = { code: 'usage', happened: 'no such channel', safe: '', next: '' }
    host.link.answer = () => Promise.resolve({ ok: false, problem })
    for (const page of [first, second]) {
      page.send({ id: 1, channel: '__proto__', asked: {} })
      expect(await answered(page, 1)).toEqual({ ok: false, problem })
    }
    expect(host.link.asked).toHaveLength(2)
  })

  test.each([
    ['no JSON', 'hello'],
    ['null', 'null'],
    ['a list', '[]'],
    ['without an id', '{"channel":"app.view","asked":{}}'],
    ['a fraction for an id', '{"id":1.5,"channel":"app.view","asked":{}}'],
    ['a text for an id', '{"id":"1","channel":"app.view","asked":{}}'],
    ['no channel', '{"id":1,"asked":{}}'],
    ['nothing asked', '{"id":1,"channel":"app.view"}'],
    ['something added', '{"id":1,"channel":"app.view","asked":{},"as":"root"}'],
    ['control and a request', '{"takeControl":true,"id":1,"channel":"app.view","asked":{}}'],
    ['control of another kind', '{"takeControl":1}'],
  ])('%s closes the connection', async (_what, text) => {
    expect(readMessage(text)).toBeNull()
    const host = await runHost()
    const page = await openPage(host)
    page.send(text)
    await page.until(({ closed }) => closed !== null)
    expect([page.closed, host.link.asked]).toEqual([1008, []])
  })

  test('so do bytes, an id in use, and more than 64 KiB', async () => {
    const host = await runHost()
    host.link.answer = () => new Promise(() => undefined)
    const request = { id: 1, channel: 'app.view', asked: {} }
    const codes: (number | null)[] = []
    for (const talk of [
      (page: TestPage) => page.socket.send(Buffer.from(JSON.stringify(request))),
      (page: TestPage) => [page.send(request), page.send(request)],
      (page: TestPage) => page.send({ ...request, asked: 'x'.repeat(64 * 1024) }),
    ]) {
      const page = await openPage(host)
      talk(page)
      await page.until(({ closed }) => closed !== null)
      codes.push(page.closed)
    }
    expect(codes).toEqual([1008, 1008, 1009])
  })

  test('more requests than may stand open are refused, and the others answered', async () => {
    const host = await runHost()
    const page = await openPage(host)
    const open: (() => void)[] = []
    host.link.answer = () => new Promise((resolve) => open.push(() => resolve({ ok: true, value: 1 })))
    for (let id = 0; id <= maxOutstanding; id++) page.send({ id, channel: 'app.view', asked: {} })
    expect(await answered(page, maxOutstanding)).toMatchObject({ ok: false, problem: { code: 'too-many-requests' } })
    expect(host.link.asked).toHaveLength(maxOutstanding)
    for (const answer of open) answer()
    expect(await answered(page, 0)).toEqual({ ok: true, value: 1 })
    expect(await answered(page, maxOutstanding - 1)).toEqual({ ok: true, value: 1 })
    page.send({ id: 100, channel: 'app.view', asked: {} })
    await expect.poll(() => host.link.asked.length, patiently).toBe(maxOutstanding + 1)
  })

  test('a lost connection leaves what it asked to go on', async () => {
    const host = await runHost()
    const cookie = await letIn(host)
    const page = await openPage(host, cookie)
    let finish: () => void = () => undefined
    host.link.answer = () => new Promise((resolve) => (finish = () => resolve({ ok: true, value: null })))
    page.send({ id: 1, channel: 'setup.copy', asked: {} })
    await expect.poll(() => host.link.asked.length, patiently).toBe(1)
    page.socket.terminate()
    const next = await openPage(host, cookie)
    finish()
    host.link.answer = () => Promise.resolve({ ok: true, value: 'still here' })
    next.send({ id: 1, channel: 'app.view', asked: {} })
    expect(await answered(next, 1)).toEqual({ ok: true, value: 'still here' })
    expect(host.link.asked.map(([channel]) => channel)).toEqual(['setup.copy', 'app.view'])
  })
})

describe('control', () => {
  const last = (page: TestPage) => page.said('control').at(-1)
  const refusal = { ok: false, problem: { code: 'no-control' } }

  async function act(page: TestPage, id: number): Promise<Result<unknown>> {
    page.send({ id, channel: 'sync.start', asked: { mirror: 'a', dials: null } })
    return await answered(page, id)
  }

  test('the first page has it, others look, may take it, and get it when the first goes', async () => {
    const host = await runHost()
    const cookie = await letIn(host)
    const first = await openPage(host, cookie)
    const second = await openPage(host, cookie)
    const third = await openPage(host, cookie)
    expect([first, second, third].map(last)).toEqual([{ control: true }, { control: false }, { control: false }])
    expect(await act(second, 1)).toMatchObject(refusal)
    second.send({ id: 2, channel: 'mirror.arenas', asked: { mirror: 'a' } })
    expect(await answered(second, 2)).toMatchObject({ ok: true })
    expect(host.link.asked.map(([channel]) => channel)).toEqual(['mirror.arenas'])

    second.send({ takeControl: true })
    await second.until((page) => page.said('control').length === 2)
    await first.until((page) => page.said('control').length === 2)
    expect([first, second].map(last)).toEqual([{ control: false }, { control: true }])
    expect(await act(first, 1)).toMatchObject(refusal)
    expect(await act(second, 3)).toMatchObject({ ok: true })

    second.socket.close()
    await first.until((page) => page.said('control').length === 3)
    expect([first, third].map(last)).toEqual([{ control: true }, { control: false }])
    expect(await act(first, 2)).toMatchObject({ ok: true })
    first.send({ takeControl: true })
    expect(await act(first, 3)).toMatchObject({ ok: true })
    expect(first.said('control')).toHaveLength(3)
  })

  test('every channel is either to look or to act, and what changes something is to act', () => {
    expect(Object.keys(rights).toSorted()).toEqual(Object.keys(channels).toSorted())
    const looks = Object.entries(rights).filter(([, right]) => right === 'look')
    expect(looks.map(([channel]) => channel)).toEqual([
      'app.view',
      'setup.mutual',
      'mirror.refresh',
      'mirror.arenas',
      'roots.list',
      'tree.list',
      'tree.preview',
      'activity.list',
      'activity.export',
      'wrcmd.look',
    ])
  })
})

describe('events', () => {
  test('go to every page', async () => {
    const host = await runHost()
    const pages = [await openPage(host), await openPage(host)]
    host.link.tell(jobEvent('a', 1))
    for (const page of pages) {
      await page.until((one) => one.said('event').length === 1)
      expect(page.said('event')).toEqual([jobEvent('a', 1)])
    }
  })

  test('a page that stops reading costs little, misses what is old, and gets the newest of each', async () => {
    const host = await runHost()
    const slow = await openPage(host)
    slow.socket.pause()
    const before = heldBytes()
    const events = 6_000
    for (let sequence = 1; sequence <= events; sequence++) {
      // Each with a text of its own, 200 MB altogether.
      host.link.tell(jobEvent(sequence % 2 === 0 ? 'even' : 'odd', sequence, [`${sequence} `.repeat(6 * 1024)]))
      if (sequence % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(heldBytes() - before).toBeLessThan(32 * 2 ** 20)
    slow.socket.resume()
    const sequences = (): number[] => slow.said('event').map((one) => (one as { value: JobView }).value.sequence)
    await slow.until(() => [events - 1, events].every((last) => sequences().includes(last)))
    expect(sequences().length).toBeLessThan(events / 2)
  })

  test('of what waits only the newest of each subject does', () => {
    const sent: string[] = []
    const done: (() => void)[] = []
    const wire = {
      bufferedAmount: 2 ** 20,
      send: (text: string, told: () => void) => {
        sent.push(text)
        done.push(told)
      },
    }
    const outbox = new Outbox(wire)
    for (let sequence = 1; sequence <= 1_000; sequence++) {
      for (const subject of ['a', 'b']) outbox.tell(subject, `${subject}${sequence}`)
    }
    expect([sent, outbox.waiting]).toEqual([[], 2])
    // Replies do not wait; once one has left, what waits goes on.
    outbox.reply('reply', () => sent.push('it left'))
    wire.bufferedAmount = 0
    done[0]?.()
    expect([sent, outbox.waiting]).toEqual([['reply', 'it left', 'a1000', 'b1000'], 0])
  })

  test('subjects tell jobs and mirrors apart', () => {
    const messages = [
      jobEvent('1', 1),
      { event: 'mirror.view', value: { name: 'home' } },
      { event: 'setup.view', value: null },
      { event: 'settings.view', value: {} },
    ] as unknown as EventMessage[]
    expect(messages.map(subjectOf)).toEqual(['job.view 1', 'mirror.view home', 'setup.view', 'settings.view'])
  })
})

describe('the way between', () => {
  test('a page that answers pings stays, one that does not is let go, and control goes on', async () => {
    const host = await runHost({ pingMs: 500 })
    const cookie = await letIn(host)
    const dead = await openPage(host, cookie)
    const alive = await openPage(host, cookie)
    let pings = 0
    alive.socket.on('ping', () => pings++)
    // A computer that sleeps: the connection stands, and nobody is there.
    dead.socket.pause()
    await alive.until((page) => page.said('control').some((one) => (one as { control: boolean }).control))
    expect(pings).toBeGreaterThan(0)
    const heard = alive.heard.length
    await alive.until((page) => page.heard.length > heard)
    expect([alive.closed, alive.said('control').at(-1)]).toEqual([null, { control: true }])
  })

  test('a host that ends says so to its pages, and listens to nobody any more', async () => {
    const host = await runHost()
    const page = await openPage(host)
    expect(host.link.listeners).toBe(1)
    await host.close()
    await page.until(({ closed }) => closed !== null)
    expect([page.closed, host.link.listeners]).toEqual([1001, 0])
  })

  test('a page that does not let go is let go', async () => {
    const host = await runHost()
    const page = await openPage(host)
    page.socket.pause()
    onTestFinished(() => page.socket.resume())
    await host.close()
    expect(host.link.listeners).toBe(0)
  })
})

test('a port that is taken is named', async () => {
  const host = await runHost()
  await expect(runHost({ port: host.port })).rejects.toMatchObject({
    code: 'listen-failed',
    message: `cannot listen on 127.0.0.1:${host.port}: something else listens there`,
  })
})
