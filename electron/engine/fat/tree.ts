// Every file and directory of a FAT volume: which clusters are in use is only known once all of them are known. Directories
// are data like any other, so depth, count and bytes are bounded, and a directory that contains itself is walked once (R9).

import { asAppError } from '../../../shared/errors.ts'
import type { BlockSource } from '../source/block-source.ts'
import { directoryEntryBytes, type FatLayout } from './boot-sector.ts'
import { decodeDirectory, endSlot, type Directory, type FatFile } from './directory.ts'
import { clusterOffset, getEntry, isCluster, meaningOf } from './fat-table.ts'

const maxDepth = 32
const maxFiles = 65_536
const maxDirectoryBytes = 16 * 1024 * 1024
const maxProblems = 50

export type TreeFile = {
  /** From the root, with slashes: "efi/boot/bootx64.efi". */
  readonly path: string
  readonly file: FatFile
}

export type FatTree = {
  /** Files and directories, without labels, "." and "..". */
  readonly files: readonly TreeFile[]
  /** False: something was left out, so a cluster that nothing here reaches may be in use all the same. */
  readonly isWhole: boolean
  readonly problems: readonly string[]
}

type Volume = { readonly layout: FatLayout; readonly fat: Uint8Array }
type Walk = {
  readonly files: TreeFile[]
  readonly problems: string[]
  readonly seenClusters: Set<number>
  bytesLeft: number
  isWhole: boolean
}

/** "." and ".." of a directory below the root. */
export function isDotEntry(file: FatFile): boolean {
  return file.longName === null && (file.shortName === '.' || file.shortName === '..')
}

function endsHere(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += directoryEntryBytes) if (bytes[at] === endSlot) return true
  return false
}

/**
 * The entries of one directory below the root, cluster by cluster up to its end mark. Stops at a cluster that belongs to a
 * directory already, so that all directories together cost one pass over the FAT.
 */
async function readDirectory(source: BlockSource, { layout, fat }: Volume, walk: Walk, { path, file }: TreeFile) {
  const pieces: Uint8Array[] = []
  const stop = (problem: string): void => {
    walk.problems.push(`${path}: ${problem}`)
    walk.isWhole = false
  }
  for (let cluster = file.firstCluster; ;) {
    if (!isCluster(layout, cluster)) {
      stop(`the chain of this directory leads to cluster ${cluster}`)
      break
    }
    if (walk.seenClusters.has(cluster)) {
      stop(`cluster ${cluster} belongs to another part of a directory as well`)
      break
    }
    if (walk.bytesLeft < layout.clusterBytes) {
      stop(`the directories of this volume hold more than ${maxDirectoryBytes} bytes`)
      break
    }
    walk.seenClusters.add(cluster)
    walk.bytesLeft -= layout.clusterBytes
    const piece = await source.read(clusterOffset(layout, cluster), layout.clusterBytes)
    pieces.push(piece)
    // What stands behind the end mark is no entry.
    if (endsHere(piece)) break
    const value = getEntry(layout, fat, cluster)
    const meaning = meaningOf(layout, value)
    if (meaning === 'end') break
    if (meaning !== 'link') {
      stop(`cluster ${cluster} of this directory has the FAT entry ${value}`)
      break
    }
    cluster = value
  }
  const bytes = Buffer.concat(pieces)
  return decodeDirectory(bytes, bytes.length / directoryEntryBytes)
}

function newWalk(): Walk {
  return { files: [], problems: [], seenClusters: new Set(), bytesLeft: maxDirectoryBytes, isWhole: true }
}

/** The entries of one directory, for a listing; damaged ones as far as they go. */
export async function listDirectory(source: BlockSource, volume: Volume, directory: TreeFile): Promise<Directory> {
  return await readDirectory(source, volume, newWalk(), directory)
}

export async function walkTree(source: BlockSource, volume: Volume, root: Directory): Promise<FatTree> {
  const walk = newWalk()
  const waiting: { directory: Directory; path: string; depth: number }[] = [{ directory: root, path: '', depth: 0 }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { directory, path, depth } = next
    for (const file of directory.files) {
      if (file.isLabel || (depth > 0 && isDotEntry(file))) continue
      if (walk.files.length >= maxFiles) {
        walk.problems.push(`more than ${maxFiles} files`)
        walk.isWhole = false
        waiting.length = 0
        break
      }
      const found = { path: `${path}${file.name}`, file }
      walk.files.push(found)
      if (!file.isDirectory) continue
      if (depth >= maxDepth) {
        walk.problems.push(`${found.path}: more than ${maxDepth} directories deep`)
        walk.isWhole = false
        continue
      }
      try {
        const entries = await readDirectory(source, volume, walk, found)
        waiting.push({ directory: entries, path: `${found.path}/`, depth: depth + 1 })
      } catch (error) {
        walk.problems.push(`${found.path}: ${asAppError(error).message}`)
        walk.isWhole = false
      }
    }
  }
  return { files: walk.files, isWhole: walk.isWhole, problems: walk.problems.slice(0, maxProblems) }
}
