// That a wrcmd was written, and what brings the old one back. It takes the focus of the dialog that wrote it.

import type { WrcmdSet } from '../../../shared/model/window.ts'
import { Note } from '../../components/ProblemPanel.tsx'
import { useFocusIfLost } from '../../store/use-focus-if-lost.ts'
import { printable } from '../../text/format.ts'
import styles from './Setup.module.css'

export type WrittenNoteProps = {
  readonly written: WrcmdSet
  /** The line there now: when it is looked at anew, the button that was pressed is gone. */
  readonly line: string | null
}

export function WrittenNote({ written, line }: WrittenNoteProps) {
  const { isWritten, backup } = written
  const heir = useFocusIfLost<HTMLDivElement>(`${backup} ${line}`)
  return (
    <div ref={heir} tabIndex={-1} className={styles['written']}>
      <Note tone="ok" title={isWritten ? 'wrcmd was written.' : 'The line was there already; nothing was written.'}>
        {backup === null ? null : (
          <span>
            “venti-mirror wrcmd restore” brings back what was there before: the backup is called{' '}
            <code>{printable(backup)}</code>.
          </span>
        )}
      </Note>
    </div>
  )
}
