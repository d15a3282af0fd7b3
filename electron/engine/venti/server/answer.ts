// What the server says to one request, as the frame's bytes. Authority: venti-protocol.md 3, measured on the real server:
// what does not parse and codes nobody knows get no reply at all, a reply's code sent as a request gets "unknown request".

import { AppError } from '../../../../shared/errors.ts'
import { scoreBytes } from '../format/constants.ts'
import { encodeFrame, framePrefixBytes, putFramePrefix } from '../wire/frame.ts'
import {
  decodeReply,
  decodeRequest,
  encodeReply,
  encodeRreadHead,
  messageCode,
  messageHeadBytes,
  rwriteBytes,
  type NotARequest,
  type Request,
} from '../wire/message.ts'
import type { ProtocolVersion } from '../wire/version.ts'
import { storeFailureText, type ArenaStore } from './arena-store.ts'

/** ERRMAX of the real server, its NUL taken off. */
const maxErrorBytes = 127

/** Bytes to send, in pieces that need no copying. */
export type Answer = readonly Uint8Array[]

export function errorAnswer(version: ProtocolVersion, tag: number, text: string): Answer {
  const short = text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, maxErrorBytes)
  return [encodeFrame(version, encodeReply({ kind: 'error', tag, text: short }))]
}

function readAnswer(version: ProtocolVersion, tag: number, result: Uint8Array | string): Answer {
  if (typeof result === 'string') return errorAnswer(version, tag, result)
  return [encodeRreadHead(version, tag, result.length), result]
}

/** Bytes of the one reply sent for every block of a bulk copy, which is therefore put together in place. */
export function writeReplyBytes(version: ProtocolVersion): number {
  return framePrefixBytes(version) + rwriteBytes
}

export function putWriteReply(into: Uint8Array, at: number, version: ProtocolVersion, tag: number, score: Uint8Array) {
  const body = at + putFramePrefix(into.subarray(at), version, rwriteBytes)
  into[body] = messageCode.rwrite
  into[body + 1] = tag
  for (let i = 0; i < scoreBytes; i++) into[body + messageHeadBytes + i] = score[i]!
}

async function syncAnswer(store: ArenaStore, version: ProtocolVersion, tag: number): Promise<Answer> {
  try {
    await store.sync()
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'store-write') throw error
    return errorAnswer(version, tag, storeFailureText(error))
  }
  return [encodeFrame(version, encodeReply({ kind: 'sync', tag }))]
}

function decodes(body: Uint8Array): boolean {
  try {
    decodeReply(body)
    return true
  } catch {
    return false
  }
}

/** The request in a frame's body, or null where a real server says nothing. */
export function parseRequest(body: Uint8Array): Request | NotARequest | null {
  let request: Request | NotARequest
  try {
    request = decodeRequest(body)
  } catch (error) {
    if (error instanceof AppError && error.code === 'protocol') return null
    throw error
  }
  return request.kind === 'unknown' && !decodes(body) ? null : request
}

export type OtherRequest = Exclude<Request, { kind: 'write' }> | NotARequest

/** To everything but a write. `body` is the frame the request came in; nothing of it is kept. */
export function answer(
  store: ArenaStore,
  version: ProtocolVersion,
  request: OtherRequest,
  body: Uint8Array,
): Answer | Promise<Answer> {
  const { tag } = request
  switch (request.kind) {
    case 'read': {
      const result = store.read(body, messageHeadBytes, request.blockType, request.count)
      if (typeof result === 'string') return errorAnswer(version, tag, result)
      return result.then((block) => readAnswer(version, tag, block))
    }
    case 'sync':
      return syncAnswer(store, version, tag)
    case 'ping':
      return [encodeFrame(version, encodeReply({ kind: 'ping', tag }))]
    case 'goodbye':
      return []
    case 'hello':
    case 'unknown':
      return errorAnswer(version, tag, 'unknown request')
  }
}
