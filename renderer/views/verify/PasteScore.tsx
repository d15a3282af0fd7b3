// A root score from elsewhere: the output of vac, a line of rootscor, a note on paper.

import { useState } from 'react'
import type { RootId } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Dialog } from '../../components/Dialog.tsx'
import { Field } from '../../components/Field.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useAction } from '../../store/use-request.ts'

export type PasteScoreProps = {
  readonly mirror: string
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly onPasted: (root: RootId) => void
}

export function PasteScore({ mirror, isOpen, onClose, onPasted }: PasteScoreProps) {
  const [text, setText] = useState('')
  const { run, clear, problem, isBusy } = useAction('roots.paste')
  // A score is not left behind in a field.
  const close = (): void => {
    setText('')
    clear()
    onClose()
  }
  const add = async (): Promise<void> => {
    if (text.trim() === '' || isBusy) return
    const root = await run({ mirror, text })
    if (root === null) return
    setText('')
    onPasted(root.id)
  }
  return (
    <Dialog
      title="Paste a root score"
      isOpen={isOpen}
      onClose={close}
      actions={
        <>
          <Button onPress={close}>Cancel</Button>
          <Button look="primary" isDisabled={text.trim() === ''} isPending={isBusy} onPress={() => void add()}>
            Use it
          </Button>
        </>
      }
    >
      <Field
        label="Score"
        isFirst
        value={text}
        onChange={setText}
        isMono
        placeholder="vac:…"
        hint="40 hexadecimal digits, a line of rootscor, or what stands in a .vac file. It stays masked, is kept for this session alone and goes to no file: whoever has it can read everything under it."
        onEnter={() => void add()}
      />
      {problem === null ? null : <ProblemPanel problem={problem} />}
    </Dialog>
  )
}
