// What a path turned out to be, for the window: an arena partition, a venti's configuration, a disk with its partitions, a
// 9fat, a fossil. Reads tables, heads and tails only, never the log, so that it answers at once for terabytes.

import { asAppError } from '../../shared/errors.ts'
import type { PartitionListing } from '../../shared/model/partition.ts'
import type { PartitionChoice, SourceLook, SourceTotals } from '../../shared/model/window.ts'
import { listPath } from '../engine/disk/list-path.ts'
import { refusalIn } from '../engine/source/disk-refusal.ts'
import { openSourceView, type SourceView } from '../engine/sync/source-view.ts'
import type { PlaceBook } from './places.ts'
import { problemOf } from './problem.ts'

const maxProblems = 50

/** As the tails count it; what a live venti has not counted yet comes on top. */
export function totalsOf(view: SourceView): SourceTotals {
  let sealed = 0
  let empty = 0
  let blocks = 0
  let bytes = 0
  let usedBytes = 0
  let damage = view.damage.length
  for (const one of view.arenas) {
    damage += one.damage.length
    const counted = one.arena?.counted ?? null
    if (counted === null) continue
    if (counted.sealed) sealed++
    if (counted.clumps === 0 && !one.moreBehind) empty++
    blocks += counted.clumps
    bytes += counted.uncompressed
    usedBytes += counted.used
  }
  const sizeBytes = view.arenas.reduce((sum, { arena }) => sum + (arena?.sizeBytes ?? 0), 0)
  return { arenas: view.arenas.length, sealed, empty, blocks, bytes, usedBytes, sizeBytes, damage }
}

function choiceOf({ name, kind, size, found, path }: PartitionListing, places: PlaceBook): PartitionChoice {
  return { place: places.add(path), name, kind, sizeBytes: size, found }
}

/** Null unless it can be a source as it is; a problem where it should have been one. */
async function asSource(
  path: string,
  isArenas: boolean,
): Promise<{ totals: SourceTotals | null; isConfig: boolean; problem: string | null }> {
  try {
    const view = await openSourceView(path)
    try {
      const isConfig = view.opened.config !== null && view.path !== path
      return { totals: totalsOf(view), isConfig, problem: null }
    } finally {
      await view.close()
    }
  } catch (thrown) {
    const { code, message, data } = asAppError(thrown)
    if (code === 'bug') throw thrown
    // It could be opened: what cannot be is what it names.
    const { happened, next } = problemOf(thrown)
    const words = refusalIn(data) === null ? message : `${happened}. ${next}`
    return { totals: null, isConfig: false, problem: isArenas || code !== 'not-arena-partition' ? words : null }
  }
}

const soleKinds = new Map<string, SourceLook['kind']>([
  ['arenas', 'arenas'],
  ['9fat', '9fat'],
  ['fat', '9fat'],
  ['fossil', 'fossil'],
])

/** Rejects with source-open, source-read or no-such-partition. */
export async function lookAtPath(path: string, places: PlaceBook): Promise<SourceLook> {
  const { scheme, partitions, problems } = await listPath(path, false)
  const choices = partitions.map((one) => choiceOf(one, places))
  const base = { place: places.add(path), partitions: choices }
  if (scheme !== 'bare') return { ...base, kind: 'disk', totals: null, problems: problems.slice(0, maxProblems) }
  const sole = partitions[0]?.kind ?? 'unknown'
  const mayBeSource = sole === 'arenas' || sole === 'unknown'
  const { totals, isConfig, problem } = mayBeSource
    ? await asSource(path, sole === 'arenas')
    : { totals: null, isConfig: false, problem: null }
  const kind = isConfig ? 'config' : (soleKinds.get(sole) ?? 'other')
  const all = problem === null ? problems : [problem, ...problems]
  return { ...base, kind, totals, problems: all.slice(0, maxProblems) }
}
