// The server as a client sees it, byte for byte: the texts and silences of venti-protocol.md, in both versions.

import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { partitionId } from '../../../../../electron/engine/venti/arena/partition-id.ts'
import { connectVenti } from '../../../../../electron/engine/venti/client/client.ts'
import { parseDial } from '../../../../../electron/engine/venti/client/dial.ts'
import { startServer } from '../../../../../electron/engine/venti/server/server.ts'
import { healthyPartition, expandFixture } from '../../../../helpers/fixtures.ts'
import { RawVenti, tgoodbye, tping, tread, tsync, twrite, words } from '../../../../helpers/raw-venti.ts'
import { scratchDir } from '../../../../helpers/scratch.ts'
import { noise, startSmall } from '../../../../helpers/store-calls.ts'

const hello = Buffer.from('hello world')
const helloScore = '2aae6c35c94fcfb415dbe95f408b9ce91ee846ed'
const unknown = '0123456789012345678901234567890123456789'
const empty = 'da39a3ee5e6b4b0d3255bfef95601890afd80709'

describe('greeting and hello', () => {
  test('the server speaks first, offers 04 and 02, and listens on loopback only', async () => {
    const { server } = await startSmall()
    expect([server.address, server.dial]).toEqual(['127.0.0.1', `tcp!127.0.0.1!${server.port}`])
    const raw = new RawVenti(server.port)
    while (raw.line === null) await new Promise((resolve) => setImmediate(resolve))
    expect(raw.line).toMatch(/^venti-04:02-/)
  })

  test('Rhello names the partition and the room left', async () => {
    const path = join(await scratchDir(), 'image')
    await expandFixture('seq-day1', path)
    const server = await startServer({ path, listen: { port: 0 } })
    onTestFinished(() => server.close())
    const client = await connectVenti(parseDial(server.dial))
    const { arenas } = healthyPartition('seq-day1')
    const id = partitionId(
      arenas.map(({ name, start: at, clumpMagic }) => ({ name, start: at, clumpMagic: Number(clumpMagic) })),
    )
    const empties = 5 * (arenas[0]!.size - 8192 - 8)
    expect(client.serverId).toBe(
      `venti-mirror partition=${id} free=${empties + arenas[0]!.size - 8192 - 8 - arenas[0]!.used}`,
    )
    await client.close()
  })

  test.each([
    ['another list order', 'venti-02:04-x', '02'],
    ['no comment', 'venti-02', '02'],
    ['a version in the comment', 'venti-99-04', '04'],
    ['the longest line', `venti-04-${'c'.repeat(1013)}`, '04'],
  ] as const)('accepts %s', async (_, line, version) => {
    const { server } = await startSmall()
    const raw = await new RawVenti(server.port, version).greet({ line })
    expect(await raw.say(tping(1))).toBe('0301')
  })

  test.each([
    ['no common version', 'venti-99-x\n'],
    ['another protocol', 'GET / HTTP/1.1\r\n\r\n'],
    ['a TAB', 'venti-04\t\n'],
    ['a line too long', `venti-04-${'c'.repeat(1014)}\n`],
    ['an endless line', 'venti-'.padEnd(5000, '0')],
  ])('closes on %s without a word', async (_, line) => {
    const { server } = await startSmall()
    const raw = new RawVenti(server.port)
    raw.socket.write(line)
    expect(await raw.end()).toBe(0)
  })

  test.each([
    ['a tag that is not 0', Buffer.from([4, 1, 0, 2, 0x30, 0x34, 0, 0, 0, 0, 0])],
    ['the other version', Buffer.from([4, 0, 0, 2, 0x30, 0x32, 0, 0, 0, 0, 0])],
    ['another request', tping(0)],
    ['a malformed one', Buffer.from([4, 0, 0, 2, 0x30])],
  ])('closes on a hello with %s, without Rerror', async (_, body) => {
    const { server } = await startSmall()
    const raw = new RawVenti(server.port)
    raw.socket.write('venti-04-x\n')
    raw.send(body)
    expect(await raw.end()).toBe(0)
  })

  test('a peer that says nothing is dropped', async () => {
    const { server } = await startSmall({ helloTimeoutMs: 50 })
    const [silent, half] = [new RawVenti(server.port), new RawVenti(server.port)]
    half.socket.write('venti-04-x\n')
    expect([await silent.end(), await half.end()]).toEqual([0, 0])
  })
})

describe.each(['04', '02'] as const)('requests in version %s', (version) => {
  const connect = async (): Promise<RawVenti> => new RawVenti((await startSmall()).server.port, version).greet()

  test('write, read, sync, ping: the example of the protocol page', async () => {
    const raw = await connect()
    expect(await raw.say(twrite(5, 13, hello))).toBe(`0f05${helloScore}`)
    expect(await raw.say(tread(6, helloScore, 13, 8192))).toBe(`0d06${hello.toString('hex')}`)
    expect(await raw.say(tsync(7))).toBe('1107')
    expect(await raw.say(tping(8))).toBe('0308')
  })

  test('errors have the words of the real server', async () => {
    const raw = await connect()
    await raw.ask(twrite(1, 13, hello))
    expect(await raw.say(tread(1, helloScore, 13, 0))).toBe('error 1: read too small 1: asked for 0 need at least 11')
    expect(await raw.say(tread(2, helloScore, 13, 10))).toBe('error 2: read too small 1: asked for 10 need at least 11')
    expect(await raw.say(tread(3, unknown, 13, 0))).toBe(`error 3: no block with score ${unknown}/0 exists`)
    expect(await raw.say(tread(4, helloScore, 3, 99))).toBe(`error 4: no block with score ${helloScore}/9 exists`)
    expect(await raw.say(tread(5, helloScore, 12, 99))).toBe(`error 5: no block with score ${helloScore}/255 exists`)
    expect(await raw.say(tread(6, empty, 13, 99))).toBe(`error 6: no block with score ${empty}/0 exists`)
    expect(await raw.say(tread(7, '0'.repeat(40), 7, 0))).toBe('0d07')
    expect(await raw.say(twrite(8, 13, new Uint8Array(57345)))).toBe('error 8: lump too large')
    expect((await raw.say(twrite(9, 13, noise(1, 57344)))).slice(0, 4)).toBe('0f09')
    expect(await raw.say(twrite(10, 13, new Uint8Array(0)))).toBe(`0f0a${empty}`)
    expect(await raw.say(twrite(11, 0, hello))).toBe('error 11: invalid lump type 0')
    expect(await raw.say(tread(12, helloScore, 13, 65536 * 7, true))).toBe(`0d0c${hello.toString('hex')}`)
  })

  test('what a real server drops is dropped, and the connection stays', async () => {
    const raw = await connect()
    raw.send(
      ...[0, 7, 8, 9, 10, 11, 18, 77, 255].map((code) => Buffer.from([code, 1])),
      ...['', '0c', '0c01', '0e01', '0e010d0000', '10010000', '0601ff', '0d', '0f0100', '0501', '010100'].map((hex) =>
        Buffer.from(hex, 'hex'),
      ),
      Buffer.concat([tread(1, helloScore, 13, 5), Buffer.from([0])]),
    )
    expect(await raw.say(tsync(9))).toBe('1109')
    expect(raw.bodies).toEqual([])
  })

  test('a second hello and replies sent as requests are unknown', async () => {
    const raw = await connect()
    const again = Buffer.from([4, 1, 0, 2, 0x30, 0x34, 0, 0, 0, 0, 0])
    const replies = ['0101000161', '0301', '05010001610000', '0d01', `0f01${helloScore}`, '1101']
    for (const body of [again, ...replies.map((hex) => Buffer.from(hex, 'hex'))]) {
      expect(await raw.say(body)).toBe('error 1: unknown request')
    }
  })

  test('goodbye ends the connection after the replies before it', async () => {
    const raw = await connect()
    raw.send(twrite(1, 13, hello), tread(2, helloScore, 13, 99), tsync(3), tgoodbye, tping(4))
    expect([words(await raw.reply()), words(await raw.reply()), words(await raw.reply())]).toEqual([
      `0f01${helloScore}`,
      `0d02${hello.toString('hex')}`,
      '1103',
    ])
    expect(await raw.end()).toBe(0)
  })
})
