// The activity as it is being looked at: which mirror and which kinds of lines, a page at a time, newest first.

import type { ActivityLine } from '../../shared/model/window.ts'
import type { SliceOf } from './store.ts'

export type ActivityKind = ActivityLine['kind']
export const activityKinds = ['run', 'rollover', 'check', 'damage'] as const satisfies readonly ActivityKind[]

export type ActivitySlice = {
  /** Empty: all kinds. */
  readonly activityFilter: readonly ActivityKind[]
  readonly activityOfAll: boolean
  readonly filterActivity: (kinds: readonly ActivityKind[]) => void
  readonly showActivityOfAll: (all: boolean) => void
}

export const activitySlice: SliceOf<ActivitySlice> = (set) => ({
  activityFilter: [],
  activityOfAll: false,
  filterActivity: (activityFilter) => set({ activityFilter }),
  showActivityOfAll: (activityOfAll) => set({ activityOfAll }),
})
