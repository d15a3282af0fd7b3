// Roots of a mirror for the window: listed and pasted masked, shown in full only when asked for by id (R10). What was pasted
// is a secret of this session and goes to no file.

import { AppError } from '../../shared/errors.ts'
import { isScore, maskScore, zeroScore, type RootScore } from '../../shared/model/score.ts'
import type { VerifyRecord } from '../../shared/model/verify.ts'
import type { RootView } from '../../shared/model/window.ts'
import { readVerifyRecords } from '../engine/state/verify-log.ts'
import { ArenaRoots } from './arena-roots.ts'
import type { ServiceContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { knownMirror } from './known-mirror.ts'
import { mirrorRoots, type MirrorRoot } from './mirror-roots.ts'
import { checksOf } from './root-checks.ts'

/** Of one mirror; the oldest go. */
const maxPasted = 100
/** A score, or a small text around one. */
const maxPastedText = 4096

function notAScore(what: string): AppError {
  return new AppError('usage', `${what}: a root score is vac: and 40 hex digits, or what stands in a .vac file`, {
    data: { safe: 'Nothing was asked of any venti.', next: 'Copy the whole score and paste it again.' },
  })
}

/** A score, a line of rootscor, the text of a .vac file. The text itself stays out of what is said of it (R10). */
export function pastedScore(text: string): RootScore {
  if (text.trim() === '') throw notAScore('nothing was pasted')
  if (text.length > maxPastedText) throw notAScore('this is too long a text')
  const runs = [...text.matchAll(/(?<![0-9a-z])[0-9a-f]{16,}(?![0-9a-z])/gi)].map(([digits]) => digits.toLowerCase())
  const found = new Set(runs.filter(isScore))
  const [score] = found
  if (found.size > 1) throw notAScore(`there are ${found.size} scores in this text`)
  if (score === undefined) {
    const [run] = runs
    throw notAScore(run === undefined ? 'there is no score in this text' : `this has ${run.length} hex digits`)
  }
  if (score === zeroScore) throw new AppError('no-root', 'this is the score of nothing: no archive is under it')
  return score as string as RootScore
}

export function rootHandlers(context: ServiceContext): Pick<Handlers, 'roots.list' | 'roots.paste' | 'roots.reveal'> {
  const arenas = new ArenaRoots()
  /** By mirror, newest first. */
  const pasted = new Map<string, readonly RootScore[]>()

  const viewOf = ({ score, ...rest }: MirrorRoot, records: readonly VerifyRecord[]): RootView => {
    return { id: context.roots.idOf(score), score: maskScore(score), ...rest, checks: checksOf(records, score) }
  }

  return {
    'roots.list': async ({ mirror }) => {
      const known = await knownMirror(context.stateDir, mirror)
      const { roots, problems } = await mirrorRoots(known, arenas, pasted.get(mirror))
      const records = await readVerifyRecords(context.stateDir, mirror)
      return { roots: roots.map((root) => viewOf(root, records)), problems }
    },

    'roots.paste': async ({ mirror, text }) => {
      await knownMirror(context.stateDir, mirror)
      const score = pastedScore(text)
      const others = (pasted.get(mirror) ?? []).filter((one) => one !== score)
      pasted.set(mirror, [score, ...others].slice(0, maxPasted))
      const records = await readVerifyRecords(context.stateDir, mirror)
      return viewOf({ score, from: 'pasted', place: 'pasted', name: null, at: null }, records)
    },

    'roots.reveal': ({ root }) => Promise.resolve().then(() => ({ score: `vac:${context.roots.scoreOf(root)}` })),
  }
}
