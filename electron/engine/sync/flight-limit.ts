// How much may be under way to one target: as much as it acknowledges in a few seconds. A checkpoint waits for everything
// that was sent before it, and so does a pause; over a slow line a full window would keep both from coming to anything for
// as long as that window takes. A line whose round trip is shorter than those seconds is never held back by this.

/** What is under way is acknowledged in about so long. */
const secondsUnderWay = 2
/** The whole window of a near server, which is never held back, and enough to find out how fast a line is. */
const leastBytes = 64 * 8192
/** The rate is that of the last so long, or of the present one where that is higher. */
const periodMs = 1000
/** A shorter time says nothing of a rate. */
const shortestMs = 50

export class FlightLimit {
  readonly #now: () => number
  #underWay = 0
  #beganMs: number | null = null
  #acknowledged = 0
  /** Bytes a second in the period before. */
  #lastRate = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** One block is always allowed. */
  allows(bytes: number): boolean {
    const wanted = this.#underWay + bytes
    return this.#underWay === 0 || wanted <= leastBytes || wanted <= this.#rate() * secondsUnderWay
  }

  sent(bytes: number): void {
    this.#beganMs ??= this.#now()
    this.#underWay += bytes
  }

  acknowledged(bytes: number): void {
    this.#underWay -= bytes
    const now = this.#now()
    const passedMs = now - (this.#beganMs ?? now)
    this.#acknowledged += bytes
    if (passedMs < periodMs) return
    this.#lastRate = (this.#acknowledged / passedMs) * 1000
    this.#acknowledged = 0
    this.#beganMs = now
  }

  #rate(): number {
    const passedMs = this.#now() - (this.#beganMs ?? this.#now())
    return Math.max(this.#lastRate, (this.#acknowledged / Math.max(shortestMs, passedMs)) * 1000)
  }
}
