// The application's log: in order, one line for each thing said, turned over, and without what must not be in it (R10).

import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { redacted, RotatingLog } from '../../../electron/platform/log.ts'
import { scratchDir } from '../../helpers/scratch.ts'

const score = '0123456789abcdef0123456789abcdef01234567'
const now = (): Date => new Date('2026-11-28T12:00:00Z')

test('lines stand in order, each in one line, readable by their owner alone', async () => {
  const log = new RotatingLog(join(await scratchDir(), 'logs'), now)
  log.say('main', 'first')
  log.say('sync', 'second\nwith a line below')
  expect(await log.tail(10)).toEqual([
    '2026-11-28T12:00:00.000Z main: first',
    '2026-11-28T12:00:00.000Z sync: second ⏎ with a line below',
  ])
  expect((await stat(join(log.folder, 'main.log'))).mode & 0o777).toBe(0o600)
})

test.each([
  [`root ${score} found`, /^root vac:0123…4567 found$/],
  [`vac:${score}`, /^vac:0123…4567$/],
  ['password=hunter2 user=x', /^password=… user=x$/],
  ['"passphrase": "two words"', /^"passphrase": …$/],
  ['ssh://glenda:secret@host/dev', /^ssh:\/\/…@host\/dev$/],
  ['http://127.0.0.1:7654/#abcdefghijklmnopqrstuvwxyz', /^http:\/\/127\.0\.0\.1:7654\/#…$/],
])('%s is masked', (text, expected) => {
  expect(redacted(text)).toMatch(expected)
})

test('a file of a megabyte is turned over, and five are kept', async () => {
  const log = new RotatingLog(await scratchDir(), now)
  for (let round = 0; round < 7; round++) {
    await writeFile(join(log.folder, 'main.log'), `${round}${'x'.repeat(1_000_000)}\n`)
    log.say('main', `after ${round}`)
    await log.flush()
  }
  expect((await readdir(log.folder)).toSorted()).toEqual([
    'main.1.log',
    'main.2.log',
    'main.3.log',
    'main.4.log',
    'main.log',
  ])
  expect((await readFile(join(log.folder, 'main.4.log'), 'utf8'))[0]).toBe('3')
  expect(await log.tail(9)).toEqual(['2026-11-28T12:00:00.000Z main: after 6'])
})

test('a folder that cannot be made costs the lines and nothing else, and a flood is counted', async () => {
  const folder = await scratchDir()
  await writeFile(join(folder, 'file'), '')
  const nowhere = new RotatingLog(join(folder, 'file', 'logs'), now)
  nowhere.say('main', 'lost')
  await nowhere.flush()
  expect(await nowhere.tail(9)).toEqual([])

  const log = new RotatingLog(join(folder, 'logs'), now)
  log.say('main', 'begin')
  for (let line = 0; line < 1_500; line++) log.say('flood', String(line))
  const lines = await log.tail(5_000)
  expect([lines.length, lines.at(-1)]).toEqual([1_002, '(500 lines were left out)'])
})
