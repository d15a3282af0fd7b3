// What TCP and an SSH channel have in common as transports: one receiver, who is told exactly once that all is over.

import type { Duplex } from 'node:stream'
import type { AppError } from '../../../../shared/errors.ts'
import type { Transport, TransportHandler } from './transport.ts'

export abstract class StreamTransport implements Transport {
  abstract readonly remoteAddress: string
  abstract readonly remotePort: number
  readonly #stream: Duplex
  #handler: TransportHandler | null = null
  #failure: AppError | null = null
  #closed = false

  /** `failed` gives an error of the stream its words. */
  constructor(stream: Duplex, failed: (error: Error) => AppError) {
    this.#stream = stream
    stream.on('error', (error: Error) => this.fail(failed(error)))
    stream.on('close', () => this.close())
    // A venti that ended its half answers nothing more, and what we still have queued might never leave.
    stream.on('end', () => this.close())
  }

  attach(handler: TransportHandler): void {
    const first = this.#handler === null
    this.#handler = handler
    if (!first) return
    if (this.#closed) {
      queueMicrotask(() => this.#handler?.closed(this.#failure))
      return
    }
    this.#stream.on('data', (chunk: Buffer) => {
      // A plain view, because subarray of a Buffer costs several times more, once per frame.
      if (!this.#closed) this.#handler?.data(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    })
  }

  abstract cork(): void
  abstract uncork(): void
  abstract write(bytes: Uint8Array): void
  abstract end(): void
  abstract destroy(): void

  protected get isClosed(): boolean {
    return this.#closed
  }

  /** Why it will close, if nothing was said before. */
  protected fail(reason: AppError): void {
    this.#failure ??= reason
  }

  protected close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#stream.destroy()
    this.released()
    this.#handler?.closed(this.#failure)
  }

  /** Once, when it closes. */
  protected released(): void {
    // Nothing more to give back, as a rule.
  }
}
