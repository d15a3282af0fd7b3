// One look at a source's arenas for all who ask in the same moment, and during a sync for a few seconds: the disk is busy
// then, several pages may ask, and how far the targets are is in the job's own picture.

import type { ArenaMap } from '../../shared/model/window.ts'

/** During a sync a map is as good as new for so long. */
const keepMs = 5000

export type MapState = {
  /** Of the mirror's picture: whatever changed it may have changed the map. */
  readonly sequence: number
  readonly isSyncing: boolean
}

type Kept = { readonly sequence: number; readonly map: Promise<ArenaMap>; readyMs: number | null }

export class ArenaMaps {
  readonly #kept = new Map<string, Kept>()
  readonly #now: () => number

  /** `now`: milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Rejects with what `make` rejects with. */
  async of(name: string, { sequence, isSyncing }: MapState, make: () => Promise<ArenaMap>): Promise<ArenaMap> {
    const kept = this.#kept.get(name)
    if (kept?.sequence === sequence && this.#isFresh(kept, isSyncing)) return await kept.map
    const fresh: Kept = { sequence, map: make(), readyMs: null }
    this.#kept.set(name, fresh)
    try {
      const map = await fresh.map
      fresh.readyMs = this.#now()
      // Nobody asks for it again: it may be large.
      if (!isSyncing) this.#forget(name, fresh)
      return map
    } catch (error) {
      this.#forget(name, fresh)
      throw error
    }
  }

  #isFresh({ readyMs }: Kept, isSyncing: boolean): boolean {
    return readyMs === null || (isSyncing && this.#now() - readyMs < keepMs)
  }

  #forget(name: string, one: Kept): void {
    if (this.#kept.get(name) === one) this.#kept.delete(name)
  }
}
