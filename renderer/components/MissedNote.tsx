// A daily time that nothing was done at, because the application did not run or the computer slept: said until it was seen, or
// until the next one.

import { useState } from 'react'
import type { Problem } from '../../shared/model/window.ts'
import { problemFrom } from '../service-error.ts'
import { useApp } from '../store/hooks.tsx'
import { useNow } from '../store/use-now.ts'
import { moment } from '../text/format.ts'
import { Button } from './Button.tsx'
import { Note, ProblemPanel } from './ProblemPanel.tsx'

export function MissedNote() {
  const missedAt = useApp((state) => state.desktop?.missedAt ?? null)
  const actions = useApp((state) => state.desktopActions)
  const now = useNow()
  const [problem, setProblem] = useState<Problem | null>(null)
  if (missedAt === null || actions === null) return null
  const dismiss = async (): Promise<void> => {
    setProblem(null)
    try {
      await actions.dismissMissed(missedAt)
      // The button that had the focus goes with the note.
      document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
    } catch (thrown) {
      setProblem(problemFrom(thrown))
    }
  }
  return (
    <Note tone="warn" title="A daily sync was missed.">
      <span>
        It was due {moment(missedAt, now)}, when Venti Mirror did not run or the computer slept. It is caught up as soon
        as it can be; Activity says how that went.
      </span>
      <div className="row">
        <Button onPress={() => void dismiss()}>Dismiss</Button>
      </div>
      {problem === null ? null : <ProblemPanel problem={problem} />}
    </Note>
  )
}
