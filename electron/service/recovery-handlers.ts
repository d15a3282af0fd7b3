// The card for the day the source is lost: how to bring a root back from a target, given only when all of it was read back
// from there. The commands hold the score in full only when asked for (R10).

import { AppError } from '../../shared/errors.ts'
import { maskScore, type RootScore } from '../../shared/model/score.ts'
import type { RecoveryCard } from '../../shared/model/window.ts'
import { readVerifyRecords } from '../engine/state/verify-log.ts'
import { parseDial } from '../engine/venti/client/dial.ts'
import { recoverCommands } from '../engine/verify/recover-commands.ts'
import { restoreWayOf } from '../engine/verify/restore-way.ts'
import type { ServiceContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { knownMirror } from './known-mirror.ts'
import type { OpenTrees } from './open-trees.ts'
import { readBackOf, type ReadBack } from './root-checks.ts'

function refused(found: Exclude<ReadBack, { kind: 'whole' }>, dial: string): AppError {
  const safe = 'Nothing changed. The archive is as it is on the target.'
  if (found.kind === 'failed') {
    return new AppError('verify-failed', `the newest check of this root on ${dial} did not find all of it`, {
      data: { safe, next: 'Look at what is missing, heal it, then check this root in full (every block read back).' },
    })
  }
  return new AppError('verify-failed', `this root was never read back as a whole from ${dial}`, {
    data: {
      safe,
      next: 'Check this root on this target in full (every block read back); then there is a card for it.',
    },
  })
}

/** Digits alone, as flfmt takes them, and with vac: before them. */
function maskedIn(lines: readonly string[], root: RootScore): readonly string[] {
  const digits = maskScore(root).slice('vac:'.length)
  return lines.map((line) => line.replaceAll(root, digits))
}

export function recoveryHandlers(context: ServiceContext, trees: OpenTrees): Pick<Handlers, 'recovery.card'> {
  return {
    'recovery.card': async ({ mirror, root, dial: asked, reveal }): Promise<RecoveryCard> => {
      await knownMirror(context.stateDir, mirror)
      const score = context.roots.scoreOf(root)
      const dial = parseDial(asked, context.environment)
      const found = readBackOf(await readVerifyRecords(context.stateDir, mirror), score, dial.text)
      if (found.kind !== 'whole') throw refused(found, dial.text)
      const way = await trees.use(score, dial.text, async ({ store }) => await restoreWayOf(store, score))
      const { plan9, here, notes } = recoverCommands(score, dial, way)
      const shown = (lines: readonly string[]): readonly string[] => (reveal ? lines : maskedIn(lines, score))
      const why = way.kind === 'fossil' ? [] : [`fossil/flfmt -v is not for this archive: ${way.why}`]
      return {
        dial: dial.text,
        verifiedAt: found.at,
        plan9: shown(plan9),
        here: shown(here),
        notes: shown([...why, ...notes, 'whoever has this score can read everything under it']),
        isRevealed: reveal,
      }
    },
  }
}
