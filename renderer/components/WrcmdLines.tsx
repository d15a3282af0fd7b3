// A line of wrcmd as it is and as it becomes, one below the other so that they can be compared.

import { printable } from '../text/format.ts'
import styles from './WrcmdLines.module.css'

export type WrcmdLinesProps = { readonly before: string | null; readonly after: string; readonly isDone?: boolean }

export function WrcmdLines({ before, after, isDone = false }: WrcmdLinesProps) {
  return (
    <dl className={styles['lines']}>
      <dt>{isDone ? 'wrcmd said' : 'wrcmd says'}</dt>
      <dd>{before === null || before === '' ? 'nothing yet' : <code>{printable(before)}</code>}</dd>
      <dt>{isDone ? 'and now says' : 'and will say'}</dt>
      <dd>
        <code className={styles['after']}>{printable(after)}</code>
      </dd>
    </dl>
  )
}
