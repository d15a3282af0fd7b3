// From what a person types to the partitions behind it: path forms, plain and embedded venti configurations, and what is
// said when something named is not there.

import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  decodeVentiConfig,
  embeddedConfigText,
  looksLikeVentiConfig,
} from '../../../../electron/engine/bookkeeping/venti-conf.ts'
import { openPath, openSource } from '../../../../electron/engine/source/open-source.ts'
import { parseRangePath } from '../../../../electron/engine/source/path-forms.ts'
import { openSourceView } from '../../../../electron/engine/sync/source-view.ts'
import { openArenaPartition } from '../../../../electron/engine/venti/arena/arena-partition.ts'
import { loadFixture } from '../../../helpers/fixtures.ts'
import { buildPartition, noise, prose } from '../../../helpers/image-builder.ts'
import { scratchDir } from '../../../helpers/scratch.ts'

const kibibyte = 1024

function partition(prefix: string, arenas = 1, config?: string): Buffer {
  const plans = Array.from({ length: arenas }, (_, i) => ({ name: `${prefix}${i}`, blocks: [{ data: prose(600, i) }] }))
  const { bytes } = buildPartition({ blockSize: 512, arenas: plans })
  if (config !== undefined) bytes.write(`venti config\n${config}`, 248 * kibibyte, 'latin1')
  return bytes
}

/** A scratch folder with these files. */
async function folderWith(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const folder = await scratchDir()
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  return folder
}

type Opened = { names: string[]; arenas: string[]; index: string | null | undefined }

async function opened(spec: string): Promise<Opened> {
  const { partitions, config } = await openSource(spec)
  onTestFinished(async () => void (await Promise.all(partitions.map(async (source) => await source.close()))))
  const arenas: string[] = []
  for (const source of partitions) arenas.push(...(await openArenaPartition(source)).entries.map((entry) => entry.name))
  return { names: partitions.map((source) => source.name), arenas, index: config?.index }
}

describe('FILE:lo-hi', () => {
  test.each([
    ['disk:0-10', 'disk', 0, 10],
    ['disk:794624-2891776', 'disk', 794624, 2891776],
    ['disk:1k-2m', 'disk', 1024, 2 * 1024 ** 2],
    ['disk:1K-2G', 'disk', 1024, 2 * 1024 ** 3],
    ['disk:0x10-0xFF', 'disk', 16, 255],
    ['disk:0x10k-1t', 'disk', 16384, 1024 ** 4],
    ['disk:4m-', 'disk', 4 * 1024 ** 2, null],
    ['disk:-4m', 'disk', 0, 4 * 1024 ** 2],
    ['/a:b/disk:1:2-3', '/a:b/disk:1', 2, 3],
    ['C:\\images\\disk.img:1m-2m', 'C:\\images\\disk.img', 1024 ** 2, 2 * 1024 ** 2],
  ])('%s', (path, file, low, high) => {
    expect(parseRangePath(path)).toEqual({ file, low, high })
  })

  test.each([
    'disk',
    'disk:',
    'disk:-',
    'disk:arenas',
    'disk:1',
    'disk:a-b',
    'disk:1-2x',
    'disk:1.5k-2k',
    ':1-2',
    'C:\\a-b',
    'a:1-2-3',
    'a:0x-2',
  ])('%s is not one', (path) => {
    expect(parseRangePath(path)).toBeNull()
  })

  test('reads that part and nothing else, whatever the notation', async () => {
    const image = noise(300_000, 5)
    const folder = await folderWith({ 'disk.img': image, 'odd:1-2': 'whole', 'odd:name': image })
    for (const [range, low, high] of [
      ['100k-0x20000', 102400, 131072],
      ['-1k', 0, 1024],
      ['290k-', 296960, 300000],
      ['0-300000', 0, 300000],
    ] as const) {
      const source = await openPath(join(folder, `disk.img:${range}`))
      expect(source.sizeBytes).toBe(high - low)
      expect(Buffer.compare(await source.read(0, high - low), image.subarray(low, high))).toBe(0)
      await source.close()
    }
    const named = await openPath(join(folder, 'odd:1-2'))
    expect(Buffer.from(await named.read(0, 5)).toString()).toBe('whole')
    await named.close()
    const lastColon = await openPath(join(folder, 'odd:name:1k-2k'))
    expect(Buffer.compare(await lastColon.read(0, 1024), image.subarray(1024, 2048))).toBe(0)
    await lastColon.close()
  })

  test.each([
    ['disk.img:5-5', 'the range is empty; expected FILE:START-END'],
    ['disk.img:2k-1k', 'the range is empty'],
    ['disk.img:0-1001', 'the range 0x0 to 0x3e9 is outside'],
    ['disk.img:2000-', 'the range is empty'],
    ['disk.img:0-99999999999999999999', 'is outside'],
    ['none.img:0-10', 'there is no such file'],
    ['none.img', 'there is no such file'],
  ])('%s is refused with the reason', async (name, words) => {
    const folder = await folderWith({ 'disk.img': Buffer.alloc(1000) })
    const opening = openSource(join(folder, name))
    await expect(opening).rejects.toMatchObject({ code: 'source-open' })
    await expect(opening).rejects.toThrow(words)
    await expect(opening).rejects.toThrow(name.split(':')[0])
  })

  test('an arena partition in the middle of a disk image', async () => {
    const part = partition('in')
    const folder = await folderWith({ 'disk.img': Buffer.concat([noise(5000, 1), part, noise(5000, 2)]) })
    expect((await opened(join(folder, `disk.img:5000-${5000 + part.length}`))).arenas).toEqual(['in0'])
  })
})

describe('a venti configuration', () => {
  const text = `# the venti of the house\r
index main\r
  arenas one.img # the first\r
\tarenas\ttwo.img\r
isect /dev/isect0\r
bloom /dev/bloom
mem 10M
bcmem 20m
icmem 30m
addr tcp!*!17034
httpaddr tcp!*!8000
webroot /lib/venti
queuewrites
mgr x y z
something nobody knows
arenas three.img and more
#arenas four.img
`

  test('names its partitions; the rest is read or ignored', () => {
    expect(decodeVentiConfig(text, 'venti.conf')).toEqual({
      index: 'main',
      arenas: ['one.img', 'two.img', 'three.img'],
      address: 'tcp!*!17034',
      httpAddress: 'tcp!*!8000',
    })
  })

  test('without a partition says so', () => {
    expect(() => decodeVentiConfig('index main\narenas\n', 'venti.conf')).toThrow('venti.conf: no line "arenas FILE"')
  })

  test.each([
    ['arenas /dev/sdC0/arenas', true],
    ['  isect x\r\n', true],
    ['# arenas x\n', false],
    ['arenas\n', false],
    ['myarenas x', false],
    ['arenas x\0', false],
    ['', false],
  ])('%j is recognised: %s', (content, expected) => {
    expect(looksLikeVentiConfig(content)).toBe(expected)
  })

  test.each([
    ['venti config\narenas a\n\0arenas b\n', 'arenas a\n'],
    ['venti config\n', ''],
    ['venti config \narenas a\n', null],
    ['Venti config\narenas a\n', null],
    ['', null],
  ])('embedded as %j', (content, expected) => {
    const bytes = Buffer.alloc(8192)
    bytes.write(content, 'latin1')
    expect(embeddedConfigText(bytes)).toBe(expected)
  })

  test('embedded without a NUL ends at 8192 bytes', () => {
    expect(embeddedConfigText(Buffer.from(`venti config\n${'#'.repeat(8179)}`))).toHaveLength(8179)
  })

  test('opens its partitions in fill order, relative to its own folder', async () => {
    const folder = await folderWith({
      'one.img': partition('one'),
      'two.img': partition('two', 2),
      'three.img': partition('three'),
      'venti.conf': text,
    })
    expect(await opened(join(folder, 'venti.conf'))).toEqual({
      names: ['one.img', 'two.img', 'three.img'].map((name) => join(folder, name)),
      arenas: ['one0', 'two0', 'two1', 'three0'],
      index: 'main',
    })
  })

  test('may name absolute paths and byte ranges', async () => {
    const part = partition('in')
    const other = await folderWith({ 'far.img': partition('far') })
    const folder = await folderWith({
      'disk.img': Buffer.concat([noise(4096, 1), part]),
      'venti.conf': `arenas ${join(other, 'far.img')}\narenas disk.img:4k-\n`,
    })
    expect((await opened(join(folder, 'venti.conf'))).arenas).toEqual(['far0', 'in0'])
    expect(isAbsolute(other)).toBe(true)
  })

  test('with a partition missing names itself and the partition, and closes the others', async () => {
    const folder = await folderWith({ 'one.img': partition('one'), 'venti.conf': 'arenas one.img\narenas gone.img\n' })
    const opening = openSource(join(folder, 'venti.conf'))
    await expect(opening).rejects.toMatchObject({ code: 'source-open' })
    const [conf, gone] = [join(folder, 'venti.conf'), join(folder, 'gone.img')]
    await expect(opening).rejects.toThrow(`${conf}: cannot open ${gone} for reading: there is no such file`)
  })

  test('with a partition that is something else: opening it as arenas says which', async () => {
    const folder = await folderWith({
      'one.img': partition('one'),
      'x.img': noise(400_000, 3),
      'v.conf': 'arenas one.img\narenas x.img\n',
    })
    await expect(openSourceView(join(folder, 'v.conf'))).rejects.toThrow(
      /x\.img: arena partition header at 0x40000: magic is/,
    )
  })

  test('whose partitions hold arenas of the same name is refused with both', async () => {
    const folder = await folderWith({
      'a.img': partition('same'),
      'b.img': partition('same'),
      'v.conf': 'arenas a.img\narenas b.img\n',
    })
    const opening = openSourceView(join(folder, 'v.conf'))
    await expect(opening).rejects.toMatchObject({ code: 'bad-config' })
    await expect(opening).rejects.toThrow(`arena same0 is in ${join(folder, 'a.img')} and in ${join(folder, 'b.img')}`)
  })

  test('of 8192 bytes is read, a larger text is not taken for one', async () => {
    const padding = (size: number): string => `arenas one.img\n${'#'.repeat(size - 15)}`
    const folder = await folderWith({ 'one.img': partition('one'), fits: padding(8192), large: padding(8193) })
    expect((await opened(join(folder, 'fits'))).arenas).toEqual(['one0'])
    await expect(opened(join(folder, 'large'))).rejects.toThrow(
      '8193 bytes are too few for an arena partition, whose header is at 0x40000',
    )
  })
})

describe('a configuration inside a partition', () => {
  const two = 'index main\narenas one.img\narenas two.img\n'

  test('makes all partitions of the venti one source, from whichever of them', async () => {
    const folder = await folderWith({ 'one.img': partition('one', 1, two), 'two.img': partition('two') })
    const both = {
      names: ['one.img', 'two.img'].map((name) => join(folder, name)),
      arenas: ['one0', 'two0'],
      index: 'main',
    }
    expect(await opened(join(folder, 'one.img'))).toEqual(both)
    await symlink(join(folder, 'one.img'), join(folder, 'link.img'))
    expect((await opened(join(folder, 'link.img'))).arenas).toEqual(['one0', 'two0'])
    expect((await opened(join(folder, 'two.img'))).arenas).toEqual(['two0'])
  })

  test('is not followed from a copy: the copy stands for itself', async () => {
    const folder = await folderWith({ 'one.img': partition('one', 1, two), 'two.img': partition('two') })
    await mkdir(join(folder, 'copies'))
    const absolute = `arenas ${join(folder, 'one.img')}\narenas ${join(folder, 'two.img')}\n`
    const copy = join(folder, 'copies', 'one.img')
    await writeFile(copy, partition('copied', 1, absolute))
    expect(await opened(copy)).toMatchObject({ names: [copy], arenas: ['copied0'] })
  })

  test.each([
    ['names one partition', 'arenas /dev/sdC0/arenas\n'],
    ['names partitions that are not here', 'arenas one.img\narenas /dev/sdC9/arenas\n'],
    ['names none', 'index main\narenas # to be filled in\n'],
    ['is empty', ''],
  ])('that %s leaves the partition as it is', async (_, config) => {
    const folder = await folderWith({ 'one.img': partition('one', 2, config) })
    expect((await opened(join(folder, 'one.img'))).arenas).toEqual(['one0', 'one1'])
  })

  test('of an index section leads to the arenas', async () => {
    const section = Buffer.alloc(300_000)
    section.writeUInt32BE(0xd15c5ec7, 256 * kibibyte)
    section.write('venti config\nindex main\narenas one.img\n', 248 * kibibyte, 'latin1')
    const folder = await folderWith({ isect: section, 'one.img': partition('one') })
    expect(await opened(join(folder, 'isect'))).toEqual({
      names: [join(folder, 'one.img')],
      arenas: ['one0'],
      index: 'main',
    })
  })

  test('of a real venti: the fixture says what it was', async () => {
    const folder = await folderWith({ 'fossil-venti.img': loadFixture('fossil-venti') })
    const { arenas, index } = await opened(join(folder, 'fossil-venti.img'))
    expect([arenas.length, index]).toEqual([6, 'main'])
  })
})

test.each([
  [0, 'a file of no bytes'],
  [8193, 'too large for a configuration'],
  [100 * kibibyte, 'in between'],
  [256 * kibibyte - 1, 'one byte short of a partition'],
  [256 * kibibyte, 'no header'],
  [256 * kibibyte + 511, 'half a header'],
])('a file of %d bytes (%s) is no arena partition', async (size) => {
  const path = join(await scratchDir(), 'image')
  await writeFile(path, '')
  await truncate(path, size)
  const opening = opened(path)
  await expect(opening).rejects.toMatchObject({ code: 'not-arena-partition' })
  await expect(opening).rejects.toThrow(
    `${path}: ${size} bytes are too few for an arena partition, whose header is at 0x40000`,
  )
})
