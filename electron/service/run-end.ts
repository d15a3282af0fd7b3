// Why a run that came to its end still wants its owner to look: the bookkeeping could not follow, or the newest root is not
// whole on a target. In the three sentences of a problem; targets that are behind and damage are shown by themselves.

import type { ErrorCode } from '../../shared/errors.ts'
import type { SyncResult, VerifiedSync, VerifiedTarget } from '../../shared/model/run.ts'
import type { Problem } from '../../shared/model/window.ts'
import { isErrorCode } from '../../shared/text/explain-error.ts'
import { problemOfCode, windowWords } from './problem.ts'

type Ended = SyncResult | VerifiedSync

function bookkeepingProblem({ bookkeeping, targets }: Ended): Problem | null {
  if (bookkeeping === null || bookkeeping.error === null) return null
  const { error, errorCode, path } = bookkeeping
  const code: ErrorCode = errorCode !== null && isErrorCode(errorCode) ? errorCode : 'write-9fat'
  const { happened, next } = problemOfCode(code, error)
  const isCopied = targets.some(({ ok }) => ok)
  return {
    code,
    happened: `wrcmd and rootscor on ${path} could not be brought up to date: ${happened}`,
    safe: isCopied
      ? 'The blocks are on the targets, and how far each target is, is kept here: nothing is lost or sent twice.'
      : 'How far each target is, is kept here: nothing is lost.',
    next,
  }
}

/** A root that no arena has is somebody else's, or newer than what is on the disk. */
function checkProblem(verified: VerifiedTarget, nameOf: (dial: string) => string): Problem {
  const { dial, root, from, rootReason, problem } = verified
  const name = nameOf(dial)
  const which = root === null ? 'the newest root' : `${root}, ${from ?? 'the newest root'},`
  if (rootReason === 'nowhere' && root !== null) {
    return {
      code: 'block-missing',
      happened: windowWords(`${which} is in no arena of this source, so it could not be read back from ${name}`),
      safe: 'Every block of the source was copied; only which archive is the newest is in doubt.',
      next: 'If that rootscor or fossil belongs to another venti, choose the one of this source, or none; if the root is new, sync again in a few minutes.',
    }
  }
  return {
    code: 'verify-failed',
    happened: windowWords(`${which} is not known to be whole on ${name}: ${problem ?? 'not all of it could be read'}`),
    safe: 'Every block that was copied stays there; nothing else was changed.',
    next: 'Look at the check of this root in Verify: it says where each missing block should be, and can send it again.',
  }
}

/** Null when there is nothing to say besides what the result shows. */
export function problemOfEnd(result: Ended, nameOf: (dial: string) => string): Problem | null {
  if (result.cancelled) return null
  const books = bookkeepingProblem(result)
  if (books !== null) return books
  const failed = 'verified' in result ? result.verified.find(({ ok }) => !ok) : undefined
  return failed === undefined ? null : checkProblem(failed, nameOf)
}
