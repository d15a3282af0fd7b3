// A file or directory of an archive as readers see it: attributes from the directory entry, size and contents from the
// entries it refers to (vac-and-fossil.md 4, 9). What does not fit together stays in the listing with what is wrong.

import type { AppError } from '../../../shared/errors.ts'
import type { TreeProblem } from '../../../shared/model/verify.ts'
import { isTreeFault } from './block-faults.ts'
import type { DirEntry } from './dir-entry.ts'
import type { VacEntry } from './entry.ts'
import type { EntryTable } from './entry-table.ts'
import { isDirectoryMode, modeBit } from './mode.ts'
import { harmlessName } from './text.ts'

/** `error` is the block that could not be read; null where all blocks are there and contradict each other. */
export type ReadProblem = TreeProblem & { readonly error: AppError | null }

export type VacFile = {
  /** As stored: it may hold anything, and is no path. */
  readonly name: string
  readonly nameBytes: Uint8Array
  readonly nameIsUtf8: boolean
  /** For messages: fit to be printed, with `?` for a `/` in a name. */
  readonly path: string
  readonly mode: number
  readonly uid: string
  readonly gid: string
  readonly mid: string
  /** 0 for directories. */
  readonly size: number
  /** Seconds since 1970. */
  readonly mtime: number
  readonly atime: number
  readonly ctime: number
  /** Unique in the archive: shifted by the qid spaces of the directories above. */
  readonly qid: bigint
  readonly isDirectory: boolean
  readonly isSymlink: boolean
  /** Like a link's target, the text that says which device stands in the contents. */
  readonly isDevice: boolean
  readonly isPipe: boolean
  /** Contents, or a directory's source; null with `problem`. */
  readonly entry: VacEntry | null
  /** A directory's names. */
  readonly meta: VacEntry | null
  /** By how much the qids below are shifted. */
  readonly qidOffset: bigint
  readonly problem: ReadProblem | null
}

type Streams = Pick<VacFile, 'entry' | 'meta' | 'problem'>

const qidBits = 64

export function childPath(parent: string, name: string): string {
  return `${parent === '/' ? '' : parent}/${harmlessName(name).replaceAll('/', '?')}`
}

/** `place.qidOffset` is that of the directory above. */
export function fileFrom(
  found: DirEntry,
  place: { readonly path: string; readonly qidOffset: bigint },
  { entry, meta, problem }: Streams,
): VacFile {
  const { name, nameBytes, nameIsUtf8, mode, uid, gid, mid, mtime, atime, ctime } = found
  const isDirectory = isDirectoryMode(mode)
  return {
    name,
    nameBytes,
    nameIsUtf8,
    path: place.path,
    mode,
    uid,
    gid,
    mid,
    size: isDirectory ? 0 : (entry?.size ?? 0),
    mtime,
    atime,
    ctime,
    qid: BigInt.asUintN(qidBits, found.qid + place.qidOffset),
    isDirectory,
    isSymlink: !isDirectory && (mode & modeBit.link) !== 0,
    isDevice: !isDirectory && (mode & modeBit.device) !== 0,
    isPipe: !isDirectory && (mode & modeBit.pipe) !== 0,
    entry,
    meta,
    qidOffset: BigInt.asUintN(qidBits, place.qidOffset + (found.qidSpace?.offset ?? 0n)),
    problem,
  }
}

/** The entry in a slot, or the sentence that says why there is none. */
async function taken(
  table: EntryTable,
  slot: { readonly number: number; readonly gen: number; readonly isDirectory: boolean; readonly what: string },
  path: string,
): Promise<VacEntry | string> {
  const { number, gen, isDirectory, what } = slot
  const entry = await table.entry(number, `${path}: ${what}, entry ${number}`)
  if (entry === null) {
    const why = number < table.slots ? 'is not in use' : `is beyond the directory's ${table.slots}`
    return `${what}, entry ${number}, ${why}`
  }
  if (entry.gen !== gen) return `${what}, entry ${number}, is of generation ${entry.gen}, not ${gen}`
  if (entry.isDirectory !== isDirectory) {
    return `${what}, entry ${number}, is ${entry.isDirectory ? 'a directory' : 'a file'}, not ${isDirectory ? 'a directory' : 'a file'}`
  }
  return entry
}

/** What a directory entry refers to, checked. Rejects only when the store fails. */
export async function streamsOf(found: DirEntry, path: string, table: EntryTable): Promise<Streams> {
  const isDirectory = isDirectoryMode(found.mode)
  const failed = (message: string, error: AppError | null): Streams => ({
    entry: null,
    meta: null,
    problem: { path, message, error },
  })
  try {
    const what = isDirectory ? 'its source' : 'its data'
    const entry = await taken(table, { number: found.entry, gen: found.gen, isDirectory, what }, path)
    if (typeof entry === 'string') return failed(entry, null)
    if (!isDirectory) return { entry, meta: null, problem: null }
    const slot = { number: found.metaEntry, gen: found.metaGen, isDirectory: false, what: 'its list of names' }
    const meta = await taken(table, slot, path)
    return typeof meta === 'string' ? failed(meta, null) : { entry, meta, problem: null }
  } catch (error) {
    if (!isTreeFault(error)) throw error
    return failed(error.message, error.code === 'bad-tree' ? null : error)
  }
}
