// Compresses a store's blocks in threads beside the one that serves. Blocks are gathered in slabs of shared memory; a slab goes
// to a thread that is idle, so that a busy moment makes large ones and a quiet one is not waited for. They come back in the
// order they were given. A thread that ends loses nothing: its blocks, and all after them, are stored as they are.

import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { BlockCompressor, Compressed } from '../engine/venti/server/block-compressor.ts'
import { maxLumpBytes } from '../engine/venti/format/constants.ts'

/** Blocks in a slab, and their bytes together. */
const slabBlocks = 256
export const slabBytes = 256 * 1024
/** With so much to do an idle thread begins at once. */
const soonBytes = 48 * 1024
/** All memory there is for it (R9). */
const slabs = 6
/** Serving keeps one core busy, and with two more it waits for the disk. */
const mostThreads = 2

/**
 * Of each block its length at 2n and what came of it at 2n + 1: the length compressed, or -1. Blocks stand one behind the
 * other from slabIn, compressed ones at the same distance from slabOut: what was given stays whole whatever a thread does.
 */
export const slabIn = 8 * slabBlocks
export const slabOut = slabIn + slabBytes
export type SlabStart = { readonly slabs: readonly SharedArrayBuffer[] }
/** A slab for a thread to work on, and the same one back when it is done. */
export type SlabTurn = { readonly slab: number; readonly blocks: number }

class Slab {
  readonly memory = new SharedArrayBuffer(slabOut + slabBytes)
  readonly lengths = new Int32Array(this.memory, 0, 2 * slabBlocks)
  readonly bytes = new Uint8Array(this.memory)
  readonly waiting: Compressed[] = []
  usedBytes = 0
  isGiven = false
  isDone = false

  get isFull(): boolean {
    return this.waiting.length === slabBlocks || this.usedBytes + maxLumpBytes > slabBytes
  }

  add(data: Uint8Array, done: Compressed): void {
    const at = 2 * this.waiting.length
    this.lengths[at] = data.length
    // Until a thread says better.
    this.lengths[at + 1] = -1
    this.bytes.set(data, slabIn + this.usedBytes)
    this.usedBytes += data.length
    this.waiting.push(done)
  }

  deliver(): void {
    let at = 0
    for (const [index, done] of this.waiting.entries()) {
      const length = this.lengths[2 * index] as number
      const compressed = this.lengths[2 * index + 1] as number
      const from = compressed < 0 ? slabIn + at : slabOut + at
      at += length
      done(this.bytes.subarray(from, from + (compressed < 0 ? length : compressed)))
    }
  }

  clear(): void {
    this.waiting.length = 0
    this.usedBytes = 0
    this.isGiven = this.isDone = false
  }
}

/** Beside the program that this is bundled into. */
const threadPath = (): string => fileURLToPath(new URL('whack.js', import.meta.url))

/** Threads worth having besides the one that serves; none on a single core. */
export function whackThreadsFor(path = threadPath()): number {
  return existsSync(path) ? Math.min(mostThreads, availableParallelism() - 1) : 0
}

export class WhackThreads implements BlockCompressor {
  readonly #threads: number
  readonly #path: string
  readonly #onFailure: (error: Error) => void
  readonly #all = Array.from({ length: slabs }, () => new Slab())
  #free = [...this.#all]
  /** With blocks, in the order they came; the last one is still being filled. */
  #queue: Slab[] = []
  /** Started with the first block. */
  #workers: Worker[] | null = null
  #idle: Worker[] = []
  /** From the moment it ends; resolves when no thread touches a slab any more. */
  #ending: Promise<void> | null = null
  #hasEnded = false
  #isScheduled = false
  #waiters: (() => void)[] = []

  constructor(threads: number, onFailure: (error: Error) => void, path = threadPath()) {
    this.#threads = threads
    this.#onFailure = onFailure
    this.#path = path
  }

  get full(): boolean {
    return this.#free.length === 0 && this.#filling() === undefined
  }

  async room(): Promise<void> {
    while (this.full) await new Promise<void>((resolve) => this.#waiters.push(resolve))
  }

  compress(data: Uint8Array, done: Compressed): void {
    let slab = this.#filling()
    if (slab === undefined) {
      slab = this.#free.pop() as Slab
      this.#queue.push(slab)
    }
    slab.add(data, done)
    if (slab.usedBytes >= soonBytes && this.#idle.length > 0) return this.#give()
    if (this.#isScheduled) return
    // Once for all blocks of this turn.
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#give()
    })
  }

  /** Ends the threads; what was given and did not come back yet comes back now. */
  async close(): Promise<void> {
    await (this.#ending ??= this.#end())
  }

  #filling(): Slab | undefined {
    const last = this.#queue.at(-1)
    return last === undefined || last.isGiven || last.isFull ? undefined : last
  }

  #give(): void {
    if (this.#hasEnded) this.#giveBack()
    if (this.#ending !== null) return
    this.#workers ??= Array.from({ length: this.#threads }, () => this.#start())
    for (const slab of this.#queue) {
      if (slab.isGiven) continue
      const worker = this.#idle.pop()
      if (worker === undefined) return
      slab.isGiven = true
      const turn: SlabTurn = { slab: this.#all.indexOf(slab), blocks: slab.waiting.length }
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of our own, not a window
      worker.postMessage(turn)
    }
  }

  #start(): Worker {
    const workerData: SlabStart = { slabs: this.#all.map(({ memory }) => memory) }
    const worker = new Worker(this.#path, { workerData, name: 'whack' })
    worker.on('message', ({ slab }: SlabTurn) => {
      if (this.#ending !== null) return
      ;(this.#all[slab] as Slab).isDone = true
      this.#idle.push(worker)
      this.#give()
      this.#deliver()
    })
    worker.on('error', (error) => this.#fail(error))
    worker.on('exit', () => this.#fail(new Error('a thread that compresses ended')))
    this.#idle.push(worker)
    return worker
  }

  #fail(error: Error): void {
    if (this.#ending !== null) return
    this.#onFailure(error)
    this.#ending = this.#end()
  }

  async #end(): Promise<void> {
    // First all of them: no slab is used again while a thread still writes to it.
    await Promise.all((this.#workers ?? []).map(async (worker) => await worker.terminate()))
    this.#hasEnded = true
    this.#giveBack()
  }

  /** Compressed as far as the threads came. */
  #giveBack(): void {
    for (const slab of this.#queue) slab.isGiven = slab.isDone = true
    this.#deliver()
  }

  #deliver(): void {
    for (let slab = this.#queue[0]; slab?.isDone === true; slab = this.#queue[0]) {
      slab.deliver()
      this.#queue.shift()
      slab.clear()
      this.#free.push(slab)
      const waiters = this.#waiters
      this.#waiters = []
      for (const waiter of waiters) waiter()
    }
  }
}
