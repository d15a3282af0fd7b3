// A venti connection byte by byte, for tests of what a server does with right and wrong bytes. Nothing of the client's code
// is used here but the frame reader.

import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { FrameReader } from '../../electron/engine/venti/wire/frame.ts'
import { fromHex } from '../../electron/engine/bytes/hex.ts'

type Version = '02' | '04'

export class RawVenti {
  readonly socket: Socket
  /** Bodies received and not asked for yet. */
  readonly bodies: Buffer[] = []
  line: string | null = null
  ended = false
  readonly #version: Version
  #frames: FrameReader | null = null
  #early = Buffer.alloc(0)
  #waiters: (() => void)[] = []

  constructor(port: number, version: Version = '04') {
    this.#version = version
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    this.socket.on('data', (chunk) => this.#receive(chunk))
    this.socket.on('error', () => undefined)
    for (const event of ['end', 'close']) {
      this.socket.on(event, () => {
        this.ended = true
        this.#wake()
      })
    }
    onTestFinished(() => {
      this.socket.destroy()
    })
  }

  /** Version lines and hello; `send` goes into the same segment. */
  async greet({ line = `venti-${this.#version}-test`, send = Buffer.alloc(0) } = {}): Promise<this> {
    const hello = Buffer.concat([Buffer.from([4, 0, 0, 2]), Buffer.from(this.#version), Buffer.from([0, 0, 0, 0, 0])])
    this.socket.write(Buffer.concat([Buffer.from(`${line}\n`), this.frame(hello), send]))
    const reply = await this.reply()
    if (reply?.[0] !== 5) throw new Error(`no Rhello but ${words(reply)}`)
    return this
  }

  frame(body: Uint8Array): Buffer {
    const prefix = Buffer.alloc(this.#version === '02' ? 2 : 4)
    prefix.writeUIntBE(body.length, 0, prefix.length)
    return Buffer.concat([prefix, body])
  }

  send(...bodies: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(bodies.map((body) => this.frame(body))))
  }

  /** The next body; null once the server has ended the connection. */
  async reply(): Promise<Buffer | null> {
    while (this.bodies.length === 0 && !this.ended) await new Promise<void>((resolve) => this.#waiters.push(resolve))
    return this.bodies.shift() ?? null
  }

  async ask(body: Uint8Array): Promise<Buffer | null> {
    this.send(body)
    return this.reply()
  }

  /** Code, tag and text of an Rerror, or hex of any other body. */
  async say(body: Uint8Array): Promise<string> {
    return words(await this.ask(body))
  }

  /** Resolves when the server has ended; with how many further bodies came. */
  async end(): Promise<number> {
    while (!this.ended) await new Promise<void>((resolve) => this.#waiters.push(resolve))
    return this.bodies.length
  }

  #receive(chunk: Buffer): void {
    let rest = chunk
    if (this.line === null) {
      this.#early = Buffer.concat([this.#early, chunk])
      const newline = this.#early.indexOf(10)
      if (newline < 0) return
      this.line = this.#early.subarray(0, newline).toString('latin1')
      rest = this.#early.subarray(newline + 1)
      this.#frames = new FrameReader(this.#version)
    }
    this.#frames!.push(rest)
    for (let body = this.#frames!.next(); body !== undefined; body = this.#frames!.next()) {
      this.bodies.push(Buffer.from(body))
    }
    this.#wake()
  }

  #wake(): void {
    for (const waiter of this.#waiters.splice(0)) waiter()
  }
}

export function words(body: Buffer | null): string {
  if (body === null) return 'closed'
  if (body[0] === 1) return `error ${body[1]}: ${body.subarray(4).toString('latin1')}`
  return body.toString('hex')
}

export function tread(tag: number, score: string, type: number, count: number, longCount = false): Buffer {
  const counted = Buffer.alloc(longCount ? 4 : 2)
  counted.writeUIntBE(count, 0, counted.length)
  return Buffer.concat([Buffer.from([12, tag]), fromHex(score) as Uint8Array, Buffer.from([type, 0]), counted])
}

export function twrite(tag: number, type: number, data: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([14, tag, type, 0, 0, 0]), data])
}

export const tsync = (tag: number): Buffer => Buffer.from([16, tag])
export const tping = (tag: number): Buffer => Buffer.from([2, tag])
export const tgoodbye = Buffer.from([6, 0])
