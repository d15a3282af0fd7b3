// What has to be answered before somebody can log in to another machine: over whatever view is shown, because what was begun
// there waits for it. A page that only looks on is told so, and cannot answer.

import { useApp } from '../store/hooks.tsx'
import { waitingWords } from '../text/machine-words.ts'
import { HostKeyDialog } from './HostKeyDialog.tsx'
import { Note } from './ProblemPanel.tsx'
import { SecretDialog } from './SecretDialog.tsx'

export function MachineQuestion() {
  const { question, waiting } = useApp((state) => state.question)
  const connected = useApp((state) => state.connected)
  const control = useApp((state) => state.control)
  if (question === null || !connected) return null
  if (!control) {
    return (
      <Note tone="warn" title={waitingWords(question)}>
        <span>What needs it waits meanwhile. It can be answered on the page that has control.</span>
      </Note>
    )
  }
  // Another question begins with empty fields.
  return question.kind === 'host-key' ? (
    <HostKeyDialog key={question.id} question={question} waiting={waiting} />
  ) : (
    <SecretDialog key={question.id} question={question} waiting={waiting} />
  )
}
