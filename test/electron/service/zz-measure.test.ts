import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { startServiceWorker } from '../../../electron/service/worker-client.ts'
import { cliPath } from '../../helpers/cli-process.ts'
import { buildPartition } from '../../helpers/image-builder.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { ServiceRun, serviceOptions } from '../../helpers/service-runs.ts'

test('latency', async () => {
  const folder = await scratchDir()
  const arenas = Array.from({ length: 6 }, (_, a) => ({ name: `arenas${a}`, version: 5 as const, state: a < 5 ? 'sealed' as const : 'open' as const, blocks: Array.from({ length: 6000 }, () => ({ data: randomBytes(8192), encoding: 'plain' as const })) }))
  const image = join(folder, 'source.img')
  await writeFile(image, buildPartition({ blockSize: 8192, arenas }).bytes)
  const run = new ServiceRun(startServiceWorker(serviceOptions(folder), { workerPath: join(cliPath, '..', 'worker.js') }))
  onTestFinished(() => run.link.close())
  await run.ask('setup.begin', {})
  const look = await run.ask('places.look', { path: image })
  await run.ask('setup.source', { place: look.place.id })
  const place = await run.ask('places.folder', { path: join(folder, 'backup') })
  await run.ask('setup.addStore', { folder: place.id, name: 'x', sizeBytes: 600 * 2 ** 20 })
  const plan = await run.ask('setup.plan', {})
  console.log(plan.measuredBytesPerSecond, plan.seconds, plan.warnings)
  const began = performance.now()
  const { job } = await run.ask('setup.copy', {})
  const times: number[] = []
  for (;;) {
    const at = performance.now()
    const view = await run.ask('app.view', {})
    times.push(performance.now() - at)
    if (view.jobs.some((one) => one.id === job && one.state === 'ended')) break
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const done = await run.synced(job)
  const ms = performance.now() - began
  times.sort((a, b) => a - b)
  console.log(done.result, done.verified, 'ms', ms, 'MB/s', (36000 * 8192) / ms / 1000, 'asks', times.length, 'p50', times[Math.floor(times.length / 2)], 'p99', times[Math.floor(times.length * 0.99)], 'max', times.at(-1), 'events', run.events.length)
  expect(done.targets[0]?.blocksDone).toBe(36000)
})
