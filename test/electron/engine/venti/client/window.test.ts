// The window of requests and bytes, hasRoom and onRoom, and how requests are gathered into few system calls.

import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { sha1 } from '../../../../../electron/engine/hash/sha1.ts'
import { openVenti, type VentiClientOptions } from '../../../../../electron/engine/venti/client/client.ts'
import { limitsFor } from '../../../../../electron/engine/venti/client/options.ts'
import { blockOf, probeBlock, rejection, settle, writeAll, writeBlock } from '../../../../helpers/client-calls.ts'
import { FakeStore, type FakeBehaviour } from '../../../../helpers/fake-store.ts'
import { connectInMemory } from '../../../../helpers/fake-venti-session.ts'

const dial = 'tcp!fake!17034'

async function open(behaviour: Partial<FakeBehaviour> = {}, options: VentiClientOptions = {}) {
  const store = new FakeStore(behaviour)
  const { transport, peer } = connectInMemory(store)
  return { store, peer, client: await openVenti(transport, dial, options) }
}

function seeds(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i)
}

describe('window', () => {
  test('by default 64 requests on a local net, up to 255 with the round-trip time', () => {
    expect([0, 1, 5, 10, 15, 100].map((rtt) => limitsFor({}, rtt).windowRequests)).toEqual([64, 64, 64, 125, 188, 255])
    expect([0, 1, 12, 255, 256, 1e9].map((wanted) => limitsFor({ windowRequests: wanted }, 1).windowRequests)).toEqual([
      1, 1, 12, 255, 255, 255,
    ])
  })

  test('never more requests than the window are with the server, whatever the caller does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 }),
        async (windowRequests, releases) => {
          const { store, client } = await open({ hold: true }, { windowRequests })
          let failed = 0
          // No look at hasRoom: what does not fit waits in order.
          const calls = seeds(100).map((seed) =>
            [
              () => writeBlock(client, blockOf(seed)),
              () => probeBlock(client, sha1(blockOf(seed))),
              () => client.read(sha1(blockOf(seed - 2)), 13),
              () => client.sync(),
            ][seed % 4]!().catch(() => failed++),
          )
          for (let i = 0; store.counters.requests < 100 || store.held.length > 0; i++) {
            await settle(4)
            expect(store.held.length).toBeLessThanOrEqual(windowRequests)
            store.release(releases[i % releases.length])
          }
          await Promise.all(calls)
          expect([client.outstanding, failed, client.hasRoom]).toEqual([0, 0, true])
          await client.close()
        },
      ),
      { numRuns: 20 },
    )
  })

  test('never more payload bytes than the window, but always one block', async () => {
    const sizes = [57344, 100, 9000, 57344, 1, 20000]
    for (const windowBytes of [1, 60_000, 70_000, 120_000]) {
      const { store, client } = await open({ hold: true }, { windowBytes })
      const blocks = seeds(60).map((seed) => blockOf(seed, Math.max(4, sizes[seed % sizes.length]!)))
      let sent = 0
      let acknowledged = 0
      const writes = blocks.map((block) => {
        return writeBlock(client, block).then(() => (acknowledged += block.length))
      })
      for (let done = 0; done < blocks.length; done++) {
        await settle(3)
        sent = store.counters.bytes
        const held = store.held.length
        expect(held).toBeGreaterThan(0)
        if (held > 1) expect(sent - acknowledged).toBeLessThanOrEqual(windowBytes)
        store.release(1)
      }
      await Promise.all(writes)
      await client.close()
    }
  })

  test('hasRoom and onRoom keep a careful caller inside the window', async () => {
    const { store, client } = await open({ hold: true }, { windowRequests: 8 })
    const done = writeAll(
      client,
      seeds(50).map((seed) => blockOf(seed)),
    )
    let most = 0
    while (store.counters.writes < 50 || store.held.length > 0) {
      await settle(3)
      most = Math.max(most, store.held.length)
      expect(client.outstanding).toBe(store.held.length)
      expect(client.hasRoom).toBe(store.held.length < 8)
      store.release(3)
    }
    await done
    expect(most).toBe(8)
  })

  test('onRoom is asynchronous and called once, also when there is room already, and at the end', async () => {
    const { store, client } = await open({ hold: true }, { windowRequests: 1 })
    const calls: string[] = []
    client.onRoom(() => calls.push('free'))
    expect(calls).toEqual([])
    await settle()
    expect(calls).toEqual(['free'])
    const write = writeBlock(client, blockOf(1))
    client.onRoom(() => calls.push('answered'))
    await settle()
    expect(calls).toEqual(['free'])
    store.release()
    await write
    await settle()
    expect(calls).toEqual(['free', 'answered'])
    const lost = rejection(writeBlock(client, blockOf(2)))
    client.onRoom(() => calls.push('closed'))
    client.destroy()
    expect(calls).toEqual(['free', 'answered'])
    await lost
    await settle()
    expect(calls).toEqual(['free', 'answered', 'closed'])
    client.onRoom(() => calls.push('later'))
    await settle()
    expect(calls.at(-1)).toBe('later')
    expect(client.hasRoom).toBe(false)
  })
})

describe('writes leave corked', () => {
  test('what is written in one turn leaves in one piece', async () => {
    const { peer, client } = await open()
    const before = peer.flushes.length
    await Promise.all([1, 2, 3, 4].map((seed) => writeBlock(client, blockOf(seed))))
    expect(peer.flushes.length - before).toBe(1)
  })

  test('but a long turn does not keep the server waiting', async () => {
    const { store, client } = await open({}, { windowRequests: 255 })
    const writes = seeds(60).map((seed) => writeBlock(client, blockOf(seed, 8192)))
    // Microtasks only: the turn has not ended yet.
    for (let i = 0; i < 10; i++) await Promise.resolve()
    expect(store.counters.writes).toBeGreaterThanOrEqual(32)
    await Promise.all(writes)
  })
})
