// The service in its worker, from the built program: answers, events, the end of it, and its death in the middle of a copy.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { startServiceWorker, type WorkerOptions } from '../../../electron/service/worker-client.ts'
import { buildCli, cliPath } from '../../helpers/cli-process.ts'
import { startFakeVenti } from '../../helpers/fake-venti.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { ServiceRun, serviceOptions } from '../../helpers/service-runs.ts'
import { imageIn, onlyMirror, syncIn } from '../../helpers/sync-runs.ts'

const workerPath = join(cliPath, '..', 'worker.js')

beforeAll(buildCli)

function workerIn(folder: string, options: WorkerOptions = {}): ServiceRun {
  const run = new ServiceRun(startServiceWorker(serviceOptions(folder), { workerPath, restartMs: 50, ...options }))
  onTestFinished(() => run.link.close())
  return run
}

/** The same program, in a thread that can be killed by a request. */
async function mortalWorker(folder: string): Promise<string> {
  const path = join(folder, 'mortal.mjs')
  const lines = [
    "import { parentPort } from 'node:worker_threads'",
    // First, or messages would come before the service listens.
    `import ${JSON.stringify(pathToFileURL(workerPath).href)}`,
    "parentPort.on('message', ({ channel }) => channel === 'die' && process.exit(3))",
  ]
  await writeFile(path, lines.join('\n'))
  return path
}

test('answers, refuses and tells as the service itself does, while the copy runs elsewhere', async () => {
  const folder = await scratchDir()
  const venti = await startFakeVenti()
  onTestFinished(() => venti.close())
  await syncIn(folder, await imageIn(folder, 'seq-day1'), [venti])
  await imageIn(folder, 'seq-day3')
  const service = workerIn(folder)
  const view = await service.ask('app.view', {})
  expect(view).toMatchObject({ version: '0', mirrors: [{ name: 'source' }] })
  expect(await service.refusal('mirror.arenas', { mirror: 'other' })).toMatchObject({ code: 'state-missing' })
  expect(await service.refusal('nothing', {})).toMatchObject({ code: 'usage' })
  const job = await service.ask('sync.start', { mirror: 'source', dials: null })
  expect(await service.synced(job)).toMatchObject({ result: 'ok' })
  const settings = service.told('settings.view', ({ theme }) => theme === 'light')
  await service.ask('settings.change', { theme: 'light' })
  await settings
  for (const [index, atMs] of service.toldMs.entries()) {
    // Between two threads a message may be late, and the next one not.
    if (index >= 10) expect(atMs - (service.toldMs[index - 10] as number)).toBeGreaterThan(900)
  }
  await service.link.close()
  expect(await service.refusal('app.view', {})).toMatchObject({ code: 'cancelled' })
})

test('dies in the middle of a copy: who waits is told, the next one goes on from the cursors', async () => {
  const folder = await scratchDir()
  const venti = await startFakeVenti({ delayMs: 30 })
  onTestFinished(() => venti.close())
  await syncIn(folder, await imageIn(folder, 'seq-day1'), [venti])
  await imageIn(folder, 'seq-day3')
  const service = workerIn(folder, { workerPath: await mortalWorker(folder) })
  const before = await service.ask('app.view', {})
  const job = await service.ask('sync.start', { mirror: 'source', dials: null })
  await service.reached(job, (view) => view.kind === 'sync' && (view.targets[0]?.blocksDone ?? 0) > 100)
  const restarted = service.told('app.changed', ({ sequence }) => sequence > before.sequence)
  const [died] = await Promise.all([service.refusal('die', {}), restarted])
  expect(died).toMatchObject({ code: 'bug', safe: expect.any(String), next: expect.any(String) })
  const after = await service.ask('app.view', {})
  expect(after.sequence).toBeGreaterThan(before.sequence)
  expect(after.jobs).toEqual([])
  venti.behaviour.delayMs = 0
  // The lock of the dead one does not keep the next one out.
  const again = await service.ask('sync.start', { mirror: 'source', dials: null })
  expect(await service.synced(again)).toMatchObject({ result: 'ok' })
  expect((await onlyMirror(folder)).targets[0]?.lastError).toBeNull()
})
