// Silent servers, on a clock the test turns itself: handshake, replies, syncs, a starved request, close.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { sha1 } from '../../../../../electron/engine/hash/sha1.ts'
import { openVenti, type VentiClientOptions } from '../../../../../electron/engine/venti/client/client.ts'
import { blockOf, rejection, settle, writeBlock } from '../../../../helpers/client-calls.ts'
import { FakeStore, type FakeBehaviour } from '../../../../helpers/fake-store.ts'
import { connectInMemory } from '../../../../helpers/fake-venti-session.ts'

const dial = 'tcp!fake!17034'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

async function open(behaviour: Partial<FakeBehaviour> = {}, options: VentiClientOptions = {}) {
  const store = new FakeStore(behaviour)
  const { transport, peer } = connectInMemory(store)
  return { store, peer, client: await openVenti(transport, dial, options) }
}

/** Time passes, then everything that is on its way arrives. */
async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms)
  await settle()
}

/** Whether a promise is settled by now. */
function watch(promise: Promise<unknown>): { over: boolean } {
  const state = { over: false }
  const end = (): void => void (state.over = true)
  promise.then(end, end)
  return state
}

describe('handshake', () => {
  test.each([
    ['no greeting', { greeting: null }, 'no venti version line within 500 ms'],
    ['half a greeting', { greeting: new TextEncoder().encode('venti-04') }, 'no venti version line within 500 ms'],
    ['no Rhello', { greeting: new TextEncoder().encode('venti-04-x\n') }, 'no answer to the hello within 500 ms'],
  ])('%s', async (_, behaviour, message) => {
    const { transport, peer } = connectInMemory(new FakeStore(behaviour))
    const opening = rejection(openVenti(transport, dial, { connectTimeoutMs: 500 }))
    const state = watch(opening)
    await settle()
    await pass(499)
    expect(state.over).toBe(false)
    await pass(1)
    const error = await opening
    expect(error.code).toBe('connect-timeout')
    expect(error.message).toContain(`${dial}: ${message}`)
    expect(peer.destroyed).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('one more byte now and then does not extend it', async () => {
    const { transport, peer } = connectInMemory(new FakeStore({ greeting: null }))
    const opening = rejection(openVenti(transport, dial, { connectTimeoutMs: 500 }))
    for (let i = 0; i < 10; i++) {
      peer.send(new TextEncoder().encode('venti-04-xxxxx').subarray(i, i + 1))
      await pass(50)
    }
    expect((await opening).code).toBe('connect-timeout')
  })
})

describe('replies', () => {
  test('silence counts from the last byte heard', async () => {
    const { store, client } = await open({ hold: true }, { replyTimeoutMs: 1000 })
    const first = writeBlock(client, blockOf(1))
    const second = rejection(writeBlock(client, blockOf(2)))
    await settle()
    await pass(900)
    store.release(1)
    await first
    await pass(900)
    expect(client.outstanding).toBe(1)
    await pass(100)
    const error = await second
    expect(error.code).toBe('reply-timeout')
    expect(error.message).toBe(`${dial}: no reply within 1000 ms with 1 requests outstanding`)
    expect(await client.closed).toBe(error)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('an idle connection does not time out, and silence counts anew from its next request', async () => {
    const { store, client } = await open({ hold: true }, { replyTimeoutMs: 1000 })
    await pass(60_000)
    const write = writeBlock(client, blockOf(1))
    await settle()
    await pass(999)
    store.release()
    await write
    await pass(60_000)
    expect(client.hasRoom).toBe(true)
  })

  test('a timer left from an earlier request does not end a young one', async () => {
    const { store, client } = await open({ hold: true }, { replyTimeoutMs: 1000 })
    const old = writeBlock(client, blockOf(1))
    await settle()
    store.release()
    await old
    await pass(990)
    const young = writeBlock(client, blockOf(2))
    await settle()
    await pass(980)
    store.release()
    expect(await young).toBe(sha1(blockOf(2)))
  })

  test('a sync has its own limit', async () => {
    const { store, client } = await open({ hold: true }, { replyTimeoutMs: 1000, syncTimeoutMs: 5000 })
    const slow = client.sync()
    const write = writeBlock(client, blockOf(1))
    await settle()
    await pass(4900)
    store.release()
    await Promise.all([slow, write])
    const never = rejection(client.sync())
    await settle()
    await pass(4999)
    expect(client.outstanding).toBe(1)
    await pass(1)
    expect((await never).message).toBe(`${dial}: no sync within 5000 ms with 1 requests outstanding`)
  })

  test('after a sync the shorter limit holds again', async () => {
    const { store, client } = await open({ hold: true }, { replyTimeoutMs: 1000, syncTimeoutMs: 50_000 })
    const sync = client.sync()
    const write = rejection(writeBlock(client, blockOf(1)))
    await settle()
    store.release(1)
    await sync
    await pass(1000)
    expect((await write).code).toBe('reply-timeout')
  })

  test('a sync that is never answered is noticed although other replies come', async () => {
    const { store, client } = await open({ hold: true }, { replyTimeoutMs: 1000, syncTimeoutMs: 5000 })
    const sync = rejection(client.sync())
    await settle()
    store.held.shift()
    for (let i = 0; i < 6 && client.hasRoom; i++) {
      const write = writeBlock(client, blockOf(i)).catch(() => undefined)
      await settle()
      await pass(900)
      store.release()
      await write
    }
    expect((await sync).code).toBe('reply-timeout')
  })

  test('so is a single request that a server dropped, and the sync behind it', async () => {
    const { store, client } = await open({ hold: true }, { replyTimeoutMs: 1000, syncTimeoutMs: 2000 })
    const dropped = rejection(writeBlock(client, blockOf(100)))
    const sync = rejection(client.sync())
    await settle()
    store.held.shift()
    for (let i = 0; i < 12 && client.hasRoom; i++) {
      const write = writeBlock(client, blockOf(i)).catch(() => undefined)
      await settle()
      await pass(400)
      store.release()
      await write
    }
    expect((await dropped).code).toBe('reply-timeout')
    expect((await sync).code).toBe('reply-timeout')
    expect(store.log).not.toContain('sync')
  })

  test('a reply that waited in the socket while this machine slept still counts', async () => {
    const { store, client } = await open({ hold: true }, { replyTimeoutMs: 1000 })
    const write = writeBlock(client, blockOf(1))
    await settle()
    // The timer fires first, as after a sleep; the bytes are there in the same turn.
    vi.advanceTimersByTime(3_600_000)
    store.release()
    await write
    expect(client.hasRoom).toBe(true)
  })
})

test('close resolves within a second when the server does not react', async () => {
  const { store, peer, client } = await open({ hold: true })
  peer.onEnd = () => undefined
  peer.onBytes = () => undefined
  const pending = rejection(writeBlock(client, blockOf(1)))
  await settle()
  const closing = client.close()
  await pass(1000)
  await closing
  expect((await pending).code).toBe('connection-lost')
  expect(await client.closed).toBeNull()
  expect(store.counters.requests).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})
