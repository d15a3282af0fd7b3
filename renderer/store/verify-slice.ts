// What the verify view is about: a root, and the target it is looked at on.

import type { RootId } from '../../shared/model/window.ts'
import type { SliceOf } from './store.ts'

export type VerifySlice = {
  /** Null: the newest. */
  readonly rootChosen: RootId | null
  /** Null: the first target. */
  readonly dialChosen: string | null
  readonly chooseRoot: (root: RootId) => void
  readonly chooseDial: (dial: string) => void
}

export const verifySlice: SliceOf<VerifySlice> = (set) => ({
  rootChosen: null,
  dialChosen: null,
  chooseRoot: (rootChosen) => set({ rootChosen }),
  chooseDial: (dialChosen) => set({ dialChosen }),
})
