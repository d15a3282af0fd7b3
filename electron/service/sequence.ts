// Numbers that only grow, also from one run of the program to the next, so that a page which stayed open takes the picture
// of a service that was started anew for the newer one.

export class Sequence {
  #last = 0

  next(): number {
    this.#last = Math.max(this.#last + 1, Date.now())
    return this.#last
  }
}
