// The connection to the service: whether it stands, and whether this page may act or only look.

import type { SliceOf } from './store.ts'

export type LinkSlice = {
  readonly connected: boolean
  readonly control: boolean
  /** The host does not know this page any more: a new link is needed. */
  readonly refused: boolean
  readonly takeControl: () => void
}

export const linkSlice: SliceOf<LinkSlice> = (_set, _get, api) => ({
  connected: false,
  control: true,
  refused: false,
  takeControl: () => api.takeControl(),
})
