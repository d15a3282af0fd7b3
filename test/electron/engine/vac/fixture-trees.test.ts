// Every archive of the fixtures, read from the arenas it stands in, is what the tree that went into it says: paths, kinds,
// sizes, contents, modes, owners, times.

import { createHash } from 'node:crypto'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import type { AppError } from '../../../../shared/errors.ts'
import type { RootScore, Score } from '../../../../shared/model/score.ts'
import type { BlockSource } from '../../../../electron/engine/source/block-source.ts'
import { openSource } from '../../../../electron/engine/source/open-source.ts'
import { openArenaBlocks } from '../../../../electron/engine/vac/arena-blocks.ts'
import type { BlockStore } from '../../../../electron/engine/vac/block-store.ts'
import { openTree, type VacFile, type VacTree } from '../../../../electron/engine/vac/tree.ts'
import { ventiBlocks } from '../../../../electron/engine/vac/venti-blocks.ts'
import { openArenaPartition, type ArenaPartition } from '../../../../electron/engine/venti/arena/arena-partition.ts'
import { connectVenti } from '../../../../electron/engine/venti/client/client.ts'
import { parseDial } from '../../../../electron/engine/venti/client/dial.ts'
import { startServer } from '../../../../electron/engine/venti/server/server.ts'
import {
  expandFixture,
  fixture,
  fixtureIds,
  healthyPartition,
  loadFixture,
  treeManifest,
  type Fixture,
  type TreeEntry,
} from '../../../helpers/fixtures.ts'
import { memorySource } from '../../../helpers/memory-source.ts'
import { scratchDir } from '../../../helpers/scratch.ts'

/** In memory, but for the one that is mostly holes. */
async function sourceOf(id: string): Promise<BlockSource> {
  if (fixture(id).encoding !== 'extents') return memorySource(loadFixture(id), id)
  const path = `${await scratchDir()}/image`
  await expandFixture(id, path)
  const { partitions } = await openSource(path)
  const source = partitions[0] as BlockSource
  onTestFinished(() => source.close())
  return source
}

const inMemory = (id: string): Promise<ArenaPartition> => openArenaPartition(memorySource(loadFixture(id), id))
const scoreOf = (root: { readonly score: string }): RootScore => root.score.slice(4) as RootScore

/** The archive as its manifest would say it; problems and unreadable files by path. */
async function describeTree(
  tree: VacTree,
  from: VacFile,
): Promise<{ entries: Record<string, TreeEntry>; problems: string[] }> {
  const entries: Record<string, TreeEntry> = {}
  const problems: string[] = []
  const visit = async (dir: VacFile, prefix: string): Promise<void> => {
    for await (const listed of tree.list(dir)) {
      if (listed.kind === 'problem') {
        problems.push(`${prefix}: ${listed.message}`)
        continue
      }
      const { file } = listed
      const path = `${prefix}${file.name}`
      if (file.problem !== null) problems.push(`${path}: ${file.problem.message}`)
      const mode = (file.mode & 0o777).toString(8).padStart(3, '0')
      const { uid, gid, mtime } = file
      const common = { mode, uid, gid, mtime }
      if (file.isDirectory) {
        entries[path] = { kind: 'dir', ...common }
        await visit(file, `${path}/`)
        continue
      }
      try {
        const hash = createHash('sha256')
        for await (const bytes of tree.readFile(file)) hash.update(bytes)
        entries[path] = { kind: 'file', size: file.size, sha256: hash.digest('hex'), ...common }
      } catch (error) {
        problems.push(`${path}: ${(error as AppError).code}`)
      }
    }
  }
  await visit(from, '')
  return { entries, problems }
}

async function expectManifest(
  store: BlockStore,
  root: { readonly score: string; readonly tree?: string },
): Promise<void> {
  const manifest = treeManifest(root.tree as string)
  const tree = await openTree(store, scoreOf(root))
  const under = manifest.under === '/' ? tree.rootFile : await tree.lookup(`/${manifest.under}`)
  expect(await describeTree(tree, under)).toEqual({ entries: manifest.entries, problems: [] })
}

/** One fixture is a copy of another one as it was a day earlier: one of its archives is not there yet. */
const isWhole = ({ expected }: Fixture): boolean =>
  !('damage' in expected) && expected.roots.length > 0 && expected.roots.every(({ tree }) => tree !== undefined)

describe.each(fixtureIds(isWhole))('%s', (id) => {
  test('its trees are what was archived', async () => {
    const store = await openArenaBlocks(id, [await openArenaPartition(await sourceOf(id))])
    expect(store.count).toBe(healthyPartition(id).uniqueClumps)
    for (const root of healthyPartition(id).roots) await expectManifest(store, root)
  })

  test.each(healthyPartition(id).roots)('$label: what its root block says', async (expected) => {
    const partition = await openArenaPartition(await sourceOf(id))
    const { root } = await openTree(await openArenaBlocks(id, [partition]), scoreOf(expected))
    const prev =
      expected.prev === '0'.repeat(40) || expected.prev?.startsWith('da39a3ee') === true ? null : expected.prev
    const { name, type, blockSize } = root
    expect({ name, type, blockSize, prev: root.prev }).toEqual({
      name: expected.rootName,
      type: expected.rootType,
      blockSize: expected.blockSize,
      prev,
    })
  })
})

describe('through a venti server', () => {
  const closers: (() => Promise<void>)[] = []
  afterAll(async () => {
    for (const close of closers) await close()
  })

  async function served(id: string): Promise<BlockStore> {
    const path = `${await scratchDir()}/store`
    await expandFixture(id, path)
    const server = await startServer({ path, listen: { port: 0 } })
    closers.push(() => server.close())
    const dial = parseDial(server.dial)
    const store = ventiBlocks(await connectVenti(dial))
    closers.unshift(() => store.close())
    return store
  }

  test('both snapshots of a fossil are what was archived', async () => {
    const store = await served('fossil-venti')
    for (const root of healthyPartition('fossil-venti').roots) await expectManifest(store, root)
  })

  test('missing, damaged and longer blocks are told apart', async () => {
    const store = await served('seq-day1')
    const [root] = healthyPartition('seq-day1').roots
    const score = scoreOf(root as { score: string }) as string as Score
    const codeOf = async (read: Promise<unknown>): Promise<string> =>
      await read.then(
        () => 'read',
        (error: unknown) => (error as AppError).code,
      )
    expect(await codeOf(store.read(score, 1, 300))).toBe('read')
    expect(await codeOf(store.read(score, 1, 299))).toBe('bad-tree')
    expect(await codeOf(store.read(score, 13, 300))).toBe('block-missing')
    expect(await store.probe?.(score, 1)).toBe(300)
    expect(await store.probe?.(score, 13)).toBeNull()
  })
})

describe('blocks found in the logs', () => {
  test.each(['v4-day3', 'bs32k-day3-sealed'])('%s', async (id) => {
    const store = await openArenaBlocks(id, [await inMemory(id)], { from: 'logs' })
    expect(store.count).toBe(healthyPartition(id).uniqueClumps)
    await expectManifest(store, healthyPartition(id).roots.at(-1) as { score: string })
  })
})

describe('fossil', () => {
  test('the top of a snapshot holds active, archive and snapshot; archive holds this one, too', async () => {
    const tree = await openTree(
      await openArenaBlocks('fossil', [await inMemory('fossil-venti')]),
      scoreOf(healthyPartition('fossil-venti').roots[1] as { score: string }),
    )
    const names: string[] = []
    for await (const listed of tree.list(tree.rootFile))
      names.push(listed.kind === 'file' ? listed.file.name : 'problem')
    expect(names.toSorted()).toEqual(['active', 'archive', 'snapshot'])
    const { name, uid, isDirectory, problem } = tree.rootFile
    expect({ name, uid, isDirectory, problem }).toEqual({ name: 'root', uid: 'adm', isDirectory: true, problem: null })
    const { entries, problems } = await describeTree(tree, await tree.lookup('/archive'))
    expect(problems).toEqual([])
    const active = await describeTree(tree, await tree.lookup('active'))
    const days = Object.keys(entries).filter((path) => /^\d{4}\/\d{4}(\.\d+)?$/.test(path))
    expect(days).toHaveLength(2)
    const last = days.toSorted().at(-1) as string
    const under = Object.entries(entries).filter(([path]) => path.startsWith(`${last}/`))
    expect(Object.fromEntries(under.map(([path, entry]) => [path.slice(last.length + 1), entry]))).toEqual(
      active.entries,
    )
    expect((await tree.lookup(`/archive/${last}`)).mode & (1 << 20)).not.toBe(0)
  })
})

describe('damaged partitions, and one that lacks the end', () => {
  const spoiled = fixtureIds((one) => !isWhole(one) && (one.expected.roots ?? []).length > 0)

  test.each(spoiled)('%s: what can be read is read, and the rest is named', async (id) => {
    const { expected } = fixture(id)
    const store = await openArenaBlocks(id, [await inMemory(id)], { from: 'logs' })
    for (const root of expected.roots ?? []) {
      const unreadable = root.unreadableFiles ?? []
      for (const key of root.missingBlocks ?? []) {
        const [score, type] = key.split('/') as [Score, string]
        const failed = await store
          .read(score, { 0: 13, 8: 2, 16: 1 }[type] as number, 57344)
          .catch((error: unknown) => error)
        expect((failed as AppError).code).toMatch(/^block-(missing|corrupt)$/)
        expect((failed as AppError).message.includes(score)).toBe(type !== '16')
      }
      if (unreadable.includes('/ (root)')) {
        await expect(openTree(store, scoreOf(root))).rejects.toMatchObject({ code: /^block-/ })
        continue
      }
      const tree = await openTree(store, scoreOf(root))
      const { problems } = await describeTree(tree, tree.rootFile)
      expect(problems.map((text) => text.split(':')[0])).toEqual(unreadable)
    }
  })
})
