// Which pump feeds which lane. Targets that connect together share one read of the source; one that comes later, comes
// back after a lost connection, or holds the others up gets a read of its own (R7).

import type { Lane } from './pump.ts'

/** Targets that connect within this time of the first share its read. */
const gatherMs = 300
/** A target that is further behind than this reads for itself: others need not wait until it has caught up. */
const shareBytes = 64 * 1024 * 1024

export type FeedLanes = (lanes: readonly Lane[], withRepairs: boolean, onDetach: (lane: Lane) => void) => Promise<void>

type Waiting = { readonly resolve: () => void; readonly reject: (error: unknown) => void }

export class FeedGroup {
  readonly #targets: number
  readonly #pump: FeedLanes
  readonly #bytesBehind: (lane: Lane) => number
  readonly #note: (line: string) => void
  readonly #waiting = new Map<Lane, Waiting>()
  #settled = 0
  #started = false
  #timer: NodeJS.Timeout | null = null

  constructor(targets: number, pump: FeedLanes, bytesBehind: (lane: Lane) => number, note: (line: string) => void) {
    this.#targets = targets
    this.#pump = pump
    this.#bytesBehind = bytesBehind
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
    await Promise.all(this.#alike([...this.#waiting.keys()]).map(async (lanes) => await this.#feedTogether(lanes)))
  }

  /** Lanes in groups that lack about the same. */
  #alike(lanes: readonly Lane[]): readonly Lane[][] {
    const groups: Lane[][] = []
    const behind = new Map(lanes.map((lane) => [lane, this.#bytesBehind(lane)]))
    const of = (lane: Lane): number => behind.get(lane) as number
    for (const lane of lanes.toSorted((a, b) => of(a) - of(b))) {
      const group = groups.at(-1)
      if (group !== undefined && of(lane) - of(group[0] as Lane) <= shareBytes) group.push(lane)
      else groups.push([lane])
    }
    return groups
  }

  async #feedTogether(lanes: readonly Lane[]): Promise<void> {
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
