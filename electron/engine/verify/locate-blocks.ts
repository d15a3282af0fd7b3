// Where blocks stand in the arenas of a source, for a bounded list of them: the clump directories are read where they are
// sound, else and behind what the tails count the log itself. Memory depends on the list, not on the source (R9). Every
// place is looked at: a block whose clump does not decode to its score is damaged, whatever a directory says (R4).

import { cancelledError } from '../../../shared/errors.ts'
import type { Score } from '../../../shared/model/score.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import type { ArenaView, SourceView } from '../sync/source-view.ts'
import type { Arena } from '../venti/arena/arena.ts'
import { examineClump, type ClumpState } from '../venti/arena/clump-check.ts'
import { describeClump } from '../venti/arena/clump-damage.ts'
import { ClumpScanner } from '../venti/arena/clump-scanner.ts'
import { readClumpAt, visitListedClumps, type VisitListed } from '../venti/arena/listed-clumps.ts'
import { infoScoreAt, infoType } from '../venti/format/clump-info.ts'
import { scoreBytes } from '../venti/format/constants.ts'
import { ScoreTable } from '../venti/server/score-table.ts'

export type BlockKey = { readonly score: Score; readonly type: number }

export type BlockPlace = {
  readonly arena: string
  readonly offset: number
  /** Null: the clump there is sound. Else what is wrong with it. */
  readonly damage: string | null
}

export const keyText = ({ score, type }: BlockKey): string => `${score}/${type}`

export class BlockLocator {
  readonly #view: SourceView
  readonly #signal: AbortSignal | undefined
  readonly #wanted = new ScoreTable()
  readonly #places = new Map<string, BlockPlace>()
  #sound = 0

  constructor(view: SourceView, wanted: readonly BlockKey[], signal?: AbortSignal) {
    this.#view = view
    this.#signal = signal
    for (const { score, type } of wanted) {
      const bytes = fromHex(score)
      if (bytes !== null && this.#wanted.find(bytes, 0, type) < 0) this.#wanted.add(bytes, 0, type, 0, 0, 0)
    }
  }

  /** By keyText; absent: nowhere. A sound copy is preferred, then the first. */
  async run(): Promise<ReadonlyMap<string, BlockPlace>> {
    for (const { arena } of this.#view.arenas) {
      // A second copy of what was found says nothing new.
      if (this.#sound === this.#wanted.count) break
      if (this.#signal?.aborted === true) throw cancelledError()
      if (arena === null) continue
      const listed = await this.#fromDirectory(arena)
      await this.#fromLog(arena, listed ? (arena.counted?.used ?? 0) : 0, listed ? (arena.counted?.clumps ?? 0) : 0)
    }
    return this.#places
  }

  /** False where the directory cannot be believed. */
  async #fromDirectory(arena: Arena): Promise<boolean> {
    const note = async (score: Score, type: number, offset: number): Promise<boolean> => {
      this.#note({ score, type }, arena, offset, damageOf(await clumpAt(arena, offset), arena, score))
      return true
    }
    const visit: VisitListed = (entry, offset) => {
      const type = infoType(entry, 0)
      if (this.#wanted.find(entry, infoScoreAt, type) < 0) return true
      return note(toHex(entry.subarray(infoScoreAt, infoScoreAt + scoreBytes)) as Score, type, offset)
    }
    return await visitListedClumps(arena, visit, this.#signal)
  }

  async #fromLog(arena: Arena, from: number, index: number): Promise<void> {
    const scanner = new ClumpScanner(arena, { from, index, ...(this.#signal ? { signal: this.#signal } : {}) })
    for await (const items of scanner.run()) {
      for (const item of items) {
        if (item.kind === 'clump') {
          this.#note(item, arena, item.offset, null)
          if (item.alsoType !== null) this.#note({ score: item.score, type: item.alsoType }, arena, item.offset, null)
        } else if (item.damage.score !== null && item.damage.type !== null && item.nextOffset > item.offset) {
          const { score, type, detail } = item.damage
          this.#note({ score, type }, arena, item.damage.clumpOffset ?? item.offset, detail)
        }
      }
    }
  }

  #note(key: BlockKey, arena: Arena, offset: number, damage: string | null): void {
    const bytes = fromHex(key.score)
    if (bytes === null || this.#wanted.find(bytes, 0, key.type) < 0) return
    const before = this.#places.get(keyText(key))
    if (before !== undefined && (before.damage === null || damage !== null)) return
    if (damage === null) this.#sound++
    this.#places.set(keyText(key), { arena: arena.name, offset, damage })
  }
}

async function clumpAt(arena: Arena, offset: number): Promise<ClumpState | string> {
  const bytes = await readClumpAt(arena, offset)
  return typeof bytes === 'string' ? bytes : examineClump(bytes, 0, bytes.length, arena.clumpMagic)
}

function damageOf(state: ClumpState | string, arena: Arena, score: Score): string | null {
  if (typeof state === 'string') return state
  if (state.state !== 'good') return describeClump(state, arena.clumpMagic).detail
  return state.score === score ? null : 'the clump there is another one than the directory says'
}

/** The block at a place found before, its SHA-1 compared; null when it is not there any more. */
export async function blockAt(
  view: Pick<SourceView, 'byName'>,
  place: BlockPlace,
  score: Score,
): Promise<Uint8Array | null> {
  const arena: ArenaView['arena'] = view.byName.get(place.arena)?.arena ?? null
  if (arena === null) return null
  const state = await clumpAt(arena, place.offset)
  return typeof state !== 'string' && state.state === 'good' && state.score === score ? state.data : null
}
