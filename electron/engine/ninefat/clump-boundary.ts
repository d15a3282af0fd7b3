// Does a clump begin at this offset of an arena? Answered from the clump directory where it can be trusted (its sizes add up
// to the log, and the clump's own header agrees), else by walking the log from its beginning. A wrarena given an offset
// inside a clump skips that clump (plan9-disks.md 6.3, item 17).

import { assert } from '../../../shared/assert.ts'
import { readOrBadPlace } from '../source/bad-place.ts'
import type { Arena } from '../venti/arena/arena.ts'
import { ClumpDirectory, sameButType } from '../venti/arena/clump-directory.ts'
import { ClumpScanner } from '../venti/arena/clump-scanner.ts'
import { clumpHeaderBytes, clumpMagicOf, clumpTypeAt, isSoundClump } from '../venti/format/clump.ts'

export type ClumpBoundary = {
  readonly isBoundary: boolean
  /** The last boundary at or before the offset: the offset itself where it is one. */
  readonly before: number
  /** Clumps below `before`; null where damage left that unknown. */
  readonly clumps: number | null
}

/** `offset` is not beyond what the tail counts (or, without a usable tail, anywhere). The log is only ever read. */
export async function clumpBoundary(arena: Arena, offset: number, signal?: AbortSignal): Promise<ClumpBoundary> {
  assert(Number.isSafeInteger(offset) && offset >= 0, `a clump offset of ${offset}`)
  if (offset === 0) return { isBoundary: true, before: 0, clumps: 0 }
  const { counted } = arena
  if (counted !== null && offset <= counted.used && counted.clumps > 0) {
    const directory = new ClumpDirectory(arena, counted.clumps, counted.used, signal)
    if (await directory.addsUp()) {
      const answer = await fromDirectory(directory, offset)
      if (await agreesWithLog(arena, directory, answer)) return answer
    }
  }
  return await fromLog(arena, offset, signal)
}

/** Offsets grow with the number of the entry, so the last one at or before `offset` is found by halving. */
async function fromDirectory(directory: ClumpDirectory, offset: number): Promise<ClumpBoundary> {
  let low = 0
  for (let high = directory.count + 1; high - low > 1;) {
    const middle = (low + high) >>> 1
    if ((await directory.offsetFromEnd(middle)) <= offset) low = middle
    else high = middle
  }
  const before = await directory.offsetFromEnd(low)
  return { isBoundary: before === offset, before, clumps: low }
}

/** The clump that the directory puts there has a sound header that says the same; at the end of the log, the one before. */
async function agreesWithLog(
  arena: Arena,
  directory: ClumpDirectory,
  { before, clumps }: ClumpBoundary,
): Promise<boolean> {
  if (clumps === null) return false
  const index = Math.min(clumps, directory.count - 1)
  const at = index === clumps ? before : await directory.offsetFromEnd(index)
  if (at < 0 || at + clumpHeaderBytes > arena.readableBytes) return false
  const header = await readOrBadPlace(arena.partition.source, arena.dataBase + at, clumpHeaderBytes)
  if (!(header instanceof Uint8Array)) return false
  if (clumpMagicOf(header, 0) !== arena.clumpMagic || !isSoundClump(header, 0)) return false
  return sameButType(await directory.entryAt(index), header, clumpTypeAt)
}

/** Every clump up to the offset is decoded on the way, damage is stepped over as a sync would. */
async function fromLog(arena: Arena, offset: number, signal: AbortSignal | undefined): Promise<ClumpBoundary> {
  const scanner = new ClumpScanner(arena, {
    from: 0,
    index: 0,
    to: offset,
    ...(signal === undefined ? {} : { signal }),
  })
  const batches = scanner.run()
  let before = 0
  let clumps: number | null = 0
  for (;;) {
    const { value, done } = await batches.next()
    if (done === true) {
      const isBoundary = value.offset === offset
      return { isBoundary, before: isBoundary ? offset : before, clumps: isBoundary ? value.index : clumps }
    }
    for (const item of value) {
      const starts = [item.offset, item.nextOffset].filter((start) => start <= offset && start >= before)
      const start = starts.at(-1)
      if (start === undefined) continue
      before = start
      const index = item.kind === 'clump' ? item.index : item.damage.index
      clumps = index === null ? null : start === item.offset ? index : item.kind === 'clump' ? index + 1 : null
    }
  }
}
