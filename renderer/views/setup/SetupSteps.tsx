// The steps on the left: those done, the one at hand, those to come. Each that may be shown is a button.

import { useState } from 'react'
import { setupSteps, type SetupDraft, type SetupStep } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Dialog } from '../../components/Dialog.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { mayAct } from '../overview/overview-selectors.ts'
import { useSetupFacts } from './setup-selectors.ts'
import { isFixed, isOpenJob, missingFor, stateOfStep, stepNames, type StepState } from './steps.ts'
import { useEndSetup, useStep } from './use-setup-action.ts'
import styles from './SetupSteps.module.css'

export function SetupSteps() {
  const draft = useApp((state) => state.setup)
  return draft === null ? null : <Steps draft={draft} />
}

const spoken: Readonly<Record<StepState, string>> = { done: ' (done)', current: '', open: '', closed: ' (not yet)' }

function Steps({ draft }: { readonly draft: SetupDraft }) {
  const facts = useSetupFacts(draft)
  const canAct = useApp(mayAct)
  const { goTo, isBusy } = useStep()
  const isCopying = isOpenJob(facts.job)
  return (
    <section className={styles['steps']} aria-labelledby="setup-steps">
      <h2 id="setup-steps">New mirror</h2>
      <ol className={styles['list']}>
        {setupSteps.map((step) => {
          const state = stateOfStep(step, facts)
          return (
            <li key={step}>
              <button
                ref={state === 'current' ? intoSight : undefined}
                type="button"
                className={styles['step']}
                data-state={state}
                aria-current={state === 'current' ? 'step' : undefined}
                disabled={state === 'closed' || (state !== 'current' && (!canAct || isBusy))}
                title={missingFor(step, facts) ?? undefined}
                onClick={() => (state === 'current' ? undefined : goTo(step))}
              >
                <Dot state={state} />
                {stepNames[step]}
                <span className="visually-hidden">{spoken[state]}</span>
              </button>
            </li>
          )
        })}
      </ol>
      <p className={styles['foot']}>
        {isCopying
          ? 'You can close this window. The copy goes on from the last checkpoint.'
          : 'You can leave at any time. Everything entered is kept.'}
      </p>
      {isCopying ? null : <Discard draft={draft} step={draft.step} />}
    </section>
  )
}

/** In a narrow window the list scrolls sideways. */
const intoSight = (step: HTMLElement | null): void => step?.scrollIntoView({ block: 'nearest', inline: 'nearest' })

function Dot({ state }: { readonly state: StepState }) {
  return (
    <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true" className={styles['dot']}>
      <circle cx="9" cy="9" r={state === 'current' ? 6.5 : 8.25} />
      {state === 'done' ? <path d="m5.5 9.3 2.4 2.4 4.6-5" /> : null}
    </svg>
  )
}

function Discard({ draft, step }: { readonly draft: SetupDraft; readonly step: SetupStep }) {
  const [asks, setAsks] = useState(false)
  const canAct = useApp(mayAct)
  const { end, problem, isBusy } = useEndSetup('setup.discard')
  if (step === 'done') return null
  const isMade = isFixed(draft)
  return (
    <>
      <Button look="quiet" isDisabled={!canAct} onPress={() => setAsks(true)}>
        {isMade ? 'Leave the set-up…' : 'Discard…'}
      </Button>
      <Dialog
        title={isMade ? 'Leave the set-up for good?' : 'Discard this set-up?'}
        isOpen={asks}
        isAlert
        onClose={() => setAsks(false)}
        actions={
          <>
            <Button autoFocus onPress={() => setAsks(false)}>
              Keep it
            </Button>
            <Button look="danger" isDisabled={isBusy} onPress={() => void end()}>
              {isMade ? 'Leave it' : 'Discard it'}
            </Button>
          </>
        }
      >
        <p>
          {isMade
            ? 'The mirror stays, with everything its targets confirmed. Sync under Overview sends the rest.'
            : 'What was entered here is forgotten. Nothing was sent yet, and nothing on any disk changes.'}
        </p>
        {problem === null ? null : <ProblemPanel problem={problem} />}
      </Dialog>
    </>
  )
}
