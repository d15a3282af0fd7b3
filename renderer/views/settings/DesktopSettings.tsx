// What the application does on this computer by itself: only where the window is one, and not a page in a browser.

import { useState } from 'react'
import type { DesktopSettings as Chosen } from '../../../shared/desktop.ts'
import type { Problem } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { problemFrom } from '../../service-error.ts'
import { useApp } from '../../store/hooks.tsx'
import { useNow } from '../../store/use-now.ts'
import { moment, printable } from '../../text/format.ts'
import { Setting, SettingGroup } from './Setting.tsx'
import styles from './Settings.module.css'
import { UpdateSetting } from './UpdateSetting.tsx'

const usualTime = '06:00'

export function DesktopSettings() {
  const view = useApp((state) => state.desktop)
  const actions = useApp((state) => state.desktopActions)
  const now = useNow()
  const [problem, setProblem] = useState<Problem | null>(null)
  const [copied, setCopied] = useState(false)
  if (view === null || actions === null) return null
  const { settings, secrets } = view
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    setProblem(null)
    await work().catch((thrown: unknown) => setProblem(problemFrom(thrown)))
  }
  const change = (next: Partial<Chosen>): void => void attempt(() => actions.change(next))
  return (
    <section className={`sheet ${styles['settings']}`} aria-labelledby="desktop-heading">
      <h2 id="desktop-heading">On this computer</h2>
      <SettingGroup
        name="Sync every day"
        hint="All mirrors, while the application runs. A time that the computer slept through is caught up."
      >
        <label className={styles['choice']}>
          <input
            type="checkbox"
            checked={settings.dailyAt !== null}
            onChange={(event) => change({ dailyAt: event.target.checked ? usualTime : null })}
          />
          by itself
        </label>
        {settings.dailyAt === null ? null : (
          <input
            type="time"
            aria-label="Time of the daily sync"
            value={settings.dailyAt}
            onChange={(event) => (event.target.value === '' ? undefined : change({ dailyAt: event.target.value }))}
          />
        )}
        {view.nextAt === null ? null : <span className="small">next: {moment(view.nextAt, now)}</span>}
      </SettingGroup>
      <SettingGroup name="Stay around" hint={view.startAtLoginHindrance ?? 'Needed for the daily sync.'}>
        <label className={styles['choice']}>
          <input type="checkbox" checked={settings.tray} onChange={(event) => change({ tray: event.target.checked })} />
          in the tray when the window is closed
        </label>
        <label className={styles['choice']}>
          <input
            type="checkbox"
            disabled={view.startAtLoginHindrance !== null}
            checked={settings.startAtLogin}
            onChange={(event) => change({ startAtLogin: event.target.checked })}
          />
          started when you log in
        </label>
      </SettingGroup>
      <Setting
        name="Passwords"
        hint={secrets.hindrance ?? 'Sealed by the store of the system, never kept as plain text.'}
      >
        <span>{secrets.store ?? 'are not kept'}</span>
      </Setting>
      <SettingGroup name="Logs" hint="What happened lately, without scores in full, for you or for a report.">
        <code>{printable(view.logsFolder)}</code>
        <div className="row">
          <Button onPress={() => void attempt(actions.openLogs)}>Open the folder</Button>
          <Button onPress={() => void attempt(async () => setCopied((await actions.copyReport()) > 0))}>
            Copy a report
          </Button>
          <output className="small">{copied ? 'It is on the clipboard.' : ''}</output>
        </div>
      </SettingGroup>
      <UpdateSetting attempt={attempt} />
      {problem === null ? null : <ProblemPanel problem={problem} />}
    </section>
  )
}
