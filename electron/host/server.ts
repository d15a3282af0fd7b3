// The browser host: serves the page on 127.0.0.1 and carries the contract over a WebSocket. Every request has to name this
// host as a browser would, what changes anything has to come from the page itself (Origin), and the WebSocket needs the
// cookie that the token of a printed link was exchanged for. The token is in the fragment, which browsers keep to themselves.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocketServer } from 'ws'
import { maxRequestBytes, sessionPath, socketPath } from '../../shared/contract.ts'
import { AppError } from '../../shared/errors.ts'
import type { ServiceLink } from '../service/link.ts'
import { Addresses } from './addresses.ts'
import { ControlBook } from './control.ts'
import { securityHeaders } from './headers.ts'
import { subjectOf } from './outbox.ts'
import type { PageFile, PageFiles } from './page-files.ts'
import { PageSocket } from './page-socket.ts'
import { Secrets } from './secrets.ts'

export type HostOptions = {
  readonly link: ServiceLink
  readonly files: PageFiles
  /** 0: any that is free. */
  readonly port: number
  /** Further names of this host, as canonicalHost() gives them: the far end of a port forward. */
  readonly allowedHosts?: readonly string[]
  readonly pingMs?: number
}

export type Host = {
  readonly port: number
  /** Without a token: what may be shown to anyone. */
  readonly address: string
  /** A new token for links; it works once. */
  newToken(): string
  close(): Promise<void>
}

const listenAddress = '127.0.0.1'
const defaultPingMs = 15_000
const maxPages = 16
const maxTokenBytes = 256
/** A wrong token is answered the later the more of them came. */
const firstPauseMs = 100
const longestPauseMs = 5_000
const maxWaiting = 8
const closePatienceMs = 1_000

const statusWords: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}

class BrowserHost {
  readonly #options: HostOptions
  readonly #secrets = new Secrets()
  readonly #control = new ControlBook<PageSocket>()
  readonly #pages = new Set<PageSocket>()
  readonly #server = createServer({ headersTimeout: 10_000, requestTimeout: 20_000 })
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: maxRequestBytes, clientTracking: false })
  #addresses = new Addresses(0, [])
  #cookieName = ''
  #wrongTokens = 0
  #waiting = 0

  constructor(options: HostOptions) {
    this.#options = options
    this.#server.on('request', (request, response) => void this.#onRequest(request, response))
    this.#server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head))
  }

  /** Rejects with listen-failed. */
  async listen(): Promise<Host> {
    const { port, allowedHosts = [], link } = this.#options
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(port, error)))
      this.#server.listen(port, listenAddress, resolve)
    })
    const { port: own } = this.#server.address() as AddressInfo
    this.#addresses = new Addresses(own, allowedHosts)
    // Cookies do not know ports: two hosts on one computer must not overwrite each other's.
    this.#cookieName = `venti-mirror-${own}`
    const endEvents = link.onEvent((message) => {
      const [subject, text] = [subjectOf(message), JSON.stringify(message)]
      for (const page of this.#pages) page.tellEvent(subject, text)
    })
    return {
      port: own,
      address: `http://${listenAddress}:${own}/`,
      newToken: () => this.#secrets.newToken(),
      close: async () => {
        endEvents()
        await this.#close()
      },
    }
  }

  async #close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const page of this.#pages) page.close()
    this.#server.closeIdleConnections()
    const timer = setTimeout(() => {
      for (const page of this.#pages) page.terminate()
      this.#server.closeAllConnections()
    }, closePatienceMs)
    await closed
    clearTimeout(timer)
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const host = this.#addresses.hostOf(request.headers.host)
    for (const [name, value] of Object.entries(securityHeaders(host))) response.setHeader(name, value)
    const { origin } = request.headers
    if (host === null || (origin !== undefined && !this.#addresses.isOwnOrigin(origin, host))) refuse(response, 403)
    else if (pathOf(request) === sessionPath) await this.#onSession(request, response)
    else this.#onFile(request, response)
  }

  #onFile(request: IncomingMessage, response: ServerResponse): void {
    const file = this.#options.files.get(pathOf(request))
    if (file === undefined) refuse(response, 404)
    else if (request.method === 'GET' || request.method === 'HEAD') sendFile(request, response, file)
    else refuse(response, 405, { Allow: 'GET, HEAD' })
  }

  /** GET: is this browser let in? POST: let it in, for the token of a link. */
  async #onSession(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Cache-Control', 'no-store')
    if (request.method === 'GET') {
      if (this.#hasSession(request)) response.writeHead(204).end()
      else refuse(response, 401)
      return
    }
    if (request.method !== 'POST') return refuse(response, 405, { Allow: 'GET, POST' })
    if (request.headers.origin === undefined) return refuse(response, 403)
    const token = await bodyOf(request)
    if (token === null) return refuse(response, 413)
    const session = this.#secrets.redeem(token)
    if (session === null) return await this.#refuseToken(response)
    this.#wrongTokens = 0
    const cookie = `${this.#cookieName}=${session}; Path=/; HttpOnly; SameSite=Strict`
    response.writeHead(204, { 'Set-Cookie': cookie }).end()
  }

  /** The right token never waits, so nobody can be kept out by somebody who tries wrong ones. */
  async #refuseToken(response: ServerResponse): Promise<void> {
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(this.#wrongTokens++, 10))
    if (this.#waiting >= maxWaiting) return refuse(response, 429)
    this.#waiting++
    await delay(pauseMs, undefined, { ref: false })
    this.#waiting--
    refuse(response, 401)
  }

  #hasSession({ headers }: IncomingMessage): boolean {
    for (const part of (headers.cookie ?? '').split(';')) {
      const at = part.indexOf('=')
      if (part.slice(0, at).trim() === this.#cookieName && this.#secrets.knows(part.slice(at + 1).trim())) return true
    }
    return false
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const status = this.#refusalOf(request)
    if (status !== null) {
      socket.end(`HTTP/1.1 ${status} ${statusWords[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const { link, pingMs = defaultPingMs } = this.#options
      const page = new PageSocket({ socket: webSocket, link, control: this.#control, pingMs })
      this.#pages.add(page)
      webSocket.on('close', () => this.#pages.delete(page))
    })
  }

  #refusalOf(request: IncomingMessage): number | null {
    const host = this.#addresses.hostOf(request.headers.host)
    const { origin } = request.headers
    if (host === null || origin === undefined || !this.#addresses.isOwnOrigin(origin, host)) return 403
    if (pathOf(request) !== socketPath) return 404
    if (!this.#hasSession(request)) return 401
    return this.#pages.size >= maxPages ? 503 : null
  }
}

function listenError(port: number, error: NodeJS.ErrnoException): AppError {
  const why = error.code === 'EADDRINUSE' ? 'something else listens there' : (error.code ?? error.message)
  return new AppError('listen-failed', `cannot listen on ${listenAddress}:${port}: ${why}`, {
    data: {
      port,
      code: error.code ?? null,
      safe: 'Nothing was started, and nothing was changed.',
      next: 'Choose another port with --port, or leave it out to have a free one chosen.',
    },
    cause: error,
  })
}

/** The whole name and nothing else: no decoding, no "..". */
function pathOf({ url = '' }: IncomingMessage): string {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}

/** Null: too long for a token. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > maxTokenBytes) return null
      chunks.push(chunk)
    }
  } catch {
    return null
  }
  return Buffer.concat(chunks).toString('latin1')
}

function refuse(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void {
  // What a refused request still sends is not waited for.
  const connection = response.req.complete ? {} : { Connection: 'close' }
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...connection, ...headers })
  response.end(`${statusWords[status] ?? status}\n`)
}

function sendFile(request: IncomingMessage, response: ServerResponse, file: PageFile): void {
  const { bytes, type, etag, isImmutable } = file
  const cache = isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache'
  const headers = { 'Cache-Control': cache, ETag: etag }
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, headers).end()
    return
  }
  response.writeHead(200, { ...headers, 'Content-Type': type, 'Content-Length': bytes.length })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

/** Rejects with listen-failed. */
export async function startHost(options: HostOptions): Promise<Host> {
  return await new BrowserHost(options).listen()
}
