// The 256 tags of a connection and what each is in use for. Tag 0 belongs to the hello, so 255 are left. A freed tag is
// reused as late as possible: a reply sent twice then meets an unused tag and is noticed.

import { assert } from '../../../../shared/assert.ts'

export const usableTags = 255

export class TagTable<T> {
  #slots: (T | undefined)[] = Array.from({ length: 256 }, () => undefined)
  /** A ring of free tags; there can never be more than fit. */
  #free = Uint8Array.from({ length: usableTags }, (_, i) => i + 1)
  #head = 0
  #used = 0

  get used(): number {
    return this.#used
  }

  take(value: T): number {
    assert(this.#used < usableTags, 'all tags are in use')
    const tag = this.#free[this.#head]!
    this.#head = (this.#head + 1) % usableTags
    this.#used++
    this.#slots[tag] = value
    return tag
  }

  get(tag: number): T | undefined {
    return this.#slots[tag]
  }

  release(tag: number): void {
    assert(this.#slots[tag] !== undefined, `tag ${tag} is not in use`)
    this.#slots[tag] = undefined
    this.#free[(this.#head + usableTags - this.#used) % usableTags] = tag
    this.#used--
  }

  /** Everything in use; the table is of no use afterwards. */
  values(): T[] {
    return this.#slots.filter((value) => value !== undefined)
  }
}
