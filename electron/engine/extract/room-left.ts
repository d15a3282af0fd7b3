// How much room a disk has left, without asking before every file: what was begun since the last answer is counted as used
// up twice over, so that only files that come near the end of the room, or many small ones, ask again.

/** Others write to that disk as well. */
const filesBetween = 64

export class RoomLeft {
  readonly #ask: () => Promise<number>
  #freeBytes = 0
  #begunBytes = 0
  #files = filesBetween

  constructor(ask: () => Promise<number>) {
    this.#ask = ask
  }

  /** Null: a file of that size fits. Otherwise the room there is, as just now asked. */
  async lacks(sizeBytes: number): Promise<number | null> {
    this.#files++
    this.#begunBytes += sizeBytes
    if (this.#files <= filesBetween && 2 * this.#begunBytes <= this.#freeBytes) return null
    const freeBytes = await this.#ask()
    this.#freeBytes = freeBytes
    this.#begunBytes = sizeBytes
    this.#files = 0
    return sizeBytes > freeBytes ? freeBytes : null
  }
}
