// When a silent server is given up: one timer per connection, looked at again when it fires, so that a request costs no
// timer. Silence counts from the last byte heard or, on an idle connection, from the first request. While a sync is
// outstanding its own longer limit holds, because servers execute requests in order. A request that alone stays
// unanswered while other replies keep coming is given up as well, later: a sync, and with it a cursor, would wait for it.

import type { Limits } from './options.ts'

export interface DeadlineOwner {
  /** When the longest outstanding request was sent; asked only when the timer fires. */
  oldestSentMs(): number
  overdue(): void
}

export class Deadline {
  #limits: Limits
  #owner: DeadlineOwner
  #timer: NodeJS.Timeout | undefined
  #nowMs = performance.now()
  #heardAtMs = 0
  #inFlight = 0
  #syncs = 0
  #syncSinceMs = 0

  constructor(limits: Limits, owner: DeadlineOwner) {
    this.#limits = limits
    this.#owner = owner
  }

  /** A clock read once per tick. */
  get nowMs(): number {
    return this.#nowMs
  }

  tick(): void {
    this.#nowMs = performance.now()
  }

  heard(): void {
    this.tick()
    this.#heardAtMs = this.#nowMs
  }

  update(inFlight: number, syncs: number): void {
    if (this.#inFlight === 0 && inFlight > 0) this.#heardAtMs = this.#nowMs
    this.#inFlight = inFlight
    if (syncs !== this.#syncs) {
      // The limit changes with the first and after the last sync; from then on it counts anew.
      this.#syncs = syncs
      this.#syncSinceMs = this.#nowMs
      this.stop()
    }
    if (this.#timer === undefined && inFlight > 0) this.#start(this.#limitMs)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  get #limitMs(): number {
    return this.#syncs > 0 ? this.#limits.syncTimeoutMs : this.#limits.replyTimeoutMs
  }

  #leftMs(): number {
    this.tick()
    const { replyTimeoutMs, syncTimeoutMs } = this.#limits
    const silenceEndsMs = (this.#syncs > 0 ? this.#syncSinceMs : this.#heardAtMs) + this.#limitMs
    const patienceEndsMs = this.#owner.oldestSentMs() + replyTimeoutMs + syncTimeoutMs
    return Math.min(silenceEndsMs, patienceEndsMs) - this.#nowMs
  }

  #start(ms: number): void {
    this.#timer = setTimeout(() => this.#look(), Math.max(1, Math.ceil(ms)))
  }

  #look(): void {
    this.#timer = undefined
    if (this.#inFlight === 0) return
    const leftMs = this.#leftMs()
    if (leftMs > 0) {
      this.#start(leftMs)
      return
    }
    // After a sleep or a long computation the reply may lie in the socket: let the loop read it first.
    setImmediate(() => {
      if (this.#inFlight === 0 || this.#timer !== undefined) return
      const stillLeftMs = this.#leftMs()
      if (stillLeftMs > 0) this.#start(stillLeftMs)
      else this.#owner.overdue()
    })
  }
}
