// Entries of a FAT12 or FAT16 table held in memory: what an entry means, where it stands. Authority: plan9-disks.md 3.2,
// dossrv getfat and putfat. A FAT12 entry takes one and a half bytes, so it may straddle two sectors.

import { assert } from '../../../shared/assert.ts'
import type { FatLayout } from './boot-sector.ts'

export const firstCluster = 2
export const freeEntry = 0

/** Marks at the top of the range: FF8 and above end a chain, FF7 is a bad cluster. */
const endMarks = { 12: 0xff8, 16: 0xfff8 } as const
const badMarks = { 12: 0xff7, 16: 0xfff7 } as const
/** What ends a chain written here; what disk/format and dossrv write. */
const writtenEnds = { 12: 0xfff, 16: 0xffff } as const
/** From here on a cluster number could be mistaken for a mark: such clusters are never given out. */
const reservedMarks = { 12: 0xff0, 16: 0xfff0 } as const
/** In entry 1 of FAT16: set while the volume is clean. */
const cleanBit = 0x8000

export type FatEntryMeaning = 'free' | 'end' | 'bad' | 'link' | 'wild'

export function endOfChain(layout: FatLayout): number {
  return writtenEnds[layout.fatBits]
}

/** `wild`: neither a mark nor a cluster of this volume. */
export function meaningOf(layout: FatLayout, value: number): FatEntryMeaning {
  if (value === freeEntry) return 'free'
  if (value >= endMarks[layout.fatBits]) return 'end'
  if (value === badMarks[layout.fatBits]) return 'bad'
  return isCluster(layout, value) ? 'link' : 'wild'
}

export function isCluster(layout: FatLayout, cluster: number): boolean {
  return cluster >= firstCluster && cluster < firstCluster + layout.clusters
}

export function isAllocatable(layout: FatLayout, cluster: number): boolean {
  return isCluster(layout, cluster) && cluster < reservedMarks[layout.fatBits]
}

/** Where the entry begins, in bytes from the start of its FAT. */
function entryOffset(layout: FatLayout, cluster: number): number {
  return layout.fatBits === 12 ? Math.floor((3 * cluster) / 2) : 2 * cluster
}

/** The sectors that hold the entry, counted from the start of its FAT: one, or two for a FAT12 entry that straddles. */
export function entrySectors(layout: FatLayout, cluster: number): readonly [number] | readonly [number, number] {
  const offset = entryOffset(layout, cluster)
  const first = Math.floor(offset / layout.sectorBytes)
  const last = Math.floor((offset + 1) / layout.sectorBytes)
  return first === last ? [first] : [first, last]
}

/** `fat` is one copy from its first byte on. */
export function getEntry(layout: FatLayout, fat: Uint8Array, cluster: number): number {
  const offset = entryOffset(layout, cluster)
  assert(offset + 1 < fat.length, `FAT entry ${cluster} of ${fat.length} bytes`)
  const pair = (fat[offset] as number) | ((fat[offset + 1] as number) << 8)
  if (layout.fatBits === 16) return pair
  return cluster % 2 === 0 ? pair & 0xfff : pair >>> 4
}

export function setEntry(layout: FatLayout, fat: Uint8Array, cluster: number, value: number): void {
  const offset = entryOffset(layout, cluster)
  assert(offset + 1 < fat.length, `FAT entry ${cluster} of ${fat.length} bytes`)
  const pair = (fat[offset] as number) | ((fat[offset + 1] as number) << 8)
  let changed = value
  if (layout.fatBits === 12) changed = cluster % 2 === 0 ? (pair & 0xf000) | value : (pair & 0x000f) | (value << 4)
  fat[offset] = changed & 0xff
  fat[offset + 1] = changed >>> 8
}

/** FAT16 only: a system that mounted the volume clears this bit and sets it again when it is done. FAT12 has none. */
export function isMarkedDirty(layout: FatLayout, fat: Uint8Array): boolean {
  return layout.fatBits === 16 && (getEntry(layout, fat, 1) & cleanBit) === 0
}

/** Byte address of a cluster in the volume. */
export function clusterOffset(layout: FatLayout, cluster: number): number {
  return (layout.dataSector + (cluster - firstCluster) * layout.sectorsPerCluster) * layout.sectorBytes
}
