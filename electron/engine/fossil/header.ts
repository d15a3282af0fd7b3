// The header of a fossil partition, at byte 131072. Authority: vac-and-fossil.md 7.1, fossil disk.c and pack.c.
// Big-endian; block numbers count blocks of `blockSize` from the start of the partition.
//
//   0  4  magic 3776ae89        8  4  super: block of the super block
//   4  2  version, 1           12  4  label: first label block
//   6  2  block size           16  4  data: first data block, the end of the labels
//                              20  4  end: one past the last data block

import { AppError } from '../../../shared/errors.ts'
import { hexNumber } from '../bytes/hex.ts'
import { ByteReader } from '../bytes/reader.ts'

export const fossilHeaderOffset = 128 * 1024
export const fossilHeaderBytes = 4 + 2 + 2 + 4 + 4 + 4 + 4
export const fossilMagic = 0x3776ae89
const fossilVersion = 1
/** A block must hold the super block; 16 bits hold no more than 65535. */
const minBlockSize = 512
export const fossilLabelBytes = 14

export type FossilHeader = {
  readonly blockSize: number
  readonly superBlock: number
  readonly labelBlock: number
  readonly dataBlock: number
  readonly endBlock: number
}

/** Rejects with `not-fossil`; `source` names the partition in messages. */
export function decodeFossilHeader(bytes: Uint8Array, source: string, sizeBytes: number): FossilHeader {
  const at = `${source}: fossil header at ${hexNumber(fossilHeaderOffset)}`
  const fail = (what: string): never => {
    throw new AppError('not-fossil', `${at}: ${what}`, { data: { source, offset: fossilHeaderOffset } })
  }
  if (bytes.length < fossilHeaderBytes) fail(`${bytes.length} bytes, expected ${fossilHeaderBytes}`)
  const reader = new ByteReader(bytes, at)
  const magic = reader.u32be()
  if (magic !== fossilMagic) fail(`magic is ${hexNumber(magic)}, expected ${hexNumber(fossilMagic)}`)
  const version = reader.u16be()
  if (version !== fossilVersion) fail(`version is ${version}, expected ${fossilVersion}`)
  const blockSize = reader.u16be()
  if (blockSize < minBlockSize || blockSize % 512 !== 0)
    fail(`block size is ${blockSize}, expected a multiple of 512 from ${minBlockSize}`)
  const superBlock = reader.u32be()
  const labelBlock = reader.u32be()
  const dataBlock = reader.u32be()
  const endBlock = reader.u32be()
  reader.finish(fossilHeaderBytes)
  const headerEnd = Math.ceil((fossilHeaderOffset + 512) / blockSize)
  if (superBlock < headerEnd || superBlock >= labelBlock || labelBlock >= dataBlock || dataBlock >= endBlock)
    fail(
      `super block ${superBlock}, labels from ${labelBlock}, data from ${dataBlock} to ${endBlock}: expected in this order behind block ${headerEnd - 1}`,
    )
  // As flfmt makes it: a label for each data block. Without room for them the numbers contradict each other.
  const labels = (dataBlock - labelBlock) * Math.floor(blockSize / fossilLabelBytes)
  if (labels < endBlock - dataBlock) fail(`room for ${labels} labels, but ${endBlock - dataBlock} data blocks`)
  const blocks = Math.floor(sizeBytes / blockSize)
  if (superBlock >= blocks) fail(`super block ${superBlock}, but the partition has only ${blocks} blocks`)
  return { blockSize, superBlock, labelBlock, dataBlock, endBlock }
}
