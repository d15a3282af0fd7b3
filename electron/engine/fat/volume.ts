// A FAT12 or FAT16 volume that is read: its FATs and root directory in memory, everything else on demand. Opening is
// tolerant, so that the texts on a damaged 9fat can still be had; what is wrong is listed, and planEdit refuses.
// Authority: plan9-disks.md 3.

import { AppError, asAppError } from '../../../shared/errors.ts'
import { hexNumber } from '../bytes/hex.ts'
import type { BlockSource } from '../source/block-source.ts'
import { bootSectorBytes, decodeBootSector, type FatLayout } from './boot-sector.ts'
import { decodeDirectory, filesNamed, type Directory, type FatFile } from './directory.ts'
import { firstCluster, freeEntry, getEntry, isMarkedDirty } from './fat-table.ts'
import { readWholeFile, type FileReading } from './read-file.ts'
import { isDotEntry, listDirectory, walkTree, type FatTree } from './tree.ts'

/** The files of a 9fat that this program edits. */
export const editedNames: readonly string[] = ['wrcmd', 'rootscor']
/** Longer files than this are not held in memory: rootscor grows by some hundred bytes a day. */
export const maxFileBytes = 16 * 1024 * 1024

export type OpenOptions = {
  /** Files of the root directory to keep in memory for planEdit. */
  readonly load?: readonly string[]
  /** False: the root directory alone, for a listing. Such a volume cannot be checked or edited. */
  readonly walk?: boolean
}

export type FatVolume = {
  /** As the source is called, for messages. */
  readonly name: string
  readonly layout: FatLayout
  readonly bootSector: Uint8Array
  /** The sectors in use of every copy; null: that copy cannot be read. */
  readonly fats: readonly (Uint8Array | null)[]
  /** The copy that files are read through: the first one that can be read. */
  readonly fat: Uint8Array
  readonly rootBytes: Uint8Array
  readonly root: Directory
  /** Either flag: in the boot sector or, FAT16 only, in entry 1 of the FAT. */
  readonly isDirty: boolean
  readonly freeClusters: number
  /** null: it was not wanted. */
  readonly tree: FatTree | null
  /** By slot in the root directory. */
  readonly loaded: ReadonlyMap<number, FileReading>
  /** What stood in the way of opening; checkVolume finds what is wrong inside. */
  readonly problems: readonly string[]
  /** Files and directories of a directory ("" is the root); null when it is not there or no directory. */
  list(path?: string): Promise<readonly FatFile[] | null>
  /** null when there is no such file. */
  examineFile(path: string, options?: { readonly maxBytes?: number }): Promise<FileReading | null>
  /** The content as far as it can be read; null when there is no such file. */
  readFile(path: string): Promise<Uint8Array | null>
}

async function readBootSector(source: BlockSource): Promise<{ layout: FatLayout; bootSector: Uint8Array }> {
  const first = await source.read(0, Math.min(bootSectorBytes, source.sizeBytes))
  const layout = decodeBootSector(first, source.name)
  const { sectorBytes, dataSector } = layout
  if (dataSector * sectorBytes > source.sizeBytes) {
    throw new AppError(
      'damaged-9fat',
      `${source.name}: files begin at ${hexNumber(dataSector * sectorBytes)} by the boot sector, but it ends at ${hexNumber(source.sizeBytes)}`,
    )
  }
  return { layout, bootSector: sectorBytes === first.length ? first : await source.read(0, sectorBytes) }
}

async function readFats(source: BlockSource, layout: FatLayout, problems: string[]): Promise<(Uint8Array | null)[]> {
  const { fats, fatSector, sectorsPerFat, usedFatSectors, sectorBytes } = layout
  const copies: (Uint8Array | null)[] = []
  for (let i = 0; i < fats; i++) {
    try {
      const bytes = await source.read((fatSector + i * sectorsPerFat) * sectorBytes, usedFatSectors * sectorBytes)
      copies.push(bytes)
    } catch (error) {
      problems.push(`FAT ${i + 1} cannot be read: ${asAppError(error).message}`)
      copies.push(null)
    }
  }
  return copies
}

function countFree(layout: FatLayout, fat: Uint8Array): number {
  let free = 0
  for (let cluster = firstCluster; cluster < firstCluster + layout.clusters; cluster++) {
    if (getEntry(layout, fat, cluster) === freeEntry) free++
  }
  return free
}

/** Rejects with `not-9fat` (no FAT12 or FAT16), `damaged-9fat` (cut off before its files) or `source-read`. */
export async function openVolume(source: BlockSource, options: OpenOptions = {}): Promise<FatVolume> {
  const { load = editedNames, walk = true } = options
  const problems: string[] = []
  const { layout, bootSector } = await readBootSector(source)
  const { sectorBytes, rootSector, rootSectors, rootEntries } = layout
  if (layout.sizeBytes > source.sizeBytes) {
    problems.push(
      `the volume ends at ${hexNumber(layout.sizeBytes)} by its boot sector, but ${source.name} ends at ${hexNumber(source.sizeBytes)}`,
    )
  }
  if (layout.clustersWithoutEntry > 0) {
    problems.push(`${layout.clustersWithoutEntry} clusters of the volume have no place in its FAT`)
  }
  const fats = await readFats(source, layout, problems)
  const fat = fats.find((copy) => copy !== null)
  if (fat === undefined) throw new AppError('source-read', `${source.name}: ${problems.join('; ')}`)
  const rootBytes = await source.read(rootSector * sectorBytes, rootSectors * sectorBytes)
  const root = decodeDirectory(rootBytes, rootEntries)
  const table = { layout, fat }
  const tree = walk ? await walkTree(source, table, root) : null

  const find = async (path: string): Promise<{ directory: Directory; file: FatFile | null } | null> => {
    let directory = root
    let file: FatFile | null = null
    let walked = ''
    for (const name of path.split('/').filter((part) => part !== '')) {
      if (file !== null) {
        if (!file.isDirectory) return null
        directory = await listDirectory(source, table, { path: walked, file })
      }
      file = filesNamed(directory, name)[0] ?? null
      if (file === null) return null
      walked += walked === '' ? name : `/${name}`
    }
    return { directory, file }
  }

  const examineFile: FatVolume['examineFile'] = async (path, { maxBytes = maxFileBytes } = {}) => {
    const file = (await find(path))?.file ?? null
    return file === null || file.isDirectory ? null : await readWholeFile(source, table, { file, path, maxBytes })
  }

  const loaded = new Map<number, FileReading>()
  for (const name of load) {
    const file = filesNamed(root, name)[0]
    if (file === undefined || file.isDirectory || file.sizeBytes > maxFileBytes) continue
    loaded.set(file.slot, await readWholeFile(source, table, { file, path: name, maxBytes: maxFileBytes }))
  }

  return {
    name: source.name,
    layout,
    bootSector,
    fats,
    fat,
    rootBytes,
    root,
    isDirty: layout.isDirty || isMarkedDirty(layout, fat),
    freeClusters: countFree(layout, fat),
    tree,
    loaded,
    problems,
    async list(path = '') {
      const found = await find(path)
      if (found === null) return null
      if (found.file !== null && !found.file.isDirectory) return null
      const directory =
        found.file === null ? found.directory : await listDirectory(source, table, { path, file: found.file })
      return directory.files.filter((file) => !file.isLabel && !isDotEntry(file))
    },
    examineFile,
    readFile: async (path) => (await examineFile(path))?.bytes ?? null,
  }
}
