// A passphrase, a password, or what else a machine asks before it lets somebody in. What is typed goes to the service and is
// forgotten here at once.

import { useState } from 'react'
import { questionTitle, secretWords, type Secret } from '../text/machine-words.ts'
import { Button } from './Button.tsx'
import { Dialog } from './Dialog.tsx'
import { Field } from './Field.tsx'
import { ProblemPanel } from './ProblemPanel.tsx'
import { useAnswer } from './use-answer.ts'
import { WaitingNote } from './WaitingNote.tsx'

export type SecretDialogProps = { readonly question: Secret; readonly waiting: number }

export function SecretDialog({ question, waiting }: SecretDialogProps) {
  const [typed, setTyped] = useState('')
  const { answer, isBusy, problem } = useAnswer(question.id)
  const { lead, label, hint, again } = secretWords(question)
  const give = (): void => {
    if (isBusy) return
    answer({ kind: 'text', text: typed })
    setTyped('')
  }
  const refuse = (): void => answer({ kind: 'refuse' })
  return (
    <Dialog
      title={questionTitle(question)}
      isOpen
      onClose={refuse}
      isAlert
      actions={
        <>
          <Button isPending={isBusy} onPress={refuse}>
            Not now
          </Button>
          <Button look="primary" isPending={isBusy} onPress={give}>
            {isBusy ? 'Asking …' : 'Log in'}
          </Button>
        </>
      }
    >
      <p>{lead}</p>
      <Field
        label={label}
        value={typed}
        onChange={setTyped}
        isSecret={!question.echo}
        isFirst
        problem={question.attempt > 1 ? again : null}
        hint={hint}
        onEnter={give}
      />
      <WaitingNote waiting={waiting} />
      {problem === null ? null : <ProblemPanel problem={problem} />}
    </Dialog>
  )
}
