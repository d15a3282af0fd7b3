// A daily time that nothing was done at, because the application did not run or the computer slept: said until the next one.

import { useApp } from '../store/hooks.tsx'
import { useNow } from '../store/use-now.ts'
import { moment } from '../text/format.ts'
import { Note } from './ProblemPanel.tsx'

export function MissedNote() {
  const missedAt = useApp((state) => state.desktop?.missedAt ?? null)
  const now = useNow()
  if (missedAt === null) return null
  return (
    <Note tone="warn" title="A daily sync was missed.">
      <span>
        It was due {moment(missedAt, now)}, when Venti Mirror did not run or the computer slept. It was caught up
        afterwards; Activity says how that went.
      </span>
    </Note>
  )
}
