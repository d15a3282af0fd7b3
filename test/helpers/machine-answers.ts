// Questions about machines as the service puts them, and venti behind such a machine.

import type { MachineQuestion, MachineQuestionView, QuestionId } from '../../shared/model/window.ts'
import type { FakeVenti } from './fake-venti.ts'
import type { LoginServer } from './login-server.ts'
import type { ServiceRun } from './service-runs.ts'

/** Its dial string for somebody who logs in there as glenda. */
export const through = ({ port }: LoginServer, venti: FakeVenti): string => {
  const [, , ventiPort] = venti.dial.text.split('!')
  return `ssh://glenda@127.0.0.1:${port}!127.0.0.1!${ventiPort}`
}

/** The next question that is open, other than `last`. */
export async function question(service: ServiceRun, last: QuestionId | null = null): Promise<MachineQuestion> {
  const isNew = ({ question: one }: MachineQuestionView): boolean => one !== null && one.id !== last
  const coming = service.told('machine.question', isNew)
  const { question: now } = await service.ask('app.view', {})
  const { question: found } = isNew(now) ? now : await coming
  return found as MachineQuestion
}

export async function noneOpen(service: ServiceRun): Promise<void> {
  const coming = service.told('machine.question', ({ question: one }) => one === null)
  if ((await service.ask('app.view', {})).question.question !== null) await coming
}
