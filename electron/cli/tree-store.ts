// The venti a tree is read from, for ls, cat and extract: its connection is made again where it breaks, and
// closed whatever happens.

import type { RootScore } from '../../shared/model/score.ts'
import type { BlockStore } from '../engine/vac/block-store.ts'
import { openTarget } from '../engine/verify/target-store.ts'
import { parseDial } from '../engine/venti/client/dial.ts'
import type { CommandContext } from './context.ts'
import { resolveScorePlace } from './score-place.ts'

type Asked = { readonly place: string; readonly at: string; readonly timeoutMs: number | null }

export type TreePlace = { readonly store: BlockStore; readonly root: RootScore; readonly path: string }

/** Rejects with usage, dial-string and what connecting rejects with, and with whatever `work` does. */
export async function withTreePlace<T>(
  { place, at, timeoutMs }: Asked,
  { environment, signal, report }: CommandContext,
  work: (place: TreePlace) => Promise<T>,
): Promise<T> {
  const { root, path } = await resolveScorePlace(place)
  const timeouts = timeoutMs === null ? {} : { connectTimeoutMs: timeoutMs, replyTimeoutMs: timeoutMs }
  const onNote = (line: string): void => report.note(line)
  const store = await openTarget(parseDial(at, environment), { signal, onNote, ...timeouts })
  try {
    return await work({ store, root, path })
  } finally {
    await store.close()
  }
}
