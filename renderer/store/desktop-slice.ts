// What the desktop around the window can do, where there is one: null in a browser, and components then leave it out.

import type { DesktopApi, DesktopSettings, DesktopView } from '../../shared/desktop.ts'
import type { SetState } from './store.ts'

export type DesktopActions = {
  readonly change: (change: Partial<DesktopSettings>) => Promise<void>
  readonly dismissMissed: (missedAt: string) => Promise<void>
  /** The system's own dialog; null: nothing was chosen. */
  readonly choose: (what: 'file' | 'folder', title: string, start: string | null) => Promise<string | null>
  readonly openLogs: () => Promise<void>
  /** Resolves with the number of characters that are on the clipboard now. */
  readonly copyReport: () => Promise<number>
  /** Asks where new versions are whether there is one. */
  readonly lookForUpdate: () => Promise<void>
  readonly openUpdate: () => Promise<void>
}

export type DesktopSlice = {
  /** Null: there is none, or it did not answer yet. */
  readonly desktop: DesktopView | null
  readonly desktopActions: DesktopActions | null
}

export function desktopSlice(set: SetState, api: DesktopApi | null): DesktopSlice {
  if (api === null) return { desktop: null, desktopActions: null }
  return {
    desktop: null,
    desktopActions: {
      change: async (change) => set({ desktop: await api.ask('desktop.change', change) }),
      dismissMissed: async (missedAt) => set({ desktop: await api.ask('desktop.dismissMissed', { missedAt }) }),
      choose: (what, title, start) => api.ask('desktop.choose', { what, title, start }),
      openLogs: async () => void (await api.ask('desktop.openLogs', {})),
      copyReport: async () => (await api.ask('desktop.copyReport', {})).characters,
      lookForUpdate: async () => set({ desktop: await api.ask('desktop.lookForUpdate', {}) }),
      openUpdate: async () => void (await api.ask('desktop.openUpdate', {})),
    },
  }
}
