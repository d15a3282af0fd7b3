// The server's manners: any split of the stream, order of replies, peers that break off, are slow or mean harm, a disk that
// is slow, starting and stopping.

import { open, readdir } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { connectVenti } from '../../../../../electron/engine/venti/client/client.ts'
import { parseDial } from '../../../../../electron/engine/venti/client/dial.ts'
import { createStore } from '../../../../../electron/engine/venti/server/create-store.ts'
import { startServer } from '../../../../../electron/engine/venti/server/server.ts'
import type { StoreHandle } from '../../../../../electron/engine/venti/server/store-file.ts'
import { sha1 } from '../../../../../electron/engine/hash/sha1.ts'
import { probeBlock, rejection, writeAll, writeBlock } from '../../../../helpers/client-calls.ts'
import { RawVenti, tping, tread, tsync, twrite, words } from '../../../../helpers/raw-venti.ts'
import { scratchDir } from '../../../../helpers/scratch.ts'
import { noise, openQuiet, smallSizes, startSmall } from '../../../../helpers/store-calls.ts'

const hello = Buffer.from('hello world')
const helloScore = '2aae6c35c94fcfb415dbe95f408b9ce91ee846ed'

describe('the stream', () => {
  test('may come byte by byte, and everything may come at once with the version line', async () => {
    const { server } = await startSmall()
    const slow = new RawVenti(server.port)
    slow.socket.setNoDelay(true)
    const requests = Buffer.concat([twrite(1, 13, hello), tread(2, helloScore, 13, 99)].map((body) => slow.frame(body)))
    const greeting = Buffer.concat([
      Buffer.from('venti-04-x\n'),
      slow.frame(Buffer.from('0400000230340000000000', 'hex')),
    ])
    for (const byte of Buffer.concat([greeting, requests])) {
      slow.socket.write(Buffer.from([byte]))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await slow.reply())![0]).toBe(5)
    expect(words(await slow.reply())).toBe(`0f01${helloScore}`)
    expect(words(await slow.reply())).toBe(`0d02${hello.toString('hex')}`)
    const fast = await new RawVenti(server.port).greet({ send: requests })
    expect(words(await fast.reply())).toBe(`0f01${helloScore}`)
  })

  test('is answered in order, slow requests and quick ones', async () => {
    const { server } = await startSmall()
    const raw = await new RawVenti(server.port).greet()
    const bodies: Buffer[] = []
    for (let tag = 0; tag < 200; tag++) {
      const data = noise(tag % 20, 3000)
      bodies.push([twrite(tag, 13, data), tread(tag, sha1(data), 13, 8192), tsync(tag), tping(tag)][tag % 4]!)
    }
    raw.send(...bodies)
    const tags: number[] = []
    for (let i = 0; i < 200; i++) tags.push((await raw.reply())![1]!)
    expect(tags).toEqual(Array.from({ length: 200 }, (_, tag) => tag))
  })

  test('that ends after its requests still gets every reply', async () => {
    const { server } = await startSmall()
    const raw = await new RawVenti(server.port).greet()
    raw.send(twrite(1, 13, noise(1, 50_000)), tread(2, sha1(noise(1, 50_000)), 13, 57344), tsync(3))
    raw.socket.end()
    expect([(await raw.reply())![1], (await raw.reply())!.length, words(await raw.reply())]).toEqual([
      1,
      50_002,
      '1103',
    ])
    expect(await raw.end()).toBe(0)
  })

  test('that breaks off still has its whole requests carried out', async () => {
    const { server } = await startSmall()
    const raw = await new RawVenti(server.port).greet()
    raw.socket.write(
      Buffer.concat([raw.frame(twrite(1, 13, hello)), raw.frame(twrite(2, 13, hello)).subarray(0, 9)]),
      () => raw.socket.resetAndDestroy(),
    )
    const client = await connectVenti(parseDial(server.dial))
    const found = async (): Promise<void> =>
      expect(await probeBlock(client, sha1(hello))).toMatchObject({ found: true })
    await vi.waitFor(found, { timeout: 10_000 })
    await client.close()
  })

  test('that announces more than any request has is closed', async () => {
    const { server } = await startSmall()
    const raw = await new RawVenti(server.port).greet()
    raw.socket.write(Buffer.from([0, 4, 0, 1, 14]))
    expect(await raw.end()).toBe(0)
  })
})

describe('patience and memory', () => {
  test('a peer that takes no replies is not read from any more, and others are served', async () => {
    const { server } = await startSmall({ compress: false })
    const raw = await new RawVenti(server.port).greet()
    const data = noise(1, 57344)
    await raw.ask(twrite(1, 13, data))
    raw.socket.pause()
    const before = process.memoryUsage().rss
    // Replies to these would be 3.4 GB.
    raw.send(...Array.from({ length: 60_000 }, () => tread(2, sha1(data), 13, 57344)))
    const client = await connectVenti(parseDial(server.dial))
    for (let i = 0; i < 500; i++) await writeBlock(client, noise(2 + i, 1000))
    // What fits the buffers of two sockets was taken, no more.
    expect(server.stats().reads).toBeLessThan(1000)
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6)
    raw.socket.destroy()
    expect((await probeBlock(client, sha1(data))).found).toBe(true)
    await client.close()
  })

  test('writes wait for a slow disk instead of filling the memory', async () => {
    const folder = await scratchDir()
    const path = join(folder, 'store')
    await createStore(path, { sizeBytes: 128 * 2 ** 20, arenaBytes: 64 * 2 ** 20 })
    let release: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (release = resolve))
    const server = await startServer({
      path,
      listen: { port: 0 },
      compress: false,
      openHandle: async (name) => {
        const real = await open(name, 'r+')
        const handle: StoreHandle = {
          read: real.read.bind(real),
          stat: real.stat.bind(real),
          close: real.close.bind(real),
          datasync: real.datasync.bind(real),
          write: (async (...arguments_: Parameters<typeof real.write>) => {
            await gate
            return real.write(...arguments_)
          }) as StoreHandle['write'],
        }
        return handle
      },
    })
    onTestFinished(() => server.close())
    const client = await connectVenti(parseDial(server.dial))
    const blocks = Array.from({ length: 800 }, (_, i) => noise(i, 50_000))
    const all = writeAll(client, blocks)
    let taken = 0
    // Until nothing moves any more.
    for (let still = 0; still < 5; still = server.stats().writes === taken && taken > 0 ? still + 1 : 0) {
      taken = server.stats().writes
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    const other = await connectVenti(parseDial(server.dial))
    const { found } = await probeBlock(other, sha1(blocks[0]!))
    release()
    await all
    await client.sync()
    expect(server.stats()).toMatchObject({ blocks: 800 })
    expect(found).toBe(true)
    expect(taken * 50_000).toBeGreaterThan(8e6)
    expect(taken * 50_000).toBeLessThan(12e6)
    await Promise.all([client.close(), other.close()])
  })
})

describe('starting and stopping', () => {
  test('close answers what is under way, flushes, and gives file and port free', async () => {
    const { server, path, folder } = await startSmall()
    const raw = await new RawVenti(server.port).greet()
    const blocks = Array.from({ length: 50 }, (_, i) => noise(i, 4000))
    raw.send(...blocks.map((data, i) => twrite(i, 13, data)))
    await raw.reply()
    await server.close()
    await raw.end()
    const answered = raw.bodies.length + 1
    expect(await readdir(folder)).toEqual(['store'])
    const again = await openQuiet(path)
    expect(again.stats().blocks).toBeGreaterThanOrEqual(answered)
    await again.close()
    expect((await rejection(connectVenti(parseDial(server.dial)))).code).toBe('connect-failed')
    await server.close()
  })

  test('an address in use is refused in words, and the file is free again', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    const path = join(await scratchDir(), 'store')
    await createStore(path, smallSizes)
    const error = await rejection(startServer({ path, listen: { port } }))
    expect(error).toMatchObject({
      code: 'listen-failed',
      message: `cannot listen on tcp!127.0.0.1!${port}: another program listens there`,
    })
    await (await openQuiet(path)).close()
  })

  test('a full store says so with the code of a full target', async () => {
    const { server } = await startSmall({ compress: false })
    const client = await connectVenti(parseDial(server.dial))
    const blocks = Array.from({ length: 100 }, (_, i) => noise(i, 57_000))
    expect((await rejection(writeAll(client, blocks))).code).toBe('target-full')
    await client.sync()
    expect(server.stats()).toMatchObject({ fullArenas: 3, connections: 1 })
    await client.close()
  })
})
