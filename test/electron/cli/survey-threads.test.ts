// Arenas checked by several threads: the same summaries as one after the other, for healthy and damaged partitions alike; what
// goes wrong in a thread is told like what goes wrong here; a cancel ends them.

import { copyFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { openSource } from '../../../electron/engine/source/open-source.ts'
import { openArenaPartition } from '../../../electron/engine/venti/arena/arena-partition.ts'
import { surveyArena } from '../../../electron/engine/venti/arena/survey.ts'
import { surveyInThreads, threadsFor } from '../../../electron/cli/survey-threads.ts'
import type { TableEntry } from '../../../electron/engine/venti/format/arena-table.ts'
import { buildCli, cliPath } from '../../helpers/cli-process.ts'
import { expandFixture, fixtureIds } from '../../helpers/fixtures.ts'
import { scratchDir } from '../../helpers/scratch.ts'

const program = join(cliPath, '..', 'survey.js')

beforeAll(buildCli)

async function oneByOne(spec: string) {
  const { partitions } = await openSource(spec)
  const jobs: { partition: number; entry: TableEntry }[] = []
  const summaries = []
  for (const [partition, source] of partitions.entries()) {
    const opened = await openArenaPartition(source)
    for (const entry of opened.entries) {
      jobs.push({ partition, entry })
      summaries.push(await surveyArena(opened, entry, { check: true }))
    }
  }
  await Promise.all(partitions.map(async (source) => await source.close()))
  return { jobs, summaries }
}

const quiet = () => ({ signal: new AbortController().signal, onBegin: () => undefined, onRead: () => undefined })

test.each(fixtureIds(({ expected }) => 'arenas' in expected))('%s: the same as one after the other', async (id) => {
  const folder = await scratchDir()
  const path = join(folder, 'arenas.img')
  await expandFixture(id, path)
  const { jobs, summaries } = await oneByOne(path)
  const begun: string[] = []
  let read = 0
  const threads = await surveyInThreads(
    path,
    jobs,
    2,
    { ...quiet(), onBegin: ({ name }) => begun.push(name), onRead: (bytes) => (read += bytes) },
    program,
  )
  expect(threads).toEqual(summaries)
  expect(begun.toSorted()).toEqual(jobs.map(({ entry }) => entry.name).toSorted())
  expect(read).toBeGreaterThan(0)
})

test('what goes wrong in a thread is told as it is', async () => {
  const folder = await scratchDir()
  const path = join(folder, 'arenas.img')
  await expandFixture('seq-day3', path)
  const { jobs } = await oneByOne(path)
  await copyFile(program, path)
  await expect(surveyInThreads(path, jobs, 2, quiet(), program)).rejects.toMatchObject({ code: 'not-arena-partition' })
  await expect(surveyInThreads(join(folder, 'none'), jobs, 2, quiet(), program)).rejects.toMatchObject({
    code: 'source-open',
  })
})

test('a cancel ends them', async () => {
  const path = join(await scratchDir(), 'arenas.img')
  await expandFixture('seq-day3', path)
  const { jobs } = await oneByOne(path)
  const controller = new AbortController()
  const surveying = surveyInThreads(
    path,
    jobs,
    2,
    { ...quiet(), signal: controller.signal, onBegin: () => controller.abort() },
    program,
  )
  await expect(surveying).rejects.toMatchObject({ code: 'cancelled' })
})

test('threads are for large partitions of several arenas, where there are cores and the program of the thread', () => {
  const arena = (mebibytes: number) => ({ start: 0, stop: mebibytes * 2 ** 20 })
  const cores = availableParallelism()
  expect(threadsFor([arena(100), arena(100)], program)).toBe(Math.min(2, cores))
  expect(
    threadsFor(
      Array.from({ length: 9 }, () => arena(100)),
      program,
    ),
  ).toBe(Math.min(3, cores))
  expect(threadsFor([arena(100)], program)).toBe(1)
  expect(threadsFor([arena(10), arena(10)], program)).toBe(1)
  expect(threadsFor([arena(100), arena(100)], `${program}.none`)).toBe(1)
})
