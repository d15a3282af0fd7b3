// New versions: looked for at the press of a button, or once a week where that is switched on. A package that names no place
// for them says so, and has neither.

import { useState } from 'react'
import type { UpdatesView } from '../../../shared/desktop.ts'
import { Button } from '../../components/Button.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useNow } from '../../store/use-now.ts'
import { moment, printable } from '../../text/format.ts'
import { Setting, SettingGroup } from './Setting.tsx'
import styles from './Settings.module.css'

export type UpdateSettingProps = {
  /** Shows what went wrong; never rejects. */
  readonly attempt: (work: () => Promise<unknown>) => Promise<void>
}

export function UpdateSetting({ attempt }: UpdateSettingProps) {
  const view = useApp((state) => state.desktop)
  const actions = useApp((state) => state.desktopActions)
  const now = useNow()
  const [isLooking, setLooking] = useState(false)
  if (view === null || actions === null) return null
  const { updates, settings } = view
  const { feed, running } = updates
  if (feed === null) {
    return (
      <Setting
        name="New versions"
        hint="This package names no place for them, so nothing is looked for. They come the way this one came."
      >
        <span>{running} runs</span>
      </Setting>
    )
  }
  const look = async (): Promise<void> => {
    setLooking(true)
    await attempt(actions.lookForUpdate)
    setLooking(false)
  }
  return (
    <SettingGroup
      name="New versions"
      hint={`Looked for at ${printable(feed)}, and told. Nothing is downloaded or installed by itself.`}
    >
      <label className={styles['choice']}>
        <input
          type="checkbox"
          checked={settings.weeklyLook}
          onChange={(event) => {
            const weeklyLook = event.target.checked
            void attempt(() => actions.change({ weeklyLook }))
          }}
        />
        look once a week
      </label>
      <div className="row">
        <Button isPending={isLooking} onPress={() => void look()}>
          Look for a new version
        </Button>
        <Button onPress={() => void attempt(actions.openUpdate)}>Open the download page</Button>
      </div>
      <output className="small">{isLooking ? 'Asking …' : standing(updates, now)}</output>
    </SettingGroup>
  )
}

function standing({ running, found, lookedAt }: UpdatesView, now: number): string {
  if (found !== null) return `Version ${found} is there; ${running} runs.`
  if (lookedAt === null) return `${running} runs; nobody has looked yet.`
  return `${running} runs, and was the newest when last looked: ${moment(lookedAt, now)}.`
}
