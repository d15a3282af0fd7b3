// A transport without a socket: thousands of connections a second, and every byte, split and end under the control of
// the test. Delivery is asynchronous (microtasks) in both directions, as the Transport contract demands.

import type { AppError } from '../../shared/errors.ts'
import type { Transport, TransportHandler } from '../../electron/engine/venti/client/transport.ts'

export class MemoryPeer {
  /** One element per flush: what was written between cork and uncork arrives as one. */
  readonly flushes: Uint8Array[] = []
  /** True once the client called end(). */
  ended = false
  /** True once the client called destroy(). */
  destroyed = false
  /** What to do with bytes of the client; they are kept in `flushes` in any case. */
  onBytes: (bytes: Uint8Array) => void = () => undefined
  onEnd: () => void = () => undefined
  readonly transport: Transport
  #handler: TransportHandler | null = null
  #backlog: ((handler: TransportHandler) => void)[] = []
  #scheduled = false
  #closed = false

  constructor() {
    let corked = 0
    let collected: Uint8Array[] = []
    const flush = (): void => {
      if (collected.length === 0 || this.destroyed) return
      // Copied at this moment, like a system call: whoever changed the bytes before it is found out.
      const bytes = new Uint8Array(Buffer.concat(collected))
      collected = []
      this.flushes.push(bytes)
      queueMicrotask(() => this.onBytes(bytes))
    }
    this.transport = {
      remoteAddress: 'memory',
      remotePort: 0,
      attach: (handler) => {
        this.#handler = handler
        this.#schedule()
      },
      cork: () => void corked++,
      uncork: () => {
        corked--
        if (corked === 0) flush()
      },
      write: (bytes) => {
        collected.push(bytes)
        if (corked === 0) flush()
      },
      end: () => {
        flush()
        if (this.ended || this.destroyed) return
        this.ended = true
        queueMicrotask(() => this.onEnd())
      },
      destroy: () => {
        this.destroyed = true
        this.#backlog = []
      },
    }
  }

  /** All bytes the client has sent. */
  get received(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.flushes))
  }

  send(bytes: Uint8Array): void {
    this.#deliver((handler) => handler.data(bytes))
  }

  /** The end of the stream, or its loss. */
  close(error: AppError | null = null): void {
    if (this.#closed) return
    this.#closed = true
    this.#deliver((handler) => handler.closed(error))
  }

  #deliver(event: (handler: TransportHandler) => void): void {
    if (this.destroyed) return
    this.#backlog.push(event)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled || this.#handler === null || this.#backlog.length === 0) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      // Events may attach another handler or destroy the transport.
      for (let next = this.#backlog.shift(); next !== undefined; next = this.#backlog.shift()) next(this.#handler!)
    })
  }
}
