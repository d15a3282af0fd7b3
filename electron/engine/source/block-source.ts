// Where bytes are read from: a file, a raw disk, a part of either. Read-only by type (R1): nothing that holds a
// BlockSource can write what is behind it.

export interface BlockSource {
  /** For messages: the path as the user gave it. */
  readonly name: string
  readonly sizeBytes: number
  /**
   * Exactly `length` bytes from `offset`, in memory the caller owns (a source never reuses a buffer). `into` is memory that
   * the caller has no more use for: a source may put the bytes there, wherever in it, if they fit, and need not.
   * Rejects with `source-read` when the range is not wholly inside the source, or the device fails.
   */
  read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array>
  close(): Promise<void>
}
