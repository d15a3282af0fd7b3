// A check under way: how much of what is known so far is checked, what it found, and the buttons that hold it up or end it.

import type { CheckJobView } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { LiveRegion } from '../../components/LiveRegion.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { ProgressBar } from '../../components/ProgressBar.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useAction } from '../../store/use-request.ts'
import { count, counted, percent, printable } from '../../text/format.ts'
import styles from './Verify.module.css'

export type RunningCheckProps = { readonly job: CheckJobView }

export function RunningCheck({ job }: RunningCheckProps) {
  const control = useApp((state) => state.control)
  const pause = useAction('job.pause')
  const resume = useAction('job.resume')
  const cancel = useAction('job.cancel')
  const { checked, known, state, path, repair, depth } = job
  // What is known grows as the walk goes on, so this is no promise of how long it takes.
  const done = known === 0 ? null : Math.min(99, percent(checked, known))
  const isPaused = state === 'paused'
  const problem = pause.problem ?? resume.problem ?? cancel.problem
  const doing = repair ? 'Sending what is missing' : depth === 'full' ? 'Reading back' : 'Checking'
  return (
    <div className="stack">
      <ProgressBar label="Blocks checked of those known so far" percent={done} isBig />
      <div>
        <p>{isPaused ? 'Paused; what was found is kept.' : progressWords(job)}</p>
        <p className={`small mono ${styles['path']}`} title={printable(path)}>
          {isPaused ? `${count(checked)} of ${counted(known, 'block')} known so far` : printable(path)}
        </p>
      </div>
      <div className="row">
        {isPaused ? (
          <Button look="primary" isDisabled={!control} onPress={() => void resume.run({ job: job.id })}>
            Go on
          </Button>
        ) : (
          <Button isDisabled={!control} isPending={state !== 'running'} onPress={() => void pause.run({ job: job.id })}>
            {state === 'pausing' ? 'Pausing …' : 'Pause'}
          </Button>
        )}
        <Button
          isDisabled={!control}
          isPending={state === 'cancelling'}
          onPress={() => void cancel.run({ job: job.id })}
        >
          {state === 'cancelling' ? 'Stopping …' : 'Stop'}
        </Button>
        <span className="small">More blocks become known as the walk goes on.</span>
      </div>
      {problem === null ? null : <ProblemPanel problem={problem} />}
      <LiveRegion
        text={
          isPaused ? 'Paused' : done === null ? doing : `${doing}: ${Math.floor(done / 10) * 10} % of what is known`
        }
      />
    </div>
  )
}

function progressWords({ checked, known, blocksPerSecond, faults }: CheckJobView): string {
  if (known === 0) return 'Reading the root …'
  const found = faults === 0 ? 'all good so far' : `${counted(faults, 'fault')} so far`
  return `${count(checked)} of ${counted(known, 'block')} known so far · ${count(blocksPerSecond)} a second · ${found}`
}
