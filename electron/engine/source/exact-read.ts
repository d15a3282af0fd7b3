// What every source that reads a file or disk promises: exactly the bytes that were asked for, or an error that says where.

import { AppError } from '../../../shared/errors.ts'
import { hexNumber } from '../bytes/hex.ts'
import type { BlockSource } from './block-source.ts'

/** Throws `source-read` when the range is not wholly inside. */
export function requireInside(
  { name, sizeBytes }: Pick<BlockSource, 'name' | 'sizeBytes'>,
  offset: number,
  length: number,
): void {
  if (offset >= 0 && length >= 0 && offset + length <= sizeBytes) return
  throw new AppError(
    'source-read',
    `${name}: ${length} bytes at ${hexNumber(offset)} wanted, but it ends at ${hexNumber(sizeBytes)}`,
  )
}

/** Whole sectors around a range, as raw devices give them; the last one may be cut by the end of the source. */
export type Sectors = { readonly start: number; readonly end: number }

export function sectorsAround(offset: number, length: number, sectorBytes: number, sizeBytes: number): Sectors {
  const start = Math.floor(offset / sectorBytes) * sectorBytes
  return { start, end: Math.min(sizeBytes, Math.ceil((offset + length) / sectorBytes) * sectorBytes) }
}

/** The range out of `bytes`, which were read from `start` on. Throws `source-read` when they end before it does. */
export function rangeOf(bytes: Uint8Array, start: number, offset: number, length: number, name: string): Uint8Array {
  const from = offset - start
  if (bytes.length >= from + length) return bytes.subarray(from, from + length)
  const got = Math.max(0, bytes.length - from)
  throw new AppError(
    'source-read',
    `${name}: only ${got} of ${length} bytes at ${hexNumber(offset)}: it was cut short while being read`,
  )
}
