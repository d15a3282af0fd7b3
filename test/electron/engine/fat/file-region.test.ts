// The bounds of what may be written, and the words when the disk fails.

import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { AppError } from '../../../../shared/errors.ts'
import { FileRegion, type RegionBounds, type RegionHandle } from '../../../../electron/engine/fat/file-region.ts'
import { rangeSource } from '../../../../electron/engine/source/range-source.ts'
import { rejection } from '../../../helpers/client-calls.ts'
import { noise } from '../../../helpers/image-builder.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import { blockSourceSuite } from '../../../suites/block-source-suite.ts'

const before = 3 * 512
const sizeBytes = 20 * 512
const behind = 5 * 512
const reserved = 2 * 512
const whole = noise(before + sizeBytes + behind, 11)
const content = whole.subarray(before, before + sizeBytes)

const bounds: RegionBounds = {
  name: 'disk.img:9fat',
  offset: before,
  sizeBytes,
  sectorBytes: 512,
  firstWritableByte: reserved,
  readAlignment: 1,
  fileBytes: whole.length,
}

async function regionOnFile(changed: Partial<RegionBounds> = {}): Promise<{ region: FileRegion; path: string }> {
  const path = join(await scratchDir(), 'disk.img')
  await writeFile(path, whole)
  const region = new FileRegion({ ...bounds, ...changed }, await open(path, 'r+'))
  onTestFinished(() => region.close().catch(() => undefined))
  return { region, path }
}

blockSourceSuite('a region of a file, read', async () => {
  const { region } = await regionOnFile()
  return { source: rangeSource(region, 0, sizeBytes, region.name), content, sizeBytes }
})

blockSourceSuite('a region of a device, read', async () => {
  const { region } = await regionOnFile({ readAlignment: 4096 })
  return { source: rangeSource(region, 0, sizeBytes, region.name), content, sizeBytes }
})

test('10 000 writes at random around the bounds: nothing outside ever changes', async () => {
  const { region, path } = await regionOnFile()
  const shadow = Buffer.from(whole)
  const edge = fc.constantFrom(-before, -512, 0, reserved, sizeBytes, sizeBytes + behind, 2 ** 31, 2 ** 53)
  const near = fc.tuple(edge, fc.integer({ min: -1200, max: 1200 })).map(([at, by]) => at + by)
  const aligned = fc.integer({ min: -8, max: 30 }).map((sector) => sector * 512)
  const odd = fc.constantFrom(NaN, Infinity, -Infinity, 0.5, 1024.5, -0)
  const offset = fc.oneof(
    { weight: 4, arbitrary: aligned },
    { weight: 4, arbitrary: near },
    { weight: 1, arbitrary: odd },
  )
  const sectors = fc.integer({ min: 0, max: 24 }).map((count) => count * 512)
  const length = fc.oneof({ weight: 5, arbitrary: sectors }, { weight: 1, arbitrary: fc.nat(3000) })
  let done = 0
  let refused = 0
  await fc.assert(
    fc.asyncProperty(offset, length, fc.nat(255), async (at, bytes, fill) => {
      const fits = at >= reserved && bytes > 0 && at % 512 === 0 && bytes % 512 === 0 && at + bytes <= sizeBytes
      const outcome = await region.write(at, new Uint8Array(bytes).fill(fill)).then(
        () => 'written',
        (error: AppError) => `${error.code}: ${error.message.endsWith('Nothing was written')}`,
      )
      expect(outcome).toBe(fits ? 'written' : 'write-9fat: true')
      if (fits) shadow.fill(fill, before + at, before + at + bytes)
      if (fits) done++
      else refused++
    }),
    { numRuns: 10_000 },
  )
  await region.flush()
  expect(Buffer.compare(await readFile(path), shadow)).toBe(0)
  const outside = (image: Uint8Array): Buffer =>
    Buffer.concat([image.subarray(0, before + reserved), image.subarray(before + sizeBytes)])
  expect(Buffer.compare(outside(shadow), outside(whole))).toBe(0)
  expect(Math.min(done, refused)).toBeGreaterThan(500)
})

/** A handle whose calls do what `how` says; writes that succeed go nowhere. */
function handleThat(how: Partial<Record<'write' | 'datasync', () => unknown>>): RegionHandle {
  const answer = (name: 'write' | 'datasync', otherwise: unknown) => () => {
    const made = how[name]?.() ?? otherwise
    return made instanceof Error ? Promise.reject(made) : Promise.resolve(made)
  }
  return {
    read: () => Promise.resolve({ bytesRead: 0, buffer: Buffer.alloc(0) }),
    write: answer('write', { bytesWritten: 512 }),
    datasync: answer('datasync', undefined),
    close: () => Promise.resolve(),
  } as unknown as RegionHandle
}

const coded = (code: string): Error => Object.assign(new Error(code), { code })
const sector = new Uint8Array(512)

describe('a disk that fails', () => {
  test.each([
    ['EIO', 'input/output error'],
    ['ENOSPC', 'is full'],
    ['EROFS', 'write-protected'],
    ['ENODEV', 'gone'],
    ['EWHAT', 'EWHAT'],
  ])('a write ends in %s', async (code, words) => {
    const region = new FileRegion(bounds, handleThat({ write: () => coded(code) }))
    const error = await rejection(region.write(reserved, sector))
    expect([error.code, error.data['code']]).toEqual(['write-9fat', code])
    expect(error.message).toContain('disk.img:9fat: 512 bytes at 0x400 failed')
    expect(error.message).toContain(words)
  })

  test('a flush that fails is an error', async () => {
    const region = new FileRegion(bounds, handleThat({ datasync: () => coded('EIO') }))
    const error = await rejection(region.flush())
    expect([error.code, error.message]).toEqual(['write-9fat', expect.stringContaining('flush failed')])
  })

  test('a write of nothing is not taken for success', async () => {
    const region = new FileRegion(bounds, handleThat({ write: () => ({ bytesWritten: 0 }) }))
    expect((await rejection(region.write(reserved, sector))).code).toBe('write-9fat')
  })

  test('a write in pieces goes on where it stopped', async () => {
    const calls: number[][] = []
    const handle = {
      ...handleThat({}),
      write: (_: Uint8Array, from: number, length: number, at: number) => {
        calls.push([from, length, at])
        return Promise.resolve({ bytesWritten: Math.min(200, length) })
      },
    }
    await new FileRegion(bounds, handle).write(reserved, sector)
    expect(calls).toEqual([
      [0, 512, before + reserved],
      [200, 312, before + reserved + 200],
      [400, 112, before + reserved + 400],
    ])
  })

  test.each(['EPERM', 'EACCES', 'EBUSY'])('the first write refused with %s: it is mounted', async (code) => {
    let fails = true
    const region = new FileRegion(bounds, handleThat({ write: () => (fails ? coded(code) : undefined) }))
    expect((await rejection(region.write(reserved, sector))).code).toBe('mounted-9fat')
    fails = false
    await region.write(reserved, sector)
    fails = true
    // Something is written by now: then it is no such refusal.
    expect((await rejection(region.write(reserved, sector))).code).toBe('write-9fat')
  })

  test('a read that comes back short is an error', async () => {
    const region = new FileRegion(bounds, handleThat({}))
    const error = await rejection(region.read(0, 512))
    expect([error.code, error.message]).toEqual(['source-read', expect.stringContaining('cut short')])
  })
})
