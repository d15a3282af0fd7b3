// Answers the question that is open, once: it stays until the service says that it is over, so nothing is answered twice.

import { useCallback, useState } from 'react'
import type { MachineAnswer, Problem, QuestionId } from '../../shared/model/window.ts'
import { problemFrom } from '../service-error.ts'
import { useApp } from '../store/hooks.tsx'

export function useAnswer(id: QuestionId): {
  readonly answer: (answer: MachineAnswer) => void
  readonly isBusy: boolean
  readonly problem: Problem | null
} {
  const answerQuestion = useApp((state) => state.answerQuestion)
  const [state, setState] = useState<{ readonly isBusy: boolean; readonly problem: Problem | null }>({
    isBusy: false,
    problem: null,
  })
  const { isBusy } = state
  const answer = useCallback(
    (given: MachineAnswer): void => {
      if (isBusy) return
      setState({ isBusy: true, problem: null })
      answerQuestion(id, given).catch((thrown: unknown) => setState({ isBusy: false, problem: problemFrom(thrown) }))
    },
    [answerQuestion, id, isBusy],
  )
  return { answer, ...state }
}
