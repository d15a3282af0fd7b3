// Memory for what is read and decoded, in pieces of a mebibyte that are used again: at full speed, memory that is fresh
// from the system costs more than hashing what is put into it. A piece is used again once all who held it have let go.
// Who forgets to let go costs an allocation, as the piece is then collected like anything else; that is the safe mistake.

import { assert } from '../../../../shared/assert.ts'

/** Two sectors more than a read has, because a device is read from sector to sector. */
export const pieceBytes = 1024 * 1024 + 2 * 4096

/** So many wait to be used again: as much as is under way to a few targets. */
const mostSpare = 64

export class Piece {
  readonly bytes: Uint8Array
  readonly #pool: PiecePool
  #holders = 1

  constructor(bytes: Uint8Array, pool: PiecePool) {
    this.bytes = bytes
    this.#pool = pool
  }

  hold(): void {
    assert(this.#holders > 0, 'a piece of memory was held after it was let go')
    this.#holders++
  }

  release(): void {
    assert(this.#holders > 0, 'a piece of memory was let go twice')
    this.#holders--
    if (this.#holders === 0) this.#pool.back(this.bytes)
  }
}

export class PiecePool {
  readonly #spare: Uint8Array[] = []

  /** A piece of pieceBytes that are not zeros, held by the caller. */
  take(): Piece {
    const spare = this.#spare.pop()
    if (spare !== undefined) return new Piece(spare, this)
    const { buffer, byteOffset } = Buffer.allocUnsafeSlow(pieceBytes)
    return new Piece(new Uint8Array(buffer, byteOffset, pieceBytes), this)
  }

  /** Of a piece that nobody holds. */
  back(bytes: Uint8Array): void {
    if (this.#spare.length < mostSpare) this.#spare.push(bytes)
  }
}

/** Blocks decoded one after the other lie side by side in pieces. */
export class BlockSlab {
  readonly #pool: PiecePool
  #piece: Piece | null = null
  #used = 0

  constructor(pool: PiecePool) {
    this.#pool = pool
  }

  /** What the last block lies in. */
  get piece(): Piece | null {
    return this.#piece
  }

  /** Room for a block, in a piece that the slab holds until the next call. */
  readonly room = (length: number): Uint8Array => {
    if (this.#piece === null || this.#used + length > pieceBytes) {
      this.#piece?.release()
      this.#piece = this.#pool.take()
      this.#used = 0
    }
    this.#used += length
    return this.#piece.bytes.subarray(this.#used - length, this.#used)
  }
}
