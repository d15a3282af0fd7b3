// An archive opened by its root score, written by vac or by fossil: list a directory, find a path, read a file
// (vac-and-fossil.md 5, 6, 9). Nothing is read before it is asked for. Stored names are data here and never become paths of
// this computer.

import { AppError } from '../../../shared/errors.ts'
import { maskScore, type RootScore, type Score } from '../../../shared/model/score.ts'
import { wireDirectory, wireRoot } from '../venti/format/block-type.ts'
import { maxLumpBytes } from '../venti/format/constants.ts'
import { isTreeFault } from './block-faults.ts'
import type { BlockStore } from './block-store.ts'
import { decodeDirEntry, type DirEntry } from './dir-entry.ts'
import { decodeEntry, type VacEntry } from './entry.ts'
import { listDirectory, type Listed, type TreeOptions } from './list-directory.ts'
import { decodeMetaBlock, maxMetaBlockBytes } from './meta-block.ts'
import { modeBit } from './mode.ts'
import { entryBytes } from './pointers.ts'
import { decodeRoot, type VacRoot } from './root.ts'
import { HashTree, type StreamOptions } from './stream.ts'
import { textOf } from './text.ts'
import { extendLeaf } from './truncate.ts'
import { fileFrom, type ReadProblem, type VacFile } from './vac-file.ts'
import { spelledOut } from './zeros.ts'

export type { Listed, TreeOptions } from './list-directory.ts'
export type { ReadProblem, VacFile } from './vac-file.ts'

/** Source, meta and the root's own meta. */
const topEntries = 3
const topBytes = topEntries * entryBytes
/** No system takes a longer link. */
const maxLinkBytes = 4096

export type TopEntries = { readonly source: VacEntry; readonly meta: VacEntry; readonly rootMeta: VacEntry }

/** Reads and decodes a root block. Rejects with `block-missing`, `block-corrupt` or `not-a-tree`. */
export async function readRoot(store: BlockStore, score: RootScore): Promise<VacRoot> {
  const name = maskScore(score)
  // More than a root's bytes are asked for, so that another block of that type is told apart from a damaged one.
  const bytes = await store.read(score as string as Score, wireRoot, maxLumpBytes)
  return decodeRoot(bytes, name)
}

function topEntriesIn(block: Uint8Array, name: string): TopEntries | null {
  const top = extendLeaf(block, topBytes)
  const at = (number: number): VacEntry | null =>
    decodeEntry(top, entryBytes * number, `${name}: entry ${number} of the top block`)
  // A fossil's block has leftovers in entry 1 and nothing in entry 2, and is recognised by that.
  const rootMeta = at(2)
  if (rootMeta === null) return null
  const [source, meta] = [at(0), at(1)]
  if (source === null || meta === null || !source.isDirectory || meta.isDirectory || rootMeta.isDirectory) {
    throw new AppError('not-a-tree', `${name}: the top block does not hold a directory, its names and its attributes`)
  }
  return { source, meta, rootMeta }
}

/** The three streams of the archive, past the extra level that fossil writes. */
export async function readTop(
  store: BlockStore,
  root: VacRoot,
  name: string,
  options: StreamOptions = {},
): Promise<TopEntries> {
  if (root.top === null) throw new AppError('not-a-tree', `${name}: the root names no top block`)
  const block = await store.read(root.top, wireDirectory, Math.min(root.blockSize, maxLumpBytes))
  const direct = topEntriesIn(block, name)
  if (direct !== null) return direct
  const extra = decodeEntry(extendLeaf(block, topBytes), 0, `${name}: entry 0 of the top block`)
  const inner =
    extra?.isDirectory === true && extra.size > 0
      ? topEntriesIn((await new HashTree(store, extra, options).leaf(0)).bytes, name)
      : null
  if (inner === null) throw new AppError('not-a-tree', `${name}: the top block holds no archive`)
  return inner
}

const unknownAttributes: DirEntry = {
  version: 9,
  name: '/',
  nameBytes: Uint8Array.of(0x2f),
  nameIsUtf8: true,
  entry: 0,
  gen: 0,
  metaEntry: 1,
  metaGen: 0,
  qid: 0n,
  uid: '',
  gid: '',
  mid: '',
  mtime: 0,
  mcount: 0,
  ctime: 0,
  atime: 0,
  mode: modeBit.directory | 0o777,
  qidSpace: null,
}

async function rootAttributes(store: BlockStore, rootMeta: VacEntry, options: StreamOptions): Promise<DirEntry> {
  const name = "attributes of '/'"
  if (rootMeta.size === 0) throw new AppError('bad-tree', `${name}: there are none`)
  const { bytes, length } = await new HashTree(store, rootMeta, options).leaf(0)
  const slot = decodeMetaBlock(extendLeaf(bytes, Math.min(length, maxMetaBlockBytes)), name).slots[0]
  if (slot === undefined) throw new AppError('bad-tree', `${name}: there are none`)
  if ('problem' in slot) throw new AppError('bad-tree', `${name}: ${slot.problem}`)
  return decodeDirEntry(slot.bytes, name)
}

/**
 * Rejects with `block-missing`, `block-corrupt`, `bad-tree` or `not-a-tree` where there is nothing to list at all, or with
 * the store's own failure. The store stays the caller's.
 */
export async function openTree(store: BlockStore, score: RootScore, options: TreeOptions = {}): Promise<VacTree> {
  const root = await readRoot(store, score)
  const name = maskScore(score)
  if (root.type !== 'vac') {
    const type = JSON.stringify(root.type.slice(0, 20))
    throw new AppError('not-a-tree', `${name} is the root of an archive of type ${type}; only vac archives have files`)
  }
  const top = await readTop(store, root, name, options)
  let attributes = unknownAttributes
  let problem: ReadProblem | null = null
  try {
    attributes = await rootAttributes(store, top.rootMeta, options)
  } catch (error) {
    // The names and files below do not depend on it.
    if (!isTreeFault(error)) throw error
    problem = { path: '/', message: error.message, error: error.code === 'bad-tree' ? null : error }
  }
  const mode = attributes.mode | modeBit.directory
  const streams = { entry: top.source, meta: top.meta, problem }
  const rootFile = fileFrom({ ...attributes, mode }, { path: '/', qidOffset: 0n }, streams)
  return new VacTree(store, { score, root, top, rootFile }, options)
}

type Opened = {
  readonly score: RootScore
  readonly root: VacRoot
  readonly top: TopEntries
  readonly rootFile: VacFile
}

export class VacTree {
  readonly score: RootScore
  readonly root: VacRoot
  readonly top: TopEntries
  /** The directory at the top: `/active` of a fossil is below it. Its name is what the writer called it. */
  readonly rootFile: VacFile
  readonly #store: BlockStore
  readonly #options: TreeOptions

  constructor(store: BlockStore, { score, root, top, rootFile }: Opened, options: TreeOptions) {
    this.#store = store
    this.#options = options
    this.score = score
    this.root = root
    this.top = top
    this.rootFile = rootFile
  }

  /** The files of a directory, unsorted and lazily; names may come twice. */
  list(dir: VacFile): AsyncGenerator<Listed, void, void> {
    return listDirectory(this.#store, dir, this.#options)
  }

  /**
   * The file at a path from the root, or from a directory of this tree; `/` separates, and every part is a name as stored
   * (`.` and `..` mean nothing).
   */
  async lookup(path: string, from: VacFile = this.rootFile): Promise<VacFile> {
    let file = from
    for (const part of path.split('/')) {
      if (part !== '') file = await this.#child(file, part)
    }
    return file
  }

  async #child(dir: VacFile, name: string): Promise<VacFile> {
    const missing = (why: string): string => `${dir.path}: no ${JSON.stringify(name)} in it${why}`
    if (!dir.isDirectory) throw new AppError('no-such-path', missing(', it is a file'))
    let problem: ReadProblem | null = null
    for await (const listed of this.list(dir)) {
      if (listed.kind === 'problem') problem ??= listed
      else if (listed.file.name === name) return listed.file
    }
    if (problem === null) throw new AppError('no-such-path', missing(''))
    // What cannot be read may well be it.
    const { error, message } = problem
    throw new AppError(error?.code ?? 'bad-tree', missing(` that can be read: ${message}`), {
      data: error?.data ?? {},
      cause: error ?? undefined,
    })
  }

  /** The contents: pieces in order, any range, holes left out. Rejects with `bad-tree` where there are none to read. */
  data({ path, entry, isDirectory, problem }: VacFile, options: StreamOptions = {}): HashTree {
    if (isDirectory) throw new AppError('no-such-path', `${path} is a directory`)
    if (entry === null) {
      const { error = null, message = 'it has no contents' } = problem ?? {}
      throw new AppError(error?.code ?? 'bad-tree', `${path}: ${message}`, {
        data: error?.data ?? {},
        cause: error ?? undefined,
      })
    }
    return new HashTree(this.#store, entry, { ...this.#options, ...options })
  }

  /** The contents as plain bytes, which the reader must not change. Rejects at the first block that cannot be read. */
  readFile(file: VacFile, options: StreamOptions = {}): AsyncGenerator<Uint8Array, void, void> {
    return spelledOut(this.data(file, options).pieces())
  }

  /**
   * What a symbolic link or a device says. plan9port's vac stores the first 8 bytes of a target and zeros for the rest;
   * such a target is given as far as it goes, `isWhole` false.
   */
  async readLink(file: VacFile): Promise<{ readonly target: string; readonly isWhole: boolean }> {
    const bytes = await this.data(file).read(0, maxLinkBytes)
    const end = bytes.indexOf(0)
    const isWhole = end < 0 && file.size <= maxLinkBytes
    return { target: textOf(end < 0 ? bytes : bytes.subarray(0, end)), isWhole }
  }
}
