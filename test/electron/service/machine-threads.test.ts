// Machines that a sync in a thread of its own reaches: it asks the person before the service's page, what was right is known to
// the next sync, and a cancel ends the question with the job.

import { join } from 'node:path'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { startServiceWorker } from '../../../electron/service/worker-client.ts'
import { buildCli, cliPath } from '../../helpers/cli-process.ts'
import { startFakeVenti, type FakeVenti } from '../../helpers/fake-venti.ts'
import { LoginServer } from '../../helpers/login-server.ts'
import { noneOpen, question, through } from '../../helpers/machine-answers.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { ServiceRun, serviceOptions } from '../../helpers/service-runs.ts'
import { blocksOf, imageIn, syncIn } from '../../helpers/sync-runs.ts'
import { sshKeyPair } from '../../helpers/ssh-keys.ts'

beforeAll(buildCli)

const password = 'not for any log: 8f3a'
const { private: hostKey } = sshKeyPair()

async function fake(): Promise<FakeVenti> {
  const venti = await startFakeVenti()
  onTestFinished(() => venti.close())
  return venti
}

/** The service in its worker, with a mirror whose second target stands behind a machine. */
async function mirrorBehind() {
  const folder = await scratchDir()
  const server = await LoginServer.start([hostKey], { password: ['glenda', password], forwards: true })
  onTestFinished(() => server.close())
  const [near, far] = [await fake(), await fake()]
  await syncIn(folder, await imageIn(folder, 'seq-day1'), [near])
  const service = new ServiceRun(
    startServiceWorker(serviceOptions(folder), { workerPath: join(cliPath, '..', 'worker.js') }),
  )
  onTestFinished(() => service.link.close())
  const dial = through(server, far)
  await service.ask('mirror.addTarget', { mirror: 'source', dial, name: 'far' })
  const sync = async () => await service.ask('sync.start', { mirror: 'source', dials: [dial] })
  return { server, near, far, service, sync }
}

test('a sync asks through the service, and what was right once is right for the next', async () => {
  const { server, near, far, service, sync } = await mirrorBehind()
  const first = await sync()
  const key = await question(service)
  await service.ask('machine.answer', { id: key.id, answer: { kind: 'accept' } })
  const { id, kind } = await question(service, key.id)
  expect(kind).toBe('password')
  await service.ask('machine.answer', { id, answer: { kind: 'text', text: password } })
  expect(await service.synced(first)).toMatchObject({ result: 'ok' })
  expect(blocksOf(far)).toEqual(blocksOf(near))
  server.dropConnections()
  const told = service.events.length
  expect(await service.synced(await sync())).toMatchObject({ result: 'ok' })
  expect(service.events.slice(told).map(({ event }) => event)).not.toContain('machine.question')
  expect(service.text).not.toContain(password)
})

test('a cancel ends the question with the job', async () => {
  const { server, service, sync } = await mirrorBehind()
  const job = await sync()
  await question(service)
  await service.ask('job.cancel', { job })
  expect(await service.synced(job)).toMatchObject({ result: 'cancelled' })
  await noneOpen(service)
  expect(server.users).toBe(0)
})
