// A 9fat on another machine: the same bounds as here, what is asked of that machine before it is opened, and the words when
// a write fails. Against ssh2's server, which has no fsync; OpenSSH has (ssh/openssh-disks.test.ts).

import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  openRemoteRegion,
  type RemotePlace,
  type RemoteRegion,
} from '../../../../electron/engine/fat/open-remote-region.ts'
import { parseSshPath } from '../../../../electron/engine/ssh/address.ts'
import { rejection } from '../../../helpers/client-calls.ts'
import { buildCutVolume } from '../../../helpers/cut-volumes.ts'
import { noise } from '../../../helpers/image-builder.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import { TestMachines } from '../../../helpers/ssh-machine.ts'
import { SshServer, type SshServerFaults } from '../../../helpers/ssh-server.ts'

const volume = buildCutVolume({})
const before = noise(7 * 512, 1)
const behind = noise(9 * 512, 2)
const image = Buffer.concat([before, volume, behind])
const sector = new Uint8Array(512).fill(7)
const data = volume.length - 512

type Remote = {
  readonly server: SshServer
  readonly machines: TestMachines
  readonly place: RemotePlace
  readonly file: string
  open: () => Promise<RemoteRegion>
}

async function remote(faults: SshServerFaults = {}, bytes: Uint8Array = image, there?: string): Promise<Remote> {
  const file = there === undefined ? join(await scratchDir(), 'disk.img') : `${faults.root}${there}`
  await writeFile(file, bytes)
  const server = await SshServer.start(faults)
  onTestFinished(() => server.close())
  const machines = new TestMachines({ host: '127.0.0.1', port: server.port, username: 'glenda' })
  const name = `ssh://glenda@127.0.0.1:${server.port}${there ?? file}`
  const place = { name: `${name}:9fat`, file: parseSshPath(name)!, offset: before.length, sizeBytes: volume.length }
  const open = async (): Promise<RemoteRegion> => {
    const opened = await openRemoteRegion(place, machines.borrow)
    onTestFinished(() => opened.region.close().catch(() => undefined))
    return opened
  }
  return { server, machines, place, file, open }
}

describe('what may be written', () => {
  test('sectors inside the bounds, in order, and nothing else of the file', async () => {
    const { open, file, server, machines } = await remote()
    const { region } = await open()
    expect(region).toMatchObject({ sizeBytes: volume.length, sectorBytes: 512, canFlush: false })
    const offsets = [data, data - 1024, data - 512]
    for (const offset of offsets) await region.write(offset, sector)
    await region.flush()
    expect(server.writes).toEqual(offsets.map((offset) => ({ offset: before.length + offset, length: 512 })))
    for (const offset of [0, -512, data + 512, data + 1, 2 ** 40])
      expect((await rejection(region.write(offset, sector))).message).toContain('Nothing was written')
    const expected = Buffer.from(image)
    expected.fill(7, before.length + data - 1024, before.length + data + 512)
    expect(Buffer.compare(await readFile(file), expected)).toBe(0)
    expect(Buffer.compare(await region.read(data - 1024, 512), sector)).toBe(0)
    await region.close()
    expect(machines.borrowed).toBe(0)
  })

  test('no fsync: it is said', async () => {
    const { region, warnings } = await (await remote()).open()
    expect([region.canFlush, warnings.at(-1)]).toEqual([false, expect.stringContaining('no fsync@openssh.com')])
  })
})

describe('what is refused before anything is written', () => {
  async function refused(made: Remote): Promise<readonly [string, string]> {
    const error = await rejection(made.open())
    expect([made.machines.borrowed, made.server.writes]).toEqual([0, []])
    return [error.code, error.message]
  }

  test('a file that is read-only for everybody', async () => {
    const made = await remote()
    await chmod(made.file, 0o444)
    expect(await refused(made)).toEqual(['read-only-9fat', expect.stringContaining('marked read-only for everybody')])
  })

  test('a file this user may not write', async () => {
    const made = await remote()
    made.server.faults = { denied: [made.file] }
    expect(await refused(made)).toEqual(['source-open', expect.stringContaining('glenda@127.0.0.1 may not read it')])
  })

  test('no volume, and one that does not fit', async () => {
    expect((await refused(await remote({}, noise(image.length, 9))))[0]).toBe('not-9fat')
    const made = await remote()
    const small = { ...made.place, sizeBytes: 4096 }
    expect((await rejection(openRemoteRegion(small, made.machines.borrow))).code).toBe('damaged-9fat')
  })

  test('no such file, a folder', async () => {
    const made = await remote()
    const at = async (path: string): Promise<string> => {
      const place = { ...made.place, file: { ...made.place.file, path } }
      return (await rejection(openRemoteRegion(place, made.machines.borrow))).code
    }
    expect([await at('/nowhere'), await at(dirname(made.file))]).toEqual(['source-open', 'read-only-9fat'])
  })

  /** A Linux with one disk, as its kernel shows it. */
  async function linux(mountinfo: string, size = image.length / 512): Promise<Remote> {
    const root = await scratchDir()
    const files = {
      'proc/self/mountinfo': mountinfo,
      'sys/class/block/sdb/size': `${size}\n`,
      'sys/class/block/sdb/dev': '8:16\n',
      'sys/devices/sdb/size': `${size}\n`,
      'sys/devices/sdb/dev': '8:16\n',
      'sys/devices/sdb/ro': '0\n',
      'sys/devices/sdb/queue/logical_block_size': '512\n',
    }
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, name)), { recursive: true })
      await writeFile(join(root, name), text)
    }
    for (const folder of ['dev', 'sys/dev/block', 'sys/block']) await mkdir(join(root, folder), { recursive: true })
    await symlink('../../devices/sdb', join(root, 'sys/dev/block/8:16'))
    return await remote({ root, devices: ['/dev/sdb'] }, image, '/dev/sdb')
  }

  test('a disk that Linux has mounted', async () => {
    const made = await linux('30 1 8:16 / /n/9fat rw - vfat /dev/sdb rw\n')
    const [code, message] = await refused(made)
    expect([code, message]).toEqual([
      'mounted-9fat',
      expect.stringContaining('on glenda@127.0.0.1 it is mounted at /n/9fat'),
    ])
  })

  test('and one that it has not is opened without a word about mounts', async () => {
    const { open } = await linux('30 1 8:1 / / rw - ext4 /dev/sda1 rw\n')
    const { region, warnings } = await open()
    await region.write(data, sector)
    expect(warnings).toEqual([expect.stringContaining('no fsync@openssh.com')])
  })

  test('a machine that cannot be asked is told about', async () => {
    const { warnings } = await (await remote({ root: await scratchDir() })).open()
    expect(warnings[0]).toContain('cannot be asked over SFTP whether it uses this volume')
  })
})

describe('a write that fails', () => {
  test('because the machine says no', async () => {
    const { open, server } = await remote()
    const { region } = await open()
    server.faults = { isFull: true }
    const error = await rejection(region.write(data, sector))
    expect([error.code, error.message]).toEqual([
      'write-9fat',
      expect.stringContaining('a full disk, a quota, or a fault'),
    ])
  })

  test.each([true, false])('because the connection is lost, having been done: %s', async (isDone) => {
    const { open, server, file } = await remote()
    const { region } = await open()
    server.faults = { cutAtWrite: { number: 1, isDone } }
    await region.write(data - 512, sector)
    const error = await rejection(region.write(data, sector))
    expect([error.code, error.message]).toEqual([
      'write-9fat',
      expect.stringContaining('the connection to the machine was lost'),
    ])
    const expected = Buffer.from(image)
    expected.fill(7, before.length + data - 512, before.length + data + (isDone ? 512 : 0))
    expect(Buffer.compare(await readFile(file), expected)).toBe(0)
  })
})
