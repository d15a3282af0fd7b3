// A venti behind another machine: the same client over an SSH channel, many over one connection, and a broken machine is a
// broken target and nothing more.

import { expect, onTestFinished, test } from 'vitest'
import { sha1 } from '../../../../electron/engine/hash/sha1.ts'
import { setMachines } from '../../../../electron/engine/ssh/machines.ts'
import { connectVenti, type VentiClient } from '../../../../electron/engine/venti/client/client.ts'
import { parseDial } from '../../../../electron/engine/venti/client/dial.ts'
import { startFakeVenti, type FakeVenti } from '../../../helpers/fake-venti.ts'
import { rejection } from '../../../helpers/client-calls.ts'
import { LoginServer } from '../../../helpers/login-server.ts'
import { Person, sshHome } from '../../../helpers/ssh-home.ts'
import { startSmall } from '../../../helpers/store-calls.ts'
import { sshKeyPair } from '../../../helpers/ssh-keys.ts'

const hostKey = sshKeyPair()

type Scene = { readonly hop: LoginServer; readonly venti: FakeVenti; readonly dial: string }

async function scene(forwards = true, lingerMs = 50): Promise<Scene> {
  const venti = await startFakeVenti()
  const hop = await LoginServer.start([hostKey.private], { password: ['glenda', 'x'], forwards })
  const { machines } = await sshHome({ known_hosts: `[127.0.0.1]:${hop.port} ${hostKey.public}\n` })
  setMachines(machines({ questions: new Person(false, ['x']), lingerMs }))
  onTestFinished(async () => {
    setMachines(null)
    await hop.close()
    await venti.close()
  })
  return { hop, venti, dial: `ssh://glenda@127.0.0.1:${hop.port}!127.0.0.1!${venti.port}` }
}

async function write(client: VentiClient, block: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.write(13, block, sha1(block), (error) => (error === null ? resolve() : reject(error)))
  })
}

test('blocks go there and back, over one connection for all', async () => {
  const { hop, venti, dial } = await scene()
  const clients = await Promise.all([1, 2, 3].map(async () => await connectVenti(parseDial(dial))))
  const blocks = Array.from({ length: 600 }, (_, n) => Buffer.alloc(1 + ((n * 97) % 57_344), n))
  await Promise.all(blocks.map(async (block, n) => await write(clients[n % 3] as VentiClient, block)))
  for (const client of clients) await client.sync()
  const read = await Promise.all(
    blocks.map(async (block, n) => await (clients[n % 3] as VentiClient).read(sha1(block), 13)),
  )
  for (const [n, block] of blocks.entries()) expect(Buffer.compare(read[n] as Uint8Array, block)).toBe(0)
  expect([hop.connections, hop.tunnels, venti.counters.connections]).toEqual([1, 3, 3])
  expect((clients[0] as VentiClient).dial).toBe(dial)
  await Promise.all(clients.map(async (client) => await client.close()))
  // Nobody needs the machine any more.
  await expect.poll(() => venti.connections).toBe(0)
})

test('the machine goes away: each client loses its connection, and the next one logs in anew', async () => {
  const { hop, dial } = await scene()
  const client = await connectVenti(parseDial(dial))
  hop.dropConnections()
  const reason = await client.closed
  expect(reason?.code).toBe('connection-lost')
  expect(reason?.message).toContain(dial)
  const again = await connectVenti(parseDial(dial))
  await again.ping()
  expect(hop.connections).toBe(2)
  await again.close()
})

test('the venti goes away: its client loses it, the machine stays for the others', async () => {
  const { hop, venti, dial } = await scene()
  const other = await startFakeVenti()
  onTestFinished(() => other.close())
  const client = await connectVenti(parseDial(dial))
  const second = await connectVenti(parseDial(dial.replace(/\d+$/, String(other.port))))
  await venti.crash()
  // As over TCP: a server that ends its half in order gives no reason.
  await client.closed
  await second.ping()
  expect(hop.connections).toBe(1)
  await second.close()
})

test('nothing listens there, forwarding is forbidden, no machine at all: each in its own words', async () => {
  const { hop, dial } = await scene()
  const closed = await startFakeVenti()
  const { port } = closed
  await closed.close()
  const refused = await rejection(connectVenti(parseDial(dial.replace(/\d+$/, String(port)))))
  expect([refused.code, refused.message.includes(`cannot connect to 127.0.0.1 port ${port}`)]).toEqual([
    'connect-failed',
    true,
  ])
  await hop.close()
  const gone = await rejection(connectVenti(parseDial(dial)))
  expect(gone.code).toBe('connect-failed')
  setMachines(null)
  expect((await rejection(connectVenti(parseDial(dial)))).code).toBe('ssh-refused')
})

test('a tunnel is left alone when the caller gives up', async () => {
  const { dial } = await scene()
  const stop = new AbortController()
  stop.abort()
  expect((await rejection(connectVenti(parseDial(dial), { signal: stop.signal }))).code).toBe('cancelled')
})

test('the embedded server behind a machine takes blocks, confirms them and gives them back', async () => {
  const { dial } = await scene()
  const { server } = await startSmall()
  const port = Number(server.dial.split('!')[2])
  const client = await connectVenti(parseDial(dial.replace(/\d+$/, String(port))))
  const blocks = Array.from({ length: 200 }, (_, n) => Buffer.alloc(1 + n * 37, n))
  for (const block of blocks) void write(client, block)
  await client.sync()
  const read = await Promise.all(blocks.map(async (block) => await client.read(sha1(block), 13)))
  expect(read.map((block, n) => Buffer.compare(block, blocks[n] as Buffer))).toEqual(blocks.map(() => 0))
  await client.close()
})
