// Who uses a 9fat, told from copies of what Linux says in /proc and /sys; nothing of this machine is looked at.

import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { diskPosition, hasPartitions, partitionNodes, whoUses } from '../../../../electron/engine/fat/mounted.ts'
import { scratchDir } from '../../../helpers/scratch.ts'

const mib = 2 ** 20

type Machine = {
  readonly kernel: { readonly proc: string; readonly sys: string }
  readonly image: string
  readonly put: (path: string, text: string) => Promise<void>
  readonly mount: (...lines: readonly string[]) => Promise<void>
}

/** sda: 100 MiB, sda1 at 1 MiB of 9 MiB, sda2 at 10 MiB of 50 MiB; loop0 free. */
async function machine(): Promise<Machine> {
  const root = await scratchDir()
  const put = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), `${text}\n`)
  }
  const disk = 'sys/devices/pci/block/sda'
  const device = async (path: string, number: string, size: number, start: number | null): Promise<void> => {
    await put(`${path}/dev`, number)
    await put(`${path}/size`, String(size / 512))
    await put(`${path}/ro`, '0')
    await mkdir(join(root, path, 'holders'))
    if (start !== null) {
      await put(`${path}/start`, String(start / 512))
      await put(`${path}/partition`, path.slice(-1))
      await put(`${path}/uevent`, `MAJOR=8\nDEVNAME=${path.split('/').at(-1)!}`)
    }
    await mkdir(join(root, 'sys/dev/block'), { recursive: true })
    await symlink(join(root, path), join(root, 'sys/dev/block', number))
  }
  await device(disk, '8:0', 100 * mib, null)
  await put(`${disk}/queue/logical_block_size`, '512')
  await device(`${disk}/sda1`, '8:1', 9 * mib, mib)
  await device(`${disk}/sda2`, '8:2', 50 * mib, 10 * mib)
  await device('sys/devices/virtual/block/loop0', '7:0', 0, null)
  await mkdir(join(root, 'sys/block'))
  for (const [name, path] of [
    ['sda', disk],
    ['loop0', 'sys/devices/virtual/block/loop0'],
  ] as const) {
    await symlink(join(root, path), join(root, 'sys/block', name))
  }
  await put('plan9.img', 'image')
  const mount = async (...lines: readonly string[]): Promise<void> => await put('proc/self/mountinfo', lines.join('\n'))
  await mount('22 1 254:0 / / rw - ext4 /dev/vda rw')
  return { kernel: { proc: join(root, 'proc'), sys: join(root, 'sys') }, image: join(root, 'plan9.img'), put, mount }
}

const vfat = (number: string, point: string): string => `40 22 ${number} / ${point} rw,relatime - vfat /dev/x rw`
const range = (start: number, size: number): { start: number; end: number } => ({ start, end: start + size })

test('a device is placed on its disk', async () => {
  const { kernel } = await machine()
  expect(await diskPosition('8:2', kernel)).toMatchObject({
    disk: 'sda',
    start: 10 * mib,
    isPartition: true,
    logicalSectorBytes: 512,
    isReadOnly: false,
  })
  expect(await diskPosition('8:0', kernel)).toMatchObject({ disk: 'sda', start: 0, isPartition: false })
  expect(await diskPosition('8:77', kernel)).toBe(null)
})

test('sectors of 4096 bytes and write protection are seen, also from a partition', async () => {
  const { kernel, put } = await machine()
  await put('sys/devices/pci/block/sda/queue/logical_block_size', '4096')
  await put('sys/devices/pci/block/sda/ro', '1')
  expect(await diskPosition('8:1', kernel)).toMatchObject({ logicalSectorBytes: 4096, isReadOnly: true })
})

test.each([
  ['the partition itself', '8:2', range(0, mib), '8:2'],
  ['the whole disk, when the partition under the region is mounted', '8:0', range(10 * mib, mib), '8:2'],
  ['the whole disk, one byte into the partition', '8:0', range(9 * mib, mib + 1), '8:2'],
  ['a partition, when the whole disk is mounted', '8:2', range(0, mib), '8:0'],
])('mounted: %s', async (_, device, bytes, mounted) => {
  const { kernel, mount } = await machine()
  const position = await diskPosition(device, kernel)
  expect(await whoUses('/dev/x', bytes, position, kernel)).toBe(null)
  await mount('22 1 254:0 / / rw - ext4 /dev/vda rw', vfat(mounted, '/n/9\\040fat'))
  expect(await whoUses('/dev/x', bytes, position, kernel)).toMatch(/^it is mounted at \/n\/9 fat \(sda2?\)$/)
})

test('another mounted partition of the same disk is no reason to refuse', async () => {
  const { kernel, mount } = await machine()
  await mount(vfat('8:1', '/home'))
  const disk = await diskPosition('8:0', kernel)
  expect(await whoUses('/dev/sda', range(10 * mib, mib), disk, kernel)).toBe(null)
  // To the last byte before it, and from the first behind it.
  expect(await whoUses('/dev/sda', range(0, mib), disk, kernel)).toBe(null)
  expect(await whoUses('/dev/sda', range(10 * mib, 1), disk, kernel)).toBe(null)
  expect(await whoUses('/dev/sda', range(mib - 1, 2), disk, kernel)).toContain('/home')
})

test('a partition under a device mapper is in use', async () => {
  const { kernel, put } = await machine()
  await put('sys/devices/pci/block/sda/sda2/holders/dm-0', '')
  const position = await diskPosition('8:0', kernel)
  expect(await whoUses('/dev/sda', range(10 * mib, 1), position, kernel)).toBe('sda2 is in use by dm-0')
  expect(await whoUses('/dev/sda', range(mib, 1), position, kernel)).toBe(null)
})

test('an image attached to a loop device is in use, mounted or not, where the bytes are the same', async () => {
  const { kernel, image, put, mount } = await machine()
  const loop = 'sys/devices/virtual/block/loop0'
  const ask = async (bytes: { start: number; end: number }): Promise<string | null> =>
    await whoUses(image, bytes, null, kernel)
  expect(await ask(range(0, mib))).toBe(null)
  await put(`${loop}/loop/backing_file`, image)
  await put(`${loop}/loop/offset`, String(mib))
  await put(`${loop}/loop/sizelimit`, String(2 * mib))
  expect(await ask(range(0, mib))).toBe(null)
  expect(await ask(range(3 * mib, mib))).toBe(null)
  expect(await ask(range(3 * mib - 1, 1))).toContain('attached as /dev/loop0; detach it first')
  await mount(vfat('7:0', '/n/9fat'))
  expect(await ask(range(mib, 1))).toBe('it is mounted at /n/9fat (loop0)')
  await put(`${loop}/loop/backing_file`, `${image}.other`)
  expect(await ask(range(mib, 1))).toBe(null)
})

test('a partition of a loop device counts by where it lies in the image', async () => {
  const { kernel, image, put, mount } = await machine()
  const loop = 'sys/devices/virtual/block/loop0'
  await put(`${loop}/loop/backing_file`, image)
  await put(`${loop}/loop0p1/dev`, '259:0')
  await put(`${loop}/loop0p1/start`, '2048')
  await put(`${loop}/loop0p1/size`, '2048')
  await put(`${loop}/loop0p1/partition`, '1')
  await mount(vfat('259:0', '/n/9fat'))
  expect(await whoUses(image, range(mib, mib), null, kernel)).toBe('it is mounted at /n/9fat (loop0p1)')
  expect(await whoUses(image, range(4 * mib, mib), null, kernel)).toContain('attached as /dev/loop0')
})

test('the partitions under a region are named, for holding them', async () => {
  const { kernel } = await machine()
  const disk = (await diskPosition('8:0', kernel))!
  expect(await hasPartitions(disk, kernel)).toBe(true)
  expect(await partitionNodes(disk, range(10 * mib, mib), kernel)).toEqual(['sda2'])
  expect((await partitionNodes(disk, range(5 * mib, 6 * mib), kernel)).toSorted()).toEqual(['sda1', 'sda2'])
  expect(await partitionNodes(disk, range(70 * mib, mib), kernel)).toEqual([])
})

test('where the kernel says nothing, nobody is known to use it', async () => {
  const folder = await scratchDir()
  const kernel = { proc: join(folder, 'proc'), sys: join(folder, 'sys') }
  expect(await whoUses('/dev/sda', range(0, mib), null, kernel)).toBe(null)
})
