// The raw disks of Linux, macOS and Windows, each with an invented system: what is listed, what is not, and what is said to
// do about one that cannot be opened.

import { describe, expect, test } from 'vitest'
import { AppError } from '../../../../shared/errors.ts'
import { listRawDisks, type RawDiskSystem } from '../../../../electron/engine/disk/raw-disks.ts'

type Invented = {
  readonly platform: string
  readonly folders?: Readonly<Record<string, readonly string[]>>
  readonly files?: Readonly<Record<string, string>>
  readonly group?: number
  /** Size in bytes, or the word of the system that refuses it; what is not here is ENOENT. */
  readonly devices: Readonly<Record<string, number | string>>
}

function system({ platform, folders = {}, files = {}, group, devices }: Invented): RawDiskSystem & { open: number } {
  const missing = (path: string): Error => Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })
  const made = {
    open: 0,
    platform,
    listFolder: async (path: string) => await Promise.resolve(folders[path] ?? Promise.reject(missing(path))),
    readText: async (path: string) => await Promise.resolve(files[path] ?? Promise.reject(missing(path))),
    groupOf: async (path: string) => await Promise.resolve(group ?? Promise.reject(missing(path))),
    openForReading: async (path: string) => {
      const device = devices[path] ?? 'ENOENT'
      if (typeof device === 'string') {
        return await Promise.reject(
          new AppError('source-open', `cannot open ${path}`, { data: { path, code: device } }),
        )
      }
      made.open++
      const close = async (): Promise<void> => await Promise.resolve(void made.open--)
      return { sizeBytes: device, close }
    },
  }
  return made
}

const canOpen = { canOpen: true, problem: null, advice: null }

describe('Linux', () => {
  const files = {
    '/sys/block/sda/size': '1953525168\n',
    '/sys/block/sda/device/vendor': 'ATA     \n',
    '/sys/block/sda/device/model': 'WDC  WD10EZEX-08W\n',
    '/sys/block/nvme0n1/size': '1000\n',
    '/sys/block/nvme0n1/device/model': 'Samsung SSD 980\n',
    '/sys/block/cciss!c0d0/size': '8\n',
    '/sys/block/cciss!c0d0/device/vendor': 'HP\n',
    '/sys/block/loop0/size': '16\n',
    '/sys/block/loop0/loop/backing_file': '/home/u/plan9.img\n',
    '/sys/block/loop1/size': '0\n',
    '/sys/block/sr0/size': '2097151\n',
    '/sys/block/odd/size': 'many\n',
    '/sys/block/ram0/size': '8192\n',
    '/sys/block/zram0/size': '8192\n',
    '/sys/block/gone/size': '8\n',
    '/sys/block/vda/size': '8\n',
    '/sys/block/vda/device/vendor': '0x1af4\n',
    '/etc/group': 'root:x:0:\ndisk:x:6:\nstorage:x:42:u\n',
  }
  const folders = {
    '/sys/block': ['zram0', 'vda', 'sr0', 'sda', 'ram0', 'odd', 'nvme0n1', 'loop1', 'loop0', 'gone', 'cciss!c0d0'],
  }
  const devices = {
    '/dev/sda': 'EACCES',
    '/dev/nvme0n1': 512_000,
    '/dev/cciss/c0d0': 4096,
    '/dev/loop0': 8192,
    '/dev/sr0': 'ENOMEDIUM',
    '/dev/vda': 'EIO',
  }

  test('whole disks with size and model; no memory disks, no empty ones', async () => {
    const made = system({ platform: 'linux', folders, files, devices, group: 42 })
    const disks = await listRawDisks(made)
    expect(made.open).toBe(0)
    expect(disks).toEqual([
      { path: '/dev/cciss/c0d0', size: 4096, model: 'HP', ...canOpen },
      {
        path: '/dev/gone',
        size: 4096,
        model: null,
        canOpen: false,
        problem: 'there is no device file for it here',
        advice: expect.stringContaining('docker: --device'),
      },
      { path: '/dev/loop0', size: 8192, model: '/home/u/plan9.img', ...canOpen },
      { path: '/dev/nvme0n1', size: 512_000, model: 'Samsung SSD 980', ...canOpen },
      {
        path: '/dev/sda',
        size: 1_000_204_886_016,
        model: 'WDC WD10EZEX-08W',
        canOpen: false,
        problem: 'this user may not read it',
        advice:
          'Run it with sudo: sudo venti-mirror partitions /dev/sda; or join the group that owns it: sudo usermod -aG storage "$USER", and log in again.',
      },
      {
        path: '/dev/sr0',
        size: 2_097_151 * 512,
        model: null,
        canOpen: false,
        problem: 'there is no medium in it',
        advice: expect.stringContaining('Put one in'),
      },
      {
        path: '/dev/vda',
        size: 4096,
        model: null,
        canOpen: false,
        problem: 'it cannot be opened (EIO)',
        advice: expect.stringContaining('system log'),
      },
    ])
  })

  test.each([
    [6, files['/etc/group'], 'disk'],
    [42, files['/etc/group'], 'storage'],
    [0, files['/etc/group'], 'disk'],
    [99, files['/etc/group'], 'disk'],
    [42, undefined, 'disk'],
    [undefined, files['/etc/group'], 'disk'],
  ])('the group to join: %s', async (group, groups, name) => {
    const { '/etc/group': _, ...others } = files
    const disks = await listRawDisks(
      system({
        platform: 'linux',
        folders: { '/sys/block': ['sda'] },
        files: { ...others, ...(groups === undefined ? {} : { '/etc/group': groups }) },
        devices,
        ...(group === undefined ? {} : { group }),
      }),
    )
    expect(disks![0]!.advice).toContain(`usermod -aG ${name} "$USER"`)
  })

  test('without /sys there is no list', async () => {
    expect(await listRawDisks(system({ platform: 'linux', devices }))).toBeNull()
  })
})

describe('macOS', () => {
  const folders = { '/dev': ['rdisk10', 'disk0', 'rdisk0', 'rdisk0s1', 'rdisk2', 'rdisk1', 'rdisk3', 'null', 'rdisk'] }

  test('the raw nodes of whole disks in order, with the word for each refusal', async () => {
    const devices = {
      '/dev/rdisk0': 'EACCES',
      '/dev/rdisk1': 'EPERM',
      '/dev/rdisk2': 'EBUSY',
      '/dev/rdisk3': 'EIO',
      '/dev/rdisk10': 4096,
    }
    const disks = await listRawDisks(system({ platform: 'darwin', folders, devices }))
    expect(disks!.map(({ path, size, model, problem, advice }) => [path, size, model, problem, advice])).toEqual([
      [
        '/dev/rdisk0',
        null,
        null,
        'this user may not read it',
        expect.stringMatching(/sudo venti-mirror partitions \/dev\/rdisk0.*Full Disk Access/),
      ],
      [
        '/dev/rdisk1',
        null,
        null,
        'macOS keeps this program from raw disks',
        expect.stringMatching(/Full Disk Access.*sudo/),
      ],
      [
        '/dev/rdisk2',
        null,
        null,
        'a volume on it is in use',
        expect.stringContaining('diskutil unmountDisk /dev/disk2,'),
      ],
      ['/dev/rdisk3', null, null, 'it cannot be opened (EIO)', expect.any(String)],
      ['/dev/rdisk10', 4096, null, null, null],
    ])
  })
})

describe('Windows', () => {
  const drive = (number: number): string => `\\\\.\\PhysicalDrive${number}`

  test('every drive that is there', async () => {
    const devices = {
      [drive(0)]: 'EPERM',
      [drive(1)]: 'EACCES',
      [drive(3)]: 4096,
      [drive(4)]: 'EBUSY',
      [drive(32)]: 4096,
    }
    const disks = await listRawDisks(system({ platform: 'win32', devices }))
    const administrator = ['only an administrator may read raw disks', expect.stringContaining('Run as administrator')]
    expect(disks!.map(({ path, size, problem, advice }) => [path, size, problem, advice])).toEqual([
      [drive(0), null, ...administrator],
      [drive(1), null, ...administrator],
      [drive(3), 4096, null, null],
      [drive(4), null, 'it cannot be opened (EBUSY)', expect.stringContaining('Close the program')],
    ])
  })

  test('none', async () => {
    expect(await listRawDisks(system({ platform: 'win32', devices: {} }))).toEqual([])
  })
})

test('another system is said to be unknown', async () => {
  expect(await listRawDisks(system({ platform: 'plan9', devices: {} }))).toBeNull()
})

test('an error that is our own is not taken for a refusal', async () => {
  const made = system({ platform: 'win32', devices: {} })
  const broken = { ...made, openForReading: () => Promise.reject(new TypeError('x is not a function')) }
  await expect(listRawDisks(broken)).rejects.toMatchObject({ code: 'bug' })
})

test('this computer answers, whatever it has', async () => {
  const disks = await listRawDisks()
  for (const { path, canOpen: opens, problem, advice } of disks ?? []) {
    expect(path).toMatch(/^(\/dev\/|\\\\)/)
    expect([problem === null, advice === null]).toEqual([opens, opens])
  }
  expect(disks === null || Array.isArray(disks)).toBe(true)
})
