// The one store of the window (zustand): slices with their actions beside their state. What the service tells comes in
// through bridge.ts; components read with named selectors and call actions, never the api.

import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ServiceApi } from '../../shared/contract.ts'
import type { DesktopApi } from '../../shared/desktop.ts'
import { linkSlice, type LinkSlice } from './link-slice.ts'
import { appSlice, type AppSlice } from './app-slice.ts'
import { navigationSlice, type NavigationSlice } from './navigation-slice.ts'
import { questionSlice, type QuestionSlice } from './question-slice.ts'
import { setupSlice, type SetupSlice } from './setup-slice.ts'
import { mirrorSlice, type MirrorSlice } from './mirror-slice.ts'
import { verifySlice, type VerifySlice } from './verify-slice.ts'
import { activitySlice, type ActivitySlice } from './activity-slice.ts'
import { desktopSlice, type DesktopSlice } from './desktop-slice.ts'

export type AppState = LinkSlice &
  AppSlice &
  NavigationSlice &
  QuestionSlice &
  SetupSlice &
  MirrorSlice &
  VerifySlice &
  ActivitySlice &
  DesktopSlice

export type AppStore = StoreApi<AppState>
export type SetState = AppStore['setState']
export type GetState = AppStore['getState']
/** How each slice is made. */
export type SliceOf<Slice> = (set: SetState, get: GetState, api: ServiceApi) => Slice

/** `desktop`: null in a browser. */
export function createAppStore(api: ServiceApi, desktop: DesktopApi | null = null): AppStore {
  return createStore<AppState>()((set, get) => ({
    ...linkSlice(set, get, api),
    ...appSlice(set, get, api),
    ...navigationSlice(set, get, api),
    ...questionSlice(set, get, api),
    ...setupSlice(set, get, api),
    ...mirrorSlice(set, get, api),
    ...verifySlice(set, get, api),
    ...activitySlice(set, get, api),
    ...desktopSlice(set, desktop),
  }))
}
