// R10: a root score in a report is masked, and so is one that may be a root's.

import { expect, test } from 'vitest'
import { reportDamage } from '../../../../electron/engine/sync/report-damage.ts'
import type { Damage } from '../../../../shared/model/damage.ts'
import type { Score } from '../../../../shared/model/score.ts'

const damage: Damage = {
  kind: 'score-mismatch',
  arena: 'arenas0',
  clumpOffset: 0,
  partitionOffset: 802816,
  nextOffset: 40,
  index: 0,
  score: '322341f8e2f5a4d4a4e6ae2e1b9a7d1c0b1f368f' as Score,
  type: 13,
  detail: 'x',
}

test.each([
  [13, damage.score],
  [2, damage.score],
  [1, 'vac:3223…368f'],
  [null, 'vac:3223…368f'],
])('R10: type %j', (type, score) => {
  expect(reportDamage({ ...damage, type })).toEqual({ ...damage, type, score, offset: 0 })
})

test('the offset is the clump offset, or the place in the partition', () => {
  expect(reportDamage({ ...damage, clumpOffset: null, score: null })).toMatchObject({ offset: 802816, score: null })
})
