// Progress as snapshots: for each target bytes of bytes, a rate over the last seconds, and the time left from the exact
// remaining bytes.

import type { SyncSnapshot, TargetSnapshot } from '../../../shared/model/run.ts'
import type { TargetRun } from './target-run.ts'

/** The rate is that of this long: long enough to be calm, short enough to follow a change. */
const rateWindowMs = 5000

type Total = { readonly blocks: number; readonly bytes: number }
type Sample = { readonly at: number; readonly bytes: number }

export class ProgressMeter {
  readonly #runs: readonly TargetRun[]
  readonly #totals: Total[]
  readonly #samples: Sample[][]
  #sequence = 0

  constructor(runs: readonly TargetRun[], totals: readonly Total[]) {
    this.#runs = runs
    this.#totals = [...totals]
    this.#samples = runs.map(() => [])
  }

  /** What is left for one target turned out to be something else. */
  replan(run: TargetRun, total: Total): void {
    this.#totals[this.#runs.indexOf(run)] = total
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
    for (const tally of run.tallies().values()) {
      blocks += tally.sent + tally.present
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
      blocksDone: blocks,
      blocksTotal: Math.max(total.blocks, blocks),
      bytesDone: bytes,
      bytesTotal,
      bytesPerSecond: Math.round(rate),
      secondsLeft: rate > 0 ? Math.ceil((bytesTotal - bytes) / rate) : null,
      error: run.error?.message ?? null,
    }
  }
}
