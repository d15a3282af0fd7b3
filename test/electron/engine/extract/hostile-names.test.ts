// Archives made to write somewhere else, and folders prepared to send a restore there: nothing outside the folder changes,
// and everything harmless is restored all the same.

import { chmod, mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { extractTree, type ExtractOptions } from '../../../../electron/engine/extract/extract.ts'
import { RestoreFolder } from '../../../../electron/engine/extract/restore-folder.ts'
import type { ExtractResult } from '../../../../shared/model/extract.ts'
import { restoredTree } from '../../../helpers/restored-tree.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import { VacBuilder, type NodePlan } from '../../../helpers/vac-builder.ts'

const bytes = (text: string): Buffer => Buffer.from(text)
const isWindows = process.platform === 'win32'
const linkMode = 1 << 14

/** A folder to restore into with a neighbour that must stay as it is. */
async function ground(): Promise<{ readonly folder: string; readonly into: string; readonly outside: string }> {
  const folder = await scratchDir()
  const [into, outside] = [join(folder, 'in', 'to'), join(folder, 'outside')]
  await mkdir(into, { recursive: true })
  await mkdir(outside)
  await writeFile(join(outside, 'keep'), 'keep')
  return { folder, into, outside }
}

async function extract(
  children: readonly NodePlan[],
  folder: string,
  options: Partial<ExtractOptions> = {},
): Promise<ExtractResult> {
  const builder = new VacBuilder()
  return await extractTree(builder.store, builder.archive(children), { folder, ...options })
}

const failures = ({ failed }: ExtractResult): Record<string, string> =>
  Object.fromEntries(failed.map(({ path, reason }) => [path, reason]))

const bad = ['..', '.', '', '/', '/abs', '../up', '../../outside/new', 'a/b', 'nul\0nul', '..\0']

describe('names that are no names', () => {
  test.each(['file', 'directory'] as const)('as a %s never leave the folder', async (kind) => {
    const { folder, into } = await ground()
    const before = await restoredTree(join(folder, 'outside'))
    const content = kind === 'file' ? { data: bytes('evil') } : { children: [{ name: 'inner', data: bytes('evil') }] }
    const plans: NodePlan[] = bad.map((name) => ({ name, ...content }))
    const result = await extract([...plans, { name: 'good', data: bytes('good') }], into)
    expect(result.failed.length).toBe(bad.length)
    for (const { reason } of result.failed) expect(reason).toMatch(/^the name /)
    expect(Object.keys(await restoredTree(into))).toEqual(['good'])
    expect(await restoredTree(join(folder, 'outside'))).toEqual(before)
    expect(await readdir(folder)).toEqual(['in', 'outside'])
    expect(await readdir(join(folder, 'in'))).toEqual(['to'])
  })

  test('a name that is there twice is restored once', async () => {
    const { into } = await ground()
    const result = await extract(
      [
        { name: 'x', data: bytes('first') },
        { name: 'x', data: bytes('second') },
        { name: 'x', children: [{ name: 'y', data: bytes('third') }] },
      ],
      into,
    )
    expect(result.failed).toEqual([
      { path: '/x', reason: 'its folder has another file of that name' },
      { path: '/x', reason: 'its folder has another file of that name' },
    ])
    expect(await readFile(join(into, 'x'), 'utf8')).toBe('first')
  })

  test.each([
    ['ignores-case', { '/A': 'a beside it is the same name on this file system' }],
    ['exact', {}],
  ] as const)('names that differ in case only, in a folder that compares them %s', async (comparison, expected) => {
    // Elsewhere the disk has the last word.
    if (comparison === 'exact' && process.platform !== 'linux') return
    const asked = vi.spyOn(RestoreFolder.prototype, 'nameComparison').mockResolvedValue(comparison)
    onTestFinished(() => asked.mockRestore())
    const { into } = await ground()
    const plan = [
      { name: 'a', data: bytes('first') },
      { name: 'A', data: bytes('second') },
    ]
    expect(failures(await extract(plan, into))).toEqual(expected)
    expect(await readFile(join(into, 'a'), 'utf8')).toBe('first')
  })

  test('a name that is not UTF-8 is changed, and that is said', async () => {
    const { into } = await ground()
    const result = await extract([{ name: Buffer.from([0x61, 0xff]), data: bytes('x') }], into)
    expect([result.failed, result.renamed]).toEqual([[], ['/a\ufffd']])
    expect(await readFile(join(into, 'a\ufffd'), 'utf8')).toBe('x')
  })

  test('too long a name is reported, and its neighbour restored', async () => {
    const { into } = await ground()
    const result = await extract(
      [
        { name: 'x'.repeat(300), data: bytes('a') },
        { name: 'y', data: bytes('b') },
      ],
      into,
    )
    expect(result.failed.map(({ path }) => path.length)).toEqual([301])
    expect(Object.keys(await restoredTree(into))).toEqual(['y'])
  })
})

describe.skipIf(isWindows)('symbolic links', () => {
  test('one that stands where a folder belongs is not followed, with --force neither', async () => {
    for (const force of [false, true]) {
      const { into, outside } = await ground()
      await symlink(outside, join(into, 'd'))
      const plan = [{ name: 'd', children: [{ name: 'new', data: bytes('evil') }] }]
      const result = await extract(plan, into, { force })
      expect(failures(result)).toEqual({ '/d': 'a symbolic link is in the way' })
      expect(await readdir(outside)).toEqual(['keep'])
    }
  })

  test('one that stands where a file belongs is left, or replaced itself with --force', async () => {
    const { into, outside } = await ground()
    await symlink(join(outside, 'keep'), join(into, 'f'))
    const plan = [{ name: 'f', data: bytes('new') }]
    expect(failures(await extract(plan, into))).toEqual({ '/f': 'a symbolic link stands there already' })
    expect((await restoredTree(into))['f']).toMatchObject({ kind: 'symlink' })
    expect((await extract(plan, into, { force: true })).failed).toEqual([])
    expect(await readFile(join(into, 'f'), 'utf8')).toBe('new')
    expect(await readFile(join(outside, 'keep'), 'utf8')).toBe('keep')
  })

  test('one to nowhere is not written through', async () => {
    const { into, outside } = await ground()
    await symlink(join(outside, 'new'), join(into, 'f'))
    const result = await extract([{ name: 'f', data: bytes('new') }], into)
    expect(result.failed.length).toBe(1)
    expect(await readdir(outside)).toEqual(['keep'])
  })

  test('of the archive: do not take the place of a file, with --force they do, of a folder never', async () => {
    const { into } = await ground()
    await writeFile(join(into, 'a'), 'mine')
    await mkdir(join(into, 'b'))
    const attributes = { mode: 0o777 | linkMode }
    const plan = ['a', 'b'].map((name) => ({ name, data: bytes('target'), attributes }))
    const taken = { '/a': 'something else stands there already', '/b': 'a folder is in the way' }
    expect(failures(await extract(plan, into))).toEqual(taken)
    expect(await readFile(join(into, 'a'), 'utf8')).toBe('mine')
    const forced = await extract(plan, into, { force: true })
    expect([forced.files, failures(forced)]).toEqual([1, { '/b': taken['/b'] }])
    expect((await restoredTree(into))['a']).toEqual({ kind: 'symlink', target: 'target' })
    expect(await extract(plan, into)).toMatchObject({ files: 0, skipped: 1 })
  })

  test('of the archive: made when the target is whole, never followed', async () => {
    const { into, outside } = await ground()
    const result = await extract(
      [
        { name: 'a', data: bytes('../../outside'), attributes: { mode: 0o777 | linkMode, mtime: 77 } },
        { name: 'a', children: [{ name: 'evil', data: bytes('evil') }] },
        { name: 'b', data: bytes('b-target'), stream: { size: 20 }, attributes: { mode: 0o777 | linkMode } },
        { name: 'c', data: bytes(''), attributes: { mode: 0o777 | linkMode } },
      ],
      into,
    )
    const cut = 'a symbolic link of which the archive does not have the whole target'
    expect(failures(result)).toEqual({ '/a': 'its folder has another file of that name', '/b': cut, '/c': cut })
    expect(await restoredTree(into)).toEqual({ a: { kind: 'symlink', target: '../../outside' } })
    expect(await readdir(outside)).toEqual(['keep'])
    // The next archive brings a folder where this one brought a link.
    const second = await extract([{ name: 'a', children: [{ name: 'evil', data: bytes('evil') }] }], into)
    expect(failures(second)).toEqual({ '/a': 'a symbolic link is in the way' })
    expect(await readdir(outside)).toEqual(['keep'])
  })

  test('a folder swapped for one while files are written to it takes no more of them', async () => {
    const { into, outside } = await ground()
    const top = await RestoreFolder.open(into)
    const inner = await (await top.enter('a')).enter('b')
    const unfinished = await inner.create()
    await unfinished.write(bytes('evil'), 0)
    await rename(join(into, 'a'), join(into, 'moved'))
    await symlink(outside, join(into, 'a'))
    await mkdir(join(outside, 'b'))
    const attributes = { mode: 0o644, mtimeSeconds: 1, atimeSeconds: 1 }
    await expect(unfinished.complete('f', 4, attributes, false)).rejects.toThrow('is no longer the folder it was')
    await expect(inner.create()).rejects.toThrow('is no longer the folder it was')
    await expect(inner.enter('c')).rejects.toThrow('is no longer the folder it was')
    await expect(inner.makeLink('l', 'x', attributes, true)).rejects.toThrow('is no longer the folder it was')
    await expect(inner.finish(attributes)).rejects.toThrow('is no longer the folder it was')
    expect(await readdir(join(outside, 'b'))).toEqual([])
  })
})

test.skipIf(isWindows)(
  'a folder moved out, with a link left behind that leads to it, takes no more files',
  async () => {
    const { into, outside } = await ground()
    const inner = await (await (await RestoreFolder.open(into)).enter('a')).enter('b')
    await rename(join(into, 'a'), join(outside, 'a'))
    await symlink(join(outside, 'a'), join(into, 'a'))
    await expect(inner.create()).rejects.toThrow('is no longer the folder it was')
    expect(await readdir(join(outside, 'a', 'b'))).toEqual([])
  },
)

test('a file that appeared in the meantime is not replaced', async () => {
  const { into } = await ground()
  const unfinished = await (await RestoreFolder.open(into)).create()
  await writeFile(join(into, 'f'), 'mine')
  const attributes = { mode: 0o644, mtimeSeconds: 1, atimeSeconds: 1 }
  await expect(unfinished.complete('f', 0, attributes, false)).rejects.toThrow('something else stands there already')
  await unfinished.abandon()
  expect(await readdir(into)).toEqual(['f'])
  expect(await readFile(join(into, 'f'), 'utf8')).toBe('mine')
})

test.each(bad)('a folder itself takes no name like %j, whoever asks', async (name) => {
  const { folder, into } = await ground()
  const before = await restoredTree(join(folder, 'outside'))
  const top = await RestoreFolder.open(into)
  const unfinished = await top.create()
  const times = { mtimeSeconds: 1, atimeSeconds: 1 }
  await expect(top.enter(name)).rejects.toThrow('the name ')
  await expect(top.existing(name)).rejects.toThrow('the name ')
  await expect(top.openExisting(name)).rejects.toThrow('the name ')
  await expect(top.makeLink(name, 'x', times, true)).rejects.toThrow('the name ')
  await expect(unfinished.complete(name, 0, { mode: 0o644, ...times }, true)).rejects.toThrow('the name ')
  await unfinished.abandon()
  expect(await restoredTree(into)).toEqual({})
  expect(await restoredTree(join(folder, 'outside'))).toEqual(before)
})

describe('what is no plain file', () => {
  test('devices and pipes are reported and not made', async () => {
    const { into } = await ground()
    const result = await extract(
      [
        { name: 'dev', data: bytes('c 1 3'), attributes: { mode: 0o666 | (1 << 21) } },
        { name: 'fifo', attributes: { mode: 0o666 | (1 << 22) } },
        { name: 'plain', data: bytes('x') },
      ],
      into,
    )
    expect(failures(result)).toEqual({ '/dev': 'a device is not made', '/fifo': 'a named pipe is not made' })
    expect(Object.keys(await restoredTree(into))).toEqual(['plain'])
  })

  test.skipIf(isWindows)('setuid, setgid and sticky are not kept, the other nine bits are', async () => {
    const { into } = await ground()
    await extract([{ name: 'su', data: bytes('x'), attributes: { mode: 0o751 | (7 << 9) } }], into)
    expect(((await stat(join(into, 'su'))).mode & 0o7777).toString(8)).toBe('751')
  })

  test.skipIf(isWindows)('a folder nobody may write to is filled first, also a second time', async () => {
    const { into } = await ground()
    const file = (name: string): NodePlan => ({ name, data: bytes(name) })
    const attributes = { mode: 0o555, mtime: 1_000_000 }
    await extract([{ name: 'd', children: [file('a')], attributes }], into)
    const again = await extract([{ name: 'd', children: [file('a'), file('b')], attributes }], into)
    expect(again).toMatchObject({ files: 1, skipped: 1, failed: [] })
    expect((await restoredTree(into))['d']).toEqual({ kind: 'dir', mode: '555', mtime: 1_000_000 })
    await chmod(join(into, 'd'), 0o755)
  })
})

describe('sizes that are lies', () => {
  test('a file of 2^48 zeros is refused, and its neighbour restored', async () => {
    const { into } = await ground()
    const size = 2 ** 48 - 1
    const result = await extract(
      [
        { name: 'huge', entry: { size, depth: 5 } },
        { name: 'small', data: bytes('x') },
      ],
      into,
    )
    expect(failures(result)['/huge']).toMatch(/^it has 256\.0 TiB, and .* are free there$/)
    expect(Object.keys(await restoredTree(into))).toEqual(['small'])
  })

  test('a limit is kept to the byte', async () => {
    const { into } = await ground()
    const plans = [
      { name: 'at', data: new Uint8Array(1000) },
      { name: 'over', data: new Uint8Array(1001) },
    ]
    const result = await extract(plans, into, { maxFileBytes: 1000 })
    expect(failures(result)).toEqual({ '/over': 'it has 1001 B, more than the 1000 B allowed' })
    expect(Object.keys(await restoredTree(into))).toEqual(['at'])
  })

  test('a hole of a gibibyte costs no room and little time', async () => {
    const { into } = await ground()
    const size = 2 ** 30
    const data = bytes('begin')
    const builder = new VacBuilder()
    const { score } = builder.put(data)
    // Level 2 has the first of 409 * 409 leaves and nothing else.
    const level1 = builder.store.put(3, Buffer.from(score!, 'hex'))
    const level2 = builder.store.put(4, Buffer.from(level1, 'hex'))
    const root = builder.archive([{ name: 'hole', entry: { size, depth: 2, score: level2 } }])
    const result = await extractTree(builder.store, root, { folder: into, maxFileBytes: 2 ** 31 })
    // A machine with less than that to spare refuses it, which is right as well.
    if (result.failed.length > 0) expect(failures(result)['/hole']).toContain('free there')
    else {
      expect((await stat(join(into, 'hole'))).size).toBe(size)
      expect(result.bytes).toBe(size)
    }
  })

  test('folders deeper than a path can be long are reported where they begin to be', async () => {
    const { into } = await ground()
    const builder = new VacBuilder()
    let children: readonly NodePlan[] = [{ name: 'leaf', data: bytes('x') }]
    for (let depth = 0; depth < 40; depth++) children = [{ name: 'd'.repeat(200), children }]
    const result = await extractTree(builder.store, builder.archive(children), { folder: into })
    if (process.platform === 'linux') {
      expect(result.failed.length).toBe(1)
      expect(result.failed[0]!.reason).toContain('ENAMETOOLONG')
    }
  })
})
