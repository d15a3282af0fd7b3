// Remarks about a disk, as its reader made them; many of them behind a button.

import { Note } from '../../components/ProblemPanel.tsx'
import { capital, counted, printable } from '../../text/format.ts'
import styles from './Setup.module.css'

export type ProblemsProps = { readonly problems: readonly string[]; readonly title?: string }

const shownAtOnce = 3

export function Problems({ problems, title = 'Worth a look' }: ProblemsProps) {
  if (problems.length === 0) return null
  const rest = problems.slice(shownAtOnce)
  return (
    <Note tone="warn" title={title}>
      <List lines={problems.slice(0, shownAtOnce)} />
      {rest.length === 0 ? null : (
        <details>
          <summary>{counted(rest.length, 'more', 'more')}</summary>
          <List lines={rest} />
        </details>
      )}
    </Note>
  )
}

function List({ lines }: { readonly lines: readonly string[] }) {
  return (
    <ul className={styles['lines']}>
      {[...new Set(lines)].map((line) => (
        <li key={line}>{capital(printable(line))}</li>
      ))}
    </ul>
  )
}
