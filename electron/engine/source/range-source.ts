// A byte range of another source, as a source of its own: a partition inside a disk image. Reading outside is refused
// here, whatever lies behind the range in the outer source.

import { AppError } from '../../../shared/errors.ts'
import { hexNumber } from '../bytes/hex.ts'
import type { BlockSource } from './block-source.ts'
import { requireInside } from './exact-read.ts'

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
      requireInside({ name, sizeBytes }, offset, length)
      return await outer.read(start + offset, length, into)
    },
    close: async () => await outer.close(),
  }
}
