// Judges the bytes at one place: is this a clump, does its block hash to its score? The only place where a block is
// declared good (R4). Authority: plan9port srv/clump.c loadclump.

import type { Score } from '../../../../shared/model/score.ts'
import { toHex } from '../../bytes/hex.ts'
import { sha1 } from '../../hash/sha1.ts'
import { isLegalWireType } from '../format/block-type.ts'
import {
  clumpEncoding,
  clumpHeaderBytes,
  clumpMagicOf,
  clumpScoreAt,
  clumpStoredSize,
  clumpType,
  clumpUncompressedSize,
  isSoundClump,
} from '../format/clump.ts'
import { encodingPlain, maxLumpBytes, scoreBytes } from '../format/constants.ts'
import { unwhack } from '../format/unwhack.ts'

export type ClumpState =
  | {
      readonly state: 'good'
      readonly type: number
      readonly score: Score
      readonly data: Uint8Array
      readonly storedSize: number
    }
  /** Nothing at this place can be believed. `magic` is what stands there. */
  | { readonly state: 'no-header'; readonly magic: number }
  /** The header is sound, so the size is known; the block is not its score's. */
  | {
      readonly state: 'bad-data'
      readonly storedSize: number
      readonly uncompressedSize: number
      readonly score: Score
      readonly type: number
      readonly reason: string
      readonly plain: boolean
    }
  | { readonly state: 'marked-corrupt'; readonly storedSize: number; readonly score: Score; readonly type: number }

/** Memory for a block of so many bytes, which need not be zeros. */
export type BlockRoom = (length: number) => Uint8Array

const ownRoom: BlockRoom = (length) => new Uint8Array(length)

const decoded = new Uint8Array(maxLumpBytes)

/** One for the thread: a block is good until the next one is decoded. */
export const passingRoom: BlockRoom = (length) => decoded.subarray(0, length)

function scoreOf(bytes: Uint8Array, at: number): Score {
  return toHex(bytes.subarray(at + clumpScoreAt, at + clumpScoreAt + scoreBytes)) as Score
}

/**
 * The clump at `at`, of which bytes up to `end` may belong to it. The data of a good plain clump borrows from `bytes`, that
 * of any other is in `room`. With `anyType` the block is judged whatever its type.
 */
export function examineClump(
  bytes: Uint8Array,
  at: number,
  end: number,
  magic: number,
  anyType: boolean = false,
  room: BlockRoom = ownRoom,
): ClumpState {
  if (end - at < clumpHeaderBytes) return { state: 'no-header', magic: end - at < 4 ? 0 : clumpMagicOf(bytes, at) }
  const found = clumpMagicOf(bytes, at)
  if (found !== magic) return { state: 'no-header', magic: found }
  if (!isSoundClump(bytes, at)) return { state: 'no-header', magic: found }
  const storedSize = clumpStoredSize(bytes, at)
  const dataAt = at + clumpHeaderBytes
  if (dataAt + storedSize > end) return { state: 'no-header', magic: found }
  const type = clumpType(bytes, at)
  const score = scoreOf(bytes, at)
  if (!anyType && !isLegalWireType(type)) return { state: 'marked-corrupt', storedSize, score, type }
  const plain = clumpEncoding(bytes, at) === encodingPlain
  const length = clumpUncompressedSize(bytes, at)
  let data: Uint8Array
  if (plain) data = bytes.subarray(dataAt, dataAt + storedSize)
  else {
    data = room(length)
    if (!unwhack(bytes, dataAt, dataAt + storedSize, data, length)) {
      const reason = `does not decompress to ${length} bytes`
      return { state: 'bad-data', storedSize, uncompressedSize: length, score, type, plain, reason }
    }
  }
  const actual = sha1(data)
  if (actual !== score) {
    const reason = 'the block does not hash to the score in its header'
    return { state: 'bad-data', storedSize, uncompressedSize: length, score, type, plain, reason }
  }
  return { state: 'good', type, score, storedSize, data }
}
