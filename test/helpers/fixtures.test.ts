// The stored fixtures are the ones README.md and the manifest describe, and every helper gives what it promises.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  clumpListHash,
  expandFixture,
  expectedBlocks,
  expectedBlocksHash,
  fixture,
  fixtureIds,
  fixtureManifest,
  fixturesFolder,
  healthyPartition,
  loadFixture,
  treeManifest,
} from './fixtures.ts'
import { scratchDir } from './scratch.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

describe('stored files', () => {
  test('README.md lists each with its SHA-256', async () => {
    const readme = await readFile(join(fixturesFolder, 'README.md'), 'utf8')
    const listed = [...readme.matchAll(/^([0-9a-f]{64}) {2}(\S+)$/gm)].map(([, hash, file]) => [file, hash])
    const samples = await filesUnder(join(fixturesFolder, '../../build/sample'))
    const stored = [...(await filesUnder(fixturesFolder)), ...samples].filter((path) => !path.endsWith('README.md'))
    const found = await Promise.all(
      stored.map(async (path) => [relative(fixturesFolder, path), sha256(await readFile(path))]),
    )
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(listed))
  })

  test('stay under 8 MB', async () => {
    const paths = [
      ...(await filesUnder(fixturesFolder)),
      ...(await filesUnder(join(fixturesFolder, '../../build/sample'))),
    ]
    const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size))
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(8e6)
  })
})

describe('fixtures', () => {
  test.each(fixtureIds(({ encoding }) => encoding !== 'extents'))('%s expands to what the manifest says', (id) => {
    expect(loadFixture(id).length).toBe(fixture(id).size)
  })

  test('a test may spoil what it got', () => {
    loadFixture('seq-day3').fill(0xff)
    loadFixture('bad-magic').fill(0xff)
    expect(sha256(loadFixture('seq-day3'))).toBe(fixture('seq-day3').sha256)
    expect(sha256(loadFixture('bad-magic'))).toBe(fixture('bad-magic').sha256)
  })

  test('the one with the geometry of a real machine is written as a sparse file', async () => {
    const path = join(await scratchDir(), 'seed-geometry.img')
    await expandFixture('seed-geometry', path)
    const { size, blocks } = await stat(path)
    expect(size).toBe(fixture('seed-geometry').size)
    expect(blocks * 512).toBeLessThan(4 * 2 ** 20)
    const { arenaTableText, tableBase } = healthyPartition('seed-geometry')
    const table: Buffer[] = []
    for await (const bytes of createReadStream(path, {
      start: tableBase,
      end: tableBase + arenaTableText.length - 1,
    })) {
      table.push(bytes as Buffer)
    }
    expect(Buffer.concat(table).toString()).toBe(arenaTableText)
  })

  test('patched and plain ones can be written to a file', async () => {
    const path = join(await scratchDir(), 'image')
    await expandFixture('bad-truncated', path)
    expect(sha256(await readFile(path))).toBe(fixture('bad-truncated').sha256)
  })

  test('lists of blocks are found by their hash', () => {
    for (const id of fixtureIds()) {
      const lines = expectedBlocks(id)
      if (lines !== null) expect([id, clumpListHash(lines)]).toEqual([id, expectedBlocksHash(id)])
    }
    const damagedWithout = [
      'bad-flip-plain',
      'bad-flip-compressed',
      'bad-magic',
      'bad-torn-counted',
      'bad-torn-uncounted',
    ]
    const without = fixtureIds().filter((id) => expectedBlocks(id) === null)
    expect(without).toEqual([...damagedWithout, 'bad-table', 'seed-geometry', 'fossil-venti-day1'])
    expect(expectedBlocks('empty')).toEqual([])
    expect(expectedBlocks('stale-trailer')).toHaveLength(healthyPartition('seq-day2').totalClumps)
  })

  test('every tree a root names is there', () => {
    const roots = fixtureManifest().fixtures.flatMap(({ expected }) => expected.roots ?? [])
    const trees = roots.flatMap(({ tree, score }) => (tree === undefined ? [] : [{ tree, score }]))
    expect(trees.length).toBeGreaterThan(0)
    for (const { tree, score } of trees) expect(treeManifest(tree).root).toBe(score)
  })
})
