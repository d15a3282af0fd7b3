// The volume as it will be after the steps planned so far, and those steps. Every later step starts from what the earlier
// ones leave, so two files whose entries share a directory sector cannot undo each other. Nothing outside the FATs, the root
// directory and the clusters can get into a step. Order inside a FAT: plan9-disks.md 3.6, "FAT12 trap".

import { assert } from '../../../shared/assert.ts'
import { AppError } from '../../../shared/errors.ts'
import { directoryEntryBytes, type FatLayout } from './boot-sector.ts'
import { entryFields } from './directory.ts'
import type { EditStep } from './edit.ts'
import {
  clusterOffset,
  endOfChain,
  entrySectors,
  firstCluster,
  freeEntry,
  getEntry,
  isAllocatable,
  setEntry,
} from './fat-table.ts'
import type { FatVolume } from './volume.ts'

export type EntryTime = { readonly time: number; readonly date: number }

export class EditDraft {
  readonly layout: FatLayout
  readonly steps: EditStep[] = []
  /** What the plan rests on, as it was. */
  readonly examined = new Map<number, Uint8Array>()
  readonly root: Uint8Array
  readonly #name: string
  readonly #fats: readonly Uint8Array[]
  /** Sectors whose content is known, with the steps so far. */
  readonly #known = new Map<number, Uint8Array>()
  /** Freed by this plan: kept as they are, so that a backup of it can still be put back. */
  readonly #freedHere = new Set<number>()

  constructor(volume: FatVolume) {
    const { layout, bootSector, fats, rootBytes } = volume
    this.layout = layout
    this.#name = volume.name
    this.root = new Uint8Array(rootBytes)
    this.#fats = fats.map((copy) => {
      assert(copy !== null, 'a volume with an unreadable FAT is edited')
      return new Uint8Array(copy)
    })
    this.examine(0, bootSector)
    for (const [i, copy] of this.#fats.entries()) this.examine(this.#fatSector(i, 0), copy)
    this.examine(layout.rootSector, rootBytes)
  }

  /** Sectors that the plan is made from, beginning with `sector`. */
  examine(sector: number, bytes: Uint8Array): void {
    const { sectorBytes } = this.layout
    for (let at = 0; at < bytes.length; at += sectorBytes) {
      const copy = new Uint8Array(bytes.subarray(at, at + sectorBytes))
      this.examined.set(sector + at / sectorBytes, copy)
      this.#known.set(sector + at / sectorBytes, copy)
    }
  }

  /** One sector as the steps so far leave it, to be changed by the caller and written. */
  copyOf(sector: number): Uint8Array {
    const known = this.#known.get(sector)
    assert(known !== undefined, `sector ${sector} is changed without having been read`)
    return new Uint8Array(known)
  }

  /** What stands there already is not written again. */
  write(sector: number, bytes: Uint8Array, what: string): void {
    const { sectorBytes, reservedSectors, totalSectors } = this.layout
    assert(bytes.length === sectorBytes, `${bytes.length} bytes for a sector of ${sectorBytes}`)
    assert(sector >= reservedSectors && sector < totalSectors, `write of sector ${sector} outside the FATs and files`)
    const known = this.#known.get(sector)
    if (known !== undefined && bytes.every((byte, i) => byte === known[i])) return
    const copy = new Uint8Array(bytes)
    this.#known.set(sector, copy)
    this.steps.push({ kind: 'write', sector, bytes: copy, what })
  }

  /**
   * Also where nothing was written: what an earlier, interrupted run wrote may be in the system's memory only, and the
   * next step must not overtake it.
   */
  flush(): void {
    if (this.steps.at(-1)?.kind !== 'flush') this.steps.push({ kind: 'flush' })
  }

  sectorOf(cluster: number): number {
    return clusterOffset(this.layout, cluster) / this.layout.sectorBytes
  }

  #fatSector(copy: number, sector: number): number {
    return this.layout.fatSector + copy * this.layout.sectorsPerFat + sector
  }

  /**
   * Clusters that are free in every FAT, lowest first. Entries that straddle two sectors come last, and so does the last
   * cluster of the volume, whose number mtools takes for too large. Rejects with `full-9fat`.
   */
  allocate(count: number, what: string): readonly number[] {
    const { layout } = this
    const last = firstCluster + layout.clusters - 1
    const good: number[] = []
    const others: number[] = []
    for (let cluster = firstCluster; cluster <= last && good.length < count; cluster++) {
      if (this.#freedHere.has(cluster) || !isAllocatable(layout, cluster)) continue
      if (this.#fats.some((fat) => getEntry(layout, fat, cluster) !== freeEntry)) continue
      if (cluster === last || entrySectors(layout, cluster).length === 2) others.push(cluster)
      else good.push(cluster)
    }
    const free = good.length + others.length
    if (free < count) {
      throw new AppError(
        'full-9fat',
        `${this.#name}: ${what} needs ${count} free clusters of ${layout.clusterBytes} bytes, there are ${free}`,
        { data: { needed: count, free } },
      )
    }
    return [...good, ...others.slice(0, count - good.length)].toSorted((a, b) => a - b)
  }

  /** Makes the clusters a chain, in one FAT after the other. */
  chain(clusters: readonly number[], what: string): void {
    const values = new Map<number, number>()
    for (const [i, cluster] of clusters.entries()) values.set(cluster, clusters[i + 1] ?? endOfChain(this.layout))
    this.#setEntries(values, 'ascending', what)
  }

  free(clusters: readonly number[], what: string): void {
    for (const cluster of clusters) this.#freedHere.add(cluster)
    this.#setEntries(new Map(clusters.map((cluster) => [cluster, freeEntry])), 'descending', what)
  }

  /** As `free`, for clusters that an interrupted edit left: they may be given out again. */
  clear(clusters: readonly number[], what: string): void {
    this.#setEntries(new Map(clusters.map((cluster) => [cluster, freeEntry])), 'descending', what)
  }

  /**
   * An entry that straddles two sectors has a value in between, and it must not be one beyond the volume: the first sector
   * goes first when a cluster is taken, the second one when it is given back, with a flush between.
   */
  #setEntries(values: ReadonlyMap<number, number>, order: 'ascending' | 'descending', what: string): void {
    const { layout } = this
    const sectors = new Set<number>()
    let straddles = false
    for (const cluster of values.keys()) {
      const touched = entrySectors(layout, cluster)
      straddles ||= touched.length === 2
      for (const sector of touched) sectors.add(sector)
    }
    const ordered = [...sectors].toSorted((a, b) => (order === 'ascending' ? a - b : b - a))
    for (const [copy, fat] of this.#fats.entries()) {
      for (const [cluster, value] of values) setEntry(layout, fat, cluster, value)
      for (const sector of ordered) {
        const at = sector * layout.sectorBytes
        const bytes = fat.subarray(at, at + layout.sectorBytes)
        this.write(this.#fatSector(copy, sector), bytes, `FAT ${copy + 1}, ${what}`)
        if (straddles) this.flush()
      }
      this.flush()
    }
  }

  /** The data of new clusters; what is left of the last sector is zero. */
  writeClusters(clusters: readonly number[], content: Uint8Array, what: string): void {
    const { sectorBytes, clusterBytes } = this.layout
    for (let at = 0; at < content.length; at += sectorBytes) {
      const cluster = clusters[Math.floor(at / clusterBytes)]
      assert(cluster !== undefined, `${content.length} bytes for ${clusters.length} clusters`)
      const bytes = new Uint8Array(sectorBytes)
      bytes.set(content.subarray(at, at + sectorBytes))
      this.write(this.sectorOf(cluster) + (at % clusterBytes) / sectorBytes, bytes, what)
    }
  }

  entryBytes(slot: number): Uint8Array {
    return this.root.subarray(slot * directoryEntryBytes, (slot + 1) * directoryEntryBytes)
  }

  setEntryFields(slot: number, fields: { firstCluster?: number; length: number; modified: EntryTime }): void {
    const entry = this.entryBytes(slot)
    const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength)
    view.setUint16(entryFields.modified, fields.modified.time, true)
    view.setUint16(entryFields.modified + 2, fields.modified.date, true)
    if (fields.firstCluster !== undefined) view.setUint16(entryFields.firstCluster, fields.firstCluster, true)
    view.setUint32(entryFields.length, fields.length, true)
  }

  /** The sector of the root directory that holds a slot, as it is in `root` now. */
  writeRootSector(slot: number, what: string): void {
    const { sectorBytes, rootSector } = this.layout
    const sector = Math.floor((slot * directoryEntryBytes) / sectorBytes)
    const bytes = this.root.subarray(sector * sectorBytes, (sector + 1) * sectorBytes)
    this.write(rootSector + sector, bytes, `root directory, ${what}`)
  }
}
