// What may be opened for writing, and every refusal: nothing is written then, and the words say why.

import { chmod, mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { FileRegion } from '../../../../electron/engine/fat/file-region.ts'
import { openFileRegion, type RegionSystem } from '../../../../electron/engine/fat/open-region.ts'
import type { Place } from '../../../../electron/engine/source/place.ts'
import { rejection } from '../../../helpers/client-calls.ts'
import { buildCutVolume } from '../../../helpers/cut-volumes.ts'
import { loadDisk } from '../../../helpers/disk-fixtures.ts'
import { loadFixture } from '../../../helpers/fixtures.ts'
import { noise } from '../../../helpers/image-builder.ts'
import { scratchDir } from '../../../helpers/scratch.ts'

const volume = buildCutVolume({})
const offset = 63 * 512

type Disk = { readonly folder: string; readonly path: string; readonly place: Place; readonly system: RegionSystem }

/** A disk with something before and behind the 9fat, and a system with nothing mounted. */
async function disk(image: Uint8Array = volume): Promise<Disk> {
  const folder = await scratchDir()
  const path = join(folder, 'disk.img')
  await writeFile(path, Buffer.concat([noise(offset, 1), image, noise(9000, 2)]))
  const kernel = { proc: join(folder, 'proc'), sys: join(folder, 'sys') }
  const place = { name: 'disk.img:9fat', file: path, offset, sizeBytes: image.length }
  return { folder, path, place, system: { platform: 'linux', kernel, devices: join(folder, 'dev') } }
}

async function opened(place: Place, system: RegionSystem): Promise<FileRegion> {
  const region = await openFileRegion(place, system)
  onTestFinished(() => region.close().catch(() => undefined))
  return region
}

test('the region is the volume, without its reserved sectors for writing', async () => {
  const { path, place, system } = await disk()
  const before = await readFile(path)
  const region = await opened(place, system)
  expect(region).toMatchObject({ name: 'disk.img:9fat', sizeBytes: volume.length, sectorBytes: 512, canFlush: true })
  expect(Buffer.compare(await region.read(0, volume.length), volume)).toBe(0)
  const sector = new Uint8Array(512).fill(0xaa)
  for (const at of [0, 512, volume.length, volume.length - 256, -512]) {
    expect([at, (await rejection(region.write(at, sector))).code]).toEqual([at, 'write-9fat'])
  }
  await region.write(1024, sector)
  await region.write(volume.length - 512, sector)
  await region.flush()
  const after = Buffer.from(before)
  after.fill(0xaa, offset + 1024, offset + 1536)
  after.fill(0xaa, offset + volume.length - 512, offset + volume.length)
  expect(Buffer.compare(await readFile(path), after)).toBe(0)
})

test('a volume smaller than its partition ends where it says', async () => {
  const { place, system } = await disk()
  const region = await opened({ ...place, sizeBytes: volume.length + 4096 }, system)
  expect(region.sizeBytes).toBe(volume.length)
  const toTheEnd = await opened({ ...place, sizeBytes: null }, system)
  expect(toTheEnd.sizeBytes).toBe(volume.length)
})

test('a link leads to the disk it names', async () => {
  const { folder, path, place, system } = await disk()
  await symlink(path, join(folder, 'link'))
  const region = await opened({ ...place, file: join(folder, 'link') }, system)
  await region.write(1024, new Uint8Array(512).fill(0x55))
  expect((await readFile(path))[offset + 1024]).toBe(0x55)
})

describe('refused', () => {
  async function refusal(place: Place, system: RegionSystem): Promise<{ code: string; message: string }> {
    const before = await readFile(place.file).catch(() => null)
    const { code, message } = await rejection(openFileRegion(place, system))
    const after = await readFile(place.file).catch(() => null)
    expect(before === null ? after : Buffer.compare(before, after!)).toBe(before === null ? null : 0)
    return { code, message }
  }

  test('what is no FAT12 or FAT16', async () => {
    const { place, system } = await disk(noise(100_000, 5))
    expect(await refusal(place, system)).toMatchObject({ code: 'not-9fat' })
    const fat32 = Buffer.from(volume)
    fat32.writeUInt16LE(0, 17)
    fat32.writeUInt16LE(0, 22)
    fat32.writeUInt32LE(20, 36)
    const other = await disk(fat32)
    expect(await refusal(other.place, other.system)).toMatchObject({
      code: 'not-9fat',
      message: expect.stringContaining('FAT32') as string,
    })
  })

  test('arenas behind the boot sector of an older volume', async () => {
    const image = loadFixture('seq-day3')
    loadDisk('9fat12').copy(image, 0, 0, 256 * 1024)
    const { place, system } = await disk(image)
    expect(await refusal(place, system)).toMatchObject({
      code: 'not-9fat',
      message: expect.stringContaining('has become an arena partition since') as string,
    })
  })

  test('a volume that says it is larger than its partition', async () => {
    const { place, system } = await disk()
    const { code, message } = await refusal({ ...place, sizeBytes: volume.length - 512 }, system)
    expect(code).toBe('damaged-9fat')
    expect(message).toBe(
      `disk.img:9fat: its boot sector says 0x${volume.length.toString(16)} bytes, but the partition ends at 0x${(volume.length - 512).toString(16)}`,
    )
  })

  test('a partition that reaches beyond the disk, or is not there', async () => {
    const { folder, path, place, system } = await disk()
    await truncate(path, offset + 4096)
    expect(await refusal(place, system)).toMatchObject({ code: 'source-open' })
    expect(await refusal({ ...place, file: join(folder, 'none') }, system)).toMatchObject({ code: 'source-open' })
    await mkdir(join(folder, 'a folder'))
    expect((await rejection(openFileRegion({ ...place, file: join(folder, 'a folder') }, system))).code).toBe(
      'source-open',
    )
  })

  test('a file that is marked read-only', async () => {
    const { path, place, system } = await disk()
    await chmod(path, 0o444)
    expect(await refusal(place, system)).toMatchObject({
      code: 'read-only-9fat',
      message: expect.stringContaining(path) as string,
    })
  })

  test('an image that a loop device has', async () => {
    const { folder, path, place, system } = await disk()
    const put = async (name: string, text: string): Promise<void> => {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), text)
    }
    await put('sys/block/loop3/loop/backing_file', `${path}\n`)
    await put('sys/block/loop3/loop/offset', `${offset}\n`)
    await put('sys/block/loop3/dev', '7:3\n')
    await put('sys/block/loop3/size', '2500\n')
    expect(await refusal(place, system)).toEqual({
      code: 'mounted-9fat',
      message: 'disk.img:9fat: it is attached as /dev/loop3; detach it first (losetup -d /dev/loop3)',
    })
    await put('proc/self/mountinfo', '40 22 7:3 / /n/9fat rw - vfat /dev/loop3 rw\n')
    expect(await refusal(place, system)).toEqual({
      code: 'mounted-9fat',
      message: 'disk.img:9fat: it is mounted at /n/9fat (loop3)',
    })
    // Other systems refuse by themselves, when it is written.
    await opened(place, { ...system, platform: 'darwin' })
  })
})
