// The sample partition that comes with the program.

import type { Problem } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { mayAct } from '../overview/overview-selectors.ts'
import styles from './Setup.module.css'

export type SampleOfferProps = {
  readonly isBusy: boolean
  readonly problem: Problem | null
  readonly onTake: () => void
}

export function SampleOffer({ isBusy, problem, onTake }: SampleOfferProps) {
  const canAct = useApp(mayAct)
  return (
    <section className={`sheet ${styles['offer']}`} aria-labelledby="sample">
      <div>
        <h2 id="sample">No venti at hand?</h2>
        <p className="muted">A small partition with a few days of archives comes with the program.</p>
        {problem === null ? null : <ProblemPanel problem={problem} />}
      </div>
      <Button isDisabled={!canAct} isPending={isBusy} onPress={onTake}>
        Try it with sample data
      </Button>
    </section>
  )
}
