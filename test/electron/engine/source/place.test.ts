// Paths into a disk: which bytes of which file DISK:NAME, FILE:lo-hi and FILE mean, for reading and for comparing.

import { createHash } from 'node:crypto'
import { symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { absoluteSpec } from '../../../../electron/engine/source/absolute-path.ts'
import { deviceSectorBytes } from '../../../../electron/engine/source/file-source.ts'
import { openPath, openSource } from '../../../../electron/engine/source/open-source.ts'
import { parseNamePath } from '../../../../electron/engine/source/path-forms.ts'
import { fileOfPath, placeKey, resolvePlace } from '../../../../electron/engine/source/place.ts'
import { canonicalPath } from '../../../../electron/engine/sync/mirror-choice.ts'
import { openSourceView } from '../../../../electron/engine/sync/source-view.ts'
import { expandDisk, expectedDisk, loadDisk } from '../../../helpers/disk-fixtures.ts'
import { noise } from '../../../helpers/image-builder.ts'
import { scratchDir } from '../../../helpers/scratch.ts'

async function diskIn(folder: string, id: 'disk-mbr' | 'disk-gpt'): Promise<string> {
  const path = join(folder, 'disk.img')
  await expandDisk(id, path)
  return path
}

describe('the text of DISK:NAME', () => {
  test.each([
    ['disk.img:arenas', 'linux', 'disk.img', 'arenas'],
    ['disk.img:9fat', 'linux', 'disk.img', '9fat'],
    ['a:b:plan9.1', 'linux', 'a:b', 'plan9.1'],
    ['d:arenas', 'linux', 'd', 'arenas'],
    ['C:\\images\\disk.img:arenas', 'win32', 'C:\\images\\disk.img', 'arenas'],
    ['\\\\.\\PhysicalDrive0:arenas', 'win32', '\\\\.\\PhysicalDrive0', 'arenas'],
    ['disk:a-b', 'linux', 'disk', 'a-b'],
  ])('%s on %s', (path, platform, file, name) => {
    expect(parseNamePath(path, platform)).toEqual({ file, name })
  })

  test.each([
    ['disk.img', 'linux'],
    [':arenas', 'linux'],
    ['disk.img:', 'linux'],
    ['disk.img:1k-2k', 'linux'],
    ['disk.img:-x', 'linux'],
    ['disk.img:a/b', 'linux'],
    ['disk.img:a b', 'linux'],
    ['C:\\images\\disk.img', 'win32'],
    ['C:disk.img', 'win32'],
    ['C:arenas', 'win32'],
    ['\\\\.\\C:', 'win32'],
    ['\\\\.\\PhysicalDrive0', 'win32'],
    ['\\\\?\\C:\\disk.img', 'win32'],
  ])('%s on %s is not one', (path, platform) => {
    expect(parseNamePath(path, platform)).toBeNull()
  })
})

describe('DISK:NAME', () => {
  test.each(['disk-mbr', 'disk-gpt'] as const)('%s: every part has its bytes', async (id) => {
    const disk = await diskIn(await scratchDir(), id)
    for (const { name, byteOffset, bytes, sha256 } of expectedDisk(id).parts) {
      expect(await resolvePlace(`${disk}:${name}`)).toEqual({
        name: `${disk}:${name}`,
        file: disk,
        offset: byteOffset,
        sizeBytes: bytes,
      })
      const source = await openPath(`${disk}:${name}`)
      expect([source.name, source.sizeBytes]).toEqual([`${disk}:${name}`, bytes])
      const found = createHash('sha256')
        .update(await source.read(0, bytes))
        .digest('hex')
      await source.close()
      expect(found).toBe(sha256)
    }
  })

  test('of a name that is not there says which there are', async () => {
    const disk = await diskIn(await scratchDir(), 'disk-mbr')
    const opening = openSource(`${disk}:arena`)
    await expect(opening).rejects.toMatchObject({ code: 'no-such-partition' })
    await expect(opening).rejects.toThrow(
      `${disk} has no partition "arena"; it has plan9, 9fat, nvram, fossil, arenas, isect, swap`,
    )
  })

  test('of a line that was left out says why', async () => {
    const image = loadDisk('disk-gpt').subarray(0, 60_000_000)
    const disk = join(await scratchDir(), 'disk.img')
    await writeFile(disk, image)
    await expect(openPath(`${disk}:swap`)).rejects.toThrow(
      /has no partition "swap"; it has [^.]*, arenas\. .*"part swap 116241 118289" is left out: it ends at sector 118289/,
    )
  })

  test('of a partition by itself: its kind is its name, nothing else is', async () => {
    const folder = await scratchDir()
    const path = join(folder, '9fat.img')
    await expandDisk('9fat12', path)
    expect(await resolvePlace(`${path}:9fat`)).toEqual({
      name: `${path}:9fat`,
      file: path,
      offset: 0,
      sizeBytes: 10_485_760,
    })
    await expect(resolvePlace(`${path}:arenas`)).rejects.toThrow('there is no partition table on it, it is one 9fat')
    await writeFile(join(folder, 'noise'), noise(300_000, 4))
    for (const name of ['unknown', 'arenas', 'swap']) {
      const resolving = resolvePlace(join(folder, `noise:${name}`))
      await expect(resolving).rejects.toMatchObject({ code: 'no-such-partition' })
      await expect(resolving).rejects.toThrow('it is nothing known')
    }
  })

  test('of a disk that is not there is the error of the disk', async () => {
    const opening = openPath(join(await scratchDir(), 'none.img:arenas'))
    await expect(opening).rejects.toMatchObject({ code: 'source-open' })
    await expect(opening).rejects.toThrow(/none\.img for reading: there is no such file/)
  })

  test('a file of that whole name comes first', async () => {
    const folder = await scratchDir()
    const disk = await diskIn(folder, 'disk-mbr')
    await writeFile(`${disk}:arenas`, 'a file')
    expect(await resolvePlace(`${disk}:arenas`)).toEqual({
      name: `${disk}:arenas`,
      file: `${disk}:arenas`,
      offset: 0,
      sizeBytes: null,
    })
    expect(await fileOfPath(`${disk}:arenas`)).toBe(`${disk}:arenas`)
    expect(await fileOfPath(`${disk}:9fat`)).toBe(disk)
    expect(await fileOfPath(`${disk}:1k-2k`)).toBe(disk)
    expect(await fileOfPath(disk)).toBe(disk)
    expect(await fileOfPath('nowhere')).toBe('nowhere')
  })
})

describe('the same bytes by different spellings', () => {
  test('are the same place; others are not', async () => {
    const folder = await scratchDir()
    const disk = await diskIn(folder, 'disk-mbr')
    await symlink(disk, join(folder, 'link.img'))
    const { byteOffset, bytes } = expectedDisk('disk-mbr').parts.find(({ name }) => name === 'arenas')!
    const key = await placeKey(`${disk}:arenas`)
    expect(key).not.toBeNull()
    expect(await placeKey(`${disk}:${byteOffset}-${byteOffset + bytes}`)).toBe(key)
    expect(await placeKey(join(folder, 'link.img:arenas'))).toBe(key)
    expect(await placeKey(`${disk}:isect`)).not.toBe(key)
    expect(await placeKey(`${disk}:${byteOffset}-`)).not.toBe(key)
    expect(await placeKey(disk)).toBe(await placeKey(`${disk}:0-`))
    expect(await placeKey(`${disk}:1m-`)).toBe(await placeKey(`${disk}:1m-${loadDisk('disk-mbr').length}`))
    expect(await placeKey(`${disk}:nothing`)).toBeNull()
    expect(await placeKey(join(folder, 'none'))).toBeNull()
  })

  test('so the configuration in a partition finds it, whatever it was called', async () => {
    const folder = await scratchDir()
    const disk = await diskIn(folder, 'disk-mbr')
    const { byteOffset, bytes } = expectedDisk('disk-mbr').parts.find(({ name }) => name === 'arenas')!
    const image = loadDisk('disk-mbr')
    const other = join(folder, 'other.img')
    await writeFile(other, image.subarray(byteOffset, byteOffset + bytes))
    const config = `venti config\nindex main\narenas ${disk}:arenas\narenas ${other}\n\0`
    image.write(config, byteOffset + 248 * 1024, 'latin1')
    await writeFile(disk, image)
    const { partitions } = await openSource(`${disk}:${byteOffset}-${byteOffset + bytes}`)
    for (const source of partitions) await source.close()
    expect(partitions.map(({ name }) => name)).toEqual([`${disk}:arenas`, other])
  })

  test('a configuration file may name DISK:NAME', async () => {
    const folder = await scratchDir()
    await diskIn(folder, 'disk-gpt')
    await writeFile(join(folder, 'venti.conf'), 'index main\narenas disk.img:arenas\n')
    const view = await openSourceView(join(folder, 'venti.conf'))
    await view.close()
    expect(view.arenas.map(({ name }) => name)).toEqual([0, 1, 2, 3, 4, 5].map((number) => `arenas${number}`))
  })
})

test('only a block device has a sector size to tell', async () => {
  const path = join(await scratchDir(), 'file')
  await writeFile(path, 'x')
  for (const one of [path, `${path}-none`, '/dev/null']) expect(await deviceSectorBytes(one)).toBeNull()
})

test('a path as it is kept is absolute, and one on another machine stays on that machine', async () => {
  const there = 'ssh://glenda@Cellar:2222/dev/sdb:arenas'
  expect([absoluteSpec('a/b.img:arenas'), absoluteSpec('/a/../b')]).toEqual([resolve('a/b.img:arenas'), resolve('/b')])
  expect([absoluteSpec(there), await canonicalPath(there)]).toEqual([there.toLowerCase(), there.toLowerCase()])
})
