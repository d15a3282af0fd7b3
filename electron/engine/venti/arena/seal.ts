// The seal of a full arena: SHA-1 over all its bytes, its own last 20 taken as zero (plan9port srv/arena.c sumarena).
// When the log is scanned from its beginning anyway, its bytes are hashed as they pass; only the rest is read again.

import { createHash, type Hash } from 'node:crypto'
import type { Score } from '../../../../shared/model/score.ts'
import { readOrBadPlace } from '../../source/bad-place.ts'
import { scoreBytes } from '../format/constants.ts'
import type { Arena } from './arena.ts'

const stepBytes = 1024 * 1024

export class SealHasher {
  readonly #arena: Arena
  readonly #hash: Hash = createHash('sha1')
  /** Partition address up to which everything from the arena's start was hashed. */
  #at: number

  constructor(arena: Arena) {
    this.#arena = arena
    this.#at = arena.start
  }

  /** Hashes the head block, which no scan of the log passes. */
  async begin(): Promise<void> {
    await this.#readTo(this.#arena.dataBase)
  }

  /** A chunk of log as it was read; chunks that repeat or skip something cost a second read, not a wrong seal. */
  offer(offset: number, bytes: Uint8Array): void {
    const address = this.#arena.dataBase + offset
    if (address > this.#at || address + bytes.length <= this.#at) return
    this.#hash.update(bytes.subarray(this.#at - address))
    this.#at = address + bytes.length
  }

  async #readTo(end: number): Promise<void> {
    while (this.#at < end) {
      const length = Math.min(stepBytes, end - this.#at)
      const bytes = await readOrBadPlace(this.#arena.partition.source, this.#at, length)
      // A bad place makes another seal, which is reported as such; it does not end the run.
      this.#hash.update(bytes instanceof Uint8Array ? bytes : new Uint8Array(length))
      this.#at += length
    }
  }

  /** The seal as it should be. */
  async finish(signal?: AbortSignal): Promise<Score> {
    const sealAt = this.#arena.stop - scoreBytes
    while (this.#at < sealAt && signal?.aborted !== true)
      await this.#readTo(Math.min(sealAt, this.#at + 16 * stepBytes))
    this.#hash.update(new Uint8Array(scoreBytes))
    return this.#hash.digest('hex') as Score
  }
}
