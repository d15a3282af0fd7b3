// What the desktop tells, into the store: its own picture, and where its menu, its tray or a notification leads to.

import type { DesktopApi } from '../../shared/desktop.ts'
import { currentMirror } from './hooks.tsx'
import type { AppStore } from './store.ts'

/** Returns what ends it. */
export function connectDesktop(store: AppStore, desktop: DesktopApi): () => void {
  const ends = [
    desktop.on('desktop.view', (view) => store.setState({ desktop: view })),
    desktop.on('desktop.command', ({ command, mirror }) => {
      const { go, startSync } = store.getState()
      go(command === 'sync' ? 'overview' : command, mirror === null ? {} : { mirror })
      const chosen = currentMirror(store.getState())
      // Refused while one runs; the overview, which is shown, says what is going on.
      if (command === 'sync' && chosen !== null) void startSync(chosen.name, null).catch(() => undefined)
    }),
  ]
  void desktop
    .ask('desktop.view', {})
    .then((view) => store.setState({ desktop: view }))
    .catch(() => undefined)
  return () => {
    for (const end of ends) end()
  }
}
