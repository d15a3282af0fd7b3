// The tail block of an arena (its last block). Authority: plan9port conv.c unpackarena, packarena.
//
//  v4  v5
//   0   0   4  magic f2a14ead
//   4   4   4  version
//   8   8  64  name
//  72  72   4  indexed clumps
//  76  76   4  indexed compressed clumps
//  80  80   4  time of the first clump
//  84  84   4  time of the last clump
//   -  88   4  clump magic
//  88  92   8  indexed bytes used
//  96 100   8  indexed uncompressed bytes
// 104 108   1  indexed sealed
// 105 109   1  1 when the extension follows
// 106 110  25  stored counters: clumps, compressed clumps, used, uncompressed, sealed
// blockSize-20 20  seal score, zero when absent
//
// "indexed" is what the server calls disk statistics, "stored" its memory statistics: both are on disk, the index of a
// live server lags hours behind. Everything that concerns contents uses the stored ones.

import { hexNumber, toHex } from '../../bytes/hex.ts'
import { ByteReader } from '../../bytes/reader.ts'
import { ByteWriter } from '../../bytes/writer.ts'
import type { Score } from '../../../../shared/model/score.ts'
import { arenaTailMagic, clumpFreeMagic, clumpMagicV4, nameBytes, scoreBytes, type ArenaVersion } from './constants.ts'
import { clumpHeaderBytes } from './clump.ts'
import { directoryReserveBytes } from './clump-info.ts'

const tailFixedV4 = 4 + 4 + nameBytes + 4 * 4 + 8 + 8 + 1 + 1
const tailFixedV5 = tailFixedV4 + 4
const tailExtensionBytes = 4 + 4 + 8 + 8 + 1
/** Enough of the tail block to decode either version with its extension. */
export const arenaTailBytes = tailFixedV5 + tailExtensionBytes

export type ArenaCounters = {
  readonly clumps: number
  readonly compressedClumps: number
  /** Offset, relative to the arena's data base, where the next clump goes. */
  readonly used: number
  readonly uncompressed: number
  readonly sealed: boolean
}

export const emptyCounters: ArenaCounters = { clumps: 0, compressedClumps: 0, used: 0, uncompressed: 0, sealed: false }

export type ArenaTail = {
  readonly version: ArenaVersion
  readonly name: string
  readonly clumpMagic: number
  readonly firstClumpTime: number
  readonly lastClumpTime: number
  readonly indexed: ArenaCounters
  readonly stored: ArenaCounters
}

function decodeCounters(reader: ByteReader): ArenaCounters {
  return {
    clumps: reader.u32be(),
    compressedClumps: reader.u32be(),
    used: reader.u64be(),
    uncompressed: reader.u64be(),
    sealed: reader.u8() === 1,
  }
}

/** What makes a set of counters impossible for an arena with `sizeBytes` of room, or null. */
export function countersProblem(counters: ArenaCounters, sizeBytes: number, blockSize: number): string | null {
  const { clumps, compressedClumps, used, uncompressed } = counters
  if (used + directoryReserveBytes(clumps, blockSize) > sizeBytes)
    return `${used} bytes used of ${sizeBytes} with ${clumps} clumps`
  if (used < clumpHeaderBytes * clumps) return `${used} bytes used for ${clumps} clumps`
  if (compressedClumps > clumps) return `${compressedClumps} compressed clumps of ${clumps}`
  if (uncompressed === Infinity) return 'the uncompressed size is beyond 2^53'
  return null
}

/**
 * The tail, or a sentence that says what is wrong with it. Counters are not judged here: see countersProblem. With
 * `knownVersion` the version field is not believed: where one bit of it flipped, the head still says how to read the rest.
 */
export function decodeArenaTail(bytes: Uint8Array, knownVersion?: ArenaVersion): ArenaTail | string {
  if (bytes.length < arenaTailBytes) return `only ${bytes.length} bytes of the tail are there`
  const reader = new ByteReader(bytes, 'arena tail')
  const magic = reader.u32be()
  if (magic !== arenaTailMagic) return `tail magic is ${hexNumber(magic)}, expected ${hexNumber(arenaTailMagic)}`
  const written = reader.u32be()
  const version = knownVersion ?? written
  if (version !== 4 && version !== 5) return `tail version is ${version}, expected 4 or 5`
  const name = reader.name(nameBytes)
  if (name === null || name === '') return 'tail name is not text'
  const clumps = reader.u32be()
  const compressedClumps = reader.u32be()
  const firstClumpTime = reader.u32be()
  const lastClumpTime = reader.u32be()
  const clumpMagic = version === 5 ? reader.u32be() : clumpMagicV4
  // The free magic: with it the end of every log would look like a clump.
  if (clumpMagic === clumpFreeMagic) return 'tail says clump magic is 0'
  const used = reader.u64be()
  const uncompressed = reader.u64be()
  const sealed = reader.u8() === 1
  const indexed: ArenaCounters = { clumps, compressedClumps, used, uncompressed, sealed }
  const extended = reader.u8() === 1
  let stored = extended ? decodeCounters(reader) : indexed
  // An old server wrote tails with the seal in the first set only.
  if (sealed && !stored.sealed) stored = { ...stored, sealed: true }
  reader.finish((version === 5 ? tailFixedV5 : tailFixedV4) + (extended ? tailExtensionBytes : 0))
  return { version, name, clumpMagic, firstClumpTime, lastClumpTime, indexed, stored }
}

/** The seal in the last 20 bytes of the tail block; null while there is none. */
export function decodeSealScore(lastBytes: Uint8Array): Score | null {
  const field = lastBytes.subarray(lastBytes.length - scoreBytes)
  return field.every((byte) => byte === 0) ? null : (toHex(field) as Score)
}

function sameCounters(a: ArenaCounters, b: ArenaCounters): boolean {
  return (
    a.clumps === b.clumps &&
    a.compressedClumps === b.compressedClumps &&
    a.used === b.used &&
    a.uncompressed === b.uncompressed &&
    a.sealed === b.sealed
  )
}

/** Writes the fields into `block` (a zeroed arena block); the seal score, when there is one, at its end. */
export function encodeArenaTail(tail: ArenaTail, block: Uint8Array, seal: Uint8Array | null = null): Uint8Array {
  const { indexed, stored } = tail
  const writer = new ByteWriter(block)
    .u32be(arenaTailMagic)
    .u32be(tail.version)
    .name(tail.name, nameBytes)
    .u32be(indexed.clumps)
    .u32be(indexed.compressedClumps)
    .u32be(tail.firstClumpTime)
    .u32be(tail.lastClumpTime)
  if (tail.version === 5) writer.u32be(tail.clumpMagic)
  writer
    .u64be(indexed.used)
    .u64be(indexed.uncompressed)
    .u8(indexed.sealed ? 1 : 0)
  if (sameCounters(indexed, stored)) writer.u8(0)
  else {
    writer.u8(1).u32be(stored.clumps).u32be(stored.compressedClumps).u64be(stored.used).u64be(stored.uncompressed)
    writer.u8(stored.sealed ? 1 : 0)
  }
  if (seal !== null) block.set(seal, block.length - scoreBytes)
  return block
}
