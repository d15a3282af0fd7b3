// Which view is shown, of which mirror, and what of it: whoever leads to a view says what is meant there.

import type { ActivityKind } from './activity-slice.ts'
import type { SliceOf } from './store.ts'

export const views = ['overview', 'setup', 'verify', 'activity', 'settings'] as const
export type View = (typeof views)[number]

/** What a view is opened for; nothing said leaves it as it was. */
export type Subject = {
  readonly mirror?: string
  /** Verify: the target that is looked at, and with it the newest root. */
  readonly dial?: string
  /** Activity: the kinds of lines. */
  readonly kinds?: readonly ActivityKind[]
}

export type NavigationSlice = {
  readonly view: View
  /** Null: the first there is. */
  readonly mirrorName: string | null
  readonly go: (view: View, subject?: Subject) => void
  readonly chooseMirror: (name: string) => void
}

export const navigationSlice: SliceOf<NavigationSlice> = (set) => ({
  view: 'overview',
  mirrorName: null,
  go: (view, { mirror, dial, kinds } = {}) =>
    set({
      view,
      ...(mirror === undefined ? {} : { mirrorName: mirror }),
      ...(dial === undefined ? {} : { dialChosen: dial, rootChosen: null }),
      ...(kinds === undefined ? {} : { activityFilter: kinds }),
    }),
  chooseMirror: (mirrorName) => set({ mirrorName }),
})
