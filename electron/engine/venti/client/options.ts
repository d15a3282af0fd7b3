// Limits of a connection with their defaults. The window comes from the round-trip time: 64 requests saturate a server on
// the same network, and a far one needs as many as one connection can have.

import { usableTags } from './tags.ts'

export interface VentiClientOptions {
  /** Covers TCP, version line and hello. Default 10 000. */
  readonly connectTimeoutMs?: number
  /** No byte of a reply while requests are outstanding. Default 30 000. */
  readonly replyTimeoutMs?: number
  /** The same while a sync is outstanding: a server may flush for minutes. Default 300 000. */
  readonly syncTimeoutMs?: number
  /** Cap of requests in flight, 1 to 255. Default from the round-trip time, 64 to 255. */
  readonly windowRequests?: number
  /** Cap of unacknowledged payload bytes; a single block is always let through. Default 4 MiB. */
  readonly windowBytes?: number
  readonly signal?: AbortSignal | undefined
}

export interface Limits {
  readonly replyTimeoutMs: number
  readonly syncTimeoutMs: number
  readonly windowRequests: number
  readonly windowBytes: number
}

export const defaultConnectTimeoutMs = 10_000
const defaultReplyTimeoutMs = 30_000
const defaultSyncTimeoutMs = 300_000
const defaultWindowBytes = 4 * 1024 * 1024
const localWindow = 64
/** Blocks of 8 KiB a second that a fast venti and a fast line can carry. */
const blocksPerSecond = 12_500

export function limitsFor(options: VentiClientOptions, roundTripMs: number): Limits {
  const wanted = options.windowRequests ?? Math.max(localWindow, Math.ceil((blocksPerSecond * roundTripMs) / 1000))
  return {
    replyTimeoutMs: options.replyTimeoutMs ?? defaultReplyTimeoutMs,
    syncTimeoutMs: options.syncTimeoutMs ?? defaultSyncTimeoutMs,
    windowRequests: Math.min(usableTags, Math.max(1, Math.floor(wanted))),
    windowBytes: options.windowBytes ?? defaultWindowBytes,
  }
}
