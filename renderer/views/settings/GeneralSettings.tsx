// Of the program itself.

import type { Theme } from '../../../shared/model/window.ts'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useAction } from '../../store/use-request.ts'
import { printable } from '../../text/format.ts'
import { Setting, SettingGroup } from './Setting.tsx'
import styles from './Settings.module.css'

const themes: readonly (readonly [Theme, string])[] = [
  ['system', 'as the system'],
  ['light', 'light'],
  ['dark', 'dark'],
]
const lateHours: readonly (readonly [number, string])[] = [
  [12, '12 hours'],
  [24, 'a day'],
  [36, 'a day and a half'],
  [72, 'three days'],
  [168, 'a week'],
  [720, 'a month'],
]

export function GeneralSettings() {
  const settings = useApp((state) => state.settings)
  const control = useApp((state) => state.control)
  const dataFolder = useApp((state) => state.app?.dataFolder ?? '')
  const { run, problem } = useAction('settings.change')
  const hours = lateHours.some(([value]) => value === settings.lateAfterHours)
    ? lateHours
    : [...lateHours, [settings.lateAfterHours, `${settings.lateAfterHours} hours`] as const]
  return (
    <section className={`sheet ${styles['settings']}`} aria-labelledby="general-heading">
      <h2 id="general-heading">The window</h2>
      <SettingGroup name="Colours">
        <div className={styles['choices']}>
          {themes.map(([theme, name]) => (
            <label key={theme} className={styles['choice']}>
              <input
                type="radio"
                name="theme"
                disabled={!control}
                checked={settings.theme === theme}
                onChange={() => void run({ theme })}
              />
              {name}
            </label>
          ))}
        </div>
      </SettingGroup>
      <Setting name="Call a mirror late" hint="When its last sync or its last check is older than this.">
        <select
          disabled={!control}
          value={settings.lateAfterHours}
          onChange={(event) => void run({ lateAfterHours: Number(event.target.value) })}
        >
          {hours.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </Setting>
      <SettingGroup name="Remind me">
        <label className={styles['choice']}>
          <input
            type="checkbox"
            disabled={!control}
            checked={settings.notifyFailures}
            onChange={(event) => void run({ notifyFailures: event.target.checked })}
          />
          when something failed or grew late
        </label>
        <label className={styles['choice']}>
          <input
            type="checkbox"
            disabled={!control}
            checked={settings.notifySuccess}
            onChange={(event) => void run({ notifySuccess: event.target.checked })}
          />
          when a sync came through
        </label>
      </SettingGroup>
      <SettingGroup
        name="Data folder"
        hint="Positions, histories and results of checks, readable by you alone. The command line uses the same."
      >
        <code>{printable(dataFolder)}</code>
      </SettingGroup>
      {problem === null ? null : <ProblemPanel problem={problem} />}
    </section>
  )
}
