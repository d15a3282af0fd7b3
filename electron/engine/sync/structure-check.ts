// Damage of whole structures (tables, heads, tails, seals, unreadable disk): what the quick look at the source shows, and
// what earlier runs recorded and is still there. Whatever was recorded and is not met again is dropped from the book.

import type { Damage } from '../../../shared/model/damage.ts'
import { openArena } from '../venti/arena/arena.ts'
import { SealHasher } from '../venti/arena/seal.ts'
import { sealDamage } from '../venti/arena/survey.ts'
import type { DamageBook } from './damage-book.ts'
import type { ArenaView, SourceView } from './source-view.ts'

/** Read to see whether a bad place of the disk answers again. */
const trialBytes = 1024 * 1024

const needsHead = (kind: Damage['kind']): boolean =>
  kind === 'head-missing' || kind === 'head-differs' || kind === 'tail-differs' || kind === 'seal-mismatch'

async function lookAgain(
  view: ArenaView,
  sealBroken: boolean,
  report: (one: Damage) => void,
  signal: AbortSignal,
): Promise<void> {
  const { arena, damage } = await openArena(view.partition, view.entry, { head: true, seal: true })
  for (const one of damage) report(one)
  if (arena === null || !sealBroken || arena.sealScore === null) return
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
  for (const name of new Set(recorded.filter((one) => needsHead(one.kind)).map((one) => one.arena))) {
    const arena = view.byName.get(name)
    const sealBroken = recorded.some((one) => one.kind === 'seal-mismatch' && one.arena === name)
    if (arena !== undefined) await lookAgain(arena, sealBroken, report, signal)
  }
  for (const one of recorded) {
    const source = view.byName.get(one.arena)?.partition.source
    if (one.kind !== 'unreadable-region' || source === undefined || one.clumpOffset === null || one.nextOffset === null)
      continue
    const length = Math.min(one.nextOffset - one.clumpOffset, trialBytes)
    await source.read(one.partitionOffset, length).catch(() => report(one))
  }
  book.dropUnseen((one) => one.clumpOffset === null || one.kind === 'unreadable-region')
}
