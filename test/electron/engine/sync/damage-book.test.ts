// The damage book: nothing is forgotten while a target lacks a block, and nothing stays when the place was seen to be good
// and everybody has it (R4).

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DamageBook } from '../../../../electron/engine/sync/damage-book.ts'
import type { Damage, DamageKind } from '../../../../shared/model/damage.ts'

function damageAt(clumpOffset: number | null, kind: DamageKind = 'score-mismatch', arena = 'arenas0'): Damage {
  return {
    kind,
    arena,
    clumpOffset,
    partitionOffset: 802816 + (clumpOffset ?? 0),
    nextOffset: clumpOffset === null ? null : clumpOffset + 100,
    index: null,
    score: null,
    type: null,
    detail: 'as found',
  }
}

const first = '2026-01-01T00:00:00.000Z'
const later = '2026-02-01T00:00:00.000Z'
const [a, b] = ['tcp!a!17034', 'tcp!b!17034']

/** What the next run reads back. */
const reopened = (book: DamageBook): DamageBook => new DamageBook(book.records())

describe('a record', () => {
  test('keeps when it was first seen, and gets the newest wording', () => {
    const book = new DamageBook([])
    book.found(damageAt(100), [a], first)
    const again = reopened(book)
    again.found({ ...damageAt(100), detail: 'as found later' }, [b], later)
    expect(again.records()).toEqual([
      { damage: { ...damageAt(100), detail: 'as found later' }, owedTo: [a, b], firstSeen: first },
    ])
  })

  test('goes with the last target that lacked the block', () => {
    const book = new DamageBook([])
    book.found(damageAt(100), [a, b], first)
    const next = reopened(book)
    next.repaid(damageAt(100), a)
    expect(next.all()).toHaveLength(1)
    next.repaid(damageAt(100), b)
    expect(next.all()).toEqual([])
  })

  test('stays when the place is good again but a target lacks the block', () => {
    const book = new DamageBook([])
    book.found(damageAt(100), [a], first)
    const next = reopened(book)
    next.gone(damageAt(100))
    next.dropUnseen(() => true)
    expect(next.isOwed(damageAt(100), a)).toBe(true)
  })

  test('of this run stays, whoever was repaid for an earlier one', () => {
    const book = reopened(new DamageBook([]))
    book.found(damageAt(100), [a], first)
    book.repaid(damageAt(100), a)
    book.gone(damageAt(100))
    book.dropUnseen(() => true)
    expect(book.all()).toHaveLength(1)
  })

  test('of another kind at the same place is another record', () => {
    const book = new DamageBook([])
    book.found(damageAt(100, 'score-mismatch'), [a], first)
    book.found(damageAt(100, 'bad-clump-header'), [a], first)
    expect(book.all()).toHaveLength(2)
  })
})

test('debts that are none are struck, and the record stays until somebody looks', () => {
  const book = new DamageBook([])
  book.found(damageAt(100), [a, b], first)
  const next = reopened(book)
  next.keepOwed((_, dial) => dial === b)
  expect([next.isOwed(damageAt(100), a), next.isOwed(damageAt(100), b), next.isOwedToNobody(damageAt(100))]).toEqual([
    false,
    true,
    false,
  ])
  next.keepOwed(() => false)
  expect([next.all().length, next.isOwedToNobody(damageAt(100))]).toEqual([1, true])
  next.dropUnseen(() => true)
  expect(next.all()).toEqual([])
})

test('a target that left the mirror takes its debts along', () => {
  const book = new DamageBook([])
  book.found(damageAt(100), [a, b], first)
  book.found(damageAt(200), [b], first)
  book.found(damageAt(null, 'head-missing'), [], first)
  const next = reopened(book)
  next.keepTargets(new Set([a]))
  expect(next.records().map(({ damage, owedTo }) => [damage.clumpOffset, owedTo])).toEqual([
    [100, [a]],
    [null, []],
  ])
})

test('a partition that is nothing but damage does not fill the memory, and says how much more there is (R9)', () => {
  const book = new DamageBook([])
  for (let i = 0; i < 20_300; i++) book.found(damageAt(i * 100), [a], first)
  expect([book.all().length, book.overflow]).toEqual([20_000, 300])
})

test('for any history: what a target is owed and nobody repaid is in the book (R4)', () => {
  const place = fc.nat({ max: 4 }).map((i) => damageAt(i * 100))
  const dial = fc.constantFrom(a, b)
  const step = fc.oneof(
    fc.record({ kind: fc.constant('found' as const), place, dials: fc.uniqueArray(dial, { maxLength: 2 }) }),
    fc.record({ kind: fc.constant('repaid' as const), place, dial }),
    fc.record({ kind: fc.constantFrom('gone' as const, 'drop' as const), place }),
    fc.record({ kind: fc.constant('next run' as const), place }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let book = new DamageBook([])
      const owed = new Set<string>()
      const seen = new Set<number>()
      for (const one of steps) {
        const at = one.place.clumpOffset!
        if (one.kind === 'found') {
          book.found(one.place, one.dials, first)
          seen.add(at)
          for (const to of one.dials) owed.add(`${at} ${to}`)
        } else if (one.kind === 'repaid') {
          book.repaid(one.place, one.dial)
          owed.delete(`${at} ${one.dial}`)
        } else if (one.kind === 'gone') book.gone(one.place)
        else if (one.kind === 'drop') book.dropUnseen((damage) => damage.clumpOffset === at)
        else {
          book = reopened(book)
          seen.clear()
        }
        for (const debt of owed) {
          const [offset, to] = debt.split(' ') as [string, string]
          expect(book.isOwed(damageAt(Number(offset)), to)).toBe(true)
        }
        for (const offset of seen) expect(book.all().some((damage) => damage.clumpOffset === offset)).toBe(true)
      }
    }),
  )
})
