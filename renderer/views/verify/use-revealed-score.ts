// The score of a root in full, for who asks to see it, and gone again with the next press (R10). While it is shown, command
// lines have it in the place of the masked one.

import type { Problem, RootView } from '../../../shared/model/window.ts'
import { useAction } from '../../store/use-request.ts'

export type RevealedScore = {
  /** As it may be shown now. */
  readonly score: string
  readonly isRevealed: boolean
  readonly problem: Problem | null
  readonly toggle: () => void
  /** A command line with the score as it may be shown. */
  readonly inCommand: (command: string) => string
}

export function useRevealedScore({ id, score: masked }: Pick<RootView, 'id' | 'score'>): RevealedScore {
  const { value, problem, run, clear } = useAction('roots.reveal')
  const score = value?.score ?? masked
  return {
    score,
    isRevealed: value !== null,
    problem,
    toggle: () => (value === null ? void run({ root: id }) : clear()),
    inCommand: (command) => command.replaceAll(masked, score),
  }
}
