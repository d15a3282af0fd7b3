// What every step has: the sentence it answers, a line below it, its content, and the way back and on.

import type { ReactNode } from 'react'
import type { Problem, SetupDraft, SetupStep } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Heading } from '../../components/Heading.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { mayAct } from '../overview/overview-selectors.ts'
import { isOpenJob, missingFor, stepAfter, stepBefore, type SetupFacts } from './steps.ts'
import { useStep } from './use-setup-action.ts'
import styles from './StepFrame.module.css'

export type StepFrameProps = {
  readonly step: SetupStep
  readonly facts: SetupFacts
  readonly title: string
  readonly lead: ReactNode
  /** Beside the heading. */
  readonly actions?: ReactNode
  readonly children: ReactNode
  /** What leads on in the place of "Continue"; null: nothing does. */
  readonly next?: ReactNode
  /** Of what this step asked for. */
  readonly problem?: Problem | null
}

export function StepFrame({ step, facts, title, lead, actions, children, next, problem = null }: StepFrameProps) {
  const canAct = useApp(mayAct)
  const { goTo, isBusy, problem: refused } = useStep()
  const back = stepBefore(step)
  const on = stepAfter(step)
  const missing = on === null ? null : missingFor(on, facts)
  const shown = problem ?? refused
  // The copy ends by itself, and with it go its buttons and what they have opened.
  const stage = String(isOpenJob(facts.job))
  return (
    <>
      <header ref={intoSight} className={styles['head']}>
        <div className={styles['title']}>
          <Heading of={`setup ${step} ${chosenIn(facts.draft)}`} stage={stage}>
            {title}
          </Heading>
          <p className="muted">{lead}</p>
        </div>
        {actions === undefined ? null : <div className="row">{actions}</div>}
      </header>
      {children}
      {shown === null ? null : <ProblemPanel problem={shown} />}
      <footer className={styles['foot']}>
        {back === null ? (
          <span />
        ) : (
          <Button isDisabled={!canAct || isBusy} onPress={() => goTo(back)}>
            Back
          </Button>
        )}
        <div className={styles['on']}>
          {next !== undefined || on === null ? (
            next
          ) : (
            <>
              {missing === null ? null : <span className="small">{missing}</span>}
              <Button
                look="primary"
                isDisabled={!canAct || missing !== null}
                isPending={isBusy}
                onPress={() => goTo(on)}
              >
                Continue
              </Button>
            </>
          )}
        </div>
      </footer>
    </>
  )
}

/** What was chosen so far. When it changes the button that was pressed may be gone, so the heading takes the focus again. */
const chosenIn = ({ source, targets, ninefat, noNinefat, fossil }: SetupDraft): string =>
  JSON.stringify([source?.place.path, targets.map(({ dial }) => dial), ninefat?.place.path, noNinefat, fossil?.path])

/** The step before may have been scrolled down to its end. */
const intoSight = (head: HTMLElement | null): void => head?.scrollIntoView({ block: 'nearest' })
