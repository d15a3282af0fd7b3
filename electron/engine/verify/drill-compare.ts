// A part of one file read from the target and, beside it, from the source: byte for byte, in pieces, holes left as they are
// (a hole of 2^48 bytes is compared in no time). Where the source cannot read a part, the target is still read to the end.

import { assert } from '../../../shared/assert.ts'
import type { BlockStore } from '../vac/block-store.ts'
import type { VacEntry } from '../vac/entry.ts'
import { HashTree, type Gap, type Piece, type StreamOptions } from '../vac/stream.ts'

export type Span = { readonly from: number; readonly to: number }

/** `bytes` were read from the target and are good; `stopped`: the target cannot give the rest. */
export type Compared = { readonly bytes: number; readonly problem: string | null; readonly stopped: boolean }

/** One stream and how far it was used. */
class Side {
  readonly #stretches: AsyncGenerator<Piece | Gap, void, void>
  #now: Piece | Gap | null = null

  constructor(store: BlockStore, entry: VacEntry, { from, to }: Span, options: StreamOptions) {
    this.#stretches = new HashTree(store, entry, options).stretches(from, to)
  }

  /** The stretch around `offset`; both sides cover the same span without holes between stretches. */
  async at(offset: number): Promise<Piece | Gap> {
    while (this.#now === null || endOf(this.#now) <= offset) {
      const next = await this.#stretches.next()
      assert(next.done !== true, `a stream ended at ${offset}`)
      this.#now = next.value
    }
    return this.#now
  }

  async close(): Promise<void> {
    await this.#stretches.return()
  }
}

const endOf = ({ offset, length }: Piece | Gap): number => offset + length

const storedIn = ({ offset, bytes }: Piece, from: number, to: number): Uint8Array =>
  bytes.subarray(Math.min(bytes.length, from - offset), Math.min(bytes.length, to - offset))

/** Offset of the first byte that differs within the range; null: none does. */
export function firstDifference(one: Piece, other: Piece, from: number, to: number): number | null {
  const [a, b] = [storedIn(one, from, to), storedIn(other, from, to)]
  const both = Math.min(a.length, b.length)
  if (Buffer.compare(a.subarray(0, both), b.subarray(0, both)) !== 0) {
    return from + a.findIndex((byte, i) => byte !== b[i])
  }
  // Behind what is stored stand zeros.
  const rest = (a.length > b.length ? a : b).subarray(both).findIndex((byte) => byte !== 0)
  return rest < 0 ? null : from + both + rest
}

const unreadable = (where: string, { offset, error }: Gap): string => `at ${offset}: ${where}${error.message}`

/** Rejects with `cancelled` and when a store itself fails. Without a source everything is read, and that is all. */
export async function compareSpan(
  { target, source }: { readonly target: BlockStore; readonly source: BlockStore | null },
  entry: VacEntry,
  span: Span,
  options: StreamOptions,
): Promise<Compared> {
  const here = new Side(target, entry, span, options)
  const there = source === null ? null : new Side(source, entry, span, options)
  let problem: string | null = null
  let at = span.from
  try {
    while (at < span.to) {
      const mine = await here.at(at)
      if ('error' in mine) return { bytes: at - span.from, problem: unreadable('', mine), stopped: true }
      let to = endOf(mine)
      if (there !== null) {
        const other = await there.at(at)
        to = Math.min(to, endOf(other))
        if ('error' in other) problem ??= unreadable('the source cannot tell: ', other)
        else {
          const difference = firstDifference(mine, other, at, to)
          if (difference !== null) problem ??= `at ${difference}: it differs from the source`
        }
      }
      at = to
    }
    return { bytes: span.to - span.from, problem, stopped: false }
  } finally {
    await here.close()
    await there?.close()
  }
}
