// Reads ahead of those who read in sequence, so that a long line is never idle. A read that begins where another ended makes
// a sequence; small reads and jumps make none and cost none. How far ahead: twice what the line holds, which is its rate
// times its delay, both measured; more would only queue up somewhere, where others wait behind it and a server slows down
// (OpenSSH to a third). Never more than was read of the sequence already, and never more than `mostBytes` in memory (R9).

/** As much as OpenSSH gives at one request (255 KiB), in whole sectors: every request costs a packet. */
export const blockBytes = 252 * 1024
/** Memory of so many blocks is kept for the next ones. */
const mostSpare = 8

/** Smaller reads are looks at single places. */
const sequentialBytes = 64 * 1024
const rememberedEnds = 4
const mostSequences = 3
/** A sequence nobody went on with while others were read so often is over. */
const idleReads = 16
/** Weight of the newest answer in the rate. */
const newest = 0.1

export type ReadAheadOptions = {
  /** Rejects or resolves short like any read; called with whole blocks, the last of the source excepted. */
  readonly fetch: (offset: number, length: number, into: Buffer | undefined) => Promise<Buffer>
  readonly sizeBytes: number
  readonly mostBytes: number
  readonly leastBytes: number
  /** Of an answer that waited for nothing. */
  readonly roundTripMs: number
  /** Milliseconds of any clock. */
  readonly now: () => number
}

type Block = {
  readonly index: number
  readonly promise: Promise<Buffer>
  bytes: Buffer | null
  readers: number
  isDropped: boolean
}
type Sequence = { next: number; readBytes: number; lastUse: number; readonly blocks: Map<number, Block> }

export class ReadAhead {
  readonly #options: ReadAheadOptions
  readonly #ends: number[] = []
  #sequences: Sequence[] = []
  #uses = 0
  #depthBytes: number
  /** Bytes of a millisecond. */
  #rate = 0
  #delayMs: number
  #arrivedBytes = 0
  readonly #spare: Buffer[] = []

  constructor(options: ReadAheadOptions) {
    this.#options = options
    this.#depthBytes = options.leastBytes
    this.#delayMs = options.roundTripMs
  }

  /** Of all that was asked for ahead; for tests and messages. */
  get depthBytes(): number {
    return this.#depthBytes
  }

  /** Copies [offset, offset + length) into `into`; false where it is not read ahead, or could not be read. */
  async read(offset: number, length: number, into: () => Uint8Array): Promise<Uint8Array | null> {
    const blocks = this.#blocksOf(offset, length)
    if (blocks === null) return null
    const bytes = into()
    for (const block of blocks) block.readers++
    try {
      for (const { index, promise } of blocks) {
        const block = await promise
        const from = Math.max(0, offset - index * blockBytes)
        const to = Math.min(blockBytes, offset + length - index * blockBytes)
        if (block.length < to) return null
        bytes.set(block.subarray(from, to), index * blockBytes + from - offset)
      }
    } catch {
      // Whoever asks again without reading ahead learns of the very place that is bad.
      this.#forget(blocks)
      return null
    } finally {
      for (const block of blocks) {
        block.readers--
        this.#keepSpare(block)
      }
    }
    return bytes.subarray(0, length)
  }

  #blocksOf(offset: number, length: number): readonly Block[] | null {
    if (length === 0) return null
    const first = Math.floor(offset / blockBytes)
    const last = Math.floor((offset + length - 1) / blockBytes)
    const sequence = length < sequentialBytes ? null : this.#sequenceAt(offset, length)
    if (sequence === null) return this.#held(first, last)
    const asked: Block[] = []
    for (let index = first; index <= last; index++) asked.push(this.#block(sequence, index))
    for (const block of sequence.blocks.values()) if (block.index < first) this.#drop(sequence, block)
    const share = this.#depthBytes / this.#sequences.length
    const ahead = Math.min(share, sequence.readBytes)
    const end = Math.min(this.#options.sizeBytes, offset + length + ahead)
    for (
      let index = last + 1;
      (index + 1) * blockBytes <= end || (end === this.#options.sizeBytes && index * blockBytes < end);
      index++
    )
      this.#block(sequence, index)
    return asked
  }

  /** Small reads within what is there anyway. */
  #held(first: number, last: number): readonly Block[] | null {
    for (const { blocks } of this.#sequences) {
      const found: Block[] = []
      for (let index = first; index <= last; index++) {
        const block = blocks.get(index)
        if (block === undefined || block.bytes === null) break
        found.push(block)
      }
      if (found.length === last - first + 1) return found
    }
    return null
  }

  #sequenceAt(offset: number, length: number): Sequence | null {
    this.#uses++
    const end = offset + length
    this.#sequences = this.#sequences.filter(({ lastUse }) => this.#uses - lastUse <= idleReads)
    const known = this.#sequences.find(({ next }) => next === offset)
    if (known !== undefined) {
      known.next = end
      known.readBytes += length
      known.lastUse = this.#uses
      return known
    }
    const before = this.#ends.indexOf(offset)
    if (before >= 0) {
      this.#ends.splice(before, 1)
      const sequence = { next: end, readBytes: 2 * length, lastUse: this.#uses, blocks: new Map<number, Block>() }
      this.#sequences = [
        ...this.#sequences.toSorted((a, b) => b.lastUse - a.lastUse).slice(0, mostSequences - 1),
        sequence,
      ]
      return sequence
    }
    this.#ends.push(end)
    if (this.#ends.length > rememberedEnds) this.#ends.shift()
    return null
  }

  /** An answer came `ms` after it was asked for, and so much with it since then. */
  #measured(ms: number, bytes: number): void {
    const { leastBytes, mostBytes } = this.#options
    const answerMs = Math.max(ms, 0.1)
    this.#delayMs = Math.min(this.#delayMs, answerMs)
    const rate = bytes / answerMs
    this.#rate = this.#rate === 0 ? rate : this.#rate + newest * (rate - this.#rate)
    this.#depthBytes = Math.min(mostBytes, Math.max(leastBytes, 2 * this.#rate * this.#delayMs))
  }

  #block(sequence: Sequence, index: number): Block {
    const known = sequence.blocks.get(index)
    if (known !== undefined) return known
    const { fetch, sizeBytes, now } = this.#options
    const offset = index * blockBytes
    const began = now()
    const arrivedBefore = this.#arrivedBytes
    const promise = fetch(offset, Math.min(blockBytes, sizeBytes - offset), this.#spare.pop())
    const block: Block = { index, promise, bytes: null, readers: 0, isDropped: false }
    promise.then(
      (bytes) => {
        block.bytes = bytes
        this.#keepSpare(block)
        this.#arrivedBytes += bytes.length
        this.#measured(now() - began, this.#arrivedBytes - arrivedBefore)
      },
      // Told to whoever waits for it; nobody may.
      () => undefined,
    )
    sequence.blocks.set(index, block)
    return block
  }

  #drop(sequence: Sequence, block: Block): void {
    sequence.blocks.delete(block.index)
    block.isDropped = true
    this.#keepSpare(block)
  }

  /** Only of what has arrived: memory that an answer may still be written to is nobody else's. */
  #keepSpare({ bytes, readers, isDropped }: Block): void {
    if (bytes?.length === blockBytes && readers === 0 && isDropped && this.#spare.length < mostSpare)
      this.#spare.push(bytes)
  }

  #forget(blocks: readonly Block[]): void {
    for (const sequence of this.#sequences)
      for (const block of blocks) if (sequence.blocks.get(block.index) === block) sequence.blocks.delete(block.index)
  }
}
