// What the client needs of a connection: a duplex byte pipe. TCP is one, an SSH channel and the tests' memory pipe are
// others. A handler is never called from inside a method of the transport, and after closed() nothing follows.

import type { AppError } from '../../../../shared/errors.ts'

export interface TransportHandler {
  /** The chunk belongs to the receiver from now on. */
  data(chunk: Uint8Array): void
  /** Exactly once. Null when the peer ended the stream in order. */
  closed(error: AppError | null): void
}

export interface Transport {
  readonly remoteAddress: string
  /** 0 where there is none. */
  readonly remotePort: number
  /** Names the receiver, or replaces it; nothing is delivered before the first. */
  attach(handler: TransportHandler): void
  /** Between cork and uncork writes are only collected, so that they leave in one system call. */
  cork(): void
  uncork(): void
  /** Queues bytes without copying; they must not change until they have left. Ignored once closed. */
  write(bytes: Uint8Array): void
  /** Sends what is queued, then the end of the stream. */
  end(): void
  /** Drops everything at once. */
  destroy(): void
}
