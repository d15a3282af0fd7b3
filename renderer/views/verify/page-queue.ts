// Pages of a tree that are to be read, a few at a time. While a list is dragged along, wishes follow each other faster than
// answers: the newest replaces the one before, so that rows which went out of sight again are not read.

export type Page = { readonly path: string; readonly from: number }

const atOnce = 2

export class PageQueue {
  readonly #load: (page: Page) => Promise<unknown>
  #wanted: readonly Page[] = []
  #running = 0

  /** `load` never rejects. */
  constructor(load: (page: Page) => Promise<unknown>) {
    this.#load = load
  }

  want(pages: readonly Page[]): void {
    this.#wanted = pages
    while (this.#running < atOnce && this.#wanted.length > 0) void this.#next()
  }

  async #next(): Promise<void> {
    const [next, ...rest] = this.#wanted
    if (next === undefined) return
    this.#wanted = rest
    this.#running++
    await this.#load(next)
    this.#running--
    await this.#next()
  }
}
