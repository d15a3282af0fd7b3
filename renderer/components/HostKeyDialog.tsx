// Whether the key that a machine shows is its own. Nothing was sent to it so far; who is not sure says no, which is where the
// focus is.

import type { MachineQuestion } from '../../shared/model/window.ts'
import { printable } from '../text/format.ts'
import { fingerprintCommand, questionTitle } from '../text/machine-words.ts'
import { Button } from './Button.tsx'
import { CommandLine } from './CommandLine.tsx'
import { Dialog } from './Dialog.tsx'
import styles from './MachineQuestion.module.css'
import { ProblemPanel } from './ProblemPanel.tsx'
import { useAnswer } from './use-answer.ts'
import { WaitingNote } from './WaitingNote.tsx'

export type HostKeyDialogProps = {
  readonly question: Extract<MachineQuestion, { readonly kind: 'host-key' }>
  readonly waiting: number
}

export function HostKeyDialog({ question, waiting }: HostKeyDialogProps) {
  const { answer, isBusy, problem } = useAnswer(question.id)
  const refuse = (): void => answer({ kind: 'refuse' })
  return (
    <Dialog
      title={questionTitle(question)}
      isOpen
      isAlert
      isWide
      onClose={refuse}
      actions={
        <>
          <Button autoFocus isPending={isBusy} onPress={refuse}>
            It is not
          </Button>
          <Button look="primary" isPending={isBusy} onPress={() => answer({ kind: 'accept' })}>
            It is right
          </Button>
        </>
      }
    >
      <p>
        This computer has not logged in to {printable(question.machine)} before. Compare the fingerprint with the one
        that its administrator gives you. Nothing was sent to it yet, not even your name there.
      </p>
      <dl className={styles['key']}>
        <dt>{printable(question.keyType)} key</dt>
        <dd>
          <code className={styles['fingerprint']}>{printable(question.fingerprint)}</code>
        </dd>
      </dl>
      <div className="stack">
        <p className="small">On that machine itself, this prints it:</p>
        <CommandLine command={fingerprintCommand(question)} label="Prints the fingerprint on that machine" />
      </div>
      <p className="small">If it is right, it is remembered, and asked about again only when it is another one.</p>
      <WaitingNote waiting={waiting} />
      {problem === null ? null : <ProblemPanel problem={problem} />}
    </Dialog>
  )
}
