// The headers of the two other venti partitions, as far as a listing needs them: index section (at byte 262144) and bloom
// filter (at byte 0). Authority: venti-arenas.md 8.1, plan9port conv.c unpackisect and unpackbloomhead. Big-endian.

import { hexNumber } from '../bytes/hex.ts'
import { ByteReader } from '../bytes/reader.ts'
import { maxBlockSize, minBlockSize, nameBytes } from '../venti/format/constants.ts'

export const sectionMagic = 0xd15c5ec7
export const bloomMagic = 0xb1004ead
export const sectionHeaderBytes = 4 + 4 + nameBytes + nameBytes + 5 * 4
export const bloomHeaderBytes = 4 * 4
const smallestBloomBytes = 512
const largestBloomBytes = 512 * 1024 * 1024

export type IndexSection = {
  readonly version: number
  readonly name: string
  readonly index: string
  readonly blockSize: number
  readonly buckets: number
}

const isPowerOfTwo = (value: number): boolean => value > 0 && (value & (value - 1)) === 0

/** The header, or in words what is wrong with it; null without its magic. */
export function decodeIndexSection(bytes: Uint8Array): IndexSection | string | null {
  if (bytes.length < sectionHeaderBytes) return null
  const reader = new ByteReader(bytes.subarray(0, sectionHeaderBytes), 'index section header')
  if (reader.u32be() !== sectionMagic) return null
  const version = reader.u32be()
  if (version !== 1 && version !== 2) return `version is ${version}, expected 1 or 2`
  const name = reader.name(nameBytes)
  const index = reader.name(nameBytes)
  const blockSize = reader.u32be()
  reader.skip(4)
  const blocks = reader.u32be()
  const start = reader.u32be()
  const stop = reader.u32be()
  reader.finish(sectionHeaderBytes)
  if (name === null || index === null) return 'its names are no text'
  if (!isPowerOfTwo(blockSize) || blockSize < minBlockSize || blockSize > maxBlockSize)
    return `block size is ${hexNumber(blockSize)}`
  if (start > stop || stop - start > blocks) return `buckets ${start} to ${stop} in ${blocks} blocks`
  return { version, name, index, blockSize, buckets: stop - start }
}

/** Size of a bloom filter, or in words what is wrong with its header; null without its magic. */
export function decodeBloomHeader(bytes: Uint8Array): { readonly sizeBytes: number } | string | null {
  if (bytes.length < bloomHeaderBytes) return null
  const reader = new ByteReader(bytes.subarray(0, bloomHeaderBytes), 'bloom filter header')
  if (reader.u32be() !== bloomMagic) return null
  const version = reader.u32be()
  reader.skip(4)
  const sizeBytes = reader.u32be()
  reader.finish(bloomHeaderBytes)
  if (version !== 1) return `version is ${version}, expected 1`
  return !isPowerOfTwo(sizeBytes) || sizeBytes < smallestBloomBytes || sizeBytes > largestBloomBytes
    ? `size is ${hexNumber(sizeBytes)}`
    : { sizeBytes }
}
