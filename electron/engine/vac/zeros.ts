// Pieces of a stream as plain bytes, for readers that cannot keep holes.

import type { Piece } from './stream.ts'

/** Zeros handed out at a time, so that a hole of 2^48 bytes costs no memory. Nobody may write into what is handed out. */
const zeros = new Uint8Array(64 * 1024)

export async function* spelledOut(pieces: AsyncIterable<Piece>): AsyncGenerator<Uint8Array, void, void> {
  for await (const { bytes, length } of pieces) {
    if (bytes.length > 0) yield bytes
    for (let left = length - bytes.length; left > 0; left -= zeros.length)
      yield zeros.subarray(0, Math.min(left, zeros.length))
  }
}

/** What a writer stores of a leaf. Borrows. */
export function withoutZeroTail(bytes: Uint8Array): Uint8Array {
  let length = bytes.length
  while (length > 0 && bytes[length - 1] === 0) length--
  return bytes.subarray(0, length)
}
