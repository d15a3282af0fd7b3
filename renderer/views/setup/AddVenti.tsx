// A venti on the network: its dial string, a test of it, and only then the button that adds it.

import { useState } from 'react'
import type { SetupDraft, TargetTest } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { CommandLine } from '../../components/CommandLine.tsx'
import { Field } from '../../components/Field.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useAction } from '../../store/use-request.ts'
import { printable } from '../../text/format.ts'
import { nameOfDial } from '../../text/setup-words.ts'
import { mayAct } from '../overview/overview-selectors.ts'
import { TestChip, TestResult } from './TestResult.tsx'
import { useSetupAction } from './use-setup-action.ts'
import styles from './Setup.module.css'

export type AddVentiProps = { readonly draft: SetupDraft }

export function AddVenti({ draft }: AddVentiProps) {
  const canAct = useApp(mayAct)
  const [dial, setDial] = useState('')
  const [ownName, setOwnName] = useState<string | null>(null)
  const test = useAction('setup.test')
  const add = useSetupAction('setup.addTarget')
  const asked = dial.trim()
  const name = (ownName ?? nameOfDial(asked)).trim()
  const isNameTaken = draft.targets.some((target) => target.name === name)
  const tryIt = (): void => {
    if (asked !== '' && canAct && !test.isBusy) void test.run({ dial: asked })
  }
  return (
    <>
      <div className={styles['add']}>
        <Field
          label="Address of the venti"
          value={dial}
          onChange={(text) => {
            setDial(text)
            test.clear()
            add.clear()
          }}
          isMono
          hint="As Plan 9 dials it, or HOST:PORT. Without a port, 17034."
          placeholder="tcp!192.168.0.99!17034"
          onEnter={tryIt}
        />
        <Field label="Name for it" value={ownName ?? nameOfDial(asked)} onChange={setOwnName} placeholder="basement" />
        <div className={styles['beside']}>
          <Button isDisabled={!canAct || asked === ''} isPending={test.isBusy} onPress={tryIt}>
            {test.isBusy ? 'Testing …' : 'Test'}
          </Button>
        </div>
      </div>
      {isNameTaken ? <p className="small">Another target is called {printable(name)} already.</p> : null}
      {test.problem === null ? null : <ProblemPanel problem={test.problem} />}
      {add.problem === null ? null : <ProblemPanel problem={add.problem} />}
      <div className="stack" aria-live="polite">
        {test.value === null || test.isBusy ? null : <Tested test={test.value} />}
      </div>
      {test.value === null || test.isBusy || test.value.isSource || test.value.dial === null ? null : (
        <div className="row">
          <Button
            look={test.value.ok ? 'primary' : 'plain'}
            isDisabled={!canAct || name === '' || isNameTaken}
            isPending={add.isBusy}
            onPress={() => void add.run({ dial: asked, name })}
          >
            {test.value.ok ? 'Add this target' : 'Add it all the same'}
          </Button>
          {test.value.ok ? null : <span className="small">The copy waits for it, and goes on with the others.</span>}
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
        {test.dial === null ? null : <code className="small">{printable(test.dial)}</code>}
      </div>
      <TestResult test={test} />
      <CommandLine command={test.command} />
    </>
  )
}
