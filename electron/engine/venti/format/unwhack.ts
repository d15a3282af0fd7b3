// Decompression of whack, the coding of clumps with encoding 2: LZ77 with fixed prefix codes, most significant bit
// first, without header, checksum or end mark. Authority: docs/whack.md; plan9port src/cmd/venti/srv/unwhack.c.
// Whatever is wrong with the input the answer is false, never an exception (R9): the caller knows a damaged clump, not
// why. Nothing outside out[0..outLength) is written. This is the hot loop of a mirror run: its shape was measured.

/** The length code's table covers codes of up to 12 bits, lengths 3 to 35. Longer ones are rare. */
const tableBits = 12
const lastTableLength = 35
/** First code of the row 28..35, the last the table holds; longer codes go on from this row. */
const longCodeBase = 0xfe0
const longLengthBase = 28
const longLengthUse = 8
const maxLengthBits = 24

/** From here on the engine's own copying beats a byte loop; half of all matches have length 3. */
const longCopyBytes = 48

/** For the next 12 bits: length << 4 | bits of its code, or 0 where the code is longer. */
const lengthTable = buildLengthTable()

// For the next 4 bits, which hold the offset's prefix and, in the shorter prefixes, some of its value: the bits of the
// whole code, and what to add to these bits taken as a number to get the offset (one more than the coded distance).
const offsetBits = new Uint8Array(16)
const offsetAdd = new Int32Array(16)
fillOffsetTables()

// For the next 12 bits where they hold a length code of at most 8 bits and the next 4, which is nearly always: the length
// << 5 | bits of both codes together, or 0; and what to add to all these bits taken as a number to get the offset.
const matchTable = new Uint16Array(1 << tableBits)
const matchAdd = new Int32Array(1 << tableBits)
const matchLengthShift = 5
const matchBitsMask = 0x1f
const mostMatchLengthBits = tableBits - 4
fillMatchTables()

/** Copied at once, as two loads of four: more than most matches have. */
const stepBytes = 8

/** A symbol is loaded from its first bit, and from behind its length code: four bytes each. */
const symbolBytes = 7
// The last bytes of an input, with zeros behind them.
const tail = new Uint8Array(symbolBytes + 1 + symbolBytes)
const tailView = new DataView(tail.buffer)

/**
 * Decodes source[start..end) into out[0..outLength): true only if that gave exactly outLength bytes.
 *
 * There is no buffer of bits to be refilled, because a branch for that is a coin toss for the processor: every symbol is
 * loaded from where it begins. A load gives 25 bits or more.
 */
export function unwhack(source: Uint8Array, start: number, end: number, out: Uint8Array, outLength: number): boolean {
  if (!(start >= 0 && start <= end && end <= source.length && outLength >= 0 && outLength <= out.length)) return false
  const inLength = end - start
  let view = new DataView(source.buffer, source.byteOffset + start, inLength)
  const outView = new DataView(out.buffer, out.byteOffset, outLength)
  let endBit = inLength * 8
  let bit = 0
  /** From here on a load could go beyond the input. */
  let lastBit = (inLength - symbolBytes) * 8
  let length = 0
  /** One bit for each of the last four literals: 1 for a byte outside 32..127. */
  let history = 0xf

  // No symbol is shorter than 8 bits, so what is left is padding.
  while (endBit - bit >= 8) {
    if (bit >= lastBit) {
      const from = Math.max(0, inLength - symbolBytes - 1)
      tail.fill(0)
      tail.set(source.subarray(start + from, end))
      view = tailView
      bit -= from * 8
      endBit -= from * 8
      lastBit = 0x7fffffff
    }
    /** The next bits, left-aligned, so that window >= 0 is a literal. */
    let window = view.getInt32(bit >>> 3) << (bit & 7)
    if (window >= 0) {
      if (length >= outLength) return false
      let byte = window >>> 24
      if (history === 0 && byte >= 32) {
        out[length++] = byte
        bit += 8
        continue
      }
      if (history !== 0) {
        byte = window >>> 23
        bit += 9
      } else if (byte < 24) {
        byte = ((window >>> 22) - 64) & 0xff
        bit += 10
      } else {
        byte = ((window >>> 21) - 64) & 0xff
        bit += 11
      }
      out[length++] = byte
      history = ((history << 1) & 0xf) | (((byte - 32) | (127 - byte)) >>> 31)
      continue
    }

    // Length and offset of nearly all matches in one step: what comes next waits for nothing but this one look.
    const index = window >>> (32 - tableBits)
    const match = matchTable[index]!
    let count = match >>> matchLengthShift
    let offset: number
    if (match !== 0) {
      const taken = match & matchBitsMask
      offset = (window >>> (32 - taken)) + matchAdd[index]!
      bit += taken
    } else {
      const entry = lengthTable[index]!
      count = entry >>> 4
      let taken = entry & 0xf
      if (entry === 0) {
        let code = index - longCodeBase
        window <<= tableBits
        taken = tableBits
        count = longLengthBase
        let use = longLengthUse
        while (code >= use) {
          // The server's decoder reads on; no encoder writes such a code.
          if (taken === maxLengthBits) return false
          count += use
          code = ((code - use) << 1) | (window >>> 31)
          window <<= 1
          if ((taken & 1) === 0) use <<= 1
          taken++
        }
        count += code
      }
      bit += taken
      // 17 bits hold any offset.
      window = view.getInt32(bit >>> 3) << (bit & 7)
      const row = window >>> 28
      const offsetTaken = offsetBits[row]!
      offset = (window >>> (32 - offsetTaken)) + offsetAdd[row]!
      bit += offsetTaken
    }

    let from = length - offset
    const stop = length + count
    if (from < 0 || stop > outLength) return false
    if (offset >= stepBytes && stop + stepBytes <= outLength && count < longCopyBytes) {
      // Eight bytes at a time, the last ones too many: what comes next is written over them. Most matches are one step.
      do {
        outView.setInt32(length, outView.getInt32(from, true), true)
        outView.setInt32(length + 4, outView.getInt32(from + 4, true), true)
        length += stepBytes
        from += stepBytes
      } while (length < stop)
      length = stop
    } else if (count >= longCopyBytes && (offset >= count || offset === 1)) {
      if (offset === 1) out.fill(out[from]!, length, stop)
      else out.copyWithin(length, from, from + count)
      length = stop
    } else {
      // Byte by byte, because the copy may run into what it just wrote. No match is shorter than three.
      out[length] = out[from]!
      out[length + 1] = out[from + 1]!
      out[length + 2] = out[from + 2]!
      length += 3
      from += 3
      while (length < stop) out[length++] = out[from++]!
    }
  }
  return bit <= endBit && length === outLength
}

/** Lengths 3 to 6 have codes of their own, from 7 on one rule gives a row of codes after the other. */
function buildLengthTable(): Uint16Array {
  const table = new Uint16Array(1 << tableBits)
  const put = (code: number, bits: number, length: number): void => {
    const free = tableBits - bits
    table.fill((length << 4) | bits, code << free, (code + 1) << free)
  }
  put(0b10, 2, 3)
  put(0b110, 3, 4)
  put(0b11100, 5, 5)
  put(0b11101, 5, 6)
  let first = 0b111100
  let use = 1
  for (let bits = 6, length = 7; length <= lastTableLength; bits++) {
    for (let i = 0; i < use; i++) put(first + i, bits, length++)
    first = (first + use) << 1
    if ((bits & 1) === 0) use <<= 1
  }
  return table
}

/** Distances (offset - 1) 0..63 and 64..127 have 6 further bits, then each prefix covers twice the range of the last. */
function fillOffsetTables(): void {
  for (let next = 0; next < 16; next++) {
    const prefixBits = next < 14 ? 3 : 4
    const prefix = next >> (4 - prefixBits)
    const row = prefixBits === 3 ? prefix : next - 7
    const valueBits = row === 0 ? 6 : row + 5
    const base = row === 0 ? 0 : 1 << valueBits
    offsetBits[next] = prefixBits + valueBits
    offsetAdd[next] = base + 1 - (prefix << valueBits)
  }
}

/** Of the two tables above: a load gives 25 bits, as many as the longest of these has. */
function fillMatchTables(): void {
  for (let index = 0; index < 1 << tableBits; index++) {
    const entry = lengthTable[index]!
    const lengthBits = entry & 0xf
    if (entry === 0 || lengthBits > mostMatchLengthBits) continue
    const row = (index >>> (tableBits - lengthBits - 4)) & 0xf
    const bits = offsetBits[row]!
    const lengthCode = index >>> (tableBits - lengthBits)
    matchTable[index] = ((entry >>> 4) << matchLengthShift) | (lengthBits + bits)
    matchAdd[index] = offsetAdd[row]! - (lengthCode << bits)
  }
}
