// Volumes with something wrong: what an edit refuses and in which words, and what can still be read of them.

import { describe, expect, test } from 'vitest'
import { AppError } from '../../../../shared/errors.ts'
import { checkVolume } from '../../../../electron/engine/fat/check.ts'
import { planEdit } from '../../../../electron/engine/fat/plan-edit.ts'
import { openVolume } from '../../../../electron/engine/fat/volume.ts'
import { countingSource } from '../../../../electron/engine/source/counting-source.ts'
import { buildFat, shortEntry, type BuiltEntrySpec, type BuiltFat } from '../../../helpers/fat-builder.ts'
import { fileOf, line, newLine, ordinary, refusal, score, wrcmd } from '../../../helpers/fat-cases.ts'
import { append, march15, planOn, readAll, replace } from '../../../helpers/fat-plans.ts'
import { memorySource } from '../../../helpers/memory-source.ts'

describe('refused', () => {
  const both = [append('rootscor', score), replace('wrcmd', newLine)]
  const spoiled = (spoil: (built: BuiltFat) => void, entries = ordinary): Buffer => {
    const built = buildFat({ clusters: 500, entries })
    spoil(built)
    return built.image
  }
  const entryAt = (built: BuiltFat, path: string): number => built.rootOffset + fileOf(built, path).slot * 32
  const first = (built: BuiltFat, path: string): number => fileOf(built, path).clusters[0]!
  const setBoth = (built: BuiltFat, cluster: number, value: number): void => {
    built.setFat(0, cluster, value)
    built.setFat(1, cluster, value)
  }

  test.each<[string, (built: BuiltFat) => void, RegExp]>([
    [
      'second FAT differs',
      (built) => built.setFat(1, first(built, '9LOAD'), 9),
      /9LOAD: the FATs differ at cluster 2 \(3, 9\)/,
    ],
    ['second FAT says free', (built) => built.setFat(1, first(built, 'WRCMD'), 0), /WRCMD: the FATs differ at cluster/],
    [
      'in a sub-directory',
      (built) => built.setFat(1, first(built, 'EFI/BOOT/BOOTX64.EFI'), 0),
      /EFI\/BOOT\/BOOTX64\.EFI: the FATs differ/,
    ],
    [
      'free cluster',
      (built) => setBoth(built, first(built, 'WRCMD'), 0),
      /WRCMD: cluster \d+ of its chain is marked free/,
    ],
    [
      'bad cluster',
      (built) => setBoth(built, first(built, 'WRCMD'), 0xff7),
      /WRCMD: cluster \d+ of its chain is marked bad/,
    ],
    [
      'link to 1',
      (built) => setBoth(built, first(built, 'WRCMD'), 1),
      /WRCMD: cluster \d+ of its chain leads to cluster 1/,
    ],
    [
      'link beyond',
      (built) => setBoth(built, first(built, 'WRCMD'), 502),
      /WRCMD: cluster \d+ of its chain leads to cluster 502/,
    ],
    [
      'link to itself',
      (built) => setBoth(built, first(built, 'WRCMD'), first(built, 'WRCMD')),
      /WRCMD: the chain .* in a circle/,
    ],
    [
      'first cluster 1',
      (built) => built.image.writeUInt16LE(1, entryAt(built, 'WRCMD') + 26),
      /WRCMD: first cluster 1, expected 2 to 501/,
    ],
    [
      'first cluster 502',
      (built) => built.image.writeUInt16LE(502, entryAt(built, 'WRCMD') + 26),
      /WRCMD: first cluster 502/,
    ],
    [
      'two entries, one cluster',
      (built) => built.image.writeUInt16LE(first(built, 'ROOTSCOR'), entryAt(built, 'WRCMD') + 26),
      /ROOTSCOR: cluster \d+ belongs to WRCMD as well/,
    ],
    [
      'length without clusters',
      (built) => built.image.writeUInt16LE(0, entryAt(built, 'WRCMD') + 26),
      /WRCMD: 67 bytes .* holds 0$/,
    ],
    [
      'clusters without length',
      (built) => built.image.writeUInt32LE(0, entryAt(built, 'WRCMD') + 28),
      /WRCMD: 0 bytes .* holds 512$/,
    ],
    [
      'longer than its chain',
      (built) => built.image.writeUInt32LE(513, entryAt(built, 'WRCMD') + 28),
      /WRCMD: 513 bytes .* holds 512$/,
    ],
    [
      'absurd length',
      (built) => built.image.writeUInt32LE(0xffffffff, entryAt(built, 'WRCMD') + 28),
      /WRCMD: 4294967295 bytes/,
    ],
  ])('%s', async (_, spoil, message) => {
    const { code, message: found } = await refusal(spoiled(spoil), both)
    expect(code).toBe('damaged-9fat')
    expect(found).toMatch(message)
  })

  test('a directory that contains itself', async () => {
    const built = buildFat({ clusters: 500, entries: [wrcmd, { name: 'A', entries: [{ name: 'B', content: 'x' }] }] })
    const a = built.rootOffset + 32
    const inside = built.clusterOffset(built.image.readUInt16LE(a + 26)) + 64
    shortEntry('B', 0x10, built.image.readUInt16LE(a + 26), 0).copy(built.image, inside)
    setBoth(built, fileOf(built, 'A/B').clusters[0]!, 0)
    expect(await refusal(built.image, both)).toMatchObject({ code: 'damaged-9fat' })
  })

  test('two files of that name', async () => {
    const image = spoiled(() => {}, [wrcmd, wrcmd])
    expect(await refusal(image, both)).toEqual({
      code: 'damaged-9fat',
      message: '9fat: 2 files are called wrcmd (entries 0 and 1)',
    })
  })

  test('a volume label of that name', async () => {
    const image = spoiled(() => {}, [{ raw: shortEntry('WRCMD', 0x08, 0, 0) }])
    expect(await refusal(image, both)).toEqual({ code: 'read-only-9fat', message: '9fat: wrcmd is the volume label' })
  })

  test('a directory of that name, a file that is read-only', async () => {
    const directory = spoiled(() => {}, [{ name: 'WRCMD', entries: [] }])
    expect(await refusal(directory, both)).toMatchObject({ code: 'read-only-9fat' })
    const readOnly = spoiled(() => {}, [{ ...wrcmd, attributes: 0x01 }])
    expect(await refusal(readOnly, both)).toMatchObject({ code: 'read-only-9fat' })
    expect((await planOn(readOnly, [replace('wrcmd', line)])).steps).toEqual([])
  })

  test('a volume that is cut off', async () => {
    const image = spoiled(() => {}).subarray(0, -512)
    const { code, message } = await refusal(image, both)
    expect([code, /the volume ends at 0x\w+ by its boot sector, but 9fat ends at 0x\w+$/.test(message)]).toEqual([
      'damaged-9fat',
      true,
    ])
    expect(await refusal(spoiled(() => {}).subarray(0, 1024), both)).toMatchObject({ code: 'damaged-9fat' })
  })

  test('a FAT that has no entry for every cluster', async () => {
    const image = spoiled(({ image: bytes }) => {
      bytes.writeUInt16LE(0, 19)
      bytes.writeUInt32LE(2000, 32)
    })
    const { message } = await refusal(Buffer.concat([image, Buffer.alloc(2000 * 512 - image.length)]), both)
    expect(message).toMatch(/clusters of the volume have no place in its FAT/)
  })

  test('one FAT that cannot be read: the files can be', async () => {
    const { image, fatOffset } = buildFat({ clusters: 500, entries: ordinary })
    for (const [copy, name] of [
      [0, 'FAT 1'],
      [1, 'FAT 2'],
    ] as const) {
      const source = memorySource(image)
      const read = source.read.bind(source)
      const broken = {
        ...source,
        read: async (offset: number, length: number) => {
          if (offset === fatOffset(copy)) throw new AppError('source-read', 'I/O error')
          return await read(offset, length)
        },
      }
      const volume = await openVolume(broken)
      expect(Buffer.from((await volume.readFile('wrcmd'))!).toString()).toBe(line)
      expect(volume.problems).toEqual([`${name} cannot be read: I/O error`])
      expect(() => planEdit(volume, both, { now: march15 })).toThrow(`${name} cannot be read`)
    }
  })
})

describe('marks that end a chain', () => {
  test.each([
    [500, 0xff8, 0xfff],
    [4200, 0xfff8, 0xffff],
  ])('%i clusters: %i to %i', async (clusters, from, to) => {
    const built = buildFat({ clusters, entries: ordinary })
    const [last] = fileOf(built, 'WRCMD').clusters
    for (let value = from - 9; value <= to; value++) {
      for (const copy of [0, 1]) built.setFat(copy, last!, value)
      const { findings } = await readAll(built.image)
      expect([value, findings]).toEqual([value, value < from ? ['bad-chain'] : []])
    }
  })
})

test('deep directories end the walk, and with it every edit', async () => {
  let deep: BuiltEntrySpec = { name: 'END', content: 'x' }
  for (let i = 0; i < 40; i++) deep = { name: `D${i}`, entries: [deep] }
  const { image } = buildFat({ clusters: 500, entries: [wrcmd, deep] })
  const volume = await openVolume(memorySource(image))
  expect(volume.tree!.isWhole).toBe(false)
  expect(checkVolume(volume).findings.map(({ kind }) => kind)).toContain('incomplete')
  expect(Buffer.from((await volume.readFile('wrcmd'))!).toString()).toBe(line)
  expect(await refusal(image, [replace('wrcmd', newLine)])).toMatchObject({ code: 'damaged-9fat' })
})

describe('directories without end', () => {
  /** One directory of 4096-byte clusters, filled with copies of an entry. */
  const filled = (clusters: number, entry: Buffer): Buffer => {
    const { image, rootOffset, dataOffset, setFat } = buildFat({ clusters: 4200, sectorsPerCluster: 8 })
    shortEntry('D', 0x10, 2, 0).copy(image, rootOffset)
    for (const copy of [0, 1]) {
      for (let i = 0; i < clusters; i++) setFat(copy, i + 2, i + 1 === clusters ? 0xffff : i + 3)
    }
    image.fill(entry, dataOffset, dataOffset + clusters * 4096)
    return image
  }
  const file = shortEntry('F', 0x20, 0, 0)
  const gone = Buffer.from(file).fill(0xe5, 0, 1)

  test.each([
    [500, file, true, []],
    [513, file, false, ['more than 65536 files']],
    [4096, gone, true, []],
    [4097, gone, false, ['D: the directories of this volume hold more than 16777216 bytes']],
  ] as const)('%i clusters', async (clusters, entry, isWhole, problems) => {
    const image = filled(clusters, entry)
    const { tree } = await openVolume(memorySource(image))
    expect([tree!.isWhole, tree!.problems]).toEqual([isWhole, problems])
    if (isWhole) expect((await planOn(image, [replace('wrcmd', line)])).steps.length).toBeGreaterThan(0)
    else expect(await refusal(image, [replace('wrcmd', line)])).toMatchObject({ code: 'damaged-9fat' })
  })
})

describe('what can be had of a damaged file', () => {
  test('a chain longer than the file: no more is read than belongs to it', async () => {
    const built = buildFat({ clusters: 3000, entries: [{ name: 'WRCMD', content: 'x'.repeat(500_000) }] })
    built.image.writeUInt32LE(3, built.rootOffset + 28)
    const count = { reads: 0, bytes: 0 }
    const volume = await openVolume(countingSource(memorySource(built.image), count), { load: [] })
    count.bytes = 0
    expect(Buffer.from((await volume.readFile('wrcmd'))!).toString()).toBe('xxx')
    expect(count.bytes).toBe(512)
  })

  test.each([1, 502, 65535])('first cluster %i: nothing', async (cluster) => {
    const built = buildFat({ clusters: 500, entries: [wrcmd] })
    built.image.writeUInt16LE(cluster, built.rootOffset + 26)
    const reading = await (await openVolume(memorySource(built.image))).examineFile('wrcmd')
    expect([reading!.bytes.length, reading!.isComplete, reading!.problems]).toEqual([
      0,
      false,
      ['wrcmd: its first cluster leads to no cluster of this volume'],
    ])
  })

  test('a disk that fails in the middle: what stands before it', async () => {
    const chain = [10, 11, 20, 21]
    const built = buildFat({
      clusters: 500,
      entries: [{ name: 'ROOTSCOR', content: 'r'.repeat(2000), clusters: chain }],
    })
    const source = memorySource(built.image)
    const bad = built.clusterOffset(20)
    const failing = {
      ...source,
      read: async (offset: number, length: number) => {
        if (offset <= bad && offset + length > bad) throw new AppError('source-read', 'I/O error')
        return await source.read(offset, length)
      },
    }
    const reading = await (await openVolume(failing)).examineFile('rootscor')
    expect([reading!.bytes.length, reading!.isComplete, reading!.problems]).toEqual([
      1024,
      false,
      ['rootscor: I/O error'],
    ])
    const volume = await openVolume(failing)
    expect(() => planEdit(volume, [append('rootscor', 'x')], { now: march15 })).toThrow('rootscor: I/O error')
  })
})

test('sub-directories are listed and read by path', async () => {
  const volume = await openVolume(memorySource(buildFat({ clusters: 500, entries: ordinary }).image))
  const names = async (path?: string): Promise<unknown> => (await volume.list(path))?.map(({ name }) => name) ?? null
  expect([await names(), await names('efi'), await names('EFI/boot/')]).toEqual([
    ['9LOAD', 'EFI', 'WRCMD', 'ROOTSCOR'],
    ['BOOT'],
    ['BOOTX64.EFI'],
  ])
  expect([await names('wrcmd'), await names('none'), await names('wrcmd/x')]).toEqual([null, null, null])
  expect(Buffer.from((await volume.readFile('efi/boot/bootx64.efi'))!).toString()).toBe('efi '.repeat(400))
  expect([await volume.readFile('efi'), await volume.readFile('efi/none')]).toEqual([null, null])
  await expect(volume.examineFile('9load', { maxBytes: 100 })).rejects.toThrow('9load is 2100 bytes long')
})
