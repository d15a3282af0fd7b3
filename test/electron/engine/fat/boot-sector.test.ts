// Every field of the boot sector at and beyond its limit; other file systems are named for what they are.

import { describe, expect, test } from 'vitest'
import { AppError } from '../../../../shared/errors.ts'
import { decodeBootSector, recogniseFat } from '../../../../electron/engine/fat/boot-sector.ts'
import { loadDisk } from '../../../helpers/disk-fixtures.ts'
import { buildFat } from '../../../helpers/fat-builder.ts'

const good = buildFat({ clusters: 2000 }).image.subarray(0, 512)

function spoiled(...fields: readonly (readonly [at: number, hex: string])[]): Buffer {
  const bytes = Buffer.from(good)
  for (const [at, hex] of fields) bytes.write(hex, at, 'hex')
  return bytes
}

test.each([
  ['jump', spoiled([0, '000000']), 'it begins with 0x0 0x0 0x0, expected 0xeb .. 0x90 or 0xe9'],
  ['jump without NOP', spoiled([2, '00']), 'it begins with 0xeb 0x3c 0x0'],
  ['signature', spoiled([510, '0000']), 'it does not end in 0x55 0xaa'],
  ['0 bytes per sector', spoiled([11, '0000']), '0 bytes per sector, expected a power of two from 512 to 4096'],
  ['256 bytes per sector', spoiled([11, '0001']), '256 bytes per sector'],
  ['8192 bytes per sector', spoiled([11, '0020']), '8192 bytes per sector'],
  ['513 bytes per sector', spoiled([11, '0102']), '513 bytes per sector'],
  ['0 sectors per cluster', spoiled([13, '00']), '0 sectors per cluster, expected a power of two'],
  ['3 sectors per cluster', spoiled([13, '03']), '3 sectors per cluster'],
  ['nothing reserved', spoiled([14, '0000']), 'no reserved sector, expected 1 at least'],
  ['no FAT', spoiled([16, '00']), '0 FATs, expected 1 to 4'],
  ['5 FATs', spoiled([16, '05']), '5 FATs, expected 1 to 4'],
  ['no root entries', spoiled([17, '0000']), 'no root entries'],
  ['no sectors per FAT', spoiled([22, '0000']), 'no sectors per FAT'],
  ['no sectors', spoiled([19, '0000'], [32, '00000000']), '0 sectors in all, but files begin at sector'],
  ['too few sectors', spoiled([19, '1500']), '21 sectors in all, but files begin at sector 21: no cluster fits'],
  [
    'too many clusters',
    spoiled([19, '0000'], [32, '00000200']),
    '131051 clusters, expected fewer than 65525 in a FAT16',
  ],
  ['all sectors there can be', spoiled([19, '0000'], [32, 'ffffffff']), '4294967274 clusters, expected fewer'],
  ['FAT32', spoiled([17, '0000'], [22, '0000'], [36, '10000000']), 'it is a FAT32 volume'],
  ['NTFS', spoiled([3, Buffer.from('NTFS    ').toString('hex')]), 'it is an NTFS volume'],
  ['exFAT', spoiled([3, Buffer.from('EXFAT   ').toString('hex')]), 'it is an exFAT volume'],
  ['zeros', Buffer.alloc(512), 'it begins with 0x0 0x0 0x0'],
  ['too short', Buffer.from(good.subarray(0, 511)), '511 bytes, expected 512'],
  ['nothing', Buffer.alloc(0), '0 bytes, expected 512'],
])('%s is refused', (name, bytes, message) => {
  const decode = (): unknown => decodeBootSector(bytes, 'disk')
  expect(decode).toThrow(AppError)
  expect(decode).toThrow(`disk: boot sector at 0x0: ${message}`)
  expect(decode).toThrow(expect.objectContaining({ code: 'not-9fat' }))
  expect(recogniseFat(bytes)?.fatBits).toBe(name === 'FAT32' ? 32 : undefined)
})

describe('the count of clusters decides between FAT12 and FAT16', () => {
  test.each([
    [1, 12],
    [4084, 12],
    [4085, 16],
    [65524, 16],
  ] as const)('%i clusters', (clusters, fatBits) => {
    const { image, rootOffset, dataOffset } = buildFat({ clusters })
    const layout = decodeBootSector(image)
    expect(layout).toMatchObject({ fatBits, clusters, clustersWithoutEntry: 0, sizeBytes: image.length })
    expect([layout.rootSector * 512, layout.dataSector * 512]).toEqual([rootOffset, dataOffset])
    expect(recogniseFat(image)).toEqual({
      fatBits,
      label: 'CYLINDRICAL',
      sectorBytes: 512,
      reservedSectors: 2,
      sizeBytes: image.length,
    })
  })
})

test.each([512, 1024, 2048, 4096])('sectors of %i bytes', (sectorBytes) => {
  const { image, dataOffset } = buildFat({ clusters: 100, sectorBytes, sectorsPerCluster: 2, rootEntries: 50 })
  const layout = decodeBootSector(image)
  expect(layout).toMatchObject({ sectorBytes, clusterBytes: 2 * sectorBytes, clusters: 100 })
  expect(layout.dataSector * sectorBytes).toBe(dataOffset)
  // disk/format puts the signature at the end of the sector.
  image.fill(0, 510, 512).writeUInt16LE(0xaa55, sectorBytes - 2)
  expect(decodeBootSector(image.subarray(0, sectorBytes)).sectorBytes).toBe(sectorBytes)
})

test('the 16-bit count of sectors wins, when it is not zero', () => {
  expect(decodeBootSector(spoiled([32, 'ffffffff']))).toEqual(decodeBootSector(good))
  expect(decodeBootSector(spoiled([19, '0000']))).toEqual(decodeBootSector(good))
})

test('a FAT that is too small for its volume holds fewer clusters', () => {
  const small = decodeBootSector(spoiled([22, '0100']))
  expect([small.clusters, small.usedFatSectors]).toEqual([339, 1])
  expect(small.clustersWithoutEntry).toBeGreaterThan(1600)
})

test('a FAT that is far too large is not read beyond its entries', () => {
  const layout = decodeBootSector(spoiled([22, 'ffff'], [19, '0000'], [32, '00100200']))
  expect(layout.usedFatSectors).toBe(16)
  expect(layout.clusters).toBe(0x21000 - (2 + 2 * 65535 + 7))
})

test('dirty: bit 0 of byte 37', () => {
  expect([decodeBootSector(good).isDirty, decodeBootSector(spoiled([37, '01'])).isDirty]).toEqual([false, true])
})

test('other partitions are none', () => {
  const disk = loadDisk('disk-mbr')
  expect(recogniseFat(disk)).toBeNull()
  expect(recogniseFat(loadDisk('fossil'))).toBeNull()
  expect(recogniseFat(disk.subarray(63 * 512))?.fatBits).toBe(12)
})
