// A restore that was interrupted or met gaps: what is complete is recognised and not fetched again, what differs is left
// alone, no half file ever has its final name, and one file's trouble is that file's alone.

import { readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { extractTree, type ExtractOptions } from '../../../../electron/engine/extract/extract.ts'
import { unfinishedName } from '../../../../electron/engine/extract/file-name.ts'
import { UnfinishedFile } from '../../../../electron/engine/extract/restore-folder.ts'
import { AppError } from '../../../../shared/errors.ts'
import type { ExtractResult } from '../../../../shared/model/extract.ts'
import type { RootScore } from '../../../../shared/model/score.ts'
import type { MemoryBlocks } from '../../../helpers/memory-blocks.ts'
import { restoredTree } from '../../../helpers/restored-tree.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import { noise } from '../../../helpers/store-calls.ts'
import { VacBuilder, type NodePlan } from '../../../helpers/vac-builder.ts'

const leafBytes = 8192
const dataType = 13

/** 20 files of several leaves in 4 folders, each of its own content. */
function sample(): { readonly store: MemoryBlocks; readonly root: RootScore; readonly contents: Map<string, Buffer> } {
  const builder = new VacBuilder()
  const contents = new Map<string, Buffer>()
  const folders: NodePlan[] = []
  for (let f = 0; f < 4; f++) {
    const children: NodePlan[] = []
    for (let n = 0; n < 5; n++) {
      const hole = Buffer.alloc(leafBytes * 2)
      const data = Buffer.concat([noise(f * 10 + n, leafBytes + 100), hole, noise(500 + f * 10 + n, leafBytes * 2)])
      contents.set(`f${f}/n${n}`, data)
      children.push({ name: `n${n}`, data, attributes: { mtime: 1_500_000_000 + n } })
    }
    folders.push({ name: `f${f}`, children })
  }
  return { store: builder.store, root: builder.archive(folders), contents }
}

async function expectWhole(into: string, contents: ReadonlyMap<string, Buffer>): Promise<void> {
  for (const [path, data] of contents) expect((await readFile(join(into, path))).equals(data), path).toBe(true)
  const files = Object.entries(await restoredTree(into)).filter(([, { kind }]) => kind === 'file')
  expect(files.map(([path]) => path).toSorted()).toEqual([...contents.keys()].toSorted())
}

/** Blocks of data that only this file has. */
const leafOf = (store: MemoryBlocks, data: Buffer): string => {
  const found = [...store.blocks].find(
    ([key, block]) => key.endsWith(`/${dataType}`) && data.subarray(0, leafBytes).equals(block),
  )
  return found![0]
}

const run = (store: MemoryBlocks, root: RootScore, folder: string, options: Partial<ExtractOptions> = {}) =>
  extractTree(store, root, { folder, ...options })

const summary = ({ files, skipped, failed }: ExtractResult) => ({ files, skipped, failed })

describe('a second run', () => {
  test('skips everything and fetches no data', async () => {
    const into = join(await scratchDir(), 'into')
    const { store, root, contents } = sample()
    expect(summary(await run(store, root, into))).toEqual({ files: 20, skipped: 0, failed: [] })
    for (const key of store.blocks.keys()) if (isFileData(store, key, contents)) store.blocks.delete(key)
    expect(summary(await run(store, root, into))).toEqual({ files: 0, skipped: 20, failed: [] })
    await expectWhole(into, contents)
  })

  test.each([
    ['content', (path: string, data: Buffer) => writeFile(path, spoiled(data, leafBytes - 1)), 1_500_000_000],
    [
      'a hole that is none',
      (path: string, data: Buffer) => writeFile(path, spoiled(data, 2.5 * leafBytes)),
      1_500_000_000,
    ],
    ['the last byte', (path: string, data: Buffer) => writeFile(path, spoiled(data, data.length - 1)), 1_500_000_000],
    ['size', (path: string, data: Buffer) => truncate(path, data.length - 1), 1_500_000_000],
    ['time', () => Promise.resolve(), 1_400_000_000],
  ] as const)('leaves a file that differs in %s, and replaces it with --force', async (_what, spoil, mtime) => {
    const into = join(await scratchDir(), 'into')
    const { store, root, contents } = sample()
    await run(store, root, into)
    const path = join(into, 'f0/n0')
    await spoil(path, contents.get('f0/n0')!)
    await utimes(path, mtime, mtime)
    const before = await readFile(path)
    const reason = 'a file that differs stands there already'
    expect(summary(await run(store, root, into))).toEqual({
      files: 0,
      skipped: 19,
      failed: [{ path: '/f0/n0', reason }],
    })
    expect((await readFile(path)).equals(before)).toBe(true)
    expect(summary(await run(store, root, into, { force: true }))).toEqual({ files: 1, skipped: 19, failed: [] })
    await expectWhole(into, contents)
    expect((await stat(path)).mtimeMs).toBe(1_500_000_000_000)
  })

  test('knows blocks that a writer left zeros at the end of', async () => {
    const into = await scratchDir()
    const builder = new VacBuilder()
    const block = Buffer.concat([Buffer.from('text'), Buffer.alloc(100)])
    const score = builder.store.put(dataType, block)
    const root = builder.archive([{ name: 'x', entry: { size: 104, depth: 0, score } }])
    await run(builder.store, root, into)
    expect(summary(await run(builder.store, root, into))).toEqual({ files: 0, skipped: 1, failed: [] })
  })

  test('a folder where a file belongs is never replaced', async () => {
    const into = await scratchDir()
    const { store, root } = sample()
    const other = new VacBuilder()
    await run(other.store, other.archive([{ name: 'f0', data: Buffer.from('x') }]), into)
    const first = await run(store, root, into, { force: true })
    expect(first.failed).toEqual([{ path: '/f0', reason: 'something that is not a folder is in the way' }])
    const second = await run(other.store, other.archive([{ name: 'f1', data: Buffer.from('x') }]), into, {
      force: true,
    })
    expect(second.failed).toEqual([{ path: '/f1', reason: 'a folder stands there already' }])
  })
})

function isFileData(store: MemoryBlocks, key: string, contents: ReadonlyMap<string, Buffer>): boolean {
  const block = store.blocks.get(key)!
  return key.endsWith(`/${dataType}`) && [...contents.values()].some((data) => data.includes(Buffer.from(block)))
}

function spoiled(data: Buffer, at: number): Buffer {
  const copy = Buffer.from(data)
  copy[at]! ^= 1
  return copy
}

describe('interrupted', () => {
  test('at any block, it leaves whole files only, and the next run finishes it', async () => {
    for (let at = 1; at < 70; at += 4) {
      const into = join(await scratchDir(), 'into')
      const { store, root, contents } = sample()
      const stop = new AbortController()
      const read = store.read.bind(store)
      let reads = 0
      store.read = (score, type, maxBytes) => {
        if (++reads === at) stop.abort()
        return read(score, type, maxBytes)
      }
      await expect(run(store, root, into, { signal: stop.signal })).rejects.toMatchObject({ code: 'cancelled' })
      const found = await restoredTree(into).catch(() => ({}))
      for (const [path, { kind }] of Object.entries(found)) {
        if (kind === 'file') expect((await readFile(join(into, path))).equals(contents.get(path)!), path).toBe(true)
      }
      const { skipped, files, failed } = await run(store, root, into)
      expect({ all: skipped + files, failed }).toEqual({ all: 20, failed: [] })
      await expectWhole(into, contents)
    }
  })

  test('by a venti that is gone, it says so and leaves no unfinished file', async () => {
    const into = join(await scratchDir(), 'into')
    const { store, root } = sample()
    const read = store.read.bind(store)
    let reads = 0
    store.read = (score, type, maxBytes) =>
      ++reads < 30 ? read(score, type, maxBytes) : Promise.reject(new AppError('connection-lost', 'gone'))
    await expect(run(store, root, into)).rejects.toMatchObject({ code: 'connection-lost' })
    expect((await readdir(into, { recursive: true })).filter((name) => name.includes('.venti-mirror-'))).toEqual([])
  })

  test('by a full disk, it stops at once and says so', async () => {
    const into = join(await scratchDir(), 'into')
    const { store, root } = sample()
    const full = new AppError('extract-write', 'the disk is full (ENOSPC)', {
      data: { code: 'ENOSPC', hopeless: true },
    })
    const write = vi.spyOn(UnfinishedFile.prototype, 'write').mockRejectedValue(full)
    onTestFinished(() => write.mockRestore())
    await expect(run(store, root, into)).rejects.toThrow('the disk is full')
    expect(write.mock.calls.length).toBeLessThanOrEqual(6)
    const files = Object.values(await restoredTree(into)).filter(({ kind }) => kind === 'file')
    expect(files).toEqual([])
  })

  test('by a kill, it leaves a file that the next run removes; one of a running program stays', async () => {
    const into = join(await scratchDir(), 'into')
    const { store, root, contents } = sample()
    await run(store, root, into)
    // No process has a number this large.
    const [dead, alive] = [
      unfinishedName(999_999_999, '0123456789abcdef'),
      unfinishedName(process.ppid, '0'.repeat(16)),
    ]
    for (const name of [dead, alive]) await writeFile(join(into, 'f1', name), 'half')
    await writeFile(join(into, 'f1', '.venti-mirror-mine'), 'mine')
    await run(store, root, into)
    const names = [...contents.keys()].flatMap((path) => (path.startsWith('f1/') ? [path.slice(3)] : []))
    expect((await readdir(join(into, 'f1'))).toSorted()).toEqual(['.venti-mirror-mine', alive, ...names].toSorted())
  })
})

describe('gaps', () => {
  test.each(['missing', 'corrupt'] as const)('one %s leaf costs one file, named with the reason', async (how) => {
    const into = join(await scratchDir(), 'into')
    const { store, root, contents } = sample()
    const key = leafOf(store, contents.get('f2/n3')!)
    const block = store.blocks.get(key)!
    if (how === 'missing') store.blocks.delete(key)
    else store.corrupt.add(key)
    const { files, failed } = await run(store, root, into)
    expect({ files, paths: failed.map(({ path }) => path) }).toEqual({ files: 19, paths: ['/f2/n3'] })
    expect(failed[0]!.reason).toContain(key.slice(0, 40))
    const rest = new Map(contents)
    rest.delete('f2/n3')
    await expectWhole(into, rest)
    // Once it is there, only that file is fetched.
    store.corrupt.clear()
    store.blocks.set(key, block)
    expect(summary(await run(store, root, into))).toEqual({ files: 1, skipped: 19, failed: [] })
    await expectWhole(into, contents)
  })

  test('a lost directory block costs that directory, and its own attributes are still set', async () => {
    const into = join(await scratchDir(), 'into')
    const builder = new VacBuilder()
    const inner = builder.directory([{ name: 'gone', data: Buffer.from('gone') }])
    const children: readonly NodePlan[] = [
      { name: 'd', children: [{ name: 'gone', data: Buffer.from('gone') }], attributes: { mtime: 4_000_000 } },
      { name: 'e', data: Buffer.from('e') },
    ]
    const root = builder.archive(children)
    builder.store.blocks.delete(`${inner.meta.score}/${dataType}`)
    const { failed, files, directories } = await run(builder.store, root, into)
    expect({ paths: failed.map(({ path }) => path), files, directories }).toEqual({
      paths: ['/d'],
      files: 1,
      directories: 1,
    })
    expect((await restoredTree(into))['d']).toMatchObject({ kind: 'dir', mtime: 4_000_000 })
  })

  test('without its root nothing is made, not even the folder', async () => {
    const folder = await scratchDir()
    const { store } = sample()
    const score = '1'.repeat(40) as RootScore
    await expect(run(store, score, join(folder, 'into'))).rejects.toMatchObject({ code: 'block-missing' })
    const { store: full, root } = sample()
    await expect(run(full, root, join(folder, 'into'), { path: '/nope' })).rejects.toMatchObject({
      code: 'no-such-path',
    })
    expect(await readdir(folder)).toEqual([])
  })

  test('a file where the folder should be is refused', async () => {
    const path = join(await scratchDir(), 'file')
    await writeFile(path, 'mine')
    const { store, root } = sample()
    await expect(run(store, root, path)).rejects.toMatchObject({ code: 'extract-refused' })
    expect(await readFile(path, 'utf8')).toBe('mine')
  })

  test('failures beyond a thousand are counted', async () => {
    const builder = new VacBuilder()
    const children = Array.from({ length: 1500 }, (): NodePlan => ({ name: '..' }))
    const { failed, unlisted } = await run(builder.store, builder.archive(children), await scratchDir())
    expect([failed.length, unlisted]).toEqual([1000, 500])
  })
})

test('no more than a few files are open and a few blocks asked for at a time', async () => {
  const { store, root, contents } = sample()
  const into = join(await scratchDir(), 'into')
  await run(store, root, into)
  await expectWhole(into, contents)
  // 6 files and 5 folders, each with at most 16 blocks ahead.
  expect(store.most).toBeGreaterThan(6)
  expect(store.most).toBeLessThanOrEqual((6 + 5) * 16)
})
