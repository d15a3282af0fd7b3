// Archives as the window looks into them: both snapshots of a fossil, a directory of a hundred thousand names, files as text
// and as bytes, with few connections that end by themselves.

import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { DirectoryListings } from '../../../electron/service/directory-listing.ts'
import { OpenTrees } from '../../../electron/service/open-trees.ts'
import { readsAsText } from '../../../electron/service/reads-as-text.ts'
import { openTree } from '../../../electron/engine/vac/tree.ts'
import type { RootScore } from '../../../shared/model/score.ts'
import type { RootId, TreeEntry, TreePage } from '../../../shared/model/window.ts'
import { startFakeVenti, type BlockKey, type FakeVenti } from '../../helpers/fake-venti.ts'
import { healthyPartition, treeManifest } from '../../helpers/fixtures.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { VacBuilder, type NodePlan } from '../../helpers/vac-builder.ts'
import { filledFake, rootOf } from '../../helpers/verify-runs.ts'
import { problemIn, verifyServiceIn } from '../../helpers/verify-service.ts'

async function ventiWith(nodes: readonly NodePlan[]): Promise<{ venti: FakeVenti; root: RootScore }> {
  const venti = await startFakeVenti()
  onTestFinished(() => venti.close())
  const builder = new VacBuilder()
  const root = builder.archive(nodes)
  for (const [key, data] of builder.store.blocks) venti.blocks.set(key as BlockKey, data)
  return { venti, root }
}

async function look(nodes: readonly NodePlan[]) {
  const { venti, root } = await ventiWith(nodes)
  const service = verifyServiceIn(await scratchDir())
  const asked = { root: service.context.roots.idOf(root), dial: venti.dial.text }
  return {
    venti,
    service,
    list: async (path: string, from = 0, count = 100) =>
      await service.handlers['tree.list']({ ...asked, path, from, count }),
    preview: async (path: string, offset = 0) => await service.handlers['tree.preview']({ ...asked, path, offset }),
  }
}

const bytesOf = (base64: string): Buffer => Buffer.from(base64, 'base64')
const names = ({ entries }: TreePage): string[] => entries.map(({ name }) => name)

describe('a fossil', () => {
  test.each(healthyPartition('fossil-venti').roots)('$label', async ({ score, tree }) => {
    const folder = await scratchDir()
    const { venti } = await filledFake(folder, 'fossil-venti')
    const service = verifyServiceIn(folder)
    const asked = { root: service.context.roots.idOf(rootOf(score)), dial: venti.dial.text, from: 0, count: 5000 }
    const top = await service.handlers['tree.list']({ ...asked, path: '/' })
    expect(names(top)).toEqual(['active', 'archive', 'snapshot'])
    const { entries } = treeManifest(tree as string)
    const found: Record<string, TreeEntry> = {}
    const walk = async (path: string): Promise<void> => {
      const page = await service.handlers['tree.list']({ ...asked, path })
      expect(page).toMatchObject({ path, total: page.entries.length, problems: [] })
      const kinds = page.entries.map(({ kind }) => kind)
      expect(kinds.lastIndexOf('directory')).toBeLessThan(
        Math.max(1, kinds.filter((one) => one === 'directory').length),
      )
      for (const entry of page.entries) {
        expect(entry.path).toBe(`${path}/${entry.name}`)
        found[entry.path.slice('/active/'.length)] = entry
        if (entry.kind === 'directory') await walk(entry.path)
      }
    }
    await walk('/active')
    expect(Object.keys(found).toSorted()).toEqual(Object.keys(entries).toSorted())
    for (const [path, { size, mode, mtime, uid }] of Object.entries(entries)) {
      expect(found[path]).toMatchObject({
        size: size ?? 0,
        ...(mode ? { mode } : {}),
        ...(mtime ? { mtime, uid } : {}),
      })
    }
    expect(JSON.stringify([top, found])).not.toContain(score.slice(4))
    expect(venti.connections).toBe(1)
  })
})

describe('a directory of 100,000 names', () => {
  const count = 100_000
  const nodes = Array.from({ length: count }, (_, i): NodePlan => ({ name: `file-${String(i).padStart(6, '0')}` }))

  test('is read once, in order, and every page comes from what was read', async () => {
    const small = { name: 'inner', children: [{ name: 'x' }] }
    const { venti, list, preview } = await look([{ name: 'large', children: [...nodes.toReversed(), small] }])
    const first = await list('/large', 0, 200)
    expect([first.total, first.problems, names(first).slice(0, 3)]).toEqual([
      count + 1,
      [],
      ['inner', 'file-000000', 'file-000001'],
    ])
    const { reads } = venti.counters
    const last = await list('/large', count - 9, 200)
    expect(names(last)).toEqual(Array.from({ length: 10 }, (_, n) => `file-0${count - 10 + n}`))
    expect(last.entries.at(-1)?.path).toBe('/large/file-099999')
    expect((await list('/large', count + 1, 200)).entries).toEqual([])
    expect((await list('large//', 500, 2)).entries).toHaveLength(2)
    expect(venti.counters.reads).toBe(reads)
    expect(await preview('/large/file-099000')).toMatchObject({ size: 0, isText: true })
    // One answer has a bound whatever is asked for.
    expect((await list('/large', 0, 1_000_000)).entries).toHaveLength(5000)
  }, 60_000)
})

describe('listings', () => {
  test('a directory with more names than can be held is cut, and says so', async () => {
    const builder = new VacBuilder()
    const root = builder.archive(Array.from({ length: 30 }, (_, i) => ({ name: `f${i}` })))
    const limits = { maxEntries: 20, maxListings: 2, maxFiles: 2 }
    const listings = new DirectoryListings(await openTree(builder.store, root), limits)
    const page = await listings.page('/', 0, 100)
    expect([page.total, page.problems]).toEqual([20, [{ path: '/', message: expect.stringMatching(/only 20 of its/) }]])
  })

  test('the ones looked at last are kept, the others read again', async () => {
    const builder = new VacBuilder()
    const children = [{ name: 'x' }]
    const root = builder.archive(['a', 'b', 'c'].map((name) => ({ name, children })))
    const limits = { maxEntries: 100, maxListings: 2, maxFiles: 10 }
    const listings = new DirectoryListings(await openTree(builder.store, root), limits)
    const readsFor = async (path: string): Promise<number> => {
      const before = builder.store.reads
      await listings.page(path, 0, 1)
      return builder.store.reads - before
    }
    for (const path of ['/a', '/b']) expect(await readsFor(path)).toBeGreaterThan(0)
    expect(await readsFor('/a')).toBe(0)
    expect(await readsFor('/c')).toBeGreaterThan(0)
    expect(await readsFor('/a')).toBe(0)
    expect(await readsFor('/b')).toBeGreaterThan(0)
  })

  test('a hole in a directory is told, and seen again once it is healed', async () => {
    const wide = Array.from({ length: 400 }, (_, i) => ({ name: `name-${i}` }))
    const { venti, list } = await look([{ name: 'dir', children: wide }])
    // A block of names: one of those with the magic number of a meta block.
    const [key, block] = [...venti.blocks].find(([, data]) => {
      return data.length > 1000 && Buffer.from(data).readUInt32BE(0) === 0x5656fc79
    }) as [BlockKey, Uint8Array]
    venti.blocks.delete(key)
    const page = await list('/dir')
    expect(page.total).toBeLessThan(400)
    expect(page.problems).toEqual([{ path: '/dir', message: expect.stringContaining('cannot be read') }])
    venti.blocks.set(key, block)
    expect(await list('/dir')).toMatchObject({ total: 400, problems: [] })
  })

  test('what is no directory, and what is not there', async () => {
    const { list, venti } = await look([{ name: 'file', data: Buffer.from('x') }])
    expect(await problemIn(list('/file'))).toMatchObject({ code: 'no-such-path' })
    expect(await problemIn(list('/nowhere'))).toMatchObject({ code: 'no-such-path' })
    // The connection is none the worse for it.
    expect([names(await list('/')), venti.counters.connections]).toEqual([['file'], 1])
  })
})

describe('a preview', () => {
  const text = 'Käse und Brot\n'.repeat(10_000)
  const nodes = [
    { name: 'text', data: Buffer.from(text) },
    { name: 'binary', data: Buffer.from([1, 2, 0, 255, 254]) },
    { name: 'empty', data: Buffer.alloc(0) },
    { name: 'holes', data: Buffer.from('x'), stream: { size: 3_000_000 } },
    { name: 'dir', children: [] },
  ]

  test('of a text: 64 KiB at a time, to its end', async () => {
    const { preview } = await look(nodes)
    const size = Buffer.byteLength(text)
    const pieces: Buffer[] = []
    for (let offset = 0; offset < size;) {
      const piece = await preview('/text', offset)
      expect(piece).toMatchObject({ path: '/text', size, offset, isText: true })
      pieces.push(bytesOf(piece.bytes))
      offset += pieces.at(-1)!.length
      expect(pieces.at(-1)!.length).toBeLessThanOrEqual(65_536)
    }
    expect(pieces).toHaveLength(3)
    expect(Buffer.concat(pieces).toString()).toBe(text)
  })

  test('of bytes, of nothing, of a hole', async () => {
    const { preview } = await look(nodes)
    const binary = await preview('/binary')
    expect([binary.isText, [...bytesOf(binary.bytes)]]).toEqual([false, [1, 2, 0, 255, 254]])
    expect(await preview('/empty')).toMatchObject({ size: 0, bytes: '', isText: true })
    const hole = await preview('/holes', 2_000_000)
    expect([hole.size, bytesOf(hole.bytes).equals(Buffer.alloc(65_536)), hole.isText]).toEqual([3_000_000, true, false])
    expect(bytesOf((await preview('/holes', 2_999_999)).bytes)).toHaveLength(1)
    expect((await preview('/holes', 3_000_000)).bytes).toBe('')
  })

  test('of what has no bytes there', async () => {
    const { preview } = await look(nodes)
    expect(await problemIn(preview('/dir'))).toMatchObject({ code: 'no-such-path' })
    expect(await problemIn(preview('/text', 1e9))).toMatchObject({ code: 'usage' })
  })

  test.each([
    ['plain', 'a\tb\r\nc\f', true],
    ['a byte order mark', '\uFEFFa', true],
    ['escape', 'a\u001b[1m', false],
    ['zero', 'a\0b', false],
    ['C1', 'a\u0085b', false],
    ['four bytes a character', '😀', true],
  ])('%s', (_, given, expected) => {
    expect(readsAsText(Buffer.from(given), { isStart: true, isEnd: true })).toBe(expected)
  })

  test('a character cut by the piece, and by the file', () => {
    const cut = Buffer.from('Käse').subarray(0, 2)
    expect(readsAsText(cut, { isStart: true, isEnd: false })).toBe(true)
    expect(readsAsText(cut, { isStart: true, isEnd: true })).toBe(false)
    const rest = Buffer.from('Käse').subarray(2)
    expect(readsAsText(rest, { isStart: false, isEnd: true })).toBe(true)
    expect(readsAsText(rest, { isStart: true, isEnd: true })).toBe(false)
    expect(readsAsText(Buffer.from([0x80, 0x80, 0x80, 0x80]), { isStart: false, isEnd: true })).toBe(false)
  })
})

describe('connections', () => {
  test('one for an archive on a target, few at a time, and none when closed', async () => {
    const { venti, root } = await ventiWith([{ name: 'x' }])
    const others = await Promise.all([1, 2, 3].map(async (i) => await ventiWith([{ name: `x${i}` }])))
    const trees = new OpenTrees({ environment: {}, maxOpen: 2 })
    const first = async (): Promise<number> =>
      await trees.use(root, venti.dial.text, async ({ listings }) => (await listings.page('/', 0, 1)).total)
    expect(await Promise.all([first(), first(), first()])).toEqual([1, 1, 1])
    expect(venti.counters.connections).toBe(1)
    for (const other of others) await trees.use(other.root, other.venti.dial.text, () => Promise.resolve())
    await vi.waitFor(() =>
      expect([venti, ...others.map((one) => one.venti)].map((one) => one.connections)).toEqual([0, 0, 1, 1]),
    )
    expect(await first()).toBe(1)
    await trees.close()
    await vi.waitFor(() =>
      expect(venti.connections + others.reduce((sum, one) => sum + one.venti.connections, 0)).toBe(0),
    )
    await expect(first()).rejects.toMatchObject({ code: 'cancelled' })
  })

  test('ends when nobody looked for a while', async () => {
    const { venti, root } = await ventiWith([{ name: 'x' }])
    const trees = new OpenTrees({ environment: {}, idleMs: 1 })
    await trees.use(root, venti.dial.text, () => Promise.resolve())
    await vi.waitFor(() => expect([trees.open, venti.connections]).toEqual([0, 0]))
  })

  test('a target that was down is asked anew', async () => {
    const { venti, service, list } = await look([{ name: 'x' }])
    await venti.close()
    expect(await problemIn(list('/'))).toMatchObject({ code: 'connect-failed' })
    await venti.restart()
    expect(names(await list('/'))).toEqual(['x'])
    await service.close()
    expect(await problemIn(list('/'))).toMatchObject({ code: 'cancelled' })
  })

  test('a root that is not there, one that is no tree, an id that nobody was given; never the score (R10)', async () => {
    const { venti, service } = await look([{ name: 'x' }])
    const list = async (root: RootId) =>
      await problemIn(service.handlers['tree.list']({ root, dial: venti.dial.text, path: '/', from: 0, count: 1 }))
    const gone = '12345678'.repeat(5) as RootScore
    const missing = await list(service.context.roots.idOf(gone))
    expect(missing.code).toBe('block-missing')
    expect(JSON.stringify(missing)).not.toContain(gone)
    expect(await list('nothing' as RootId)).toMatchObject({ code: 'usage' })
  })
})
