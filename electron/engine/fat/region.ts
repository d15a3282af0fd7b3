// The one thing on a user's disk that may be written: the 9fat, and only inside its bounds (R1). Asynchronous throughout,
// so that a region on another machine fits the same interface.

import type { BlockSource } from '../source/block-source.ts'

export interface WritableRegion extends BlockSource {
  /** Smallest piece the device writes at once; offsets and lengths of writes are multiples of it. */
  readonly sectorBytes: number
  /** False where there is no way to make the device write its cache (R6 is then not promised). */
  readonly canFlush: boolean
  /** Rejects with `write-9fat`, having written nothing, when the range is not whole sectors inside the region. */
  write(offset: number, bytes: Uint8Array): Promise<void>
  /** Resolves when everything written before is on the disk itself; without `canFlush` at once. */
  flush(): Promise<void>
}
