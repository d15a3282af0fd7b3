// A cursor that fills a buffer of known size; the counterpart of ByteReader.

import { assert } from '../../../shared/assert.ts'

export class ByteWriter {
  readonly bytes: Uint8Array
  #view: DataView
  #at = 0

  /** Writes into `into` (zero-filled by the caller where padding matters). */
  constructor(into: Uint8Array) {
    this.bytes = into
    this.#view = new DataView(into.buffer, into.byteOffset, into.byteLength)
  }

  get position(): number {
    return this.#at
  }

  #give(length: number): number {
    const at = this.#at
    assert(at + length <= this.bytes.length, `${length} bytes written at ${at} of ${this.bytes.length}`)
    this.#at = at + length
    return at
  }

  u8(value: number): this {
    this.#view.setUint8(this.#give(1), value)
    return this
  }

  u16be(value: number): this {
    this.#view.setUint16(this.#give(2), value)
    return this
  }

  u32be(value: number): this {
    this.#view.setUint32(this.#give(4), value)
    return this
  }

  u64be(value: number): this {
    assert(Number.isSafeInteger(value) && value >= 0, `64-bit field ${value}`)
    const at = this.#give(8)
    this.#view.setUint32(at, Math.floor(value / 2 ** 32))
    this.#view.setUint32(at + 4, value >>> 0)
    return this
  }

  put(bytes: Uint8Array): this {
    this.bytes.set(bytes, this.#give(bytes.length))
    return this
  }

  skip(length: number): this {
    this.#give(length)
    return this
  }

  /** A NUL-padded ASCII name field. */
  name(text: string, length: number): this {
    assert(text.length < length, `name ${text} does not fit ${length} bytes`)
    const at = this.#give(length)
    for (let i = 0; i < length; i++) this.bytes[at + i] = i < text.length ? text.charCodeAt(i) & 0x7f : 0
    return this
  }

  finish(sizeBytes: number): Uint8Array {
    assert(this.#at === sizeBytes, `encoder wrote ${this.#at} of ${sizeBytes} bytes`)
    return this.bytes
  }
}
