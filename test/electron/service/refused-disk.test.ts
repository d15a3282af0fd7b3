// What the window says of a disk that the system refuses: on each platform something a person can do, and never to run all of
// Venti Mirror with more rights.

import { describe, expect, test } from 'vitest'
import { openError } from '../../../electron/engine/source/open-error.ts'
import { openError as openForWritingError } from '../../../electron/engine/fat/open-error.ts'
import type { RefusalSystem } from '../../../electron/engine/source/disk-refusal.ts'
import { problemOf } from '../../../electron/service/problem.ts'
import { AppError } from '../../../shared/errors.ts'
import type { Problem } from '../../../shared/model/window.ts'

const system = (platform: string, group = 6): RefusalSystem => ({
  platform,
  readText: (path) => Promise.resolve(path === '/etc/group' ? 'root:x:0:\ndisk:x:6:\n' : ''),
  groupOf: () => Promise.resolve(group),
})

const refused = (code: string): Error => Object.assign(new Error(`${code}: refused`), { code })

async function toRead(platform: string, path: string, code = 'EACCES', group = 6): Promise<Problem> {
  return problemOf(await openError(path, refused(code), true, system(platform, group)))
}

async function toWrite(platform: string, path: string, code = 'EACCES'): Promise<Problem> {
  const place = { name: `${path}:9fat`, file: path, offset: 0, sizeBytes: null }
  return problemOf(await openForWritingError(place, refused(code), false, system(platform)))
}

describe('Linux', () => {
  test('the right to this disk, or the group', async () => {
    expect(await toRead('linux', '/dev/sdb')).toEqual({
      code: 'source-open',
      happened: 'cannot open /dev/sdb for reading: this user may not read it',
      safe: expect.any(String),
      next: 'Let this user read just this one, in a terminal: sudo setfacl -m u:"$USER":r /dev/sdb (until it is plugged in anew or the computer restarts; with rw in place of r where a 9fat on it is to be written). For good, but for every disk of that group: sudo usermod -aG disk "$USER", and log in again. Then try again here.',
    })
  })

  test("root's own group is nobody's to join, and a path is one word of the shell", async () => {
    const { next } = await toRead('linux', "/dev/disk/by-label/My $(rm) 'disk'", 'EACCES', 0)
    expect(next).toContain(`:r '/dev/disk/by-label/My $(rm) '\\''disk'\\''' (until`)
    expect(next).not.toContain('usermod')
  })

  test('a disk in use is one that is mounted or held elsewhere', async () => {
    expect([await toRead('linux', '/dev/sdb', 'EBUSY'), await toWrite('linux', '/dev/sdb', 'EBUSY')]).toMatchObject([
      { happened: 'cannot open /dev/sdb for reading: another program holds it exclusively' },
      { code: 'mounted-9fat', happened: expect.stringContaining('mounted, or open elsewhere') },
    ])
  })

  test('a 9fat that is to be written', async () => {
    expect(await toWrite('linux', '/dev/sdb')).toMatchObject({
      code: 'read-only-9fat',
      happened: 'cannot open /dev/sdb for writing: this user may not write it',
      next: expect.stringMatching(/ write just this one, .* u:"\$USER":rw \/dev\/sdb \(until/),
    })
  })
})

describe('macOS', () => {
  test('privacy, the right of the user, a volume in use', async () => {
    expect([
      await toRead('darwin', '/dev/rdisk2', 'EPERM'),
      await toRead('darwin', '/dev/rdisk2'),
      await toRead('darwin', '/dev/rdisk2s1', 'EBUSY'),
    ]).toMatchObject([
      {
        happened: 'cannot open /dev/rdisk2 for reading: macOS keeps Venti Mirror from raw disks',
        next: expect.stringMatching(/Full Disk Access, switch on Venti Mirror \(or the terminal/),
      },
      {
        happened: 'cannot open /dev/rdisk2 for reading: this user may not read it',
        next: expect.stringMatching(/sudo chown "\$USER" \/dev\/rdisk2 \(until.*Full Disk Access/),
      },
      {
        happened: 'cannot open /dev/rdisk2s1 for reading: a volume on it is in use',
        next: expect.stringContaining('diskutil unmountDisk /dev/disk2.'),
      },
    ])
    expect(await toWrite('darwin', '/dev/rdisk2s1', 'EBUSY')).toMatchObject({
      code: 'mounted-9fat',
      next: expect.stringContaining('diskutil unmountDisk /dev/disk2.'),
    })
  })
})

test('Windows: the command line as administrator, or an image file', async () => {
  const path = '\\\\.\\PhysicalDrive1'
  expect([
    await toRead('win32', path, 'EPERM'),
    await toWrite('win32', path),
    await toRead('win32', path, 'EBUSY'),
  ]).toMatchObject([
    {
      happened: `cannot open ${path} for reading: only an administrator may read raw disks`,
      next: `Venti Mirror does not ask to be an administrator. In a terminal that is run as administrator, venti-mirror sync ${path} --to SERVER does the copying, and what came of it shows here; or make an image file of the disk, and choose that.`,
    },
    {
      happened: `cannot open ${path} for writing: only an administrator may write raw disks`,
      next: expect.stringContaining(
        'the line that is shown beside this action in a terminal that is run as administrator',
      ),
    },
    { happened: `cannot open ${path} for reading: another program holds it exclusively` },
  ])
})

test.each(['linux', 'darwin', 'win32'])('%s: never to run the whole application with more rights', async (platform) => {
  for (const code of ['EACCES', 'EPERM', 'EBUSY']) {
    for (const { happened, next } of [
      await toRead(platform, '/dev/rdisk1', code),
      await toWrite(platform, '/dev/rdisk1', code),
    ]) {
      expect(happened + next).not.toMatch(/sudo venti|with sudo|itself|run as one who may/)
    }
  }
})

test('a file that may not be read is no disk', async () => {
  const { happened, next } = problemOf(await openError('/home/u/disk.img', refused('EACCES'), false, system('linux')))
  expect(happened).toContain('/home/u/disk.img')
  expect(next).not.toContain('setfacl')
  expect(problemOf(new AppError('source-open', 'x', { data: { refused: 'disk' } })).happened).toBe('x')
})
