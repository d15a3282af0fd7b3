// The end of a mirror on this computer. Nothing on any venti changes.

import { useState } from 'react'
import type { MirrorView } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Dialog } from '../../components/Dialog.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useAction } from '../../store/use-request.ts'
import { printable } from '../../text/format.ts'

export type ForgetMirrorProps = { readonly mirror: MirrorView }

export function ForgetMirror({ mirror }: ForgetMirrorProps) {
  const [isAsking, setAsking] = useState(false)
  const control = useApp((state) => state.control)
  const { run, clear, problem, isBusy } = useAction('mirror.forget')
  const name = printable(mirror.name)
  const close = (): void => {
    clear()
    setAsking(false)
  }
  const forget = async (): Promise<void> => {
    if ((await run({ mirror: mirror.name })) !== null) setAsking(false)
  }
  return (
    <section className="sheet stack" aria-labelledby="forget-heading">
      <h2 id="forget-heading">Forget this mirror</h2>
      <p className="muted">
        Removes its positions and histories from this computer. The source and the blocks on the targets stay as they
        are.
      </p>
      <div className="row">
        <Button look="danger" isDisabled={!control || mirror.job !== null} onPress={() => setAsking(true)}>
          Forget {name}…
        </Button>
        {mirror.job === null ? null : <span className="small">Not while it is syncing.</span>}
      </div>
      <Dialog
        title={`Forget the mirror ${name}?`}
        isOpen={isAsking}
        isAlert
        onClose={close}
        actions={
          <>
            <Button autoFocus onPress={close}>
              Keep it
            </Button>
            <Button look="danger" isPending={isBusy} onPress={() => void forget()}>
              Forget it
            </Button>
          </>
        }
      >
        <p>
          A new mirror of the same source would ask the targets for every block before it sends anything. Blocks on the
          targets, the source, wrcmd and rootscor stay as they are.
        </p>
        {problem === null ? null : <ProblemPanel problem={problem} />}
      </Dialog>
    </section>
  )
}
