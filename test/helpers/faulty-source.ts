// A BlockSource that fails like disks do: sectors that cannot be read, a file cut short while it is read, a device pulled
// out, answers that come back in another order than they were asked for.

import { AppError } from '../../shared/errors.ts'
import type { BlockSource } from '../../electron/engine/source/block-source.ts'

export type Faults = {
  /** Partition ranges [start, end): a read that touches one fails with EIO. */
  readonly unreadable?: readonly { readonly start: number; readonly end: number }[]
  /** The file ends here by now, though its size was larger when it was opened. */
  readonly cutAt?: number
  /** Reads that succeed before the device is gone; every later one fails with ENXIO. */
  readonly vanishAfter?: number
  /** Answers wait a random number of turns of the event loop (at most this many); the order is a function of `seed`. */
  readonly latency?: { readonly turns: number; readonly seed: number }
}

function failure(source: BlockSource, offset: number, length: number, code: string): AppError {
  return new AppError(
    'source-read',
    `${source.name}: reading ${length} bytes at 0x${offset.toString(16)} failed (${code})`,
    {
      data: { path: source.name, offset, length, code },
    },
  )
}

/** Small, fast and the same everywhere: tests that use it repeat exactly. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

export function faultySource(inner: BlockSource, faults: Faults): BlockSource {
  let reads = 0
  const random = randomNumbers(faults.latency?.seed ?? 1)
  return {
    name: inner.name,
    sizeBytes: inner.sizeBytes,
    async read(offset, length) {
      const number = reads++
      if (faults.latency !== undefined) await turns(random(faults.latency.turns + 1))
      if (number >= (faults.vanishAfter ?? Infinity)) throw failure(inner, offset, length, 'ENXIO')
      const end = offset + length
      const hit = faults.unreadable?.some((range) => offset < range.end && end > range.start) ?? false
      if (hit && length > 0) throw failure(inner, offset, length, 'EIO')
      if (end > (faults.cutAt ?? Infinity)) {
        const left = Math.max(0, (faults.cutAt ?? 0) - offset)
        const place = `${length} bytes at 0x${offset.toString(16)}`
        throw new AppError('source-read', `${inner.name}: only ${left} of ${place}: it was cut short while being read`)
      }
      return await inner.read(offset, length)
    },
    close: async () => await inner.close(),
  }
}
