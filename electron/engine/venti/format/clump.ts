// A clump: 38 bytes of header, then the stored block. Authority: plan9port conv.c unpackclump, clump.c.
//
//   0  4  clump magic of the arena
//   4  1  block type (disk code)
//   5  2  stored size
//   7  2  uncompressed size
//   9 20  score of the uncompressed block
//  29  1  encoding: 1 plain, 2 whack
//  30  4  creator
//  34  4  time, seconds since 1970
//
// The scanner reads these by the million, so the fields are read in place, without an object for each.

import { ByteWriter } from '../../bytes/writer.ts'
import { encodingPlain, encodingWhack, maxLumpBytes, scoreBytes } from './constants.ts'

export const clumpHeaderBytes = 4 + 1 + 2 + 2 + scoreBytes + 1 + 4 + 4
/** A clump is never larger than this, header included. */
export const maxClumpBytes = clumpHeaderBytes + maxLumpBytes

export const clumpTypeAt = 4
export const clumpScoreAt = 9
const sizeAt = 5
const uncompressedAt = 7
const encodingAt = 29
const timeAt = 34

const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number)

export function clumpMagicOf(bytes: Uint8Array, at: number): number {
  return ((u16(bytes, at) << 16) | u16(bytes, at + 2)) >>> 0
}

/** The magic as it stands on disk, to search for. */
export function magicBytes(magic: number): Uint8Array {
  return Uint8Array.of(magic >>> 24, (magic >>> 16) & 255, (magic >>> 8) & 255, magic & 255)
}

export const clumpType = (bytes: Uint8Array, at: number): number => bytes[at + clumpTypeAt] as number
export const clumpStoredSize = (bytes: Uint8Array, at: number): number => u16(bytes, at + sizeAt)
export const clumpUncompressedSize = (bytes: Uint8Array, at: number): number => u16(bytes, at + uncompressedAt)
export const clumpEncoding = (bytes: Uint8Array, at: number): number => bytes[at + encodingAt] as number
export const clumpTime = (bytes: Uint8Array, at: number): number =>
  ((u16(bytes, at + timeAt) << 16) | u16(bytes, at + timeAt + 2)) >>> 0

/** The rules every writer of clumps keeps: sizes in range, and consistent with the encoding. */
export function isSoundClump(bytes: Uint8Array, at: number): boolean {
  const size = clumpStoredSize(bytes, at)
  const uncompressed = clumpUncompressedSize(bytes, at)
  if (size === 0 || uncompressed === 0 || uncompressed > maxLumpBytes) return false
  const encoding = clumpEncoding(bytes, at)
  if (encoding === encodingPlain) return size === uncompressed
  return encoding === encodingWhack && size < uncompressed
}

export type ClumpHeader = {
  readonly magic: number
  readonly type: number
  readonly storedSize: number
  readonly uncompressedSize: number
  readonly score: Uint8Array
  readonly encoding: number
  readonly time: number
}

export function encodeClumpHeader(header: ClumpHeader, into: Uint8Array): Uint8Array {
  return new ByteWriter(into)
    .u32be(header.magic)
    .u8(header.type)
    .u16be(header.storedSize)
    .u16be(header.uncompressedSize)
    .put(header.score)
    .u8(header.encoding)
    .u32be(0)
    .u32be(header.time)
    .finish(clumpHeaderBytes)
}
