// Computes the seals of full arenas in the background: SHA-1 over the arena from head to tail with the seal field taken as
// zero, then written into the last 20 bytes (venti-arenas.md 7.2; plan9port srv/arena.c sumarena). One arena at a time, in
// pieces, so that requests are served in between. An unfinished seal is no harm: it is started again at the next opening.

import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { StoreArena } from './store-arena.ts'
import type { StoreFile } from './store-file.ts'

const pieceBytes = 1024 * 1024

export class ArenaSealer {
  readonly #file: StoreFile
  readonly #log: (line: string) => void
  #queue: StoreArena[] = []
  #running: Promise<void> | null = null
  #stopped = false

  constructor(file: StoreFile, log: (line: string) => void) {
    this.#file = file
    this.#log = log
  }

  /** The arena's last tail, sealed and without extension, is on the disk. */
  enqueue(arena: StoreArena): void {
    if (this.#queue.includes(arena)) return
    this.#queue.push(arena)
    this.#running ??= this.#run()
  }

  /** Resolves when nothing is left to seal. */
  async finished(): Promise<void> {
    while (this.#running !== null) await this.#running
  }

  /** Leaves what is unfinished; resolves when the file is no longer touched. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.finished()
  }

  async #run(): Promise<void> {
    for (let arena = this.#queue[0]; arena !== undefined && !this.#stopped; arena = this.#queue[0]) {
      try {
        await this.#seal(arena)
      } catch (error) {
        // Only the seal is missing, and it is tried again when the file is next opened.
        this.#log(`${arena.place.name}: not sealed: ${error instanceof Error ? error.message : String(error)}`)
      }
      this.#queue.shift()
    }
    this.#running = null
  }

  async #seal(arena: StoreArena): Promise<void> {
    const digest = createHash('sha1')
    for (let at = arena.place.start; at < arena.tailOffset; at += pieceBytes) {
      digest.update(await this.#file.read(at, Math.min(pieceBytes, arena.tailOffset - at)))
      await nextTurn()
      if (this.#stopped) return
    }
    const score = digest.update(arena.encodeTail()).digest()
    arena.seal = score
    try {
      await this.#file.write(arena.tailOffset, arena.encodeTail())
      await this.#file.flush()
    } catch (error) {
      arena.seal = null
      throw error
    }
    this.#log(`${arena.place.name}: sealed`)
  }
}
