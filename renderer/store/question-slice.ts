// What a person has to answer before somebody can log in to another machine. Answers go to the service and stay nowhere here.

import type { MachineAnswer, MachineQuestionView, QuestionId } from '../../shared/model/window.ts'
import type { SliceOf } from './store.ts'

export type QuestionSlice = {
  /** Written by bridge.ts alone. */
  readonly question: MachineQuestionView
  /** Rejects as requests do: perhaps nobody needs an answer any more. */
  readonly answerQuestion: (id: QuestionId, answer: MachineAnswer) => Promise<void>
}

export const questionSlice: SliceOf<QuestionSlice> = (_set, _get, api) => ({
  question: { sequence: 0, question: null, waiting: 0 },
  answerQuestion: async (id, answer) => void (await api.ask('machine.answer', { id, answer })),
})
