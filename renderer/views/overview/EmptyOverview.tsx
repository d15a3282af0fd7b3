// No mirror yet: what the program does, and the one way on.

import { Button } from '../../components/Button.tsx'
import { Heading } from '../../components/Heading.tsx'
import { useApp } from '../../store/hooks.tsx'
import { printable } from '../../text/format.ts'
import styles from './EmptyOverview.module.css'

const stepNames = {
  source: 'choosing the source',
  targets: 'choosing the targets',
  bookkeeping: 'bookkeeping',
  plan: 'the plan',
  copy: 'the first copy',
  verify: 'the check',
  done: 'the last step',
} as const

export function EmptyOverview() {
  const setup = useApp((state) => state.setup)
  const go = useApp((state) => state.go)
  return (
    <div className={`sheet ${styles['empty']}`}>
      <svg width="132" height="76" viewBox="0 0 132 76" aria-hidden="true" className={styles['picture']}>
        <path d="M6 6v52a10 10 0 0 0 10 10h16a10 10 0 0 0 10-10V6" />
        <path d="M90 6v52a10 10 0 0 0 10 10h16a10 10 0 0 0 10-10V6" className={styles['other']} />
        <path d="M50 38h32m-9-8 9 8-9 8" />
        <path d="M7 30h34v28a9 9 0 0 1-9 9H16a9 9 0 0 1-9-9z" className={styles['filled']} />
      </svg>
      {setup === null ? (
        <>
          <Heading of="overview">Nothing is mirrored yet</Heading>
          <p className="muted">
            Venti Mirror reads the arenas of a venti, sends every block to one or more others, and remembers for each of
            them how far it is. The source is only read. Setting up takes five minutes; sample data is there to try it
            with.
          </p>
          <Button look="primary" isBig onPress={() => go('setup')}>
            Set up a mirror
          </Button>
        </>
      ) : (
        <>
          <Heading of="overview">A set-up is waiting to be finished</Heading>
          <p className="muted">
            {setup.name === '' ? 'It' : <b>{printable(setup.name)}</b>} was left at {stepNames[setup.step]}. Everything
            entered is kept, and what was copied so far is not sent again.
          </p>
          <Button look="primary" isBig onPress={() => go('setup')}>
            Go on with the set-up
          </Button>
        </>
      )}
    </div>
  )
}
