// One arena while it is served: where it lies, what it holds, and when it is full. The counters here run ahead of the disk;
// what a tail may promise is decided by the writer's flush order. Authority: plan9port srv/arena.c writeaclump.

import { encodeArenaTail, type ArenaCounters, type ArenaTail } from '../format/arena-tail.ts'
import { clumpHeaderBytes } from '../format/clump.ts'
import { directoryReserveBytes } from '../format/clump-info.ts'
import { scoreBytes, type ArenaVersion } from '../format/constants.ts'

/** The free magic behind the log, and as much again: writeaclump asks for both before it takes a clump. */
const appendSlackBytes = 4 + 4

export type ArenaPlace = {
  /** Its number in the table. */
  readonly number: number
  readonly name: string
  readonly version: ArenaVersion
  readonly clumpMagic: number
  readonly start: number
  readonly stop: number
  readonly blockSize: number
}

export class StoreArena {
  readonly place: ArenaPlace
  readonly dataBase: number
  /** Room for log and directory. */
  readonly sizeBytes: number
  /** Whether its indexed counters are ours to raise when it is sealed (store-mark.ts). */
  readonly own: boolean
  indexed: ArenaCounters
  clumps: number
  compressedClumps: number
  used: number
  uncompressed: number
  /** Full: a clump was refused, and no other is taken after it. */
  sealed: boolean
  firstClumpTime: number
  lastClumpTime: number
  seal: Uint8Array | null

  constructor(
    place: ArenaPlace,
    tail: Omit<ArenaTail, 'version' | 'name' | 'clumpMagic'>,
    seal: Uint8Array | null,
    own: boolean,
  ) {
    this.place = place
    this.dataBase = place.start + place.blockSize
    this.sizeBytes = place.stop - place.start - 2 * place.blockSize
    this.own = own
    this.indexed = tail.indexed
    this.clumps = tail.stored.clumps
    this.compressedClumps = tail.stored.compressedClumps
    this.used = tail.stored.used
    this.uncompressed = tail.stored.uncompressed
    this.sealed = tail.stored.sealed
    this.firstClumpTime = tail.firstClumpTime
    this.lastClumpTime = tail.lastClumpTime
    this.seal = seal
  }

  get tailOffset(): number {
    return this.place.stop - this.place.blockSize
  }

  counters(): ArenaCounters {
    const { clumps, compressedClumps, used, uncompressed, sealed } = this
    return { clumps, compressedClumps, used, uncompressed, sealed }
  }

  /** The rule of the real server, to the byte: both sides must call the same arena full. */
  hasRoomFor(storedSize: number): boolean {
    return this.used + clumpHeaderBytes + storedSize <= this.#limit()
  }

  /** Bytes of clumps, headers included, that still go in. */
  get freeBytes(): number {
    return this.sealed ? 0 : Math.max(0, this.#limit() - this.used)
  }

  #limit(): number {
    return this.sizeBytes - directoryReserveBytes(this.clumps + 1, this.place.blockSize) - appendSlackBytes
  }

  count(storedSize: number, uncompressedSize: number, time: number): void {
    this.used += clumpHeaderBytes + storedSize
    this.uncompressed += uncompressedSize
    if (storedSize < uncompressedSize) this.compressedClumps++
    this.clumps++
    this.lastClumpTime = time
    if (this.firstClumpTime === 0) this.firstClumpTime = time
  }

  /** Full for good. In an arena of our own nothing is left for an index to catch up with. */
  markFull(): void {
    this.sealed = true
    if (this.own) this.indexed = this.counters()
  }

  /** Full, everything indexed, and the seal score not yet computed: the tail on disk is the one to be hashed. */
  get awaitsSeal(): boolean {
    return (
      this.indexed.sealed &&
      this.seal === null &&
      this.indexed.used === this.used &&
      this.indexed.clumps === this.clumps
    )
  }

  /** The tail block as it would be written now. */
  encodeTail(): Uint8Array {
    const { name, version, clumpMagic, blockSize } = this.place
    const { indexed, firstClumpTime, lastClumpTime } = this
    const stored = this.counters()
    const tail: ArenaTail = { version, name, clumpMagic, firstClumpTime, lastClumpTime, indexed, stored }
    return encodeArenaTail(tail, new Uint8Array(blockSize), this.seal)
  }
}

/** The seal field of a tail block, or null when it is all zero. */
export function sealOf(tailBlock: Uint8Array): Uint8Array | null {
  const field = tailBlock.subarray(tailBlock.length - scoreBytes)
  return field.some((byte) => byte !== 0) ? new Uint8Array(field) : null
}
