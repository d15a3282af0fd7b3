// The answer first: what there is to send, and the one large button. While a sync runs the same sheet is the run; when it has
// ended its end is said here, above the answer as it is then.

import { useEffect, useRef, useState } from 'react'
import type { MirrorView, SyncJobView } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Chip } from '../../components/Chip.tsx'
import { CommandLine } from '../../components/CommandLine.tsx'
import { Heading } from '../../components/Heading.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useAction } from '../../store/use-request.ts'
import { timeRange } from '../../text/format.ts'
import { explanation, headline, lateWords } from '../../text/overview-words.ts'
import { isOvertaken, runHeadline } from '../../text/run-words.ts'
import { isOpen, mayAct } from './overview-selectors.ts'
import { RunEnd } from './RunEnd.tsx'
import { RunPanel } from './RunPanel.tsx'
import { Sentence } from './Sentence.tsx'
import styles from './Hero.module.css'

export type HeroProps = {
  readonly mirror: MirrorView
  /** The newest sync, running or ended. */
  readonly job: SyncJobView | null
  readonly isRefreshing: boolean
  readonly onRefresh: () => void
  readonly now: number
}

/** An end that is older is told under "What happened last" only. */
const endShownMs = 10 * 60_000

export function Hero({ mirror, job, isRefreshing, onRefresh, now }: HeroProps) {
  const canAct = useApp(mayAct)
  const start = useAction('sync.start')
  const [dismissed, setDismissed] = useState<string | null>(null)
  const running = isOpen(job) ? job : null
  const isEndShown =
    job !== null &&
    running === null &&
    dismissed !== job.id &&
    now - Date.parse(job.endedAt ?? '') < endShownMs &&
    // What is to be sent now has the word again.
    !isOvertaken(job, mirror)
  const ended = isEndShown ? job : null
  const sync = (dials: readonly string[] | null): void => void start.run({ mirror: mirror.name, dials })
  useFocusKept(running !== null)
  const late = lateWords(mirror, now)
  const canSync = canAct && mirror.targets.length > 0 && mirror.source.problem === null
  return (
    <section className={`sheet ${styles['hero']}`} aria-label="Sync">
      <div className={styles['words']}>
        <div className="row">
          <Heading of={`overview ${mirror.name}`}>
            {running === null ? headline(mirror, now) : runHeadline(running)}
          </Heading>
          {late === null || running !== null ? null : <Chip tone="late">{late}</Chip>}
        </div>
        {running === null && mirror.source.problem === null ? <Sentence pieces={explanation(mirror)} /> : null}
      </div>
      {running === null ? (
        <div className={styles['act']}>
          <Button look="primary" isBig isDisabled={!canSync || start.isBusy} onPress={() => sync(null)}>
            Sync now
          </Button>
          <span className="small">
            {mirror.toSend.blocks === 0
              ? 'looks for new blocks'
              : mirror.estimateSeconds === null
                ? 'time not known yet'
                : timeRange(mirror.estimateSeconds)}
          </span>
        </div>
      ) : null}
      <div className={styles['below']}>
        {start.problem === null ? null : <ProblemPanel problem={start.problem} />}
        {mirror.source.problem === null ? null : <ProblemPanel problem={mirror.source.problem} />}
        {running === null ? null : <RunPanel job={running} canAct={canAct} />}
        {ended === null ? null : (
          <RunEnd job={ended} canAct={canAct} onRetry={sync} onDismiss={() => setDismissed(ended.id)} />
        )}
        <div className={styles['foot']}>
          <CommandLine command={running?.command ?? mirror.command} />
          {running === null ? (
            <Button look="quiet" isDisabled={!canAct || isRefreshing} onPress={onRefresh}>
              {isRefreshing ? 'Looking …' : 'Look again'}
            </Button>
          ) : null}
        </div>
      </div>
    </section>
  )
}

/** The button that begins a run goes away with it, and so do those of the run: who had the focus there gets the heading. */
function useFocusKept(isRunning: boolean): void {
  const was = useRef(isRunning)
  useEffect(() => {
    if (was.current === isRunning) return
    was.current = isRunning
    if (document.activeElement !== document.body) return
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
  }, [isRunning])
}
