// The clump directory of an arena: one 25-byte entry per clump, equal to bytes 4 to 28 of the clump header. Blocks grow
// downwards from the tail, entries inside a block upwards. Authority: plan9port arena.c, conv.c unpackclumpinfo.
//
//   0  1  block type
//   1  2  stored size
//   3  2  uncompressed size
//   5 20  score

import { scoreBytes } from './constants.ts'

export const clumpInfoBytes = 1 + 2 + 2 + scoreBytes

export function clumpInfosPerBlock(blockSize: number): number {
  return Math.floor(blockSize / clumpInfoBytes)
}

/** Directory space the server keeps free for `clumps` clumps. */
export function directoryReserveBytes(clumps: number, blockSize: number): number {
  return (Math.floor(clumps / clumpInfosPerBlock(blockSize)) + 1) * blockSize
}

/** Distance of entry `index` from the end of the arena's data region (base + size) to its first byte. */
export function clumpInfoDistance(index: number, blockSize: number): number {
  const perBlock = clumpInfosPerBlock(blockSize)
  return (Math.floor(index / perBlock) + 1) * blockSize - (index % perBlock) * clumpInfoBytes
}

export const infoType = (bytes: Uint8Array, at: number): number => bytes[at] as number
export const infoStoredSize = (bytes: Uint8Array, at: number): number =>
  ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number)
export const infoUncompressedSize = (bytes: Uint8Array, at: number): number =>
  ((bytes[at + 3] as number) << 8) | (bytes[at + 4] as number)
export const infoScoreAt = 5
