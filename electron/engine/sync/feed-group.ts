// Which pump feeds which lane. Targets that connect together share one read of the source; one that comes later, comes
// back after a lost connection, or holds the others up gets a read of its own (R7).

import type { Lane } from './pump.ts'

/** Targets that connect within this time of the first share its read. */
const gatherMs = 300

export type FeedLanes = (lanes: readonly Lane[], withRepairs: boolean, onDetach: (lane: Lane) => void) => Promise<void>

type Waiting = { readonly resolve: () => void; readonly reject: (error: unknown) => void }

export class FeedGroup {
  readonly #targets: number
  readonly #pump: FeedLanes
  readonly #note: (line: string) => void
  readonly #waiting = new Map<Lane, Waiting>()
  #settled = 0
  #started = false
  #timer: NodeJS.Timeout | null = null

  constructor(targets: number, pump: FeedLanes, note: (line: string) => void) {
    this.#targets = targets
    this.#pump = pump
    this.#note = note
  }

  /** Resolves when everything the lane lacks is in its queue. */
  async feed(lane: Lane, firstTry: boolean): Promise<void> {
    if (!firstTry || this.#started) return await this.#pump([lane], true, (other) => this.#detach(other))
    const done = new Promise<void>((resolve, reject) => this.#waiting.set(lane, { resolve, reject }))
    this.#timer ??= setTimeout(() => void this.#start(), gatherMs)
    this.settle()
    await done
  }

  /** A target is connected, or has failed for good: when that is true of all, there is nobody to wait for. */
  settle(): void {
    this.#settled++
    if (this.#settled >= this.#targets) void this.#start()
  }

  async #start(): Promise<void> {
    if (this.#started) return
    this.#started = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    const lanes = [...this.#waiting.keys()]
    if (lanes.length === 0) return
    try {
      await this.#pump(lanes, true, (lane) => this.#detach(lane))
      for (const lane of lanes) this.#take(lane)?.resolve()
    } catch (error) {
      for (const lane of lanes) this.#take(lane)?.reject(error)
    }
  }

  #take(lane: Lane): Waiting | undefined {
    const waiting = this.#waiting.get(lane)
    this.#waiting.delete(lane)
    return waiting
  }

  #detach(lane: Lane): void {
    const waiting = this.#take(lane)
    this.#note(`${lane.dial} is slower than the others; it goes on by itself`)
    void this.#pump([lane], false, () => undefined).then(waiting?.resolve, waiting?.reject)
  }
}
