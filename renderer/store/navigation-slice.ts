// Which view is shown, of which mirror. The place in the window is kept in the address, so that reloading stays there.

import type { SliceOf } from './store.ts'

export const views = ['overview', 'setup', 'verify', 'activity', 'settings'] as const
export type View = (typeof views)[number]

export type NavigationSlice = {
  readonly view: View
  /** Null: the first there is. */
  readonly mirrorName: string | null
  readonly go: (view: View) => void
  readonly chooseMirror: (name: string) => void
}

export const navigationSlice: SliceOf<NavigationSlice> = (set) => ({
  view: 'overview',
  mirrorName: null,
  go: (view) => set({ view }),
  chooseMirror: (mirrorName) => set({ mirrorName }),
})
