// While a copy runs at full speed the host answers simple requests at once, and tells at most ten events a second. Measured
// from outside, on whatever machine this is: how busy it is is measured too, by a timer that should fire every few
// milliseconds, and what it is late by is not held against the host.

import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { makePartition } from '../bench/make-partition.ts'
import { buildCli, freePort, startServe } from '../helpers/cli-process.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { cookieOf, prepareMirror, Requests } from './setup-by-request.ts'
import { testMs } from './waiting.ts'
import { WindowHost } from './window.ts'

beforeAll(buildCli)

const percentile99 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1] as number

test('the host answers and tells in time while a copy runs', { timeout: testMs }, async () => {
  const folder = await scratchDir()
  const source = join(folder, 'arenas.img')
  await makePartition(source, {
    sizeBytes: 192 * 2 ** 20,
    arenaBytes: 32 * 2 ** 20,
    compressiblePart: 0.5,
    seed: 3,
    lastFill: 1,
  })
  const port = await freePort()
  const store = await startServe(join(folder, 'store.img'), port, ['--size', '512m', '--arena-size', '64m'])
  const host = await WindowHost.start(join(folder, 'state'))
  const requests = await Requests.open(host, await cookieOf(host))
  await prepareMirror(requests, { source, targets: { store: `tcp!127.0.0.1!${port}` }, ninefat: null })
  const { job } = await requests.ask('setup.copy', {})
  let isOver = false
  const ended = requests.ended(job).then((view) => {
    isOver = true
    return view
  })
  const began = performance.now()
  const before = requests.events.length
  const answers: number[] = []
  const lateness: number[] = []
  while (!isOver) {
    const asked = performance.now()
    await requests.ask('app.view', {})
    answers.push(performance.now() - asked)
    const slept = performance.now()
    await sleep(5)
    lateness.push(Math.max(0, performance.now() - slept - 5))
  }
  const seconds = (performance.now() - began) / 1000
  const told = requests.events.slice(before).filter(({ name }) => name === 'job.view').length
  const { result, targets } = await ended
  await store.kill()
  expect([result, targets.map(({ error }) => error)]).toEqual(['ok', [null]])
  const [p99, late] = [percentile99(answers), percentile99(lateness)]
  process.stderr.write(
    `answers: ${answers.length} in ${seconds.toFixed(1)} s, p99 ${p99.toFixed(1)} ms, machine late by ${late.toFixed(1)} ms; ` +
      `${(told / seconds).toFixed(1)} events a second\n`,
  )
  // A request passes through three event loops: each may have to wait for the machine as long as this one did.
  expect(p99).toBeLessThan(20 + 3 * late)
  expect(told).toBeLessThanOrEqual(10 * seconds + 10)
})
