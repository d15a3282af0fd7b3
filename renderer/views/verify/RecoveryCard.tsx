// For the day the source is lost: the exact commands that bring the files back from this target. Given only for a root
// whose whole tree was read back there; the score in them is masked until asked for.

import { useState } from 'react'
import type { RecoveryCard as Card, RootId } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { CommandLine } from '../../components/CommandLine.tsx'
import { Dialog } from '../../components/Dialog.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useNow } from '../../store/use-now.ts'
import { useQuery } from '../../store/use-request.ts'
import { moment, printable } from '../../text/format.ts'
import { recoveryText } from '../../text/recovery-text.ts'
import { saveText } from '../activity/save-text.ts'
import styles from './Verify.module.css'

export type RecoveryCardProps = {
  readonly mirror: string
  readonly root: RootId
  readonly dial: string
  readonly name: string
  readonly isOpen: boolean
  readonly onClose: () => void
}

export function RecoveryCard({ mirror, root, dial, name, isOpen, onClose }: RecoveryCardProps) {
  const [reveal, setReveal] = useState(false)
  const { value, problem, isBusy, again } = useQuery('recovery.card', isOpen ? { mirror, root, dial, reveal } : null)
  const close = (): void => {
    setReveal(false)
    onClose()
  }
  return (
    <Dialog
      title={`Bringing the files back from ${printable(name)}`}
      isOpen={isOpen}
      isWide
      onClose={close}
      actions={
        <>
          <Button onPress={close}>Close</Button>
          {value === null ? null : (
            <>
              <Button onPress={() => saveText(`venti-mirror-recovery-${mirror}.txt`, recoveryText(value, name))}>
                Save as text
              </Button>
              <Button aria-pressed={reveal} isPending={isBusy} onPress={() => setReveal(!reveal)}>
                {reveal ? 'Mask the score' : 'Reveal the score'}
              </Button>
            </>
          )}
        </>
      }
    >
      {problem === null ? null : (
        <ProblemPanel problem={problem} tone="warn">
          {problem.code === 'verify-failed' ? undefined : <Button onPress={again}>Try again</Button>}
        </ProblemPanel>
      )}
      {value === null && isBusy ? <output>Making the card …</output> : null}
      {value === null ? null : <Lines card={value} name={name} />}
    </Dialog>
  )
}

function Lines({ card, name }: { readonly card: Card; readonly name: string }) {
  const now = useNow()
  const { verifiedAt, plan9, here, notes, isRevealed } = card
  return (
    <>
      <p>
        The whole archive was read back from {printable(name)} {moment(verifiedAt, now)}. Keep these lines where the
        source is not.{' '}
        {isRevealed
          ? 'They hold the score in full: keep them as you keep a key.'
          : 'They only work with the score in full: reveal it before you save or copy them.'}
      </p>
      <h3 className={styles['subheading']}>On Plan 9</h3>
      {plan9.map((line) => (
        <CommandLine key={line} command={line} label="On Plan 9" />
      ))}
      <h3 className={styles['subheading']}>On this computer</h3>
      {here.map((line) => (
        <CommandLine key={line} command={line} label="On this computer" />
      ))}
      <ul className={styles['notes']}>
        {notes.map((note) => (
          <li key={note}>{printable(note)}</li>
        ))}
      </ul>
    </>
  )
}
