// One partition on three days, mirrored with one state folder: what is sent, to the block, against what the real wrarena
// sent (`incremental` in the manifest); then the ways a mirror can lose its place. Targets: a fake venti in both protocol
// versions and in another order of replies, and the embedded server.

import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { planSync } from '../../../../electron/engine/sync/plan-sync.ts'
import { readHistory } from '../../../../electron/engine/state/history.ts'
import { connectVenti } from '../../../../electron/engine/venti/client/client.ts'
import { parseDial } from '../../../../electron/engine/venti/client/dial.ts'
import { createStore } from '../../../../electron/engine/venti/server/create-store.ts'
import { startServer } from '../../../../electron/engine/venti/server/server.ts'
import { sha1 } from '../../../../electron/engine/hash/sha1.ts'
import { rejection } from '../../../helpers/client-calls.ts'
import { startFakeVenti, type FakeBehaviour, type FakeVenti } from '../../../helpers/fake-venti.ts'
import { clumpListHash, expectedBlocks, healthyPartition, loadFixture } from '../../../helpers/fixtures.ts'
import { buildPartition, prose } from '../../../helpers/image-builder.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import {
  blocksOf,
  clumpLog,
  cursorsIn,
  dialOf,
  imageIn,
  keyOf,
  onlyMirror,
  stateDirIn,
  stateFiles,
  syncIn,
  type AnyTarget,
  type LoggedClump,
} from '../../../helpers/sync-runs.ts'

const mebibyte = 1024 * 1024

/** A target with a way to list what it holds. */
type ListedTarget = { readonly target: AnyTarget; readonly blocks: () => Promise<readonly string[]> }

async function fake(behaviour: Partial<FakeBehaviour> = {}): Promise<FakeVenti> {
  const venti = await startFakeVenti(behaviour)
  onTestFinished(() => venti.close())
  return venti
}

async function listedFake(behaviour: Partial<FakeBehaviour>): Promise<ListedTarget> {
  const venti = await fake(behaviour)
  return { target: venti, blocks: () => Promise.resolve(blocksOf(venti)) }
}

/** What it holds is asked for block by block; `all` must be everything it could hold, or the counts differ. */
async function listedEmbedded(all: readonly LoggedClump[]): Promise<ListedTarget> {
  const path = join(await scratchDir(), 'target')
  await createStore(path, { sizeBytes: 16 * mebibyte, arenaBytes: 2 * mebibyte })
  const server = await startServer({ path, listen: { port: 0 } })
  onTestFinished(() => server.close())
  const blocks = async (): Promise<readonly string[]> => {
    const client = await connectVenti(parseDial(server.dial))
    const found: string[] = []
    for (const clump of all) {
      const data = await client.read(clump.score, clump.type).catch(() => null)
      if (data !== null) found.push(`${sha1(data)}/${clump.type}/${data.length}`)
    }
    await client.close()
    expect(server.stats().blocks).toBe(found.length)
    return found.toSorted()
  }
  return { target: server, blocks }
}

const kinds: readonly { readonly name: string; readonly make: () => Promise<ListedTarget> }[] = [
  { name: 'version 04', make: () => listedFake({ versions: ['04'] }) },
  { name: 'version 02', make: () => listedFake({ versions: ['02'] }) },
  { name: 'shuffled replies', make: () => listedFake({ shuffleSeed: 7 }) },
  { name: 'one byte at a time', make: () => listedFake({ oneByteAtATime: true }) },
  { name: 'no probes', make: () => listedFake({ probes: 'empty' }) },
  { name: 'the embedded server', make: () => listedEmbedded(clumpLog('seq-day3')) },
]

describe.each(kinds)('day after day to $name', ({ make }) => {
  test('sends exactly what is new, crosses two arenas, and then nothing', async () => {
    const folder = await scratchDir()
    const { target, blocks } = await make()
    const checkDay = async (id: string, after: string | null): Promise<void> => {
      const source = await imageIn(folder, id)
      const day = await syncIn(folder, source, [target])
      const expected = healthyPartition(id)
      const increment = expected.incremental?.find((one) => one.after === after)
      const news = increment?.newClumps ?? expected.totalClumps
      expect({ exit: day.exit, sent: day.target.sent, present: day.target.present, blocks: day.target.blocks }).toEqual(
        { exit: 0, sent: news, present: 0, blocks: news },
      )
      const segments = increment?.segments ?? [
        {
          arena: 'arenas0',
          fromOffset: '0x0',
          toOffset: expected.arenas[0]!.endOffsetHex,
          clumps: news,
          uncompressed: expected.arenas[0]!.uncompressed,
        },
      ]
      expect(day.target.arenas).toEqual(
        segments.map(({ arena, fromOffset, toOffset, clumps, uncompressed }) => ({
          name: arena,
          from: Number(fromOffset),
          to: Number(toOffset),
          blocks: clumps,
          sent: clumps,
          present: 0,
          bytesSent: uncompressed,
        })),
      )
      expect(await blocks()).toEqual(expectedBlocks(id))
    }
    await checkDay('seq-day1', null)
    await checkDay('seq-day2', 'day1')
    await checkDay('seq-day3', 'day2')

    const again = await syncIn(folder, join(folder, 'source.img'), [target])
    expect({ exit: again.exit, blocks: again.target.blocks, bytes: again.target.bytesSent }).toEqual({
      exit: 0,
      blocks: 0,
      bytes: 0,
    })
    expect(again.result.bytesRead).toBeLessThan(16 * 1024)

    const history = await readHistory(stateDirIn(folder), (await onlyMirror(folder)).name)
    expect(
      history.map((line) => (line.kind === 'run' ? line.targets[0]!.sent : `${line.fromArena} ${line.toArena}`)),
    ).toEqual([275, 86, 'arenas0 arenas1', 'arenas1 arenas2', 590, 0])
  })
})

test('the rollovers of the third day name the arenas, their ends and their offsets', async () => {
  const folder = await scratchDir()
  const venti = await fake()
  await syncIn(folder, await imageIn(folder, 'seq-day2'), [venti])
  const { result } = await syncIn(folder, await imageIn(folder, 'seq-day3'), [venti])
  const [first, second, third] = healthyPartition('seq-day3').arenas
  expect(result.rollovers).toEqual(
    [
      { from: first!, to: second! },
      { from: second!, to: third! },
    ].map(({ from, to }) => ({
      dial: dialOf(venti),
      fromArena: from.name,
      fromOffset: from.used,
      toArena: to.name,
      toArenaOffset: to.start,
    })),
  )
})

test('the third day after the first, without the second', async () => {
  const folder = await scratchDir()
  const venti = await fake()
  await syncIn(folder, await imageIn(folder, 'seq-day1'), [venti])
  const { target, exit } = await syncIn(folder, await imageIn(folder, 'seq-day3'), [venti])
  expect({ sent: target.sent, exit }).toEqual({ sent: 676, exit: 0 })
  expect(blocksOf(venti)).toEqual(expectedBlocks('seq-day3'))
})

const bulk = [
  'seq-day3',
  'seq-day3-flushed',
  'seq-day3-sealed',
  'v4-day3',
  'v4-day3-sealed',
  'bs32k-day3',
  'bs32k-day3-sealed',
  'fossil-venti',
]

describe.each(bulk)('a first copy of %s', (id) => {
  test('brings every block, and a second run reads next to nothing', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = await imageIn(folder, id)
    const first = await syncIn(folder, source, [venti])
    const { uniqueClumps, totalClumps, clumpListSha256, arenas } = healthyPartition(id)
    expect({ exit: first.exit, blocks: first.target.blocks, damage: first.result.damage }).toEqual({
      exit: 0,
      blocks: totalClumps,
      damage: [],
    })
    expect({ count: venti.blocks.size, hash: clumpListHash(blocksOf(venti)) }).toEqual({
      count: uniqueClumps,
      hash: clumpListSha256,
    })
    const full = arenas.filter(({ clumps }) => clumps > 0)
    expect(first.result.rollovers).toHaveLength(full.length - 1)
    const cursors = cursorsIn(await onlyMirror(folder), venti)
    expect(Object.entries(cursors).map(([name, { offset, clumps }]) => ({ name, offset, clumps }))).toEqual(
      full.map(({ name, used, clumps }) => ({ name, offset: used, clumps })),
    )
    const second = await syncIn(folder, source, [venti])
    expect({ exit: second.exit, blocks: second.target.blocks }).toEqual({ exit: 0, blocks: 0 })
    expect(second.result.bytesRead).toBeLessThan(16 * 1024)
  })
})

test('flushing and sealing the source is nothing new', async () => {
  const folder = await scratchDir()
  const venti = await fake()
  await syncIn(folder, await imageIn(folder, 'seq-day3'), [venti])
  for (const id of ['seq-day3-flushed', 'seq-day3-sealed']) {
    const run = await syncIn(folder, await imageIn(folder, id), [venti])
    expect({ exit: run.exit, blocks: run.target.blocks, id }).toEqual({ exit: 0, blocks: 0, id })
    expect(run.result.bytesRead).toBeLessThan(16 * 1024)
  }
})

test('an empty partition is a success with nothing in it', async () => {
  const folder = await scratchDir()
  const venti = await fake()
  const { exit, target, result } = await syncIn(folder, await imageIn(folder, 'empty'), [venti])
  expect({ exit, ok: target.ok, blocks: target.blocks, damage: result.damage, held: venti.blocks.size }).toEqual({
    exit: 0,
    ok: true,
    blocks: 0,
    damage: [],
    held: 0,
  })
  // A run that ends well asked for a sync, even with nothing sent (R8).
  expect(venti.counters.syncs).toBe(1)
})

describe('cursors that were lost', () => {
  test('the target has everything: nothing is sent', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = await imageIn(folder, 'seq-day3')
    await syncIn(folder, source, [venti])
    await rm(stateDirIn(folder), { recursive: true })
    const writes = venti.counters.writes
    const { exit, target } = await syncIn(folder, source, [venti])
    expect({ exit, sent: target.sent, present: target.present, bytesSent: target.bytesSent }).toEqual({
      exit: 0,
      sent: 0,
      present: 951,
      bytesSent: 0,
    })
    expect(venti.counters.writes).toBe(writes)
  })

  test.each([
    ['the first half', (index: number) => index < 475],
    ['the second half', (index: number) => index >= 475],
    ['every third', (index: number) => index % 3 === 0],
  ])('the target has %s: it ends complete', async (_name, has) => {
    const folder = await scratchDir()
    const venti = await fake()
    const log = clumpLog('seq-day3')
    const full = await fake()
    const source = await imageIn(folder, 'seq-day3')
    await syncIn(folder, source, [full])
    const kept = log.filter((_, index) => has(index))
    for (const clump of kept) venti.blocks.set(keyOf(clump), full.blocks.get(keyOf(clump))!)
    await rm(stateDirIn(folder), { recursive: true })
    const { exit, target } = await syncIn(folder, source, [venti])
    expect(exit).toBe(0)
    expect(blocksOf(venti)).toEqual(expectedBlocks('seq-day3'))
    expect(target.sent + target.present).toBe(951)
    expect(venti.counters.newBlocks).toBe(951 - kept.length)
  })

  test('the first half is there: at most a window of it is sent again', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    await syncIn(folder, await imageIn(folder, 'seq-day2'), [venti])
    await rm(stateDirIn(folder), { recursive: true })
    const { target } = await syncIn(folder, await imageIn(folder, 'seq-day3'), [venti])
    expect({ sent: target.sent, present: target.present }).toEqual({ sent: 590, present: 361 })
  })
})

describe('an audit', () => {
  test('asks for every block, sends what is missing, and moves no cursor back', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = await imageIn(folder, 'seq-day3')
    await syncIn(folder, source, [venti])
    const before = cursorsIn(await onlyMirror(folder), venti)
    const missing = clumpLog('seq-day3').filter((_, index) => index % 100 === 17)
    for (const clump of missing) venti.blocks.delete(keyOf(clump))
    const { exit, target } = await syncIn(folder, source, [venti], { audit: true })
    expect({ exit, sent: target.sent, present: target.present }).toEqual({
      exit: 0,
      sent: missing.length,
      present: 951 - missing.length,
    })
    expect(blocksOf(venti)).toEqual(expectedBlocks('seq-day3'))
    expect(cursorsIn(await onlyMirror(folder), venti)).toEqual(before)
  })

  test('of a target that answers no probes sends everything', async () => {
    const folder = await scratchDir()
    const venti = await fake({ probes: 'data' })
    const source = await imageIn(folder, 'seq-day1')
    await syncIn(folder, source, [venti])
    const { target } = await syncIn(folder, source, [venti], { audit: true })
    expect({ sent: target.sent, present: target.present }).toEqual({ sent: 275, present: 0 })
  })
})

describe('a dry run', () => {
  async function treeOf(path: string): Promise<readonly (readonly [string, string])[]> {
    const names = await readdir(path, { recursive: true }).catch(() => [])
    const files = names
      .toSorted((a, b) => a.localeCompare(b))
      .map(async (name) => {
        const about = await stat(join(path, name))
        const content = about.isFile() ? sha1(await readFile(join(path, name))) : 'folder'
        return [name, `${content} ${about.mtimeMs} ${about.ino}`] as const
      })
    return await Promise.all(files)
  }

  test('of a first copy says what would be sent, and leaves no trace', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = await imageIn(folder, 'seq-day3')
    const options = { source, targets: [dialOf(venti)], stateDir: stateDirIn(folder), environment: {} }
    const plan = await planSync(options)
    const expected = healthyPartition('seq-day3').arenas.filter(({ clumps }) => clumps > 0)
    expect(plan.targets).toEqual([
      {
        dial: dialOf(venti),
        error: null,
        arenas: expected.map(({ name, used, clumps, uncompressed }) => ({
          name,
          from: 0,
          to: used,
          blocks: clumps,
          bytes: uncompressed,
        })),
        blocks: 951,
        bytes: expected.reduce((sum, { uncompressed }) => sum + uncompressed, 0),
        freeBytes: null,
        fits: null,
      },
    ])
    expect(await treeOf(stateDirIn(folder))).toEqual([])
    expect(venti.counters).toMatchObject({ writes: 0, syncs: 0, probes: 0 })
  })

  test('of an increment counts from the cursors and changes no byte of the state', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    await syncIn(folder, await imageIn(folder, 'seq-day2'), [venti])
    const source = await imageIn(folder, 'seq-day3')
    // A broken file of another mirror stays where it is, too.
    await writeFile(join(stateDirIn(folder), 'mirrors', 'other.json'), '{"schema":1')
    const before = await treeOf(stateDirIn(folder))
    const { writes, syncs } = venti.counters
    const options = { source, targets: [dialOf(venti)], stateDir: stateDirIn(folder), environment: {} }
    const plan = await planSync(options)
    const { segments, newClumps } = healthyPartition('seq-day3').incremental!.find(({ after }) => after === 'day2')!
    expect(plan.targets[0]).toMatchObject({
      blocks: newClumps,
      arenas: segments.map(({ arena, fromOffset, toOffset, clumps, uncompressed }) => ({
        name: arena,
        from: Number(fromOffset),
        to: Number(toOffset),
        blocks: clumps,
        bytes: uncompressed,
      })),
    })
    expect(plan.warnings).toEqual([expect.stringContaining('other.json')])
    expect(await treeOf(stateDirIn(folder))).toEqual(before)
    expect(venti.counters).toMatchObject({ writes, syncs })
    expect(plan.bytesRead).toBeLessThan(16 * 1024)
  })

  test('says whether it fits where the server says what is free, and which target cannot be reached', async () => {
    const folder = await scratchDir()
    const make = async (name: string, sizeBytes: number): Promise<string> => {
      await createStore(join(folder, name), { sizeBytes, arenaBytes: mebibyte })
      const server = await startServer({ path: join(folder, name), listen: { port: 0 } })
      onTestFinished(() => server.close())
      return server.dial
    }
    const gone = await startFakeVenti()
    await gone.close()
    const targets = [await make('large', 16 * mebibyte), await make('small', 3 * mebibyte), dialOf(gone)]
    const source = await imageIn(folder, 'seq-day3')
    const plan = await planSync({ source, targets, stateDir: stateDirIn(folder), environment: {} })
    expect(plan.targets.map(({ fits, error }) => ({ fits, reached: error === null }))).toEqual([
      { fits: true, reached: true },
      { fits: false, reached: true },
      { fits: null, reached: false },
    ])
  })

  test('of an audit counts everything', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = await imageIn(folder, 'seq-day1')
    await syncIn(folder, source, [venti])
    const options = { source, targets: [dialOf(venti)], stateDir: stateDirIn(folder), environment: {} }
    expect((await planSync(options)).targets[0]!.blocks).toBe(0)
    expect((await planSync({ ...options, audit: true })).targets[0]!.blocks).toBe(275)
  })
})

test('--limit keeps to the rate', async () => {
  const folder = await scratchDir()
  const venti = await fake()
  const began = performance.now()
  const { target, exit } = await syncIn(folder, await imageIn(folder, 'seq-day1'), [venti], {
    limitBytesPerSecond: 600_000,
  })
  const seconds = (performance.now() - began) / 1000
  expect({ exit, sent: target.sent }).toEqual({ exit: 0, sent: 275 })
  // 783204 bytes, of which a tenth of a second's worth is free; slower is only a loaded machine.
  expect(seconds).toBeGreaterThan(783_204 / 600_000 - 0.15)
  expect(seconds).toBeLessThan(12)
})

describe('a mirror by its name', () => {
  test('needs neither path nor targets', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    await syncIn(folder, await imageIn(folder, 'seq-day1'), [venti], { mirrorName: 'home' })
    await imageIn(folder, 'seq-day2')
    const { result, target } = await syncIn(folder, 'home', [])
    expect({ mirror: result.mirror, dial: target.dial, sent: target.sent }).toEqual({
      mirror: 'home',
      dial: dialOf(venti),
      sent: 86,
    })
  })

  test('with other targets adds them and leaves the first where it was', async () => {
    const folder = await scratchDir()
    const first = await fake()
    const second = await fake()
    await syncIn(folder, await imageIn(folder, 'seq-day1'), [first], { mirrorName: 'home' })
    await imageIn(folder, 'seq-day2')
    const { target } = await syncIn(folder, 'home', [second])
    expect({ sent: target.sent, first: first.blocks.size }).toEqual({ sent: 361, first: 275 })
    const mirror = await onlyMirror(folder)
    expect(mirror.targets.map(({ dial }) => dial)).toEqual([dialOf(first), dialOf(second)])
    const both = await syncIn(folder, 'home', [])
    expect(both.result.targets.map(({ dial, sent }) => ({ dial, sent }))).toEqual([
      { dial: dialOf(first), sent: 86 },
      { dial: dialOf(second), sent: 0 },
    ])
  })

  test('that does not exist is a source that cannot be opened, and leaves no state', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const error = await rejection(syncIn(folder, 'nobody', [venti]))
    expect(error.code).toBe('source-open')
    expect(await stateFiles(folder)).toEqual([])
  })

  test('and a path without any target says what is missing', async () => {
    const folder = await scratchDir()
    const error = await rejection(syncIn(folder, await imageIn(folder, 'seq-day1'), []))
    expect({ code: error.code, message: error.message }).toEqual({
      code: 'usage',
      message: 'no target: name at least one with --to DIAL',
    })
    expect(await stateFiles(folder)).toEqual([])
  })
})

describe('a venti configuration', () => {
  /** The second partition with arenas of its own names, as a venti with two partitions has them. */
  function renamed(id: string): Buffer {
    const image = loadFixture(id)
    // Same length, so that the table, the heads and the tails keep their places.
    for (let at = image.indexOf('arenas'); at >= 0; at = image.indexOf('arenas', at + 1)) {
      if (/^arenas[0-9]$/.test(image.toString('latin1', at, at + 7))) image.write('backup', at, 'latin1')
    }
    return image
  }

  test('with two partitions is one source in fill order', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    await mkdir(join(folder, 'disks'))
    await imageIn(join(folder, 'disks'), 'seq-day3', 'one.img')
    await writeFile(join(folder, 'disks', 'two.img'), renamed('v4-day3'))
    const configuration = join(folder, 'venti.conf')
    await writeFile(configuration, 'index main\nisect isect0\narenas disks/one.img\narenas disks/two.img\nmem 4m\n')
    const { exit, target, result } = await syncIn(folder, configuration, [venti])
    expect({ exit, damage: result.damage, blocks: target.blocks }).toEqual({ exit: 0, damage: [], blocks: 951 + 603 })
    expect(blocksOf(venti)).toEqual(
      [...new Set([...expectedBlocks('seq-day3')!, ...expectedBlocks('v4-day3')!])].toSorted(),
    )
    expect(target.arenas.map(({ name }) => name)).toEqual([
      'arenas0',
      'arenas1',
      'arenas2',
      'backup0',
      'backup1',
      'backup2',
    ])
    const again = await syncIn(folder, configuration, [venti])
    expect({ exit: again.exit, blocks: again.target.blocks }).toEqual({ exit: 0, blocks: 0 })
    expect(again.result.bytesRead).toBeLessThan(16 * 1024)
  })

  test('whose partitions have arenas of the same name is refused', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    await imageIn(folder, 'seq-day1', 'one.img')
    await imageIn(folder, 'v4-day3', 'two.img')
    await writeFile(join(folder, 'venti.conf'), 'index main\narenas one.img\narenas two.img\n')
    const error = await rejection(syncIn(folder, join(folder, 'venti.conf'), [venti]))
    expect(error.code).toBe('bad-config')
    expect(await stateFiles(folder)).toEqual([])
    expect(venti.counters.connections).toBe(0)
  })
})

test('a byte range of a larger file is a source, and goes on as such', async () => {
  const folder = await scratchDir()
  const venti = await fake()
  const disk = join(folder, 'disk.img')
  const day = async (id: string): Promise<string> => {
    const image = loadFixture(id)
    await writeFile(disk, Buffer.concat([Buffer.alloc(32 * 512, 0xaa), image, Buffer.alloc(4096, 0x55)]))
    return `${disk}:${32 * 512}-${32 * 512 + image.length}`
  }
  expect((await syncIn(folder, await day('seq-day1'), [venti])).target.sent).toBe(275)
  const { target, exit } = await syncIn(folder, await day('seq-day3'), [venti])
  expect({ sent: target.sent, exit }).toEqual({ sent: 676, exit: 0 })
  expect(blocksOf(venti)).toEqual(expectedBlocks('seq-day3'))
})

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
  'an arena named %s is an arena like any other',
  async (name) => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = join(folder, 'source.img')
    const blocks = Array.from({ length: 12 }, (_, i) => ({ data: prose(900, i) }))
    const put = async (count: number): Promise<void> => {
      const arenas = [{ name, sizeBytes: 256 * 1024, blocks: blocks.slice(0, count) }]
      await writeFile(source, buildPartition({ arenas }).bytes)
    }
    await put(7)
    const options = { source, targets: [dialOf(venti)], stateDir: stateDirIn(folder), environment: {} }
    expect((await planSync(options)).targets[0]!.blocks).toBe(7)
    const sent: number[] = []
    for (const count of [7, 12, 12]) {
      await put(count)
      const run = await syncIn(folder, source, [venti])
      expect(run.exit).toBe(0)
      sent.push(run.target.sent)
    }
    expect({ sent, held: venti.blocks.size }).toEqual({ sent: [7, 5, 0], held: 12 })
  },
)

test('two equal targets cost one read of the source', async () => {
  const folder = await scratchDir()
  const [one, two] = [await fake(), await fake()]
  const source = await imageIn(folder, 'seq-day3')
  const alone = await syncIn(folder, source, [one])
  await rm(stateDirIn(folder), { recursive: true })
  one.blocks.clear()
  const both = await syncIn(folder, source, [one, two])
  expect(both.result.targets.map(({ sent, ok }) => ({ sent, ok }))).toEqual([
    { sent: 951, ok: true },
    { sent: 951, ok: true },
  ])
  expect(both.result.bytesRead).toBe(alone.result.bytesRead)
})
