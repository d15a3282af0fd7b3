// The application's log: in order, one line for each thing said, turned over, and without what must not be in it (R10).

import { readdir, readFile, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { RotatingLog } from '../../../electron/platform/log.ts'
import { scratchDir } from '../../helpers/scratch.ts'

const score = '0123456789abcdef0123456789abcdef01234567'
const time = '2026-11-28T12:00:00.000Z'
const now = (): Date => new Date('2026-11-28T12:00:00Z')

test('lines stand in order, each in one line, readable by their owner alone', async () => {
  const log = new RotatingLog(join(await scratchDir(), 'logs'), now)
  log.say('main', 'first')
  log.say('sync', `second\nwith a line below, vac:${score}`, 'warning')
  expect(await log.tail(10)).toEqual([
    `${time} info main: first`,
    `${time} warning sync: second ⏎ with a line below, vac:0123…4567`,
  ])
  expect((await stat(join(log.folder, 'main.log'))).mode & 0o777).toBe(0o600)
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
  const [, ...newest] = await log.tail(2)
  expect([newest, (await log.tail(9)).length]).toEqual([[`${time} info main: after 6`], 5])
})

test('no file is longer than a megabyte, however much is said at once, and the last lines go over files', async () => {
  const log = new RotatingLog(await scratchDir(), now)
  for (let line = 0; line < 1_000; line++) log.say('flood', `${line} ${'x'.repeat(3_000)}`)
  await log.flush()
  const files = await readdir(log.folder)
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(log.folder, name))).size))
  const numbers = (await log.tail(700)).map((line) => Number(/flood: (\d+)/.exec(line)?.[1]))
  expect([sizes.length, sizes.every((size) => size <= 1_000_000), numbers]).toEqual([
    3,
    true,
    Array.from({ length: 700 }, (_, index) => index + 300),
  ])
})

test('a folder that cannot be made costs the lines and nothing else; what was lost is counted once it can', async () => {
  const folder = await scratchDir()
  const inTheWay = join(folder, 'logs')
  await writeFile(inTheWay, '')
  const log = new RotatingLog(inTheWay, now)
  log.say('main', 'lost')
  await log.flush()
  const nothing = await log.tail(9)
  await unlink(inTheWay)
  log.say('main', 'there again')
  expect([nothing, await log.tail(9)]).toEqual([[], [`${time} info main: there again`, '(1 line was left out)']])
})

test('a flood is counted rather than kept', async () => {
  const log = new RotatingLog(await scratchDir(), now)
  log.say('main', 'begin')
  for (let line = 0; line < 1_500; line++) log.say('flood', String(line))
  const lines = await log.tail(5_000)
  expect([lines.length, lines.at(-1)]).toEqual([1_002, '(500 lines were left out)'])
})

test('what was there before, open to all, is closed; after the end nothing is said', async () => {
  const log = new RotatingLog(await scratchDir(), now)
  const path = join(log.folder, 'main.log')
  await writeFile(path, 'old\n', { mode: 0o644 })
  log.say('main', 'last')
  const closing = log.close()
  log.say('main', 'too late')
  await closing
  expect([await readFile(path, 'utf8'), (await stat(path)).mode & 0o777]).toEqual([
    `old\n${time} info main: last\n`,
    0o600,
  ])
})
