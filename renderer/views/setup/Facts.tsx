// A few facts, each after what it is.

import type { Fact } from '../../text/setup-words.ts'
import styles from './Facts.module.css'

export type FactsProps = { readonly facts: readonly Fact[] }

export function Facts({ facts }: FactsProps) {
  return (
    <dl className={styles['facts']}>
      {facts.map(({ term, value, note, isMono = false }) => (
        <div key={term} className={styles['fact']}>
          <dt>{term}</dt>
          <dd>
            {isMono ? <code>{value}</code> : value}
            {note === undefined ? null : <span className="small"> {note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  )
}
