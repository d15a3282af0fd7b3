// What the copy is doing, in exact numbers: read, checked, confirmed; and the last few things that happened.

import { createElement } from 'react'
import type { SyncJobView } from '../../../shared/model/window.ts'
import { useNow } from '../../store/use-now.ts'
import { age, count, counted, exactSize, hex, printable, size } from '../../text/format.ts'
import styles from './Setup.module.css'

export type WhatHappensProps = { readonly job: SyncJobView }

const notesShown = 4

export function WhatHappens({ job }: WhatHappensProps) {
  const now = useNow()
  const { bytesRead, targets, damage, notes } = job
  const checked = targets.reduce((most, { blocksDone }) => Math.max(most, blocksDone), 0)
  return (
    <section className="sheet stack" aria-labelledby="happening">
      <h2 id="happening">What is happening</h2>
      <dl className={styles['rows']}>
        <div>
          <dt>Read from disk</dt>
          <dd title={exactSize(bytesRead)}>
            {size(bytesRead)}, {onceFor(targets.length)}
          </dd>
        </div>
        <div>
          <dt>Checked against score</dt>
          <dd>
            {counted(checked, 'block')}
            {damage === 0 ? ', all good' : `, ${count(damage)} damaged`}
          </dd>
        </div>
        {targets.map(({ dial, name, confirmed, present }) => (
          <div key={dial}>
            <dt>Confirmed on {printable(name)}’s disk</dt>
            <dd>
              {confirmed === null ? (
                'nothing yet'
              ) : (
                <>
                  up to {printable(confirmed.arena)} <code>{hex(confirmed.offset)}</code>, {age(confirmed.at, now)}
                </>
              )}
              {present === 0 ? '' : ` · ${counted(present, 'block')} there already`}
            </dd>
          </div>
        ))}
      </dl>
      <Notes notes={notes.slice(-notesShown)} />
    </section>
  )
}

function onceFor(targets: number): string {
  if (targets === 1) return 'once'
  return targets === 2 ? 'once for both targets' : `once for all ${targets} targets`
}

/** The same may be said twice, so they have no keys. */
function Notes({ notes }: { readonly notes: readonly string[] }) {
  if (notes.length === 0) return null
  const lines = notes.map((note) => createElement('li', null, printable(note)))
  return createElement('ul', { className: `small ${styles['lines']}`, 'aria-label': 'What happened so far' }, ...lines)
}
