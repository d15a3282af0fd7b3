// The text by which a sync recognises its own source behind a target.

import { expect, test } from 'vitest'
import { partitionId } from '../../../../../electron/engine/venti/arena/partition-id.ts'

const arenas = [
  { name: 'arenas0', clumpMagic: 0x8e772715, start: 794624 },
  { name: 'arenas1', clumpMagic: 0xb46aaddd, start: 2891776 },
]

test('is what sha1sum makes of the lines', () => {
  expect(partitionId(arenas)).toBe('645305bd49c5214c701a4726849b4089f4747587')
})

test.each([
  ['a name', { name: 'arenas2' }],
  ['a clump magic', { clumpMagic: 1 }],
  ['a place', { start: 2891777 }],
])('depends on %s of every arena', (_, change) => {
  const ids = new Set([
    partitionId(arenas),
    partitionId([arenas[0]!, { ...arenas[1]!, ...change }]),
    partitionId([{ ...arenas[0]!, ...change }, arenas[1]!]),
    partitionId(arenas.slice(0, 1)),
    partitionId(arenas.toReversed()),
  ])
  expect(ids.size).toBe(5)
})
