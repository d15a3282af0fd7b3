// Whether fossil/flfmt -v makes a fossil of an archive, found out by the checks that it makes itself before it writes
// anything it could regret. Authority: Plan 9 fossil/flfmt.c ventiRoot; vac-and-fossil.md 6.

import { AppError, asAppError } from '../../../shared/errors.ts'
import { maskScore, type RootScore } from '../../../shared/model/score.ts'
import type { RestoreWay } from '../../../shared/model/recover.ts'
import { ByteReader } from '../bytes/reader.ts'
import type { BlockStore } from '../vac/block-store.ts'
import { minTreeBlockBytes } from '../vac/block-size.ts'
import { decodeDirEntry } from '../vac/dir-entry.ts'
import { decodeEntry } from '../vac/entry.ts'
import { decodeMetaBlock, maxMetaBlockBytes } from '../vac/meta-block.ts'
import { entryBytes } from '../vac/pointers.ts'
import { openTree, type VacTree } from '../vac/tree.ts'
import { extendLeaf } from '../vac/truncate.ts'
import { wireData, wireDirectory } from '../venti/format/block-type.ts'
import { maxLumpBytes } from '../venti/format/constants.ts'

/** What flfmt reads at most, and what a fossil can have (vac-and-fossil.md 7.1: Plan 9 stops at 57344). */
const maxFossilBlock = 57_344
const sectorBytes = 512
const streams = 3

const places = ['active', 'archive', 'snapshot'] as const

/** The sizes as they stand in the block: an empty stream may leave them 0, which flfmt refuses. */
function sizesAt(block: Uint8Array, number: number): readonly [psize: number, dsize: number] {
  const reader = new ByteReader(block.subarray(entryBytes * number + 4, entryBytes * number + 8), 'entry')
  return [reader.u16be(), reader.u16be()]
}

/** Null when nothing speaks against it. */
async function objectionOf(store: BlockStore, block: Uint8Array, name: string): Promise<string | null> {
  if (block.length > streams * entryBytes) return `its directory block has more than ${streams} entries`
  const full = extendLeaf(block, streams * entryBytes)
  for (let number = 0; number < streams; number++) {
    const entry = decodeEntry(full, entryBytes * number, `${name}: entry ${number}`)
    if (entry === null || sizesAt(full, number).some((bytes) => bytes < minTreeBlockBytes)) {
      return `entry ${number} of its directory block is not in use`
    }
    if (number < streams - 1) continue
    if (entry.depth > 0 || entry.score === null) return 'the attributes of its root are not in one block'
    const meta = await store.read(entry.score, wireData, maxLumpBytes)
    const slot = decodeMetaBlock(extendLeaf(meta, Math.min(entry.dsize, maxMetaBlockBytes)), name).slots[0]
    if (slot === undefined || 'problem' in slot) return 'it has no attributes of its root'
    if (decodeDirEntry(slot.bytes, name).qidSpace === null) {
      return 'the attributes of its root do not say how far its qids go'
    }
  }
  return null
}

async function isDirectory(tree: VacTree, path: string): Promise<boolean> {
  try {
    return (await tree.lookup(path)).isDirectory
  } catch (thrown) {
    if (asAppError(thrown).code !== 'no-such-path') throw thrown
    return false
  }
}

async function lacksPlace(tree: VacTree): Promise<string | null> {
  for (const place of places) {
    if (!(await isDirectory(tree, place))) return `there is no directory /${place} in it`
  }
  return null
}

/**
 * Reads a dozen blocks of an archive that was found whole. Rejects with not-a-tree or bad-tree, and with the store's own
 * failure.
 */
export async function restoreWayOf(store: BlockStore, score: RootScore): Promise<RestoreWay> {
  const name = maskScore(score)
  const tree = await openTree(store, score)
  const { top, blockSize } = tree.root
  if (top === null) throw new AppError('not-a-tree', `${name}: the root names no top block`)
  const block = await store.read(top, wireDirectory, maxLumpBytes)
  // flfmt itself would take the archive of vac for a fossil, whose /active fossil then misses.
  if (block.length > (streams - 1) * entryBytes) {
    return { kind: 'files', under: '', why: 'it is an archive of vac, or of a part of a fossil' }
  }
  const under = (await isDirectory(tree, 'active')) ? '/active' : ''
  const refused = (why: string): RestoreWay => ({ kind: 'files', under, why })
  const extra = decodeEntry(extendLeaf(block, entryBytes), 0, `${name}: entry 0 of the top block`)
  if (extra === null || extra.score === null || extra.depth > 0) {
    return refused('the directory below its top block is not in one block')
  }
  const inner = await store.read(extra.score, wireDirectory, maxLumpBytes)
  const objection = (await objectionOf(store, inner, name)) ?? (await lacksPlace(tree))
  if (objection !== null) return refused(objection)
  if (blockSize > maxFossilBlock || blockSize % sectorBytes !== 0) {
    return refused(`its blocks of ${blockSize} bytes are no size for a fossil`)
  }
  return { kind: 'fossil', blockSize }
}
