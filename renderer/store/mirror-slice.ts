// The arena maps of the mirrors. A map is asked for when its mirror's picture changes; while a run goes on the window moves
// the cursors itself, so a map is asked for again only when the run has ended. One request at a time for each mirror: what
// is wanted meanwhile is asked for afterwards, so that the last answer is never older than the last wish.

import type { ArenaMap, Problem } from '../../shared/model/window.ts'
import { problemFrom } from '../service-error.ts'
import type { SliceOf } from './store.ts'

export type LoadedArenas = {
  readonly map: ArenaMap | null
  readonly problem: Problem | null
  /** What the map was asked for: the mirror's sequence number. */
  readonly wanted: number
  readonly isLoading: boolean
}

export type MirrorSlice = {
  /** By name of the mirror. */
  readonly arenas: Readonly<Record<string, LoadedArenas>>
  /** Asks for the map unless the one at hand was asked for at this `sequence`. */
  readonly loadArenas: (mirror: string, sequence: number) => Promise<void>
}

const nothing: LoadedArenas = { map: null, problem: null, wanted: -1, isLoading: false }

export const mirrorSlice: SliceOf<MirrorSlice> = (set, get, api) => {
  const change = (mirror: string, next: Partial<LoadedArenas>): void =>
    set(({ arenas }) => ({ arenas: { ...arenas, [mirror]: { ...(arenas[mirror] ?? nothing), ...next } } }))
  return {
    arenas: {},
    loadArenas: async (mirror, sequence) => {
      const before = get().arenas[mirror] ?? nothing
      // Not "at most": a service that was started again counts from the beginning.
      if (sequence === before.wanted) return
      change(mirror, { wanted: sequence })
      if (before.isLoading) return
      change(mirror, { isLoading: true })
      for (let asked = -1; asked !== (get().arenas[mirror] ?? nothing).wanted;) {
        asked = (get().arenas[mirror] ?? nothing).wanted
        try {
          change(mirror, { map: await api.ask('mirror.arenas', { mirror }), problem: null })
        } catch (thrown) {
          change(mirror, { problem: problemFrom(thrown) })
        }
      }
      change(mirror, { isLoading: false })
    },
  }
}
