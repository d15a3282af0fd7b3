// A mirror of the sample has a source that nobody archives to: its next day is brought in by hand, so that the daily sync
// can be tried.

import type { MirrorView } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useAction } from '../../store/use-request.ts'
import { useFocusIfLost } from '../../store/use-focus-if-lost.ts'
import { sampleDayWords } from '../../text/overview-words.ts'
import styles from './SampleDay.module.css'

export type SampleDayProps = { readonly mirror: MirrorView; readonly isRunning: boolean; readonly canAct: boolean }

export function SampleDay({ mirror, isRunning, canAct }: SampleDayProps) {
  const { run, problem, isBusy } = useAction('sample.nextDay')
  const { sample, name } = mirror
  const heir = useFocusIfLost<HTMLElement>(sample?.day)
  if (sample === null) return null
  const { title, text, canGoOn } = sampleDayWords(mirror)
  return (
    <section ref={heir} tabIndex={-1} className={`sheet ${styles['day']}`} aria-labelledby="sample-day">
      <div className={styles['words']}>
        <h2 id="sample-day">{title}</h2>
        <p className="muted">{text}</p>
      </div>
      {canGoOn ? (
        <Button isDisabled={!canAct || isRunning} isPending={isBusy} onPress={() => void run({ mirror: name })}>
          {isBusy ? 'Adding a day …' : 'Add a day to the sample'}
        </Button>
      ) : null}
      {problem === null ? null : (
        <div className={styles['problem']}>
          <ProblemPanel problem={problem} />
        </div>
      )}
    </section>
  )
}
