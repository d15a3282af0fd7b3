// Over real sockets: connecting and its errors, resets, a crash of the server and its return, Unix sockets, cancelling.

import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import fs from 'node:fs/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { sha1 } from '../../../../../electron/engine/hash/sha1.ts'
import { connectVenti } from '../../../../../electron/engine/venti/client/client.ts'
import { parseDial, type Dial } from '../../../../../electron/engine/venti/client/dial.ts'
import { blockOf, rejection, until, writeAll, writeBlock } from '../../../../helpers/client-calls.ts'
import { FakeStore } from '../../../../helpers/fake-store.ts'
import { startFakeVenti, type FakeBehaviour, type FakeVenti } from '../../../../helpers/fake-venti.ts'
import { FakeSession } from '../../../../helpers/fake-venti-session.ts'

const running: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const server of running.splice(0)) await server.close()
})

async function start(behaviour: Partial<FakeBehaviour> = {}): Promise<FakeVenti> {
  const server = await startFakeVenti(behaviour)
  running.push(server)
  return server
}

/** A server that is not a venti. */
async function serve(handler: (socket: net.Socket) => void): Promise<Dial> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    handler(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  running.push({
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  })
  return parseDial(`127.1:${(server.address() as net.AddressInfo).port}`)
}

const blocks = Array.from({ length: 600 }, (_, i) => blockOf(i, 4 + ((i * 977) % 20_000)))

test.each([
  ['in order', {}],
  ['shuffled', { shuffleSeed: 7 }],
  ['delayed', { delayMs: 1 }],
  ['version 02', { versions: ['02'] as const }],
])('a copy through the window, %s', async (_, behaviour) => {
  const server = await start(behaviour)
  const client = await connectVenti(server.dial)
  expect(client).toMatchObject({ remoteAddress: '127.0.0.1', remotePort: server.port, dial: server.dial.text })
  await writeAll(client, blocks)
  await client.sync()
  expect(server.durable.size).toBe(600)
  const read = await Promise.all(blocks.map((block) => client.read(sha1(block), 13)))
  expect(read.every((data, i) => Buffer.compare(data, blocks[i]!) === 0)).toBe(true)
  expect(client.bytesSent).toBeGreaterThan(server.counters.bytes)
  await client.close()
  await until(() => server.connections === 0)
})

test('one byte at a time', async () => {
  const server = await start({ oneByteAtATime: true })
  const client = await connectVenti(server.dial)
  await writeAll(client, blocks.slice(0, 20))
  expect(await client.read(sha1(blocks[3]!), 13)).toEqual(blocks[3])
  await client.close()
})

test('a crash loses what no sync covered; the server comes back on the same port', async () => {
  const server = await start()
  const client = await connectVenti(server.dial)
  await writeAll(client, blocks.slice(0, 10))
  await client.sync()
  await writeAll(client, blocks.slice(10, 15))
  await server.crash()
  const reason = await client.closed
  expect(reason?.code).toBe('connection-lost')
  expect(reason?.message).toContain(server.dial.text)
  expect((await rejection(writeBlock(client, blocks[15]!))).code).toBe('connection-lost')
  expect(server.blocks.size).toBe(10)

  const refused = await rejection(connectVenti(server.dial))
  expect(refused.code).toBe('connect-failed')
  await server.restart()
  const again = await connectVenti(server.dial)
  expect(await again.read(sha1(blocks[9]!), 13)).toEqual(blocks[9])
  await again.close()
})

test.each([
  ['reset', { resetAfterRequests: 3 }],
  ['closed', { endAfterRequests: 3 }],
])('a connection that is %s in the middle', async (_, behaviour) => {
  const server = await start(behaviour)
  const client = await connectVenti(server.dial)
  const outcomes = await Promise.allSettled(blocks.slice(0, 50).map((block) => writeBlock(client, block)))
  expect(outcomes.at(-1)?.status).toBe('rejected')
  expect((await client.closed)?.code).toBe('connection-lost')
  expect(client.outstanding).toBe(0)
})

test('a server that falls silent', async () => {
  const server = await start({ hangAfterRequests: 2 })
  // The two replies must come within this time also on a loaded machine.
  const client = await connectVenti(server.dial, { replyTimeoutMs: 500 })
  const outcomes = await Promise.allSettled(blocks.slice(0, 5).map((block) => writeBlock(client, block)))
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled').length).toBe(2)
  expect((await client.closed)?.code).toBe('reply-timeout')
})

describe('connecting', () => {
  test('nothing listens', async () => {
    const server = await start()
    const { dial, port } = server
    await server.close()
    const error = await rejection(connectVenti(dial))
    expect(error.code).toBe('connect-failed')
    expect(error.message).toContain(
      `${dial.text}: cannot connect to host 127.0.0.1 port ${port}: nothing listens there`,
    )
    expect(error.data).toMatchObject({ host: '127.0.0.1', port, errno: 'ECONNREFUSED' })
  })

  test('a name that does not exist', async () => {
    const error = await rejection(connectVenti(parseDial('no-such-host.invalid'), { connectTimeoutMs: 8_000 }))
    expect(['connect-failed', 'connect-timeout']).toContain(error.code)
    expect(error.message).toContain('tcp!no-such-host.invalid!17034')
  })

  test('a server that never greets', async () => {
    const server = await start({ greeting: null })
    const error = await rejection(connectVenti(server.dial, { connectTimeoutMs: 60 }))
    expect(error.code).toBe('connect-timeout')
    expect(error.message).toContain(server.dial.text)
  })

  test('a server that is no venti', async () => {
    const dial = await serve((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'))
    const error = await rejection(connectVenti(dial))
    expect(error.code).toBe('handshake')
    expect(error.message).toContain('"SSH-2.0-OpenSSH_9.2"')
  })

  test('a version nobody has in common', async () => {
    const dial = await serve((socket) => socket.write('venti-05:06-future\n'))
    const error = await rejection(connectVenti(dial))
    expect(error.code).toBe('handshake')
    expect(error.message).toContain('venti-05:06-future')
  })

  test.each([
    ['before the greeting', 'connect-failed', ''],
    ['after it', 'connection-lost', 'venti-04-x\n'],
  ])('a server that closes %s', async (_, code, greeting) => {
    const dial = await serve((socket) => socket.end(greeting))
    expect((await rejection(connectVenti(dial))).code).toBe(code)
  })

  test('a refused hello', async () => {
    const dial = await serve((socket) => {
      socket.write('venti-04-x\n')
      socket.write(Uint8Array.of(0, 0, 0, 6, 1, 0, 0, 2, 0x6e, 0x6f))
    })
    const error = await rejection(connectVenti(dial))
    expect([error.code, error.message]).toEqual(['handshake', `${dial.text}: the hello was refused: no`])
  })

  test('cancelled before and during', async () => {
    const server = await start({ greeting: null })
    expect((await rejection(connectVenti(server.dial, { signal: AbortSignal.abort() }))).code).toBe('cancelled')
    const controller = new AbortController()
    const opening = rejection(connectVenti(server.dial, { signal: controller.signal }))
    controller.abort()
    expect((await opening).code).toBe('cancelled')
    const later = new AbortController()
    const greeting = rejection(connectVenti(server.dial, { signal: later.signal }))
    await until(() => server.connections === 1)
    later.abort()
    expect((await greeting).code).toBe('cancelled')
    await until(() => server.connections === 0)
  })

  test.skipIf(process.platform === 'win32')('over a Unix socket', async () => {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'venti-mirror-'))
    const file = path.join(folder, 'venti')
    const store = new FakeStore()
    const server = net.createServer((socket) => {
      const session = new FakeSession(store, {
        send: (bytes) => void socket.write(bytes),
        end: () => socket.end(),
        reset: () => socket.destroy(),
      })
      socket.on('data', (chunk) => session.receive(chunk))
    })
    await new Promise<void>((resolve) => server.listen(file, resolve))
    const client = await connectVenti(parseDial(`unix!${file}`))
    expect(client).toMatchObject({ remoteAddress: file, remotePort: 0 })
    await writeBlock(client, blocks[1]!)
    await client.close()
    await new Promise<void>((resolve) => server.close(() => resolve()))
    const error = await rejection(connectVenti(parseDial(`unix!${file}`)))
    expect([error.code, error.data['errno']]).toEqual(['connect-failed', 'ENOENT'])
    await fs.rm(folder, { recursive: true })
  })
})
