// The requests a client makes, one object each: how it looks on the wire, which reply is legal, and whom to tell. The
// connection asks in this order: put() when it leaves; then either refused(), or check() and settle(), or fail().
// check() judges the peer, and an error from it ends the connection; settle() runs after the tag is free again.

import { AppError } from '../../../../shared/errors.ts'
import { zeroScore, type Score } from '../../../../shared/model/score.ts'
import { sha1 } from '../../hash/sha1.ts'
import { framePrefixBytes, putFramePrefix } from '../wire/frame.ts'
import {
  messageCode,
  messageHeadBytes,
  putTread,
  putTwriteHead,
  rwriteBytes,
  scoreEquals,
  treadBytes,
  twriteHeadBytes,
} from '../wire/message.ts'
import type { ProtocolVersion } from '../wire/version.ts'
import { wireRoot } from '../format/block-type.ts'
import { blockLabel, classifyServerText, serverError, harmlessText } from './server-error.ts'

export type WriteDone = (error: AppError | null) => void
export type ProbeDone = (error: AppError | null, found: boolean, lengthBytes?: number | null) => void

export abstract class WireRequest {
  abstract readonly code: number
  /** Set by the connection. */
  order = 0
  sentAtMs = 0

  /** Block bytes sent behind the head. */
  get data(): Uint8Array | null {
    return null
  }

  /** A sync must not leave before this one was answered (R2). */
  get precedesSync(): boolean {
    return false
  }

  /** Bytes put() fills: frame length and body, without data. */
  headBytes(version: ProtocolVersion): number {
    return framePrefixBytes(version) + messageHeadBytes
  }

  put(into: Uint8Array, version: ProtocolVersion, tag: number): void {
    const at = putFramePrefix(into, version, messageHeadBytes)
    into[at] = this.code
    into[at + 1] = tag
  }

  abstract describe(): string
  /** A reply of the right type with an illegal body gives the reason. */
  check(body: Uint8Array): string | null {
    return body.length === messageHeadBytes ? null : `${body.length} bytes where ${messageHeadBytes} are legal`
  }
  abstract settle(body: Uint8Array): void
  abstract refused(dial: string, text: string): void
  abstract fail(error: AppError): void
}

export class WriteRequest extends WireRequest {
  readonly code = messageCode.twrite
  #type: number
  #data: Uint8Array
  #expected: Score
  #done: WriteDone

  constructor(type: number, data: Uint8Array, expected: Score, done: WriteDone) {
    super()
    this.#type = type
    this.#data = data
    this.#expected = expected
    this.#done = done
  }

  override get data(): Uint8Array {
    return this.#data
  }

  override get precedesSync(): boolean {
    return true
  }

  override headBytes(version: ProtocolVersion): number {
    return framePrefixBytes(version) + twriteHeadBytes
  }

  override put(into: Uint8Array, version: ProtocolVersion, tag: number): void {
    putTwriteHead(into, version, tag, this.#type, this.#data.length)
  }

  describe(): string {
    return `write of ${blockLabel(this.#expected, this.#type)}`
  }

  override check(body: Uint8Array): string | null {
    if (body.length !== rwriteBytes) return `${body.length} bytes where ${rwriteBytes} are legal`
    return scoreEquals(body, messageHeadBytes, this.#expected) ? null : 'the server names another score'
  }

  settle(): void {
    this.#done(null)
  }

  refused(dial: string, text: string): void {
    this.#done(serverError(dial, this.describe(), text, this.#type === wireRoot))
  }

  fail(error: AppError): void {
    this.#done(error)
  }
}

/** Length of the block in the error text that answers a read of 0 bytes (venti-protocol.md §3.4). */
const tooSmall = /^read too small(?: 1)?: asked for \d+ need at least (\d+)$/
const noBlock = /^no block with score (?:([0-9a-f]{40})\/)?/

export class ProbeRequest extends WireRequest {
  readonly code = messageCode.tread
  #score: Score
  #type: number
  #done: ProbeDone
  #dial: string

  constructor(dial: string, score: Score, type: number, done: ProbeDone) {
    super()
    this.#dial = dial
    this.#score = score
    this.#type = type
    this.#done = done
  }

  /** A block that was found may still be in the server's memory only. */
  override get precedesSync(): boolean {
    return true
  }

  override headBytes(version: ProtocolVersion): number {
    return framePrefixBytes(version) + treadBytes
  }

  override put(into: Uint8Array, version: ProtocolVersion, tag: number): void {
    putTread(into, putFramePrefix(into, version, treadBytes), tag, this.#score, this.#type, 0)
  }

  describe(): string {
    return `probe of ${blockLabel(this.#score, this.#type)}`
  }

  /** Data for a count of 0 says nothing about the block, but does no harm either. */
  override check(): string | null {
    return null
  }

  settle(body: Uint8Array): void {
    this.#inconclusive(`${body.length - messageHeadBytes} bytes of data`)
  }

  refused(dial: string, text: string): void {
    const answer = classifyServerText(text)
    if (answer === 'too-small') {
      const length = tooSmall.exec(text)?.[1]
      this.#done(null, true, length === undefined ? null : Number(length))
    } else if (answer === 'missing') {
      const named = noBlock.exec(text)?.[1]
      if (named !== undefined && named !== this.#score) this.#inconclusive('an answer about another block')
      else this.#done(null, false, null)
    } else {
      this.#done(serverError(dial, this.describe(), text, this.#type === wireRoot), false, null)
    }
  }

  fail(error: AppError): void {
    this.#done(error, false, null)
  }

  #inconclusive(what: string): void {
    const text = `${this.#dial}: ${this.describe()} brought ${what}; this server cannot be asked which blocks it has`
    const data = { dial: this.#dial, answer: 'other' }
    this.#done(new AppError('target-refused', text, { data }), false, null)
  }
}

export class ReadRequest extends WireRequest {
  readonly code = messageCode.tread
  #dial: string
  #score: Score
  #type: number
  #count: number
  #resolve: (data: Uint8Array) => void
  #reject: (error: AppError) => void

  constructor(
    dial: string,
    block: { readonly score: Score; readonly type: number; readonly countBytes: number },
    resolve: (data: Uint8Array) => void,
    reject: (error: AppError) => void,
  ) {
    super()
    this.#dial = dial
    this.#score = block.score
    this.#type = block.type
    this.#count = block.countBytes
    this.#resolve = resolve
    this.#reject = reject
  }

  override headBytes(version: ProtocolVersion): number {
    return framePrefixBytes(version) + treadBytes
  }

  override put(into: Uint8Array, version: ProtocolVersion, tag: number): void {
    putTread(into, putFramePrefix(into, version, treadBytes), tag, this.#score, this.#type, this.#count)
  }

  describe(): string {
    return `read of ${blockLabel(this.#score, this.#type)}`
  }

  override check(body: Uint8Array): string | null {
    const length = body.length - messageHeadBytes
    return length <= this.#count ? null : `${length} bytes of data where ${this.#count} were asked for`
  }

  /** Wrong bytes for one block are damage of that block; the stream itself is in order, so the connection stays. */
  settle(body: Uint8Array): void {
    const data = body.subarray(messageHeadBytes)
    const actual = data.length === 0 ? zeroScore : sha1(data)
    if (actual === this.#score) {
      this.#resolve(new Uint8Array(data))
      return
    }
    const text = `${this.#dial}: ${this.describe()} brought ${data.length} bytes that have another score`
    this.#reject(new AppError('protocol', text, { data: { dial: this.#dial, answer: 'damaged' } }))
  }

  refused(dial: string, text: string): void {
    this.#reject(serverError(dial, this.describe(), text, this.#type === wireRoot))
  }

  fail(error: AppError): void {
    this.#reject(error)
  }
}

/** Tsync or Tping. */
export class PlainRequest extends WireRequest {
  readonly code: number
  #resolve: () => void
  #reject: (error: AppError) => void

  constructor(code: number, resolve: () => void, reject: (error: AppError) => void) {
    super()
    this.code = code
    this.#resolve = resolve
    this.#reject = reject
  }

  describe(): string {
    return this.code === messageCode.tsync ? 'sync' : 'ping'
  }

  settle(): void {
    this.#resolve()
  }

  refused(dial: string, text: string): void {
    // Real venti servers do not know Tping, but whoever says so is alive (venti-protocol.md §3.8).
    if (this.code === messageCode.tping && classifyServerText(text) === 'unsupported') this.#resolve()
    else this.#reject(serverError(dial, this.describe(), harmlessText(text, false), false))
  }

  fail(error: AppError): void {
    this.#reject(error)
  }
}
