// How far a sync is with each target, as the window shows it: the engine's snapshots, added up over the pauses of a job, with
// an honest range for the time left. Pure but for the clock it is given.

import type { SyncSnapshot, TargetSnapshot } from '../../shared/model/run.ts'
import type { TargetCopy } from '../../shared/model/window.ts'
import { windowWords } from './problem.ts'
import { withoutDial } from './window-words.ts'

/** The range of the time left is that of the rates of so long. */
const rateWindowMs = 60_000
const sampleMs = 1000

type Amount = { readonly blocks: number; readonly bytes: number }
type Rate = { readonly atMs: number; readonly bytesPerSecond: number }

class Copy {
  readonly dial: string
  readonly name: string
  /** Done in the rounds before a pause. */
  #base: Amount | null = null
  /** All that is to be done, those rounds included. */
  #total: Amount = { blocks: 0, bytes: 0 }
  #presentBefore = 0
  #present = 0
  #rates: Rate[] = []
  #confirmed: TargetCopy['confirmed'] = null

  constructor(dial: string, name: string) {
    this.dial = dial
    this.name = name
  }

  beginRound(): void {
    this.#base = null
    this.#presentBefore = this.#present
    this.#rates = []
  }

  shown(snapshot: TargetSnapshot | null, nowMs: number): TargetCopy {
    const { dial, name } = this
    if (snapshot === null) {
      const { blocks, bytes } = this.#total
      const none = { blocksDone: 0, bytesDone: 0, present: this.#present, bytesPerSecond: 0, secondsLeft: null }
      const totals = { blocksTotal: blocks, bytesTotal: bytes }
      return {
        dial,
        name,
        phase: 'connecting',
        ...none,
        ...totals,
        arena: null,
        confirmed: this.#confirmed,
        error: null,
      }
    }
    const { phase, arenaCopy, blocksDone, blocksTotal, bytesDone, bytesTotal, bytesPerSecond, error } = snapshot
    // What is left now says what was done before; blocks that came in meanwhile are not counted as done.
    this.#base ??= {
      blocks: Math.max(0, this.#total.blocks - blocksTotal),
      bytes: Math.max(0, this.#total.bytes - bytesTotal),
    }
    this.#total = { blocks: this.#base.blocks + blocksTotal, bytes: this.#base.bytes + bytesTotal }
    this.#present = this.#presentBefore + snapshot.present
    this.#confirmed = snapshot.confirmed ?? this.#confirmed
    const isMoving = phase === 'copying' && bytesPerSecond > 0
    if (isMoving) this.#sample(nowMs, bytesPerSecond)
    return {
      dial,
      name,
      phase,
      blocksDone: this.#base.blocks + blocksDone,
      blocksTotal: this.#total.blocks,
      bytesDone: this.#base.bytes + bytesDone,
      bytesTotal: this.#total.bytes,
      present: this.#present,
      bytesPerSecond: phase === 'copying' ? bytesPerSecond : 0,
      secondsLeft: isMoving ? this.#secondsLeft(bytesTotal - bytesDone) : null,
      arena: arenaCopy,
      confirmed: this.#confirmed,
      error: error === null ? null : windowWords(withoutDial(dial, error)),
    }
  }

  #sample(nowMs: number, bytesPerSecond: number): void {
    const last = this.#rates.at(-1)
    if (last !== undefined && nowMs - last.atMs < sampleMs) return
    this.#rates.push({ atMs: nowMs, bytesPerSecond })
    while ((this.#rates[0] as Rate).atMs < nowMs - rateWindowMs) this.#rates.shift()
  }

  #secondsLeft(bytes: number): readonly [number, number] {
    const rates = this.#rates.map(({ bytesPerSecond }) => bytesPerSecond)
    return [Math.ceil(bytes / Math.max(...rates)), Math.ceil(bytes / Math.min(...rates))]
  }
}

export class TargetCopies {
  readonly #copies: readonly Copy[]
  readonly #nowMs: () => number

  constructor(targets: readonly { readonly dial: string; readonly name: string }[], nowMs: () => number) {
    this.#copies = targets.map(({ dial, name }) => new Copy(dial, name))
    this.#nowMs = nowMs
  }

  /** The job begins, or goes on after a pause. */
  beginRound(): void {
    for (const copy of this.#copies) copy.beginRound()
  }

  shown(snapshot: SyncSnapshot | null): readonly TargetCopy[] {
    const nowMs = this.#nowMs()
    return this.#copies.map((copy) => {
      return copy.shown(snapshot?.targets.find(({ dial }) => dial === copy.dial) ?? null, nowMs)
    })
  }
}
