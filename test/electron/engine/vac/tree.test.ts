// Archives the fixtures do not have: old versions, links and devices, gaps and lies in directories, deep and wide ones, and
// names that no file system would take.

import { describe, expect, test } from 'vitest'
import type { RootScore } from '../../../../shared/model/score.ts'
import { openTree, type Listed, type VacFile, type VacTree } from '../../../../electron/engine/vac/tree.ts'
import { harmlessName } from '../../../../electron/engine/vac/text.ts'
import {
  nameBytesOf,
  VacBuilder,
  withoutZeros,
  entryBytesOf,
  rootBytesOf,
  type NodePlan,
} from '../../../helpers/vac-builder.ts'

const text = (words: string): Uint8Array => Buffer.from(words)

async function listOf(tree: VacTree, dir: VacFile = tree.rootFile): Promise<Listed[]> {
  const all: Listed[] = []
  for await (const listed of tree.list(dir)) all.push(listed)
  return all
}

async function filesOf(tree: VacTree, dir: VacFile = tree.rootFile): Promise<VacFile[]> {
  return (await listOf(tree, dir)).map((listed) => {
    if (listed.kind === 'problem') throw new Error(listed.message)
    return listed.file
  })
}

async function read(tree: VacTree, path: string): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const bytes of tree.readFile(await tree.lookup(path))) parts.push(bytes)
  return Buffer.concat(parts).toString()
}

async function archive(
  children: readonly NodePlan[],
  options: ConstructorParameters<typeof VacBuilder>[0] & { fossil?: boolean } = {},
): Promise<VacTree> {
  const builder = new VacBuilder(options)
  return await openTree(builder.store, builder.archive(children, { fossil: options.fossil === true }))
}

const someTree: readonly NodePlan[] = [
  { name: 'a', data: text('first') },
  { name: 'empty', data: new Uint8Array(0) },
  {
    name: 'dir',
    gap: 3,
    children: [
      { name: 'b', data: text('second') },
      { name: 'none', children: [] },
    ],
  },
]

describe('what writers make', () => {
  test.each([7, 8, 9])('directory entries of version %d', async (version) => {
    for (const fossil of [false, true]) {
      const tree = await archive(someTree, { version, fossil })
      expect((await filesOf(tree)).map(({ path, size, isDirectory }) => [path, size, isDirectory])).toEqual([
        ['/a', 5, false],
        ['/empty', 0, false],
        ['/dir', 0, true],
      ])
      expect(await read(tree, '/dir/b')).toBe('second')
      expect(await read(tree, 'a')).toBe('first')
      expect(await read(tree, '//empty')).toBe('')
      expect(await listOf(tree, await tree.lookup('/dir/none'))).toEqual([])
      expect(tree.rootFile).toMatchObject({ name: '/', path: '/', uid: 'vac', isDirectory: true, problem: null })
    }
  })

  test('all attributes', async () => {
    const attributes = {
      uid: 'u',
      gid: 'g',
      mid: 'm',
      mtime: 11,
      ctime: 12,
      atime: 13,
      mode: (1 << 12) | 0o640,
      qid: 77n,
    }
    const tree = await archive([{ name: 'x', attributes }])
    const [file] = await filesOf(tree)
    expect(file).toMatchObject({ ...attributes, isDirectory: false, isSymlink: false, isDevice: false, isPipe: false })
  })

  test('a top block that lost its last byte', async () => {
    for (let i = 0; ; i++) {
      const builder = new VacBuilder()
      const { source, meta } = builder.directory([{ name: 'f', data: text('x') }])
      const rootMeta = builder.putMeta([nameBytesOf({ name: `/${i}`, entry: 0, mode: 0x8000 })])
      const top = withoutZeros(Buffer.concat([source, meta, rootMeta].map(entryBytesOf)))
      if (top.length === 120) continue
      const tree = await openTree(builder.store, builder.root([source, meta, rootMeta]))
      expect(top.length).toBeLessThan(120)
      expect(tree.rootFile.name).toBe(`/${i}`)
      break
    }
  })

  test('generations of fossil, and a file of another one', async () => {
    const nodes = [
      { name: 'good', data: text('1'), attributes: { gen: 4 } },
      { name: 'dir', children: [{ name: 'in', data: text('2') }], attributes: { gen: 5, metaGen: 6 } },
      { name: 'stale', data: text('3'), attributes: { gen: 7 }, entry: { gen: 8, size: 1 } },
    ]
    const tree = await archive(nodes, { version: 9, fossil: true })
    expect(await read(tree, '/good')).toBe('1')
    expect(await read(tree, '/dir/in')).toBe('2')
    const stale = await tree.lookup('/stale')
    expect(stale).toMatchObject({ size: 0, entry: null, problem: { path: '/stale', error: null } })
    expect(stale.problem?.message).toMatch(/generation 8, not 7/)
    await expect(read(tree, '/stale')).rejects.toMatchObject({ code: 'bad-tree' })
  })

  test('qids of merged archives are shifted by every directory above', async () => {
    const space = (offset: number): readonly [number, Uint8Array] => {
      const data = Buffer.alloc(16)
      data.writeBigUInt64BE(BigInt(offset), 0)
      return [3, data]
    }
    const builder = new VacBuilder()
    const inner = {
      name: 'inner',
      children: [{ name: 'f', attributes: { qid: 3n } }],
      attributes: { qid: 2n, sections: [space(100)] },
    }
    const score = builder.archive([inner], { attributes: { sections: [space(1000)] } })
    const tree = await openTree(builder.store, score)
    expect((await tree.lookup('/inner')).qid).toBe(1002n)
    expect((await tree.lookup('/inner/f')).qid).toBe(1103n)
  })

  test('links and devices; a target cut to 8 bytes is known as such', async () => {
    const tree = await archive([
      { name: 'whole', data: text('../target'), attributes: { mode: (1 << 14) | 0o777 } },
      { name: 'cut', data: text('/usr/gle\0\0\0\0'), attributes: { mode: (1 << 14) | 0o777 } },
      { name: 'dev', data: text('b 8 1'), attributes: { mode: 1 << 21 } },
      { name: 'pipe', attributes: { mode: 1 << 22 } },
      { name: 'long', data: Buffer.alloc(5000, 0x61), attributes: { mode: 1 << 14 } },
    ])
    const files = await filesOf(tree)
    expect(files.map(({ isSymlink, isDevice, isPipe }) => [isSymlink, isDevice, isPipe])).toEqual([
      [true, false, false],
      [true, false, false],
      [false, true, false],
      [false, false, true],
      [true, false, false],
    ])
    const links = await Promise.all(files.map(async (file) => await tree.readLink(file)))
    expect(links.slice(0, 4)).toEqual([
      { target: '../target', isWhole: true },
      { target: '/usr/gle', isWhole: false },
      { target: 'b 8 1', isWhole: true },
      { target: '', isWhole: true },
    ])
    expect(links[4]).toEqual({ target: 'a'.repeat(4096), isWhole: false })
  })

  test('a deep directory, and a wide one over many leaves', async () => {
    let deep: NodePlan = { name: 'end', data: text('bottom') }
    for (let i = 0; i < 100; i++) deep = { name: `d${i}`, children: [deep] }
    const wide = Array.from({ length: 3000 }, (_, i) => ({ name: `file ${i}`, data: text(`content ${i}`) }))
    const tree = await archive([deep, { name: 'wide', children: wide }])
    const path = Array.from({ length: 100 }, (_, i) => `/d${99 - i}`).join('')
    expect(await read(tree, `${path}/end`)).toBe('bottom')
    const files = await filesOf(tree, await tree.lookup('/wide'))
    expect(files.map(({ name }) => name)).toEqual(wide.map(({ name }) => name))
    expect(await read(tree, '/wide/file 2999')).toBe('content 2999')
  })

  test('stored names are data', async () => {
    const names = ['..', '.', '', 'a/b', '/etc', 'x\0y', 'line\nbreak', '\u202Etxt.exe', 'same', 'same', 'c:\\x']
    const tree = await archive(names.map((name, i) => ({ name, data: text(`${i}`) })))
    const files = await filesOf(tree)
    expect(files.map(({ name }) => name)).toEqual(names)
    expect(files.map(({ path }) => path)).toEqual(
      ['..', '.', '', 'a?b', '?etc', 'x?y', 'line?break', '?txt.exe', 'same', 'same', 'c:\\x'].map(
        (name) => `/${name}`,
      ),
    )
    expect(await read(tree, '/..')).toBe('0')
    expect(await read(tree, '/same')).toBe('8')
    await expect(tree.lookup('/a/b')).rejects.toMatchObject({ code: 'no-such-path' })
    expect(harmlessName('\u001B[31m')).toBe('?[31m')
  })
})

describe('what is not there', () => {
  test('paths', async () => {
    const tree = await archive(someTree)
    for (const path of ['/b', '/dir/a', '/a/b', '/dir/none/x']) {
      await expect(tree.lookup(path)).rejects.toMatchObject({ code: 'no-such-path' })
    }
    expect(await tree.lookup('/')).toBe(tree.rootFile)
    await expect(read(tree, '/dir')).rejects.toMatchObject({ code: 'no-such-path' })
    const file = await tree.lookup('/a')
    await expect(listOf(tree, file)).rejects.toMatchObject({ code: 'no-such-path' })
  })

  test('a lost meta block: the other names come, and a name not found may have been in it', async () => {
    const builder = new VacBuilder()
    const children = Array.from({ length: 200 }, (_, i) => ({ name: `n${i}`, data: text(`${i}`) }))
    const before = new Set(builder.store.blocks.keys())
    const score = builder.archive(children)
    const meta = [...builder.store.blocks].filter(
      ([key, block]) => !before.has(key) && Buffer.from(block).toString('hex', 0, 4) === '5656fc79',
    )
    const lost = meta.find(([, block]) => Buffer.from(block).includes('n100')) as [string, Uint8Array]
    builder.store.blocks.delete(lost[0])
    const tree = await openTree(builder.store, score)
    const listed = await listOf(tree)
    const problems = listed.filter((one) => one.kind === 'problem')
    expect(problems).toMatchObject([{ path: '/', error: { code: 'block-missing' } }])
    expect(listed.length).toBeGreaterThan(100)
    expect(listed.length).toBeLessThan(200)
    expect(await read(tree, '/n0')).toBe('0')
    await expect(tree.lookup('/n100')).rejects.toMatchObject({ code: 'block-missing' })
  })

  test('a lost leaf of entries: its files are named with the reason', async () => {
    const builder = new VacBuilder()
    const score = builder.archive([...someTree])
    const { top } = await openTree(builder.store, score)
    builder.store.corrupt.add(`${top.source.score}/2`)
    const files = await filesOf(await openTree(builder.store, score))
    expect(files.map(({ name, problem }) => [name, problem?.error?.code])).toEqual([
      ['a', 'block-corrupt'],
      ['empty', 'block-corrupt'],
      ['dir', 'block-corrupt'],
    ])
    const tree = await openTree(builder.store, score)
    await expect(read(tree, '/a')).rejects.toMatchObject({ code: 'block-corrupt' })
    const listed = await listOf(tree, await tree.lookup('/dir'))
    expect(listed).toMatchObject([{ kind: 'problem', path: '/dir', error: { code: 'block-corrupt' } }])
  })

  test('the attributes of the root: everything below still comes', async () => {
    const builder = new VacBuilder()
    const score = builder.archive(someTree)
    const { top } = await openTree(builder.store, score)
    builder.store.blocks.delete(`${top.rootMeta.score}/13`)
    const tree = await openTree(builder.store, score)
    expect(tree.rootFile).toMatchObject({ name: '/', isDirectory: true, problem: { error: { code: 'block-missing' } } })
    expect(await read(tree, '/dir/b')).toBe('second')
  })
})

describe('dangling names', () => {
  const cases: readonly (readonly [string, NodePlan, RegExp])[] = [
    ['an entry not in use', { name: 'x', entry: { active: false } }, /entry 0, is not in use/],
    ['a directory for a file', { name: 'x', entry: { directory: true } }, /is a directory, not a file/],
    ['a file for a directory', { name: 'x', children: [], entry: { directory: false } }, /its source.*is a file/],
    ['an impossible entry', { name: 'x', entry: { dsize: 1 } }, /block sizes/],
    ['a depth that lies', { name: 'x', entry: { size: 1e9, depth: 1 } }, /needs 2 levels/],
  ]

  test.each(cases)('%s', async (_, node, why) => {
    const tree = await archive([node, { name: 'good', data: text('fine') }])
    const files = await filesOf(tree)
    expect(files.map(({ name, entry, size }) => [name, entry === null, size])).toEqual([
      ['x', true, 0],
      ['good', false, 4],
    ])
    expect(files[0]?.problem?.message).toMatch(why)
    expect(files[0]?.problem?.error).toBeNull()
  })

  test('numbers beyond the last entry, also the one behind 2^32 - 1', async () => {
    const builder = new VacBuilder()
    const source = builder.putSource([builder.put(text('x'))])
    const names = [1, 204, 0xffffffff].map((entry) => nameBytesOf({ name: `n${entry}`, entry }))
    const last = nameBytesOf({ name: 'dir', entry: 0xffffffff, mode: 0x8000 })
    const meta = builder.putMeta([...names, last])
    const rootMeta = builder.putMeta([nameBytesOf({ name: '/', entry: 0 })])
    const tree = await openTree(builder.store, builder.root([source, meta, rootMeta]))
    const files = await filesOf(tree)
    expect(files).toHaveLength(4)
    for (const { problem } of files) expect(problem?.message).toMatch(/beyond the directory's 1$/)
  })
})

describe('what is no archive', () => {
  const refused = async (make: (builder: VacBuilder) => string): Promise<unknown> => {
    const builder = new VacBuilder()
    const score = make(builder) as RootScore
    return await openTree(builder.store, score).catch((error: unknown) => error)
  }
  const three = (builder: VacBuilder) => {
    const { source, meta } = builder.directory(someTree)
    return { source, meta, rootMeta: builder.putMeta([nameBytesOf({ name: '/', entry: 0 })]) }
  }

  test.each([
    ['another type', (builder: VacBuilder) => builder.archive(someTree, { root: { type: 'ext2' } }), /type "ext2"/],
    ['no top block', (builder: VacBuilder) => builder.store.put(1, rootBytesOf({})), /names no top block/],
    ['300 other bytes', (builder: VacBuilder) => builder.store.put(1, Buffer.alloc(300, 9)), /version/],
    ['a longer block', (builder: VacBuilder) => builder.store.put(1, Buffer.alloc(400, 9)), /400 bytes/],
    ['an empty top', (builder: VacBuilder) => builder.root([]), /names no top block|holds no archive/],
    [
      'the extra level twice',
      (builder: VacBuilder) => {
        const { source, meta, rootMeta } = three(builder)
        return builder.root([builder.putSource([source, meta, rootMeta])], { fossil: true })
      },
      /holds no archive/,
    ],
    [
      'entries in another order',
      (builder: VacBuilder) => {
        const { source, meta, rootMeta } = three(builder)
        return builder.root([meta, source, rootMeta])
      },
      /does not hold/,
    ],
  ])('%s', async (_, make, why) => {
    const error = await refused(make)
    expect(error).toMatchObject({ code: 'not-a-tree' })
    expect((error as Error).message).toMatch(why)
  })

  test('a score that is not there is masked in what is said', async () => {
    const score = '1234567890'.repeat(4) as RootScore
    const error = await refused(() => score)
    expect(error).toMatchObject({ code: 'block-missing', data: { score: null } })
    expect((error as Error).message).toContain('vac:1234…7890')
    expect(JSON.stringify([(error as Error).message, error])).not.toContain(score)
  })
})
