// Progress as snapshots: for each target bytes of bytes, a rate over the last seconds, and the time left from the exact
// remaining bytes.

import type { ArenaPlan, ArenaSnapshot, SyncSnapshot, TargetSnapshot } from '../../../shared/model/run.ts'
import type { TargetRun } from './target-run.ts'

/** The rate is that of this long: long enough to be calm, short enough to follow a change. */
const rateWindowMs = 5000

type Total = { readonly blocks: number; readonly bytes: number; readonly arenas: readonly ArenaPlan[] }
type Sample = { readonly at: number; readonly bytes: number }

export class ProgressMeter {
  readonly #runs: readonly TargetRun[]
  readonly #totals: Total[]
  /** Blocks planned, by arena. */
  readonly #planned: ReadonlyMap<string, number>[]
  readonly #samples: Sample[][]
  readonly #ordinalOf: (arena: string) => number
  #sequence = 0

  constructor(runs: readonly TargetRun[], totals: readonly Total[], ordinalOf: (arena: string) => number) {
    this.#runs = runs
    this.#totals = [...totals]
    this.#planned = totals.map(plannedIn)
    this.#ordinalOf = ordinalOf
    this.#samples = runs.map(() => [])
  }

  /** What is left for one target turned out to be something else. */
  replan(run: TargetRun, total: Total): void {
    const index = this.#runs.indexOf(run)
    this.#totals[index] = total
    this.#planned[index] = plannedIn(total)
  }

  snapshot(damage: number, bytesRead: number): SyncSnapshot {
    const now = performance.now()
    return {
      sequence: ++this.#sequence,
      targets: this.#runs.map((run, index) => this.#target(run, index, now)),
      damage,
      bytesRead,
    }
  }

  #target(run: TargetRun, index: number, now: number): TargetSnapshot {
    let blocks = 0
    let bytes = 0
    let present = 0
    for (const tally of run.tallies().values()) {
      blocks += tally.sent + tally.present
      present += tally.present
      bytes += tally.bytesDone
    }
    const samples = this.#samples[index] as Sample[]
    samples.push({ at: now, bytes })
    while (samples.length > 2 && (samples[1] as Sample).at < now - rateWindowMs) samples.shift()
    const oldest = samples[0] as Sample
    const rate = now > oldest.at ? Math.max(0, ((bytes - oldest.bytes) / (now - oldest.at)) * 1000) : 0
    const total = this.#totals[index] as Total
    // Blocks behind the tail's counters come on top of what was planned.
    const bytesTotal = Math.max(total.bytes, bytes)
    return {
      dial: run.dial.text,
      phase: run.phase,
      arena: run.currentArena,
      arenaCopy: this.#arena(run, index),
      blocksDone: blocks,
      blocksTotal: Math.max(total.blocks, blocks),
      bytesDone: bytes,
      bytesTotal,
      present,
      bytesPerSecond: Math.round(rate),
      secondsLeft: rate > 0 ? Math.ceil((bytesTotal - bytes) / rate) : null,
      confirmed: run.confirmed,
      error: run.error?.message ?? null,
    }
  }

  #arena(run: TargetRun, index: number): ArenaSnapshot | null {
    const name = run.currentArena
    if (name === null) return null
    const { sent = 0, present = 0 } = run.tallies().get(name) ?? {}
    const planned = this.#planned[index]?.get(name) ?? 0
    const blocksDone = sent + present
    return { name, index: this.#ordinalOf(name), blocksDone, blocksTotal: Math.max(planned, blocksDone), present }
  }
}

function plannedIn({ arenas }: Total): ReadonlyMap<string, number> {
  return new Map(arenas.map(({ name, blocks }) => [name, blocks]))
}
