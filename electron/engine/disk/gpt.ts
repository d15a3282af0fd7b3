// GUID partition tables. Authority: UEFI specification 5.3, plan9-disks.md 1. Little-endian.
//
//   header   0 "EFI PART"  8 revision  12 header bytes  16 header CRC32  20 zero  24 own LBA u64  32 other header's LBA u64
//           40 first and 48 last usable LBA u64  56 disk GUID  72 LBA of the entries u64  80 entries  84 entry bytes
//           88 CRC32 of the entries
//   entry    0 type GUID  16 own GUID  32 first LBA u64  40 last LBA u64, inclusive  48 attributes  56 name, 36 UTF-16

import { hexNumber, toHex } from '../bytes/hex.ts'
import { ByteReader } from '../bytes/reader.ts'
import { crc32 } from './crc32.ts'

const signature = '4546492050415254'
const fixedHeaderBytes = 92
const fixedEntryBytes = 128
const nameUnits = 36
/** 128 entries are usual; more than this is no table of this world, and is not read (R9). */
const maxEntries = 1024
const maxEntryBytes = 4096

/** C91818F9-8025-47AF-89D2-F030D7000C2C as it stands on disk. */
export const plan9TypeGuid = 'f91818c92580af4789d2f030d7000c2c'
const unusedTypeGuid = '00'.repeat(16)

export type GptHeader = {
  readonly ownSector: number
  readonly otherSector: number
  readonly entriesSector: number
  readonly entryCount: number
  readonly entryBytes: number
  readonly entriesCrc: number
  readonly crcMatches: boolean
}
export type GptEntry = {
  /** From 1. */
  readonly slot: number
  readonly typeGuid: string
  readonly startSector: number
  /** Inclusive, as stored. */
  readonly lastSector: number
  readonly name: string
}

/** Infinity beyond 2^53, so that every test that follows refuses it. */
function u64le(reader: ByteReader): number {
  const low = reader.u32le()
  const value = reader.u32le() * 2 ** 32 + low
  return Number.isSafeInteger(value) ? value : Infinity
}

export function hasGptSignature(sector: Uint8Array): boolean {
  return sector.length >= fixedHeaderBytes && toHex(sector.subarray(0, 8)) === signature
}

/** The header, or in words why it cannot be used; null where there is none. `sector` is one whole sector. */
export function decodeGptHeader(sector: Uint8Array): GptHeader | string | null {
  if (!hasGptSignature(sector)) return null
  const reader = new ByteReader(sector, 'GPT header')
  reader.skip(12)
  const headerBytes = reader.u32le()
  const storedCrc = reader.u32le()
  reader.skip(4)
  const ownSector = u64le(reader)
  const otherSector = u64le(reader)
  reader.skip(8 + 8 + 16)
  const entriesSector = u64le(reader)
  const entryCount = reader.u32le()
  const entryBytes = reader.u32le()
  const entriesCrc = reader.u32le()
  reader.finish(fixedHeaderBytes)
  if (headerBytes < fixedHeaderBytes || headerBytes > sector.length)
    return `its length is ${headerBytes}, expected ${fixedHeaderBytes} to ${sector.length}`
  if (entryCount < 1 || entryCount > maxEntries) return `it counts ${entryCount} entries, expected 1 to ${maxEntries}`
  if (entryBytes < fixedEntryBytes || entryBytes > maxEntryBytes || entryBytes % 8 !== 0)
    return `its entries have ${entryBytes} bytes, expected ${fixedEntryBytes} to ${maxEntryBytes}`
  if (entriesSector < 1 || !Number.isSafeInteger(entriesSector * sector.length))
    return `its entries are at sector ${hexNumber(entriesSector)}`
  const summed = new Uint8Array(sector.subarray(0, headerBytes))
  summed.fill(0, 16, 20)
  const crcMatches = crc32(summed) === storedCrc
  return { ownSector, otherSector, entriesSector, entryCount, entryBytes, entriesCrc, crcMatches }
}

/** The entries in use. `bytes` holds entryCount * entryBytes. */
export function decodeGptEntries(bytes: Uint8Array, header: GptHeader): readonly GptEntry[] {
  const entries: GptEntry[] = []
  for (let index = 0; index < header.entryCount; index++) {
    const at = index * header.entryBytes
    const reader = new ByteReader(bytes.subarray(at, at + fixedEntryBytes), `GPT entry ${index + 1}`)
    const typeGuid = toHex(reader.view(16))
    if (typeGuid === unusedTypeGuid) continue
    reader.skip(16)
    const startSector = u64le(reader)
    const lastSector = u64le(reader)
    reader.skip(8)
    let name = ''
    for (let unit = 0; unit < nameUnits; unit++) {
      const code = reader.u16le()
      if (code === 0) break
      name += String.fromCharCode(code)
    }
    entries.push({
      slot: index + 1,
      typeGuid,
      startSector,
      lastSector,
      name: name.replace(/[\ud800-\udfff]/gu, '\ufffd'),
    })
  }
  return entries
}
