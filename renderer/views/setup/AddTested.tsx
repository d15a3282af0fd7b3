// A venti as a target: tested at its dial string, and only then the button that adds it. How the dial string comes about is
// the caller's: typed as it is, or put together for one behind another machine.

import { useState } from 'react'
import type { SetupDraft, TargetTest } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { CommandLine } from '../../components/CommandLine.tsx'
import { Field, type FieldProps } from '../../components/Field.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useAction } from '../../store/use-request.ts'
import { printable } from '../../text/format.ts'
import { dialText } from '../../text/machine-words.ts'
import { nameOfDial } from '../../text/setup-words.ts'
import { mayAct } from '../overview/overview-selectors.ts'
import { TestChip, TestResult } from './TestResult.tsx'
import { useSetupAction } from './use-setup-action.ts'
import styles from './Setup.module.css'

export type AddTestedProps = {
  readonly draft: SetupDraft
  /** Null: nothing that could be tested. */
  readonly dial: string | null
  /** The field of the address; Enter in it tests. */
  readonly address: FieldProps
}

export function AddTested({ draft, dial, address }: AddTestedProps) {
  const canAct = useApp(mayAct)
  const [askedDial, setAskedDial] = useState<string | null>(null)
  const [ownName, setOwnName] = useState<string | null>(null)
  const test = useAction('setup.test')
  const add = useSetupAction('setup.addTarget')
  const usualName = dial === null ? '' : nameOfDial(dial)
  const name = (ownName ?? usualName).trim()
  const isNameTaken = draft.targets.some((target) => target.name === name)
  // What was found out about another address says nothing about this one.
  const isAsked = dial !== null && dial === askedDial
  const found = isAsked && !test.isBusy ? test.value : null
  const tryIt = (): void => {
    if (dial === null || !canAct || test.isBusy) return
    add.clear()
    setAskedDial(dial)
    void test.run({ dial })
  }
  return (
    <>
      <div className={styles['add']}>
        <Field {...address} onEnter={tryIt} />
        <Field label="Name for it" value={ownName ?? usualName} onChange={setOwnName} placeholder="basement" />
        <div className={styles['beside']}>
          <Button isDisabled={!canAct || dial === null} isPending={test.isBusy} onPress={tryIt}>
            {test.isBusy ? 'Testing …' : 'Test'}
          </Button>
        </div>
      </div>
      {isNameTaken ? <p className="small">Another target is called {printable(name)} already.</p> : null}
      {!isAsked || test.problem === null ? null : <ProblemPanel problem={test.problem} />}
      {!isAsked || add.problem === null ? null : <ProblemPanel problem={add.problem} />}
      <div className="stack" aria-live="polite">
        {found === null ? null : <Tested test={found} />}
      </div>
      {found === null || found.isSource || found.dial === null || dial === null ? null : (
        <div className="row">
          <Button
            look={found.ok ? 'primary' : 'plain'}
            isDisabled={!canAct || name === '' || isNameTaken}
            isPending={add.isBusy}
            onPress={() => void add.run({ dial, name })}
          >
            {found.ok ? 'Add this target' : 'Add it all the same'}
          </Button>
          {found.ok ? null : <span className="small">The copy waits for it, and goes on with the others.</span>}
        </div>
      )}
    </>
  )
}

function Tested({ test }: { readonly test: TargetTest }) {
  return (
    <>
      <div className="row">
        <TestChip test={test} isBusy={false} />
        {test.dial === null ? null : <code className="small">{dialText(test.dial)}</code>}
      </div>
      <TestResult test={test} />
      <CommandLine command={test.command} />
    </>
  )
}
