// Blocks of opened arena partitions, and where they stand: to explain what a target lacks, to send it, and to compare. The
// index is made by one reading of the clump directories (quick: they lag behind and may lie) or of the logs (certain: every
// clump is decoded and hashed). It costs 48 bytes a block; where only some are wanted, only those are kept (R9).

import { cancelledError } from '../../../shared/errors.ts'
import { assert } from '../../../shared/assert.ts'
import { losesBlocks } from '../../../shared/model/damage.ts'
import type { Score } from '../../../shared/model/score.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import { openArena, type Arena } from '../venti/arena/arena.ts'
import type { ArenaPartition } from '../venti/arena/arena-partition.ts'
import { examineClump } from '../venti/arena/clump-check.ts'
import { ClumpScanner } from '../venti/arena/clump-scanner.ts'
import { readClumpAt, visitListedClumps } from '../venti/arena/listed-clumps.ts'
import { isLegalWireType } from '../venti/format/block-type.ts'
import { infoScoreAt, infoType, infoUncompressedSize } from '../venti/format/clump-info.ts'
import { scoreBytes } from '../venti/format/constants.ts'
import { ScoreTable } from '../venti/server/score-table.ts'
import { corruptBlock, missingBlock, oversizeBlock } from './block-faults.ts'
import type { ProbingStore } from './block-store.ts'

export type BlockPlace = { readonly arena: string; readonly offset: number }

export type ArenaBlocksOptions = {
  /** What to believe about what stands where. Default `directories`, with the log where there is none. */
  readonly from?: 'directories' | 'logs'
  /** Index these only. */
  readonly wanted?: ReadonlySet<Score>
  readonly signal?: AbortSignal | undefined
}

export interface ArenaBlocks extends ProbingStore {
  /** Blocks in the index. */
  readonly count: number
  /** Null: in no arena, as far as what was read can tell. */
  locate(score: Score, type: number): BlockPlace | null
}

/** Other places of blocks that stand in the log twice; real logs have few, spoiled ones may have many (R9). */
const maxOtherPlaces = 100_000

type Place = { readonly arena: number; readonly offset: number }

class BlockIndex {
  readonly table = new ScoreTable()
  readonly #others = new Map<number, Place[]>()
  #otherPlaces = 0
  readonly #wanted: ReadonlySet<Score> | null
  /** First bytes of the wanted scores: nearly all others are told apart by these. */
  readonly #starts: ReadonlySet<number>

  constructor(wanted: ReadonlySet<Score> | null) {
    this.#wanted = wanted
    this.#starts = new Set(Array.from(wanted ?? [], (score) => Number.parseInt(score.slice(0, 6), 16)))
  }

  add(bytes: Uint8Array, at: number, type: number, place: Place, sizeBytes: number): void {
    // Retired by a repair tool, or stored by a server that let a wrong type pass.
    if (!isLegalWireType(type)) return
    if (this.#wanted !== null) {
      const start = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
      if (!this.#starts.has(start)) return
      if (!this.#wanted.has(toHex(bytes.subarray(at, at + scoreBytes)) as Score)) return
    }
    const entry = this.table.find(bytes, at, type)
    if (entry < 0) this.table.add(bytes, at, type, place.arena, place.offset, sizeBytes)
    else if (this.#otherPlaces < maxOtherPlaces) {
      this.#otherPlaces++
      const others = this.#others.get(entry)
      if (others === undefined) this.#others.set(entry, [place])
      else others.push(place)
    }
  }

  /** All places of a block, in the order of the log. */
  places(score: Score, type: number): readonly Place[] {
    const bytes = fromHex(score)
    assert(bytes?.length === scoreBytes, 'a score that is none')
    const entry = this.table.find(bytes, 0, type)
    if (entry < 0) return []
    const first = { arena: this.table.arenaOf(entry), offset: this.table.offsetOf(entry) }
    return [first, ...(this.#others.get(entry) ?? [])]
  }

  sizeOf(score: Score, type: number): number | null {
    const entry = this.table.find(fromHex(score) as Uint8Array, 0, type)
    return entry < 0 ? null : this.table.sizeOf(entry)
  }
}

/** Indexes what the arena's directory lists; false where it cannot be believed, and then nothing was added. */
async function fromDirectory(
  arena: Arena,
  number: number,
  index: BlockIndex,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const visit = (entry: Uint8Array, offset: number): boolean => {
    index.add(entry, infoScoreAt, infoType(entry, 0), { arena: number, offset }, infoUncompressedSize(entry, 0))
    return true
  }
  return await visitListedClumps(arena, visit, signal)
}

/** Indexes what stands in the log from `from` on. Damage whose block is known by name is indexed, so that it is found. */
async function fromLog(
  arena: Arena,
  number: number,
  from: { readonly offset: number; readonly clump: number },
  index: BlockIndex,
  signal: AbortSignal | undefined,
): Promise<void> {
  const scanner = new ClumpScanner(arena, {
    from: from.offset,
    index: from.clump,
    ...(signal === undefined ? {} : { signal }),
  })
  for await (const items of scanner.run()) {
    for (const item of items) {
      if (item.kind === 'clump') {
        const bytes = fromHex(item.score) as Uint8Array
        const place = { arena: number, offset: item.offset }
        index.add(bytes, 0, item.type, place, item.data.length)
        if (item.alsoType !== null) index.add(bytes, 0, item.alsoType, place, item.data.length)
      } else {
        const { score, type, clumpOffset } = item.damage
        if (score === null || type === null || clumpOffset === null || !losesBlocks(item.damage)) continue
        index.add(fromHex(score) as Uint8Array, 0, type, { arena: number, offset: clumpOffset }, 0)
      }
    }
  }
}

/** The partitions stay the caller's: closing the store does not close them. */
export async function openArenaBlocks(
  name: string,
  partitions: readonly ArenaPartition[],
  options: ArenaBlocksOptions = {},
): Promise<ArenaBlocks> {
  const { from = 'directories', wanted = null, signal } = options
  const index = new BlockIndex(wanted)
  const arenas: Arena[] = []
  for (const partition of partitions) {
    for (const entry of partition.entries) {
      if (signal?.aborted === true) throw cancelledError()
      const { arena } = await openArena(partition, entry, { head: true, seal: false })
      if (arena === null) continue
      const number = arenas.push(arena) - 1
      const listed = from === 'directories' && (await fromDirectory(arena, number, index, signal))
      const { used = 0, clumps = 0 } = listed ? (arena.counted ?? {}) : {}
      // Behind the tail's counters only the log knows.
      await fromLog(arena, number, { offset: used, clump: clumps }, index, signal)
    }
  }
  return new IndexedArenas(name, arenas, index)
}

class IndexedArenas implements ArenaBlocks {
  readonly name: string
  readonly #arenas: readonly Arena[]
  readonly #index: BlockIndex

  constructor(name: string, arenas: readonly Arena[], index: BlockIndex) {
    this.name = name
    this.#arenas = arenas
    this.#index = index
  }

  get count(): number {
    return this.#index.table.count
  }

  locate(score: Score, type: number): BlockPlace | null {
    const place = this.#index.places(score, type)[0]
    return place === undefined ? null : { arena: this.#arena(place).name, offset: place.offset }
  }

  async read(score: Score, type: number, maxBytes: number): Promise<Uint8Array> {
    const key = { score, type }
    const places = this.#index.places(score, type)
    let problem: string | null = null
    for (const place of places) {
      const data = await this.#readAt(place, score)
      if (typeof data === 'string') problem ??= data
      else if (data.length > maxBytes) throw oversizeBlock(this.name, key, maxBytes)
      else return data
    }
    throw problem === null ? missingBlock(this.name, key) : corruptBlock(this.name, key, problem)
  }

  /** As the index has it: whether the block can be read is another matter. 0 for one known to be damaged. */
  probe(score: Score, type: number): Promise<number | null> {
    return Promise.resolve(this.#index.sizeOf(score, type))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #arena(place: Place): Arena {
    return this.#arenas[place.arena] as Arena
  }

  /** The block, or what is wrong at that place. The type in the header is not asked: the score does not cover it. */
  async #readAt(place: Place, score: Score): Promise<Uint8Array | string> {
    const arena = this.#arena(place)
    const where = `arena ${arena.name}, clump offset ${place.offset}`
    const bytes = await readClumpAt(arena, place.offset)
    if (typeof bytes === 'string') return `${where}: ${bytes}`
    const state = examineClump(bytes, 0, bytes.length, arena.clumpMagic, true)
    if (state.state === 'good') return state.score === score ? state.data : `${where}: another block stands there`
    return `${where}: ${state.state === 'bad-data' ? state.reason : 'no sound clump header'}`
  }
}
