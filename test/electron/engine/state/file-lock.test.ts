// One holder at a time: live ones are respected, dead ones are replaced, and of many that try at once one wins.

import { readdir, readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { acquireFileLock } from '../../../../electron/engine/state/file-lock.ts'
import { rejection } from '../../../helpers/client-calls.ts'
import { scratchDir } from '../../../helpers/scratch.ts'

const holder = async (path: string) => JSON.parse(await readFile(`${path}.lock`, 'utf8')) as Record<string, unknown>

/** A lock file as `who` would have left it; unsaid fields are this process's own. */
async function leaveLock(path: string, who: Record<string, unknown>): Promise<void> {
  const lock = await acquireFileLock(path)
  const mine = await holder(path)
  await lock.release()
  await writeFile(`${path}.lock`, JSON.stringify({ ...mine, ...who }))
}

test('names process, host and start time, and is gone after release', async () => {
  const path = join(await scratchDir(), 'file')
  const lock = await acquireFileLock(path)
  expect(await holder(path)).toMatchObject({ pid: process.pid, host: hostname() })
  if (process.platform === 'linux') expect((await holder(path))['started']).toMatch(/^\d+$/)
  expect((await rejection(acquireFileLock(path))).code).toBe('store-locked')
  await lock.release()
  await lock.release()
  expect(await readdir(join(path, '..'))).toEqual([])
  await (await acquireFileLock(path)).release()
})

// No process has the number: Linux gives out at most 2^22.
const nobody = 2 ** 22 + 5

test.each([
  ['a process that is gone', { pid: nobody }],
  ['an earlier process with the same number', { started: '1' }],
  ['an earlier boot', { boot: 'another' }],
])('left by %s is taken over', async (_, who) => {
  if (process.platform !== 'linux' && !('pid' in who)) return
  const path = join(await scratchDir(), 'file')
  await leaveLock(path, who)
  const lock = await acquireFileLock(path)
  expect(await holder(path)).toMatchObject({ pid: process.pid })
  await lock.release()
  expect(await readdir(join(path, '..'))).toEqual([])
})

test.each([
  ['of another host', { host: 'elsewhere', pid: nobody }, /process 4194309 on elsewhere/],
  ['of a living process', {}, new RegExp(`process ${process.pid} on`)],
])('%s is respected', async (_, who, words) => {
  const path = join(await scratchDir(), 'file')
  await leaveLock(path, who)
  const error = await rejection(acquireFileLock(path))
  expect([error.code, error.message]).toEqual(['store-locked', expect.stringMatching(words)])
  expect(await readdir(join(path, '..'))).toEqual(['file.lock'])
})

test('that says nothing is left to the user', async () => {
  const path = join(await scratchDir(), 'file')
  await writeFile(`${path}.lock`, '')
  expect((await rejection(acquireFileLock(path))).message).toMatch(/remove it if no server runs/)
})

test('is not given up by one who no longer has it', async () => {
  const path = join(await scratchDir(), 'file')
  const lock = await acquireFileLock(path)
  await writeFile(`${path}.lock`, JSON.stringify({ pid: nobody, host: hostname(), started: '', boot: '' }))
  await lock.release()
  expect(await holder(path)).toMatchObject({ pid: nobody })
})

test.each(['free', 'stale'])('of twenty at once on a %s lock one wins, and leaves nothing behind', async (state) => {
  const folder = await scratchDir()
  const path = join(folder, 'file')
  for (let round = 0; round < 5; round++) {
    if (state === 'stale') await leaveLock(path, { pid: nobody })
    // A claim somebody was killed with.
    await writeFile(`${path}.lock.${nobody}-abc`, '')
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => acquireFileLock(path)))
    const won = outcomes.filter((outcome) => outcome.status === 'fulfilled')
    expect(won.length).toBeLessThanOrEqual(1)
    for (const { value } of won) await value.release()
    if (won.length === 0) await (await acquireFileLock(path)).release()
    expect(await readdir(folder)).toEqual([])
  }
})
