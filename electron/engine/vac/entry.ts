// An entry: one hash tree. Authority: plan9port libventi/entry.c vtentryunpack.
//
//   0  4  generation
//   4  2  pointer block size
//   6  2  leaf block size
//   8  1  flags: 01 active, 02 directory, 1c depth, 20 local (means nothing in venti), 40 sizes in the floating form
//   9  5  zero
//  14  6  size of the stream
//  20 20  score of the top block

import { assert } from '../../../shared/assert.ts'
import { AppError } from '../../../shared/errors.ts'
import type { Score } from '../../../shared/model/score.ts'
import { wireData, wireDirectory } from '../venti/format/block-type.ts'
import { scoreBytes } from '../venti/format/constants.ts'
import { blockSizeOf, minTreeBlockBytes } from './block-size.ts'
import { entryBytes, minimumDepth } from './pointers.ts'
import { scoreAt } from './scores.ts'

const activeFlag = 0x01
const directoryFlag = 0x02
const bigFlag = 0x40
/** What fossil and old writers mean where they leave both sizes 0. */
const emptyStreamBytes = 4096

const psizeAt = 4
const dsizeAt = psizeAt + 2
const flagsAt = dsizeAt + 2
const sizeAt = flagsAt + 1 + 5
const scoreFieldAt = sizeAt + 6
assert(scoreFieldAt + scoreBytes === entryBytes, 'fields of an entry')

const u16At = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!

/** An active entry. */
export type VacEntry = {
  readonly gen: number
  readonly psize: number
  readonly dsize: number
  readonly isDirectory: boolean
  readonly depth: number
  readonly size: number
  /** Null: a stream of zeros, nothing of which is stored. */
  readonly score: Score | null
}

/**
 * The entry at `at` of an extended block, or null for an empty slot. An entry that contradicts itself rejects with
 * `bad-tree`; `name` says whose it is.
 */
export function decodeEntry(bytes: Uint8Array, at: number, name: string): VacEntry | null {
  if (at < 0 || at + entryBytes > bytes.length) {
    throw new AppError('decode-failed', `${name}: ${entryBytes} bytes wanted at ${at}, ${bytes.length - at} left`)
  }
  const flags = bytes[at + flagsAt]!
  if ((flags & activeFlag) === 0) return null
  // By hand: there is one for every file, and a reader of its own for each costs more than all else that is done with it.
  const gen = u16At(bytes, at) * 2 ** 16 + u16At(bytes, at + 2)
  const [psizeField, dsizeField] = [u16At(bytes, at + psizeAt), u16At(bytes, at + dsizeAt)]
  const size =
    u16At(bytes, at + sizeAt) * 2 ** 32 + u16At(bytes, at + sizeAt + 2) * 2 ** 16 + u16At(bytes, at + sizeAt + 4)
  const score = scoreAt(bytes, at + scoreFieldAt)
  const refuse = (what: string): AppError => new AppError('bad-tree', `${name}: ${what}`)
  const isDirectory = (flags & directoryFlag) !== 0
  const depth = (flags >>> 2) & 7
  let psize = blockSizeOf(psizeField, (flags & bigFlag) !== 0)
  let dsize = blockSizeOf(dsizeField, (flags & bigFlag) !== 0)
  if (psize === 0 && dsize === 0 && score === null && size === 0) psize = dsize = emptyStreamBytes
  if (psize < minTreeBlockBytes || dsize < minTreeBlockBytes) {
    throw refuse(`block sizes ${psize} and ${dsize}, at least ${minTreeBlockBytes} are legal`)
  }
  const needed = minimumDepth(size, dsize, psize)
  if (depth < needed) {
    throw refuse(`a stream of ${size} bytes needs ${needed} levels of pointers, the entry says ${depth}`)
  }
  return { gen, psize, dsize, isDirectory, depth, size, score }
}

/** Wire code of the blocks of a level: 0 are the leaves. Files and directories share the codes of pointer blocks. */
export function wireTypeOf(entry: Pick<VacEntry, 'isDirectory'>, level: number): number {
  if (level > 0) return wireDirectory + level
  return entry.isDirectory ? wireDirectory : wireData
}
