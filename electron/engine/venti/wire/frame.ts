// Frames of the venti protocol: a big-endian length of 2 bytes (version 02) or 4 bytes (version 04), then the body.
// Authority: libventi send.c. The reader accepts any split of the stream, copies a body at most once (only when it spans
// chunks) and refuses a length above its cap before it allocates anything (R9).

import { AppError } from '../../../../shared/errors.ts'
import { assert } from '../../../../shared/assert.ts'
import type { ProtocolVersion } from './version.ts'

/** Ample for every legal reply: the largest is 2 + 57344 bytes. */
export const maxReplyBodyBytes = 64 * 1024

const nothing = new Uint8Array(0)

export function framePrefixBytes(version: ProtocolVersion): 2 | 4 {
  return version === '02' ? 2 : 4
}

/** Writes the length field at the start of `into` and returns how many bytes it took. */
export function putFramePrefix(into: Uint8Array, version: ProtocolVersion, bodyBytes: number): number {
  if (version === '02') {
    assert(bodyBytes <= 0xffff, `body of ${bodyBytes} bytes in a version 02 frame`)
    into[0] = bodyBytes >>> 8
    into[1] = bodyBytes
    return 2
  }
  // Receivers hold the length in a signed 32-bit integer.
  assert(bodyBytes <= 0x7fffffff, `body of ${bodyBytes} bytes in a version 04 frame`)
  into[0] = bodyBytes >>> 24
  into[1] = bodyBytes >>> 16
  into[2] = bodyBytes >>> 8
  into[3] = bodyBytes
  return 4
}

export function encodeFrame(version: ProtocolVersion, body: Uint8Array): Uint8Array {
  const prefixBytes = framePrefixBytes(version)
  const frame = new Uint8Array(prefixBytes + body.length)
  putFramePrefix(frame, version, body.length)
  frame.set(body, prefixBytes)
  return frame
}

export class FrameReader {
  #prefixBytes: number
  #maxBodyBytes: number
  #chunk: Uint8Array = nothing
  #at = 0
  #prefixSeen = 0
  #bodyBytes = 0
  #body: Uint8Array | null = null
  #bodySeen = 0

  constructor(version: ProtocolVersion, maxBodyBytes: number = maxReplyBodyBytes) {
    this.#prefixBytes = framePrefixBytes(version)
    this.#maxBodyBytes = maxBodyBytes
  }

  /** Hands over the next chunk; call next() until it returns undefined before the following one. */
  push(chunk: Uint8Array): void {
    assert(this.#at === this.#chunk.length, 'frames of the previous chunk were not taken')
    this.#chunk = chunk
    this.#at = 0
  }

  /**
   * The next complete body, or undefined while bytes are missing. A body may be a view into the chunk: whoever keeps it
   * longer copies it. Throws `protocol` on a length above the cap, and again on every later call.
   */
  next(): Uint8Array | undefined {
    const chunk = this.#chunk
    while (this.#prefixSeen < this.#prefixBytes) {
      if (this.#at === chunk.length) return this.#wait()
      this.#bodyBytes = this.#bodyBytes * 256 + chunk[this.#at++]!
      this.#prefixSeen++
    }
    const size = this.#bodyBytes
    if (size > this.#maxBodyBytes) {
      throw new AppError('protocol', `frame of ${size} bytes announced, at most ${this.#maxBodyBytes} are legal`)
    }

    const left = chunk.length - this.#at
    if (this.#body === null) {
      if (left >= size) {
        const body = chunk.subarray(this.#at, this.#at + size)
        this.#at += size
        return this.#finish(body)
      }
      if (left === 0) return this.#wait()
      this.#body = new Uint8Array(size)
    }
    const take = Math.min(left, size - this.#bodySeen)
    this.#body.set(chunk.subarray(this.#at, this.#at + take), this.#bodySeen)
    this.#at += take
    this.#bodySeen += take
    return this.#bodySeen === size ? this.#finish(this.#body) : this.#wait()
  }

  #finish(body: Uint8Array): Uint8Array {
    this.#prefixSeen = 0
    this.#bodyBytes = 0
    this.#body = null
    this.#bodySeen = 0
    return body
  }

  /** Lets go of the used chunk: a socket's chunk is far larger than what is still being assembled. */
  #wait(): undefined {
    this.#chunk = nothing
    this.#at = 0
    return undefined
  }
}
