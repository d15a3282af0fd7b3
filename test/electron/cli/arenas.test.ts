// venti-mirror arenas against the manifest of the fixtures: the numbers come from the real programs. The built program is
// run, so this is also the test of design.md section 6 for this command.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  expandFixture,
  fixture,
  fixtureIds,
  healthyPartition,
  loadFixture,
  type ExpectedArena,
} from '../../helpers/fixtures.ts'
import { openScratchDir, type ScratchDir } from '../../helpers/scratch.ts'
import { runCli, runJson } from './run-cli.ts'

let scratch: ScratchDir
beforeAll(async () => {
  scratch = await openScratchDir()
})
afterAll(() => scratch.remove())

const healthy = fixtureIds(({ expected }) => 'arenas' in expected && !('damage' in expected))

type ListedArena = Readonly<Record<string, unknown>> & { readonly damage: readonly unknown[] }
type Listing = {
  readonly partition: Readonly<Record<string, unknown>>
  readonly partitions: readonly unknown[]
  readonly arenas: readonly ListedArena[]
  readonly damage: readonly Readonly<Record<string, unknown>>[]
}

function stateOf({ clumps, sealScore, tail }: ExpectedArena): string {
  if (!(tail.stored ?? tail.indexed).sealed) return clumps === 0 ? 'empty' : 'active'
  return sealScore === null ? 'full, seal pending' : 'sealed'
}

function expectedArena(arena: ExpectedArena, partition: string): ListedArena {
  return {
    partition,
    name: arena.name,
    offset: arena.start,
    dataBase: arena.dataBase,
    stop: arena.stop,
    size: arena.size,
    version: arena.version,
    clumps: arena.clumps,
    compressedClumps: arena.compressedClumps,
    used: arena.used,
    uncompressed: arena.uncompressed,
    state: stateOf(arena),
    sealScore: arena.sealScore,
    endOffset: arena.endOffsetHex,
    damage: [],
  }
}

async function image(id: string): Promise<string> {
  const folder = join(scratch.path, id)
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'arenas.img')
  await expandFixture(id, path)
  return path
}

describe.each(healthy)('%s', (id) => {
  test.each([[[]], [['--check']]])('arenas --json %j gives the values of the manifest', async (flags) => {
    const path = await image(id)
    const { document, status, stderr } = await runJson(['arenas', path, ...flags])
    const expected = healthyPartition(id)
    const { partition, partitions, arenas, damage } = document as Listing
    expect({ partition, partitions, arenas, damage, status, stderr }).toEqual({
      partition: {
        version: expected.partitionVersion,
        blockSize: expected.blockSize,
        arenaBase: expected.arenaBase,
        size: fixture(id).size,
        path,
      },
      partitions: [partition],
      arenas: expected.arenas.map((arena) => expectedArena(arena, path)),
      damage: [],
      status: 0,
      stderr: '',
    })
  })
})

test('the undamaged fixtures are all there', () => {
  expect(healthy).toEqual(
    expect.arrayContaining(['seq-day3', 'v4-day3-sealed', 'bs32k-day3', 'empty', 'seed-geometry']),
  )
})

test('--offsets prints the lines of ventioffsets, with the offsets of the original article', async () => {
  const path = await image('seed-geometry')
  const { stdout, status } = await runCli(['arenas', path, '--offsets'])
  const offsets = [794624, 537665536, 1074536448, 1611407360]
  expect(stdout.split('\n').slice(0, 4)).toEqual(offsets.map((offset, at) => `x arenas${at} ${offset} ${path}`))
  expect(status).toBe(0)
})

test('the text has a row for every arena', async () => {
  const { stdout, status } = await runCli(['arenas', await image('seq-day3-sealed'), '--check'])
  expect(stdout).toMatch(/arenas0 +794624 +sealed +503 .* 0x1f63e7 +[0-9a-f]{8}…/)
  expect(stdout).toMatch(/arenas2 +4988928 +active +197 .* 0x11b001/)
  expect(stdout).toContain('Checked 951 blocks, every one matches its score')
  expect(status).toBe(0)
})

test('several partitions of a venti configuration are listed in its order', async () => {
  const first = await image('seq-day3')
  const second = await image('v4-day3')
  const config = join(scratch.path, 'venti.conf')
  await writeFile(config, `index main\narenas ${second}\nisect /dev/null\narenas ${first}\n`)
  const { document } = await runJson(['arenas', config])
  const { partitions, arenas } = document as Listing
  expect(partitions.map((partition) => (partition as { path: string }).path)).toEqual([second, first])
  const names = [...healthyPartition('v4-day3').arenas, ...healthyPartition('seq-day3').arenas].map(({ name }) => name)
  expect(arenas.map((arena) => arena['name'])).toEqual(names)
})

describe('damage', () => {
  test('a bad table line is listed, its arena left out, exit status 3', async () => {
    const { document, status } = await runJson(['arenas', await image('bad-table')])
    const { arenas, damage } = document as Listing
    expect(status).toBe(3)
    expect(arenas.map((arena) => arena['name'])).toEqual(['arenas0', 'arenas1', 'arenas3', 'arenas4', 'arenas5'])
    expect(damage).toMatchObject([{ kind: 'table-line', arena: 'arenas2', clumpOffset: null }])
  })

  test('a flipped bit is found by --check, with the place and the score', async () => {
    const path = await image('bad-flip-plain')
    expect((await runJson(['arenas', path])).status).toBe(0)
    const { document, status } = await runJson(['arenas', path, '--check'])
    const { damage, arenas } = document as Listing
    const found = {
      kind: 'score-mismatch',
      arena: 'arenas1',
      offset: 823000,
      clumpOffset: 823000,
      score: '70ce3840b46b01527bae3d3ad58edd2d9a0f7548',
    }
    expect(status).toBe(3)
    expect(damage).toMatchObject([found])
    expect(arenas.find(({ name }) => name === 'arenas1')?.damage).toMatchObject([found])
  })

  test('the text says it in words; with --offsets that goes to standard error', async () => {
    const path = await image('bad-zero-head')
    const said = 'arenas1, byte 2891776: the head of the arena is destroyed'
    expect((await runCli(['arenas', path])).stdout).toContain(said)
    const { stdout, stderr, status } = await runCli(['arenas', path, '--offsets'])
    expect(stdout.trim().split('\n')).toHaveLength(6)
    expect(stderr).toContain(said)
    expect(status).toBe(3)
  })
})

/** The first line on standard error, the file's path in it replaced by FILE. */
async function complaintAbout(path: string): Promise<string> {
  const { status, stdout, stderr } = await runCli(['arenas', path])
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  const [first, ...advice] = stderr.trimEnd().split('\n')
  expect(advice.map((line) => line.slice(0, 8))).toEqual(['  safe: ', '  next: '])
  expect(first).toContain(path)
  return (first as string).replace(path, 'FILE')
}

async function complaint(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(scratch.path, name)
  await writeFile(path, bytes)
  return await complaintAbout(path)
}

describe('bad input: exit status 1 and one line with file, place, expected and found', () => {
  const header = 0x40000

  test('missing file', async () => {
    expect(await complaintAbout(join(scratch.path, 'nowhere'))).toMatch(/cannot open FILE .*no such file/)
  })

  test('folder', async () => {
    expect(await complaintAbout(scratch.path)).toMatch(/cannot open FILE .*folder/)
  })

  test('text file', async () => {
    expect(await complaint('notes.txt', Buffer.from('milk, bread\n'))).toMatch(/12 bytes .* 0x40000/)
  })

  test('truncated behind the header', async () => {
    const bytes = loadFixture('seq-day3').subarray(0, header + 600)
    expect(await complaint('truncated.img', bytes)).toMatch(/ends at 0x40258.*table at 0x42000/)
  })

  test('random bytes', async () => {
    const bytes = Buffer.alloc(1 << 20, 'venti')
    const found = bytes.readUInt32BE(header).toString(16)
    expect(await complaint('random.img', bytes)).toContain(`magic is 0x${found}, expected 0xa9e4a5e7`)
  })

  test('unknown version of the partition', async () => {
    const bytes = loadFixture('empty')
    bytes.writeUInt32BE(4, header + 4)
    expect(await complaint('version.img', bytes)).toMatch(/at 0x40000: version is 4, expected 3/)
  })

  test('with --json the error is the document', async () => {
    const { document, status, stderr } = await runJson(['arenas', join(scratch.path, 'nowhere')])
    expect(document).toMatchObject({ error: { code: 'source-open', message: expect.stringContaining('nowhere') } })
    expect(status).toBe(1)
    expect(stderr).toContain('no such file')
  })
})
