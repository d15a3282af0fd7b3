// Disks for tests, a few sectors large: MBR with extended records, GPT with both copies, Plan 9 tables. Written from the
// layout in the UEFI specification and prep(8), with zlib's CRC, so that it shares nothing with the code under test.

import { crc32 } from 'node:zlib'

export type MbrSlot = {
  readonly type: number
  readonly start: number
  readonly sectors: number
  readonly flag?: number
}

export const plan9Guid = 'f91818c92580af4789d2f030d7000c2c'
export const linuxGuid = 'af3dc60f838472478e793d69d8477de4'

/** 512 bytes of boot record at byte `at`. */
export function putMbr(disk: Buffer, at: number, slots: readonly MbrSlot[]): void {
  for (const [index, { type, start, sectors, flag = 0 }] of slots.entries()) {
    const entry = at + 446 + 16 * index
    disk[entry] = flag
    disk[entry + 4] = type
    disk.writeUInt32LE(start, entry + 8)
    disk.writeUInt32LE(sectors, entry + 12)
  }
  disk[at + 510] = 0x55
  disk[at + 511] = 0xaa
}

export type GptSlot = { readonly guid: string; readonly first: number; readonly last: number; readonly name?: string }
export type GptPlan = {
  readonly sectorBytes?: number
  readonly slots: readonly GptSlot[]
  readonly entries?: number
  readonly entryBytes?: number
}

function putHeader(disk: Buffer, ss: number, own: number, other: number, entriesAt: number, plan: GptPlan): void {
  const { entries = 128, entryBytes = 128 } = plan
  const at = own * ss
  disk.write('EFI PART', at, 'latin1')
  disk.writeUInt32LE(0x10000, at + 8)
  disk.writeUInt32LE(92, at + 12)
  disk.writeBigUInt64LE(BigInt(own), at + 24)
  disk.writeBigUInt64LE(BigInt(other), at + 32)
  disk.writeBigUInt64LE(BigInt(entriesAt), at + 72)
  disk.writeUInt32LE(entries, at + 80)
  disk.writeUInt32LE(entryBytes, at + 84)
  for (const [index, { guid, first, last, name = '' }] of plan.slots.entries()) {
    const entry = entriesAt * ss + index * entryBytes
    disk.write(guid, entry, 'hex')
    disk.writeUInt32LE(index + 1, entry + 16)
    disk.writeBigUInt64LE(BigInt(first), entry + 32)
    disk.writeBigUInt64LE(BigInt(last), entry + 40)
    disk.write(name, entry + 56, 'utf16le')
  }
  const list = disk.subarray(entriesAt * ss, entriesAt * ss + entries * entryBytes)
  disk.writeUInt32LE(crc32(list), at + 88)
  sealHeader(disk, at)
}

/** Puts the right checksum into the GPT header at byte `at`. */
export function sealHeader(disk: Buffer, at: number): void {
  disk.writeUInt32LE(0, at + 16)
  disk.writeUInt32LE(crc32(disk.subarray(at, at + disk.readUInt32LE(at + 12))), at + 16)
}

/** Protective MBR, header and entries behind it, and the backup at the end. */
export function putGpt(disk: Buffer, plan: GptPlan): void {
  const { sectorBytes: ss = 512, entries = 128, entryBytes = 128 } = plan
  const last = disk.length / ss - 1
  const listSectors = Math.ceil((entries * entryBytes) / ss)
  putMbr(disk, 0, [{ type: 0xee, start: 1, sectors: Math.min(last, 0xffffffff) }])
  putHeader(disk, ss, 1, last, 2, plan)
  putHeader(disk, ss, last, 1, last - listSectors, plan)
}

/** The text in the second sector of a Plan 9 partition that starts at byte `at`. */
export function putTable(disk: Buffer, at: number, text: string, sectorBytes = 512): void {
  disk.fill(0, at + sectorBytes, at + 2 * sectorBytes)
  disk.write(text, at + sectorBytes, 'utf8')
}
