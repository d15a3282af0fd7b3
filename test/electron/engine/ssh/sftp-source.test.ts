// A source over SFTP against a server that misbehaves in every way a server can: the same bytes, or a clear refusal.

import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parseSshPath, type SshPath } from '../../../../electron/engine/ssh/address.ts'
import type { BlockSource } from '../../../../electron/engine/source/block-source.ts'
import { blockBytes } from '../../../../electron/engine/ssh/read-ahead.ts'
import { openSftpSource, sftpFileExists, type SftpSourceOptions } from '../../../../electron/engine/ssh/sftp-source.ts'
import { AppError } from '../../../../shared/errors.ts'
import { rejection } from '../../../helpers/client-calls.ts'
import { noise } from '../../../helpers/image-builder.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import { Person, sshHome } from '../../../helpers/ssh-home.ts'
import { TestMachines } from '../../../helpers/ssh-machine.ts'
import { SshServer, type SshServerFaults } from '../../../helpers/ssh-server.ts'
import { blockSourceSuite } from '../../../suites/block-source-suite.ts'

const mebibyte = 1024 * 1024
const content = noise(6 * mebibyte + 12_345, 7)

type Remote = {
  readonly server: SshServer
  readonly machines: TestMachines
  readonly path: SshPath
  readonly file: string
  readonly pauses: number[]
  open: (options?: SftpSourceOptions) => Promise<BlockSource>
}

async function remote(bytes: Uint8Array = content, faults: SshServerFaults = {}): Promise<Remote> {
  const file = join(await scratchDir(), 'image')
  await writeFile(file, bytes)
  const server = await SshServer.start(faults)
  onTestFinished(() => server.close())
  const machines = new TestMachines({ host: '127.0.0.1', port: server.port, username: 'glenda' })
  const path = parseSshPath(`ssh://glenda@127.0.0.1:${server.port}${file}`)!
  const pauses: number[] = []
  const pause = (ms: number): Promise<void> => {
    pauses.push(ms)
    return Promise.resolve()
  }
  const open = async (options: SftpSourceOptions = {}): Promise<BlockSource> => {
    const source = await openSftpSource(path, machines.borrow, { pause, ...options })
    onTestFinished(() => source.close())
    return source
  }
  return { server, machines, path, file, pauses, open }
}

/** In chunks, each asked for while the one before is being waited for, as a scan does. */
async function scan(source: BlockSource, chunkBytes = 256 * 1024): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  const chunk = (at: number): Promise<Uint8Array> => source.read(at, Math.min(chunkBytes, source.sizeBytes - at))
  let next = chunk(0)
  for (let at = 0; at < source.sizeBytes; at += chunkBytes) {
    const bytes = await next
    if (at + chunkBytes < source.sizeBytes) next = chunk(at + chunkBytes)
    pieces.push(bytes)
  }
  return Buffer.concat(pieces)
}

const isContent = (bytes: Uint8Array, expected: Uint8Array = content): boolean => Buffer.compare(bytes, expected) === 0

const short = noise(20_000, 3)
blockSourceSuite('a file over SFTP', async () => {
  const { open } = await remote(short)
  return { source: await open(), content: short, sizeBytes: short.length }
})
blockSourceSuite('a disk over SFTP', async () => {
  const { server, file, open } = await remote(noise(40 * 512, 4))
  server.faults = { devices: [file] }
  return { source: await open(), content: noise(40 * 512, 4), sizeBytes: 40 * 512 }
})

describe('the same bytes', () => {
  test.each<[string, SshServerFaults]>([
    ['an obedient server', {}],
    ['answers out of order', { isOutOfOrder: true }],
    ['short answers', { mostReadBytes: 20_000 }],
    ['answers shorter than a sector', { mostReadBytes: 3000 }],
    ['one connection lost', { cutAtReads: [9] }],
    ['a connection lost at every few reads', { cutAtReads: [3, 11, 12, 13, 30, 41] }],
  ])('%s', async (_, faults) => {
    const { open, machines } = await remote(content, faults)
    const source = await open()
    expect(isContent(await scan(source))).toBe(true)
    await source.close()
    expect(machines.borrowed).toBe(0)
  })

  test('into memory the caller has no more use for', async () => {
    const { open } = await remote()
    const source = await open()
    const piece = new Uint8Array(mebibyte)
    for (let at = 0; at + mebibyte <= content.length; at += mebibyte) {
      const bytes = await source.read(at, mebibyte, piece)
      expect(isContent(bytes, content.subarray(at, at + mebibyte))).toBe(true)
    }
  })

  test('several sequences at once, and looks at single places between them', async () => {
    const { open } = await remote()
    const source = await open()
    const step = 128 * 1024
    const starts = [0, 2 * mebibyte + 77, 4 * mebibyte]
    for (let at = 0; at < 2 * mebibyte; at += step) {
      const reads = starts.map(async (start) => {
        const bytes = await source.read(start + at, step)
        const look = await source.read((start + 31 * at) % (content.length - 140), 140)
        const lookAt = (start + 31 * at) % (content.length - 140)
        return (
          isContent(bytes, content.subarray(start + at, start + at + step)) &&
          isContent(look, content.subarray(lookAt, lookAt + 140))
        )
      })
      expect(await Promise.all(reads)).toEqual([true, true, true])
    }
  })
})

describe('a lost connection', () => {
  test('is borrowed again after pauses that grow, and begin anew with progress', async () => {
    const { open, server, machines, pauses } = await remote(content, { cutAtReads: [0, 1, 40] })
    const source = await open()
    expect(isContent(await source.read(5, 100), content.subarray(5, 105))).toBe(true)
    expect(pauses).toEqual([500, 1000])
    expect(isContent(await scan(source))).toBe(true)
    expect(pauses).toEqual([500, 1000, 500])
    expect([server.logins, machines.borrowed]).toEqual([4, 1])
  })

  test('of which only the SFTP session ended: another one over the same connection', async () => {
    const { server, path, pauses } = await remote(content, { endSessionAtReads: [5, 30] })
    const { machines } = await sshHome()
    const { borrow } = machines({ questions: new Person(true), lingerMs: 10_000 })
    const pause = (ms: number): Promise<void> => {
      pauses.push(ms)
      return Promise.resolve()
    }
    const source = await openSftpSource(path, borrow, { pause })
    onTestFinished(() => source.close())
    expect(isContent(await scan(source))).toBe(true)
    expect([server.logins, pauses]).toEqual([1, [500, 500]])
  })

  test('that does not come back ends it after six tries, and then at once', async () => {
    const { open, server, pauses } = await remote()
    const source = await open()
    await source.read(0, 1)
    await server.close()
    const error = await rejection(source.read(10, 10))
    expect(error.code).toBe('connection-lost')
    expect(error.message).toContain(`${source.name}: the connection was lost and did not come back in 6 tries`)
    expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 8000])
    expect(await rejection(source.read(0, 1))).toBe(error)
    expect(pauses).toHaveLength(6)
  })

  test('to a file that is shorter afterwards is not gone on with', async () => {
    const { open, server, file } = await remote()
    const source = await open()
    server.dropConnections()
    await truncate(file, 5000)
    const error = await rejection(source.read(0, 10))
    expect([error.code, error.message]).toEqual(['source-read', expect.stringContaining('another one')])
  })

  test('is not come back to once somebody cancels', async () => {
    const stop = new AbortController()
    const { open, server, machines } = await remote()
    const source = await open({
      signal: stop.signal,
      pause: () => {
        stop.abort()
        return new Promise(() => undefined)
      },
    })
    server.dropConnections()
    expect((await rejection(source.read(0, 10))).code).toBe('cancelled')
    expect((await rejection(source.read(0, 10))).code).toBe('cancelled')
    expect(machines.borrowed).toBe(0)
  })
})

describe('cost', () => {
  test('small reads are under way together and read nothing else', async () => {
    const { open, server } = await remote(content, { isOutOfOrder: true })
    const source = await open()
    const before = server.reads
    const places = Array.from({ length: 16 }, (_, i) => 1000 + i * 300_000)
    const tails = await Promise.all(places.map(async (at) => await source.read(at, 140)))
    expect(tails.every((tail, i) => isContent(tail, content.subarray(places[i], places[i]! + 140)))).toBe(true)
    expect(server.reads - before).toBe(16)
  })

  test('a scan reads hardly anything twice', async () => {
    const { open, server } = await remote()
    const source = await open()
    await scan(source)
    // The end of the block in which reading ahead began.
    expect(server.readBytes).toBeLessThanOrEqual(content.length + blockBytes)
  })

  test('the window is wider than the library keeps it', async () => {
    const { open, server } = await remote()
    await scan(await open())
    expect(server.widestWindow).toBeGreaterThan(4 * mebibyte)
  })
})

describe('in clear words', () => {
  const words = async (promise: Promise<unknown>): Promise<[string, string, unknown]> => {
    const { code, message, data } = await rejection(promise)
    return [code, message, data['next']]
  }

  test('no such file', async () => {
    const { machines, path } = await remote()
    const nowhere = { ...path, path: '/nowhere/at-all' }
    const text = `cannot open ssh://glenda@127.0.0.1:${path.address.port}/nowhere/at-all for reading: there is no such file on that machine. Check the path`
    expect(await words(openSftpSource(nowhere, machines.borrow))).toEqual(['source-open', text, undefined])
    expect(await sftpFileExists(nowhere, machines.borrow)).toBe(false)
    expect(await sftpFileExists(path, machines.borrow)).toBe(true)
    expect(machines.borrowed).toBe(0)
  })

  test('a disk this user may not read', async () => {
    const { open, server, file, machines } = await remote()
    server.faults = { denied: [file], devices: [file] }
    const [code, message, next] = await words(open())
    expect([code, message]).toEqual([
      'source-open',
      expect.stringContaining('the user glenda@127.0.0.1 may not read it'),
    ])
    expect(next).toContain('add the user to the group that owns the disk (often "disk": sudo usermod -aG disk glenda)')
    expect(machines.borrowed).toBe(0)
  })

  test('a folder', async () => {
    const { machines, path } = await remote()
    const folder = { ...path, path: dirname(path.path) }
    expect((await words(openSftpSource(folder, machines.borrow)))[1]).toContain('it is a folder')
  })

  test('no SFTP', async () => {
    const { open, machines } = await remote(content, { hasSftp: false })
    expect((await words(open()))[0]).toBe('ssh-refused')
    expect(machines.borrowed).toBe(0)
  })

  test('a bad sector, and all around it can be read', async () => {
    const bad = [mebibyte, mebibyte + 1] as const
    const { open } = await remote(content, { badPlaces: [bad] })
    const source = await open()
    for (let at = 0; at < mebibyte; at += 256 * 1024) await source.read(at, 256 * 1024)
    const [code, message] = await words(source.read(mebibyte, 256 * 1024))
    expect([code, message]).toEqual(['source-read', expect.stringContaining('reading 262144 bytes at 0x100000 failed')])
    const rest = await source.read(mebibyte + 4096, 256 * 1024)
    expect(isContent(rest, content.subarray(mebibyte + 4096, mebibyte + 4096 + 256 * 1024))).toBe(true)
  })

  test('a file cut short while being read', async () => {
    const { open, file } = await remote()
    const source = await open()
    await truncate(file, 200_000)
    expect((await words(source.read(190_000, 20_000)))[1]).toContain('only 10000 of 20000 bytes at 0x2e630')
  })
})

describe('the size of a disk', () => {
  test.each([512, 4096, 65_536 + 512, 3 * mebibyte + 1536])('%i bytes, found by reading', async (sizeBytes) => {
    const { open, server, file } = await remote(noise(sizeBytes, 5))
    server.faults = { devices: [file] }
    expect((await open()).sizeBytes).toBe(sizeBytes)
  })

  test('as Linux says, where reading confirms it', async () => {
    const root = await scratchDir()
    for (const folder of ['dev', 'sys/class/block/sdb1']) await mkdir(join(root, folder), { recursive: true })
    await writeFile(join(root, 'dev/sdb1'), noise(99 * 512, 6))
    await symlink('sdb1', join(root, 'dev/disk'))
    await writeFile(join(root, 'sys/class/block/sdb1/size'), '99\n')
    const { machines, server, path } = await remote(content, { root, devices: ['/dev/disk'] })
    const source = await openSftpSource({ ...path, path: '/dev/disk' }, machines.borrow)
    expect(source.sizeBytes).toBe(99 * 512)
    expect(server.reads).toBeLessThan(6)
    await source.close()
    await writeFile(join(root, 'sys/class/block/sdb1/size'), '77\n')
    const other = await openSftpSource({ ...path, path: '/dev/disk' }, machines.borrow)
    expect(other.sizeBytes).toBe(99 * 512)
    await other.close()
  })
})

test('a cancelled open borrows nothing', async () => {
  const { machines, path } = await remote()
  const error = await rejection(openSftpSource(path, machines.borrow, { signal: AbortSignal.abort() }))
  expect([error instanceof AppError, error.code, machines.connections]).toEqual([true, 'cancelled', 0])
})
