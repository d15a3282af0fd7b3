// Sends just the blocks that are not on the target and that the source can supply, syncs, and believes nothing until each
// was read back: a venti acknowledges a block its index knows without looking at what it stored (venti-protocol.md 3.5).

import { asAppError } from '../../../shared/errors.ts'
import type { SourceView } from '../sync/source-view.ts'
import type { VentiClient } from '../venti/client/client.ts'
import { maxLumpBytes } from '../venti/format/constants.ts'
import { detailOf, faultKind } from './block-reader.ts'
import type { Explained } from './explain-missing.ts'
import { blockAt } from './locate-blocks.ts'
import type { TargetStore } from './target-store.ts'

/** Blocks of one sync; also what is in memory at once at most, 57344 bytes each. */
const batchBlocks = 256
const maxTries = 3

export type Repaired = { readonly explained: Explained; readonly repaired: boolean; readonly bytes: number }

async function write(client: VentiClient, explained: Explained, data: Uint8Array): Promise<void> {
  const { score, type } = explained.fault
  await new Promise<void>((resolve, reject) => {
    client.write(type, data, score, (error) => (error === null ? resolve() : reject(error)))
  })
}

async function readBack(target: TargetStore, explained: Explained): Promise<Repaired> {
  const { score, type } = explained.fault
  try {
    const { length } = await target.read(score, type, maxLumpBytes)
    return { explained, repaired: true, bytes: length }
  } catch (thrown) {
    const error = asAppError(thrown)
    if (faultKind(error) === null) throw error
    const detail = detailOf(error) ?? 'the server confirmed the block and does not give it back'
    const fault = { ...explained.fault, kind: 'corrupt' as const, detail }
    return { explained: { ...explained, fault, reason: 'damaged-on-target' }, repaired: false, bytes: 0 }
  }
}

async function sendBatch(
  target: TargetStore,
  batch: readonly (readonly [Explained, Uint8Array])[],
  guard: (client: VentiClient) => Promise<void>,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const client = await target.client()
    try {
      await guard(client)
      const written = await Promise.allSettled(batch.map(async ([one, data]) => await write(client, one, data)))
      const failed = written.find((one) => one.status === 'rejected')
      if (failed !== undefined) throw asAppError(failed.reason)
      // A sync speaks for the connection it was sent on, so all of it is sent again over a new one (R2).
      await client.sync()
      return
    } catch (thrown) {
      const error = asAppError(thrown)
      if (!error.retriable || tries >= maxTries) throw error
      await target.drop(client)
    }
  }
}

/**
 * In the order given. What the source cannot supply is left as it is. Rejects with target-is-source, target-full,
 * target-read-only and the codes of a connection.
 */
export async function repairBlocks(
  target: TargetStore,
  view: SourceView,
  faults: readonly Explained[],
  /** Refuses the source's own server, on every connection, before anything is sent. */
  guard: (client: VentiClient) => Promise<void>,
): Promise<readonly Repaired[]> {
  const results = new Map<Explained, Repaired>()
  for (let from = 0; from < faults.length; from += batchBlocks) {
    const batch: (readonly [Explained, Uint8Array])[] = []
    for (const one of faults.slice(from, from + batchBlocks)) {
      if (one.place === null || one.place.damage !== null) continue
      const data = await blockAt(view, one.place, one.fault.score)
      if (data !== null) batch.push([one, data])
    }
    if (batch.length === 0) continue
    await sendBatch(target, batch, guard)
    const read = await Promise.all(batch.map(async ([one]) => await readBack(target, one)))
    for (const [index, [one]] of batch.entries()) results.set(one, read[index] as Repaired)
  }
  return faults.map((one) => results.get(one) ?? { explained: one, repaired: false, bytes: 0 })
}
