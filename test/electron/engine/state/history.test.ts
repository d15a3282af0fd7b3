// history/NAME.jsonl: one line for each run and rollover; a line cut off by a crash costs only itself.

import { appendFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { appendHistory, historyPath, readHistory, type HistoryLine } from '../../../../electron/engine/state/history.ts'
import { rejection } from '../../../helpers/client-calls.ts'
import { scratchDir } from '../../../helpers/scratch.ts'

const run = (at: string): HistoryLine => ({
  kind: 'run',
  at,
  durationMs: 1,
  bytesRead: 2,
  damage: 0,
  cancelled: false,
  targets: [
    {
      dial: 'tcp!a!17034',
      ok: true,
      error: null,
      blocks: 3,
      sent: 3,
      present: 0,
      bytesSent: 9,
    },
  ],
})

const rollover: HistoryLine = {
  kind: 'rollover',
  at: '2026-01-02',
  dial: 'tcp!a!17034',
  fromArena: 'arenas0',
  fromOffset: 100,
  toArena: 'arenas1',
  toArenaOffset: 200,
}

test('lines come back in order, oldest first', async () => {
  const folder = await scratchDir()
  expect(await readHistory(folder, 'home')).toEqual([])
  const lines = [run('2026-01-01'), rollover, run('2026-01-03')]
  for (const line of lines) await appendHistory(folder, 'home', line)
  expect(await readHistory(folder, 'home')).toEqual(lines)
  expect((await stat(historyPath(folder, 'home'))).mode & 0o777).toBe(0o600)
})

test('at every place a crash may cut: older lines stay, and the next one is whole', async () => {
  const folder = await scratchDir()
  await appendHistory(folder, 'home', run('2026-01-01'))
  await appendHistory(folder, 'home', run('2026-01-02'))
  const text = await readFile(historyPath(folder, 'home'), 'utf8')
  const lineEnd = text.indexOf('\n') + 1
  for (let cut = lineEnd; cut <= text.length; cut += 7) {
    await writeFile(historyPath(folder, 'home'), text.slice(0, cut))
    await appendHistory(folder, 'home', run('2026-01-03'))
    const found = (await readHistory(folder, 'home')).map(({ at }) => at)
    expect(
      found.filter((at) => at !== '2026-01-02'),
      `cut at ${cut}`,
    ).toEqual(['2026-01-01', '2026-01-03'])
  }
})

test('what is no line of a history is skipped', async () => {
  const folder = await scratchDir()
  await appendHistory(folder, 'home', run('2026-01-01'))
  await appendFile(historyPath(folder, 'home'), 'null\n[]\n{"kind":"other"}\n\u0000\u0000\n17\n')
  await appendHistory(folder, 'home', rollover)
  expect((await readHistory(folder, 'home')).map(({ kind }) => kind)).toEqual(['run', 'rollover'])
})

test('a history that cannot be written is an error that names it', async () => {
  const folder = await scratchDir()
  await mkdir(join(folder, 'history', 'home.jsonl'), { recursive: true })
  const error = await rejection(appendHistory(folder, 'home', rollover))
  expect({ code: error.code, path: error.data['path'] }).toEqual({
    code: 'state-write',
    path: historyPath(folder, 'home'),
  })
})
