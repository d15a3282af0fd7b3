// The clumps an arena's directory lists, where all of it can be read and its sizes add up to the log: a quick way past
// terabytes to a few blocks. What a directory says stays a claim until the clump itself was looked at.

import { readOrBadPlace } from '../../source/bad-place.ts'
import { clumpHeaderBytes, maxClumpBytes } from '../format/clump.ts'
import { infoStoredSize } from '../format/clump-info.ts'
import type { Arena } from './arena.ts'
import { ClumpDirectory } from './clump-directory.ts'

/** `entry` (25 bytes, borrowed) is said to stand at the clump offset. False: the directory is wrong, look no further. */
export type VisitListed = (entry: Uint8Array, clumpOffset: number) => boolean | Promise<boolean>

/**
 * In log order. False where there is no directory to be believed, or a visit says so: then everything it was told before
 * is in doubt, and the log has to be read. Rejects with `cancelled` or `source-read`.
 */
export async function visitListedClumps(
  arena: Arena,
  visit: VisitListed,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { counted } = arena
  if (counted === null) return false
  if (counted.clumps === 0) return true
  const directory = new ClumpDirectory(arena, counted.clumps, counted.used, signal)
  if (!(await directory.addsUp()) || directory.unreadable.length > 0) return false
  let offset = 0
  for (let index = 0; index < directory.count; index++) {
    // Waited for only where there is something to wait for: an arena has millions of entries.
    if (!directory.has(index)) await directory.load(index, directory.count - 1)
    const entry = directory.entry(index)
    const storedBytes = infoStoredSize(entry, 0)
    const visited = visit(entry, offset)
    if (!(typeof visited === 'boolean' ? visited : await visited)) return false
    offset += clumpHeaderBytes + storedBytes
  }
  return true
}

/** The clump at an offset and whatever follows it, at least a header; or why it cannot be read. */
export async function readClumpAt(arena: Arena, clumpOffset: number): Promise<Uint8Array | string> {
  const length = Math.min(maxClumpBytes, arena.readableBytes - clumpOffset)
  if (length < clumpHeaderBytes) return 'the partition ends before it'
  const bytes = await readOrBadPlace(arena.partition.source, arena.dataBase + clumpOffset, length)
  return bytes instanceof Uint8Array ? bytes : bytes.message
}
