// Damage as a line of text: where, what, the values, what it costs.

import { expect, test } from 'vitest'
import { damageKinds, type DamageKind } from '../../../shared/model/damage.ts'
import type { DamageReport } from '../../../shared/model/run.ts'
import { explainDamage } from '../../../shared/text/explain-damage.ts'

const base: DamageReport = {
  kind: 'score-mismatch',
  arena: 'arenas1',
  offset: 823000,
  clumpOffset: 823000,
  partitionOffset: 3722968,
  nextOffset: 831230,
  index: 100,
  score: '70ce3840b46b01527bae3d3ad58edd2d9a0f7548',
  type: 13,
  detail: 'expected this, found that',
}

test('at a clump', () => {
  expect(explainDamage(base)).toBe(
    'arenas1, clump offset 0xc8ed8 (byte 3722968): a block does not match its score (expected this, found that); ' +
      'block 70ce3840b46b01527bae3d3ad58edd2d9a0f7548; it is left out',
  )
})

test('at no clump and in no arena', () => {
  const damage: DamageReport = { ...base, kind: 'table-count', arena: '', clumpOffset: null, score: null }
  expect(explainDamage(damage)).toBe(
    'byte 3722968: the count of the arena table is wrong (expected this, found that); no block is lost by it',
  )
})

test.each(Object.keys(damageKinds) as DamageKind[])('%s is one line', (kind) => {
  expect(explainDamage({ ...base, kind })).toMatch(/^arenas1, clump offset [^\n]+$/)
})
