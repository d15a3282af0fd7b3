// The start of a connection: the server's version line, ours with the one version chosen, Thello, Rhello. Our line and
// Thello leave together, so the time to Rhello is one round trip. The result is handed over inside the call that brought
// the last byte, so that nothing can arrive between the handshake and the connection that takes over.

import { AppError, asAppError } from '../../../../shared/errors.ts'
import { encodeFrame, FrameReader } from '../wire/frame.ts'
import { decodeReply, encodeRequest } from '../wire/message.ts'
import { chooseVersion, encodeVersionLine, VersionLineReader, type ProtocolVersion } from '../wire/version.ts'
import { harmlessText } from './server-error.ts'
import type { Transport } from './transport.ts'

export interface Greeted {
  readonly version: ProtocolVersion
  readonly serverId: string
  readonly roundTripMs: number
  readonly bytesSent: number
  readonly bytesReceived: number
  /** May already hold bytes that followed Rhello. */
  readonly frames: FrameReader
}

export interface HandshakeOptions {
  readonly dial: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** Calls `done` exactly once; after an error the transport is destroyed. */
export function shakeHands(
  transport: Transport,
  options: HandshakeOptions,
  done: (error: AppError | null, greeted: Greeted | null) => void,
): void {
  const { dial, timeoutMs, signal } = options
  const greeting = new VersionLineReader()
  let hello: { readonly version: ProtocolVersion; readonly frames: FrameReader; readonly sentAtMs: number } | null =
    null
  let finished = false
  let bytesSent = 0
  let bytesReceived = 0

  const finish = (error: AppError | null, greeted: Greeted | null): void => {
    if (finished) return
    finished = true
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
    if (error !== null) transport.destroy()
    done(error, greeted)
  }
  const onAbort = (): void => finish(new AppError('cancelled', `${dial}: cancelled`), null)
  const onTimeout = (): void => {
    const awaited = hello === null ? 'no venti version line' : 'no answer to the hello'
    const text = `${dial}: ${awaited} within ${timeoutMs} ms; connected, but does a venti listen there?`
    finish(new AppError('connect-timeout', text, { data: { dial, timeoutMs } }), null)
  }
  const timer = setTimeout(onTimeout, timeoutMs)

  const sendHello = (version: ProtocolVersion): void => {
    const line = encodeVersionLine([version])
    const none = new Uint8Array(0)
    const request = {
      kind: 'hello',
      tag: 0,
      version,
      uid: 'anonymous',
      strength: 0,
      crypto: none,
      codec: none,
    } as const
    const frame = encodeFrame(version, encodeRequest(request))
    bytesSent = line.length + frame.length
    hello = { version, frames: new FrameReader(version), sentAtMs: performance.now() }
    transport.cork()
    transport.write(line)
    transport.write(frame)
    transport.uncork()
  }

  const receive = (chunk: Uint8Array): void => {
    let rest = chunk
    if (hello === null) {
      const read = greeting.push(chunk)
      if (read === undefined) return
      const version = chooseVersion(read.line)
      if (version === null) {
        throw new AppError(
          'handshake',
          `no common protocol version: it offers "${harmlessText(read.line.text.slice(0, 60), false)}"`,
        )
      }
      sendHello(version)
      rest = read.rest
    }
    const { version, frames, sentAtMs } = hello!
    frames.push(rest)
    const body = frames.next()
    if (body === undefined) return
    const reply = decodeReply(body)
    if (reply.kind === 'error') {
      throw new AppError('handshake', `the hello was refused: ${harmlessText(reply.text, false)}`)
    }
    if (reply.kind !== 'hello' || reply.tag !== 0) {
      throw new AppError('protocol', `message of type ${body[0]} with tag ${reply.tag} where Rhello with tag 0 belongs`)
    }
    const roundTripMs = performance.now() - sentAtMs
    const serverId = harmlessText(reply.serverId, false)
    finish(null, { version, serverId, roundTripMs, bytesSent, bytesReceived, frames })
  }

  transport.attach({
    data: (chunk) => {
      if (finished) return
      bytesReceived += chunk.length
      try {
        receive(chunk)
      } catch (thrown) {
        const error = asAppError(thrown)
        finish(new AppError(error.code, `${dial}: ${error.message}`, { data: { dial }, cause: error }), null)
      }
    },
    closed: (error) => finish(closedEarly(dial, hello === null, error), null),
  })
  if (signal?.aborted) onAbort()
  else signal?.addEventListener('abort', onAbort)
}

/** A refused version shows as a plain close, a stopping server too; only the second is worth trying again, so say both. */
function closedEarly(dial: string, beforeGreeting: boolean, cause: AppError | null): AppError {
  const how = cause === null ? 'closed' : 'reset'
  const options = { data: { dial }, cause: cause ?? undefined }
  return beforeGreeting
    ? new AppError(
        'connect-failed',
        `${dial}: the connection was ${how} before any greeting; a tunnel or proxy with no venti behind it does that`,
        options,
      )
    : new AppError(
        'connection-lost',
        `${dial}: the connection was ${how} during the hello; the server stopped, or it refused our version line`,
        options,
      )
}
