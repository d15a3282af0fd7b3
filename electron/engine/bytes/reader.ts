// A cursor over bytes that somebody else wrote: every take is checked against the end, and the byte order is in the name
// of each method (venti is big-endian, FAT little-endian). A 64-bit field becomes a number here or fails here.

import { AppError } from '../../../shared/errors.ts'
import { assert } from '../../../shared/assert.ts'

export class ByteReader {
  #view: DataView
  #bytes: Uint8Array
  #at = 0
  #what: string

  /** `what` names the structure in messages, e.g. "arena tail at 0x2c0000". */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes
    // Node pools small buffers, so the view must respect offset and length.
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#what = what
  }

  get position(): number {
    return this.#at
  }

  #take(length: number): number {
    const at = this.#at
    if (length < 0 || at + length > this.#bytes.length) {
      throw new AppError(
        'decode-failed',
        `${this.#what}: ${length} bytes wanted at ${at}, ${this.#bytes.length - at} left`,
      )
    }
    this.#at = at + length
    return at
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  u16be(): number {
    return this.#view.getUint16(this.#take(2))
  }

  u32be(): number {
    return this.#view.getUint32(this.#take(4))
  }

  u16le(): number {
    return this.#view.getUint16(this.#take(2), true)
  }

  u32le(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  /** A 64-bit field; Infinity when it is beyond 2^53 - 1, so that every size test that follows refuses it. */
  u64be(): number {
    const at = this.#take(8)
    const value = this.#view.getUint32(at) * 2 ** 32 + this.#view.getUint32(at + 4)
    return Number.isSafeInteger(value) ? value : Infinity
  }

  /** Borrows: a view into the same memory. */
  view(length: number): Uint8Array {
    const at = this.#take(length)
    return this.#bytes.subarray(at, at + length)
  }

  /** Owns: a copy. */
  copy(length: number): Uint8Array {
    return new Uint8Array(this.view(length))
  }

  skip(length: number): void {
    this.#take(length)
  }

  /** A NUL-padded ASCII name field; null when it holds bytes outside 0x20..0x7e or no NUL. */
  name(length: number): string | null {
    const field = this.view(length)
    const end = field.indexOf(0)
    if (end < 0) return null
    let text = ''
    for (let i = 0; i < end; i++) {
      const byte = field[i] as number
      if (byte < 0x20 || byte > 0x7e) return null
      text += String.fromCharCode(byte)
    }
    return text
  }

  /** Bad data is an error, a decoder that reads too little or too much is a bug (Plan 9's own converters end like this). */
  finish(sizeBytes: number): void {
    assert(this.#at === sizeBytes, `${this.#what}: decoder read ${this.#at} of ${sizeBytes} bytes`)
  }
}
