// Whether a file on disk has the content of a stream. Blocks are named by their hash, so the stream's leaves need not be
// fetched: the file is cut as they were, each piece hashed, and compared with the score that stands in the tree.

import type { FileHandle } from 'node:fs/promises'
import { cancelledError } from '../../../shared/errors.ts'
import type { Score } from '../../../shared/model/score.ts'
import { sha1 } from '../hash/sha1.ts'
import type { HashTree } from '../vac/stream.ts'
import { withoutZeroTail } from '../vac/zeros.ts'

const zeroWindowBytes = 256 * 1024

/** The caller has found both to be equally long. Rejects with what reading blocks rejects with. */
export async function sameContent(handle: FileHandle, tree: HashTree, signal: AbortSignal): Promise<boolean> {
  const { dsize } = tree.entry
  for (let leaf = 0; leaf < tree.leafCount;) {
    if (signal.aborted) throw cancelledError()
    const { score, leaves } = await tree.leafScore(leaf)
    const from = leaf * dsize
    const length = Math.min(leaves * dsize, tree.size - from)
    const isSame =
      score === null
        ? await isZero(handle, from, length, signal)
        : await hasLeaf(await readWhole(handle, from, length), tree, leaf, score)
    if (!isSame) return false
    leaf += leaves
  }
  return true
}

async function hasLeaf(here: Uint8Array | null, tree: HashTree, leaf: number, score: Score): Promise<boolean> {
  if (here === null) return false
  const cut = withoutZeroTail(here)
  if (sha1(cut) === score) return true
  // A writer may have left zeros at the end of a block, or anything behind the end of the stream.
  const { bytes } = await tree.leaf(leaf)
  return Buffer.compare(cut, withoutZeroTail(bytes)) === 0
}

async function isZero(handle: FileHandle, from: number, length: number, signal: AbortSignal): Promise<boolean> {
  for (let done = 0; done < length; done += zeroWindowBytes) {
    if (signal.aborted) throw cancelledError()
    const bytes = await readWhole(handle, from + done, Math.min(zeroWindowBytes, length - done))
    if (bytes === null || withoutZeroTail(bytes).length > 0) return false
  }
  return true
}

/** null: the file ends before. */
async function readWhole(handle: FileHandle, offset: number, length: number): Promise<Uint8Array | null> {
  const bytes = new Uint8Array(length)
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(bytes, done, length - done, offset + done)
    if (bytesRead === 0) return null
    done += bytesRead
  }
  return bytes
}
