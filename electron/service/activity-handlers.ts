// What happened, for the window: by mirror and kind, newest first, a page at a time; and all of it as text.

import type { MirrorState } from '../../shared/model/mirror.ts'
import { listMirrors } from '../engine/state/mirror-file.ts'
import { activityCsv, activityJsonLines } from './activity-export.ts'
import { activityLines } from './activity-lines.ts'
import type { ServiceContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { knownMirror } from './known-mirror.ts'

/** Lines in one answer, and in one export, the newest. */
const maxPage = 1000
const maxExported = 100_000

export function activityHandlers(context: ServiceContext): Pick<Handlers, 'activity.list' | 'activity.export'> {
  const { stateDir, now } = context
  const mirrorsOf = async (name: string | null): Promise<readonly MirrorState[]> =>
    name === null ? (await listMirrors(stateDir)).mirrors : [await knownMirror(stateDir, name)]

  return {
    'activity.list': async ({ mirror, kinds, from, count }) => {
      const lines = await activityLines(stateDir, await mirrorsOf(mirror), kinds)
      return { lines: lines.slice(from, from + Math.min(count, maxPage)), total: lines.length }
    },
    'activity.export': async ({ mirror, kinds, format }) => {
      const all = await activityLines(stateDir, await mirrorsOf(mirror), kinds)
      const lines = all.slice(0, maxExported)
      const stem = ['venti-mirror-activity', ...(mirror === null ? [] : [mirror]), now().toISOString().slice(0, 10)]
      if (format === 'json') return { fileName: `${stem.join('-')}.jsonl`, text: activityJsonLines(lines) }
      return { fileName: `${stem.join('-')}.csv`, text: activityCsv(lines) }
    },
  }
}
