// A claim of a wrcmd put to the test on the target it names: is it taken over? The source says what would have to be there
// (wrcmd-claim.ts), the target whether it is (take-over.ts), and the words for people are made here.

import type { Damage } from '../../../shared/model/damage.ts'
import { countOf } from '../../../shared/text/format.ts'
import { hexNumber } from '../bytes/hex.ts'
import type { VentiClient } from '../venti/client/client.ts'
import type { ClaimOutcome } from './bookkeeping.ts'
import { cursorAt, type Cursors } from './cursor.ts'
import { countFound } from './take-over.ts'
import type { Tally } from './target-writer.ts'
import { examineClaim, type Claim } from './wrcmd-claim.ts'

export type ClaimTrial = {
  readonly claim: Claim
  readonly dial: string
  /** The saved cursors of that target. */
  readonly cursors: Cursors
  readonly damage: readonly Damage[]
  /** An earlier claim for this target was found to be false. */
  readonly isDoubted: boolean
  readonly random: () => number
}

export type ClaimVerdict = { readonly outcome: ClaimOutcome | null; readonly note: string | null } & (
  { readonly kind: 'taken'; readonly cursors: Cursors } | { readonly kind: 'refused' } | { readonly kind: 'nothing' }
)

const doubtedWhy = 'blocks that it said were there before were missing; it is believed again after a complete sync'

/** Rejects only when the source or the connection fails. */
export async function tryClaim(trial: ClaimTrial, client: VentiClient, probes: boolean): Promise<ClaimVerdict> {
  const { claim, dial, cursors, damage, isDoubted, random } = trial
  const place = { arena: claim.arena, offset: claim.offset }
  const where = `wrcmd says that ${dial} has ${claim.arena} up to ${hexNumber(claim.offset)}`
  const examined = await examineClaim(claim, cursors, damage, random)
  if (examined.kind === 'behind') return { kind: 'nothing', outcome: null, note: null }
  if (examined.kind === 'doubtful' || isDoubted) {
    const why = examined.kind === 'doubtful' ? examined.why : doubtedWhy
    return {
      kind: 'refused',
      outcome: { ...place, probed: 0, found: 0, taken: false },
      note: `${where}; this was not taken over: ${why}. The target is asked for every block from its own position on`,
    }
  }
  const { blocks, total } = examined
  const found = await countFound(client, blocks, probes)
  const outcome = { ...place, probed: blocks.length, found, taken: found === blocks.length }
  if (!outcome.taken) {
    return {
      kind: 'refused',
      outcome,
      note: `${where}; this was not taken over: of ${countOf(blocks.length, 'block')} asked for, ${blocks.length - found} are missing there. The target is asked for blocks from its own position on, and gets what it lacks`,
    }
  }
  const rest =
    total > blocks.length
      ? `; the other ${countOf(total - blocks.length, 'block')} below it were not asked for, and damage of the source there was not looked for (--audit does both)`
      : ''
  return {
    kind: 'taken',
    cursors: examined.cursors,
    outcome,
    note: `${where}; this was taken over: ${countOf(blocks.length, 'block')} asked for, all there${rest}`,
  }
}

/** With --audit every block of those arenas was asked for, and the cursors tell how far all are there. */
export function claimOutcomeOfAudit(
  claim: Claim | null,
  tallies: ReadonlyMap<string, Tally>,
  cursors: Cursors,
): ClaimOutcome | null {
  if (claim === null) return null
  const own = claim.views.map(({ name }) => tallies.get(name)).filter((tally) => tally !== undefined)
  const sum = (pick: (tally: Tally) => number): number => own.reduce((total, tally) => total + pick(tally), 0)
  return {
    arena: claim.arena,
    offset: claim.offset,
    probed: sum(({ sent, present }) => sent + present),
    found: sum(({ present }) => present),
    taken: (cursorAt(cursors, claim.arena)?.offset ?? 0) >= claim.offset,
  }
}
