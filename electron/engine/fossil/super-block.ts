// The super block of a fossil, and the label of the block that it calls the active root. Authority: vac-and-fossil.md 7.2
// and 7.3, fossil pack.c superUnpack and labelUnpack, fs.c fsOpen. Big-endian.
//
//    0   4  magic 2340a3b1            22   4  active: data block of the active root
//    4   2  version, 1                26   4  next: root waiting to be archived, ffffffff: none
//    6   4  low epoch, 1 at least     30   4  current: root being archived, ffffffff: none
//   10   4  high epoch                34  20  last: root score of the last archive
//   14   8  next qid, 1 at least      54 128  label, a text

import { AppError } from '../../../shared/errors.ts'
import { zeroScore, type RootScore } from '../../../shared/model/score.ts'
import { hexNumber, toHex } from '../bytes/hex.ts'
import { ByteReader } from '../bytes/reader.ts'
import { fossilLabelBytes } from './header.ts'

export const superBlockBytes = 4 + 2 + 4 + 4 + 8 + 4 + 4 + 4 + 20 + 128
const superMagic = 0x2340a3b1
const superVersion = 1
const noBlock = 0xffffffff
const scoreBytes = 20
const nameBytes = 128

export type FossilSuper = {
  readonly epochLow: number
  readonly epochHigh: number
  readonly active: number
  /** A root waits to be archived or is being archived: `last` is about to change. */
  readonly archiving: boolean
  readonly last: RootScore
  /** `last` is the score of nothing: never archived since formatting. */
  readonly isEmpty: boolean
  readonly label: string
}

/** A text up to its NUL; what is no printable ASCII is a question mark, because people see it. */
function textOf(field: Uint8Array): string {
  const end = field.indexOf(0)
  const bytes = end < 0 ? field : field.subarray(0, end)
  return Array.from(bytes, (byte) => (byte < 0x20 || byte > 0x7e ? '?' : String.fromCharCode(byte))).join('')
}

/** `offset` is where it was read; `dataBlocks` bounds the block numbers in it. Rejects with `not-fossil`. */
export function decodeFossilSuper(bytes: Uint8Array, source: string, offset: number, dataBlocks: number): FossilSuper {
  const at = `${source}: fossil super block at ${hexNumber(offset)}`
  const fail = (what: string): never => {
    throw new AppError('not-fossil', `${at}: ${what}`, { data: { source, offset } })
  }
  if (bytes.length < superBlockBytes) fail(`${bytes.length} bytes, expected ${superBlockBytes}`)
  const reader = new ByteReader(bytes, at)
  const magic = reader.u32be()
  if (magic !== superMagic) fail(`magic is ${hexNumber(magic)}, expected ${hexNumber(superMagic)}`)
  const version = reader.u16be()
  if (version !== superVersion) fail(`version is ${version}, expected ${superVersion}`)
  const epochLow = reader.u32be()
  const epochHigh = reader.u32be()
  if (epochLow < 1 || epochLow > epochHigh) fail(`epochs ${epochLow} to ${epochHigh}, expected 1 at least, low to high`)
  const qid = reader.u64be()
  if (qid === 0) fail('the next qid is 0, expected 1 at least')
  const active = reader.u32be()
  if (active >= dataBlocks) fail(`the active root is data block ${active}, but there are ${dataBlocks}`)
  const next = reader.u32be()
  const current = reader.u32be()
  for (const [what, block] of [
    ['waiting to be archived', next],
    ['being archived', current],
  ] as const) {
    if (block !== noBlock && block >= dataBlocks)
      fail(`the root ${what} is data block ${block}, but there are ${dataBlocks}`)
  }
  const last = toHex(reader.view(scoreBytes))
  const label = textOf(reader.view(nameBytes))
  reader.finish(superBlockBytes)
  const isEmpty = last === zeroScore || /^0*$/.test(last)
  const archiving = next !== noBlock || current !== noBlock
  return { epochLow, epochHigh, active, archiving, last: last as RootScore, isEmpty, label }
}

const allocated = 1
const closed = 8
const directoryType = 8
const rootTag = 1

/**
 * What is wrong with the label of the active root, or null: fossil itself opens that block only as an allocated directory
 * block with the tag of the root. A fossil that is running may be in the middle of changing it.
 */
export function activeLabelProblem(bytes: Uint8Array, { active, epochHigh }: FossilSuper): string | null {
  const reader = new ByteReader(bytes, 'fossil label')
  const state = reader.u8()
  const type = reader.u8()
  const epoch = reader.u32be()
  const epochClose = reader.u32be()
  const tag = reader.u32be()
  reader.finish(fossilLabelBytes)
  const place = `label of the active root (data block ${active})`
  if ((state & allocated) === 0 || state > 15) return `${place}: state ${hexNumber(state)}, expected a block in use`
  if ((state & closed) !== 0 || epochClose !== 0xffffffff) return `${place}: it was closed in epoch ${epochClose}`
  if (type !== directoryType) return `${place}: type ${hexNumber(type)}, expected a directory (0x8)`
  if (tag !== rootTag) return `${place}: tag ${hexNumber(tag)}, expected that of the root (0x1)`
  return epoch > epochHigh ? `${place}: epoch ${epoch}, but the newest is ${epochHigh}` : null
}
