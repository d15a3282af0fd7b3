// The contract over one WebSocket: requests in, replies, events and the word about control out. A page that speaks anything
// else is cut off with 1008; one that asks faster than it is answered, or than it reads the answers, is told so. Whatever
// becomes of the connection, the jobs go on: they belong to the service.

import type { RawData, WebSocket } from 'ws'
import type { ControlMessage, ReplyMessage, RequestMessage, Result, TakeControlMessage } from '../../shared/contract.ts'
import type { Problem } from '../../shared/model/window.ts'
import type { ServiceLink } from '../service/link.ts'
import { noControl, needsControl, type Controllable, type ControlBook } from './control.ts'
import { Outbox } from './outbox.ts'

/** Requests of one page that are not answered, or whose answers it has not taken yet. */
export const maxOutstanding = 64
const policyViolation = 1008

const tooMany: Problem = {
  code: 'too-many-requests',
  happened: `this page asked for more than ${maxOutstanding} things at once`,
  safe: 'Nothing was changed by this request.',
  next: 'Wait a moment, and try again.',
}

export type PageSocketOptions = {
  readonly socket: WebSocket
  readonly link: ServiceLink
  readonly control: ControlBook<PageSocket>
  readonly pingMs: number
}

type Asked = RequestMessage | TakeControlMessage

/** Null for anything that is no message of a page. */
export function readMessage(text: string): Asked | null {
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof message !== 'object' || message === null) return null
  const { id, channel, asked, takeControl, ...rest } = message as Partial<RequestMessage & { takeControl: unknown }>
  if (Object.keys(rest).length > 0) return null
  if (takeControl === true) return id === undefined && channel === undefined ? { takeControl } : null
  if (takeControl !== undefined || asked === undefined || typeof channel !== 'string') return null
  return Number.isSafeInteger(id) && (id as number) >= 0 ? { id: id as number, channel, asked } : null
}

export class PageSocket implements Controllable {
  readonly #socket: WebSocket
  readonly #link: ServiceLink
  readonly #control: ControlBook<PageSocket>
  readonly #outbox: Outbox
  readonly #outstanding = new Set<number>()
  readonly #timer: NodeJS.Timeout
  #answersPings = true

  constructor({ socket, link, control, pingMs }: PageSocketOptions) {
    this.#socket = socket
    this.#link = link
    this.#control = control
    this.#outbox = new Outbox(socket)
    this.#timer = setInterval(() => this.#ping(), pingMs)
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary))
    socket.on('pong', () => (this.#answersPings = true))
    // A close follows.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearInterval(this.#timer)
      control.leave(this)
    })
    control.join(this)
  }

  tellEvent(subject: string, text: string): void {
    this.#outbox.tell(subject, text)
  }

  tellControl(control: boolean): void {
    const message: ControlMessage = { control }
    // Waits like an event, so that an older word about it cannot come after a newer one.
    this.#outbox.tell('control', JSON.stringify(message))
  }

  /** With 1001: the host ends. */
  close(): void {
    this.#socket.close(1001, 'the host ends')
  }

  terminate(): void {
    this.#socket.terminate()
  }

  #ping(): void {
    if (!this.#answersPings) {
      this.#socket.terminate()
      return
    }
    this.#answersPings = false
    this.#socket.ping()
    // Scripts do not see pings: this is how the page knows that the way is still open.
    this.tellControl(this.#control.has(this))
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    const message = isBinary ? null : readMessage((data as Buffer).toString('utf8'))
    if (message === null || ('id' in message && this.#outstanding.has(message.id))) {
      this.#socket.close(policyViolation, 'not a message of this contract')
      return
    }
    if ('takeControl' in message) this.#control.take(this)
    else if (this.#outstanding.size >= maxOutstanding) this.#reply(message.id, { ok: false, problem: tooMany })
    else void this.#ask(message)
  }

  async #ask({ id, channel, asked }: RequestMessage): Promise<void> {
    this.#outstanding.add(id)
    const mayAsk = this.#control.has(this) || !needsControl(channel)
    const result: Result<unknown> = mayAsk ? await this.#link.ask(channel, asked) : { ok: false, problem: noControl }
    this.#reply(id, result, () => this.#outstanding.delete(id))
  }

  #reply(id: number, result: Result<unknown>, sent: () => void = () => undefined): void {
    const message: ReplyMessage = { id, result }
    this.#outbox.reply(JSON.stringify(message), sent)
  }
}
