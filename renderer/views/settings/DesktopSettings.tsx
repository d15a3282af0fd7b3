// What belongs to the application on this computer: only where the window is one, and not a page in a browser.

import { useState } from 'react'
import type { Problem } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { problemFrom } from '../../service-error.ts'
import { useApp } from '../../store/hooks.tsx'
import { printable } from '../../text/format.ts'
import { SettingGroup } from './Setting.tsx'
import styles from './Settings.module.css'

export function DesktopSettings() {
  const view = useApp((state) => state.desktop)
  const actions = useApp((state) => state.desktopActions)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [isCopied, setCopied] = useState(false)
  if (view === null || actions === null) return null
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    setProblem(null)
    await work().catch((thrown: unknown) => setProblem(problemFrom(thrown)))
  }
  return (
    <section className={`sheet ${styles['settings']}`} aria-labelledby="desktop-heading">
      <h2 id="desktop-heading">On this computer</h2>
      <SettingGroup name="Logs" hint="What happened lately, without scores in full, for you or for a report.">
        <code>{printable(view.logsFolder)}</code>
        <div className="row">
          <Button onPress={() => void attempt(actions.openLogs)}>Open the folder</Button>
          <Button onPress={() => void attempt(async () => setCopied((await actions.copyReport()) > 0))}>
            Copy a report
          </Button>
          <output className="small">{isCopied ? 'It is on the clipboard.' : ''}</output>
        </div>
      </SettingGroup>
      {problem === null ? null : <ProblemPanel problem={problem} />}
    </section>
  )
}
