// The 32-byte entries of a FAT directory: files, directories, the volume label, and the long names in front of them.
// Authority: plan9-disks.md 3.2, dossrv searchdir and getnamesect.
//
//   0 11  short name, blank-padded; first byte 00: end of the directory, E5: free, 05: E5
//  11  1  attributes                          22  2  modification time
//  12  1  case flags                          24  2  modification date
//  13  7  creation and access                 26  2  first cluster
//  20  2  first cluster, high half (FAT32)    28  4  length
//
// A long-name entry has 0F in byte 11: part number in byte 0 (40 more on the highest part, which stands first), checksum of
// the short name in byte 13, 13 UTF-16 units at 1, 14 and 28.

import { directoryEntryBytes } from './boot-sector.ts'
import { ByteReader } from '../bytes/reader.ts'
import { decodeShortName, sameName, shortNameBytes, shortNameChecksum } from './names.ts'

export const attributes = { readOnly: 0x01, hidden: 0x02, system: 0x04, label: 0x08, directory: 0x10, archive: 0x20 }
const longNameAttributes = 0x0f
export const freeSlot = 0xe5
export const endSlot = 0x00
/** Where in an entry this program writes. */
export const entryFields = { modified: 22, firstCluster: 26, length: 28 } as const

const highestPart = 0x40
const maxParts = 20

export type FatFile = {
  /** The long name where there is a valid one, else the short one in upper case. */
  readonly name: string
  readonly shortName: string
  readonly longName: string | null
  /** Of the short entry, counted from the start of the directory. */
  readonly slot: number
  /** How many long-name entries stand before it. */
  readonly longNameSlots: number
  readonly attributes: number
  readonly caseFlags: number
  readonly isDirectory: boolean
  readonly isLabel: boolean
  readonly isReadOnly: boolean
  /** 0: none, the file is empty. */
  readonly firstCluster: number
  readonly sizeBytes: number
  readonly modified: { readonly time: number; readonly date: number }
}

export type Directory = {
  readonly files: readonly FatFile[]
  readonly slots: {
    /** Long-name entries count as well. */
    readonly used: number
    readonly deleted: number
    /** Index of the end mark; the number of slots when there is none. */
    readonly end: number
  }
}

/** Parts collected from the highest down; `next` is the part that must come now, 0 when the name is whole. */
type PendingName = { readonly checksum: number; readonly parts: string[]; next: number }

export function isLongNameEntry(entry: Uint8Array): boolean {
  return ((entry[11] as number) & longNameAttributes) === longNameAttributes
}

export function longNameEntryChecksum(entry: Uint8Array): number {
  return entry[13] as number
}

function longNamePart(entry: Uint8Array): string {
  const reader = new ByteReader(entry, 'long-name entry')
  let text = ''
  let ended = false
  const take = (units: number): void => {
    for (let i = 0; i < units; i++) {
      const unit = reader.u16le()
      if (unit === 0) ended = true
      if (!ended) text += String.fromCharCode(unit)
    }
  }
  reader.skip(1)
  take(5)
  reader.skip(1 + 1 + 1)
  take(6)
  reader.skip(2)
  take(2)
  reader.finish(directoryEntryBytes)
  return text
}

/** The name so far with this entry's part, or null when the entry does not continue it. */
function withPart(pending: PendingName | null, entry: Uint8Array): PendingName | null {
  const order = entry[0] as number
  const checksum = longNameEntryChecksum(entry)
  if (entry[12] !== 0) return null
  if ((order & (highestPart | 0x80)) === highestPart) {
    const number = order & 0x3f
    if (number === 0 || number > maxParts) return null
    return { checksum, parts: [longNamePart(entry)], next: number - 1 }
  }
  if (pending === null || pending.next === 0 || pending.next !== order || pending.checksum !== checksum) return null
  pending.parts.push(longNamePart(entry))
  pending.next--
  return pending
}

function decodeFile(entry: Uint8Array, slot: number, pending: PendingName | null): FatFile {
  const reader = new ByteReader(entry, 'directory entry')
  const shortName = decodeShortName(reader.view(shortNameBytes))
  const flags = reader.u8()
  const caseFlags = reader.u8()
  reader.skip(7 + 2)
  const modified = { time: reader.u16le(), date: reader.u16le() }
  const firstCluster = reader.u16le()
  const sizeBytes = reader.u32le()
  reader.finish(directoryEntryBytes)
  const isWhole = pending !== null && pending.next === 0 && pending.checksum === shortNameChecksum(entry)
  const collected = isWhole ? pending.parts.toReversed().join('') : ''
  const longName = collected === '' ? null : collected
  const isLabel = (flags & attributes.label) !== 0
  return {
    name: longName ?? shortName,
    shortName,
    longName,
    slot,
    longNameSlots: isWhole ? pending.parts.length : 0,
    attributes: flags,
    caseFlags,
    isDirectory: !isLabel && (flags & attributes.directory) !== 0,
    isLabel,
    isReadOnly: (flags & attributes.readOnly) !== 0,
    firstCluster,
    sizeBytes,
    modified,
  }
}

/** Of the first `slots` entries, those before the end mark. "." and ".." are entries like any other here. */
export function decodeDirectory(bytes: Uint8Array, slots: number): Directory {
  const files: FatFile[] = []
  let used = 0
  let deleted = 0
  let pending: PendingName | null = null
  for (let slot = 0; slot < slots; slot++) {
    const entry = bytes.subarray(slot * directoryEntryBytes, (slot + 1) * directoryEntryBytes)
    if (entry[0] === endSlot) return { files, slots: { used, deleted, end: slot } }
    if (entry[0] === freeSlot) {
      deleted++
      pending = null
      continue
    }
    used++
    if (isLongNameEntry(entry)) {
      pending = withPart(pending, entry)
      continue
    }
    files.push(decodeFile(entry, slot, pending))
    pending = null
  }
  return { files, slots: { used, deleted, end: slots } }
}

/** Every file or directory that Plan 9 would open under this name; one, on a sound volume. Labels have no name. */
export function filesNamed(directory: Directory, name: string): readonly FatFile[] {
  return directory.files.filter(
    (file) => !file.isLabel && (sameName(file.name, name) || sameName(file.shortName, name)),
  )
}

/** Time and date as an entry holds them: local time, in steps of two seconds, years 1980 to 2107. */
export function encodeTime(now: Date): { readonly time: number; readonly date: number } {
  const year = now.getFullYear()
  if (Number.isNaN(year) || year < 1980) return { time: 0, date: (1 << 5) | 1 }
  if (year > 2107) return { time: (23 << 11) | (59 << 5) | 29, date: (127 << 9) | (12 << 5) | 31 }
  return {
    time: (now.getHours() << 11) | (now.getMinutes() << 5) | Math.floor(now.getSeconds() / 2),
    date: ((year - 1980) << 9) | ((now.getMonth() + 1) << 5) | now.getDate(),
  }
}
