// Leaves on their way into a file, gathered into larger writes: a write of 8 KiB costs the system, and the threads that Node
// writes with, as much as one of 256 KiB. Holes stay holes: only what follows the last leaf without a gap is added to it.

const gatherBytes = 256 * 1024

export class GatheredWrites {
  readonly #write: (bytes: Uint8Array, offset: number) => Promise<void>
  readonly #most: number
  #bytes: Uint8Array | null = null
  #offset = 0
  #length = 0

  /** For a file of `sizeBytes`: a small one takes no more memory than that (R9). */
  constructor(write: (bytes: Uint8Array, offset: number) => Promise<void>, sizeBytes: number) {
    this.#write = write
    this.#most = Math.min(gatherBytes, sizeBytes)
  }

  /** The bytes may be used again once this resolves. */
  async add(offset: number, bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return
    if (offset !== this.#offset + this.#length || this.#length + bytes.length > this.#most) await this.flush()
    if (bytes.length >= this.#most) {
      await this.#write(bytes, offset)
      return
    }
    this.#bytes ??= Buffer.allocUnsafeSlow(this.#most)
    if (this.#length === 0) this.#offset = offset
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  async flush(): Promise<void> {
    if (this.#length === 0 || this.#bytes === null) return
    const length = this.#length
    this.#length = 0
    await this.#write(this.#bytes.subarray(0, length), this.#offset)
  }
}
