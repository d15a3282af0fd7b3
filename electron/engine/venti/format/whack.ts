// Compression of blocks for clumps with encoding 2 (whack); unwhack.ts is the other direction. Authority: docs/whack.md
// and plan9port src/cmd/venti/srv/whack.c. Any code stream within the tables is legal, but this encoder makes the same
// choices as the real server (hash, chain length, greed, giving up), so that its output is the same byte for byte and
// an arena we write compares equal to one a venti wrote.

import { assert } from '../../../../shared/assert.ts'
import { maxLumpBytes } from './constants.ts'

const minMatch = 3
const maxMatch = 2051
const windowBytes = 16 * 1024
const hashBits = 14
const hashFactor = 0x6b43a9b5
const hashShift = 32 - hashBits
/** Candidates looked at for each position; a match longer than this ends the search as well. */
const maxCandidates = 48
/** Bits and code of lengths 3 to 11; from 12 on one rule gives a row of codes after the other. */
const shortCodes = [
  [2, 0x2],
  [3, 0x6],
  [5, 0x1c],
  [5, 0x1d],
  [6, 0x3c],
  [7, 0x7a],
  [7, 0x7b],
  [8, 0xf8],
  [8, 0xf9],
] as const

const lengthBits = new Uint8Array(maxMatch + 1)
const lengthCode = new Int32Array(maxMatch + 1)
fillLengthTables()

export type WhackEncoder = {
  /** Compresses source into out: the length, or -1 where the result is not shorter and the block is stored plain. */
  encode(source: Uint8Array, out: Uint8Array): number
}

/** One encoder has 120 KiB of tables and scratch, set anew for every block: nothing passes from one to the next. */
export function createWhackEncoder(): WhackEncoder {
  // Positions are stored plus one, so that 0 is "none" and 57344 of them fit 16 bits: both tables stay in the L1 cache.
  const newest = new Uint16Array(1 << hashBits)
  const older = new Uint16Array(windowBytes)
  // Comparing four bytes at a time is a sixth faster on text. The four behind a block are read but never count.
  const bytes = new Uint8Array(maxLumpBytes + 4)
  const words = new DataView(bytes.buffer)

  /** A bit for each three bytes that were seen in the block, by another part of their hash. */
  const seen = new Int32Array(maxLumpBytes / 4 + 8192)

  /**
   * Whether encode() will certainly give up at the first literal of the second half, found without looking for a match.
   * Every byte of a match but its last two begins three bytes that were there before. So at most three times as many
   * bytes are in matches as such places were passed, and where three places in a row are none, the third is a literal.
   * Most of what does not compress has no repetitions and is told apart so in a fifth of the time; other data soon is not.
   */
  function isHopeless(size: number): boolean {
    // Eight to sixteen bits for a byte, so that few places are taken for others.
    const shift = Math.max(0, Math.clz32(size - 1) - 3)
    seen.fill(0, 0, 1 << (27 - shift))
    const half = size >> 1
    const limit = Math.floor((half + 5) / (5 * minMatch))
    const stop = size - minMatch + 1
    let count = 0
    let unseen = 0
    let three = (bytes[0]! << 8) | bytes[1]!
    for (let at = 0; at < stop; at++) {
      three = ((three << 8) | bytes[at + 2]!) & 0xffffff
      const place = Math.imul(three, hashFactor) >>> shift
      const bit = 1 << place
      const word = seen[place >>> 5]!
      if ((word & bit) !== 0) {
        if (++count > limit) return false
        unseen = 0
      } else {
        seen[place >>> 5] = word | bit
        if (++unseen >= minMatch && at > half) return true
      }
    }
    return false
  }

  // Chains and search are functions of their own because V8 compiles them better so: 1.3 to 1.5 times faster on text
  // and nearly three times on zeros than the same lines inside encode.

  /** Enters positions from..stop-1 into the chains. */
  function index(from: number, stop: number): void {
    for (let at = from; at < stop; at++) {
      const hash = Math.imul(words.getInt32(at) >>> 8, hashFactor) >>> hashShift
      older[at & (windowBytes - 1)] = newest[hash]!
      newest[hash] = at + 1
    }
  }

  /** The match the server takes for `at`, as length << 16 | position; 0 if there is none. */
  function longestMatch(at: number, longest: number): number {
    const start = words.getInt32(at)
    const oldest = Math.max(1, at + 1 - windowBytes)
    let candidate = newest[Math.imul(start >>> 8, hashFactor) >>> hashShift]!
    let best = 0
    let bestLength = 0
    // Only a candidate that agrees in the last bytes of a longer match can win, so these are compared first.
    let probe = 0
    let wanted = start >> 8
    let unwanted = 8
    for (let left = maxCandidates; left > 0 && candidate >= oldest; left--) {
      const from = candidate - 1
      if (words.getInt32(from + probe) >> unwanted === wanted) {
        let same = 0
        while (same < longest) {
          const different = words.getInt32(from + same) ^ words.getInt32(at + same)
          if (different !== 0) {
            same += Math.clz32(different) >> 3
            break
          }
          same += 4
        }
        if (same > longest) same = longest
        if (same > bestLength) {
          bestLength = same
          best = (same << 16) | from
          if (same > maxCandidates || same === longest) break
          probe = same - 3
          wanted = words.getInt32(at + probe)
          unwanted = 0
        }
      }
      candidate = older[from & (windowBytes - 1)]!
    }
    return best
  }

  function encode(source: Uint8Array, out: Uint8Array): number {
    const size = source.length
    assert(size <= maxLumpBytes, 'block to compress is too large')
    assert(out.length >= size - 1, 'no room for the compressed block')
    if (size < minMatch) return -1
    bytes.set(source)
    if (isHopeless(size)) return -1
    newest.fill(0)

    // A result must be strictly shorter.
    const outLimit = size - 1
    /** Positions from here on start no match: fewer than three bytes are left. */
    const hashedStop = size - minMatch + 1
    let half = size >> 1
    let length = 0
    let pending = 0
    let pendingBits = 0
    let literals = 0
    let history = 0xf

    let at = 0
    while (at < size) {
      const match = at < hashedStop ? longestMatch(at, Math.min(maxMatch, size - at)) : 0

      // Giving up early or late is the same answer, so bits leave by two bytes, not one by one as in the server.
      if (pendingBits >= 16) {
        if (length + 2 > outLimit) return -1
        pendingBits -= 16
        out[length] = pending >>> (pendingBits + 8)
        out[length + 1] = pending >>> pendingBits
        length += 2
      }

      if (match === 0) {
        const byte = bytes[at]!
        if (history !== 0) {
          pending = (pending << 9) | byte
          pendingBits += 9
        } else if (byte >= 32 && byte <= 127) {
          pending = (pending << 8) | byte
          pendingBits += 8
        } else {
          const escape = (byte + 64) & 0xff
          const escapeBits = escape < 96 ? 10 : 11
          pending = (pending << escapeBits) | escape
          pendingBits += escapeBits
        }
        // Without a branch: in binary data nothing predicts it.
        history = ((history << 1) & 0xf) | (((byte - 32) | (127 - byte)) >>> 31)
        literals++
        // The server's speed hack: one look at the progress, at the first literal of the second half.
        if (at > half) {
          if (4 * at < 5 * literals) return -1
          half = size
        }
        if (at < hashedStop) index(at, at + 1)
        at++
        continue
      }

      const matchLength = match >>> 16
      const codeBits = lengthBits[matchLength]!
      if (pendingBits + codeBits > 32) {
        if (length >= outLimit) return -1
        pendingBits -= 8
        out[length++] = pending >>> pendingBits
      }
      pending = (pending << codeBits) | lengthCode[matchLength]!
      pendingBits += codeBits
      while (pendingBits >= 16) {
        if (length + 2 > outLimit) return -1
        pendingBits -= 16
        out[length] = pending >>> (pendingBits + 8)
        out[length + 1] = pending >>> pendingBits
        length += 2
      }
      const distance = at - (match & 0xffff) - 1
      if (distance < 64) {
        pending = (pending << 9) | distance
        pendingBits += 9
      } else {
        // The top bit of the distance is implied by the row: 64..127 is row 1, 128..255 row 2, and so on.
        const valueBits = 31 - Math.clz32(distance)
        const prefixBits = valueBits < 12 ? 3 : 4
        const prefix = valueBits < 12 ? valueBits - 5 : valueBits + 2
        pending = (((pending << prefixBits) | prefix) << valueBits) | (distance & ((1 << valueBits) - 1))
        pendingBits += prefixBits + valueBits
      }

      const stop = at + matchLength
      index(at, Math.min(stop, hashedStop))
      at = stop
    }

    if (pendingBits & 7) {
      const padding = 8 - (pendingBits & 7)
      pending <<= padding
      pendingBits += padding
    }
    while (pendingBits >= 8) {
      if (length >= outLimit) return -1
      pendingBits -= 8
      out[length++] = pending >>> pendingBits
    }
    return length
  }

  return { encode }
}

const encoder = createWhackEncoder()

/** Compresses source into out: the length, or -1 where the result is not shorter and the block is stored plain. */
export function whack(source: Uint8Array, out: Uint8Array): number {
  return encoder.encode(source, out)
}

function fillLengthTables(): void {
  let length = minMatch
  for (const [bits, code] of shortCodes) {
    lengthBits[length] = bits
    lengthCode[length++] = code
  }
  let first = 0x1f4
  let use = 4
  for (let bits = 9; length <= maxMatch; bits++) {
    for (let i = 0; i < use; i++) {
      lengthBits[length] = bits
      lengthCode[length++] = first + i
    }
    first = (first + use) << 1
    if ((bits & 1) === 0) use <<= 1
  }
}
