// Requests to a browser host over its WebSocket. A link works once, so the cookie it was exchanged for is what a page opened
// later comes in with.

import { WebSocket } from 'ws'
import { sessionPath, socketPath, type EventMessage, type ReplyMessage, type Result } from '../../shared/contract.ts'
import { Requests } from './requests.ts'

type Told = (result: Result<unknown>) => void

/** Where a host is: the address of its page, and its link, the same with the token behind it. */
export type HostAddress = { readonly address: string; readonly link: string }

/** "name=value" of the session that the link of this host, still unused, is good for. */
export async function cookieOf(host: HostAddress): Promise<string> {
  const { origin, hash } = new URL(host.link)
  const { status, headers } = await fetch(origin + sessionPath, {
    method: 'POST',
    body: hash.slice(1),
    headers: { Origin: origin },
  })
  const [cookie] = headers.getSetCookie()
  if (status !== 204 || cookie === undefined) throw new Error(`the link was answered with ${status}`)
  return cookie.slice(0, cookie.indexOf(';'))
}

export class HostRequests extends Requests {
  readonly #socket: WebSocket
  readonly #asked = new Map<number, Told>()
  #lastId = 0

  private constructor(socket: WebSocket) {
    super()
    this.#socket = socket
    socket.on('message', (data) => this.#onMessage(JSON.parse((data as Buffer).toString('utf8')) as never))
  }

  /** Has control until it is closed when no page came before it. */
  static async open(host: HostAddress, cookie: string): Promise<HostRequests> {
    const { origin } = new URL(host.address)
    const socket = new WebSocket(origin.replace(/^http/, 'ws') + socketPath, { origin, headers: { Cookie: cookie } })
    const requests = new HostRequests(socket)
    socket.on('error', () => undefined)
    await new Promise<void>((resolve, reject) => {
      socket.once('message', () => resolve())
      socket.once('close', () => reject(new Error('the host let no request in')))
    })
    return requests
  }

  override async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return
    const closed = new Promise<void>((resolve) => this.#socket.once('close', () => resolve()))
    this.#socket.close()
    await closed
  }

  protected override async send(channel: string, asked: unknown): Promise<Result<unknown>> {
    const id = ++this.#lastId
    return await new Promise((resolve) => {
      this.#asked.set(id, resolve)
      this.#socket.send(JSON.stringify({ id, channel, asked }))
    })
  }

  #onMessage(message: ReplyMessage | EventMessage | { readonly control: boolean }): void {
    if ('id' in message) {
      this.#asked.get(message.id)?.(message.result)
      this.#asked.delete(message.id)
    } else if ('event' in message) this.hear(message)
  }
}
