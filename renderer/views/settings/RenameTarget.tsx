// What a target is called. Only the window uses the name; the command line goes by the dial string.

import { useState } from 'react'
import type { MirrorView, TargetView } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Dialog } from '../../components/Dialog.tsx'
import { Field } from '../../components/Field.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useAction } from '../../store/use-request.ts'
import { printable } from '../../text/format.ts'

export type RenameTargetProps = {
  readonly mirror: MirrorView
  /** Null: closed. */
  readonly target: TargetView | null
  readonly onClose: () => void
}

export function RenameTarget({ mirror, target, onClose }: RenameTargetProps) {
  const [name, setName] = useState(target?.name ?? '')
  const { run, problem, isBusy } = useAction('mirror.change')
  const rename = async (): Promise<void> => {
    if (target === null || name.trim() === '' || isBusy) return
    const targetNames = { [target.dial]: name.trim() }
    if ((await run({ mirror: mirror.name, targetNames })) !== null) onClose()
  }
  return (
    <Dialog
      title={`Rename ${printable(target?.name ?? '')}`}
      isOpen={target !== null}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" isDisabled={name.trim() === ''} isPending={isBusy} onPress={() => void rename()}>
            Rename
          </Button>
        </>
      }
    >
      <Field
        label="Name"
        isFirst
        value={name}
        onChange={setName}
        hint="For the window alone; the command line goes by the address."
        onEnter={() => void rename()}
      />
      {problem === null ? null : <ProblemPanel problem={problem} />}
    </Dialog>
  )
}
