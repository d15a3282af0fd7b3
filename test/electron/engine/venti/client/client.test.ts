// What each call does against a server that behaves as real ones do (venti-protocol.md §3), in versions 02 and 04, with
// replies in any order and split anywhere. In memory: no socket, no clock.

import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { zeroScore, type Score } from '../../../../../shared/model/score.ts'
import { sha1 } from '../../../../../electron/engine/hash/sha1.ts'
import { toHex } from '../../../../../electron/engine/bytes/hex.ts'
import { encodeFrame } from '../../../../../electron/engine/venti/wire/frame.ts'
import { encodeReply } from '../../../../../electron/engine/venti/wire/message.ts'
import { openVenti, type VentiClientOptions } from '../../../../../electron/engine/venti/client/client.ts'
import { serverAnswerOf } from '../../../../../electron/engine/venti/client/server-error.ts'
import { blockOf, probeBlock, rejection, settle, writeAll, writeBlock } from '../../../../helpers/client-calls.ts'
import { FakeStore, type FakeBehaviour } from '../../../../helpers/fake-store.ts'
import { connectInMemory } from '../../../../helpers/fake-venti-session.ts'

const dial = 'tcp!fake!17034'
const text = (words: string): Uint8Array => new TextEncoder().encode(words)

async function open(behaviour: Partial<FakeBehaviour> = {}, options: VentiClientOptions = {}) {
  const store = new FakeStore(behaviour)
  const { transport, peer } = connectInMemory(store)
  return { store, peer, client: await openVenti(transport, dial, options) }
}

describe.each([['04'], ['02']] as const)('version %s', (version) => {
  const versions = [version]

  test('hello, write, read, probe, sync, goodbye', async () => {
    const { store, client } = await open({ versions })
    expect(client).toMatchObject({
      version,
      serverId: 'anonymous',
      remoteAddress: 'memory',
      remotePort: 0,
      outstanding: 0,
    })
    expect(client.roundTripMs).toBeGreaterThanOrEqual(0)
    const data = text('hello world')
    const score = await writeBlock(client, data)
    expect(await client.read(score, 13)).toEqual(data)
    expect(await probeBlock(client, score)).toEqual({ found: true, lengthBytes: 11 })
    expect(await probeBlock(client, score, 1)).toEqual({ found: false, lengthBytes: null })
    await client.sync()
    expect([...store.durable]).toEqual([`${score}/13`])
    await client.ping()
    await client.close()
    expect(await client.closed).toBeNull()
    expect(store.log).toEqual(['write', 'read', 'probe', 'probe', 'sync', 'ping'])
  })

  test('the largest block there and back', async () => {
    const { client } = await open({ versions })
    const data = blockOf(1, 57344)
    const score = await writeBlock(client, data, 9)
    expect(await client.read(score, 9)).toEqual(data)
  })

  test('one byte at a time', async () => {
    const { client } = await open({ versions, oneByteAtATime: true })
    await writeAll(
      client,
      [1, 2, 3].map((seed) => blockOf(seed)),
    )
    expect(await client.read(sha1(blockOf(2)), 13)).toEqual(blockOf(2))
  })
})

test('the bytes on the wire are those of the recorded exchange', async () => {
  const { peer, client } = await open()
  const score = await writeBlock(client, text('hello world'))
  await client.read(score, 13, 8192)
  await client.sync()
  await client.close()
  const hex = peer.flushes.map(toHex)
  const line = Buffer.from('venti-04-ventimirror\n').toString('hex')
  expect(hex).toEqual([
    `${line}000000140400000230340009616e6f6e796d6f7573000000`,
    '000000110e010d00000068656c6c6f20776f726c64',
    `0000001a0c02${score}0d002000`,
    '000000021003',
    '000000020600',
  ])
  expect(client.bytesSent).toBe(peer.received.length)
  expect(client.bytesReceived).toBe(21 + 19 + 26 + 17 + 6)
})

test('replies in any order reach the request they belong to', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0 }), fc.integer({ min: 1, max: 255 }), async (shuffleSeed, windowRequests) => {
      const { store, client } = await open({ shuffleSeed }, { windowRequests })
      const blocks = Array.from({ length: 120 }, (_, i) => blockOf(i, 8 + (i % 50)))
      await writeAll(client, blocks)
      expect(store.counters).toMatchObject({ writes: 120, newBlocks: 120 })
      const probes = blocks.map((block) => probeBlock(client, sha1(block)))
      const reads = blocks.map((block) => client.read(sha1(block), 13))
      expect(await Promise.all(reads)).toEqual(blocks)
      expect((await Promise.all(probes)).map((probe) => probe.lengthBytes)).toEqual(blocks.map((block) => block.length))
      await client.close()
    }),
    { numRuns: 30 },
  )
})

describe('what is answered without the server', () => {
  test('both empty scores', async () => {
    const { store, client } = await open()
    for (const score of [zeroScore, '0'.repeat(40) as Score]) {
      expect(await client.read(score, 13)).toEqual(new Uint8Array(0))
      expect(await probeBlock(client, score)).toEqual({ found: true, lengthBytes: 0 })
    }
    expect(store.counters.requests).toBe(0)
  })

  test('types and lengths that must not reach a server', async () => {
    const { store, client } = await open()
    for (const type of [0, 10, 11, 12, 14, 255, -1, 1.5, Number.NaN]) {
      expect((await rejection(writeBlock(client, blockOf(1), type))).code).toBe('bug')
      expect((await rejection(probeBlock(client, sha1(blockOf(1)), type))).code).toBe('bug')
      expect((await rejection(client.read(sha1(blockOf(1)), type))).code).toBe('bug')
    }
    for (const size of [0, 57345]) {
      const error = await rejection(writeBlock(client, new Uint8Array(size)))
      expect(error.code).toBe('bug')
      expect(error.message).toContain(`${dial}: internal check failed: write with ${size} bytes`)
    }
    expect((await rejection(client.read(sha1(blockOf(1)), 13, 57345))).code).toBe('bug')
    expect(store.counters.requests).toBe(0)
    for (const type of [1, 2, 3, 9, 13]) await writeBlock(client, blockOf(1), type)
    expect(store.blocks.size).toBe(5)
  })
})

describe('error texts', () => {
  test('a full target', async () => {
    const { client } = await open({ refuseAfterNewBlocks: 1 })
    await writeBlock(client, blockOf(1))
    const error = await rejection(writeBlock(client, blockOf(2)))
    expect(error.code).toBe('target-full')
    expect(error.message).toContain(dial)
    expect(error.message).toContain('no space left in arenas')
    // Rerror does not end the connection, and what is there stays writable.
    await writeBlock(client, blockOf(1))
  })

  test('a read-only target', async () => {
    const { client } = await open({ readOnly: true })
    expect((await rejection(writeBlock(client, blockOf(1)))).code).toBe('target-read-only')
  })

  test('other refusals carry the text and its meaning', async () => {
    const { store, client } = await open()
    const score = store.put(blockOf(1))
    store.damaged.add(`${score}/13`)
    const damaged = await rejection(client.read(score, 13))
    expect([damaged.code, serverAnswerOf(damaged)]).toEqual(['target-refused', 'damaged'])
    expect(damaged.message).toBe(
      `${dial}: the server refused the read of block ${score} (type 13): clump is marked corrupt`,
    )
    const missing = await rejection(client.read(sha1(blockOf(2)), 13))
    expect([missing.code, serverAnswerOf(missing)]).toEqual(['target-refused', 'missing'])
    const small = await rejection(client.read(store.put(blockOf(3)), 13, 10))
    expect([small.code, serverAnswerOf(small)]).toEqual(['target-refused', 'too-small'])
    await client.close()
    expect(serverAnswerOf(await rejection(client.sync()))).toBeNull()
  })

  test('the score of a root block never appears (R10)', async () => {
    const { client } = await open()
    const root = sha1(blockOf(1))
    const error = await rejection(client.read(root, 1))
    expect(`${error.message} ${JSON.stringify(error.data)}`).not.toContain(root)
    expect(error.message).toContain(`vac:${root.slice(0, 4)}…${root.slice(-4)}`)
  })
})

describe('probe', () => {
  test.each(['index', 'cache'] as const)('the two forms real servers use: %s', async (probes) => {
    const { store, client } = await open({ probes })
    expect(await probeBlock(client, store.put(blockOf(1, 8192)))).toEqual({ found: true, lengthBytes: 8192 })
    expect(await probeBlock(client, sha1(blockOf(2)))).toEqual({ found: false, lengthBytes: null })
  })

  test.each(['empty', 'data', 'devnull'] as const)('other answers are inconclusive, not a no: %s', async (probes) => {
    const { store, client } = await open({ probes })
    const score = probes === 'devnull' ? sha1(blockOf(9)) : store.put(blockOf(1))
    const error = await rejection(probeBlock(client, score))
    expect(error.code).toBe('target-refused')
    expect(error.message).toContain(dial)
    // The connection is still of use.
    await writeBlock(client, blockOf(2))
  })

  test('an answer about another block is inconclusive', async () => {
    const { store, peer, client } = await open({ hold: true })
    const probe = rejection(probeBlock(client, sha1(blockOf(1))))
    await settle()
    store.held.length = 0
    const about = `no block with score ${sha1(blockOf(2))}/0 exists`
    peer.send(encodeFrame('04', encodeReply({ kind: 'error', tag: 1, text: about })))
    expect((await probe).message).toContain('an answer about another block')
  })

  test('a damaged block is still found: probes look at the index only', async () => {
    const { store, client } = await open()
    const score = store.put(blockOf(1))
    store.damaged.add(`${score}/13`)
    expect((await probeBlock(client, score)).found).toBe(true)
  })
})

test('a read that brings other bytes is damage of that block, not the end of the connection', async () => {
  const { store, client } = await open()
  const score = store.put(blockOf(1))
  store.blocks.set(`${score}/13`, blockOf(2))
  const error = await rejection(client.read(score, 13))
  expect([error.code, serverAnswerOf(error)]).toEqual(['protocol', 'damaged'])
  store.blocks.set(`${score}/13`, new Uint8Array(0))
  expect((await rejection(client.read(score, 13))).code).toBe('protocol')
  store.blocks.set(`${score}/13`, blockOf(1))
  expect(await client.read(score, 13)).toEqual(blockOf(1))
})

describe('a server that breaks the protocol', () => {
  test.each(['wrong-score', 'unknown-tag', 'wrong-type', 'oversized-frame', 'short-frame', 'long-frame'] as const)(
    '%s closes the connection and fails everything pending with the same error',
    async (kind) => {
      const { store, peer, client } = await open({ fault: { atRequest: 3, kind }, hold: true })
      const pending = [1, 2, 3, 4].map((seed) => writeBlock(client, blockOf(seed)))
      const sync = client.sync()
      const outcomes = Promise.allSettled([...pending, sync])
      await settle()
      store.release()
      const [first, second, ...rest] = await outcomes
      expect([first.status, second!.status]).toEqual(['fulfilled', 'fulfilled'])
      const reason = await client.closed
      expect(reason?.code).toBe('protocol')
      expect(reason?.message).toContain(dial)
      expect(rest).toEqual(rest.map(() => ({ status: 'rejected', reason })))
      expect(peer.destroyed).toBe(true)
      expect(client.outstanding).toBe(0)
      expect((await rejection(writeBlock(client, blockOf(5)))).code).toBe('protocol')
    },
  )

  test('more data than was asked for', async () => {
    const { store, peer, client } = await open({ hold: true })
    const read = rejection(client.read(store.put(blockOf(1, 200)), 13, 100))
    await settle()
    peer.send(encodeFrame('04', encodeReply({ kind: 'read', tag: 1, data: blockOf(1, 200) })))
    expect((await read).message).toContain('200 bytes of data where 100 were asked for')
    expect(await client.closed).toBe(await read)
  })

  test('bytes of a version line that a terminal would obey are not printed', async () => {
    const { transport } = connectInMemory(new FakeStore({ greeting: text('venti-\x7f-x\n') }))
    expect((await rejection(openVenti(transport, dial))).message).toBe(
      `${dial}: no common protocol version: it offers "venti-?-x"`,
    )
  })

  test('Rhello with another tag', async () => {
    const { transport, peer } = connectInMemory(new FakeStore({ greeting: text('venti-04-x\n') }))
    peer.onBytes = () => {
      peer.send(encodeFrame('04', encodeReply({ kind: 'hello', tag: 1, serverId: 'x', crypto: 0, codec: 0 })))
    }
    expect((await rejection(openVenti(transport, dial))).code).toBe('protocol')
  })

  test('bytes behind Rhello', async () => {
    const { transport, peer } = connectInMemory(new FakeStore({ greeting: text('venti-04-x\n') }))
    const hello = encodeFrame('04', encodeReply({ kind: 'hello', tag: 0, serverId: 'x', crypto: 0, codec: 0 }))
    peer.onBytes = () => peer.send(Uint8Array.of(...hello, 0, 0, 0, 2, 17, 1))
    expect((await rejection(openVenti(transport, dial))).message).toContain('not asked for')
    expect(peer.destroyed).toBe(true)
  })

  test('bytes nobody asked for', async () => {
    const { peer, client } = await open()
    peer.send(Uint8Array.of(0, 0, 0, 2, 17, 1))
    expect((await client.closed)?.message).toContain('not asked for')
  })
})
