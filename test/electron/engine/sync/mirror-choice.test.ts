// Which mirror a sync belongs to: by the partition itself, by its path, by name. The wrong choice would use the cursors of
// one partition for another, or copy everything again.

import { copyFile, mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { rejection } from '../../../helpers/client-calls.ts'
import { startFakeVenti, type FakeVenti } from '../../../helpers/fake-venti.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import { imageIn, onlyMirror, stateDirIn, stateFiles, syncIn } from '../../../helpers/sync-runs.ts'

async function fake(): Promise<FakeVenti> {
  const venti = await startFakeVenti()
  onTestFinished(() => venti.close())
  return venti
}

const namesIn = async (folder: string): Promise<readonly string[]> =>
  (await stateFiles(folder)).map(({ mirror }) => mirror.name)

describe('without a name', () => {
  test('an image that moved goes on where it was', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    await syncIn(folder, await imageIn(folder, 'seq-day1', 'old.img'), [venti])
    await mkdir(join(folder, 'elsewhere'))
    const moved = await imageIn(join(folder, 'elsewhere'), 'seq-day2', 'new.img')
    const { result, target } = await syncIn(folder, moved, [venti])
    expect({ mirror: result.mirror, sent: target.sent }).toEqual({ mirror: 'old', sent: 86 })
    expect((await onlyMirror(folder)).source).toMatchObject({ spec: moved, path: moved })
  })

  test('an image reached through a link is the same', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = await imageIn(folder, 'v4-day3')
    await syncIn(folder, source, [venti])
    await symlink(source, join(folder, 'link.img'))
    const { target } = await syncIn(folder, join(folder, 'link.img'), [venti])
    expect(target.blocks).toBe(0)
    expect(await namesIn(folder)).toEqual(['source'])
  })

  test('another partition at the same path is refused, and nothing changes (R5)', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    await syncIn(folder, await imageIn(folder, 'seq-day3'), [venti])
    const before = await stateFiles(folder)
    const { writes, connections } = venti.counters
    for (const id of ['v4-day3', 'bs32k-day3', 'empty']) {
      const error = await rejection(syncIn(folder, await imageIn(folder, id), [venti]))
      expect(error.code).toBe('wrong-partition')
    }
    expect(await stateFiles(folder)).toEqual(before)
    expect(venti.counters).toMatchObject({ writes, connections })
  })

  test('a second partition gets a mirror of its own', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    await syncIn(folder, await imageIn(folder, 'seq-day1', 'arenas.img'), [venti])
    await mkdir(join(folder, 'b'))
    const other = await imageIn(join(folder, 'b'), 'v4-day3', 'arenas.img')
    const { result, target } = await syncIn(folder, other, [venti])
    expect({ mirror: result.mirror, sent: target.sent + target.present }).toEqual({ mirror: 'arenas-2', sent: 603 })
    expect(await namesIn(folder)).toEqual(['arenas-2', 'arenas'])
    // Each goes on with its own.
    expect((await syncIn(folder, other, [venti])).target.blocks).toBe(0)
    expect((await syncIn(folder, join(folder, 'arenas.img'), [venti])).target.blocks).toBe(0)
  })

  test('two version 4 partitions, whose clump magic is the same for all, are told apart by their paths', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    await syncIn(folder, await imageIn(folder, 'v4-day3', 'one.img'), [venti])
    const { result } = await syncIn(folder, await imageIn(folder, 'v4-day3-sealed', 'two.img'), [venti])
    expect(result.mirror).toBe('two')
    expect(await namesIn(folder)).toEqual(['one', 'two'])
  })

  test('a name made of a path is fit to be a file name', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const { result } = await syncIn(folder, await imageIn(folder, 'empty', '..Müll & 1 (copy).img'), [venti])
    expect(result.mirror).toBe('M-ll-1-copy-')
    expect(await readdir(join(stateDirIn(folder), 'mirrors'))).toEqual(['M-ll-1-copy-.json'])
  })
})

describe('with a name', () => {
  test('two mirrors of one partition keep their own cursors', async () => {
    const folder = await scratchDir()
    const [near, far] = [await fake(), await fake()]
    const source = await imageIn(folder, 'seq-day1')
    await syncIn(folder, source, [near], { mirrorName: 'near' })
    await syncIn(folder, source, [far], { mirrorName: 'far' })
    expect(await namesIn(folder)).toEqual(['far', 'near'])
    expect((await syncIn(folder, source, [far], { mirrorName: 'near' })).target.present).toBe(275)
  })

  test('of a mirror that came from another partition is refused', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    await syncIn(folder, await imageIn(folder, 'seq-day1', 'a.img'), [venti], { mirrorName: 'home' })
    const other = await imageIn(folder, 'bs32k-day3', 'b.img')
    expect((await rejection(syncIn(folder, other, [venti], { mirrorName: 'home' }))).code).toBe('wrong-partition')
  })

  test.each(['../escape', 'a/b', '', '.hidden', 'x'.repeat(65), 'tab\there', 'ümlaut'])(
    '%j is refused',
    async (name) => {
      const folder = await scratchDir()
      const venti = await fake()
      const error = await rejection(syncIn(folder, await imageIn(folder, 'empty'), [venti], { mirrorName: name }))
      expect(error.code).toBe('usage')
      expect(await readdir(folder)).toEqual(['source.img'])
    },
  )
})

describe('a state file that cannot be used', () => {
  test.each([
    ['cut off', (text: string) => text.slice(0, text.length / 2)],
    ['empty', () => ''],
    ['of another schema', (text: string) => text.replace('"schema": 1', '"schema": 99')],
    ['with a cursor that cannot be', (text: string) => text.replace(/"seenTo": \d+/, '"seenTo": 1')],
    ['under a wrong name', (text: string) => text.replace('"name": "source"', '"name": "other"')],
  ])('(%s) is kept aside and reported, and costs questions instead of blocks', async (_what, spoil) => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = await imageIn(folder, 'seq-day3')
    await syncIn(folder, source, [venti])
    const path = join(stateDirIn(folder), 'mirrors', 'source.json')
    const spoilt = spoil(await readFile(path, 'utf8'))
    await writeFile(path, spoilt)
    const { exit, target, result } = await syncIn(folder, source, [venti])
    expect({ exit, sent: target.sent, present: target.present }).toEqual({ exit: 0, sent: 0, present: 951 })
    const kept = (await readdir(join(stateDirIn(folder), 'mirrors'))).filter((name) => name.includes('.unreadable-'))
    expect(kept).toHaveLength(1)
    expect(await readFile(join(stateDirIn(folder), 'mirrors', kept[0]!), 'utf8')).toBe(spoilt)
    expect(result.warnings).toEqual([expect.stringContaining(kept[0]!)])
    // The new state is in its place.
    expect((await syncIn(folder, source, [venti])).target.blocks).toBe(0)
  })

  test('of another mirror does not keep this one from being synced', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = await imageIn(folder, 'seq-day1')
    await syncIn(folder, source, [venti])
    await writeFile(join(stateDirIn(folder), 'mirrors', 'other.json'), '[]')
    const { exit, target, result } = await syncIn(folder, source, [venti])
    expect({ exit, blocks: target.blocks, warned: result.warnings.length }).toEqual({ exit: 0, blocks: 0, warned: 1 })
  })

  test('that cannot even be read is nobody’s to move: the sync refuses and touches nothing', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = await imageIn(folder, 'seq-day1')
    await syncIn(folder, source, [venti])
    const mirrors = join(stateDirIn(folder), 'mirrors')
    // EISDIR stands for what a disk or a permission may answer; the file may be in order.
    await mkdir(join(mirrors, 'other.json'))
    const { connections } = venti.counters
    const error = await rejection(syncIn(folder, source, [venti]))
    expect({ code: error.code, names: error.message.includes('other.json') }).toEqual({
      code: 'state-missing',
      names: true,
    })
    expect((await readdir(mirrors)).toSorted()).toEqual(['other.json', 'source.json'])
    expect(venti.counters.connections).toBe(connections)
  })
})

test('a copy of the image beside it is the same mirror; an older copy is refused, not mirrored backwards', async () => {
  const folder = await scratchDir()
  const venti = await fake()
  const source = await imageIn(folder, 'seq-day1')
  await copyFile(source, join(folder, 'backup.img'))
  await imageIn(folder, 'seq-day2')
  await syncIn(folder, source, [venti])
  await rename(source, join(folder, 'gone.img'))
  const error = await rejection(syncIn(folder, join(folder, 'backup.img'), [venti]))
  expect({ code: error.code, older: error.message.includes('older state') }).toEqual({
    code: 'wrong-partition',
    older: true,
  })
  expect((await syncIn(folder, join(folder, 'gone.img'), [venti])).target.blocks).toBe(0)
})
