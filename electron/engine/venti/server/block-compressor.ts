// Where a store has its blocks compressed while it serves on: compression is most of what a block costs, and whoever starts
// a server may have threads to spare for it. The engine starts none itself (R1) and without one compresses at once.

/** Gets a block as it is to be stored: shorter, or the block itself. Borrowed: it is used up when this returns. */
export type Compressed = (stored: Uint8Array) => void

export interface BlockCompressor {
  /** Nothing should be given before room() resolves (R9). */
  readonly full: boolean
  room(): Promise<void>
  /** `data` is copied. `done` is called once, later, in the order of these calls, whatever becomes of the threads. */
  compress(data: Uint8Array, done: Compressed): void
}
