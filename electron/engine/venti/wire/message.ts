// Bodies of the venti protocol: type[1] tag[1] parameters, big-endian. Authority: libventi fcall.c, venti-protocol.md §2.
// Both directions are here, because our client and our embedded server share them. A decoder takes exactly the bytes of
// the body: one byte too few or too many is a `protocol` error. Block types and scores are passed on unjudged.

import { AppError } from '../../../../shared/errors.ts'
import { assert } from '../../../../shared/assert.ts'
import type { Score } from '../../../../shared/model/score.ts'
import { ByteReader } from '../../bytes/reader.ts'
import { toHex } from '../../bytes/hex.ts'
import { framePrefixBytes, putFramePrefix } from './frame.ts'
import type { ProtocolVersion } from './version.ts'

export const messageCode = {
  rerror: 1,
  tping: 2,
  rping: 3,
  thello: 4,
  rhello: 5,
  tgoodbye: 6,
  tread: 12,
  rread: 13,
  twrite: 14,
  rwrite: 15,
  tsync: 16,
  rsync: 17,
} as const

/** type[1] tag[1] */
export const messageHeadBytes = 1 + 1
/** type[1] tag[1] score[20] type[1] pad[1] count[2] */
export const treadBytes = messageHeadBytes + 20 + 1 + 1 + 2
const treadLongBytes = treadBytes + 2
/** type[1] tag[1] type[1] pad[3], the data follows */
export const twriteHeadBytes = messageHeadBytes + 1 + 3
export const rwriteBytes = messageHeadBytes + 20
const maxStringBytes = 1024

export type Request =
  | {
      readonly kind: 'hello'
      readonly tag: number
      readonly version: string
      readonly uid: string
      readonly strength: number
      readonly crypto: Uint8Array
      readonly codec: Uint8Array
    }
  | {
      readonly kind: 'read'
      readonly tag: number
      readonly score: Score
      readonly blockType: number
      readonly count: number
    }
  /** Decoded data is a view into the body. */
  | { readonly kind: 'write'; readonly tag: number; readonly blockType: number; readonly data: Uint8Array }
  | { readonly kind: 'ping' | 'sync' | 'goodbye'; readonly tag: number }

/** A code that is no request: a server drops it, or answers an R-message with `unknown request` (§3.8). */
export type NotARequest = { readonly kind: 'unknown'; readonly tag: number; readonly code: number }

export type Reply =
  | { readonly kind: 'error'; readonly tag: number; readonly text: string }
  | {
      readonly kind: 'hello'
      readonly tag: number
      readonly serverId: string
      readonly crypto: number
      readonly codec: number
    }
  /** Decoded data is a view into the body. */
  | { readonly kind: 'read'; readonly tag: number; readonly data: Uint8Array }
  | { readonly kind: 'write'; readonly tag: number; readonly score: Score }
  | { readonly kind: 'ping' | 'sync'; readonly tag: number }

const requestCodes = { ping: messageCode.tping, sync: messageCode.tsync, goodbye: messageCode.tgoodbye } as const

export function encodeRequest(request: Request): Uint8Array {
  if (request.kind === 'hello') {
    const { tag, strength, crypto, codec } = request
    assert(crypto.length <= 255 && codec.length <= 255, 'hello field above 255 bytes')
    const names = [...stringBytes(request.version), ...stringBytes(request.uid)]
    const fields = [strength, crypto.length, ...crypto, codec.length, ...codec]
    return Uint8Array.of(messageCode.thello, tag, ...names, ...fields)
  }
  if (request.kind === 'read') {
    const body = new Uint8Array(treadBytes)
    putTread(body, 0, request.tag, request.score, request.blockType, request.count)
    return body
  }
  if (request.kind === 'write') {
    const body = new Uint8Array(twriteHeadBytes + request.data.length)
    body[0] = messageCode.twrite
    body[1] = request.tag
    body[2] = request.blockType
    body.set(request.data, twriteHeadBytes)
    return body
  }
  return Uint8Array.of(requestCodes[request.kind], request.tag)
}

export function decodeRequest(body: Uint8Array): Request | NotARequest {
  return decode(body, 'request', (reader, code, tag) => {
    switch (code) {
      case messageCode.tping:
        return { kind: 'ping', tag }
      case messageCode.tsync:
        return { kind: 'sync', tag }
      case messageCode.tgoodbye:
        return { kind: 'goodbye', tag }
      case messageCode.thello: {
        const version = readString(reader)
        const uid = readString(reader)
        const strength = reader.u8()
        const crypto = reader.copy(reader.u8())
        const codec = reader.copy(reader.u8())
        return { kind: 'hello', tag, version, uid, strength, crypto, codec }
      }
      case messageCode.tread: {
        const score = readScore(reader)
        const blockType = reader.u8()
        reader.skip(1)
        // libventi sends four bytes for counts of 64 KiB and more, whatever the version.
        const count = body.length === treadLongBytes ? reader.u32be() : reader.u16be()
        return { kind: 'read', tag, score, blockType, count }
      }
      case messageCode.twrite: {
        const blockType = reader.u8()
        reader.skip(3)
        return { kind: 'write', tag, blockType, data: reader.view(body.length - reader.position) }
      }
      default:
        reader.skip(body.length - reader.position)
        return { kind: 'unknown', tag, code }
    }
  })
}

export function encodeReply(reply: Reply): Uint8Array {
  switch (reply.kind) {
    case 'error':
      return Uint8Array.of(messageCode.rerror, reply.tag, ...stringBytes(clip(reply.text)))
    case 'hello':
      return Uint8Array.of(messageCode.rhello, reply.tag, ...stringBytes(reply.serverId), reply.crypto, reply.codec)
    case 'read': {
      const body = new Uint8Array(messageHeadBytes + reply.data.length)
      body[0] = messageCode.rread
      body[1] = reply.tag
      body.set(reply.data, messageHeadBytes)
      return body
    }
    case 'write': {
      const body = new Uint8Array(rwriteBytes)
      body[0] = messageCode.rwrite
      body[1] = reply.tag
      putScore(body, messageHeadBytes, reply.score)
      return body
    }
    default:
      return Uint8Array.of(reply.kind === 'ping' ? messageCode.rping : messageCode.rsync, reply.tag)
  }
}

export function decodeReply(body: Uint8Array): Reply {
  return decode(body, 'reply', (reader, code, tag) => {
    switch (code) {
      case messageCode.rerror:
        return { kind: 'error', tag, text: readString(reader) }
      case messageCode.rhello:
        return { kind: 'hello', tag, serverId: readString(reader), crypto: reader.u8(), codec: reader.u8() }
      case messageCode.rread:
        return { kind: 'read', tag, data: reader.view(body.length - reader.position) }
      case messageCode.rwrite:
        return { kind: 'write', tag, score: readScore(reader) }
      case messageCode.rping:
        return { kind: 'ping', tag }
      case messageCode.rsync:
        return { kind: 'sync', tag }
      default:
        throw new AppError('protocol', `reply of type ${code}, which the protocol does not have`)
    }
  })
}

/** A Tread body at `at`; the count always takes two bytes, because Plan 9 and 9front understand no other form. */
export function putTread(
  into: Uint8Array,
  at: number,
  tag: number,
  score: Score,
  blockType: number,
  count: number,
): void {
  assert(count >= 0 && count <= 0xffff, `Tread count ${count}`)
  into[at] = messageCode.tread
  into[at + 1] = tag
  putScore(into, at + 2, score)
  into[at + 22] = blockType
  into[at + 23] = 0
  into[at + 24] = count >>> 8
  into[at + 25] = count
}

/** Frame length and Twrite head, so that the data can follow without being copied. Fills `into` from its start. */
export function putTwriteHead(
  into: Uint8Array,
  version: ProtocolVersion,
  tag: number,
  blockType: number,
  dataBytes: number,
): void {
  const at = putFramePrefix(into, version, twriteHeadBytes + dataBytes)
  into[at] = messageCode.twrite
  into[at + 1] = tag
  into[at + 2] = blockType
  into.fill(0, at + 3, at + twriteHeadBytes)
}

/** Frame length and Rread head: the server sends the block behind it without copying. */
export function encodeRreadHead(version: ProtocolVersion, tag: number, dataBytes: number): Uint8Array {
  const head = new Uint8Array(framePrefixBytes(version) + messageHeadBytes)
  const at = putFramePrefix(head, version, messageHeadBytes + dataBytes)
  head[at] = messageCode.rread
  head[at + 1] = tag
  return head
}

/** Compares without building text: this runs once per block written. */
export function scoreEquals(bytes: Uint8Array, at: number, score: Score): boolean {
  for (let i = 0; i < 20; i++) {
    if (bytes[at + i] !== nibble(score, 2 * i) * 16 + nibble(score, 2 * i + 1)) return false
  }
  return true
}

function putScore(into: Uint8Array, at: number, score: Score): void {
  for (let i = 0; i < 20; i++) into[at + i] = nibble(score, 2 * i) * 16 + nibble(score, 2 * i + 1)
}

/** Value of a lower-case hex digit; a Score holds no others. */
function nibble(score: Score, at: number): number {
  const code = score.charCodeAt(at)
  return code < 0x3a ? code - 0x30 : code - 0x57
}

function readScore(reader: ByteReader): Score {
  return toHex(reader.view(20)) as Score
}

/** len[2] bytes. Servers cut error texts at 127 bytes, perhaps inside a character, so bad UTF-8 is not an error. */
function readString(reader: ByteReader): string {
  const length = reader.u16be()
  if (length > maxStringBytes) {
    throw new AppError('protocol', `string of ${length} bytes, at most ${maxStringBytes} are legal`)
  }
  const bytes = reader.view(length)
  if (bytes.includes(0)) throw new AppError('protocol', 'string with a NUL inside')
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

function stringBytes(text: string): number[] {
  const bytes = new TextEncoder().encode(text)
  assert(bytes.length <= maxStringBytes && !bytes.includes(0), `string of ${bytes.length} bytes or with a NUL`)
  return [bytes.length >>> 8, bytes.length & 0xff, ...bytes]
}

/** Error texts come from anywhere; a server must be able to send each of them. */
function clip(text: string): string {
  const clean = text.replaceAll('\0', '')
  if (clean.length * 3 <= maxStringBytes) return clean
  const into = new Uint8Array(maxStringBytes)
  return clean.slice(0, new TextEncoder().encodeInto(clean, into).read)
}

function decode<T>(body: Uint8Array, what: string, parameters: (r: ByteReader, code: number, tag: number) => T): T {
  const reader = new ByteReader(body, what)
  try {
    const message = parameters(reader, reader.u8(), reader.u8())
    if (reader.position !== body.length) {
      throw new AppError('protocol', `${what} of type ${body[0]}: ${body.length - reader.position} bytes left over`)
    }
    return message
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'decode-failed') throw error
    // A short frame is the peer's fault, not damage on a disk.
    const type = body.length > 0 ? ` of type ${body[0]}` : ''
    throw new AppError('protocol', `${what}${type} is malformed: body of ${body.length} bytes`, { cause: error })
  }
}
