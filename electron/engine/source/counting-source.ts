// Counts what is read from a source, for "bytes read" in results and for tests that bound it.

import type { BlockSource } from './block-source.ts'

export type ReadCount = { reads: number; bytes: number }

/** `count` may be shared by several sources: then it is the sum. */
export function countingSource(source: BlockSource, count: ReadCount): BlockSource {
  return {
    name: source.name,
    sizeBytes: source.sizeBytes,
    async read(offset, length, into) {
      count.reads++
      count.bytes += length
      return await source.read(offset, length, into)
    },
    close: async () => await source.close(),
  }
}
