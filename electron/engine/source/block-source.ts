// Where bytes are read from: a file, a raw disk, a part of either. Read-only by type (R1): nothing that holds a
// BlockSource can write what is behind it.

export interface BlockSource {
  /** For messages: the path as the user gave it. */
  readonly name: string
  readonly sizeBytes: number
  /**
   * Exactly `length` bytes from `offset`, in memory the caller owns (a source never reuses a buffer).
   * Rejects with `source-read` when the range is not wholly inside the source, or the device fails.
   */
  read(offset: number, length: number): Promise<Uint8Array>
  close(): Promise<void>
}
