// The head block of an arena. Authority: plan9port conv.c unpackarenahead.
//
//   0  4  magic d15c4ead
//   4  4  version 4 or 5
//   8 64  name, NUL padded
//  72  4  block size
//  76  8  arena size including head and tail
//  84  4  clump magic (version 5 only)

import { hexNumber } from '../../bytes/hex.ts'
import { ByteReader } from '../../bytes/reader.ts'
import { ByteWriter } from '../../bytes/writer.ts'
import { arenaHeadMagic, clumpFreeMagic, clumpMagicV4, nameBytes, type ArenaVersion } from './constants.ts'

export const arenaHeadBytesV4 = 4 + 4 + nameBytes + 4 + 8
export const arenaHeadBytesV5 = arenaHeadBytesV4 + 4

export type ArenaHead = {
  readonly version: ArenaVersion
  readonly name: string
  readonly blockSize: number
  /** stop - start, head and tail blocks included. */
  readonly totalBytes: number
  readonly clumpMagic: number
}

/** The head, or a sentence that says what is wrong with it: a bad head is damage, not the end of the arena. */
export function decodeArenaHead(bytes: Uint8Array): ArenaHead | string {
  if (bytes.length < arenaHeadBytesV5) return `only ${bytes.length} bytes of the head are there`
  const reader = new ByteReader(bytes, 'arena head')
  const magic = reader.u32be()
  if (magic !== arenaHeadMagic) return `head magic is ${hexNumber(magic)}, expected ${hexNumber(arenaHeadMagic)}`
  const version = reader.u32be()
  if (version !== 4 && version !== 5) return `head version is ${version}, expected 4 or 5`
  const name = reader.name(nameBytes)
  if (name === null || name === '') return 'head name is not text'
  const blockSize = reader.u32be()
  const totalBytes = reader.u64be()
  const clumpMagic = version === 5 ? reader.u32be() : clumpMagicV4
  // The free magic: with it the end of every log would look like a clump.
  if (clumpMagic === clumpFreeMagic) return 'head says clump magic is 0'
  reader.finish(version === 5 ? arenaHeadBytesV5 : arenaHeadBytesV4)
  return { version, name, blockSize, totalBytes, clumpMagic }
}

export function encodeArenaHead(head: ArenaHead, into: Uint8Array): Uint8Array {
  const writer = new ByteWriter(into)
    .u32be(arenaHeadMagic)
    .u32be(head.version)
    .name(head.name, nameBytes)
    .u32be(head.blockSize)
    .u64be(head.totalBytes)
  if (head.version === 5) writer.u32be(head.clumpMagic)
  return writer.finish(head.version === 5 ? arenaHeadBytesV5 : arenaHeadBytesV4)
}
