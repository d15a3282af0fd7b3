// Appends clumps to the first arena that has room and brings them to the disk in the order that lets a tail be believed:
// clump data, fdatasync, directory blocks, fdatasync, tails, fdatasync (venti-arenas.md 7.3; plan9port srv/dcache.c).
// After a failed flush nothing is written any more: what the kernel dropped cannot be told from what it kept.

import { AppError } from '../../../../shared/errors.ts'
import { encodeClumpHeader, clumpHeaderBytes } from '../format/clump.ts'
import { encodingPlain, encodingWhack } from '../format/constants.ts'
import { AppendLog } from './append-log.ts'
import { directoryPieces, PendingDirectory } from './pending-directory.ts'
import type { StoreArena } from './store-arena.ts'
import type { StoreFile } from './store-file.ts'

export type ArenaWriterOptions = {
  /** Flush once nothing was appended for this long. */
  readonly idleMs: number
  /** Flush at least this often while blocks keep coming. */
  readonly maxDelayMs: number
  /** An arena's last tail before its seal is on the disk. */
  readonly onFull: (arena: StoreArena) => void
}

export type AppendedClump = { readonly arena: StoreArena; readonly offset: number }

export type NewClump = {
  readonly type: number
  readonly score: Uint8Array
  readonly uncompressedSize: number
  /** As stored: whack output when shorter than the block, else the block. */
  readonly stored: Uint8Array
  /** Seconds since 1970. */
  readonly time: number
}

type FlushPart = {
  readonly arena: StoreArena
  readonly tail: Uint8Array
  readonly first: number
  readonly entries: Uint8Array
}

export class ArenaWriter {
  readonly log: AppendLog
  readonly #file: StoreFile
  readonly #arenas: readonly StoreArena[]
  readonly #options: ArenaWriterOptions
  #current = 0
  readonly #dirty = new Map<StoreArena, PendingDirectory>()
  /** Counts changes; a flush covers those up to where it began. */
  #changes = 0
  #durable = 0
  #flushing: Promise<void> | null = null
  #failure: AppError | null = null
  #timer: NodeJS.Timeout | null = null
  #dirtySince = 0
  #lastChange = 0

  constructor(file: StoreFile, arenas: readonly StoreArena[], options: ArenaWriterOptions) {
    this.#file = file
    this.#arenas = arenas
    this.#options = options
    this.log = new AppendLog(file)
  }

  /** Why nothing is stored any more, or null. A write in the background may have failed before any flush noticed. */
  get failure(): AppError | null {
    return this.#failure ?? this.log.failure
  }

  /** The arena that takes the next clump; none when all are full. */
  get activeArena(): StoreArena | undefined {
    while (this.#arenas[this.#current]?.sealed) this.#current++
    return this.#arenas[this.#current]
  }

  /** Null when no arena has room. The caller asks log.backlogged first. Throws the failure, once there is one. */
  append(clump: NewClump): AppendedClump | null {
    if (this.failure !== null) throw this.failure
    const { stored, uncompressedSize, type, score, time } = clump
    for (let arena = this.activeArena; arena !== undefined; arena = this.activeArena) {
      if (!arena.hasRoomFor(stored.length)) {
        // For good, also for smaller clumps: so the real server does it, and so a full arena can be sealed.
        this.#touch(arena)
        arena.markFull()
        continue
      }
      const directory = this.#touch(arena)
      const offset = arena.used
      const bytes = this.log.reserve(arena.dataBase + offset, stored.length)
      const encoding = stored.length < uncompressedSize ? encodingWhack : encodingPlain
      const magic = arena.place.clumpMagic
      encodeClumpHeader(
        { magic, type, storedSize: stored.length, uncompressedSize, score, encoding, time },
        bytes.subarray(0, clumpHeaderBytes),
      )
      bytes.set(stored, clumpHeaderBytes)
      directory.add(bytes)
      arena.count(stored.length, uncompressedSize, time)
      return { arena, offset }
    }
    return null
  }

  /** Everything appended before is on the disk when this resolves; rejects with `store-write`. Calls share flushes. */
  async sync(): Promise<void> {
    const target = this.#changes
    while (this.#durable < target) {
      if (this.failure !== null) throw this.failure
      this.#flushing ??= this.#flush()
      await this.#flushing
    }
    if (this.failure !== null) throw this.failure
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #touch(arena: StoreArena): PendingDirectory {
    let directory = this.#dirty.get(arena)
    if (directory === undefined) {
      directory = new PendingDirectory(arena.clumps)
      this.#dirty.set(arena, directory)
    }
    this.#changes++
    this.#lastChange = Date.now()
    if (this.#timer === null) {
      this.#dirtySince = this.#lastChange
      this.#schedule(this.#options.idleMs)
    }
    return directory
  }

  #schedule(delayMs: number): void {
    this.#timer = setTimeout(() => this.#onTimer(), delayMs)
    this.#timer.unref()
  }

  #onTimer(): void {
    this.#timer = null
    if (this.#durable === this.#changes || this.failure !== null) return
    const now = Date.now()
    const idleLeft = this.#lastChange + this.#options.idleMs - now
    const delayLeft = this.#dirtySince + this.#options.maxDelayMs - now
    if (idleLeft > 0 && delayLeft > 0) this.#schedule(Math.min(idleLeft, delayLeft))
    // The failure is kept and told to whoever writes or syncs next.
    else this.sync().catch(() => undefined)
  }

  async #flush(): Promise<void> {
    const covered = this.#changes
    const parts: FlushPart[] = []
    for (const [arena, directory] of this.#dirty) {
      parts.push({ arena, tail: arena.encodeTail(), ...directory.take() })
    }
    this.#dirty.clear()
    try {
      await this.log.drain()
      await this.#file.flush()
      for (const { arena, first, entries } of parts) {
        const end = arena.dataBase + arena.sizeBytes
        for (const { distance, bytes } of directoryPieces(first, entries, arena.place.blockSize)) {
          await this.#file.write(end - distance, bytes)
        }
      }
      await this.#file.flush()
      for (const { arena, tail } of parts) await this.#file.write(arena.tailOffset, tail)
      await this.#file.flush()
      this.#durable = covered
    } catch (error) {
      this.#failure =
        error instanceof AppError
          ? error
          : new AppError('store-write', `${this.#file.name}: flush failed`, { cause: error })
      throw this.#failure
    } finally {
      this.#flushing = null
    }
    for (const { arena } of parts) if (arena.awaitsSeal && !this.#dirty.has(arena)) this.#options.onFull(arena)
  }
}
