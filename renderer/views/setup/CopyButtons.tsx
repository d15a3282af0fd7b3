// What holds a copy up, lets it go on, and ends it.

import { useState } from 'react'
import type { SyncJobView } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useAction } from '../../store/use-request.ts'
import { CancelCopy } from './CancelCopy.tsx'

export type CopyButtonsProps = { readonly job: SyncJobView; readonly canAct: boolean }

export function CopyButtons({ job, canAct }: CopyButtonsProps) {
  const pause = useAction('job.pause')
  const resume = useAction('job.resume')
  const [asks, setAsks] = useState(false)
  const asked = { job: job.id }
  const isStopping = job.state === 'cancelling'
  const problem = pause.problem ?? resume.problem
  return (
    <>
      {job.state === 'paused' ? (
        <Button look="primary" isDisabled={!canAct} isPending={resume.isBusy} onPress={() => void resume.run(asked)}>
          Resume
        </Button>
      ) : (
        <Button
          isDisabled={!canAct || job.state !== 'running'}
          isPending={pause.isBusy}
          onPress={() => void pause.run(asked)}
        >
          {job.state === 'pausing' ? 'Pausing …' : 'Pause'}
        </Button>
      )}
      <Button isDisabled={!canAct || isStopping} onPress={() => setAsks(true)}>
        {isStopping ? 'Stopping …' : 'Cancel…'}
      </Button>
      {problem === null ? null : <ProblemPanel problem={problem} />}
      <CancelCopy job={job} isOpen={asks} onClose={() => setAsks(false)} />
    </>
  )
}
