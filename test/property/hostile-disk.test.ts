// Whatever stands on a disk: listing it ends, reads a bounded number of bytes and only inside the disk, lists nothing that
// is not inside it, and fails only with an error that names the place. More than ten thousand spoiled tables: fields at every
// limit, bytes turned, pieces moved about, random text and random bytes, of MBR, GPT, Plan 9 tables and fossils.

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import type { DiskListing } from '../../shared/model/partition.ts'
import { listDisk } from '../../electron/engine/disk/discover.ts'
import { readDiskLayout } from '../../electron/engine/disk/layout.ts'
import { parseNamePath, parseRangePath } from '../../electron/engine/source/path-forms.ts'
import { readFossilLast } from '../../electron/engine/fossil/fossil-last.ts'
import type { BlockSource } from '../../electron/engine/source/block-source.ts'
import { cpuMs } from '../helpers/cpu-time.ts'
import { linuxGuid, plan9Guid, putGpt, putMbr, putTable } from '../helpers/disk-builder.ts'
import { loadDisk } from '../helpers/disk-fixtures.ts'

let cases = 0
/** Far more than any table of these disks asks for, far less than the chains and counts they claim. */
const maxReads = 3000
const maxBytes = 16 * 1024 * 1024
const maxCpuMs = 2000

/** Reading outside is this test's failure, not an error that somebody may catch. */
function strictSource(bytes: Uint8Array): BlockSource & { reads: number; bytes: number; outside: string | null } {
  const source = {
    name: 'disk.img',
    sizeBytes: bytes.length,
    reads: 0,
    bytes: 0,
    outside: null as string | null,
    read(offset: number, length: number): Promise<Uint8Array> {
      source.reads++
      source.bytes += length
      const isInside = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0
      if (!isInside || offset + length > bytes.length) {
        source.outside = `${length} bytes at ${offset} of ${bytes.length}`
        return Promise.reject(new AppError('source-read', source.outside))
      }
      return Promise.resolve(new Uint8Array(bytes.subarray(offset, offset + length)))
    },
    close: () => Promise.resolve(),
  }
  return source
}

/** What is wrong with a listing, or null. Plain comparisons: it is asked a hundred thousand times. */
function flawOf({ size, partitions, problems }: DiskListing): string | null {
  if (new Set(partitions.map(({ name }) => name)).size !== partitions.length) return 'a name twice'
  if (problems.length > 201) return `${problems.length} problems`
  for (const { name, offset, size: bytes, path, kind, found } of partitions) {
    const isInside =
      Number.isSafeInteger(offset) && Number.isSafeInteger(bytes) && offset >= 0 && offset + bytes <= size
    if (!isInside) return `${name} at ${offset}, ${bytes} bytes of ${size}`
    if (!kind || !found) return `${name} is nothing`
    if (path === 'disk.img') continue
    if (bytes <= 0) return `${name} is empty`
    const named = parseNamePath(path)
    const range = parseRangePath(path)
    const leadsThere =
      named === null
        ? range?.file === 'disk.img' && range.low === offset && range.high === offset + bytes
        : named.file === 'disk.img' && named.name === name
    if (!leadsThere) return `${name} has the path ${path}`
  }
  return null
}

async function judge(disk: Uint8Array): Promise<DiskListing> {
  cases++
  const source = strictSource(disk)
  const started = cpuMs()
  const listing = await listDisk(source)
  const took = cpuMs() - started
  const { outside, reads, bytes } = source
  const isBounded = reads < maxReads && bytes < maxBytes && took < maxCpuMs
  if (!isBounded) expect({ reads, bytes, took }).toBe('bounded')
  expect([outside, flawOf(listing)]).toEqual([null, null])
  return listing
}

/** An edit that a flipped bit, a bad writer or an enemy makes. */
type Edit = { readonly at: number; readonly bytes: Uint8Array }

const limits = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff]

/** Edits near the given places: numbers at their limits in either byte order, single bits, random bytes. */
function editsAt(places: readonly (readonly [number, number])[]): fc.Arbitrary<readonly Edit[]> {
  const at = fc.constantFrom(...places).chain(([start, length]) => fc.integer({ min: start, max: start + length - 1 }))
  const number = fc.tuple(fc.constantFrom(...limits), fc.boolean()).map(([value, isBig]) => {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, value, !isBig)
    return bytes
  })
  const edit = fc.record({
    at,
    bytes: fc.oneof(
      number,
      fc.uint8Array({ minLength: 1, maxLength: 1 }),
      fc.uint8Array({ minLength: 1, maxLength: 24 }),
    ),
  })
  return fc.array(edit, { minLength: 1, maxLength: 6 })
}

function edited(disk: Buffer, edits: readonly Edit[]): Buffer {
  const copy = Buffer.from(disk)
  for (const { at, bytes } of edits)
    copy.set(bytes.subarray(0, Math.max(0, copy.length - at)), Math.min(at, copy.length))
  return copy
}

const text = 'part 9fat 0 100\npart nvram 100 101\npart fossil 101 150\npart arenas 150 240\n'

function mbrDisk(): Buffer {
  const disk = Buffer.alloc(400 * 512)
  putMbr(disk, 0, [
    { type: 0x0c, start: 8, sectors: 12 },
    { type: 0x39, start: 60, sectors: 240 },
    { type: 0x05, start: 300, sectors: 100 },
  ])
  putMbr(disk, 300 * 512, [
    { type: 0x39, start: 1, sectors: 9 },
    { type: 0x05, start: 10, sectors: 20 },
  ])
  putMbr(disk, 310 * 512, [{ type: 0x83, start: 1, sectors: 9 }])
  putTable(disk, 60 * 512, text)
  putTable(disk, 301 * 512, 'part other 2 9\n')
  return disk
}

function gptDisk(sectorBytes: number): Buffer {
  const disk = Buffer.alloc(400 * sectorBytes)
  const slots = [
    { guid: plan9Guid, first: 60, last: 299, name: 'plan9' },
    { guid: linuxGuid, first: 300, last: 320, name: 'root' },
  ]
  putGpt(disk, { sectorBytes, slots, entries: 16 })
  putTable(disk, 60 * sectorBytes, text, sectorBytes)
  return disk
}

const seeds = { seed: 20190314, endOnFailure: true }

describe('tables', () => {
  test('MBR and extended records', async () => {
    const disk = mbrDisk()
    const places = [
      [440, 72],
      [300 * 512 + 446, 66],
      [310 * 512 + 446, 66],
      [61 * 512, 90],
    ] as const
    await fc.assert(
      fc.asyncProperty(editsAt(places), async (edits) => void (await judge(edited(disk, edits)))),
      { ...seeds, numRuns: 3000 },
    )
  })

  test.each([512, 4096])('GPT in sectors of %d bytes, with checksums that may be put right', async (sectorBytes) => {
    const disk = gptDisk(sectorBytes)
    const last = 399 * sectorBytes
    const places = [
      [446, 66],
      [sectorBytes, 92],
      [2 * sectorBytes, 300],
      [last, 92],
      [61 * sectorBytes, 90],
    ] as const
    await fc.assert(
      fc.asyncProperty(editsAt(places), fc.boolean(), async (edits, isSealed) => {
        const spoiled = edited(disk, edits)
        if (isSealed) for (const at of [sectorBytes, last]) sealIfPossible(spoiled, at)
        await judge(spoiled)
      }),
      { ...seeds, numRuns: sectorBytes === 512 ? 2600 : 400 },
    )
  })

  test('text: words of tables in any order', async () => {
    const disk = mbrDisk()
    const word = fc.oneof(
      fc.constantFrom(
        'part',
        ' ',
        '\n',
        '\t',
        '\r',
        '\0',
        '9fat',
        'arenas',
        '0',
        '100',
        '0x10',
        '017',
        '09',
        '-1',
        '1e9',
      ),
      fc.constantFrom('99999999999999999999', 'a/b', 'a:b', '1-2', '0x1-', '..', 'plan9', 'p1', 'part 9fat 0 100\n'),
      fc.string({ maxLength: 6, unit: 'binary' }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 80 }), async (words) => {
        const spoiled = Buffer.from(disk)
        spoiled.fill(0, 61 * 512, 62 * 512)
        spoiled.set(Buffer.from(`part ${words.join('')}`).subarray(0, 512), 61 * 512)
        await judge(spoiled)
      }),
      { ...seeds, numRuns: 2500 },
    )
  })

  test('random bytes with the marks of tables among them, any size', async () => {
    const mark = fc.constantFrom(
      Buffer.from('part '),
      Buffer.from('plan9 partitions\na 0 9\n'),
      Buffer.from('EFI PART'),
      Buffer.from('55aa', 'hex'),
      Buffer.from(plan9Guid, 'hex'),
      Buffer.from('3776ae8900012000', 'hex'),
      Buffer.from('a9e4a5e700000003', 'hex'),
    )
    const size = fc.oneof(fc.integer({ min: 0, max: 1100 }), fc.integer({ min: 0, max: 40_000 }))
    const where = fc.oneof(fc.constantFrom(0, 446, 450, 510, 512, 1024, 4096), fc.nat(40_000))
    await fc.assert(
      fc.asyncProperty(
        size,
        fc.integer(),
        fc.array(fc.tuple(where, mark), { maxLength: 8 }),
        async (length, seed, marks) => {
          const disk = Buffer.alloc(length)
          for (let at = 0, state = seed | 1; at < length; at++) {
            state = Math.imul(state, 1664525) + 1013904223
            disk[at] = seed % 3 === 0 ? 0 : state >>> 24
          }
          for (const [at, bytes] of marks) if (at < length) disk.set(bytes.subarray(0, length - at), at)
          await judge(disk)
        },
      ),
      { ...seeds, numRuns: 2000 },
    )
  })

  test('real disks, spoiled', async () => {
    for (const id of ['disk-mbr', 'disk-gpt'] as const) {
      const disk = loadDisk(id)
      const start = id === 'disk-mbr' ? 63 * 512 : 2048 * 512
      const fossil = start + 20_481 * 512
      const arenas = start + 86_017 * 512
      const places = [
        [440, 72],
        [512, 92],
        [1024, 300],
        [disk.length - 512, 92],
        [start, 64],
        [start + 512, 150],
        [fossil + 131_072, 24],
        [fossil + 147_456, 60],
        [arenas + 262_144, 16],
        [arenas + 270_336, 160],
      ] as const
      const original = Buffer.from(disk)
      await fc.assert(
        fc.asyncProperty(editsAt(places), async (edits) => {
          // Sixty megabytes are not copied for each.
          for (const { at, bytes } of edits) disk.set(bytes.subarray(0, disk.length - at), at)
          try {
            await judge(disk)
          } finally {
            for (const { at, bytes } of edits) original.copy(disk, at, at, Math.min(at + bytes.length, disk.length))
          }
        }),
        { ...seeds, numRuns: 400 },
      )
      expect(disk.equals(original)).toBe(true)
    }
  })
})

function sealIfPossible(disk: Buffer, at: number): void {
  const length = disk.readUInt32LE(at + 12)
  if (length < 92 || at + length > disk.length) return
  putChecksum(disk, at, length)
}

function putChecksum(disk: Buffer, at: number, length: number): void {
  disk.writeUInt32LE(0, at + 16)
  let sum = 0xffffffff
  for (const byte of disk.subarray(at, at + length)) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0)
  }
  disk.writeUInt32LE((sum ^ 0xffffffff) >>> 0, at + 16)
}

test('fossil headers and super blocks', async () => {
  const whole = loadDisk('fossil').subarray(0, 170_000)
  const places = [
    [131_072, 24],
    [147_456, 182],
    [130_048, 40],
    [158_812, 14],
  ] as const
  const size = fc.oneof(fc.constant(whole.length), fc.integer({ min: 0, max: whole.length }))
  await fc.assert(
    fc.asyncProperty(editsAt(places), size, async (edits, length) => {
      cases++
      const source = strictSource(edited(Buffer.from(whole.subarray(0, length)), edits))
      const error = await readFossilLast(source).then(
        ({ last }) => {
          expect(last).toMatch(/^[0-9a-f]{40}$/)
          return null
        },
        (thrown: unknown) => thrown,
      )
      if (error !== null) expect(error).toMatchObject({ name: 'AppError', code: 'not-fossil' })
      expect(source.outside).toBeNull()
      expect(source.bytes).toBeLessThan(4096)
    }),
    { ...seeds, numRuns: 2000 },
  )
})

test('a table with everything it can name stays within its bounds', async () => {
  const disk = Buffer.alloc(64 * 1024 * 1024)
  const slots = Array.from({ length: 1024 }, (_, i) => ({
    guid: plan9Guid,
    first: 400 + 2 * i,
    last: 130_000,
    name: 'arenas',
  }))
  putGpt(disk, { slots, entries: 1024 })
  const lines = Array.from({ length: 30 }, (_, i) => `part p${i} ${i + 2} ${i + 3}\n`).join('')
  for (let i = 0; i < 1024; i++) putTable(disk, (400 + 2 * i) * 512, lines)
  const { parts } = await readDiskLayout(strictSource(disk))
  expect(parts.length).toBeGreaterThan(1024)
  const listing = await listDisk(strictSource(disk))
  expect(listing.partitions).toHaveLength(1024)
  expect(listing.problems).toHaveLength(201)
  expect(listing.problems[0]).toMatch(/more partitions are not listed$/)
  expect(listing.problems.at(-1)).toMatch(/^\d+ more problems are not listed$/)
}, 60_000)

test('there were ten thousand of them', () => {
  expect(cases).toBeGreaterThanOrEqual(10_000)
})
