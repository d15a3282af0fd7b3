// Many requests in flight, and yet depth first: a stack of work, each item handing out its jobs one by one. What is on top
// is finished before anything below it is begun, so the stack stays about as long as the tree is deep, times the number of
// jobs at once (R9).

/** Something that is done in several jobs. */
export interface Work {
  /** The next job; null when there are no more. Must not push. */
  take(): Job | null
}

/** Calls `ended` exactly once, now or later: with null, or with what it failed with. */
export type Job = (ended: Ended) => void
export type Ended = (failure: unknown) => void

/** A job that waits in its middle. Those that only ask a question do without a promise: there are millions of them. */
export function waiting(work: () => Promise<void>): Job {
  return (ended) => {
    work().then(() => ended(null), ended)
  }
}

export class Scheduler {
  readonly #stack: Work[] = []
  readonly #concurrency: number
  #active = 0
  #pumping = false
  #failure: { readonly error: unknown } | null = null
  #over: (() => void) | null = null
  readonly #jobEnded: Ended = (failure) => {
    this.#active--
    if (failure !== null) this.stop(failure)
    this.#pump()
    this.#endIfIdle()
  }

  constructor(concurrency: number) {
    this.#concurrency = concurrency
  }

  /** Begun before everything pushed earlier. */
  push(work: Work): void {
    if (this.#failure !== null) return
    this.#stack.push(work)
    this.#pump()
  }

  /** Forgets what was not begun; run() rejects with `error` when the rest has come to its end. */
  stop(error: unknown): void {
    this.#failure ??= { error }
    this.#stack.length = 0
    this.#endIfIdle()
  }

  /** Resolves when nothing is left. Rejects with the error of the first job that failed, after all others have ended. */
  async run(first: Job): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#over = resolve
      this.push(oneJob(first))
      this.#endIfIdle()
    })
    if (this.#failure !== null) throw this.#failure.error
  }

  #pump(): void {
    // A job that ends at once comes back here from within; the loop below sees what it left.
    if (this.#pumping) return
    this.#pumping = true
    try {
      while (this.#active < this.#concurrency) {
        const top = this.#stack.at(-1)
        if (top === undefined) break
        const job = top.take()
        if (job === null) this.#remove(top)
        else this.#start(job)
      }
    } catch (error) {
      // Our own mistake, and perhaps in the middle of somebody's callback: it ends this walk and nothing else.
      this.stop(error)
    } finally {
      this.#pumping = false
    }
  }

  /** take() may have pushed by way of what it finished, so the item need not be the last. */
  #remove(work: Work): void {
    const at = this.#stack.lastIndexOf(work)
    if (at >= 0) this.#stack.splice(at, 1)
  }

  #start(job: Job): void {
    this.#active++
    try {
      job(this.#jobEnded)
    } catch (error) {
      this.#jobEnded(error)
    }
  }

  #endIfIdle(): void {
    if (this.#active === 0 && this.#stack.length === 0) this.#over?.()
  }
}

/** A single job as work. */
export function oneJob(job: Job): Work {
  let next: Job | null = job
  return {
    take: () => {
      const taken = next
      next = null
      return taken
    },
  }
}

export function jobs(list: readonly Job[]): Work {
  let at = 0
  return { take: () => list[at++] ?? null }
}
