// The newest root of a mirror: what rootscor on its 9fat says last, else fossil's last archive, else the newest root block in
// the arenas. Arenas are searched from the newest on and only as far as needed; what was found is kept until the arena
// changes, so that asking again costs nothing.

import type { MirrorState } from '../../shared/model/mirror.ts'
import { zeroScore, type RootScore } from '../../shared/model/score.ts'
import { asAppError } from '../../shared/errors.ts'
import { newestScoreLine } from '../engine/bookkeeping/rootscor.ts'
import { fossilInfoOf } from '../engine/ninefat/collect-roots.ts'
import { findRoots, type FoundRoot } from '../engine/ninefat/find-roots.ts'
import type { ArenaView, SourceView } from '../engine/sync/source-view.ts'
import { fossilOf } from './mirror-preferences.ts'

export type NewestRoot = {
  readonly score: RootScore
  /** ISO 8601, where its root block was found and says so. */
  readonly at: string | null
  readonly from: 'rootscor' | 'fossil' | 'arenas'
}

/** Arenas with roots in them that are looked at for one that was recorded elsewhere. */
const arenasSearched = 3

/** A picture is to come while somebody waits for it. */
const budgetMs = 1500

const isEmpty = ({ arena, moreBehind }: ArenaView): boolean =>
  arena === null || (arena.counted?.clumps === 0 && !moreBehind)

const markOf = ({ entry, arena }: ArenaView): string =>
  [entry.start, entry.stop, arena?.clumpMagic, arena?.counted?.used, arena?.counted?.clumps].join(' ')

const timeOf = ({ time }: FoundRoot): string | null => (time === 0 ? null : new Date(time * 1000).toISOString())

type Kept = { readonly mark: string; readonly roots: readonly FoundRoot[] }

export class NewestRoots {
  /** By mirror and arena. */
  readonly #kept = new Map<string, Map<string, Kept>>()

  /** Null where there is none, or nothing can be read. `rootscor`: the text of it, null without one. Never rejects. */
  async find(mirror: MirrorState, view: SourceView | null, rootscor: string | null): Promise<NewestRoot | null> {
    const recorded = newestScoreLine(rootscor ?? '')?.score ?? null
    if (recorded !== null && (recorded as string) !== zeroScore) {
      return { score: recorded, at: await this.#timeOf(mirror.name, view, recorded), from: 'rootscor' }
    }
    const archived = await this.#fossilRoot(mirror)
    if (archived !== null) {
      return { score: archived, at: await this.#timeOf(mirror.name, view, archived), from: 'fossil' }
    }
    for await (const roots of this.#rootsIn(mirror.name, view)) {
      const [newest] = roots
      if (newest !== undefined) return { score: newest.score, at: timeOf(newest), from: 'arenas' }
    }
    return null
  }

  forget(mirror: string): void {
    this.#kept.delete(mirror)
  }

  async #fossilRoot(mirror: MirrorState): Promise<RootScore | null> {
    const fossil = fossilOf(mirror)
    if (fossil === null) return null
    try {
      const { last, isEmpty: isNever } = await fossilInfoOf(fossil)
      return isNever ? null : last
    } catch {
      return null
    }
  }

  async #timeOf(mirror: string, view: SourceView | null, score: RootScore): Promise<string | null> {
    let searched = 0
    for await (const roots of this.#rootsIn(mirror, view)) {
      const found = roots.find((root) => root.score === score)
      if (found !== undefined) return timeOf(found)
      if (++searched >= arenasSearched) return null
    }
    return null
  }

  /** Of each arena that has some, newest arena first. */
  async *#rootsIn(mirror: string, view: SourceView | null): AsyncGenerator<readonly FoundRoot[]> {
    if (view === null) return
    const kept = this.#kept.get(mirror) ?? new Map<string, Kept>()
    this.#kept.set(mirror, kept)
    const untilMs = performance.now() + budgetMs
    for (const arena of view.arenas.toReversed()) {
      if (isEmpty(arena)) continue
      const known = kept.get(arena.name)
      const isKnown = known?.mark === markOf(arena)
      // Older arenas wait for the next time, which goes on here.
      if (!isKnown && performance.now() > untilMs) return
      const roots = isKnown ? known.roots : await rootsOf(view, arena)
      kept.set(arena.name, { mark: markOf(arena), roots })
      if (roots.length > 0) yield roots
    }
  }
}

async function rootsOf(view: SourceView, arena: ArenaView): Promise<readonly FoundRoot[]> {
  try {
    return (await findRoots({ ...view, arenas: [arena], damage: [] })).roots
  } catch (thrown) {
    if (asAppError(thrown).code === 'bug') throw thrown
    return []
  }
}
