// Events to whoever listens, at most ten a second for all of them together: of each picture (a job, a mirror …) the newest
// waits for its turn, so nobody is late by more than the number of pictures times a tenth of a second, and nothing piles up.

import type { EventMessage, EventName, Events } from '../../shared/contract.ts'

/** A little more than a tenth of a second: timers and lines are not exact, and ten a second is what pages count on. */
const intervalMs = 110

export class Publisher {
  readonly #listeners = new Set<(message: EventMessage) => void>()
  /** By event and subject, in the order of their waiting. */
  readonly #waiting = new Map<string, EventMessage>()
  #timer: NodeJS.Timeout | null = null
  #lastMs = Number.NEGATIVE_INFINITY

  onEvent(told: (message: EventMessage) => void): () => void {
    this.#listeners.add(told)
    return () => void this.#listeners.delete(told)
  }

  /** `subject` tells pictures of the same kind apart: an id, a name. */
  tell<E extends EventName>(event: E, subject: string, value: Events[E]): void {
    this.#waiting.set(`${event} ${subject}`, { event, value })
    if (this.#timer !== null) return
    const waitMs = Math.max(0, this.#lastMs + intervalMs - performance.now())
    this.#timer = setTimeout(() => this.#next(), waitMs)
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#waiting.clear()
    this.#listeners.clear()
  }

  #next(): void {
    this.#timer = null
    const [first] = this.#waiting
    if (first === undefined) return
    const [key, message] = first
    this.#waiting.delete(key)
    this.#lastMs = performance.now()
    for (const told of this.#listeners) told(message)
    if (this.#waiting.size > 0) this.#timer = setTimeout(() => this.#next(), intervalMs)
  }
}
