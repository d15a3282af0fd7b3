// The venti a tree is read from, for ls, cat and extract: one connection, closed again whatever happens.

import type { RootScore } from '../../shared/model/score.ts'
import type { BlockStore } from '../engine/vac/block-store.ts'
import { ventiBlocks } from '../engine/vac/venti-blocks.ts'
import { connectVenti } from '../engine/venti/client/client.ts'
import { parseDial } from '../engine/venti/client/dial.ts'
import type { CommandContext } from './context.ts'
import { resolveScorePlace } from './score-place.ts'

type Asked = { readonly place: string; readonly at: string; readonly timeoutMs: number | null }

export type TreePlace = { readonly store: BlockStore; readonly root: RootScore; readonly path: string }

/** Rejects with usage, dial-string and what connecting rejects with, and with whatever `work` does. */
export async function withTreePlace<T>(
  { place, at, timeoutMs }: Asked,
  { environment, signal }: CommandContext,
  work: (place: TreePlace) => Promise<T>,
): Promise<T> {
  const { root, path } = await resolveScorePlace(place)
  const timeouts = timeoutMs === null ? {} : { connectTimeoutMs: timeoutMs, replyTimeoutMs: timeoutMs }
  const client = await connectVenti(parseDial(at, environment), { signal, ...timeouts })
  const store = ventiBlocks(client)
  try {
    return await work({ store, root, path })
  } finally {
    await store.close()
  }
}
