// desktop.json: kept whole, and never in the way of a start.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  readDesktop,
  usualDesktop,
  writeDesktop,
  type DesktopState,
} from '../../../../electron/app/habits/desktop-settings.ts'
import { scratchDir } from '../../../helpers/scratch.ts'

const now = new Date('2026-11-28T12:00:00.000Z')
const kept: DesktopState = {
  settings: { tray: true, startAtLogin: true, dailyAt: '03:30', weeklyLook: true },
  doneUntil: '2026-11-28T02:30:00.000Z',
  missedAt: '2026-11-28T02:30:00.000Z',
  updates: { triedAt: '2026-11-28T02:30:00.000Z', lookedAt: null, found: '1.2.3', told: null },
}

test('what was written is read; where nothing was, the usual stands', async () => {
  const stateDir = await scratchDir()
  const before = await readDesktop(join(stateDir, 'desktop.json'), now)
  await writeDesktop(join(stateDir, 'desktop.json'), kept)
  expect([before, await readDesktop(join(stateDir, 'desktop.json'), now)]).toEqual([
    { desktop: usualDesktop, problems: [] },
    { desktop: kept, problems: [] },
  ])
})

test('a file of an older version gets what it lacks', async () => {
  const stateDir = await scratchDir()
  await writeFile(join(stateDir, 'desktop.json'), '{"settings":{"tray":true},"more":1}')
  expect(await readDesktop(join(stateDir, 'desktop.json'), now)).toEqual({
    desktop: { ...usualDesktop, settings: { ...usualDesktop.settings, tray: true } },
    problems: [],
  })
})

test.each([
  ['no JSON', '{"settings":'],
  ['no object', '[]'],
  ['no time of day', '{"settings":{"dailyAt":"24:00"}}'],
  ['no instant', '{"settings":{},"doneUntil":"yesterday"}'],
])('a file that holds %s is kept under another name and told', async (_name, text) => {
  const stateDir = await scratchDir()
  const path = join(stateDir, 'desktop.json')
  await writeFile(path, text)
  const aside = `${path}.unreadable-2026-11-28T12-00-00-000Z`
  expect([
    await readDesktop(join(stateDir, 'desktop.json'), now),
    await readFile(aside, 'utf8'),
    await readdir(stateDir),
  ]).toEqual([
    { desktop: usualDesktop, problems: [`${path} could not be understood; it is kept as ${aside}`] },
    text,
    ['desktop.json.unreadable-2026-11-28T12-00-00-000Z'],
  ])
})

test('what cannot be read is told, what cannot be written is an error', async () => {
  const stateDir = await scratchDir()
  const path = join(stateDir, 'desktop.json')
  await mkdir(join(path, 'full'), { recursive: true })
  expect(await readDesktop(join(stateDir, 'desktop.json'), now)).toEqual({
    desktop: usualDesktop,
    problems: [`${path} cannot be read (EISDIR)`],
  })
  await expect(writeDesktop(join(stateDir, 'desktop.json'), kept)).rejects.toMatchObject({ code: 'state-write' })
})
