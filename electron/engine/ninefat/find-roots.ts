// Root blocks in the arenas of a source, newest first: every archive that vac, fossil or anybody else finished there. Found
// through the clump directory where that is sound, so that terabytes take seconds; else, and behind what the tail counts,
// by walking the log. Every one is read and checked against its score.

import { assert } from '../../../shared/assert.ts'
import { asAppError, cancelledError } from '../../../shared/errors.ts'
import { maskScore, type RootScore } from '../../../shared/model/score.ts'
import type { SourceView } from '../sync/source-view.ts'
import { decodeRoot } from '../vac/root.ts'
import type { Arena } from '../venti/arena/arena.ts'
import { examineClump } from '../venti/arena/clump-check.ts'
import { ClumpScanner } from '../venti/arena/clump-scanner.ts'
import { readClumpAt, visitListedClumps, type VisitListed } from '../venti/arena/listed-clumps.ts'
import { wireRoot } from '../venti/format/block-type.ts'
import { clumpTime } from '../venti/format/clump.ts'
import { infoType } from '../venti/format/clump-info.ts'

export type FoundRoot = {
  readonly arena: string
  readonly offset: number
  readonly score: RootScore
  /** Of the clump, in seconds since 1970; 0 where nobody wrote one. */
  readonly time: number
  /** What the root block says of itself; null where it is not one that can be understood. */
  readonly name: string | null
  readonly type: string | null
}

export type FoundRoots = {
  /** Newest first; a root written twice stands where it was last. */
  readonly roots: readonly (FoundRoot & { readonly times: number })[]
  /** What could not be looked at. */
  readonly problems: readonly string[]
}

/** More are not kept, however many a partition claims to have (R9). */
const maxRoots = 100_000

class Collector {
  readonly #found = new Map<RootScore, FoundRoot & { times: number }>()
  dropped = 0

  add(root: FoundRoot): void {
    const times = (this.#found.get(root.score)?.times ?? 0) + 1
    this.#found.delete(root.score)
    this.#found.set(root.score, { ...root, times })
    if (this.#found.size <= maxRoots) return
    const [oldest] = this.#found.keys()
    assert(oldest !== undefined, 'a full collection has a first entry')
    this.#found.delete(oldest)
    this.dropped++
  }

  get roots(): FoundRoots['roots'] {
    return [...this.#found.values()].toReversed()
  }
}

/** Null as soon as anything of the directory is not borne out by the log. */
async function fromDirectory(arena: Arena, signal: AbortSignal | undefined): Promise<readonly FoundRoot[] | null> {
  const found: FoundRoot[] = []
  const addRoot = async (offset: number): Promise<boolean> => {
    const bytes = await readClumpAt(arena, offset)
    if (typeof bytes === 'string') return false
    const clump = examineClump(bytes, 0, bytes.length, arena.clumpMagic)
    if (clump.state !== 'good' || clump.type !== wireRoot) return false
    const score = clump.score as string as RootScore
    found.push({ arena: arena.name, offset, score, time: clumpTime(bytes, 0), ...namesOf(clump.data, score) })
    if (found.length > 2 * maxRoots) found.splice(0, maxRoots)
    return true
  }
  const visit: VisitListed = (entry, offset) => (infoType(entry, 0) === wireRoot ? addRoot(offset) : true)
  return (await visitListedClumps(arena, visit, signal)) ? found : null
}

type Details = Pick<FoundRoot, 'time' | 'name' | 'type'>

function namesOf(block: Uint8Array, score: RootScore): Pick<Details, 'name' | 'type'> {
  try {
    const { name, type } = decodeRoot(block, `root block ${maskScore(score)}`)
    return { name, type }
  } catch (error) {
    if (asAppError(error).code === 'bug') throw error
    return { name: null, type: null }
  }
}

async function detailsAt(arena: Arena, offset: number, score: RootScore): Promise<Details> {
  const bytes = await readClumpAt(arena, offset)
  if (typeof bytes === 'string') return { time: 0, name: null, type: null }
  const time = clumpTime(bytes, 0)
  const clump = examineClump(bytes, 0, bytes.length, arena.clumpMagic)
  return clump.state === 'good' ? { time, ...namesOf(clump.data, score) } : { time, name: null, type: null }
}

async function fromLog(
  arena: Arena,
  from: number,
  index: number | null,
  add: (root: FoundRoot) => void,
  signal: AbortSignal | undefined,
): Promise<number> {
  const scanner = new ClumpScanner(arena, { from, index, ...(signal === undefined ? {} : { signal }) })
  let lost = 0
  for await (const items of scanner.run()) {
    for (const item of items) {
      if (item.kind === 'damage') {
        lost += item.nextOffset > item.offset ? 1 : 0
        continue
      }
      if (item.type !== wireRoot && item.alsoType !== wireRoot) continue
      const score = item.score as string as RootScore
      add({ arena: arena.name, offset: item.offset, score, ...(await detailsAt(arena, item.offset, score)) })
    }
  }
  return lost
}

/** Rejects with `cancelled` or, when the source is gone, `source-read`. */
export async function findRoots(view: SourceView, signal?: AbortSignal): Promise<FoundRoots> {
  const collector = new Collector()
  const problems: string[] = []
  const add = (root: FoundRoot): void => collector.add(root)
  for (const { arena, name, damage } of view.arenas) {
    if (signal?.aborted === true) throw cancelledError()
    if (arena === null) {
      problems.push(`arena ${name} cannot be read: ${damage[0]?.detail ?? 'it is not in the partition'}`)
      continue
    }
    const listed = await fromDirectory(arena, signal)
    for (const root of listed ?? []) add(root)
    const from = listed === null ? 0 : (arena.counted?.used ?? 0)
    const index = listed === null ? 0 : (arena.counted?.clumps ?? 0)
    const lost = await fromLog(arena, from, index, add, signal)
    if (lost > 0) problems.push(`arena ${name}: ${lost} damaged places; a root there is not known`)
  }
  for (const { arena, detail } of view.damage) problems.push(`${arena === '' ? 'arena table' : arena}: ${detail}`)
  if (collector.dropped > 0) problems.push(`${collector.dropped} older roots are not listed`)
  return { roots: collector.roots, problems }
}
