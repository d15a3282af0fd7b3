// Walks the clump log of one arena, header by header, and yields every block that verifies and every damage met on the
// way. Policy: venti-arenas.md 7.4 (behind the tail's counters) and 7.5 (inside them). Never stops at damage, never yields
// a block whose SHA-1 is not its score (R4). Nothing here writes, and memory is one window whatever the arena (R9).

import { structureDamage, type Damage, type DamageKind } from '../../../../shared/model/damage.ts'
import type { Score } from '../../../../shared/model/score.ts'
import { cancelledError } from '../../../../shared/errors.ts'
import { hexNumber, toHex } from '../../bytes/hex.ts'
import { isLegalWireType, wireCorrupt } from '../format/block-type.ts'
import { clumpHeaderBytes, clumpMagicOf, clumpTypeAt, maxClumpBytes } from '../format/clump.ts'
import { directoryReserveBytes, infoScoreAt, infoStoredSize, infoType } from '../format/clump-info.ts'
import { clumpFreeMagic } from '../format/constants.ts'
import type { Arena } from './arena.ts'
import { examineClump, passingRoom, type BlockRoom, type ClumpState } from './clump-check.ts'
import { describeClump } from './clump-damage.ts'
import { ClumpDirectory, sameButType } from './clump-directory.ts'
import { LogReader } from './log-reader.ts'
import { BlockSlab, PiecePool, type Piece } from './piece.ts'
import { Resynchroniser } from './resynchronise.ts'

export type ClumpItem = {
  readonly kind: 'clump'
  readonly arena: string
  readonly offset: number
  /** Offset of the clump behind it. */
  readonly nextOffset: number
  /** Number in the arena; null after damage that left it unknown. */
  readonly index: number | null
  readonly type: number
  /** A second type to send the block under: header and directory disagree and the score does not cover the type. */
  readonly alsoType: number | null
  readonly score: Score
  readonly data: Uint8Array
  readonly storedSize: number
  /** What the data lies in, held for whoever takes the item: once he lets go, the data may be written over. */
  readonly piece?: Piece | null
}

export type DamageItem = {
  readonly kind: 'damage'
  readonly arena: string
  readonly offset: number
  readonly nextOffset: number
  readonly damage: Damage
  /** The last counted clump of an arena in use may still be completed: no cursor passes it. */
  readonly holdsCursor: boolean
}

export type ScanItem = ClumpItem | DamageItem

export type ScanEnd = {
  /** log-end: the free magic or foreign bytes behind the last clump. torn: a last clump that is not whole. limit: `to`. */
  readonly reason: 'log-end' | 'torn' | 'limit'
  readonly offset: number
  readonly index: number | null
}

export type ScanOptions = {
  readonly from: number
  /** Number of the clump at `from`; null when unknown. */
  readonly index: number | null
  /** Stop at the first clump boundary at or behind this offset. */
  readonly to?: number
  readonly signal?: AbortSignal
  /** False: nobody looks at the data of a block but at its length, so it need not be good for longer than the next one. */
  readonly keepsData?: boolean
  /** What is read and decoded is put there; several scans may share it. */
  readonly pool?: PiecePool
  /** Sees every chunk of log as it is read, in order (for the seal). */
  readonly onChunk?: (offset: number, bytes: Uint8Array) => void
}

/** A batch goes out when it holds this much: some milliseconds of work, in which nothing else gets its turn. */
const batchBytes = 256 * 1024
const completedLater = '; it is the last one and may still be completed'
const lastCompletedLater = '; the last one may still be completed'
/** Lost clumps named one by one in an arena; a region lost behind them is one record. */
const maxNamed = 1000

export class ClumpScanner {
  readonly #arena: Arena
  readonly #options: ScanOptions
  readonly #slab: BlockSlab | null
  readonly #room: BlockRoom
  readonly #log: LogReader
  readonly #directory: ClumpDirectory | null
  readonly #resync: Resynchroniser
  /** End of the region the tail counts; 0 when there is no usable tail. */
  #countedUsed: number
  readonly #countedClumps: number
  #offset: number
  #index: number | null
  #items: ScanItem[] = []
  #bytes = 0
  #named = 0
  /** Of the blocks yielded; compared with the tail's, when nothing before or among them is unknown. */
  #compressed = 0
  #uncompressed = 0
  #sumsKnown: boolean
  /** A run of clumps whose directory entry differs, collected into one record. */
  #differing: { offset: number; index: number; next: number; count: number; score: Score; type: number } | null = null

  constructor(arena: Arena, options: ScanOptions) {
    this.#arena = arena
    this.#options = options
    const pool = options.pool ?? new PiecePool()
    this.#slab = options.keepsData === false ? null : new BlockSlab(pool)
    this.#room = this.#slab?.room ?? passingRoom
    this.#offset = options.from
    this.#index = options.index
    this.#sumsKnown = options.from === 0
    this.#countedUsed = Math.min(arena.counted?.used ?? 0, arena.readableBytes)
    this.#countedClumps = arena.counted?.clumps ?? 0
    const planned = Math.min(arena.counted === null ? arena.readableBytes : this.#countedUsed, options.to ?? Infinity)
    const { onChunk, signal } = options
    this.#log = new LogReader(arena.partition.source, arena.dataBase, arena.readableBytes, planned, {
      ...(onChunk === undefined ? {} : { onChunk }),
      ...(signal === undefined ? {} : { signal }),
      pool,
    })
    const { counted } = arena
    this.#directory =
      counted === null || counted.clumps === 0 ? null : new ClumpDirectory(arena, counted.clumps, counted.used, signal)
    this.#resync = new Resynchroniser(arena, this.#log, this.#directory)
  }

  async *run(): AsyncGenerator<readonly ScanItem[], ScanEnd> {
    const to = this.#options.to ?? Infinity
    let end: ScanEnd | null = null
    while (end === null) {
      if (this.#options.signal?.aborted) throw cancelledError()
      if (this.#offset >= to) end = { reason: 'limit', offset: this.#offset, index: this.#index }
      else if (this.#offset < this.#countedUsed) await this.#countedStep()
      else end = await this.#uncountedStep()
      if (this.#bytes >= batchBytes || this.#items.length >= 1024) yield this.#take()
    }
    this.#endDiffering()
    this.#reportUnreadable()
    if (this.#items.length > 0) yield this.#take()
    return end
  }

  #take(): readonly ScanItem[] {
    const items = this.#items
    this.#items = []
    this.#bytes = 0
    return items
  }

  /** `logPiece`: what the clump was looked at in. */
  #good(state: ClumpState & { state: 'good' }, alsoType: number | null, logPiece: Piece | null): void {
    const piece = this.#pieceOf(state.data, logPiece)
    piece?.hold()
    const nextOffset = this.#offset + clumpHeaderBytes + state.storedSize
    this.#items.push({
      kind: 'clump',
      arena: this.#arena.name,
      offset: this.#offset,
      nextOffset,
      index: this.#index,
      type: state.type,
      alsoType,
      score: state.score,
      data: state.data,
      storedSize: state.storedSize,
      piece,
    })
    this.#bytes += state.data.length
    this.#uncompressed += state.data.length
    if (state.storedSize < state.data.length) this.#compressed++
    this.#offset = nextOffset
    if (this.#index !== null) this.#index++
  }

  /** The data of a plain clump is where it was read, that of any other where it was decoded. */
  #pieceOf({ buffer }: Uint8Array, logPiece: Piece | null): Piece | null {
    if (this.#slab === null) return null
    if (buffer === logPiece?.bytes.buffer) return logPiece
    const { piece } = this.#slab
    return buffer === piece?.bytes.buffer ? piece : null
  }

  #damage(
    kind: DamageKind,
    offset: number,
    nextOffset: number,
    fields: { index: number | null; score: Score | null; type: number | null; detail: string },
    holdsCursor = false,
  ): void {
    this.#named++
    const { name, dataBase } = this.#arena
    const damage: Damage = {
      kind,
      arena: name,
      clumpOffset: offset,
      partitionOffset: dataBase + offset,
      nextOffset,
      ...fields,
    }
    this.#items.push({ kind: 'damage', arena: name, offset, nextOffset, damage, holdsCursor })
  }

  async #countedStep(): Promise<void> {
    const offset = this.#offset
    const room = this.#countedUsed - offset
    const wanted = Math.min(room, maxClumpBytes)
    const { bytes, at, piece } = this.#log.peek(offset, wanted) ?? (await this.#log.get(offset, wanted))
    const state = examineClump(bytes, at, at + wanted, this.#arena.clumpMagic, false, this.#room)
    if (state.state === 'good') {
      if (this.#index === null && this.#directory !== null)
        this.#index = await this.#resync.indexOf(offset, this.#countedUsed)
      this.#good(state, await this.#compareWithDirectory(state, bytes, at), piece)
      if (this.#offset === this.#countedUsed) this.#checkCounters()
      return
    }
    this.#endDiffering()
    if (state.state === 'no-header' && (await this.#endsHere(state, room))) return
    if (state.state === 'marked-corrupt' && (await this.#onlyTypeIsWrong(state))) return
    await this.#stepOver(state)
  }

  /**
   * True where the log itself shows that the tail's "used" is wrong: it ends inside a clump that verifies, or the free
   * magic stands behind as many clumps as it counts. What follows is then read as behind the tail.
   */
  async #endsHere(state: ClumpState & { state: 'no-header' }, room: number): Promise<boolean> {
    const { clumpMagic } = this.#arena
    let real: ClumpState = state
    if (room < maxClumpBytes) {
      const length = Math.min(maxClumpBytes, Math.max(room, this.#uncountedLimit() - this.#offset))
      const { bytes, at, available } = await this.#log.get(this.#offset, length)
      real = examineClump(bytes, at, at + available, clumpMagic)
    }
    let why: string | null = null
    if (real.state === 'good') why = 'it ends inside this clump, which is good'
    else if (real.state === 'no-header' && real.magic === clumpFreeMagic && this.#index !== null) {
      const clumps = this.#countedClumps
      if (this.#index >= clumps) why = `the log ends here, behind the ${clumps} clumps it counts`
    }
    if (why === null) return false
    this.#damage('tail-differs', this.#offset, this.#offset, {
      index: this.#index,
      score: null,
      type: null,
      detail: `the tail says that the log ends at ${hexNumber(this.#countedUsed)}; ${why}`,
    })
    this.#countedUsed = this.#offset
    return true
  }

  /** A type no writer uses, over a good block the directory knows: sent as what the directory says. */
  async #onlyTypeIsWrong(state: ClumpState & { state: 'marked-corrupt' }): Promise<boolean> {
    const directory = this.#directory
    const index = this.#index
    if (state.type === wireCorrupt || directory === null || index === null || index >= directory.count) return false
    const entry = await directory.entryAt(index)
    const type = infoType(entry, 0)
    const { bytes, at, available, piece } = await this.#log.get(this.#offset, clumpHeaderBytes + state.storedSize)
    if (!isLegalWireType(type) || !sameButType(entry, bytes, at + clumpTypeAt)) return false
    const real = examineClump(bytes, at, at + available, this.#arena.clumpMagic, true)
    if (real.state !== 'good') return false
    this.#damage('type-differs', this.#offset, this.#offset + clumpHeaderBytes + state.storedSize, {
      index,
      score: state.score,
      type: state.type,
      detail: `the clump says type ${state.type}, which no block has, its directory entry ${type}; the block is sent as that`,
    })
    this.#good({ ...real, type }, null, piece)
    if (this.#offset === this.#countedUsed) this.#checkCounters()
    return true
  }

  /** Compares the header at `at` with its directory entry; returns a second legal type to send under, if they differ in it. */
  async #compareWithDirectory(
    state: ClumpState & { state: 'good' },
    bytes: Uint8Array,
    at: number,
  ): Promise<number | null> {
    const directory = this.#directory
    const index = this.#index
    if (directory === null || index === null || index >= directory.count) return null
    if (!directory.has(index)) await directory.load(index, directory.count - 1)
    if (!directory.isReadable(index)) {
      this.#endDiffering()
      return null
    }
    const entry = directory.entry(index)
    const same = sameButType(entry, bytes, at + clumpTypeAt)
    const directoryType = infoType(entry, 0)
    if (same && directoryType === state.type) {
      if (this.#differing !== null) this.#endDiffering()
      return null
    }
    if (same && isLegalWireType(directoryType)) {
      this.#endDiffering()
      this.#damage('type-differs', this.#offset, this.#offset + clumpHeaderBytes + state.storedSize, {
        index,
        score: state.score,
        type: state.type,
        detail: `the clump says type ${state.type}, its directory entry ${directoryType}; the block is sent as both`,
      })
      return directoryType
    }
    const next = this.#offset + clumpHeaderBytes + state.storedSize
    if (this.#differing === null) {
      this.#differing = { offset: this.#offset, index, next, count: 1, score: state.score, type: state.type }
    } else {
      this.#differing = { ...this.#differing, next, count: this.#differing.count + 1 }
    }
    return null
  }

  #endDiffering(): void {
    const run = this.#differing
    if (run === null) return
    this.#differing = null
    this.#damage('directory-differs', run.offset, run.next, {
      index: run.index,
      score: run.score,
      type: run.type,
      detail:
        run.count === 1
          ? `directory entry ${run.index} is not that of the clump, whose block is good`
          : `directory entries ${run.index} to ${run.index + run.count - 1} are not those of the clumps, whose blocks are good`,
    })
  }

  /** At the end of what the tail counts: does it count what the log has? */
  #checkCounters(): void {
    this.#endDiffering()
    const { counted } = this.#arena
    const differs = (what: string, said: number, found: number): void => {
      if (said === found) return
      this.#damage('tail-differs', this.#offset, this.#offset, {
        index: this.#index,
        score: null,
        type: null,
        detail: `the tail counts ${said} ${what} up to ${hexNumber(this.#offset)}, the log has ${found}`,
      })
    }
    if (this.#index !== null) differs('clumps', this.#countedClumps, this.#index)
    if (!this.#sumsKnown || counted === null) return
    differs('compressed clumps', counted.compressedClumps, this.#compressed)
    differs('uncompressed bytes', counted.uncompressed, this.#uncompressed)
  }

  /** Damage inside the counted region: name it, and everything lost with it, and go on behind it. */
  async #stepOver(state: ClumpState): Promise<void> {
    const offset = this.#offset
    const index = this.#index
    const target = await this.#resync.after(offset, index, this.#countedUsed, state)
    const what = describeClump(state, this.#arena.clumpMagic)
    const directory = this.#directory
    this.#sumsKnown = false
    const lost = index === null || target.index === null ? 1 : Math.max(1, target.index - index)
    if (lost > 1 && directory !== null && index !== null && target.sizesAgree && this.#named + lost <= maxNamed) {
      await this.#nameEach(offset, index, index + lost, target.offset, what)
    } else {
      const holds = this.#mayBeCompleted(target.offset, state.state)
      const isLast = index === null || index + 1 >= this.#countedClumps
      const entry =
        directory !== null && index !== null && index < directory.count ? await directory.entryAt(index) : null
      const known = what.score === null && entry !== null && infoStoredSize(entry, 0) > 0
      const one = holds && isLast ? 'incomplete-last-clump' : what.kind
      const kind = lost > 1 || target.index === null ? 'lost-region' : one
      const more = lost > 1 ? `; ${lost} clumps up to ${hexNumber(target.offset)} are lost with it` : ''
      this.#damage(
        kind,
        offset,
        target.offset,
        {
          index,
          score: known ? (toHex(entry.subarray(infoScoreAt)) as Score) : what.score,
          type: known ? infoType(entry, 0) : what.type,
          detail: `${what.detail}${more}${holds ? (isLast ? completedLater : lastCompletedLater) : ''}`,
        },
        holds,
      )
    }
    this.#offset = target.offset
    this.#index = target.index
  }

  /** Damage that reaches the end of what an arena in use counts has its last clump in it: no cursor passes that. */
  #mayBeCompleted(nextOffset: number, state: ClumpState['state'] | DamageKind): boolean {
    return nextOffset === this.#countedUsed && this.#arena.counted?.sealed === false && state !== 'marked-corrupt'
  }

  async #nameEach(
    offset: number,
    first: number,
    end: number,
    endOffset: number,
    what: { kind: DamageKind; detail: string },
  ): Promise<void> {
    const directory = this.#directory as ClumpDirectory
    let at = offset
    for (let index = first; index < end; index++) {
      const next = index + 1 === end ? endOffset : await directory.offsetFromEnd(index + 1)
      const entry = await directory.entryAt(index)
      let described = what
      if (index > first) {
        const found = await this.#log.get(at, Math.min(maxClumpBytes, this.#countedUsed - at))
        const state = examineClump(found.bytes, found.at, found.at + found.available, this.#arena.clumpMagic)
        described =
          state.state === 'good'
            ? { kind: 'lost-region', detail: 'not reached' }
            : describeClump(state, this.#arena.clumpMagic)
      }
      const holds = this.#mayBeCompleted(next, described.kind)
      this.#damage(
        holds ? 'incomplete-last-clump' : described.kind,
        at,
        next,
        {
          index,
          score: toHex(entry.subarray(infoScoreAt)) as Score,
          type: infoType(entry, 0),
          detail: `${described.detail}${holds ? completedLater : ''}`,
        },
        holds,
      )
      at = next
    }
  }

  /** The server reads no further: what is behind belongs to the directory. */
  #uncountedLimit(): number {
    const { sizeBytes, readableBytes, blockSize } = this.#arena
    const reserve = directoryReserveBytes((this.#index ?? this.#countedClumps) + 1, blockSize)
    return Math.min(sizeBytes - reserve, readableBytes)
  }

  /** Behind the tail's counters: the loop of the server's own recovery, read-only (7.4). */
  async #uncountedStep(): Promise<ScanEnd | null> {
    this.#endDiffering()
    const offset = this.#offset
    const arena = this.#arena
    const end = (reason: ScanEnd['reason']): ScanEnd => ({ reason, offset, index: this.#index })
    const limit = this.#uncountedLimit()
    if (offset + clumpHeaderBytes > limit) return end('log-end')
    const peek = this.#log.peek(offset, 4) ?? (await this.#log.get(offset, 4))
    const magic = clumpMagicOf(peek.bytes, peek.at)
    if (magic !== arena.clumpMagic && arena.counted !== null) return end('log-end')
    const { bytes, at, available, piece } = await this.#log.get(offset, Math.min(maxClumpBytes, limit - offset))
    const state = examineClump(bytes, at, at + available, arena.clumpMagic, false, this.#room)
    if (state.state === 'good') {
      this.#good(state, null, piece)
      return null
    }
    if (arena.counted === null) return await this.#withoutTail(state, limit)
    if (state.state === 'no-header') return end('torn')
    // A damaged block is damage only when the log goes on behind it; otherwise it is the write the server was in.
    const next = offset + clumpHeaderBytes + state.storedSize
    const follower = await this.#log.get(next, Math.min(maxClumpBytes, Math.max(0, limit - next)))
    const behind = examineClump(follower.bytes, follower.at, follower.at + follower.available, arena.clumpMagic)
    if (behind.state !== 'good') return end('torn')
    this.#stepTo(next, state)
    return null
  }

  #stepTo(next: number, state: ClumpState): void {
    const what = describeClump(state, this.#arena.clumpMagic)
    this.#damage(what.kind, this.#offset, next, {
      index: this.#index,
      score: what.score,
      type: what.type,
      detail: what.detail,
    })
    this.#offset = next
    if (this.#index !== null) this.#index++
  }

  /** Without a tail nobody says where the log ends: it ends where no clump follows any more. */
  async #withoutTail(state: ClumpState, limit: number): Promise<ScanEnd | null> {
    const offset = this.#offset
    const target = await this.#resync.searchMagic(offset, limit)
    if (target === null) {
      const free = state.state === 'no-header' && state.magic !== this.#arena.clumpMagic
      return { reason: free ? 'log-end' : 'torn', offset, index: this.#index }
    }
    const what = describeClump(state, this.#arena.clumpMagic)
    const sound = state.state === 'bad-data' || state.state === 'marked-corrupt'
    const one = sound && target === offset + clumpHeaderBytes + state.storedSize
    this.#damage(one ? what.kind : 'lost-region', offset, target, {
      index: this.#index,
      score: what.score,
      type: what.type,
      detail: what.detail,
    })
    this.#offset = target
    this.#index = one && this.#index !== null ? this.#index + 1 : null
    return null
  }

  #reportUnreadable(): void {
    for (const range of this.#log.unreadable) {
      this.#damage('unreadable-region', range.offset, range.offset + range.length, {
        index: null,
        score: null,
        type: null,
        detail: `the disk cannot read ${range.length} bytes here; the clumps it touches are named on their own`,
      })
    }
    const { name, dataBase } = this.#arena
    for (const { partitionOffset, length } of this.#directory?.unreadable ?? []) {
      const detail = `the disk cannot read ${length} bytes of the clump directory here`
      const damage = structureDamage('directory-unreadable', name, partitionOffset, detail)
      const offset = partitionOffset - dataBase
      this.#items.push({ kind: 'damage', arena: name, offset, nextOffset: offset + length, damage, holdsCursor: false })
    }
  }
}
