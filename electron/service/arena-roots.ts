// Roots in the arenas of a source, newest arenas first and within a bound of time: of thousands of arenas the oldest may
// have to wait for the next call, which goes on where this one stopped, because what was found in a sealed arena is kept.

import type { MirrorState } from '../../shared/model/mirror.ts'
import { countOf } from '../../shared/text/format.ts'
import { findRoots, type FoundRoot, type FoundRoots } from '../engine/ninefat/find-roots.ts'
import { openSourceView, type ArenaView, type SourceView } from '../engine/sync/source-view.ts'

/** A listing is to come while somebody waits for it. */
const budgetMs = 4000
/** Kept of all mirrors together (R9). */
const maxKept = 50_000

type Kept = { readonly mark: string; readonly found: FoundRoots }

export type ArenaRootsFound = { readonly roots: readonly FoundRoot[]; readonly problems: readonly string[] }

export class ArenaRoots {
  readonly #budgetMs: number
  /** By mirror and arena. */
  readonly #kept = new Map<string, Kept>()
  #roots = 0

  constructor(budget: number = budgetMs) {
    this.#budgetMs = budget
  }

  /** Newest first. Rejects with what opening the source does. */
  async find({ name, source }: Pick<MirrorState, 'name' | 'source'>): Promise<ArenaRootsFound> {
    const view = await openSourceView(source.spec)
    try {
      return await this.#find(name, view)
    } finally {
      await view.close()
    }
  }

  async #find(mirror: string, view: SourceView): Promise<ArenaRootsFound> {
    const untilMs = performance.now() + this.#budgetMs
    const roots = new Map<string, FoundRoot>()
    const problems = view.damage.map(({ arena, detail }) => `${arena === '' ? 'arena table' : arena}: ${detail}`)
    let left = 0
    for (const arena of view.arenas.toReversed()) {
      if (isEmpty(arena)) continue
      const key = `${mirror} ${arena.name}`
      const kept = this.#kept.get(key)
      let found = kept?.mark === markOf(arena) ? kept.found : null
      if (found === null && performance.now() > untilMs) {
        left++
        continue
      }
      found ??= await this.#look(key, view, arena)
      for (const root of found.roots) if (!roots.has(root.score)) roots.set(root.score, root)
      problems.push(...found.problems)
    }
    if (left > 0) {
      problems.push(`${countOf(left, 'arena')} could not be searched for roots yet; list them again to go on`)
    }
    return { roots: [...roots.values()], problems }
  }

  async #look(key: string, view: SourceView, arena: ArenaView): Promise<FoundRoots> {
    const found = await findRoots({ ...view, arenas: [arena], damage: [] })
    // Of an arena that is still written to, the next look would have to find more.
    if (arena.arena?.counted?.sealed !== true) return found
    if (this.#roots + found.roots.length > maxKept) {
      this.#kept.clear()
      this.#roots = 0
    }
    this.#roots += found.roots.length - (this.#kept.get(key)?.found.roots.length ?? 0)
    this.#kept.set(key, { mark: markOf(arena), found })
    return found
  }
}

const isEmpty = ({ arena, moreBehind }: ArenaView): boolean => arena?.counted?.clumps === 0 && !moreBehind

/** What would be different if another arena had come to stand in its place. */
function markOf({ entry, arena }: ArenaView): string {
  return [entry.start, entry.stop, arena?.clumpMagic, arena?.counted?.used, arena?.counted?.clumps].join(' ')
}
