// Every reason a block can be missing for has words and an action, and only what can be healed offers to heal.

import { describe, expect, test } from 'vitest'
import {
  checkChip,
  earlierSentence,
  faultGroups,
  resultSentence,
  rootDay,
  rootOrigin,
  rootTitle,
} from '../../renderer/text/verify-words.ts'
import type { FaultyBlock, MissingReason } from '../../shared/model/verify.ts'
import type { CheckResult } from '../../shared/model/window.ts'

const fault = (reason: MissingReason, offset: number | null = 0x100, repaired = false): FaultyBlock => ({
  score: 'ab'.repeat(20),
  type: 0,
  path: '/x',
  arena: offset === null ? null : 'arenas3',
  offset,
  reason,
  detail: null,
  repaired,
})

const result = (change: Partial<CheckResult>): CheckResult => ({
  ok: false,
  cancelled: false,
  blocks: 10,
  good: 9,
  bytes: 0,
  missing: [],
  corrupt: [],
  problems: [],
  unlisted: 0,
  repaired: 0,
  warnings: [],
  durationMs: 1,
  ...change,
})

test('what heals comes first, and what is repaired is gone', () => {
  const missing = [
    fault('damaged-in-source'),
    fault('nowhere', null),
    fault('not-sent-yet', 0x442f07a),
    fault('not-sent-yet', 0x442b1b4),
    fault('lost-on-target', 1, true),
  ]
  const groups = faultGroups(result({ missing, corrupt: [fault('damaged-on-target')] }), 'basement')
  expect(groups.map(({ reason, healing, faults }) => [reason, healing, faults.length])).toEqual([
    ['not-sent-yet', 'repair', 2],
    ['nowhere', 'sync', 1],
    ['damaged-in-source', 'none', 1],
    ['damaged-on-target', 'none', 1],
  ])
  expect(groups[0]?.headline).toBe('2 blocks are not on basement yet. They are safe in arenas3.')
  expect(groups[0]?.explanation).toMatch(/ \(offsets 0x442b1b4 to 0x442f07a\)\. Sending just these /)
})

describe('each reason', () => {
  test.each<[MissingReason, string]>([
    ['not-sent-yet', 'repair'],
    ['lost-on-target', 'repair'],
    ['not-on-disk-yet', 'sync'],
    ['nowhere', 'sync'],
    ['unknown', 'sync'],
    ['damaged-in-source', 'none'],
    ['damaged-on-target', 'none'],
  ])('%s', (reason, healing) => {
    const [group] = faultGroups(result({ missing: [fault(reason)] }), 'attic')
    expect(group?.healing).toBe(healing)
    expect(group?.headline).toMatch(/^1 block is /)
    expect(group?.explanation).toMatch(/\.$/)
  })
})

test('a name of a target cannot bring its own control characters', () => {
  expect(faultGroups(result({ missing: [fault('lost-on-target')] }), 'a\u202e')[0]?.headline).not.toContain('\u202e')
})

test('the sentence never says pass where there is none', () => {
  expect(resultSentence(result({ ok: true, good: 10 }), 'full', 'attic')).toMatch(/^All 10 blocks read back/)
  expect(resultSentence(result({}), 'present', 'attic')).toBe('9 of 10 known blocks found on attic.')
  expect(resultSentence(result({ blocks: 0, good: 0 }), 'present', 'attic')).toMatch(/that is no pass/)
  expect(resultSentence(result({ cancelled: true }), 'present', 'attic')).toMatch(/^Stopped after 9 blocks/)
})

test('blocks in several arenas name them, in many only their number', () => {
  const inArena = (arena: string) => ({ ...fault('not-sent-yet'), arena })
  const headlineOf = (arenas: readonly string[]) =>
    faultGroups(result({ missing: arenas.map((arena) => inArena(arena)) }), 'attic')[0]?.headline
  expect(headlineOf(['a1', 'a2'])).toMatch(/safe in a1 and a2\.$/)
  expect(headlineOf(['a1', 'a2', 'a3'])).toMatch(/safe in a1, a2 and a3\.$/)
  expect(headlineOf(['a1', 'a2', 'a3', 'a4'])).toMatch(/safe in 4 arenas\.$/)
})

describe('a root', () => {
  const now = new Date(2026, 10, 28, 12, 0).getTime()
  const at = new Date(2026, 10, 28, 5, 0).toISOString()
  test.each([
    ['fossil', 'last archive of fossil', at, 'Today 05:00', 'fossil'],
    ['rootscor', 'line 4 of rootscor', null, 'Line 4 of rootscor', 'rootscor'],
    ['arenas', 'arenas2 at 0x1f00a4c', null, 'arenas2 at 0x1f00a4c', 'in arenas2'],
    ['pasted', 'pasted', null, 'Pasted', 'pasted'],
  ] as const)('from %s', (from, place, time, title, origin) => {
    expect([rootTitle({ from, place, at: time }, now), rootOrigin({ from, place })]).toEqual([title, origin])
  })

  test('in a row, the time of day stands apart where there is a day', () => {
    const of = (time: string | null) => rootDay({ from: 'fossil', place: 'last archive of fossil', at: time }, now)
    expect([of(at), of(new Date(2019, 2, 2, 20, 0).toISOString()), of(null)]).toEqual([
      ['Today 05:00', ''],
      ['2 March 2019', '20:00'],
      ['Last archive of fossil', ''],
    ])
  })

  const check = { dial: 'd', at, ok: true, depth: 'full', missing: 0, corrupt: 0 } as const
  test.each([
    [{ ...check }, 'ok', 'read back'],
    [{ ...check, depth: 'present' as const }, 'ok', 'all there'],
    [{ ...check, ok: false, missing: 3, corrupt: 1 }, 'late', '3 missing'],
    [{ ...check, ok: false, corrupt: 2 }, 'late', '2 damaged'],
    [{ ...check, ok: false }, 'late', 'not whole'],
  ])('with a check', (one, tone, text) => {
    expect(checkChip({ checks: [one] }, 'd')).toEqual({ tone, text, at })
    expect(checkChip({ checks: [one] }, 'other')).toMatchObject({ tone: null, text: 'never checked' })
  })

  test('what earlier checks found is said without more than they knew', () => {
    expect(earlierSentence(undefined, 'attic')).toMatch(/^Nobody has looked/)
    expect(earlierSentence(check, 'attic')).toMatch(/read back from attic/)
    expect(earlierSentence({ ...check, ok: false, missing: 1, corrupt: 2 }, 'attic')).toBe(
      'Not whole on attic: 1 block missing, 2 blocks damaged.',
    )
    expect(earlierSentence({ ...check, ok: false }, 'attic')).toBe('Not whole on attic.')
  })
})
