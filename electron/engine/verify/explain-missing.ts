// Why a block is not on the target, as far as the source can tell: where it stands there, whether that copy is whole, and
// on which side of the target's cursor it is.

import { asAppError } from '../../../shared/errors.ts'
import type { FaultyBlock, MissingReason } from '../../../shared/model/verify.ts'
import { cursorAt, type Cursors } from '../sync/cursor.ts'
import { chooseMirror } from '../sync/mirror-choice.ts'
import { cursorsOf } from '../sync/prepare.ts'
import type { SourceView } from '../sync/source-view.ts'
import type { Dial } from '../venti/client/dial.ts'
import { faultyBlock, type Fault } from './faults.ts'
import { BlockLocator, keyText, type BlockPlace } from './locate-blocks.ts'

export type Explained = { readonly fault: Fault; readonly place: BlockPlace | null; readonly reason: MissingReason }

/** Does the source's own server have a block that its arenas do not? Null: it cannot be asked. */
export type AskSourceServer = ((fault: Fault) => Promise<boolean | null>) | null

export type KnownTarget = {
  readonly cursors: Cursors
  readonly mirrorName: string | null
  readonly warning: string | null
}

/** Cursors of this target in the mirror of this source; a warning where there is none. */
export async function targetCursors(view: SourceView, dial: Dial, stateDir: string | null): Promise<KnownTarget> {
  const unknown = (why: string): KnownTarget => ({
    cursors: {},
    mirrorName: null,
    warning: `${why}: a block that is in the source and not on the target counts as not sent yet`,
  })
  if (stateDir === null) return unknown('no state folder was named')
  try {
    const { mirror } = await chooseMirror(stateDir, view, undefined, null)
    if (mirror.targets.some((target) => target.dial === dial.text))
      return { cursors: cursorsOf(mirror, dial), mirrorName: mirror.name, warning: null }
    return unknown(`no mirror in ${stateDir} sends ${view.spec} to ${dial.text}`)
  } catch (thrown) {
    return unknown(asAppError(thrown).message)
  }
}

/** Without a source only the target's own words say something. */
export function unexplained(fault: Fault): Explained {
  return { fault, place: null, reason: fault.kind === 'corrupt' ? 'damaged-on-target' : 'unknown' }
}

function reasonFor(fault: Fault, place: BlockPlace | null, cursors: Cursors): MissingReason {
  if (fault.kind === 'corrupt') return 'damaged-on-target'
  if (place === null) return 'nowhere'
  if (place.damage !== null) return 'damaged-in-source'
  return place.offset < (cursorAt(cursors, place.arena)?.offset ?? 0) ? 'lost-on-target' : 'not-sent-yet'
}

/** Rejects with `cancelled` and, when the source is gone, `source-read`. */
export async function explainFaults(
  view: SourceView,
  faults: readonly Fault[],
  cursors: Cursors,
  options: { readonly ask: AskSourceServer; readonly signal?: AbortSignal | undefined },
): Promise<readonly Explained[]> {
  const places = await new BlockLocator(view, faults, options.signal).run()
  const explained: Explained[] = []
  for (const fault of faults) {
    const place = places.get(keyText(fault)) ?? null
    const reason = reasonFor(fault, place, cursors)
    const isInMemory = reason === 'nowhere' && options.ask !== null && (await options.ask(fault)) === true
    explained.push({ fault, place, reason: isInMemory ? 'not-on-disk-yet' : reason })
  }
  return explained
}

export function explainedBlock(explained: Explained, repaired: boolean, showScores: boolean): FaultyBlock {
  const { fault, place, reason } = explained
  return {
    ...faultyBlock(fault, showScores),
    arena: place?.arena ?? null,
    offset: place?.offset ?? null,
    reason,
    detail: fault.detail ?? place?.damage ?? null,
    repaired,
  }
}
