// The frame: what there is on the left, the view on the right. While a set-up is under way the left side shows its steps.

import { useEffect } from 'react'
import { LinkBanner } from './components/LinkBanner.tsx'
import { Sidebar } from './components/Sidebar.tsx'
import { useApp } from './store/hooks.tsx'
import type { View } from './store/navigation-slice.ts'
import { Activity } from './views/activity/Activity.tsx'
import { Overview } from './views/overview/Overview.tsx'
import { Settings } from './views/settings/Settings.tsx'
import { Setup } from './views/setup/Setup.tsx'
import { SetupSteps } from './views/setup/SetupSteps.tsx'
import { Verify } from './views/verify/Verify.tsx'
import styles from './App.module.css'

const viewOf: Readonly<Record<View, () => React.JSX.Element>> = {
  overview: Overview,
  setup: Setup,
  verify: Verify,
  activity: Activity,
  settings: Settings,
}

export function App() {
  const view = useApp((state) => state.view)
  const theme = useApp((state) => state.settings.theme)
  const isLoaded = useApp((state) => state.app !== null)
  const isSettingUp = useApp((state) => state.setup !== null)
  useEffect(() => {
    const { dataset } = document.documentElement
    if (theme === 'system') delete dataset['theme']
    else dataset['theme'] = theme
  }, [theme])
  const Shown = viewOf[view]
  return (
    <div className={styles['window']}>
      <Sidebar>{view === 'setup' && isSettingUp ? <SetupSteps /> : null}</Sidebar>
      <main className={styles['main']}>
        <LinkBanner />
        {isLoaded ? <Shown /> : <output>Asking the service …</output>}
      </main>
    </div>
  )
}
