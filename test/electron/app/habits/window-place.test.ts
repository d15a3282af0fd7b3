// Where the window stands: where it stood, but always where a person can take hold of it.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { leastSizeOn, placeOn, readPlace, writePlace } from '../../../../electron/app/habits/window-place.ts'
import { scratchDir } from '../../../helpers/scratch.ts'

const main = { x: 0, y: 0, width: 1920, height: 1080 }
const second = { x: 1920, y: 0, width: 1280, height: 1024 }

test.each([
  ['first start: in the middle', [main], null, { x: 400, y: 160, width: 1120, height: 760 }],
  [
    'where it stood',
    [main, second],
    { x: 2000, y: 50, width: 1000, height: 700 },
    { x: 2000, y: 50, width: 1000, height: 700 },
  ],
  [
    'the display is gone',
    [main],
    { x: 2000, y: 50, width: 1000, height: 700 },
    { x: 460, y: 190, width: 1000, height: 700 },
  ],
  [
    'its upper edge is out of reach',
    [main],
    { x: 100, y: -200, width: 1000, height: 700 },
    { x: 460, y: 190, width: 1000, height: 700 },
  ],
  ['smaller than can be used', [main], { x: 5, y: 5, width: 120, height: 20 }, { x: 5, y: 5, width: 900, height: 600 }],
  [
    'larger than the display',
    [second],
    { x: 1930, y: 5, width: 5000, height: 5000 },
    { x: 1930, y: 5, width: 1280, height: 1024 },
  ],
  [
    'a corner of the title area is enough',
    [main],
    { x: 1820, y: 1020, width: 1000, height: 700 },
    { x: 1820, y: 1020, width: 1000, height: 700 },
  ],
  [
    'one pixel less is not',
    [main],
    { x: 1821, y: 1020, width: 1000, height: 700 },
    { x: 460, y: 190, width: 1000, height: 700 },
  ],
  [
    'a display below the least size',
    [{ x: 0, y: 24, width: 800, height: 456 }],
    null,
    { x: 0, y: 24, width: 800, height: 456 },
  ],
  [
    'across two displays, its title area mostly on the second',
    [main, second],
    { x: 1840, y: 10, width: 1000, height: 700 },
    { x: 1840, y: 10, width: 1000, height: 700 },
  ],
  ['no display', [], null, { width: 1120, height: 760 }],
] as const)('window place: %s', (_name, displays, place, expected) => {
  expect(placeOn(displays, place)).toEqual(expected)
})

test.each([
  ['room enough', [main, second], { width: 900, height: 600 }],
  [
    'never larger than the smallest display',
    [main, { ...second, width: 800, height: 560 }],
    { width: 800, height: 560 },
  ],
  ['no display', [], { width: 900, height: 600 }],
] as const)('least size: %s', (_name, displays, expected) => {
  expect(leastSizeOn(displays)).toEqual(expected)
})

test('what was written is read; what cannot be understood is no place', async () => {
  const path = join(await scratchDir(), 'window-place.json')
  const place = { x: -5, y: 10, width: 1000, height: 700, isMaximized: true }
  const found: unknown[] = [await readPlace(path)]
  await writePlace(path, place)
  found.push(await readPlace(path))
  for (const text of ['{', '{"x":1}', JSON.stringify({ ...place, width: 1e9 })]) {
    await writeFile(path, text)
    found.push(await readPlace(path))
  }
  await writePlace(join(path, 'nowhere.json'), place)
  expect(found).toEqual([null, place, null, null, null])
})
