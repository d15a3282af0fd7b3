// A store of blocks in one arena partition file: what a venti server does, without a network. Words of replies are the real
// server's (venti-protocol.md 3), because clients judge by them; so write and read answer with a text instead of throwing.
// A block acknowledged by write is in memory; after sync it survives kill -9 and power loss (R2 rests on this).

import { hash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { AppError } from '../../../../shared/errors.ts'
import { partitionId } from '../arena/partition-id.ts'
import { apiTypeOf, isLegalWireType } from '../format/block-type.ts'
import { maxLumpBytes, scoreBytes } from '../format/constants.ts'
import { createWhackEncoder } from '../format/whack.ts'
import { toHex } from '../../bytes/hex.ts'
import { ArenaSealer } from './arena-sealer.ts'
import { ArenaWriter } from './arena-writer.ts'
import { readBlock } from './clump-reader.ts'
import { resolveStorePath } from './create-store.ts'
import { acquireFileLock, type FileLock } from '../../state/file-lock.ts'
import { openPartition, type OpenedPartition } from './open-store.ts'
import { ReadAhead } from './read-ahead.ts'
import type { StoreArena } from './store-arena.ts'
import { describeWriteError, openStoreFile, requireRegularFile, type OpenHandle, type StoreFile } from './store-file.ts'

export type OpenStoreOptions = {
  /** Store blocks compressed where that is shorter. Default true. */
  readonly compress?: boolean
  readonly log?: (line: string) => void
  /** Seconds since 1970, for new clumps. */
  readonly now?: () => number
  readonly idleFlushMs?: number
  readonly maxFlushDelayMs?: number
  readonly openHandle?: OpenHandle
}

export type StoreStats = {
  /** Different blocks that can be asked for. */
  readonly blocks: number
  readonly sizeBytes: number
  /** Clumps with their headers. */
  readonly usedBytes: number
  /** Clumps that still go in, as far as arenas are not full. */
  readonly freeBytes: number
  readonly arenas: number
  readonly fullArenas: number
  readonly indexMemoryBytes: number
  readonly writes: number
  readonly duplicates: number
  readonly reads: number
  readonly damagedReads: number
  readonly syncs: number
}

/** How long close() waits for seals; an unfinished one is started again at the next opening. */
const sealWaitMs = 5000
const zeroScoreBytes = Buffer.from('da39a3ee5e6b4b0d3255bfef95601890afd80709', 'hex')

const systemNow = (): number => Math.floor(Date.now() / 1000)

/** What a client is told once the store has failed; error texts hold 127 bytes, so the file's path is left out. */
export function storeFailureText(failure: AppError): string {
  const cause = failure.cause === undefined ? failure.message : describeWriteError(failure.cause)
  return `storing failed, nothing more is taken: ${cause}`
}

export class ArenaStore {
  readonly path: string
  readonly partitionId: string
  readonly sizeBytes: number
  readonly #file: StoreFile
  readonly #lock: FileLock
  readonly #arenas: readonly StoreArena[]
  readonly #table: OpenedPartition['table']
  readonly #writer: ArenaWriter
  readonly #ahead: ReadAhead
  readonly #sealer: ArenaSealer
  readonly #now: () => number
  readonly #encoder: ReturnType<typeof createWhackEncoder> | null
  readonly #encoded = Buffer.allocUnsafeSlow(maxLumpBytes)
  readonly #score = new Uint8Array(scoreBytes)
  readonly #counts = { writes: 0, duplicates: 0, reads: 0, damagedReads: 0, syncs: 0 }
  #closing: Promise<void> | null = null

  constructor(path: string, file: StoreFile, lock: FileLock, opened: OpenedPartition, options: OpenStoreOptions) {
    const log = options.log ?? (() => undefined)
    this.path = path
    this.#file = file
    this.sizeBytes = file.sizeBytes
    this.#lock = lock
    this.#arenas = opened.arenas
    this.#table = opened.table
    this.#now = options.now ?? systemNow
    this.#encoder = options.compress === false ? null : createWhackEncoder()
    this.#sealer = new ArenaSealer(file, log)
    this.#ahead = new ReadAhead(file)
    this.#writer = new ArenaWriter(file, opened.arenas, {
      idleMs: options.idleFlushMs ?? 1000,
      maxDelayMs: options.maxFlushDelayMs ?? 4000,
      onFull: (arena) => this.#sealer.enqueue(arena),
    })
    this.partitionId = partitionId(
      opened.arenas.map(({ place: { name, start, clumpMagic } }) => ({ name, start, clumpMagic })),
    )
    for (const arena of opened.arenas) if (arena.awaitsSeal) this.#sealer.enqueue(arena)
  }

  /** Too much waits for the disk: whoever writes should wait for room() first. */
  get backlogged(): boolean {
    return this.#writer.log.backlogged
  }

  room(): Promise<void> {
    return this.#writer.log.room()
  }

  get freeBytes(): number {
    return this.#arenas.reduce((sum, arena) => sum + arena.freeBytes, 0)
  }

  stats(): StoreStats {
    return {
      blocks: this.#table.count,
      sizeBytes: this.sizeBytes,
      usedBytes: this.#arenas.reduce((sum, arena) => sum + arena.used, 0),
      freeBytes: this.freeBytes,
      arenas: this.#arenas.length,
      fullArenas: this.#arenas.filter((arena) => arena.sealed).length,
      indexMemoryBytes: this.#table.memoryBytes,
      ...this.#counts,
    }
  }

  /** The block's score (valid until the next call), or the text of the error reply. `data` is copied. */
  write(type: number, data: Uint8Array): Uint8Array | string {
    this.#counts.writes++
    if (data.length === 0) return zeroScoreBytes
    if (data.length > maxLumpBytes) return 'lump too large'
    // The real server stores these as corrupt, for nobody to read (venti-protocol.md 3.6).
    if (!isLegalWireType(type)) return `invalid lump type ${type}`
    const score = this.#score
    const digest = hash('sha1', data, 'binary')
    for (let i = 0; i < scoreBytes; i++) score[i] = digest.charCodeAt(i)
    const entry = this.#table.find(score, 0, type)
    const { failure } = this.#writer
    if (entry >= 0 && !this.#table.isDamaged(entry)) {
      // In memory or on disk; but after a failed flush not even a known block can be promised.
      if (failure !== null) return storeFailureText(failure)
      this.#counts.duplicates++
      return score
    }
    if (failure !== null) return storeFailureText(failure)
    const encodedBytes = this.#encoder?.encode(data, this.#encoded) ?? -1
    const stored = encodedBytes < 0 ? data : this.#encoded.subarray(0, encodedBytes)
    const clump = this.#writer.append({ type, score, uncompressedSize: data.length, stored, time: this.#now() })
    if (clump === null) return 'no space left in arenas'
    const { number } = clump.arena.place
    if (entry >= 0) this.#table.move(entry, number, clump.offset)
    else this.#table.add(score, 0, type, number, clump.offset, data.length)
    return score
  }

  /**
   * The block with the score at bytes[at..at+20), or the text of the error reply. A text that needs no disk is returned
   * at once, because probes (count 0) come by the thousand.
   */
  read(bytes: Uint8Array, at: number, type: number, count: number): string | Promise<Uint8Array | string> {
    this.#counts.reads++
    const score = toHex(bytes.subarray(at, at + scoreBytes))
    if (/^0+$/.test(score)) return Promise.resolve(new Uint8Array(0))
    const entry = isLegalWireType(type) ? this.#table.find(bytes, at, type) : -1
    if (entry < 0) return `no block with score ${score}/${apiTypeOf(type)} exists`
    const sizeBytes = this.#table.sizeOf(entry)
    if (sizeBytes > count) return `read too small 1: asked for ${count} need at least ${sizeBytes}`
    return this.#load(entry, score, type, sizeBytes)
  }

  /** Everything acknowledged before is on the disk when this resolves; rejects with `store-write`. */
  async sync(): Promise<void> {
    this.#counts.syncs++
    await this.#writer.sync()
  }

  /** Flushes, finishes seals if that is quick, and gives the file free. Rejects when the flush failed. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #load(entry: number, score: string, type: number, sizeBytes: number): Promise<Uint8Array | string> {
    const number = this.#table.arenaOf(entry)
    const arena = this.#arenas[number]!
    const offset = this.#table.offsetOf(entry)
    const result = await readBlock(
      { file: this.#file, log: this.#writer.log, ahead: this.#ahead },
      { arena, offset, type, sizeBytes, score },
    )
    if ('data' in result) return result.data
    this.#counts.damagedReads++
    // Unlike the real server, a later write of the block then stores it again: a mirror must be able to heal.
    const unmoved = this.#table.arenaOf(entry) === number && this.#table.offsetOf(entry) === offset
    if (result.damaged && unmoved) this.#table.markDamaged(entry)
    return result.error
  }

  async #close(): Promise<void> {
    this.#writer.stop()
    try {
      if (this.#writer.failure === null) await this.#writer.sync()
      const timer = new AbortController()
      const late = delay(sealWaitMs, undefined, { signal: timer.signal }).catch(() => undefined)
      await Promise.race([this.#sealer.finished(), late])
      timer.abort()
    } finally {
      await this.#sealer.stop()
      await this.#file.close()
      await this.#lock.release()
    }
    const { failure } = this.#writer
    if (failure !== null) throw failure
  }
}

/**
 * Opens a store and keeps every other server off it until close(). Rejects with `store-open`, `not-arena-partition`,
 * `store-locked` or `store-write`; in all but the last case the file is as it was.
 */
export async function openStore(path: string, options: OpenStoreOptions = {}): Promise<ArenaStore> {
  await requireRegularFile(path)
  const target = await resolveStorePath(path)
  const lock = await acquireFileLock(target)
  let file: StoreFile | null = null
  try {
    file = await openStoreFile(target, options.openHandle)
    const opened = await openPartition(file, options.log ?? (() => undefined))
    return new ArenaStore(target, file, lock, opened, options)
  } catch (error) {
    await file?.close()
    await lock.release()
    throw error
  }
}
