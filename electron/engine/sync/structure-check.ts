// Damage of whole structures (tables, heads, tails, seals, unreadable disk): what the quick look at the source shows, and
// what earlier runs recorded and is still there. Whatever was recorded and is not met again is dropped from the book.

import type { Damage } from '../../../shared/model/damage.ts'
import { clumpHeaderBytes } from '../venti/format/clump.ts'
import { infoStoredSize, infoUncompressedSize } from '../venti/format/clump-info.ts'
import { badPlace } from '../source/bad-place.ts'
import { openArena, type Arena } from '../venti/arena/arena.ts'
import { ClumpDirectory } from '../venti/arena/clump-directory.ts'
import { SealHasher } from '../venti/arena/seal.ts'
import { sealDamage } from '../venti/arena/survey.ts'
import type { DamageBook } from './damage-book.ts'
import type { ArenaView, SourceView } from './source-view.ts'

/** Read to see whether a bad place of the disk answers again. */
const trialBytes = 1024 * 1024

/** A count that differed at the end of a log, and a directory the disk did not give: no scan of the log passes them again. */
const isAtLogEnd = (one: Damage): boolean => one.kind === 'tail-differs' || one.kind === 'directory-unreadable'

const needsLook = (one: Damage): boolean =>
  isAtLogEnd(one) || one.kind === 'head-missing' || one.kind === 'head-differs' || one.kind === 'seal-mismatch'

/** What stands at the end of a log is judged anew by the directory: read whole, does it say the same as the tail? */
async function directoryAgrees(arena: Arena, signal: AbortSignal): Promise<{ readable: boolean; agrees: boolean }> {
  const { counted } = arena
  if (counted === null) return { readable: false, agrees: false }
  const { clumps } = counted
  const directory = new ClumpDirectory(arena, clumps, counted.used)
  let [used, compressed, uncompressed] = [0, 0, 0]
  for (let index = 0; index < clumps; index++) {
    if (signal.aborted) return { readable: false, agrees: false }
    const entry = await directory.entryAt(index)
    const [stored, whole] = [infoStoredSize(entry, 0), infoUncompressedSize(entry, 0)]
    used += clumpHeaderBytes + stored
    uncompressed += whole
    if (stored < whole) compressed++
  }
  const agrees =
    used === counted.used && compressed === counted.compressedClumps && uncompressed === counted.uncompressed
  return { readable: directory.unreadable.length === 0, agrees }
}

async function lookAgain(
  view: ArenaView,
  recorded: readonly Damage[],
  report: (one: Damage) => void,
  signal: AbortSignal,
): Promise<void> {
  const { arena, damage } = await openArena(view.partition, view.entry, { head: true, seal: true })
  for (const one of damage) report(one)
  if (arena === null) return
  // What head and tail say against each other has no place in the log; it was said just now if it is still so.
  const atEnd = recorded.filter((one) => isAtLogEnd(one) && (one.clumpOffset !== null || one.kind !== 'tail-differs'))
  if (atEnd.length > 0) {
    const { readable, agrees } = await directoryAgrees(arena, signal)
    for (const one of atEnd) if (one.kind === 'tail-differs' ? !agrees : !readable) report(one)
  }
  if (arena.sealScore === null || !recorded.some((one) => one.kind === 'seal-mismatch')) return
  const expected = await new SealHasher(arena).finish(signal)
  if (signal.aborted || expected !== arena.sealScore) report(sealDamage(arena, expected))
}

export async function checkStructures(
  view: SourceView,
  book: DamageBook,
  now: string,
  signal: AbortSignal,
): Promise<void> {
  const report = (one: Damage): void => book.found(one, [], now)
  for (const one of [...view.damage, ...view.arenas.flatMap((arena) => arena.damage)]) report(one)
  const recorded = book.all()
  for (const name of new Set(recorded.filter(needsLook).map((one) => one.arena))) {
    const arena = view.byName.get(name)
    const own = recorded.filter((one) => one.arena === name)
    if (arena !== undefined) await lookAgain(arena, own, report, signal)
  }
  for (const one of recorded) {
    const source = view.byName.get(one.arena)?.partition.source
    if (one.kind !== 'unreadable-region' || source === undefined || one.clumpOffset === null || one.nextOffset === null)
      continue
    const length = Math.min(one.nextOffset - one.clumpOffset, trialBytes)
    if ((await source.read(one.partitionOffset, length).catch(badPlace)) === null) report(one)
  }
  book.dropUnseen((one) => one.clumpOffset === null || one.kind === 'unreadable-region' || isAtLogEnd(one))
}
