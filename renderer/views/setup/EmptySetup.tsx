// No set-up under way: what a mirror is, and the two ways to begin.

import { Button } from '../../components/Button.tsx'
import { CommandLine } from '../../components/CommandLine.tsx'
import { Heading } from '../../components/Heading.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { mayAct } from '../overview/overview-selectors.ts'
import { useSetupAction } from './use-setup-action.ts'
import styles from './EmptySetup.module.css'

export function EmptySetup() {
  const hasMirrors = useApp((state) => state.mirrors.length > 0)
  const canAct = useApp(mayAct)
  const begin = useSetupAction('setup.begin')
  const sample = useSetupAction('setup.sample')
  const isBusy = begin.isBusy || sample.isBusy
  const problem = begin.problem ?? sample.problem
  const trySample = async (): Promise<void> => {
    if ((await begin.run({})) !== null) await sample.run({})
  }
  return (
    <div className={`sheet ${styles['empty']}`}>
      <Picture />
      <Heading of="setup">{hasMirrors ? 'Set up another mirror' : 'Keep a second venti up to date'}</Heading>
      <p className="muted">
        A mirror reads the arenas of a venti and sends every block to one or more others. It remembers for each of them
        what it has confirmed, so that after the first copy only what is new is sent.
      </p>
      <div className={styles['buttons']}>
        <Button look="primary" isBig isDisabled={!canAct} isPending={isBusy} onPress={() => void begin.run({})}>
          Set up a mirror
        </Button>
        <Button isBig isDisabled={!canAct} isPending={isBusy} onPress={() => void trySample()}>
          Try it with sample data
        </Button>
      </div>
      {problem === null ? null : <ProblemPanel problem={problem} />}
      <p className="small">
        The source is only ever read, and may be in use meanwhile. You can leave at any step and go on later.
      </p>
      <div className={styles['command']}>
        <CommandLine command="venti-mirror demo" label="The whole story with sample data, on the command line" />
      </div>
    </div>
  )
}

/** Vessels on the left, the same on the right, still to be filled. */
function Picture() {
  return (
    <svg width="220" height="76" viewBox="0 0 220 76" aria-hidden="true" className={styles['picture']}>
      {[4, 34, 64].map((x, number) => (
        <g key={x} transform={`translate(${x} 6)`}>
          <rect
            y={[0, 0, 30][number] ?? 0}
            width="24"
            height={[64, 64, 34][number] ?? 0}
            className={styles[number < 2 ? 'sealed' : 'active']}
          />
          <path d="M0 0v60a4 4 0 0 0 4 4h16a4 4 0 0 0 4-4V0" />
        </g>
      ))}
      <path d="M98 38h24m-8-7 8 7-8 7" />
      {[132, 162, 192].map((x, number) => (
        <g key={x} transform={`translate(${x} 6)`}>
          <rect
            y={[0, 40, 64][number] ?? 0}
            width="24"
            height={[64, 24, 0][number] ?? 0}
            className={styles['active']}
          />
          <path d="M0 0v60a4 4 0 0 0 4 4h16a4 4 0 0 0 4-4V0" />
        </g>
      ))}
    </svg>
  )
}
