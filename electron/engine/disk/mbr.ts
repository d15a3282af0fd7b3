// The master boot record and the extended boot records behind it. Authority: plan9-disks.md 1. Little-endian.
//
//   446  4 x 16  entries: 0 flag, 1-3 CHS start, 4 type, 5-7 CHS end, 8 start LBA u32, 12 length in sectors u32
//   510  2       55 aa

import { ByteReader } from '../bytes/reader.ts'

const entriesAt = 446
const signatureAt = 510
export const mbrBytes = 512

export const plan9Type = 0x39
export const protectiveType = 0xee
const extendedTypes: ReadonlySet<number> = new Set([0x05, 0x0f, 0x85])

export type MbrEntry = {
  /** 1 to 4. */
  readonly slot: number
  readonly flag: number
  readonly type: number
  readonly startSector: number
  readonly sectors: number
}

export const isExtended = (entry: MbrEntry): boolean => extendedTypes.has(entry.type)

/** The entries in use; null without the signature. `sector` holds 512 bytes at least. */
export function decodeMbr(sector: Uint8Array): readonly MbrEntry[] | null {
  if (sector.length < mbrBytes || sector[signatureAt] !== 0x55 || sector[signatureAt + 1] !== 0xaa) return null
  const reader = new ByteReader(sector.subarray(0, mbrBytes), 'boot record')
  reader.skip(entriesAt)
  const entries: MbrEntry[] = []
  for (let slot = 1; slot <= 4; slot++) {
    const flag = reader.u8()
    reader.skip(3)
    const type = reader.u8()
    reader.skip(3)
    const startSector = reader.u32le()
    const sectors = reader.u32le()
    if (type !== 0 && sectors !== 0) entries.push({ slot, flag, type, startSector, sectors })
  }
  reader.skip(2)
  reader.finish(mbrBytes)
  return entries
}

/** Boot code read as entries has other flags, nearly always. */
export const areEntries = (entries: readonly MbrEntry[]): boolean =>
  entries.length > 0 && entries.every(({ flag, startSector }) => (flag === 0 || flag === 0x80) && startSector > 0)
