// How many may be at it at the same time. Who waits is let in in order.

export class Gate {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(room: number) {
    this.#free = room
  }

  async enter(): Promise<void> {
    if (this.tryEnter()) return
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  tryEnter(): boolean {
    if (this.#free === 0) return false
    this.#free--
    return true
  }

  leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free++
    else next()
  }
}
