// Order of syncs, callbacks, cancelling, closing: what the sync pump relies on. In memory, without a clock.

import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { AppError } from '../../../../../shared/errors.ts'
import { sha1 } from '../../../../../electron/engine/hash/sha1.ts'
import { openVenti, type VentiClientOptions } from '../../../../../electron/engine/venti/client/client.ts'
import { blockOf, probeBlock, rejection, settle, until, writeBlock } from '../../../../helpers/client-calls.ts'
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

describe('sync', () => {
  test('leaves only after every write and probe made before it was answered (R2)', async () => {
    const { store, client } = await open({ hold: true }, { windowRequests: 2 })
    const first = writeBlock(client, blockOf(1))
    const probe = probeBlock(client, sha1(blockOf(9)))
    const second = writeBlock(client, blockOf(2))
    let synced = false
    const sync = client.sync().then(() => (synced = true))
    const after = writeBlock(client, blockOf(3))
    const order: string[] = []
    for (let i = 0; i < 5; i++) {
      await settle()
      order.push(store.log.join(' '))
      store.release(1)
    }
    await Promise.all([first, probe, second, sync, after])
    expect(synced).toBe(true)
    expect(order).toEqual([
      'write probe',
      'write probe write',
      'write probe write write',
      'write probe write write sync',
      'write probe write write sync',
    ])
  })

  test('what was acknowledged before the call is durable when it resolves, whatever the order of replies', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0 }),
        fc.array(fc.nat(9), { minLength: 1, maxLength: 40 }),
        async (seed, plan) => {
          const { store, client } = await open({ shuffleSeed: seed }, { windowRequests: 16 })
          const syncs: Promise<void>[] = []
          const before: string[] = []
          for (const [index, step] of plan.entries()) {
            if (step > 0) {
              before.push(`${sha1(blockOf(index))}/13`)
              void writeBlock(client, blockOf(index))
              continue
            }
            const covered = [...before]
            syncs.push(client.sync().then(() => expect([...store.durable]).toEqual(expect.arrayContaining(covered))))
          }
          await Promise.all(syncs)
          await client.sync()
          expect(store.durable.size).toBe(before.length)
          await client.close()
        },
      ),
      { numRuns: 60 },
    )
  })

  test('a refused write holds no sync back', async () => {
    const { store, client } = await open({ refuseAfterNewBlocks: 0 })
    const refused = rejection(writeBlock(client, blockOf(1)))
    await client.sync()
    expect((await refused).code).toBe('target-full')
    expect(store.log).toEqual(['write', 'sync'])
  })
})

describe('callbacks', () => {
  test('done is never called from inside write or destroy', async () => {
    const { client } = await open()
    const events: string[] = []
    const write = (name: string, type = 13): void => {
      client.write(type, blockOf(1), sha1(blockOf(1)), (error) => events.push(`${name} ${error?.code ?? 'ok'}`))
      events.push(`${name} made`)
    }
    write('bad', 0)
    write('good')
    await settle()
    write('pending')
    client.destroy(new AppError('target-is-source', 'because'))
    events.push('destroyed')
    write('late')
    await settle()
    expect(events).toEqual([
      'bad made',
      'good made',
      'bad bug',
      'good ok',
      'pending made',
      'destroyed',
      'late made',
      'pending target-is-source',
      'late target-is-source',
    ])
  })

  test('one that throws ends the connection, not the process', async () => {
    const { client } = await open()
    client.write(13, blockOf(1), sha1(blockOf(1)), () => {
      throw new Error('mistake of the caller')
    })
    const other = writeBlock(client, blockOf(2))
    expect((await rejection(other)).message).toContain('mistake of the caller')
    expect((await client.closed)?.code).toBe('bug')
    client.write(13, blockOf(1), sha1(blockOf(1)), () => {
      throw new Error('and once more')
    })
    client.write(0, blockOf(1), sha1(blockOf(1)), () => {
      throw new Error('and again')
    })
    await settle()
  })

  test('destroying from inside a callback', async () => {
    const { store, client } = await open({ hold: true })
    const results: string[] = []
    for (const seed of [1, 2, 3]) {
      client.write(13, blockOf(seed), sha1(blockOf(seed)), (error) => {
        results.push(`${seed} ${error?.code ?? 'ok'}`)
        if (seed === 2) client.destroy()
      })
    }
    await settle()
    store.release()
    await settle()
    expect(results).toEqual(['1 ok', '2 ok', '3 connection-lost'])
  })
})

describe('end of the connection', () => {
  test('close says goodbye and leaves nothing behind', async () => {
    const { peer, client } = await open()
    await writeBlock(client, blockOf(1))
    const closing = client.close()
    expect((await rejection(writeBlock(client, blockOf(2)))).message).toContain('closed the connection')
    await Promise.all([closing, client.close()])
    expect(await client.closed).toBeNull()
    expect([...peer.flushes.at(-1)!]).toEqual([0, 0, 0, 2, 6, 0])
    expect([peer.ended, peer.destroyed]).toEqual([true, true])
    expect((await rejection(client.sync())).code).toBe('connection-lost')
    await client.close()
    client.destroy()
  })

  test('close lets replies in that are still on their way, and fails what was not sent', async () => {
    const { store, peer, client } = await open({ hold: true }, { windowRequests: 1 })
    const held = peer.onEnd
    peer.onEnd = () => undefined
    const sent = writeBlock(client, blockOf(1))
    const unsent = rejection(writeBlock(client, blockOf(2)))
    await settle()
    const replies = store.held.splice(0)
    store.behaviour.hold = false
    const session = peer.onBytes
    // A server that still answers before it reads the goodbye.
    peer.onBytes = (bytes) => {
      replies.forEach((reply) => reply())
      session(bytes)
      held()
    }
    await client.close()
    expect(await sent).toBe(sha1(blockOf(1)))
    expect((await unsent).code).toBe('connection-lost')
  })

  test('a server that ends in the middle fails everything with connection-lost, once', async () => {
    const { client } = await open({ endAfterRequests: 2 })
    const outcomes = await Promise.allSettled(seeds(5).map((seed) => writeBlock(client, blockOf(seed))))
    const reason = await client.closed
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'fulfilled',
      'fulfilled',
      ...seeds(3).map(() => 'rejected'),
    ])
    expect(reason?.code).toBe('connection-lost')
    expect(reason?.message).toBe(`${dial}: the server closed the connection with 3 requests outstanding`)
  })

  test('destroy without a reason is an end by us', async () => {
    const { client } = await open({ hold: true })
    const pending = rejection(client.sync())
    client.destroy()
    expect((await pending).code).toBe('connection-lost')
    expect(await client.closed).toBeNull()
  })

  test('cancelling: before, during the hello, with requests pending, and afterwards', async () => {
    expect((await rejection(open({}, { signal: AbortSignal.abort() }))).code).toBe('cancelled')

    const early = new AbortController()
    const opening = rejection(open({ greeting: null }, { signal: early.signal }))
    await settle()
    early.abort()
    expect((await opening).message).toBe(`${dial}: cancelled`)

    const late = new AbortController()
    const { store, peer, client } = await open({ hold: true }, { signal: late.signal, windowRequests: 1 })
    const pending = [writeBlock(client, blockOf(1)), client.sync(), writeBlock(client, blockOf(2))].map(rejection)
    await until(() => store.held.length === 1)
    late.abort()
    expect((await Promise.all(pending)).map((error) => error.code)).toEqual(['cancelled', 'cancelled', 'cancelled'])
    expect((await client.closed)?.code).toBe('cancelled')
    expect(peer.destroyed).toBe(true)

    const after = new AbortController()
    const other = await open({}, { signal: after.signal })
    await other.client.close()
    expect(getEventListeners(after.signal, 'abort')).toEqual([])
    after.abort()
    expect(await other.client.closed).toBeNull()
  })
})
