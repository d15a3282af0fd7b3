// Requests that have not left yet: those beyond the window, in order, and syncs that wait until every write and probe
// made before them was answered. The protocol lets a server answer out of order, so only a sync sent after those answers
// covers them (R2, venti-protocol.md §3.7).

import type { WireRequest } from './requests.ts'

export class WaitingRequests {
  #queue: WireRequest[] = []
  #head = 0
  #syncs: { readonly request: WireRequest; readonly order: number; before: number }[] = []
  #nextOrder = 1
  #unanswered = 0

  get queued(): number {
    return this.#queue.length - this.#head
  }

  get waitingSyncs(): number {
    return this.#syncs.length
  }

  /** Counts a request that was made, sent or not. */
  register(request: WireRequest): void {
    request.order = this.#nextOrder++
    if (request.precedesSync) this.#unanswered++
  }

  /** Counts an answer; a sync may have become free. */
  answered(request: WireRequest): void {
    if (!request.precedesSync) return
    this.#unanswered--
    for (const sync of this.#syncs) {
      if (request.order < sync.order) sync.before--
    }
  }

  /** False when the sync may leave at once; otherwise it is kept for freeSync(). */
  holdSync(request: WireRequest): boolean {
    request.order = this.#nextOrder++
    if (this.#unanswered === 0) return false
    this.#syncs.push({ request, order: request.order, before: this.#unanswered })
    return true
  }

  /** Takes a sync that waits for nothing more. An earlier one never waits longer than a later one. */
  freeSync(): WireRequest | undefined {
    return this.#syncs[0]?.before === 0 ? this.#syncs.shift()!.request : undefined
  }

  push(request: WireRequest): void {
    this.#queue.push(request)
  }

  peek(): WireRequest | undefined {
    return this.#queue[this.#head]
  }

  shift(): void {
    this.#head++
    // Array.shift would move the whole rest for each request.
    if (this.#head === this.#queue.length || this.#head >= 1024) {
      this.#queue.splice(0, this.#head)
      this.#head = 0
    }
  }

  /** Everything that has not left, for the end of the connection. */
  drain(): WireRequest[] {
    const all = [...this.#queue.slice(this.#head), ...this.#syncs.map((sync) => sync.request)]
    this.#queue = []
    this.#head = 0
    this.#syncs = []
    return all
  }
}
