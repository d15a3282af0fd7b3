// Clumps that stand behind one that was asked for just now, read with the next one in one piece: a walk of an archive asks
// for them in the order they were written, and each read of its own costs more than all else that is done for a block.
// What is handed out may be older than the file (a log grows), so it counts only if it is the block that was asked for; and
// no clump is handed out twice, so that whoever asks again gets what the file says now.

import type { StoreFile } from './store-file.ts'

const windowBytes = 128 * 1024
const maxWindows = 8
/** How far behind the end of a recent read the next one begins, where somebody walks. */
const strideBytes = 64 * 1024
const recentReads = 16

type Window = {
  readonly from: number
  readonly length: number
  /** Null: could not be read. */
  readonly bytes: Promise<Uint8Array | null>
  readonly given: Set<number>
}

export class ReadAhead {
  readonly #file: StoreFile
  readonly #windows: Window[] = []
  /** Where recent reads ended, in a ring. */
  readonly #ends = new Float64Array(recentReads).fill(-Infinity)
  #reads = 0

  constructor(file: StoreFile) {
    this.#file = file
  }

  /** The bytes at a place of the file; null: they are not at hand. Borrowed. Clumps end at `endOfLog` at the latest. */
  take(offset: number, length: number, endOfLog: number): Promise<Uint8Array | null> | null {
    const walks = this.#ends.some((end) => offset >= end && offset <= end + strideBytes)
    this.#ends[this.#reads++ % recentReads] = offset + length
    let window = this.#windows.find(({ from, length: size }) => offset >= from && offset + length <= from + size)
    if (window === undefined) {
      const size = Math.min(windowBytes, endOfLog - offset)
      if (!walks || size < 2 * length) return null
      window = this.#open(offset, size)
    }
    if (window.given.has(offset)) return null
    window.given.add(offset)
    const from = offset - window.from
    return window.bytes.then((bytes) => bytes?.subarray(from, from + length) ?? null)
  }

  #open(from: number, length: number): Window {
    const bytes = this.#file.read(from, length).catch(() => null)
    const window = { from, length, bytes, given: new Set<number>() }
    if (this.#windows.length === maxWindows) this.#windows.shift()
    this.#windows.push(window)
    return window
  }
}
