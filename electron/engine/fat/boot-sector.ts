// The boot sector of a FAT12 or FAT16 volume and the layout that follows from it. Authority: plan9-disks.md 3.1 and 3.2
// (Plan 9 disk/format and dossrv). Little-endian. Every number is bounded here, so that whatever is computed from a
// FatLayout stays inside the volume it describes.
//
//   0  3  jump (EB xx 90, E9 xx xx)      24  2  sectors per track
//   3  8  OEM name                       26  2  heads
//  11  2  bytes per sector               28  4  hidden sectors
//  13  1  sectors per cluster            32  4  total sectors, when the field at 19 is 0
//  14  2  reserved sectors               36  1  BIOS drive
//  16  1  number of FATs                 37  1  bit 0: dirty
//  17  2  root entries, 0: FAT32         38  1  29
//  19  2  total sectors                  39  4  volume id
//  21  1  media                          43 11  label
//  22  2  sectors per FAT, 0: FAT32      54  8  type text
//                                       510  2  55 AA

import { AppError } from '../../../shared/errors.ts'
import { hexNumber } from '../bytes/hex.ts'
import { ByteReader } from '../bytes/reader.ts'

/** As much as is needed to decode; a volume with larger sectors has nothing more in its first. */
export const bootSectorBytes = 512
export const directoryEntryBytes = 32
const headerBytes = 3 + 8 + 2 + 1 + 2 + 1 + 2 + 2 + 1 + 2 + 2 + 2 + 4 + 4 + 1 + 1 + 1 + 4 + 11 + 8
const maxSectorBytes = 4096
/** Nobody makes more than two; a hostile header might, and every copy is held in memory. */
const maxFats = 4
/** The first count of clusters that is FAT16, and the first that is too many for it. */
const fat16Clusters = 4085
const fat32Clusters = 65525

export type FatLayout = {
  readonly fatBits: 12 | 16
  readonly oem: string
  readonly sectorBytes: number
  readonly sectorsPerCluster: number
  readonly clusterBytes: number
  readonly reservedSectors: number
  readonly fats: number
  readonly rootEntries: number
  readonly totalSectors: number
  readonly sectorsPerFat: number
  /** Of `sectorsPerFat`, those that hold entries of clusters; the others are never read. */
  readonly usedFatSectors: number
  readonly hiddenSectors: number
  readonly media: number
  readonly volumeId: number
  /** Trimmed; empty when there is none. */
  readonly label: string
  readonly typeText: string
  /** Sector numbers count from the start of the volume. */
  readonly fatSector: number
  readonly rootSector: number
  readonly rootSectors: number
  readonly dataSector: number
  /** Clusters are numbered 2 to clusters + 1. */
  readonly clusters: number
  /** Clusters that fit the volume but have no entry in the FAT: something is wrong with the header. */
  readonly clustersWithoutEntry: number
  /** The dirty flag of the boot sector; FAT16 has another one in its table. */
  readonly isDirty: boolean
  readonly sizeBytes: number
}

/** What a partition listing says of any FAT, FAT32 included. */
export type FatRecognition = {
  readonly fatBits: 12 | 16 | 32
  readonly label: string
  readonly sectorBytes: number
  readonly reservedSectors: number
  readonly sizeBytes: number
}

type Header = ReturnType<typeof readHeader>

function readHeader(bytes: Uint8Array, at: string) {
  const reader = new ByteReader(bytes, at)
  const header = {
    jump: reader.view(3),
    oem: latin1(reader.view(8)),
    sectorBytes: reader.u16le(),
    sectorsPerCluster: reader.u8(),
    reservedSectors: reader.u16le(),
    fats: reader.u8(),
    rootEntries: reader.u16le(),
    totalSectors16: reader.u16le(),
    media: reader.u8(),
    sectorsPerFat: reader.u16le(),
    sectorsPerTrack: reader.u16le(),
    heads: reader.u16le(),
    hiddenSectors: reader.u32le(),
    totalSectors32: reader.u32le(),
    drive: reader.u8(),
    flags: reader.u8(),
    signature: reader.u8(),
    volumeId: reader.u32le(),
    label: latin1(reader.view(11)).replace(/[\0 ]+$/, ''),
    typeText: latin1(reader.view(8)),
  }
  reader.finish(headerBytes)
  return header
}

/** Not TextDecoder: its latin1 is windows-1252, which turns bytes 80 to 9f into other characters. */
export function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0
}

function endsInSignature(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x55 && bytes[at + 1] === 0xaa
}

/** Why this is no FAT of any size, or null. */
function headerProblem(bytes: Uint8Array, header: Header): string | null {
  const { jump, oem, sectorBytes, sectorsPerCluster, reservedSectors, fats } = header
  if (oem === 'NTFS    ') return 'it is an NTFS volume'
  if (oem === 'EXFAT   ') return 'it is an exFAT volume'
  if (jump[0] !== 0xe9 && (jump[0] !== 0xeb || jump[2] !== 0x90)) {
    return `it begins with ${[...jump].map(hexNumber).join(' ')}, expected 0xeb .. 0x90 or 0xe9`
  }
  if (!isPowerOfTwo(sectorBytes) || sectorBytes < 512 || sectorBytes > maxSectorBytes) {
    return `${sectorBytes} bytes per sector, expected a power of two from 512 to ${maxSectorBytes}`
  }
  // disk/format writes the signature at the end of the sector, whatever its size; others always at 510.
  if (!endsInSignature(bytes, bootSectorBytes - 2) && !endsInSignature(bytes, sectorBytes - 2)) {
    return 'it does not end in 0x55 0xaa'
  }
  if (!isPowerOfTwo(sectorsPerCluster)) return `${sectorsPerCluster} sectors per cluster, expected a power of two`
  if (reservedSectors === 0) return 'no reserved sector, expected 1 at least'
  if (fats === 0 || fats > maxFats) return `${fats} FATs, expected 1 to ${maxFats}`
  return null
}

function refuse(source: string, why: string): never {
  throw new AppError('not-9fat', `${source}: boot sector at 0x0: ${why}`, { data: { source } })
}

/** A FAT32 has neither root entries nor a FAT size in the old places; its size stands at 36. */
function isFat32(bytes: Uint8Array, header: Header): boolean {
  const sectorsPerFat32 = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(36, true)
  return header.rootEntries === 0 && header.sectorsPerFat === 0 && sectorsPerFat32 > 0
}

/**
 * The layout of a FAT12 or FAT16 volume; `bytes` is its first sector, or the first 512 bytes of it. Rejects everything else
 * with `not-9fat` and words for what it is. `source` names the volume in messages.
 */
export function decodeBootSector(bytes: Uint8Array, source = '9fat'): FatLayout {
  if (bytes.length < bootSectorBytes) refuse(source, `${bytes.length} bytes, expected ${bootSectorBytes}`)
  const header = readHeader(bytes.subarray(0, headerBytes), `${source}: boot sector at 0x0`)
  const problem = headerProblem(bytes, header)
  if (problem !== null) refuse(source, problem)
  if (isFat32(bytes, header)) refuse(source, 'it is a FAT32 volume; a 9fat that can be changed here is FAT12 or FAT16')
  const { sectorBytes, sectorsPerCluster, reservedSectors, fats, rootEntries, sectorsPerFat } = header
  const totalSectors = header.totalSectors16 === 0 ? header.totalSectors32 : header.totalSectors16
  if (rootEntries === 0) refuse(source, 'no root entries')
  if (sectorsPerFat === 0) refuse(source, 'no sectors per FAT')
  const rootSector = reservedSectors + fats * sectorsPerFat
  const rootSectors = Math.ceil((rootEntries * directoryEntryBytes) / sectorBytes)
  const dataSector = rootSector + rootSectors
  const clustersThatFit = Math.floor((totalSectors - dataSector) / sectorsPerCluster)
  if (clustersThatFit < 1) {
    refuse(source, `${totalSectors} sectors in all, but files begin at sector ${dataSector}: no cluster fits`)
  }
  if (clustersThatFit >= fat32Clusters) {
    refuse(source, `${clustersThatFit} clusters, expected fewer than ${fat32Clusters} in a FAT16`)
  }
  const fatBits = clustersThatFit < fat16Clusters ? 12 : 16
  const entries = Math.floor((sectorsPerFat * sectorBytes * 8) / fatBits)
  const clusters = Math.min(clustersThatFit, entries - 2)
  return {
    fatBits,
    oem: header.oem,
    sectorBytes,
    sectorsPerCluster,
    clusterBytes: sectorBytes * sectorsPerCluster,
    reservedSectors,
    fats,
    rootEntries,
    totalSectors,
    sectorsPerFat,
    usedFatSectors: Math.ceil(Math.ceil(((clusters + 2) * fatBits) / 8) / sectorBytes),
    hiddenSectors: header.hiddenSectors,
    media: header.media,
    volumeId: header.volumeId,
    label: header.label,
    typeText: header.typeText,
    fatSector: reservedSectors,
    rootSector,
    rootSectors,
    dataSector,
    clusters,
    clustersWithoutEntry: clustersThatFit - clusters,
    isDirty: (header.flags & 1) !== 0,
    sizeBytes: totalSectors * sectorBytes,
  }
}

/** FAT of any size by its first 512 bytes, or null: for listings, which name a FAT32 too. */
export function recogniseFat(bytes: Uint8Array): FatRecognition | null {
  if (bytes.length < bootSectorBytes) return null
  const header = readHeader(bytes.subarray(0, headerBytes), 'boot sector at 0x0')
  if (headerProblem(bytes, header) !== null) return null
  if (!isFat32(bytes, header)) {
    try {
      const { fatBits, label, sectorBytes, reservedSectors, sizeBytes } = decodeBootSector(bytes)
      return { fatBits, label, sectorBytes, reservedSectors, sizeBytes }
    } catch (error) {
      if (error instanceof AppError) return null
      throw error
    }
  }
  const { sectorBytes, reservedSectors, totalSectors16, totalSectors32 } = header
  const totalSectors = totalSectors16 === 0 ? totalSectors32 : totalSectors16
  if (totalSectors === 0) return null
  // FAT32 keeps its label further on.
  const label = latin1(bytes.subarray(71, 82)).replace(/[\0 ]+$/, '')
  return { fatBits: 32, label, sectorBytes, reservedSectors, sizeBytes: totalSectors * sectorBytes }
}
