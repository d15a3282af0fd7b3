// A target that was added: how it answered last, asked anew when that is not known, and taken off again.

import { useEffect } from 'react'
import type { SetupTarget } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useAction } from '../../store/use-request.ts'
import { exactSize, printable, size } from '../../text/format.ts'
import { dialText } from '../../text/machine-words.ts'
import { mayAct } from '../overview/overview-selectors.ts'
import { TestChip, TestResult } from './TestResult.tsx'
import { useSetupAction } from './use-setup-action.ts'
import styles from './Setup.module.css'

export type TargetRowProps = { readonly target: SetupTarget; readonly isFixed: boolean }

export function TargetRow({ target, isFixed }: TargetRowProps) {
  const canAct = useApp(mayAct)
  const { run: ask, value, isBusy, problem } = useAction('setup.test')
  const removal = useSetupAction('setup.removeTarget')
  const { dial, name, store } = target
  const test = value ?? target.test
  // Tests are of a session of the service: after it was started again nothing is known.
  const isUnknown = target.test === null
  useEffect(() => {
    if (isUnknown && canAct) void ask({ dial })
  }, [isUnknown, canAct, ask, dial])
  const shown = printable(name)
  return (
    <li className={`sheet ${styles['target']}`}>
      <div className="row between">
        <div className="row">
          <b>{shown}</b>
          <TestChip test={test} isBusy={isBusy} />
          <code className="small">{dialText(dial)}</code>
        </div>
        <div className="row">
          <Button
            look="quiet"
            isDisabled={!canAct}
            isPending={isBusy}
            aria-label={`Test again: ${shown}`}
            onPress={() => void ask({ dial })}
          >
            Test again
          </Button>
          {isFixed ? null : (
            <Button
              look="quiet"
              isDisabled={!canAct}
              isPending={removal.isBusy}
              aria-label={`Take off ${shown}`}
              onPress={() => void removal.run({ dial })}
            >
              Take off
            </Button>
          )}
        </div>
      </div>
      {store === null ? null : (
        <p className="muted">
          A store in <code>{printable(store.folder)}</code>,{' '}
          <span title={exactSize(store.sizeBytes)}>{size(store.sizeBytes)}</span> large; served while this program runs.
        </p>
      )}
      {test === null ? null : <TestResult test={test} />}
      {problem === null ? null : <ProblemPanel problem={problem} />}
      {removal.problem === null ? null : <ProblemPanel problem={removal.problem} />}
    </li>
  )
}
