// A byte range of another source, as a source of its own: a partition inside a disk image. Reading outside is refused
// here, whatever lies behind the range in the outer source.

import { AppError } from '../../../shared/errors.ts'
import { hexNumber } from '../bytes/hex.ts'
import type { BlockSource } from './block-source.ts'

/** Bytes [start, start + sizeBytes) of `outer`; closing it closes the outer source. */
export function rangeSource(outer: BlockSource, start: number, sizeBytes: number, name: string): BlockSource {
  if (start < 0 || sizeBytes < 0 || start + sizeBytes > outer.sizeBytes) {
    throw new AppError(
      'source-open',
      `${name}: the range ${hexNumber(start)} to ${hexNumber(start + sizeBytes)} is outside ${outer.name}, which ends at ${hexNumber(outer.sizeBytes)}`,
    )
  }
  return {
    name,
    sizeBytes,
    async read(offset, length, into) {
      if (offset < 0 || length < 0 || offset + length > sizeBytes) {
        throw new AppError(
          'source-read',
          `${name}: ${length} bytes at ${hexNumber(offset)} wanted, but it ends at ${hexNumber(sizeBytes)}`,
        )
      }
      return await outer.read(start + offset, length, into)
    },
    close: async () => await outer.close(),
  }
}
