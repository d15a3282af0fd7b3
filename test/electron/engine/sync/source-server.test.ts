// What the source's own server has in its memory only: its status pages read, compared with the disk, flushed, counted anew.
// The pages are those of the real server (test/real/source-server-real.test.ts asks one); here a web server of the test
// gives them.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parseIndex, parseXindex } from '../../../../electron/engine/sync/status-pages.ts'
import { parseStatusAddress } from '../../../../electron/engine/sync/status-server.ts'
import { planSync } from '../../../../electron/engine/sync/plan-sync.ts'
import { AppError } from '../../../../shared/errors.ts'
import { rejection } from '../../../helpers/client-calls.ts'
import { startFakeVenti, type FakeVenti } from '../../../helpers/fake-venti.ts'
import { healthyPartition } from '../../../helpers/fixtures.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import { dialOf, imageIn, stateDirIn, syncIn } from '../../../helpers/sync-runs.ts'

const indexPage = `index=main version=1 blocksize=8192 tabsize=524288
\tbuckets=3999 div=1074011
\tsect=isect for buckets [0,3999) buckmax=215
arena=arenas0 at index [1048576,9420800)
\tarena='arenas0' on /dev/sdC0/arenas at [802816,9191424)
\tversion=5 created=1795418193 modified=1795418193 mem=sealed disk=sealed inqueue
\tscore=959139d2fd1c5b9629b5c0a511c400719fa0d18c
\twritten: clumps=70 compressed clumps=0 data=2,037,464 compressed data=2,037,464 storage=2,041,874
\tindexed: clumps=12 compressed clumps=0 data=0 compressed data=0 storage=0
arena=arenas1 at index [9420800,17793024)
\tarena='arenas1' on /dev/sdC0/arenas at [9191424,17580032)
\tversion=5 created=0 modified=0
\twritten: clumps=2 compressed clumps=0 data=24 compressed data=24 storage=150
\tindexed: clumps=0 compressed clumps=0 data=0 compressed data=0 storage=0
`
const xindexPage = `<index name="main" version="1" blocksize="8192" tabsize="524288" buckets="3999" buckdiv="1074011">
\t<amaps>
\t\t<amap name="arenas0" start="1048576" stop="9420800"/>
\t</amaps>
\t<arenas>
\t\t<arena name="arenas0" version="5" partition="/dev/sdC0/arenas" blocksize="8192" start="802816" stop="819200" created="1795418193" modified="1795418193" sealed="yes" score="959139d2fd1c5b9629b5c0a511c400719fa0d18c" clumps="70" compressedclumps="0" data="24" compresseddata="24" storage="150"/>
\t\t<arena name="arenas1" version="5" partition="/dev/sdC0/arenas" blocksize="8192" start="9191424" stop="9207808" created="0" modified="0" clumps="2" compressedclumps="0" data="0" compresseddata="0" storage="0"/>
\t</arenas>
</index>
`
const both = [
  { name: 'arenas0', dataBase: 802816, clumps: 70 },
  { name: 'arenas1', dataBase: 9191424, clumps: 2 },
]

describe('pages', () => {
  test('of the real server', () => {
    expect(parseIndex(indexPage)).toEqual(both)
    expect(parseXindex(xindexPage)).toEqual(both)
  })

  test('of something else are none', () => {
    for (const text of ['', '<html><body>404</body></html>', 'index of /', indexPage.slice(1), '<indexes/>']) {
      expect(parseXindex(text)).toBe(null)
      if (!text.startsWith('index=')) expect(parseIndex(text)).toBe(null)
    }
    expect(parseXindex(indexPage)).toBe(null)
    expect(parseIndex(xindexPage)).toBe(null)
  })

  test('numbers that are none leave the arena out', () => {
    expect(parseXindex(xindexPage.replace('clumps="70"', 'clumps="7e1"'))).toEqual([both[1]])
    expect(parseXindex(xindexPage.replace('clumps="70"', 'clumps="99999999999999999999"'))).toEqual([both[1]])
    expect(parseXindex(xindexPage.replace('name="arenas0" version', 'name="" version'))).toEqual([both[1]])
    expect(parseIndex(indexPage.replace('[802816,', '[-802816,'))).toEqual([both[1]])
    expect(parseIndex(indexPage.replace('written: clumps=70', 'written: clumps='))).toEqual([both[1]])
  })

  test('any damage of them: an answer, in no time', () => {
    const began = performance.now()
    const edit = fc.record({ at: fc.nat(1200), cut: fc.nat(400), put: fc.string({ maxLength: 20 }) })
    fc.assert(
      fc.property(fc.constantFrom(indexPage, xindexPage), fc.array(edit, { maxLength: 6 }), (page, edits) => {
        let text = page
        for (const { at, cut, put } of edits) text = text.slice(0, at) + put + text.slice(at + cut)
        for (const arena of [...(parseIndex(text) ?? []), ...(parseXindex(text) ?? [])]) {
          expect(Number.isSafeInteger(arena.dataBase) && Number.isSafeInteger(arena.clumps)).toBe(true)
        }
      }),
      { numRuns: 3000 },
    )
    for (const text of [
      `<index ${'<arena '.repeat(400_000)}`,
      `index=${"\n\tarena='a' on ".repeat(200_000)}`,
      `${' '.repeat(3_000_000)}<`,
      `index=\n${'\t'.repeat(3_000_000)}`,
    ]) {
      parseIndex(text)
      parseXindex(text)
    }
    expect(performance.now() - began).toBeLessThan(15_000)
  })
})

describe('addresses', () => {
  test.each([
    ['localhost:8000', { host: 'localhost', port: 8000, text: 'http://localhost:8000' }],
    ['http://venti.home:8000/', { host: 'venti.home', port: 8000, text: 'http://venti.home:8000' }],
    ['venti', { host: 'venti', port: 80, text: 'http://venti:80' }],
    ['tcp!10.0.0.1!8000', { host: '10.0.0.1', port: 8000, text: 'http://10.0.0.1:8000' }],
    ['tcp!10.0.0.1!http', { host: '10.0.0.1', port: 80, text: 'http://10.0.0.1:80' }],
    ['[::1]:8000', { host: '::1', port: 8000, text: 'http://[::1]:8000' }],
    ['tcp!::1!8000', { host: '::1', port: 8000, text: 'http://[::1]:8000' }],
  ])('%s', (text, expected) => {
    expect(parseStatusAddress(text)).toEqual(expected)
  })

  test.each([
    ['', 'it is no address'],
    ['https://a', 'only http is spoken'],
    ['file:///etc/passwd', 'only http is spoken'],
    ['a:0', 'port 0 cannot be called'],
    ['a:99999', 'it is no address'],
    ['me:secret@a', 'it has a user name in it'],
    ['a/storage', 'it names a page'],
    ['a b', 'it is no address'],
  ])('not %j', (text, why) => {
    expect(() => parseStatusAddress(text)).toThrow(AppError)
    expect(() => parseStatusAddress(text)).toThrow(why)
  })
})

type Written = Readonly<Record<string, number>>

function pageFor(id: string, written: Written): string {
  const arenas = healthyPartition(id).arenas.map(
    ({ name, dataBase, clumps }) => `<arena name="${name}" start="${dataBase}" clumps="${written[name] ?? clumps}"/>`,
  )
  return `<index name="main" version="1">\n<arenas>\n${arenas.join('\n')}\n</arenas>\n</index>\n`
}

const textPageFor = (id: string): string =>
  [
    'index=main version=1 blocksize=8192 tabsize=524288',
    ...healthyPartition(id).arenas.flatMap(({ name, dataBase, stop, clumps }) => [
      `arena=${name} at index [1048576,2)`,
      `\tarena='${name}' on /dev/sdC0/arenas at [${dataBase},${stop})`,
      `\twritten: clumps=${clumps} compressed clumps=0 data=0 compressed data=0 storage=0`,
    ]),
  ].join('\n')

type Pages = (page: string, reply: ServerResponse, request: IncomingMessage) => void | Promise<void>

/** A status server on 127.0.0.1; `asked` are the pages in order. */
async function statusServer(pages: Pages): Promise<{ readonly address: string; readonly asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, reply) => {
    const page = (request.url ?? '').slice(1)
    asked.push(page)
    void pages(page, reply, request)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    return new Promise<void>((resolve) => server.close(() => resolve()))
  })
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

async function fake(): Promise<FakeVenti> {
  const venti = await startFakeVenti()
  onTestFinished(() => venti.close())
  return venti
}

describe('a sync', () => {
  test('of a server that has nothing in memory only', async () => {
    const folder = await scratchDir()
    const { address, asked } = await statusServer((_page, reply) => void reply.end(pageFor('seq-day2', {})))
    const { result, exit } = await syncIn(folder, await imageIn(folder, 'seq-day2'), [await fake()], {
      sourceHttp: address,
    })
    expect(result.sourceServer).toEqual({
      dial: null,
      http: `http://${address}`,
      synced: false,
      arenas: [{ name: 'arenas0', serverClumps: 361, diskClumps: 361 }],
      foundInMemory: 0,
      onlyInMemory: 0,
      flushed: false,
      waitedMs: 0,
    })
    expect({ exit, asked, warnings: result.warnings }).toEqual({ exit: 0, asked: ['xindex'], warnings: [] })
  })

  test('counts what stands behind a tail that lags, as on disk', async () => {
    const folder = await scratchDir()
    const { address } = await statusServer((_page, reply) => void reply.end(pageFor('seq-day2', {})))
    const source = await imageIn(folder, 'stale-trailer')
    const { result } = await syncIn(folder, source, [await fake()], { sourceHttp: address })
    expect(result.sourceServer).toMatchObject({
      arenas: [{ name: 'arenas0', serverClumps: 361, diskClumps: 361 }],
      onlyInMemory: 0,
    })
  })

  test('says how many blocks are only in memory, and what to add; without being asked it flushes nothing', async () => {
    const folder = await scratchDir()
    const { address, asked } = await statusServer((_page, reply) => void reply.end(pageFor('seq-day2', {})))
    const { result, exit, target } = await syncIn(folder, await imageIn(folder, 'seq-day1'), [await fake()], {
      sourceHttp: address,
    })
    expect({ exit, sent: target.sent, asked }).toEqual({ exit: 0, sent: 275, asked: ['xindex'] })
    expect(result.sourceServer).toMatchObject({ foundInMemory: 86, onlyInMemory: 86, flushed: false, waitedMs: 0 })
    expect(result.warnings).toEqual([
      "86 blocks are still only in the memory of the source's own server, and cannot be sent yet: add --source-venti DIAL or --flush-source, or run the sync again in a few minutes",
    ])
  })

  test('with --flush-source has them written, waits for them, and sends them', async () => {
    const folder = await scratchDir()
    const source = await imageIn(folder, 'seq-day1')
    let late = 2
    const { address, asked } = await statusServer(async (page, reply) => {
      if (page === 'xindex' && late-- === 0) await imageIn(folder, 'seq-day2')
      reply.end(page === 'xindex' ? pageFor('seq-day2', {}) : 'flushed dcache\n')
    })
    const { result, exit, target } = await syncIn(folder, source, [await fake()], {
      sourceHttp: address,
      flushSource: true,
    })
    expect({ exit, sent: target.sent }).toEqual({ exit: 0, sent: 361 })
    expect(asked.slice(0, 3)).toEqual(['xindex', 'flushdcache', 'xindex'])
    expect(result.sourceServer).toMatchObject({ foundInMemory: 86, onlyInMemory: 0, flushed: true })
    expect(result.sourceServer!.arenas).toEqual([{ name: 'arenas0', serverClumps: 361, diskClumps: 361 }])
    expect(result.warnings).toEqual([])
  })

  test('does not wait for ever', async () => {
    const folder = await scratchDir()
    const { address } = await statusServer((_page, reply) => void reply.end(pageFor('seq-day2', {})))
    const own = await fake()
    const { result, exit, target } = await syncIn(folder, await imageIn(folder, 'seq-day1'), [await fake()], {
      sourceHttp: address,
      sourceVenti: dialOf(own),
      flushWaitMs: 50,
    })
    expect({ exit, sent: target.sent, syncs: own.counters.syncs }).toEqual({ exit: 0, sent: 275, syncs: 1 })
    expect(result.sourceServer).toMatchObject({ synced: true, foundInMemory: 86, onlyInMemory: 86 })
    expect(result.sourceServer!.waitedMs).toBeLessThan(5000)
    expect(result.warnings.join()).toContain('though it was asked to write, and cannot be sent yet: add --flush-source')
  })

  test('a dry run asks and flushes nothing', async () => {
    const folder = await scratchDir()
    const { address, asked } = await statusServer((_page, reply) => void reply.end(pageFor('seq-day2', {})))
    const plan = await planSync({
      source: await imageIn(folder, 'seq-day1'),
      targets: [dialOf(await fake())],
      stateDir: stateDirIn(folder),
      environment: {},
      sourceHttp: address,
      flushSource: true,
    })
    expect(plan.sourceServer).toMatchObject({ foundInMemory: 86, onlyInMemory: 86, flushed: false })
    expect(asked).toEqual(['xindex'])
    expect(plan.warnings.join()).toContain('a flush is asked for when the sync itself runs')
  })

  test('an old server without /xindex is asked for /index', async () => {
    const folder = await scratchDir()
    const { address, asked } = await statusServer((page, reply) => {
      if (page === 'index') reply.end(textPageFor('seq-day3'))
      else reply.writeHead(404).end('not found')
    })
    const source = await imageIn(folder, 'seq-day3')
    const { result } = await syncIn(folder, source, [await fake()], { sourceHttp: address })
    expect(asked).toEqual(['xindex', 'index'])
    expect(result.sourceServer).toMatchObject({ onlyInMemory: 0 })
    expect(result.sourceServer!.arenas).toHaveLength(3)
  })

  test.each<[string, Pages, RegExp]>([
    [
      'of another venti',
      (_page, reply) => void reply.end(pageFor('bs32k-day3', {})),
      /serves another partition: .* stand elsewhere/,
    ],
    [
      'of no venti',
      (_page, reply) => void reply.end('<html>hello</html>'),
      /neither \/xindex nor \/index is a page of a venti/,
    ],
    ['that fails', (_page, reply) => void reply.writeHead(500).end(), /status 500/],
    [
      'that leads elsewhere',
      (_page, reply) => void reply.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      /status 302/,
    ],
    ['that ends early', (_page, reply) => void reply.write('<index ', () => reply.destroy()), /could not be read/],
    ['that never ends', (_page, reply) => pour(reply), /more than 16777216 bytes/],
  ])('beside a status server %s goes on, and says that nobody knows', async (_what, pages, words) => {
    const folder = await scratchDir()
    const { address } = await statusServer(pages)
    const { result, exit } = await syncIn(folder, await imageIn(folder, 'seq-day1'), [await fake()], {
      sourceHttp: address,
      flushSource: true,
    })
    expect({ exit, server: result.sourceServer }).toMatchObject({
      exit: 0,
      server: { foundInMemory: null, onlyInMemory: null, flushed: false, arenas: [] },
    })
    expect(result.warnings.join('\n')).toMatch(words)
  })

  test('nothing listens there', async () => {
    const folder = await scratchDir()
    const { result, exit } = await syncIn(folder, await imageIn(folder, 'seq-day1'), [await fake()], {
      sourceHttp: '127.0.0.1:1',
    })
    expect({ exit, memory: result.sourceServer!.onlyInMemory }).toEqual({ exit: 0, memory: null })
    expect(result.warnings.join()).toMatch(/http:\/\/127\.0\.0\.1:1\/xindex: .*ECONNREFUSED/)
  })

  test('a server that counts fewer blocks, or has other arenas as well, is named', async () => {
    const folder = await scratchDir()
    const page = pageFor('seq-day2', { arenas0: 5 }).replace(
      '</arenas>',
      '<arena name="more0" start="802816" clumps="3"/><arena name="more1" start="1" clumps="0"/></arenas>',
    )
    const { address } = await statusServer((_page, reply) => void reply.end(page))
    const { result } = await syncIn(folder, await imageIn(folder, 'seq-day2'), [await fake()], { sourceHttp: address })
    expect(result.sourceServer!.onlyInMemory).toBe(0)
    expect(result.warnings.join('\n')).toMatch(/counts fewer blocks in arenas0 than are on this disk/)
    expect(result.warnings.join('\n')).toMatch(/also stores into more0, which this source does not have/)
  })

  test('an address that is none is a mistake in the command', async () => {
    const folder = await scratchDir()
    const source = await imageIn(folder, 'seq-day1')
    const before = await readFile(source)
    const error = await rejection(syncIn(folder, source, [await fake()], { sourceHttp: 'https://a' }))
    expect(error.code).toBe('usage')
    expect((await readFile(source)).equals(before)).toBe(true)
  })
})

function pour(reply: ServerResponse): void {
  const piece = Buffer.alloc(1024 * 1024, 0x20)
  const more = (): void => {
    if (!reply.destroyed) reply.write(piece, more)
  }
  more()
}
