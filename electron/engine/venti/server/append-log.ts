// Bytes appended to the clump logs on their way to the file: gathered in memory, written in pieces of a megabyte or more,
// one write at a time and in order. What is not written yet can be read back from here. Every piece ends with the four
// zero bytes that end a log; the next piece overwrites them, so order matters.

import { assert } from '../../../../shared/assert.ts'
import { asAppError, type AppError } from '../../../../shared/errors.ts'
import { clumpHeaderBytes, maxClumpBytes } from '../format/clump.ts'
import type { StoreFile } from './store-file.ts'

const endOfLogBytes = 4
const pieceBytes = 1024 * 1024
/** Full pieces waiting for the disk; beyond these, writers have to wait (R9). */
const maxWaiting = 8
const maxSpare = 3

type Piece = {
  /** Partition offset of the first byte. */
  readonly at: number
  readonly bytes: Uint8Array
  length: number
}

export class AppendLog {
  readonly #file: StoreFile
  #current: Piece | null = null
  #waiting: Piece[] = []
  #spare: Uint8Array[] = []
  #writing = false
  #handedOver = 0
  #written = 0
  #failure: AppError | null = null
  #waiters: (() => void)[] = []

  constructor(file: StoreFile) {
    this.#file = file
  }

  /** Why a write failed: nothing is written after it. */
  get failure(): AppError | null {
    return this.#failure
  }

  /** Too much is waiting for the disk: nothing should be appended before room() resolves. */
  get backlogged(): boolean {
    return this.#waiting.length >= maxWaiting && this.#failure === null
  }

  async room(): Promise<void> {
    while (this.backlogged) await this.#progress()
  }

  /** Space for a clump at `partitionOffset`, to be filled in before anything else happens. */
  reserve(partitionOffset: number, storedSize: number): Uint8Array {
    const length = clumpHeaderBytes + storedSize
    assert(length <= maxClumpBytes, `clump of ${length} bytes`)
    let piece = this.#current
    if (piece !== null && (piece.at + piece.length !== partitionOffset || piece.length >= pieceBytes)) {
      this.#handOver()
      piece = null
    }
    if (piece === null) {
      const bytes = this.#spare.pop() ?? Buffer.allocUnsafeSlow(pieceBytes + maxClumpBytes + endOfLogBytes)
      piece = this.#current = { at: partitionOffset, bytes, length: 0 }
    }
    const from = piece.length
    piece.length += length
    return piece.bytes.subarray(from, from + length)
  }

  /** The bytes of a clump that is not in the file yet, or null. Borrowed: copy before anything asynchronous. */
  peek(partitionOffset: number, maxLength: number): Uint8Array | null {
    const current = this.#current
    if (current !== null && partitionOffset >= current.at) {
      const from = partitionOffset - current.at
      if (from < current.length) return current.bytes.subarray(from, Math.min(current.length, from + maxLength))
    }
    for (const piece of this.#waiting) {
      const from = partitionOffset - piece.at
      if (from >= 0 && from < piece.length) return piece.bytes.subarray(from, Math.min(piece.length, from + maxLength))
    }
    return null
  }

  /** Everything appended so far is written (not flushed) when this resolves. */
  async drain(): Promise<void> {
    this.#handOver()
    // Not "until nothing waits": under load that moment never comes.
    const target = this.#handedOver
    while (this.#written < target && this.#failure === null) await this.#progress()
    if (this.#failure !== null) throw this.#failure
  }

  #handOver(): void {
    if (this.#current === null) return
    this.#waiting.push(this.#current)
    this.#handedOver++
    this.#current = null
    if (!this.#writing && this.#failure === null) void this.#write()
  }

  async #write(): Promise<void> {
    this.#writing = true
    try {
      for (let piece = this.#waiting[0]; piece !== undefined; piece = this.#waiting[0]) {
        piece.bytes.fill(0, piece.length, piece.length + endOfLogBytes)
        await this.#file.write(piece.at, piece.bytes.subarray(0, piece.length + endOfLogBytes))
        this.#waiting.shift()
        this.#written++
        if (this.#spare.length < maxSpare) this.#spare.push(piece.bytes)
        this.#wake()
      }
    } catch (error) {
      // The pieces stay, so that their blocks can still be read; nothing is appended after this.
      this.#failure = asAppError(error)
    }
    this.#writing = false
    this.#wake()
  }

  #progress(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  #wake(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) waiter()
  }
}
