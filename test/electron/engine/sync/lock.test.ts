// One process at a time works on a mirror: a second run is refused, and a lock whose holder was killed keeps nobody out.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { lockMirror } from '../../../../electron/engine/state/mirror-file.ts'
import { asAppError } from '../../../../shared/errors.ts'
import { buildCli, runCli, startCli, type CliProcess } from '../../../helpers/cli-process.ts'
import { rejection } from '../../../helpers/client-calls.ts'
import { startFakeVenti, type FakeVenti } from '../../../helpers/fake-venti.ts'
import { expectedBlocks } from '../../../helpers/fixtures.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import { blocksOf, dialOf, imageIn, stateDirIn, syncIn } from '../../../helpers/sync-runs.ts'

beforeAll(buildCli, 120_000)

async function fake(): Promise<FakeVenti> {
  const venti = await startFakeVenti()
  onTestFinished(() => venti.close())
  return venti
}

async function copying(folder: string, venti: FakeVenti): Promise<CliProcess> {
  // Ten seconds, so that it is still at work when others come to see it on a loaded machine.
  const place = [join(folder, 'source.img'), '--to', dialOf(venti), '--state', stateDirIn(folder)]
  const run = startCli(['sync', ...place, '--limit', '400k', '--checkpoint', '0.1'])
  onTestFinished(async () => void (await run.kill()))
  while (venti.blocks.size < 50) await pause(5)
  return run
}

test('a second run is refused while the first works, says by whom, and touches nothing', async () => {
  const folder = await scratchDir()
  const venti = await fake()
  const source = await imageIn(folder, 'seq-day3')
  const run = await copying(folder, venti)
  const { connections } = venti.counters
  const error = await rejection(syncIn(folder, source, [venti]))
  expect({ code: error.code, pid: error.data['pid'] }).toEqual({ code: 'state-locked', pid: run.pid })
  const second = await runCli(['sync', source, '--to', dialOf(venti), '--state', stateDirIn(folder)])
  expect({ status: second.status, names: second.stderr.includes(`process ${run.pid}`) }).toEqual({
    status: 1,
    names: true,
  })
  expect(venti.counters.connections).toBe(connections)
  run.signal('SIGINT')
  await run.ended
  expect((await syncIn(folder, source, [venti])).exit).toBe(0)
}, 30_000)

test('the lock of a killed run is taken over, and cleared away in the end', async () => {
  const folder = await scratchDir()
  const venti = await fake()
  const source = await imageIn(folder, 'seq-day3')
  const run = await copying(folder, venti)
  await run.kill()
  const lock = join(stateDirIn(folder), 'mirrors', 'source.json.lock')
  expect(JSON.parse(await readFile(lock, 'utf8'))).toMatchObject({ pid: run.pid })
  expect((await syncIn(folder, source, [venti])).exit).toBe(0)
  expect(blocksOf(venti)).toEqual(expectedBlocks('seq-day3'))
  expect(await readdir(join(stateDirIn(folder), 'mirrors'))).toEqual(['source.json'])
}, 30_000)

test('of many that begin at once exactly one works; others are refused or find nothing to do', async () => {
  const folder = await scratchDir()
  const venti = await fake()
  const source = await imageIn(folder, 'seq-day1')
  const ends = await Promise.all(
    Array.from({ length: 5 }, async () => {
      try {
        return (await syncIn(folder, source, [venti])).target.sent
      } catch (error) {
        return asAppError(error).code
      }
    }),
  )
  expect(ends.filter((end) => end === 275)).toHaveLength(1)
  expect(ends.filter((end) => end !== 275 && end !== 0 && end !== 'state-locked')).toEqual([])
  expect(await readdir(join(stateDirIn(folder), 'mirrors'))).toEqual(['source.json'])
})

test('mirrors with different names do not keep each other out', async () => {
  const folder = await scratchDir()
  const venti = await fake()
  const source = await imageIn(folder, 'seq-day1')
  const lock = await lockMirror(stateDirIn(folder), 'other')
  expect((await syncIn(folder, source, [venti], { mirrorName: 'mine' })).exit).toBe(0)
  expect((await rejection(syncIn(folder, source, [venti], { mirrorName: 'other' }))).code).toBe('state-locked')
  await lock.release()
})

test('two new sources of one file name, begun at once, get a mirror each', async () => {
  const folder = await scratchDir()
  const venti = await fake()
  const sources = await Promise.all(
    (['seq-day1', 'v4-day3', 'bs32k-day3'] as const).map(
      async (id) => await imageIn(await scratchDir(), id, 'arenas.img'),
    ),
  )
  const sync = async (source: string): Promise<string> => {
    for (;;) {
      try {
        return (await syncIn(folder, source, [venti])).result.mirror
      } catch (error) {
        // The very name was being made by another; that is worth a second try, as the error says.
        if (asAppError(error).code !== 'state-locked') throw error
        await pause(10)
      }
    }
  }
  const names = await Promise.all(sources.map(sync))
  expect(names.toSorted()).toEqual(['arenas', 'arenas-2', 'arenas-3'])
  for (const source of sources) expect((await syncIn(folder, source, [venti])).target.blocks).toBe(0)
})
