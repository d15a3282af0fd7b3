// The 16-byte header of an arena partition, at byte 262144. Authority: plan9port conv.c unpackarenapart, man venti-fmt.
//
//   0  4  magic a9e4a5e7
//   4  4  version, 3
//   8  4  block size, a power of two
//  12  4  arena base: address of the first arena

import { AppError } from '../../../../shared/errors.ts'
import { hexNumber } from '../../bytes/hex.ts'
import { ByteReader } from '../../bytes/reader.ts'
import { ByteWriter } from '../../bytes/writer.ts'
import { headSizeBytes, maxBlockSize, minBlockSize, partBlankBytes, partitionMagic } from './constants.ts'

export const partitionHeaderBytes = 4 + 4 + 4 + 4
const partitionVersion = 3

export type PartitionHeader = {
  readonly version: number
  readonly blockSize: number
  readonly arenaBase: number
  /** Where the arena table starts: the first block boundary behind the header. */
  readonly tableBase: number
}

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple
}

export function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0
}

/** Rejects with `not-arena-partition`; `source` names the file in messages. */
export function decodePartitionHeader(bytes: Uint8Array, source: string): PartitionHeader {
  const at = `${source}: arena partition header at ${hexNumber(partBlankBytes)}`
  const reader = new ByteReader(bytes, at)
  const fail = (what: string): never => {
    throw new AppError(
      'not-arena-partition',
      `${at}: ${what}. Nothing was read or changed; check that this is the arenas partition itself`,
      { data: { source, offset: partBlankBytes } },
    )
  }
  const magic = reader.u32be()
  if (magic !== partitionMagic) fail(`magic is ${hexNumber(magic)}, expected ${hexNumber(partitionMagic)}`)
  const version = reader.u32be()
  if (version !== partitionVersion) fail(`version is ${version}, expected ${partitionVersion}`)
  const blockSize = reader.u32be()
  if (!isPowerOfTwo(blockSize) || blockSize < minBlockSize || blockSize > maxBlockSize) {
    fail(`block size is ${blockSize}, expected a power of two from ${minBlockSize} to ${maxBlockSize}`)
  }
  const arenaBase = reader.u32be()
  const tableBase = roundUp(partBlankBytes + headSizeBytes, blockSize)
  if (tableBase >= arenaBase) fail(`arena base is ${hexNumber(arenaBase)}, expected more than ${hexNumber(tableBase)}`)
  reader.finish(partitionHeaderBytes)
  return { version, blockSize, arenaBase, tableBase }
}

export function encodePartitionHeader(header: { blockSize: number; arenaBase: number }): Uint8Array {
  return new ByteWriter(new Uint8Array(partitionHeaderBytes))
    .u32be(partitionMagic)
    .u32be(partitionVersion)
    .u32be(header.blockSize)
    .u32be(header.arenaBase)
    .finish(partitionHeaderBytes)
}
