// Damage of whole structures (tables, heads, tails, seals, unreadable disk): what the quick look at the source shows, and
// what earlier runs recorded and is still there. Whatever was recorded and is not met again is dropped from the book.

import type { Damage } from '../../../shared/model/damage.ts'
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

async function directoryIsReadable(arena: Arena): Promise<boolean> {
  const { clumps, used } = arena.counted ?? { clumps: 0, used: 0 }
  const directory = new ClumpDirectory(arena, clumps, used)
  for (let index = 0; index < clumps; index++) if (!directory.has(index)) await directory.load(index, clumps - 1)
  return directory.unreadable.length === 0
}

/** Of damage at the end of the log: is it still there? With another end the next scan comes by and says. */
async function isStillThere(one: Damage, arena: Arena): Promise<boolean> {
  if (one.kind === 'directory-unreadable') return !(await directoryIsReadable(arena))
  const { counted } = arena
  // Without a place in the log it is said by head and tail themselves, just now.
  if (one.clumpOffset === null) return false
  return counted === null || (counted.used === one.clumpOffset && counted.clumps !== one.index)
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
  for (const one of recorded) {
    if (isAtLogEnd(one) && (await isStillThere(one, arena))) report(one)
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
    await source.read(one.partitionOffset, length).catch(() => report(one))
  }
  book.dropUnseen((one) => one.clumpOffset === null || one.kind === 'unreadable-region' || isAtLogEnd(one))
}
