// Every stored disk, fossil and 9fat expands to what its manifest says (loadDisk compares the SHA-256).

import { expect, test } from 'vitest'
import { expectedDisk, expectedFossil, expectedVolume, loadDisk, volumeIds } from './disk-fixtures.ts'

test.each([...volumeIds, 'disk-mbr', 'disk-gpt', 'fossil'])('%s', (id) => {
  expect(loadDisk(id).length).toBeGreaterThan(10_000_000)
})

test('the manifest has the values the tests rely on', () => {
  expect(volumeIds).toHaveLength(15)
  expect(volumeIds.map((id) => expectedVolume(id).fatBits)).toContain(16)
  expect(expectedDisk('disk-mbr').parts.map(({ name }) => name)).toEqual(
    expectedDisk('disk-gpt').parts.map(({ name }) => name),
  )
  expect(expectedFossil().last).toBe(expectedDisk('disk-gpt').fossilLast)
})
