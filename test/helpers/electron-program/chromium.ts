// A Chromium to show the pages of the stand-in for Electron's program, spoken with over the pipe of the DevTools protocol
// (chromedevtools.github.io/devtools-protocol). It ends by itself when the pipe breaks, so also when this process is killed.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'

type Reply = { readonly result?: unknown; readonly error?: { readonly message: string } }
type Message = Reply & {
  readonly id?: number
  readonly method?: string
  readonly params?: unknown
  readonly sessionId?: string
}
export type Told = (method: string, params: never) => void

export class Chromium {
  readonly #child: ChildProcess
  readonly #replies = new Map<number, (reply: Reply) => void>()
  readonly #listeners = new Map<string, Told>()
  #lastId = 0
  #begun = ''

  constructor(program: string, args: readonly string[]) {
    this.#child = spawn(program, [...args, '--remote-debugging-pipe'], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    })
    // Whoever drives Electron looks there for the port.
    this.#child.stderr?.pipe(process.stderr)
    const from = this.#child.stdio[4] as Readable
    from.setEncoding('utf8').on('data', (text: string) => this.#hear(text))
    for (const stream of [from, this.#child.stdio[3] as Writable]) stream.on('error', () => undefined)
  }

  async send(method: string, params: object = {}, sessionId?: string): Promise<unknown> {
    const id = ++this.#lastId
    const to = this.#child.stdio[3] as Writable
    const reply = await new Promise<Reply>((resolve) => {
      this.#replies.set(id, resolve)
      to.write(`${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`)
    })
    if (reply.error !== undefined) throw new Error(`${method}: ${reply.error.message}`)
    return reply.result
  }

  /** Of one session; one listener each. */
  onEvent(sessionId: string, told: Told): void {
    this.#listeners.set(sessionId, told)
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }

  #hear(text: string): void {
    const messages = (this.#begun + text).split('\0')
    this.#begun = messages.pop() ?? ''
    for (const one of messages) {
      const message = JSON.parse(one) as Message
      if (message.id !== undefined) {
        this.#replies.get(message.id)?.(message)
        this.#replies.delete(message.id)
      } else if (message.method !== undefined) {
        this.#listeners.get(message.sessionId ?? '')?.(message.method, message.params as never)
      }
    }
  }
}
