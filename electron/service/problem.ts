// Errors as the window gets them: three sentences and a code. Electron and WebSockets drop what an Error carries besides its
// message, so nothing is ever thrown across (style.md 8). No score stands in them in full (R10).

import { asAppError } from '../../shared/errors.ts'
import type { Problem } from '../../shared/model/window.ts'
import { explainError } from '../../shared/text/explain-error.ts'
import { maskScoresIn } from '../engine/bookkeeping/wrcmd-words.ts'

export function problemOf(thrown: unknown): Problem {
  const error = asAppError(thrown)
  const { happened, safe, next } = explainError(error)
  return { code: error.code, happened: maskScoresIn(happened), safe: maskScoresIn(safe), next: maskScoresIn(next) }
}
