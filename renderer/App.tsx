// The frame: what there is on the left, the view on the right. While a set-up is under way the left side shows its steps.

import { Suspense, useEffect, type ComponentType } from 'react'
import { LinkBanner } from './components/LinkBanner.tsx'
import { MachineQuestion } from './components/MachineQuestion.tsx'
import { MissedNote } from './components/MissedNote.tsx'
import { Sidebar } from './components/Sidebar.tsx'
import { UpdateNote } from './components/UpdateNote.tsx'
import { ViewBoundary } from './components/ViewBoundary.tsx'
import { useApp } from './store/hooks.tsx'
import type { View } from './store/navigation-slice.ts'
import { Activity, fetchViews, Settings, Setup, SetupSteps, Verify } from './views/lazy-views.ts'
import { Overview } from './views/overview/Overview.tsx'
import styles from './App.module.css'

const viewOf: Readonly<Record<View, ComponentType>> = {
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
  useEffect(() => {
    if (isLoaded) void fetchViews()
  }, [isLoaded])
  const Shown = viewOf[view]
  return (
    <div className={styles['window']}>
      <Sidebar>
        {view === 'setup' && isSettingUp ? (
          <Suspense>
            <SetupSteps />
          </Suspense>
        ) : null}
      </Sidebar>
      <main className={styles['main']}>
        <LinkBanner />
        <MachineQuestion />
        <MissedNote />
        <UpdateNote />
        {isLoaded ? (
          <ViewBoundary key={view}>
            <Suspense fallback={<output>Opening …</output>}>
              <Shown />
            </Suspense>
          </ViewBoundary>
        ) : (
          <output>Asking the service …</output>
        )}
      </main>
    </div>
  )
}
