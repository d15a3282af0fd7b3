// The root block of an archive. Authority: plan9port libventi/root.c vtrootunpack.
//
//   0    2  version 2; bit 0x8000: block size in the floating form
//   2  128  name, NUL padded
// 130  128  type, NUL padded: vac for everything the engine opens
// 258   20  score of the top directory block
// 278    2  block size
// 280   20  score of an earlier root; the zero score or zeros: none

import { AppError } from '../../../shared/errors.ts'
import type { RootScore, Score } from '../../../shared/model/score.ts'
import { hexNumber } from '../bytes/hex.ts'
import { ByteReader } from '../bytes/reader.ts'
import { scoreBytes } from '../venti/format/constants.ts'
import { blockSizeOf, minTreeBlockBytes } from './block-size.ts'
import { scoreAt } from './scores.ts'
import { textOf } from './text.ts'

const nameFieldBytes = 128

export const rootBlockBytes = 2 + nameFieldBytes + nameFieldBytes + scoreBytes + 2 + scoreBytes

const rootVersion = 2
const bigBit = 0x8000

export type VacRoot = {
  /** Empty from vac, `fossil` from fossil. */
  readonly name: string
  readonly type: string
  /** Null: an archive of nothing. */
  readonly top: Score | null
  /** Of the top block when it is extended; it may exceed what a server stores. */
  readonly blockSize: number
  readonly prev: RootScore | null
}

function padded(field: Uint8Array): string {
  const end = field.indexOf(0)
  return textOf(end < 0 ? field : field.subarray(0, end))
}

/** `name` is how the block is called in messages: masked, because its score opens everything (R10). */
export function decodeRoot(bytes: Uint8Array, name: string): VacRoot {
  const refuse = (what: string): AppError =>
    new AppError('not-a-tree', `${name} is not the root of an archive: ${what}`)
  if (bytes.length !== rootBlockBytes) throw refuse(`${bytes.length} bytes where a root has ${rootBlockBytes}`)
  const reader = new ByteReader(bytes, name)
  const versionField = reader.u16be()
  const version = versionField & ~bigBit
  if (version !== rootVersion) throw refuse(`version ${hexNumber(version)}, not ${rootVersion}`)
  const rootName = padded(reader.view(nameFieldBytes))
  const type = padded(reader.view(nameFieldBytes))
  const top = scoreAt(reader.view(scoreBytes), 0)
  const blockSize = blockSizeOf(reader.u16be(), (versionField & bigBit) !== 0)
  if (blockSize < minTreeBlockBytes)
    throw refuse(`blocks of ${blockSize} bytes, at least ${minTreeBlockBytes} are legal`)
  const prev = scoreAt(reader.view(scoreBytes), 0) as RootScore | null
  reader.finish(rootBlockBytes)
  return { name: rootName, type, top, blockSize, prev }
}
