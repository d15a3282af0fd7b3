// Files change hands between the embedded server and the original: each takes over what the other wrote, finds nothing to
// complain about, serves every block, and gives it back. The same blocks make the same logs.

import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { connectVenti } from '../../electron/engine/venti/client/client.ts'
import { parseDial } from '../../electron/engine/venti/client/dial.ts'
import { decodeArenaTable } from '../../electron/engine/venti/format/arena-table.ts'
import { decodeArenaTail, type ArenaTail } from '../../electron/engine/venti/format/arena-tail.ts'
import { clumpHeaderBytes, clumpStoredSize } from '../../electron/engine/venti/format/clump.ts'
import { createStore } from '../../electron/engine/venti/server/create-store.ts'
import { startServer, type RunningServer } from '../../electron/engine/venti/server/server.ts'
import { sha1 } from '../../electron/engine/hash/sha1.ts'
import type { Score } from '../../shared/model/score.ts'
import { writeBlock } from '../helpers/client-calls.ts'
import { expandFixture, expectedBlocks, healthyPartition, treeManifest } from '../helpers/fixtures.ts'
import { realVenti, type RealVenti, type VentiServer } from '../helpers/real-venti.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { fileBytes, noise, prose } from '../helpers/store-calls.ts'

const venti = realVenti()
const mebibyte = 2 ** 20
const sizes = { sizeBytes: 12 * mebibyte, arenaBytes: mebibyte }
const blockSize = 8192
const arenaBase = 794624

const ask = async (server: VentiServer, path: string): Promise<void> =>
  void (await (await fetch(`http://127.0.0.1:${server.httpPort}/${path}`)).text())

/** Has it index everything and write the tails that say so. Left alone it first waits for two quiet minutes. */
async function flushIndex(server: VentiServer): Promise<void> {
  for (const name of ['l0quantum', 'l1quantum', 'icachesleeptime', 'arenasumsleeptime']) {
    await ask(server, `set?name=${name}&value=0`)
  }
  for (const cache of ['flushdcache', 'flushicache', 'flushdcache']) await ask(server, cache)
}

async function ours(path: string): Promise<RunningServer> {
  const server = await startServer({ path, listen: { port: 0 } })
  onTestFinished(() => server.close().catch(() => undefined))
  return server
}

type FoundArena = { readonly name: string; readonly log: Buffer; readonly tail: ArenaTail; readonly hasSeal: boolean }

/** Every arena of the file that holds something. */
async function arenasIn(path: string): Promise<FoundArena[]> {
  const image = await fileBytes(path)
  const table = image.subarray(270336, arenaBase)
  const limits = { arenaBase, blockSize, usableBytes: image.length - (image.length % blockSize) }
  return decodeArenaTable(table, limits).entries.flatMap(({ name, start, stop }) => {
    const tail = decodeArenaTail(image.subarray(stop - blockSize, stop))
    if (typeof tail === 'string') throw new Error(tail)
    if (tail.stored.clumps === 0) return []
    const base = start + blockSize
    const hasSeal = image.subarray(stop - 20, stop).some((byte) => byte !== 0)
    return [{ name, log: image.subarray(base, base + tail.stored.used), tail, hasSeal }]
  })
}

/** Sends the arenas of a fixture with the original's own tool. */
async function wrarena(real: RealVenti, id: string, dial: string): Promise<void> {
  const image = join(await scratchDir(), id)
  await expandFixture(id, image)
  const sent = await real.runOk('wrarena', ['-h', dial, '-o', String(healthyPartition(id).arenaBase), image])
  expect(sent.stderr).not.toMatch(/mismatched|failed|error/i)
}

/** Every block of these fixtures can be read from the server, whole. */
async function expectBlocks(dial: string, ...ids: readonly string[]): Promise<void> {
  const client = await connectVenti(parseDial(dial))
  const lines = new Set(ids.flatMap((id) => expectedBlocks(id)!))
  for (const line of lines) {
    const [score, type, size] = line.split('/') as [Score, string, string]
    const data = await client.read(score, Number(type))
    if (data.length !== Number(size)) throw new Error(`${line}: ${data.length} bytes`)
  }
  await client.close()
}

async function expectTrees(real: RealVenti, id: string, dial: string): Promise<void> {
  for (const root of healthyPartition(id).roots) {
    const { entries, under } = treeManifest(root.tree!)
    const into = await scratchDir()
    expect(await real.restoreTree(dial, root.score, into, under)).toEqual(entries)
  }
}

/** No tool of the original finds anything wrong; sealed arenas verify. */
async function expectSound(real: RealVenti, path: string): Promise<void> {
  const quick = await real.runOk('checkarenas', [path])
  expect(quick.stdout + quick.stderr).toBe('')
  const whole = await real.runOk('checkarenas', ['-a', path])
  const complaints = (whole.stdout + whole.stderr)
    .split('\n')
    // What it prints for every arena that it walks from the beginning, a thousand clumps at a time.
    .filter((line) => line !== '' && !/^arena \S+: fix=0 flush=0 /.test(line))
  expect(complaints).toEqual([])
  const verified = (await real.runOk('verifyarena', ['-v', path])).stderr
  expect(verified).not.toMatch(/mismatch|corrupt|wrong|warning/)
  for (const { name, hasSeal } of await arenasIn(path)) {
    if (hasSeal) expect(verified).toMatch(new RegExp(`${name}: verified score`))
  }
}

describe.skipIf(venti === null)('a file of the embedded server', () => {
  const real = venti!

  test('is taken over by a real venti, arena by arena and block by block', { timeout: 120_000 }, async () => {
    const folder = await scratchDir()
    const path = join(folder, 'store')
    await createStore(path, sizes)
    const server = await ours(path)
    await wrarena(real, 'seq-day3', server.dial)
    await expectBlocks(server.dial, 'seq-day3')
    await expectTrees(real, 'seq-day3', server.dial)
    await server.close()

    const arenas = await arenasIn(path)
    expect(arenas.filter(({ hasSeal }) => hasSeal).length).toBeGreaterThanOrEqual(2)
    expect(arenas.filter(({ hasSeal }) => !hasSeal)).toHaveLength(1)
    await expectSound(real, path)

    const taken = await real.serve(join(folder, 'real'), path)
    onTestFinished(() => taken.stop())
    await expectBlocks(taken.dial, 'seq-day3')
    await expectTrees(real, 'seq-day3', taken.dial)
    // And it goes on where we stopped.
    const client = await connectVenti(parseDial(taken.dial))
    const score = await writeBlock(client, noise(77, 5000))
    await client.sync()
    await client.close()
    await taken.stop()

    const again = await ours(path)
    const back = await connectVenti(parseDial(again.dial))
    expect(sha1(await back.read(score, 13))).toBe(score)
    await back.close()
    await again.close()
    await expectSound(real, path)
  })

  test('that a real venti took over is left to it: its counters are not touched', { timeout: 120_000 }, async () => {
    const folder = await scratchDir()
    const path = join(folder, 'store')
    await createStore(path, sizes)
    const first = await ours(path)
    const client = await connectVenti(parseDial(first.dial))
    await writeBlock(client, noise(1, 9000))
    await client.close()
    await first.close()
    const taken = await real.serve(join(folder, 'real'), path)
    onTestFinished(() => taken.stop())
    await flushIndex(taken)
    await taken.stop()
    const [indexed] = await arenasIn(path)
    expect(indexed!.tail.indexed.clumps).toBe(1)

    const second = await ours(path)
    await wrarena(real, 'seq-day1', second.dial)
    await second.close()
    for (const { tail, hasSeal } of await arenasIn(path)) {
      expect([hasSeal, tail.indexed.clumps <= 1, tail.indexed.sealed]).toEqual([false, true, false])
    }
    // With the index it has, which knows nothing of what we added.
    await taken.run()
    await expectBlocks(taken.dial, 'seq-day1')
  })
})

describe.skipIf(venti === null)('a file of a real venti', () => {
  const real = venti!

  test.each([
    ['its index behind its arenas', false],
    ['its index flushed', true],
  ])('is extended by us and taken back with the index it had (%s)', { timeout: 120_000 }, async (_, flush) => {
    const folder = await scratchDir()
    const server = await real.start(folder, { partitionSizeBytes: sizes.sizeBytes, arenaSize: '1M' })
    onTestFinished(() => server.stop())
    const path = join(folder, 'arenas')
    await wrarena(real, 'seq-day1', server.dial)
    await real.runOk('sync', ['-h', server.dial])
    if (flush) await flushIndex(server)
    await server.kill()
    const before = await arenasIn(path)
    expect(before.some(({ tail }) => tail.indexed.clumps > 0)).toBe(flush)

    const ourServer = await ours(path)
    await wrarena(real, 'seq-day3', ourServer.dial)
    await expectBlocks(ourServer.dial, 'seq-day1', 'seq-day3')
    await ourServer.close()
    await expectSound(real, path)
    const between = await arenasIn(path)
    expect(between.length).toBeGreaterThan(before.length)
    for (const [i, { tail }] of between.entries()) {
      expect(tail.indexed).toEqual(
        before[i]?.tail.indexed ?? { clumps: 0, compressedClumps: 0, used: 0, uncompressed: 0, sealed: false },
      )
    }

    await server.run()
    await expectBlocks(server.dial, 'seq-day1', 'seq-day3')
    await expectTrees(real, 'seq-day3', server.dial)
    // It indexes what we wrote, and seals the arenas we filled.
    await flushIndex(server)
    const full = between.filter(({ tail }) => tail.stored.sealed).length
    expect(full).toBeGreaterThanOrEqual(2)
    await vi.waitFor(
      async () => {
        await ask(server, 'flushdcache')
        expect((await arenasIn(path)).filter(({ hasSeal }) => hasSeal)).toHaveLength(full)
      },
      { timeout: 20_000, interval: 200 },
    )
    await server.stop()
    for (const { tail } of await arenasIn(path)) expect(tail.indexed).toEqual(tail.stored)
    await expectSound(real, path)
  })
})

/** A log without what is different by nature: the arena's magic and the time of each clump. */
function comparable(log: Buffer): string {
  const copy = Buffer.from(log)
  for (let at = 0; at < copy.length; at += clumpHeaderBytes + clumpStoredSize(copy, at)) {
    copy.fill(0, at, at + 4)
    copy.fill(0, at + 34, at + 38)
  }
  return sha1(copy)
}

describe.skipIf(venti === null)('the same blocks in the same order', () => {
  const real = venti!

  test('make the same arenas: bytes, rollovers, counters', { timeout: 120_000 }, async () => {
    const folder = await scratchDir()
    const server = await real.start(folder, { partitionSizeBytes: sizes.sizeBytes, arenaSize: '1M' })
    onTestFinished(() => server.stop())
    const path = join(folder, 'store')
    await createStore(path, sizes)
    const ourServer = await ours(path)
    const clients = [await connectVenti(parseDial(server.dial)), await connectVenti(parseDial(ourServer.dial))]
    for (let i = 0; i < 700; i++) {
      // Sizes of all kinds, repeats among them, enough for several rollovers.
      const size = [4, 60, 700, 3000, 8192, 20_000, 57_344][i % 7]!
      const seed = i % 50 === 49 ? i - 7 : i
      const data = seed % 2 === 0 ? noise(seed, size) : prose(seed, size)
      for (const client of clients) await writeBlock(client, data, [13, 2, 3, 1][i % 4])
    }
    for (const client of clients) {
      await client.sync()
      await client.close()
    }
    await server.stop()
    await ourServer.close()
    const [theirs, mine] = [await arenasIn(join(folder, 'arenas')), await arenasIn(path)]
    expect(mine.length).toBeGreaterThanOrEqual(4)
    const summary = (arenas: readonly FoundArena[]) =>
      arenas.map(({ name, log, tail }) => ({ name, stored: tail.stored, log: comparable(log) }))
    expect(summary(mine)).toEqual(summary(theirs))
  })
})

test.skipIf(venti === null)('the real read and write tools work with the embedded server', async () => {
  const real = venti!
  const path = join(await scratchDir(), 'store')
  await createStore(path, sizes)
  const server = await ours(path)
  const block = Buffer.from('written by the original')
  const { stdout } = await real.runOk('write', ['-h', server.dial], { input: block })
  const { stdoutBytes } = await real.runOk('read', ['-h', server.dial, stdout.trim()])
  expect(stdoutBytes).toEqual(block)
  await real.runOk('sync', ['-h', server.dial])
})
