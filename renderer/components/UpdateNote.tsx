// A newer version that was found: said until it is installed, or put away until the next start.

import { useState } from 'react'
import type { Problem } from '../../shared/model/window.ts'
import { problemFrom } from '../service-error.ts'
import { useApp } from '../store/hooks.tsx'
import { Button } from './Button.tsx'
import { Note, ProblemPanel } from './ProblemPanel.tsx'

export function UpdateNote() {
  const found = useApp((state) => state.desktop?.updates.found ?? null)
  const actions = useApp((state) => state.desktopActions)
  const [hidden, setHidden] = useState<string | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  if (found === null || found === hidden || actions === null) return null
  const open = async (): Promise<void> => {
    setProblem(null)
    await actions.openUpdate().catch((thrown: unknown) => setProblem(problemFrom(thrown)))
  }
  const putAway = (): void => {
    setHidden(found)
    // The button that had the focus goes with the note.
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
  }
  return (
    <Note tone="ok" title={`Version ${found} is there.`}>
      <span>Nothing was downloaded or installed.</span>
      <div className="row">
        <Button onPress={() => void open()}>Open the download page</Button>
        <Button look="quiet" onPress={putAway}>
          Later
        </Button>
      </div>
      {problem === null ? null : <ProblemPanel problem={problem} />}
    </Note>
  )
}
