// Whole disks and partitions by themselves, as listings: the fixtures' expected values, what is recognised by content and
// what only by name, root scores masked (R10), bad sectors.

import { describe, expect, test } from 'vitest'
import type { DiskListing } from '../../../../shared/model/partition.ts'
import { listDisk } from '../../../../electron/engine/disk/discover.ts'
import { expectedDisk, expectedFossil, expectedVolume, loadDisk, volumeIds } from '../../../helpers/disk-fixtures.ts'
import { putMbr, putTable } from '../../../helpers/disk-builder.ts'
import { faultySource } from '../../../helpers/faulty-source.ts'
import { fixtureIds, loadFixture } from '../../../helpers/fixtures.ts'
import { noise } from '../../../helpers/image-builder.ts'
import { memorySource } from '../../../helpers/memory-source.ts'

const masked = 'vac:e37c…21a8'

async function listed(bytes: Uint8Array, name = 'disk.img'): Promise<DiskListing> {
  return await listDisk(memorySource(bytes, name))
}

/** A bare partition of this content, alone in a source. */
async function kindOf(bytes: Uint8Array): Promise<readonly [string, string]> {
  const { scheme, partitions } = await listed(bytes)
  expect([scheme, partitions.length]).toEqual(['bare', 1])
  return [partitions[0]!.kind, partitions[0]!.found]
}

function withText(bytes: Buffer, at: number, text: string): Buffer {
  bytes.write(text, at, 'latin1')
  return bytes
}

/** An MBR disk whose Plan 9 partition at sector 8 holds these parts, one behind the other. */
function diskOf(parts: Readonly<Record<string, Buffer>>): Buffer {
  let sector = 16
  const lines: string[] = []
  for (const [name, bytes] of Object.entries(parts)) {
    lines.push(`part ${name} ${sector} ${sector + bytes.length / 512}\n`)
    sector += bytes.length / 512
  }
  const disk = Buffer.alloc((8 + sector) * 512)
  putMbr(disk, 0, [{ type: 0x39, start: 8, sectors: sector }])
  putTable(disk, 8 * 512, lines.join(''))
  let at = (8 + 16) * 512
  for (const bytes of Object.values(parts)) at += bytes.copy(disk, at)
  return disk
}

describe('the whole disks', () => {
  test.each([
    ['disk-mbr', 'mbr', 'MBR type 0x39, Plan 9 partition with 6 parts'],
    ['disk-gpt', 'gpt', 'GPT, "plan9", Plan 9 partition with 6 parts'],
  ] as const)('%s: every part with its place, kind and what is in it', async (id, scheme, container) => {
    const { parts, sectorSize, plan9PartitionStart, fossilLast } = expectedDisk(id)
    const image = loadDisk(id)
    const listing = await listed(image)
    const details: Record<string, object> = {
      '9fat': { fatBits: 12, label: 'CYLINDRICAL', hasWrcmd: true, hasRootscor: true },
      fossil: { label: 'vfs', fossilLast: masked },
      arenas: { arenas: 6, arenaBlockSize: 8192 },
    }
    const found: Record<string, string> = {
      '9fat': 'FAT12 "CYLINDRICAL", 10.0 MiB, with wrcmd and rootscor',
      nvram: 'by its name only: it holds no keys with right checksums',
      fossil: `fossil "vfs", blocks of 8.0 KiB, last archive ${masked}`,
      arenas: '6 arenas, version 3, blocks of 8.0 KiB',
      isect: 'index section isect0 of index main, version 2, 927 buckets of 8.0 KiB',
      swap: 'by its name only: swap has no form of its own',
    }
    const plan9 = plan9PartitionStart * sectorSize
    expect(listing).toEqual({
      disk: 'disk.img',
      scheme,
      sectorBytes: 512,
      size: image.length,
      partitions: [
        {
          name: 'plan9',
          kind: 'plan9',
          offset: plan9,
          size: 118_289 * 512,
          path: 'disk.img:plan9',
          found: container,
          details: {},
        },
        ...parts.map(({ name, byteOffset, bytes }) => ({
          name,
          kind: name,
          offset: byteOffset,
          size: bytes,
          path: `disk.img:${name}`,
          found: found[name],
          details: details[name] ?? {},
        })),
      ],
      problems: [],
    })
    expect(parts.map(({ name }) => name)).toEqual(Object.keys(found))
    const full = await listDisk(memorySource(image), { showScores: true })
    const last = full.partitions.find(({ name }) => name === 'fossil')!
    expect(last.details.fossilLast).toBe(fossilLast)
    expect(last.found).toContain(fossilLast)
    expect(JSON.stringify(listing)).not.toContain(fossilLast.slice(4))
  })

  test('a part of a file is listed by byte ranges of that file', async () => {
    const { parts, plan9PartitionStart } = expectedDisk('disk-mbr')
    const start = plan9PartitionStart * 512
    const plan9 = loadDisk('disk-mbr').subarray(start)
    const within = { file: 'disk.img', offset: start }
    const { scheme, partitions } = await listDisk(memorySource(plan9, 'disk.img:plan9'), { within })
    expect(scheme).toBe('plan9')
    expect(partitions.map(({ name, kind, path }) => [name, kind, path])).toEqual(
      parts.map(({ name, byteOffset, bytes }) => [name, name, `disk.img:${byteOffset}-${byteOffset + bytes}`]),
    )
  })

  test('a bad sector ends neither the listing nor the recognition of other parts', async () => {
    const { parts } = expectedDisk('disk-mbr')
    const image = loadDisk('disk-mbr')
    const unreadable = parts.flatMap(({ name, byteOffset, bytes }) =>
      name === 'nvram' ? [{ start: byteOffset, end: byteOffset + bytes }] : [],
    )
    const arenas = parts.find(({ name }) => name === 'arenas')!.byteOffset
    unreadable.push({ start: arenas + 262_144, end: arenas + 262_145 })
    const source = faultySource(memorySource(image, 'disk.img'), { unreadable })
    const { partitions, problems } = await listDisk(source)
    const kinds = Object.fromEntries(partitions.map(({ name, kind }) => [name, kind]))
    expect(kinds).toEqual({
      plan9: 'plan9',
      '9fat': '9fat',
      nvram: 'unknown',
      fossil: 'fossil',
      arenas: 'unknown',
      isect: 'isect',
      swap: 'swap',
    })
    expect(partitions.find(({ name }) => name === 'nvram')!.found).toMatch(/^cannot be read: .*EIO/)
    expect(partitions.find(({ name }) => name === 'arenas')!.found).toMatch(/not readable everywhere: .*EIO/)
    expect(problems).toEqual([])
  })

  test('a disk that is pulled out ends it, at whichever read', async () => {
    const image = loadDisk('disk-mbr')
    for (let reads = 0; reads < 24; reads++) {
      const source = faultySource(memorySource(image), { vanishAfter: reads })
      await expect(listDisk(source), String(reads)).rejects.toMatchObject({ code: 'source-read' })
    }
  })
})

describe('partitions by themselves', () => {
  test.each(volumeIds)('%s', async (id) => {
    const { fatBits, label, files } = expectedVolume(id)
    const image = loadDisk(id)
    const { scheme, partitions, problems } = await listed(image, 'x.img')
    const names = new Set(files.map(({ name }) => name))
    expect([scheme, problems]).toEqual(['bare', []])
    expect(partitions).toMatchObject([{ name: '9fat', kind: '9fat', offset: 0, size: image.length, path: 'x.img' }])
    expect(partitions[0]!.details).toEqual({
      fatBits,
      label,
      hasWrcmd: names.has('WRCMD'),
      hasRootscor: names.has('ROOTSCOR'),
    })
  })

  test('the fossil', async () => {
    const { label, blockSize } = expectedFossil()
    expect(await kindOf(loadDisk('fossil'))).toEqual([
      'fossil',
      `fossil "${label}", blocks of ${blockSize / 1024}.0 KiB, last archive ${masked}`,
    ])
  })

  const arenaIds = fixtureIds().filter((id) => id !== 'seed-geometry')
  test.each(arenaIds)('arenas %s', async (id) => {
    const { scheme, partitions } = await listed(loadFixture(id))
    expect(scheme).toBe('bare')
    expect(partitions[0]!.kind).toBe('arenas')
    expect(partitions[0]!.details.arenas).toBeGreaterThan(0)
  })

  test('a fossil with damage is still one, without a last root', async () => {
    const image = loadDisk('fossil')
    image[147_456] = 0
    const { partitions } = await listed(image)
    expect(partitions[0]).toMatchObject({ kind: 'fossil', details: { fossilLast: null } })
    expect(partitions[0]!.found).toMatch(/^damaged fossil: .*super block at 0x24000: magic is 0x40a3b1/)
  })

  test('a fossil that was never archived says so', async () => {
    const image = loadDisk('fossil')
    image.write('da39a3ee5e6b4b0d3255bfef95601890afd80709', 147_490, 'hex')
    const { partitions } = await listed(image)
    expect(partitions[0]).toMatchObject({ kind: 'fossil', details: { label: 'vfs', fossilLast: null } })
    expect(partitions[0]!.found).toContain('never archived')
  })

  test('an older 9fat or fossil below arenas is named and is not what it is', async () => {
    const arenas = loadFixture('seq-day1')
    loadDisk('fossil').copy(arenas, 131_072, 131_072, 160_000)
    expect(await kindOf(arenas)).toEqual([
      'arenas',
      expect.stringMatching(/^\d arenas, .*; the header of an older fossil still stands in it$/),
    ])
    loadDisk('9fat12').copy(arenas, 0, 0, 65_536)
    expect((await listed(arenas)).problems).toEqual([
      'an older Plan 9 table stands at 0x200, but this is an arena partition by itself: the table is not used',
    ])
    expect((await kindOf(arenas))[1]).toMatch(/older fossil .*; the header of an older 9fat still stands in it$/)
    // With its table gone the arena header proves little; a 9fat is one.
    arenas.fill(0, 262_144 + 4, 794_624)
    arenas.fill(0, 131_072, 131_076)
    arenas.fill(0, 512, 1024)
    expect((await kindOf(arenas))[0]).toBe('9fat')
  })

  test('a disk that became arenas is not what its old MBR says; a header between partitions is the older one', async () => {
    const disk = Buffer.concat([loadFixture('seq-day1'), Buffer.alloc(1024 * 1024)])
    const plan9 = loadDisk('disk-mbr').subarray(63 * 512, 300_000)
    for (const [start, kinds] of [
      [63, ['arenas']],
      [1024, ['plan9', '9fat', 'nvram', 'unknown']],
    ] as const) {
      putMbr(disk, 0, [{ type: 0x39, start, sectors: disk.length / 512 - start }])
      plan9.copy(disk, start * 512, 0, start === 63 ? 65_536 : plan9.length)
      putTable(disk, start * 512, 'part 9fat 0 20480\npart nvram 20480 20481\npart fossil 20481 20500\n')
      const { partitions, problems } = await listed(disk)
      expect(partitions.map(({ kind }) => kind)).toEqual(kinds)
      expect(problems).toEqual(
        start === 63
          ? ['an older MBR stands on it, but this is an arena partition by itself: the table is not used']
          : [],
      )
    }
  })

  function nvram(change?: number): Buffer {
    const sector = Buffer.alloc(512)
    withText(sector, 31, 'bootes')
    withText(sector, 60, 'example.org')
    sector[3] = 200
    let at = 0
    for (const length of [7, 7, 14, 28, 48]) {
      sector[at + length] = sector.subarray(at, at + length).reduce((sum, byte) => sum + byte, 9) % 256
      at += length + 1
    }
    if (change !== undefined) sector[change]! ^= 1
    return sector
  }

  test('an nvram by its checksums, and nothing of it is shown', async () => {
    expect(await kindOf(nvram())).toEqual(['nvram', 'keys of this machine (secret, not shown)'])
    for (const change of [3, 7, 15, 30, 35, 59, 70, 108])
      expect((await kindOf(nvram(change)))[0], String(change)).toBe('unknown')
    expect((await kindOf(Buffer.concat([nvram(), Buffer.alloc(1024 * 1024)])))[0]).toBe('unknown')
  })

  test('a bloom filter, a swap of Linux, an index section', async () => {
    const bloom = Buffer.alloc(8192)
    bloom.writeUInt32BE(0xb1004ead, 0)
    bloom.writeUInt32BE(1, 4)
    bloom.writeUInt32BE(8192, 12)
    expect(await kindOf(bloom)).toEqual(['bloom', 'bloom filter of 8.0 KiB'])
    bloom.writeUInt32BE(8193, 12)
    expect(await kindOf(bloom)).toEqual(['bloom', 'damaged bloom filter: size is 0x2001'])
    expect(await kindOf(withText(Buffer.alloc(8192), 4086, 'SWAPSPACE2'))).toEqual(['swap', 'swap of Linux'])
    const section = Buffer.alloc(300_000)
    section.writeUInt32BE(0xd15c5ec7, 262_144)
    section.writeUInt32BE(3, 262_148)
    expect(await kindOf(section)).toEqual(['isect', 'damaged index section: version is 3, expected 1 or 2'])
  })

  test('a FAT that nobody on Plan 9 made, and a FAT32', async () => {
    const image = loadDisk('9fat12-nowrcmd')
    withText(image, 3, 'mkfs.fat')
    image.fill(0, 512, 1024)
    const { rootOffset } = expectedVolume('9fat12-nowrcmd')
    const root = Buffer.from(image.subarray(rootOffset, rootOffset + 512 * 32))
    expect((await kindOf(image))[0]).toBe('9fat')
    image.fill(0, rootOffset, rootOffset + 512 * 32)
    expect(await kindOf(image)).toEqual(['fat', 'FAT12 "CYLINDRICAL", 10.0 MiB'])
    root.copy(image, rootOffset)
    withText(image, 3, 'Plan9.00')
    expect((await kindOf(image))[0]).toBe('9fat')
    const fat32 = Buffer.alloc(4096)
    fat32.write('eb5890', 0, 'hex')
    withText(fat32, 3, 'MSDOS5.0')
    fat32.writeUInt16LE(512, 11)
    fat32[13] = 1
    fat32.writeUInt16LE(32, 14)
    fat32[16] = 2
    fat32[21] = 0xf8
    fat32.writeUInt32LE(100_000, 32)
    fat32.writeUInt32LE(788, 36)
    withText(fat32, 71, 'EFI        ')
    fat32.write('55aa', 510, 'hex')
    const { partitions } = await listed(fat32)
    expect(partitions[0]).toMatchObject({ kind: 'fat', details: { fatBits: 32, label: 'EFI' } })
    expect(partitions[0]!.found).toContain('cut short: only 4.0 KiB of it are there')
  })

  test.each([
    ['nothing', Buffer.alloc(0), 'nothing there'],
    ['one byte', Buffer.alloc(1), 'nothing there'],
    ['zeros', Buffer.alloc(400_000), 'nothing there: zeros wherever a known form begins'],
    ['noise', noise(400_000, 9), 'nothing known by its content'],
  ])('%s is unknown', async (_, bytes, words) => {
    const [kind, found] = await kindOf(bytes)
    expect(kind).toBe('unknown')
    expect(found).toContain(words)
  })
})

test('a name decides only where content has no form of its own', async () => {
  const zeros = Buffer.alloc(1024)
  const { partitions } = await listed(
    diskOf({
      swap: zeros,
      nvram: zeros,
      fossil: zeros,
      cache: nothingKnown(),
      arenas: loadFixture('empty'),
      isect: loadFixture('seq-day1'),
    }),
  )
  expect(partitions.slice(1).map(({ name, kind }) => [name, kind])).toEqual([
    ['swap', 'swap'],
    ['nvram', 'nvram'],
    ['fossil', 'unknown'],
    ['cache', 'unknown'],
    ['arenas', 'arenas'],
    ['isect', 'arenas'],
  ])
  expect(partitions[3]!.found).toBe('nothing there: zeros wherever a known form begins; its name says "fossil"')
  expect(partitions[4]!.found).toBe('nothing known by its content; its name says "cache"')
})

function nothingKnown(): Buffer {
  return noise(1024, 2)
}

test('a listing reads little', async () => {
  const image = loadDisk('disk-gpt')
  let bytes = 0
  let reads = 0
  const source = memorySource(image)
  const counting = {
    ...source,
    read: async (offset: number, length: number): Promise<Uint8Array> => {
      bytes += length
      reads++
      return await source.read(offset, length)
    },
  }
  await listDisk(counting)
  expect(bytes).toBeLessThan(200_000)
  expect(reads).toBeLessThan(60)
})
