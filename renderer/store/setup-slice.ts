// The wizard: the draft as the service keeps it, and its end. Answers of requests whose result only the wizard shows (a test
// of a target, the plan) live in the components that asked.

import type { SetupDraft } from '../../shared/model/window.ts'
import type { SliceOf } from './store.ts'

export type SetupSlice = {
  /** Null: no set-up under way. Written by bridge.ts, and by `keepSetup`. */
  readonly setup: SetupDraft | null
  /** A draft that a request was answered with: the event that tells the same may come a little later. */
  readonly keepSetup: (draft: SetupDraft) => void
  /** Forgets the draft; a mirror that was made stays. Rejects as requests do. */
  readonly endSetup: (how: 'setup.discard' | 'setup.finish') => Promise<void>
}

export const setupSlice: SliceOf<SetupSlice> = (set, _get, api) => ({
  setup: null,
  keepSetup: (setup) => set({ setup }),
  endSetup: async (how) => {
    await api.ask(how, {})
    set({ setup: null })
  },
})
