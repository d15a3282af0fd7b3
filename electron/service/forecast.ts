// What the history of a mirror says about what comes: how fast arenas fill, and how long the next sync takes. Pure.

import type { Forecast } from '../../shared/model/window.ts'
import { clumpInfoBytes } from '../engine/venti/format/clump-info.ts'
import type { HistoryLine } from '../engine/state/history.ts'
import type { SourceView } from '../engine/sync/source-view.ts'

const dayMs = 24 * 3600 * 1000
/** Older runs say little about today's habits. */
const lookBackMs = 90 * dayMs
/** Shorter than this, one busy hour would be taken for a habit. */
const shortestSpanMs = dayMs / 4
/** Of a run that sent less, most of the time went into beginning and ending. */
const leastMeasuredBytes = 128 * 1024
const measuredRuns = 12

type Run = Extract<HistoryLine, { kind: 'run' }>

const isRun = (line: HistoryLine): line is Run => line.kind === 'run'

/** Bytes of arena room used a day; null: too short a history to say. */
export function growthOf(history: readonly HistoryLine[], now: Date): number | null {
  const since = now.getTime() - lookBackMs
  const points = history
    .filter(isRun)
    .flatMap(({ at, usedBytes }) => {
      const atMs = Date.parse(at)
      return usedBytes === undefined || !(atMs >= since) ? [] : [{ atMs, usedBytes }]
    })
    // Clocks are set back at times.
    .toSorted((a, b) => a.atMs - b.atMs)
  const [first] = points
  const last = points.at(-1)
  if (first === undefined || last === undefined) return null
  const spanMs = last.atMs - first.atMs
  if (spanMs < shortestSpanMs) return null
  return Math.max(0, ((last.usedBytes - first.usedBytes) / spanMs) * dayMs)
}

/** Room left for clumps: each also takes a line of the directory at the arena's end. */
function roomIn(view: SourceView): { readonly active: string | null; readonly ofActive: number; readonly all: number } {
  let active: string | null = null
  let ofActive = 0
  let all = 0
  for (const { name, arena, moreBehind } of view.arenas) {
    const counted = arena?.counted ?? null
    if (arena === null || counted === null || counted.sealed) continue
    const room = Math.max(0, arena.sizeBytes - counted.used - counted.clumps * clumpInfoBytes)
    all += room
    if (counted.clumps === 0 && !moreBehind) continue
    active = name
    ofActive = room
  }
  return { active, ofActive, all }
}

export function forecastOf(view: SourceView | null, history: readonly HistoryLine[], now: Date): Forecast {
  const bytesPerDay = growthOf(history, now)
  if (view === null) return { bytesPerDay, activeArena: null, activeFullDays: null, partitionFullDays: null }
  const { active, ofActive, all } = roomIn(view)
  const daysFor = (bytes: number): number | null =>
    bytesPerDay === null || bytesPerDay === 0 ? null : bytes / bytesPerDay
  return {
    bytesPerDay,
    activeArena: active,
    activeFullDays: active === null ? null : daysFor(ofActive),
    partitionFullDays: daysFor(all),
  }
}

/** Seconds for so many bytes at the rates of earlier runs; null: nothing to send, or never measured. */
export function estimateOf(bytes: number, history: readonly HistoryLine[]): readonly [number, number] | null {
  if (bytes === 0) return null
  const rates = history
    .filter(isRun)
    .flatMap(({ durationMs, targets }) => {
      const most = Math.max(0, ...targets.map(({ bytesSent }) => bytesSent))
      return most < leastMeasuredBytes || durationMs <= 0 ? [] : [most / (durationMs / 1000)]
    })
    .slice(-measuredRuns)
  if (rates.length === 0) return null
  return [Math.ceil(bytes / Math.max(...rates)), Math.ceil(bytes / Math.min(...rates))]
}
