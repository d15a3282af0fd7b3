// A meta block: the names and attributes of some children of a directory, found through an index at its head. Authority:
// plan9port src/cmd/vac/pack.c mbunpack. The order of the index differs between vac and fossil and is not used.
//
//   0  4  magic 5656fc79 (vac) or 5656fc7a (fossil)
//   4  2  bytes in use, with header, index and holes
//   6  2  bytes of holes
//   8  2  index slots allocated
//  10  2  index slots used
//  12     index: offset, length (2 bytes each)

import { AppError } from '../../../shared/errors.ts'
import { hexNumber } from '../bytes/hex.ts'
import { ByteReader } from '../bytes/reader.ts'
import { dirEntryMagic } from './dir-entry.ts'

const headBytes = 4 + 2 + 2 + 2 + 2
const slotBytes = 2 + 2
const vacMagic = 0x5656fc79
const fossilMagic = 0x5656fc7a
const minEntryBytes = 8

/** Nothing in a meta block stands beyond this: its offsets and its size have 16 bits. */
export const maxMetaBlockBytes = 0xffff

/** An index slot: where a directory entry stands, borrowed from the block, or why it cannot be used. */
export type MetaSlot = { readonly bytes: Uint8Array } | { readonly problem: string }

export type MetaBlock = {
  /** `none`: zeros where a meta block should be. */
  readonly writer: 'vac' | 'fossil' | 'none'
  readonly slots: readonly MetaSlot[]
}

function slotOf(block: Uint8Array, offset: number, length: number, from: number, size: number): MetaSlot {
  if (offset < from || offset + length > size) {
    return { problem: `${length} bytes at ${offset} are not inside ${from} to ${size}` }
  }
  if (length < minEntryBytes) return { problem: `${length} bytes at ${offset} are too few for a directory entry` }
  const bytes = block.subarray(offset, offset + length)
  const magic = new ByteReader(bytes, 'directory entry').u32be()
  if (magic !== dirEntryMagic) return { problem: `magic ${hexNumber(magic)} at ${offset}` }
  return { bytes }
}

/** `block` is extended. A bad slot spoils no other; a head that makes no sense rejects with `bad-tree`. */
export function decodeMetaBlock(block: Uint8Array, name: string): MetaBlock {
  const refuse = (what: string): AppError => new AppError('bad-tree', `${name}: ${what}`)
  if (block.length < headBytes) throw refuse(`${block.length} bytes are too few for a meta block`)
  const reader = new ByteReader(block, name)
  const magic = reader.u32be()
  if (magic === 0) return { writer: 'none', slots: [] }
  if (magic !== vacMagic && magic !== fossilMagic) throw refuse(`magic ${hexNumber(magic)} is not a meta block's`)
  const size = reader.u16be()
  reader.skip(2)
  const [allocated, used] = [reader.u16be(), reader.u16be()]
  reader.finish(headBytes)
  const from = headBytes + slotBytes * allocated
  if (size > block.length) throw refuse(`${size} bytes in use of ${block.length}`)
  if (from > block.length) throw refuse(`an index of ${allocated} slots in ${block.length} bytes`)
  if (used > allocated) throw refuse(`${used} index slots used of ${allocated}`)
  const slots: MetaSlot[] = []
  for (let i = 0; i < used; i++) slots.push(slotOf(block, reader.u16be(), reader.u16be(), from, size))
  return { writer: magic === vacMagic ? 'vac' : 'fossil', slots }
}
