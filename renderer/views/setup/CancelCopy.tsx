// Asks before the copy is cancelled; the safe answer has the focus.

import type { SyncJobView } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Dialog } from '../../components/Dialog.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useAction } from '../../store/use-request.ts'

export type CancelCopyProps = { readonly job: SyncJobView; readonly isOpen: boolean; readonly onClose: () => void }

export function CancelCopy({ job, isOpen, onClose }: CancelCopyProps) {
  const { run, problem, isBusy } = useAction('job.cancel')
  const cancel = async (): Promise<void> => {
    if ((await run({ job: job.id })) !== null) onClose()
  }
  return (
    <Dialog
      title="Cancel the copy?"
      // It may come to its end while the question stands.
      isOpen={isOpen && job.state !== 'ended'}
      isAlert
      onClose={onClose}
      actions={
        <>
          <Button autoFocus onPress={onClose}>
            Go on copying
          </Button>
          <Button look="danger" isDisabled={isBusy} onPress={() => void cancel()}>
            Cancel the copy
          </Button>
        </>
      }
    >
      <p>
        What the targets confirmed stays with them, and the mirror stays set up. The copy can be taken up again here, or
        with a sync under Overview: only the rest is sent then.
      </p>
      {problem === null ? null : <ProblemPanel problem={problem} />}
    </Dialog>
  )
}
