// The files of one directory, in the order of its meta blocks, while they are read: a directory may claim any number of
// them and share its blocks with others without end, so nothing is collected (R9). What cannot be read or makes no sense
// takes its place in the listing, and the rest of the directory still comes.

import { AppError } from '../../../shared/errors.ts'
import { isTreeFault } from './block-faults.ts'
import type { BlockStore } from './block-store.ts'
import { decodeDirEntry, type DirEntry } from './dir-entry.ts'
import { EntryTable } from './entry-table.ts'
import { decodeMetaBlock, maxMetaBlockBytes } from './meta-block.ts'
import { HashTree, type Piece, type StreamOptions } from './stream.ts'
import { extendLeaf } from './truncate.ts'
import { childPath, fileFrom, streamsOf, type ReadProblem, type VacFile } from './vac-file.ts'

/** Names given out of one directory, and blocks looked at for them; real ones hold far fewer. */
const defaultMaxNames = 4 * 1024 * 1024
const namesPerBlock = 4
/** Files whose entries are looked up together. */
const filesAtOnce = 32

export type TreeOptions = StreamOptions & {
  /** A directory with more names, or more than a fourth as many blocks for them, is a trick. Default four millions. */
  readonly maxNames?: number
}

/** A file, perhaps with a problem of its own; or what hides one or more names of this directory. */
export type Listed = { readonly kind: 'file'; readonly file: VacFile } | ({ readonly kind: 'problem' } & ReadProblem)

/** Decoded entries of a meta block, with what is wrong with the others. */
function namesIn(piece: Piece, dir: VacFile): { found: DirEntry[]; problems: string[] } {
  const name = `${dir.path}: meta block at ${piece.offset}`
  const found: DirEntry[] = []
  const problems: string[] = []
  try {
    const block = decodeMetaBlock(extendLeaf(piece.bytes, Math.min(piece.length, maxMetaBlockBytes)), name)
    if (block.writer === 'none') problems.push(`meta block at ${piece.offset} is all zeros`)
    for (const [i, slot] of block.slots.entries()) {
      if ('problem' in slot) problems.push(`meta block at ${piece.offset}, name ${i}: ${slot.problem}`)
      else {
        try {
          found.push(decodeDirEntry(slot.bytes, `${name}, name ${i}`))
        } catch (error) {
          if (!isTreeFault(error)) throw error
          problems.push(error.message)
        }
      }
    }
  } catch (error) {
    if (!isTreeFault(error)) throw error
    problems.push(error.message)
  }
  return { found, problems }
}

export async function* listDirectory(
  store: BlockStore,
  dir: VacFile,
  options: TreeOptions = {},
): AsyncGenerator<Listed, void, void> {
  const { path, qidOffset } = dir
  const { maxNames = defaultMaxNames } = options
  if (!dir.isDirectory) throw new AppError('no-such-path', `${path} is not a directory`)
  if (dir.entry === null || dir.meta === null) {
    const problem = dir.problem ?? { path, message: 'the directory has no contents', error: null }
    yield { kind: 'problem', ...problem }
    return
  }
  const table = new EntryTable(store, dir.entry, options)
  const tooMany = (): AppError => new AppError('bad-tree', `${path}: more names than a directory can hold`)
  let names = 0
  let blocks = 0
  for await (const stretch of new HashTree(store, dir.meta, options).stretches()) {
    if (++blocks > maxNames / namesPerBlock) throw tooMany()
    if ('error' in stretch) {
      const { error, offset, length } = stretch
      const message = `names in ${length} bytes at ${offset} of its list cannot be read: ${error.message}`
      yield { kind: 'problem', path, message, error: error.code === 'bad-tree' ? null : error }
      continue
    }
    const { found, problems } = namesIn(stretch, dir)
    for (const message of problems) yield { kind: 'problem', path, message, error: null }
    names += found.length
    if (names > maxNames) throw tooMany()
    for (let from = 0; from < found.length; from += filesAtOnce) {
      const group = found.slice(from, from + filesAtOnce)
      yield* await Promise.all(
        group.map(async (one): Promise<Listed> => {
          const at = childPath(path, one.name)
          return { kind: 'file', file: fileFrom(one, { path: at, qidOffset }, await streamsOf(one, at, table)) }
        }),
      )
    }
  }
}
