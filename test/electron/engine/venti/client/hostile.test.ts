// A server that sends anything at any time: in the greeting, in frames, in replies. Whatever it does, every call ends
// once, with its true result or with an AppError that names the server, within the time limits, in bounded memory, and
// nothing reaches the process. In memory and on a clock the test turns, so thousands of cases take seconds.

import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import fc from 'fast-check'
import { AppError, errorCodes } from '../../../../../shared/errors.ts'
import { sha1 } from '../../../../../electron/engine/hash/sha1.ts'
import { openVenti, type VentiClient } from '../../../../../electron/engine/venti/client/client.ts'
import { blockOf, probeBlock, settle, turn, writeBlock } from '../../../../helpers/client-calls.ts'
import { FakeStore } from '../../../../helpers/fake-store.ts'
import { forge, forged, makeNoise, mutate, mutated, random, type Attack } from '../../../../helpers/hostile-venti.ts'
import { MemoryPeer } from '../../../../helpers/memory-transport.ts'

const dial = 'tcp!hostile!17034'
const limits = { connectTimeoutMs: 100, replyTimeoutMs: 100, syncTimeoutMs: 200, windowRequests: 6 }
/** Enough for connect, reply and sync limits one after the other. */
const boundMs = 1_000

const escaped: unknown[] = []
const escape = (error: unknown): void => void escaped.push(error)
beforeAll(() => {
  process.on('unhandledRejection', escape)
  process.on('uncaughtExceptionMonitor', escape)
})
afterAll(() => {
  process.off('unhandledRejection', escape)
  process.off('uncaughtExceptionMonitor', escape)
})
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(async () => {
  vi.useRealTimers()
  await turn()
  if (escaped.length > 0) throw new Error('an error escaped to the process', { cause: escaped[0] })
})

/** Makes one call of each kind and some more, and returns how each ended: the result is checked, an error is kept. */
function callEverything(client: VentiClient, store: FakeStore): Promise<AppError | null>[] {
  const stored = store.put(blockOf(1000, 300))
  const calls: (() => Promise<unknown>)[] = [
    () => writeBlock(client, blockOf(1)),
    () => writeBlock(client, blockOf(2, 9000), 1),
    () => client.read(stored, 13).then((data) => expect(data).toEqual(blockOf(1000, 300))),
    () => probeBlock(client, stored),
    () => probeBlock(client, sha1(blockOf(3))),
    () => client.sync(),
    () => client.ping(),
    () => writeBlock(client, blockOf(4)),
    () => client.read(sha1(blockOf(5)), 2),
  ]
  return calls.map(async (call) => {
    try {
      await call()
      return null
    } catch (error) {
      if (error instanceof AppError) return error
      throw error
    }
  })
}

function expectClear(error: AppError): void {
  expect(Object.keys(errorCodes)).toContain(error.code)
  expect(error.code).not.toBe('bug')
  expect(error.message.startsWith(`${dial}: `), error.message).toBe(true)
  expect(error.message.length).toBeLessThan(700)
  // eslint-disable-next-line no-control-regex -- exactly those must not reach a terminal
  expect(error.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
}

/** Plays one attack to its end; returns how often each code was the end of the connection. */
async function play(attack: Attack): Promise<string> {
  const store = new FakeStore()
  const peer = new MemoryPeer()
  attack(peer, store)
  let ends = 0
  let client: VentiClient | null = null
  let refused: AppError | null = null
  const work = (async () => {
    try {
      client = await openVenti(peer.transport, dial, limits)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      refused = error
      return
    }
    const outcomes = callEverything(client, store)
    for (const outcome of outcomes) void outcome.then(() => ends++)
    for (const error of await Promise.all(outcomes)) if (error !== null) expectClear(error)
    await client.close()
    const reason = await client.closed
    if (reason !== null) expectClear(reason)
  })()
  let over = false
  const end = (): void => void (over = true)
  work.then(end, end)
  for (let ms = 0; !over; ms += 50) {
    await settle(3)
    if (over) break
    expect(ms, 'an end within the time limits').toBeLessThanOrEqual(boundMs)
    vi.advanceTimersByTime(50)
  }
  await work
  await settle(2)
  expect(vi.getTimerCount()).toBe(0)
  expect(peer.destroyed).toBe(true)
  if (refused !== null) {
    expectClear(refused)
    return (refused as AppError).code
  }
  expect(ends).toBe(9)
  const reason = await (client as unknown as VentiClient).closed
  return reason?.code ?? 'open to the end'
}

async function playAll<Plan>(
  plans: fc.Arbitrary<Plan>,
  attackOf: (plan: Plan) => Attack,
  numRuns: number,
): Promise<Record<string, number>> {
  const ends: Record<string, number> = {}
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      const end = await play(attackOf(plan))
      ends[end] = (ends[end] ?? 0) + 1
    }),
    { numRuns },
  )
  return ends
}

test('a server whose messages are mutated', async () => {
  const ends = await playAll(mutated, mutate, 2_000)
  // The mutations must reach every way a connection can end, or this proves less than it seems to.
  const wanted = ['open to the end', 'protocol', 'handshake', 'connect-timeout', 'reply-timeout', 'connection-lost']
  expect(Object.keys(ends)).toEqual(expect.arrayContaining(wanted))
}, 120_000)

test('a server that sends random bytes', async () => {
  const ends = await playAll(random, makeNoise, 1_000)
  expect(Object.keys(ends)).toEqual(expect.arrayContaining(['protocol', 'handshake', 'connect-timeout']))
}, 120_000)

test('a server that forges replies', async () => {
  const ends = await playAll(forged, forge, 1_000)
  expect(Object.keys(ends)).toEqual(expect.arrayContaining(['protocol', 'reply-timeout', 'connection-lost']))
}, 120_000)

test('memory stays bounded: a server that announces much, or never ends its line', async () => {
  const before = process.memoryUsage().arrayBuffers
  const noise = new Uint8Array(64 * 1024).fill(0x78)
  let sent = 0
  const flood: Attack = (peer) => {
    for (let i = 0; i < 64 && !peer.destroyed; i++, sent += noise.length) peer.send(noise)
  }
  expect(await play(flood)).toBe('handshake')
  const announce: Attack = (peer) => {
    peer.send(new TextEncoder().encode('venti-04-x\n'))
    peer.onBytes = () => peer.send(Uint8Array.of(0x7f, 0xff, 0xff, 0xff))
  }
  for (let i = 0; i < 200; i++) expect(await play(announce)).toBe('protocol')
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024)
})
