// How components reach the store: a provider at the top, one hook, and the selectors that several views share.

import { createContext, useContext, useMemo, type ReactNode } from 'react'
import { useStore } from 'zustand'
import type { ServiceApi } from '../../shared/contract.ts'
import type { JobView, MirrorView, SyncJobView } from '../../shared/model/window.ts'
import type { AppState, AppStore } from './store.ts'

type Provided = { readonly store: AppStore; readonly api: ServiceApi }

const AppContext = createContext<Provided | null>(null)

export type AppProviderProps = Provided & { readonly children: ReactNode }

export function AppProvider({ store, api, children }: AppProviderProps) {
  const provided = useMemo(() => ({ store, api }), [store, api])
  return <AppContext value={provided}>{children}</AppContext>
}

function useProvided(): Provided {
  const provided = useContext(AppContext)
  if (provided === null) throw new Error('a component stands outside AppProvider')
  return provided
}

/** `selector` returns a primitive or something that stands in the state: a new object at each call would loop for ever. */
export function useApp<T>(selector: (state: AppState) => T): T {
  return useStore(useProvided().store, selector)
}

/** For answers that only one component shows (a listing, a preview): see useRequest. */
export function useApi(): ServiceApi {
  return useProvided().api
}

/** The mirror at hand: the one chosen, else the first. */
export const currentMirror = (state: AppState): MirrorView | null =>
  state.mirrors.find(({ name }) => name === state.mirrorName) ?? state.mirrors[0] ?? null

export const jobById =
  (id: string | null) =>
  (state: AppState): JobView | null =>
    state.jobs.find((one) => one.id === id) ?? null

/** The sync of a mirror that has not ended. */
export const openSyncOf =
  (mirror: string | null) =>
  (state: AppState): SyncJobView | null =>
    state.jobs.find(
      (one): one is SyncJobView => one.kind === 'sync' && one.mirror === mirror && one.state !== 'ended',
    ) ?? null
