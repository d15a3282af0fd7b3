// Every kind of source passes the shared suite; what is particular to one kind follows.

import { execFileSync } from 'node:child_process'
import { constants } from 'node:fs'
import { access, open, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { countingSource, type ReadCount } from '../../../../electron/engine/source/counting-source.ts'
import { openFileSource } from '../../../../electron/engine/source/any-file.ts'
import { probeDeviceSize } from '../../../../electron/engine/source/file-source.ts'
import { rangeSource } from '../../../../electron/engine/source/range-source.ts'
import type { BlockSource } from '../../../../electron/engine/source/block-source.ts'
import { openArenaPartition } from '../../../../electron/engine/venti/arena/arena-partition.ts'
import { faultySource } from '../../../helpers/faulty-source.ts'
import { noise } from '../../../helpers/image-builder.ts'
import { memorySource } from '../../../helpers/memory-source.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import { blockSourceSuite } from '../../../suites/block-source-suite.ts'

const content = noise(20_000, 3)
const sizeBytes = content.length

async function fileWith(bytes: Uint8Array): Promise<string> {
  const path = join(await scratchDir(), 'image')
  await writeFile(path, bytes)
  return path
}

/** What an ordinary user may read of the kernel's devices, with what comes out of each; none of it may be needed. */
async function readableDevices(): Promise<{ path: string; kind: 'block' | 'zeros' }[]> {
  const found: { path: string; kind: 'block' | 'zeros' }[] = []
  for (const path of ['/dev/zero', '/dev/loop0', '/dev/vda', '/dev/sda', '/dev/nvme0n1']) {
    try {
      await access(path, constants.R_OK)
      const status = await stat(path)
      if (status.isBlockDevice() && (await fileSize(path)) >= sizeBytes) found.push({ path, kind: 'block' })
      else if (status.isCharacterDevice()) found.push({ path, kind: 'zeros' })
    } catch {
      // Not here, or not for us.
    }
  }
  return found
}

/** Another way to a device's size than the engine's: seek to its end, as lseek does for dd and blockdev. */
async function fileSize(path: string): Promise<number> {
  const source = await openFileSource(path)
  try {
    const last = await source.read(Math.max(0, source.sizeBytes - 1), 1)
    return last.length === 1 ? source.sizeBytes : 0
  } finally {
    await source.close()
  }
}

blockSourceSuite('a file', async () => ({ source: await openFileSource(await fileWith(content)), content, sizeBytes }))

blockSourceSuite('a range of a file', async () => {
  const path = await fileWith(Buffer.concat([noise(777, 1), content, noise(333, 2)]))
  return { source: rangeSource(await openFileSource(path), 777, sizeBytes, `${path}:777-20777`), content, sizeBytes }
})

blockSourceSuite('a range of a range', () => {
  const outer = memorySource(Buffer.concat([noise(100, 1), content, noise(50, 2)]))
  const middle = rangeSource(outer, 40, sizeBytes + 80, 'middle')
  return Promise.resolve({ source: rangeSource(middle, 60, sizeBytes, 'inner'), content, sizeBytes })
})

blockSourceSuite('memory', () => Promise.resolve({ source: memorySource(content), content, sizeBytes }))

blockSourceSuite('a counted source', () =>
  Promise.resolve({ source: countingSource(memorySource(content), { reads: 0, bytes: 0 }), content, sizeBytes }),
)

blockSourceSuite('a source that answers out of order', () => {
  const source = faultySource(memorySource(content), { latency: { turns: 5, seed: 9 } })
  return Promise.resolve({ source, content, sizeBytes })
})

const devices = await readableDevices()
if (devices.length === 0) process.stdout.write('no device can be read here: the suite ran on files and memory only\n')

for (const { path, kind } of devices) {
  blockSourceSuite(path, async () => {
    const source = await openFileSource(path)
    const handle = await open(path)
    const bytes = Buffer.alloc(sizeBytes)
    if (kind === 'block') await handle.read(bytes, 0, sizeBytes, 0)
    await handle.close()
    return { source, content: bytes, sizeBytes: source.sizeBytes }
  })
}

describe('a file', () => {
  test.each([
    ['there is no such file', async (folder: string) => join(folder, 'none')],
    ['it is a folder', (folder: string) => Promise.resolve(folder)],
  ])('that cannot be opened: %s', async (words, pathIn) => {
    const path = await pathIn(await scratchDir())
    const opening = openFileSource(path)
    await expect(opening).rejects.toMatchObject({ code: 'source-open' })
    await expect(opening).rejects.toThrow(path)
    await expect(opening).rejects.toThrow(words)
  })

  test('that is cut short while it is read says how much is left', async () => {
    const path = await fileWith(content)
    const source = await openFileSource(path)
    onTestFinished(async () => await source.close())
    await truncate(path, 5000)
    await expect(source.read(4000, 2000)).rejects.toThrow(
      `${path}: only 1000 of 2000 bytes at 0xfa0: it was cut short while being read`,
    )
    await expect(source.read(9000, 10)).rejects.toThrow('only 0 of 10 bytes at 0x2328')
    expect(Buffer.compare(await source.read(4000, 1000), content.subarray(4000, 5000))).toBe(0)
  })

  test('is opened for reading only (R1)', async () => {
    const path = await fileWith(content)
    const before = await stat(path)
    const source = await openFileSource(path)
    await source.read(0, sizeBytes)
    await source.close()
    const after = await stat(path)
    expect([after.mtimeMs, after.size, after.mode]).toEqual([before.mtimeMs, before.size, before.mode])
  })

  test.skipIf(process.platform === 'win32')(
    'that is a pipe nobody writes to is refused, not waited for',
    async () => {
      const path = join(await scratchDir(), 'pipe')
      execFileSync('mkfifo', [path])
      await expect(openFileSource(path)).rejects.toThrow('not a file or a disk')
    },
    5000,
  )
})

describe('a range', () => {
  const outer = memorySource(content, 'disk.img')

  test.each([
    [-1, 10],
    [0, sizeBytes + 1],
    [sizeBytes, 1],
    [10, -1],
  ])('from %d, %d bytes long, is refused when it is made', (start, length) => {
    expect(() => rangeSource(outer, start, length, 'part')).toThrow(/part: the range .* is outside disk\.img/)
  })

  test('never shows what lies behind it', async () => {
    const range = rangeSource(outer, 100, 50, 'part')
    await expect(range.read(0, 51)).rejects.toThrow('part: 51 bytes at 0x0 wanted, but it ends at 0x32')
    await expect(range.read(-1, 1)).rejects.toThrow('part')
  })

  test('closes what it is a part of', async () => {
    const whole = memorySource(content)
    await rangeSource(whole, 0, 10, 'part').close()
    await expect(whole.read(0, 1)).rejects.toThrow('closed')
  })
})

describe('counting', () => {
  test('adds up over all sources that share a count', async () => {
    const count: ReadCount = { reads: 0, bytes: 0 }
    const [a, b] = [countingSource(memorySource(content), count), countingSource(memorySource(content), count)]
    await Promise.all([a.read(0, 10), b.read(5, 20), a.read(100, 0)])
    await expect(b.read(sizeBytes, 1)).rejects.toThrow('memory')
    expect(count).toEqual({ reads: 4, bytes: 31 })
  })
})

describe('the size of a device found by reading', () => {
  test.each([
    0,
    512,
    1024,
    4096,
    4608,
    6144,
    65536,
    1_474_560,
    2 ** 31 - 512,
    2 ** 31,
    2 ** 31 + 512,
    4_000_787_030_016,
    2 ** 52 - 512,
    2 ** 52,
  ])('%d bytes', async (size) => {
    let reads = 0
    const found = await probeDeviceSize((offset) => {
      reads++
      return Promise.resolve(offset >= 0 && offset < size)
    })
    expect(found).toBe(size)
    expect(reads).toBeLessThanOrEqual(100)
  })

  test('ends for a device without end', async () => {
    expect(await probeDeviceSize(() => Promise.resolve(true))).toBe(2 ** 52)
  })
})

test('an endless character device is opened at once and is no arena partition', async () => {
  const hasZero = await access('/dev/zero').then(
    () => true,
    () => false,
  )
  const source: BlockSource = hasZero ? await openFileSource('/dev/zero') : memorySource(Buffer.alloc(300_000))
  onTestFinished(async () => await source.close())
  await expect(openArenaPartition(source)).rejects.toThrow('arena partition header at 0x40000: magic is 0x0')
})
