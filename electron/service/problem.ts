// Errors as the window gets them: three sentences and a code. Electron and WebSockets drop what an Error carries besides its
// message, so nothing is ever thrown across (style.md 8). No score stands in them in full (R10), and no option.

import { asAppError, type ErrorCode } from '../../shared/errors.ts'
import type { Problem } from '../../shared/model/window.ts'
import { maskScoresIn } from '../engine/bookkeeping/wrcmd-words.ts'
import { refusalIn, type DiskRefusal } from '../engine/source/disk-refusal.ts'
import { refusedDisk } from './refused-disk.ts'
import { windowAdvice, windowText } from './window-words.ts'

/** As the window says it. */
export const windowWords = (text: string): string => maskScoresIn(windowText(text))

/** Of what a result keeps of an error. */
export function problemOfCode(code: ErrorCode, happened: string): Problem {
  return { code, happened: windowWords(happened), ...windowAdvice(code) }
}

function problemOfRefused(refusal: DiskRefusal): Pick<Problem, 'happened' | 'next'> {
  const { problem, advice } = refusedDisk(refusal)
  const purpose = refusal.access === 'write' ? 'writing' : 'reading'
  return { happened: `cannot open ${refusal.path} for ${purpose}: ${problem}`, next: advice }
}

export function problemOf(thrown: unknown): Problem {
  const { code, message, data } = asAppError(thrown)
  const { safe, next } = data
  const refusal = refusalIn(data)
  const usual = problemOfCode(code, message)
  return {
    ...usual,
    ...(typeof safe === 'string' ? { safe: windowWords(safe) } : {}),
    ...(typeof next === 'string' ? { next: windowWords(next) } : {}),
    // Last: what an error brings for it is for the command line.
    ...(refusal === null ? {} : problemOfRefused(refusal)),
  }
}
