// Puts the window together: the way to the service, the store, the views.

import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App.tsx'
import { openApi } from './api.ts'
import { connectStore } from './store/bridge.ts'
import { connectDesktop } from './store/desktop-bridge.ts'
import { AppProvider } from './store/hooks.tsx'
import { rememberView } from './store/remember-view.ts'
import { createAppStore } from './store/store.ts'

export function startWindow(): void {
  const { service: api, desktop } = openApi({ onRefused: () => store.setState({ refused: true }) })
  const store = createAppStore(api, desktop)
  rememberView(store, sessionStorage)
  connectStore(store, api, () => store.setState({ connected: false }))
  if (desktop !== null) connectDesktop(store, desktop)

  const root = document.getElementById('root')
  if (root === null) throw new Error('index.html has no element with the id "root"')
  createRoot(root).render(
    <StrictMode>
      <AppProvider store={store} api={api}>
        <App />
      </AppProvider>
    </StrictMode>,
  )
}
