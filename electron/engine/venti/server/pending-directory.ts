// Directory entries of clumps that were appended but are not in the file's clump directory yet, for one arena. They are
// written between the clumps and the tail (venti-arenas.md 7.3), a directory block at a time.

import { clumpInfoBytes, clumpInfosPerBlock } from '../format/clump-info.ts'
import { clumpTypeAt } from '../format/clump.ts'

export type DirectoryPiece = {
  /** Distance of the first byte from the end of the arena's data region (base + size). */
  readonly distance: number
  readonly bytes: Uint8Array
}

/** Entries first..first+n-1 as the pieces they fill: blocks grow downwards, entries in a block upwards. */
export function directoryPieces(first: number, entries: Uint8Array, blockSize: number): DirectoryPiece[] {
  const perBlock = clumpInfosPerBlock(blockSize)
  const count = entries.length / clumpInfoBytes
  const pieces: DirectoryPiece[] = []
  for (let done = 0; done < count;) {
    const index = first + done
    const take = Math.min(count - done, perBlock - (index % perBlock))
    pieces.push({
      distance: (Math.floor(index / perBlock) + 1) * blockSize - (index % perBlock) * clumpInfoBytes,
      bytes: entries.subarray(done * clumpInfoBytes, (done + take) * clumpInfoBytes),
    })
    done += take
  }
  return pieces
}

export class PendingDirectory {
  #first: number
  #bytes = new Uint8Array(256 * clumpInfoBytes)
  #count = 0

  constructor(first: number) {
    this.#first = first
  }

  /** An entry equals bytes 4 to 28 of the clump header. */
  add(header: Uint8Array): void {
    const at = this.#count * clumpInfoBytes
    if (at === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes.set(header.subarray(clumpTypeAt, clumpTypeAt + clumpInfoBytes), at)
    this.#count++
  }

  /** The entries so far, which from now on are the caller's to write. */
  take(): { first: number; entries: Uint8Array } {
    const taken = { first: this.#first, entries: this.#bytes.slice(0, this.#count * clumpInfoBytes) }
    this.#first += this.#count
    this.#count = 0
    return taken
  }
}
