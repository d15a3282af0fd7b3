// Typed calls to one venti server over one connection. Nothing is retried here: what a sync covers is known only within
// one connection (R2), so whoever loses it starts again from a saved cursor. A write reply means "received", not "on
// disk"; sync() is sent only after every write and probe made before it was answered.

import { AppError } from '../../../../shared/errors.ts'
import { zeroScore, type Score } from '../../../../shared/model/score.ts'
import { borrowMachine } from '../../ssh/machines.ts'
import { connectTunnel } from '../../ssh/tunnel.ts'
import { isLegalWireType } from '../format/block-type.ts'
import { maxLumpBytes } from '../format/constants.ts'
import { messageCode } from '../wire/message.ts'
import type { ProtocolVersion } from '../wire/version.ts'
import { Connection } from './connection.ts'
import type { Dial } from './dial.ts'
import { shakeHands, type Greeted } from './handshake.ts'
import { defaultConnectTimeoutMs, limitsFor, type VentiClientOptions } from './options.ts'
import { PlainRequest, ProbeRequest, ReadRequest, WriteRequest, type ProbeDone, type WriteDone } from './requests.ts'
import { connectTcp } from './tcp.ts'
import type { Transport } from './transport.ts'

export type { VentiClientOptions } from './options.ts'

/** The other way data structures write "empty block" (venti-protocol.md §7). */
const nullScore = '0'.repeat(40)

export async function connectVenti(dial: Dial, options: VentiClientOptions = {}): Promise<VentiClient> {
  if (dial.kind === 'ssh') {
    // Logging in may take as long as a person needs for it; the greeting behind it has its own limit.
    return await openVenti(await connectTunnel(dial, borrowMachine, options.signal), dial.text, options)
  }
  const timeoutMs = options.connectTimeoutMs ?? defaultConnectTimeoutMs
  const startMs = performance.now()
  const transport = await connectTcp(dial, { timeoutMs, signal: options.signal })
  const leftMs = Math.max(1, Math.ceil(timeoutMs - (performance.now() - startMs)))
  return openVenti(transport, dial.text, { ...options, connectTimeoutMs: leftMs })
}

/** The same over a transport that is already connected, such as an SSH channel. Takes the transport over. */
export function openVenti(transport: Transport, dial: string, options: VentiClientOptions = {}): Promise<VentiClient> {
  return new Promise((resolve, reject) => {
    const timeoutMs = options.connectTimeoutMs ?? defaultConnectTimeoutMs
    shakeHands(transport, { dial, timeoutMs, signal: options.signal }, (error, greeted) => {
      if (greeted === null) {
        reject(error)
        return
      }
      const limits = limitsFor(options, greeted.roundTripMs)
      const connection = new Connection(transport, greeted, { dial, limits, signal: options.signal })
      if (connection.reason !== null) reject(connection.reason)
      else resolve(new VentiClient(connection, transport, greeted))
    })
  })
}

export class VentiClient {
  readonly dial: string
  readonly version: ProtocolVersion
  /** sid of Rhello, made fit to be printed. */
  readonly serverId: string
  readonly roundTripMs: number
  readonly remoteAddress: string
  readonly remotePort: number
  #connection: Connection

  constructor(connection: Connection, transport: Transport, greeted: Greeted) {
    this.#connection = connection
    this.dial = connection.dial
    this.version = greeted.version
    this.serverId = greeted.serverId
    this.roundTripMs = greeted.roundTripMs
    this.remoteAddress = transport.remoteAddress
    this.remotePort = transport.remotePort
  }

  get bytesSent(): number {
    return this.#connection.bytesSent
  }

  get bytesReceived(): number {
    return this.#connection.bytesReceived
  }

  /** Requests made and not answered yet, sent or not. */
  get outstanding(): number {
    return this.#connection.outstanding
  }

  /** True while a further request fits the window. A request made without room waits, in order. */
  get hasRoom(): boolean {
    return this.#connection.hasRoom
  }

  /** Called once, asynchronously, as soon as hasRoom is true or the connection is gone. */
  onRoom(callback: () => void): void {
    this.#connection.onRoom(callback)
  }

  /**
   * Sends a block whose SHA-1 the caller knows to be `expected`. No promises: this is the hot path. `done` is called
   * exactly once, asynchronously; `data` must not change until then.
   */
  write(type: number, data: Uint8Array, expected: Score, done: WriteDone): void {
    const wrong = wrongType(type) ?? wrongLength(data.length)
    if (wrong === null) this.#connection.submit(new WriteRequest(type, data, expected, done))
    else later(() => done(this.#bug('write', wrong)))
  }

  /**
   * Asks whether the server knows a block, without moving it (a read of 0 bytes). It proves that the index has it, not
   * that it can be read. An answer that says neither yes nor no is an error.
   */
  probe(score: Score, type: number, done: ProbeDone): void {
    const wrong = wrongType(type)
    if (wrong !== null) later(() => done(this.#bug('probe', wrong), false, null))
    // Servers do not know the empty block; it is everywhere.
    else if (isEmptyScore(score)) later(() => done(null, true, 0))
    else this.#connection.submit(new ProbeRequest(this.dial, score, type, done))
  }

  /** The whole block, in memory the caller owns, length and SHA-1 verified. Both empty scores are answered locally. */
  read(score: Score, type: number, countBytes: number = maxLumpBytes): Promise<Uint8Array> {
    const wrong = wrongType(type) ?? wrongLength(countBytes)
    if (wrong !== null) return Promise.reject(this.#bug('read', wrong))
    if (isEmptyScore(score)) return Promise.resolve(new Uint8Array(0))
    return new Promise((resolve, reject) => {
      this.#connection.submit(new ReadRequest(this.dial, { score, type, countBytes }, resolve, reject))
    })
  }

  /** Resolves once the server says that everything acknowledged before this call is on its disk. */
  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#connection.submit(new PlainRequest(messageCode.tsync, resolve, reject))
    })
  }

  /** Resolves when the server is alive, also when it answers that it does not know this request (plan9port does). */
  ping(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#connection.submit(new PlainRequest(messageCode.tping, resolve, reject))
    })
  }

  /** Says goodbye; resolves within a second, whatever the server does. What was not sent yet fails. */
  close(): Promise<void> {
    return this.#connection.close()
  }

  destroy(error?: AppError): void {
    this.#connection.destroy(error ?? null)
  }

  /** Resolves with the reason once the connection is gone; null after close(). */
  get closed(): Promise<AppError | null> {
    return this.#connection.closed
  }

  #bug(what: string, problem: string): AppError {
    return new AppError('bug', `${this.dial}: internal check failed: ${what} with ${problem}`)
  }
}

function isEmptyScore(score: Score): boolean {
  return score === zeroScore || score === nullScore
}

function wrongType(type: number): string | null {
  return Number.isInteger(type) && isLegalWireType(type) ? null : `block type ${type}`
}

function wrongLength(bytes: number): string | null {
  return Number.isInteger(bytes) && bytes >= 1 && bytes <= maxLumpBytes ? null : `${bytes} bytes`
}

/** A callback that throws must not end the process. */
function later(callback: () => void): void {
  void Promise.resolve()
    .then(callback)
    .catch(() => undefined)
}
