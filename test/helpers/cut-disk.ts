// A disk in memory that remembers every write and flush, and what may be left of it when the power goes: all writes before
// the last flush, and any of those after it, in any order. Sectors are whole or not written at all.

import { AppError } from '../../shared/errors.ts'
import type { WritableRegion } from '../../electron/engine/fat/region.ts'

type DiskEvent =
  { readonly kind: 'write'; readonly sector: number; readonly bytes: Uint8Array } | { readonly kind: 'flush' }

const sectorBytes = 512

export class CutDisk implements WritableRegion {
  readonly name = 'cut disk'
  readonly sectorBytes = sectorBytes
  readonly canFlush = true
  readonly sizeBytes: number
  /** As it is now, cache included. */
  readonly image: Uint8Array
  readonly events: DiskEvent[] = []
  /** Rejects the nth event (from 0) with what it returns; the event does not happen. */
  failAt: { readonly event: number; readonly error: () => Error } | null = null
  reads = 0

  /** `image` is copied. */
  constructor(image: Uint8Array) {
    this.image = new Uint8Array(image)
    this.sizeBytes = image.length
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    this.reads++
    if (offset < 0 || length < 0 || offset + length > this.sizeBytes)
      return Promise.reject(new AppError('source-read', `cut disk: ${length} bytes at ${offset} are outside`))
    return Promise.resolve(new Uint8Array(this.image.subarray(offset, offset + length)))
  }

  write(offset: number, bytes: Uint8Array): Promise<void> {
    if (offset % sectorBytes !== 0 || bytes.length !== sectorBytes || offset + sectorBytes > this.sizeBytes)
      return Promise.reject(new AppError('bug', `cut disk: a write of ${bytes.length} bytes at ${offset}`))
    const failure = this.#failure()
    if (failure !== null) return Promise.reject(failure)
    this.events.push({ kind: 'write', sector: offset / sectorBytes, bytes: new Uint8Array(bytes) })
    this.image.set(bytes, offset)
    return Promise.resolve()
  }

  flush(): Promise<void> {
    const failure = this.#failure()
    if (failure !== null) return Promise.reject(failure)
    this.events.push({ kind: 'flush' })
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #failure(): Error | null {
    return this.failAt?.event === this.events.length ? this.failAt.error() : null
  }
}

/** Sectors that differ from the image the edit began with. */
export type Overlay = ReadonlyMap<number, Uint8Array>

export function overlayKey(overlay: Overlay): string {
  return [...overlay]
    .toSorted(([a], [b]) => a - b)
    .map(([sector, bytes]) => `${sector}:${Buffer.from(bytes).toString('latin1')}`)
    .join('|')
}

/** More writes than this between two flushes would be too many subsets to try. */
const mostWrites = 12

/** Every different state a power cut can leave; the first is the image itself, the last the finished edit. */
export function cutStates(before: Uint8Array, events: readonly DiskEvent[]): readonly Overlay[] {
  const found = new Map<string, Overlay>()
  let settled: Map<number, Uint8Array> = new Map()
  const put = (overlay: Map<number, Uint8Array>, sector: number, bytes: Uint8Array): void => {
    const original = before.subarray(sector * sectorBytes, (sector + 1) * sectorBytes)
    if (Buffer.compare(original, bytes) === 0) overlay.delete(sector)
    else overlay.set(sector, bytes)
  }
  let pending: Extract<DiskEvent, { kind: 'write' }>[] = []
  const settle = (): void => {
    if (pending.length > mostWrites) throw new Error(`${pending.length} writes without a flush: too many to try all`)
    for (let subset = 0; subset < 1 << pending.length; subset++) {
      const overlay = new Map(settled)
      for (const [i, { sector, bytes }] of pending.entries()) if ((subset & (1 << i)) !== 0) put(overlay, sector, bytes)
      found.set(overlayKey(overlay), overlay)
      if (subset + 1 === 1 << pending.length) settled = overlay
    }
    pending = []
  }
  for (const event of events) {
    if (event.kind === 'flush') settle()
    else pending.push(event)
  }
  settle()
  return [...found.values()]
}

export function withOverlay(image: Uint8Array, overlay: Overlay): Uint8Array {
  const copy = new Uint8Array(image)
  for (const [sector, bytes] of overlay) copy.set(bytes, sector * sectorBytes)
  return copy
}

const differ = (before: Uint8Array, after: Uint8Array, from: number, to: number): boolean =>
  Buffer.compare(before.subarray(from, to), after.subarray(from, to)) !== 0

/** The sectors in which `after` differs from `before`, two images of one size. */
export function overlayOf(before: Uint8Array, after: Uint8Array): Overlay {
  const overlay = new Map<number, Uint8Array>()
  // Most of a volume is as it was: sector by sector only where a larger step differs.
  const step = 128 * sectorBytes
  for (let start = 0; start < before.length; start += step) {
    const end = Math.min(start + step, before.length)
    if (!differ(before, after, start, end)) continue
    for (let at = start; at < end; at += sectorBytes)
      if (differ(before, after, at, at + sectorBytes))
        overlay.set(at / sectorBytes, after.subarray(at, at + sectorBytes))
  }
  return overlay
}
