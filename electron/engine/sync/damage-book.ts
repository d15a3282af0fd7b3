// What is known to be damaged in a mirror's source, and which targets lack a block because of it. Damage is never
// forgotten: a record goes when the place was looked at again and is good, and every target that lacked the block has it
// (R4).

import { damageKey, losesBlocks, type Damage } from '../../../shared/model/damage.ts'
import type { DamageRecord } from '../../../shared/model/mirror.ts'

type Held = { damage: Damage; owedTo: Set<string>; firstSeen: string; seenNow: boolean }

/** Records kept one by one; a partition that is nothing but damage must not fill the state file (R9). */
const maxRecords = 20_000

export class DamageBook {
  readonly #records = new Map<string, Held>()
  #overflow = 0

  constructor(records: readonly DamageRecord[]) {
    for (const { damage, owedTo, firstSeen } of records) {
      this.#records.set(damageKey(damage), { damage, owedTo: new Set(owedTo), firstSeen, seenNow: false })
    }
  }

  found(damage: Damage, dials: readonly string[], now: string): void {
    const key = damageKey(damage)
    const held = this.#records.get(key)
    if (held === undefined) {
      if (this.#records.size >= maxRecords) this.#overflow++
      else this.#records.set(key, { damage, owedTo: new Set(dials), firstSeen: now, seenNow: true })
      return
    }
    held.damage = damage
    held.seenNow = true
    for (const dial of dials) held.owedTo.add(dial)
  }

  isOwedToNobody(damage: Damage): boolean {
    return this.#records.get(damageKey(damage))?.owedTo.size === 0
  }

  wasSeen(damage: Damage): boolean {
    return this.#records.get(damageKey(damage))?.seenNow ?? false
  }

  get overflow(): number {
    return this.#overflow
  }

  all(): readonly Damage[] {
    return [...this.#records.values()].map((held) => held.damage)
  }

  records(): readonly DamageRecord[] {
    return [...this.#records.values()].map(({ damage, owedTo, firstSeen }) => ({
      damage,
      owedTo: [...owedTo].toSorted(),
      firstSeen,
    }))
  }

  isOwed(damage: Damage, dial: string): boolean {
    return this.#records.get(damageKey(damage))?.owedTo.has(dial) ?? false
  }

  /** `dial` has the block now; the record goes with the last that lacked it. */
  repaid(damage: Damage, dial: string): void {
    const held = this.#records.get(damageKey(damage))
    if (held === undefined) return
    held.owedTo.delete(dial)
    if (held.owedTo.size === 0 && !held.seenNow) this.#records.delete(damageKey(damage))
  }

  /** Looked at again and not there any more. Kept while a target still lacks the block. */
  gone(damage: Damage): void {
    const held = this.#records.get(damageKey(damage))
    if (held !== undefined && !held.seenNow && held.owedTo.size === 0) this.#records.delete(damageKey(damage))
  }

  /** Forgets damage of whole structures (tables, heads, tails) that this run looked at and did not meet. */
  dropUnseen(covers: (damage: Damage) => boolean): void {
    for (const [key, held] of this.#records) {
      if (!held.seenNow && held.owedTo.size === 0 && covers(held.damage)) this.#records.delete(key)
    }
  }

  /** Forgets what a target is owed where `owed` says no. The records stay: nobody looked at those places. */
  keepOwed(owed: (damage: Damage, dial: string) => boolean): void {
    for (const held of this.#records.values()) {
      held.owedTo = new Set([...held.owedTo].filter((dial) => owed(held.damage, dial)))
    }
  }

  /** A target that is no longer part of the mirror lacks nothing. */
  keepTargets(dials: ReadonlySet<string>): void {
    for (const [key, held] of this.#records) {
      const before = held.owedTo.size
      held.owedTo = new Set([...held.owedTo].filter((dial) => dials.has(dial)))
      if (before > 0 && held.owedTo.size === 0 && losesBlocks(held.damage)) this.#records.delete(key)
    }
  }
}
