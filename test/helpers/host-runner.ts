// A browser host on a free port of 127.0.0.1 before a service that only pretends, and browsers as far as a host can see them:
// requests with any header, a cookie, a WebSocket.

import { request, type IncomingHttpHeaders } from 'node:http'
import { onTestFinished } from 'vitest'
import { WebSocket, type ClientOptions } from 'ws'
import type { PageFiles } from '../../electron/host/page-files.ts'
import { startHost, type Host, type HostOptions } from '../../electron/host/server.ts'
import type { ServiceLink } from '../../electron/service/link.ts'
import type { EventMessage, Result } from '../../shared/contract.ts'

/** Answers what it is told to, remembers what it was asked, and tells events on request. */
export class FakeLink implements ServiceLink {
  readonly asked: [channel: string, asked: unknown][] = []
  readonly #listeners = new Set<(message: EventMessage) => void>()
  answer: (channel: string, asked: unknown) => Promise<Result<unknown>> = (channel) =>
    Promise.resolve({ ok: true, value: { echo: channel } })

  ask(channel: string, asked: unknown): Promise<Result<unknown>> {
    this.asked.push([channel, asked])
    return this.answer(channel, asked)
  }

  onEvent(told: (message: EventMessage) => void): () => void {
    this.#listeners.add(told)
    return () => void this.#listeners.delete(told)
  }

  get listeners(): number {
    return this.#listeners.size
  }

  tell(message: EventMessage): void {
    for (const told of this.#listeners) told(message)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

const page = (text: string, type: string, isImmutable: boolean) => ({
  bytes: Buffer.from(text),
  type,
  etag: `"${text.length}"`,
  isImmutable,
})

export const pageFiles: PageFiles = new Map([
  ['/', page('<!doctype html><title>page</title>', 'text/html; charset=utf-8', false)],
  ['/assets/main-abc.js', page('export {}', 'text/javascript; charset=utf-8', true)],
])

/** Where a host is, whoever started it. */
export type HostName = { readonly port: number; readonly name: string; readonly origin: string }
export type RunningHost = Host & HostName & { readonly link: FakeLink }

/** Closed when the test ends. */
export async function runHost({
  link = new FakeLink(),
  ...options
}: Partial<HostOptions> & { readonly link?: FakeLink } = {}): Promise<RunningHost> {
  const host = await startHost({ files: pageFiles, port: 0, ...options, link })
  onTestFinished(() => host.close())
  const name = `127.0.0.1:${host.port}`
  return { ...host, link, name, origin: `http://${name}` }
}

/** For expect.poll: on a loaded machine everything takes longer. */
export const patiently = { timeout: 30_000, interval: 10 } as const

export type Reply = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string }
export type Asking = {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** The path goes out as it is, which no browser and no fetch() would do. */
export function send(host: HostName, { method = 'GET', path = '/', headers = {}, body }: Asking = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: host.port, method, path, headers: { Host: host.name, ...headers } }
    const asking = request({ ...options, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () =>
        resolve({ status: response.statusCode as number, headers: response.headers, body: text }),
      )
    })
    asking.on('error', reject)
    asking.end(body)
  })
}

export function postToken(
  host: RunningHost,
  token: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  return send(host, { method: 'POST', path: '/session', headers: { Origin: host.origin, ...headers }, body: token })
}

/** The cookie a browser would send back. */
export function cookieIn({ headers }: Reply): string {
  return String(headers['set-cookie']?.[0]).split(';')[0] as string
}

export async function letIn(host: RunningHost): Promise<string> {
  return cookieIn(await postToken(host, host.newToken()))
}

/** A WebSocket and all it has heard. */
export class TestPage {
  readonly socket: WebSocket
  readonly heard: unknown[] = []
  /** Status of a refused upgrade. */
  refused: number | null = null
  closed: number | null = null
  #waiting: (() => void)[] = []

  constructor(host: HostName, headers: Readonly<Record<string, string>>, options: ClientOptions = {}) {
    this.socket = new WebSocket(`ws://${host.name}/socket`, { headers: { Host: host.name, ...headers }, ...options })
    this.socket.on('message', (data) => {
      this.heard.push(JSON.parse((data as Buffer).toString('utf8')))
      this.#tell()
    })
    this.socket.on('unexpected-response', (_asking, response) => {
      this.refused = response.statusCode as number
      response.resume()
      this.#tell()
    })
    this.socket.on('error', () => this.#tell())
    this.socket.on('close', (code) => {
      this.closed = code
      this.#tell()
    })
    onTestFinished(() => this.socket.terminate())
  }

  async until(fits: (page: TestPage) => boolean): Promise<void> {
    while (!fits(this)) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  /** What was heard of that kind. */
  said(key: 'id' | 'event' | 'control'): unknown[] {
    return this.heard.filter((one) => key in (one as object))
  }

  #tell(): void {
    for (const told of this.#waiting.splice(0)) told()
  }
}

/** Let in, connected, and told whether it has control. */
export async function openPage(host: RunningHost, cookie?: string): Promise<TestPage> {
  const opened = new TestPage(host, { Origin: host.origin, Cookie: cookie ?? (await letIn(host)) })
  await opened.until(({ heard, refused, closed }) => heard.length > 0 || refused !== null || closed !== null)
  return opened
}
