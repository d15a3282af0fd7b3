// Whatever stands in a partition: opening and scanning end, read a bounded number of bytes, yield no block whose SHA-1 is not
// its score, and fail only with an error that names file and place. Arenas that were not touched stay complete. More than
// ten thousand spoiled images: fields at every limit, truncations, random bytes, pieces moved about, floods of magic.

import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import { openArenaPartition } from '../../electron/engine/venti/arena/arena-partition.ts'
import { surveyArena } from '../../electron/engine/venti/arena/survey.ts'
import { cpuMs } from '../helpers/cpu-time.ts'
import { intactBuilt, intactFixture, type Intact } from '../helpers/damage-cases.ts'
import { loadFixture } from '../helpers/fixtures.ts'
import { buildPartition, noise, prose, type BlockPlan, type BuiltPartition } from '../helpers/image-builder.ts'
import { memorySource } from '../helpers/memory-source.ts'
import { scanSource, type Scanned } from '../helpers/scan-calls.ts'

const blocks: readonly BlockPlan[] = Array.from({ length: 30 }, (_, i) => ({
  data: i % 3 === 0 ? noise(1 + ((i * 37) % 200), i) : prose(40 + ((i * 91) % 900), i),
  type: [13, 13, 2, 3, 1][i % 5]!,
}))

const built: readonly BuiltPartition[] = [
  buildPartition({
    blockSize: 512,
    arenas: [
      { blocks, state: 'sealed', oldBytes: true },
      { blocks, uncounted: 4, indexed: 7, oldBytes: true },
      { blocks: blocks.slice(3), version: 4, indexed: 5, state: 'full' },
      { sizeBytes: 4096 },
      { blocks: blocks.slice(0, 12), version: 4, uncounted: 2 },
    ],
  }),
  buildPartition({
    blockSize: 4096,
    arenas: [
      { blocks, indexed: 3 },
      { blocks: blocks.slice(0, 9), state: 'flushed', oldBytes: true },
    ],
    slackBytes: 777,
  }),
]

let cases = 0

type Judged = { readonly scanned: Scanned | null; readonly error: unknown }

/** Scans, and holds what must hold of every image whatsoever. */
async function judge(image: Uint8Array, scores?: ReadonlySet<string>): Promise<Judged> {
  cases++
  const before = cpuMs()
  let judged: Judged
  try {
    const scanned = await scanSource(memorySource(image, 'disk.img'))
    const limit = 4 * image.length + 256 * 1024
    if (scanned.count.bytes > limit) throw new Error(`${scanned.count.bytes} bytes read of ${image.length}`)
    const foreign = scanned.arenas.flatMap((arena) => arena.blocks).find((block) => scores?.has(block.score) === false)
    if (foreign !== undefined) throw new Error(`block ${foreign.score} was never stored`)
    judged = { scanned, error: null }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'not-arena-partition') throw error
    if (!/^disk\.img: .*(0x[0-9a-f]+|\d+ bytes)/.test(error.message)) throw new Error(error.message, { cause: error })
    judged = { scanned: null, error }
  }
  const took = cpuMs() - before
  if (took > 5000) throw new Error(`took ${took} ms`)
  return judged
}

const scoresOf = ({ arenas }: BuiltPartition): Set<string> =>
  new Set(arenas.flatMap(({ clumps }) => clumps.map(({ score }) => score)))

/** Every arena but `spoiled` came out whole and without a remark. */
function othersComplete({ arenas }: Intact, scanned: Scanned | null, spoiled: number): boolean {
  return arenas.every(({ name, clumps }, index) => {
    if (index === spoiled) return true
    const found = scanned?.arenas.find((arena) => arena.name === name)
    if (found === undefined || found.damage.length > 0 || found.blocks.length !== clumps.length) return false
    return clumps.every(({ offset, score, type }, i) => {
      const block = found.blocks[i]!
      return block.offset === offset && block.score === score && block.type === type
    })
  })
}

type Edit =
  | { readonly kind: 'bytes'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'fill'; readonly at: number; readonly length: number; readonly byte: number }
  | { readonly kind: 'move'; readonly at: number; readonly from: number; readonly length: number }

function apply(image: Buffer, edits: readonly Edit[], from: number, to: number): void {
  for (const edit of edits) {
    const at = from + (edit.at % (to - from))
    if (edit.kind === 'flip') image[at]! ^= 1 << edit.bit
    else if (edit.kind === 'bytes') image.set(edit.bytes.subarray(0, to - at), at)
    else if (edit.kind === 'fill') image.fill(edit.byte, at, Math.min(to, at + edit.length))
    else {
      const source = from + (edit.from % (to - from))
      image.copyWithin(at, source, Math.min(source + edit.length, source + (to - at), to))
    }
  }
}

/** Limits of the fields, and magics. */
const telling = [
  ['00', 'ff', '0000', 'ffff', '8000', 'e000', 'e001', '0026', 'd15cb10c', 'f2a14ead', 'd15c4ead'],
  ['00000000', 'ffffffff', '80000000', '7fffffff', '0000000000000001', 'ffffffffffffffff'],
  ['001fffffffffffff', '0020000000000000'],
].flat()

/** Places where something is written, as numbers below 2^30; `apply` brings them into the range that may be spoiled. */
function editsNear(places: readonly number[]): fc.Arbitrary<Edit[]> {
  const near = fc.tuple(fc.constantFrom(...places), fc.nat(40)).map(([place, distance]) => place + distance)
  const at = fc.oneof({ weight: 4, arbitrary: near }, { weight: 1, arbitrary: fc.nat(2 ** 20) })
  const value = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 40 }),
    fc.constantFrom(...telling).map((hex) => new Uint8Array(Buffer.from(hex, 'hex'))),
  )
  const edit: fc.Arbitrary<Edit> = fc.oneof(
    fc.record({ kind: fc.constant('bytes' as const), at, bytes: value }),
    fc.record({ kind: fc.constant('flip' as const), at, bit: fc.nat(7) }),
    fc.record({
      kind: fc.constant('fill' as const),
      at,
      length: fc.nat(3000),
      byte: fc.constantFrom(0, 0, 0xff, 0xd1),
    }),
    fc.record({ kind: fc.constant('move' as const), at, from: at, length: fc.nat(3000) }),
  )
  return fc.array(edit, { minLength: 1, maxLength: 6 })
}

describe.each(built.map((one) => [one.blockSize, one] as const))('blocks of %i bytes', (_, image) => {
  const working = Buffer.from(image.bytes)
  const intact = intactBuilt(image)
  const scores = scoresOf(image)
  const restore = (from: number, to: number): void => void image.bytes.copy(working, from, from, to)

  test.each(image.arenas.map(({ name }, index) => [name, index] as const))(
    'anything in %s: the other arenas are complete',
    async (_name, index) => {
      const { start, stop, dataBase, tailAt, clumps, entryAddress } = image.arenas[index]!
      const heads = [
        start,
        start + 72,
        start + 84,
        tailAt,
        tailAt + 72,
        tailAt + 88,
        tailAt + 104,
        tailAt + 110,
        stop - 20,
      ]
      const entries = clumps.map((clump) => entryAddress(clump.index))
      const places = [...heads, ...heads, ...clumps.map(({ address }) => address), ...entries, dataBase].map(
        (at) => at - start,
      )
      const holds = fc.asyncProperty(editsNear(places), async (edits) => {
        apply(working, edits, start, stop)
        try {
          const { scanned } = await judge(working, scores)
          expect(othersComplete(intact, scanned, index)).toBe(true)
        } finally {
          restore(start, stop)
        }
      })
      await fc.assert(holds, { numRuns: 1000 })
    },
  )

  test('anything in header, table and all arenas at once', async () => {
    const from = 262_144
    const to = working.length
    const places = [0, 4, 8, 12, image.tableBase - from, image.tableBase - from + 20, image.tableBase - from + 60]
    for (const { start, tailAt, dataBase } of image.arenas) places.push(start - from, dataBase - from, tailAt - from)
    const holds = fc.asyncProperty(editsNear(places), async (edits) => {
      apply(working, edits, from, to)
      try {
        const { scanned, error } = await judge(working, scores)
        expect((scanned === null) !== (error === null)).toBe(true)
      } finally {
        restore(from, to)
      }
    })
    await fc.assert(holds, { numRuns: 2000 })
  })

  test('cut off anywhere', async () => {
    const { arenas, tableBase } = image
    const sizes = new Set<number>([0, 1, 262_143, 262_144, 262_148, 262_159, 262_160, 262_655, 262_656])
    for (const at of [
      tableBase,
      image.arenaBase,
      ...arenas.flatMap(({ start, dataBase, tailAt, stop }) => [start, dataBase, tailAt, stop]),
    ])
      for (const by of [-513, -512, -1, 0, 1, 4, 84, 88, 89, 512]) sizes.add(at + by)
    for (let size = 262_144; size < image.bytes.length; size += 97) sizes.add(size)
    for (const size of sizes) {
      if (size < 0 || size > image.bytes.length) continue
      const { scanned, error } = await judge(image.bytes.subarray(0, size), scores)
      const usable = size - (size % image.blockSize)
      for (const arena of arenas.filter(({ stop }) => stop <= usable)) {
        const found = scanned?.arenas.find(({ name }) => name === arena.name)
        expect([size, arena.name, found?.blocks.length, error]).toEqual([size, arena.name, arena.clumps.length, null])
      }
    }
  })

  test('every field at every limit', async () => {
    const limits = [
      0n,
      1n,
      2n,
      37n,
      38n,
      39n,
      255n,
      256n,
      511n,
      512n,
      513n,
      1024n,
      57343n,
      57344n,
      57345n,
      65535n,
      65536n,
    ]
    const large = [
      2n ** 31n - 1n,
      2n ** 31n,
      2n ** 32n - 1n,
      2n ** 32n,
      2n ** 53n - 1n,
      2n ** 53n,
      2n ** 63n,
      2n ** 64n - 1n,
    ]
    const fields: (readonly [number, number])[] = [0, 4, 8, 12].map((at) => [262_144 + at, 4] as const)
    for (const { start, tailAt, clumps, entryAddress, version } of image.arenas) {
      const shift = version === 5 ? 4 : 0
      for (const at of [0, 4, 72, 84]) fields.push([start + at, 4])
      fields.push([start + 76, 8])
      for (const at of [0, 4, 72, 76, 88, 106 + shift, 110 + shift]) fields.push([tailAt + at, 4])
      for (const at of [88, 96, 114, 122]) fields.push([tailAt + at + shift, 8])
      for (const at of [104, 105, 130]) fields.push([tailAt + at + shift, 1])
      for (const index of [0, 5, clumps.length - 1].filter((one) => one >= 0 && one < clumps.length)) {
        for (const at of [5, 7]) fields.push([clumps[index]!.address + at, 2])
        for (const at of [4, 29]) fields.push([clumps[index]!.address + at, 1])
        for (const at of [1, 3]) fields.push([entryAddress(index) + at, 2])
      }
    }
    for (const [at, bytes] of fields) {
      for (const value of [...limits, ...large]) {
        if (value >= 2n ** BigInt(8 * bytes)) continue
        for (let i = 0; i < bytes; i++) working[at + i] = Number((value >> BigInt(8 * (bytes - 1 - i))) & 255n)
        const { scanned } = await judge(working, scores)
        const spoiled = image.arenas.findIndex(({ start, stop }) => at >= start && at < stop)
        expect([at, value, spoiled < 0 || othersComplete(intact, scanned, spoiled)]).toEqual([at, value, true])
        restore(at, at + bytes)
      }
    }
  })

  test('nothing but random bytes behind a good header', async () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = Buffer.from(image.bytes)
      noise(random.length - image.arenaBase, seed).copy(random, image.arenaBase)
      const { scanned } = await judge(random, new Set())
      expect(scanned!.arenas.every(({ arena }) => arena === null)).toBe(true)
    }
  })
})

test('random bytes in real partitions: the other arenas are complete', async () => {
  const image = loadFixture('seq-day3')
  const working = Buffer.from(image)
  const intact = intactFixture('seq-day3')
  const holds = fc.asyncProperty(fc.nat(2), fc.nat(), fc.nat(), async (index, pick, seed) => {
    const { start, stop, tailAt, clumps, entryAddress } = intact.arenas[index]!
    const clump = clumps[pick % clumps.length]!
    const places = [start, start + 8192 + clump.offset, entryAddress(clump.index), tailAt, tailAt + 72, tailAt + 110]
    const at = places[seed % places.length]!
    noise(1 + (seed % 50), seed).copy(working, at)
    try {
      const { scanned } = await judge(working)
      expect(othersComplete(intact, scanned, index)).toBe(true)
    } finally {
      image.copy(working, start, start, stop)
    }
  })
  await fc.assert(holds, { numRuns: 60 })
})

describe('floods: much to look at, nothing to find', () => {
  const arenaBytes = 3 * 2 ** 20
  const whole = buildPartition({ blockSize: 8192, arenas: [{ blocks, sizeBytes: arenaBytes }, { blocks }] })
  const [arena] = whole.arenas
  const magic = Buffer.alloc(4)
  magic.writeUInt32BE(arena!.clumpMagic)

  /** The log from its third clump on is `pattern` again and again; the tail counts it all, or is gone. */
  function flooded(pattern: Buffer, tail: 'counts it' | 'is gone'): Buffer {
    const image = Buffer.from(whole.bytes)
    const { dataBase, tailAt, clumps } = arena!
    const end = tailAt - 8192 * 200
    for (let at = dataBase + clumps[3]!.offset; at + pattern.length <= end; at += pattern.length)
      pattern.copy(image, at)
    if (tail === 'is gone') image.fill(0, tailAt, tailAt + 8192)
    else {
      image.writeUInt32BE(30_000, tailAt + 72)
      image.writeBigUInt64BE(BigInt(end - dataBase), tailAt + 92)
    }
    return image
  }

  /** A sound header whose block never verifies. */
  function header(stored: number, uncompressed: number, encoding: number): Buffer {
    const bytes = Buffer.alloc(38, 0x41)
    magic.copy(bytes)
    bytes[4] = 13
    bytes.writeUInt16BE(stored, 5)
    bytes.writeUInt16BE(uncompressed, 7)
    bytes[29] = encoding
    return bytes
  }

  /** Headers that overlap: every ninth byte begins one. */
  const overlapping = Buffer.concat([magic, Buffer.from([13, 0xdf, 0xff, 0xe0, 0x00])])

  const patterns: readonly (readonly [string, Buffer])[] = [
    ['the clump magic alone', magic],
    ['overlapping headers', overlapping],
    ['headers of the largest plain block', header(57_344, 57_344, 1)],
    ['headers of blocks that decompress far', Buffer.concat([header(30, 57_344, 2), Buffer.alloc(30, 0x20)])],
    ['headers of one byte', Buffer.concat([header(1, 1, 1), Buffer.from('x')])],
    ['clumps marked corrupt', Buffer.concat([header(1, 1, 1).fill(255, 4, 5), Buffer.from('x')])],
  ]

  test.each(
    patterns.flatMap(([name, pattern]) => [[name, 'counts it', pattern] as const, [name, 'is gone', pattern] as const]),
  )(
    '%s, the tail %s',
    async (_, tail, pattern) => {
      const image = flooded(pattern, tail)
      const { scanned } = await judge(image, scoresOf(whole))
      expect(othersComplete(intactBuilt(whole), scanned, 0)).toBe(true)
      expect(scanned!.arenas[0]!.blocks.length).toBeGreaterThanOrEqual(3)
    },
    30_000,
  )

  test('the listing of an arena with a bad clump behind every good one stays short', async () => {
    const good = Buffer.concat([header(1, 1, 1), Buffer.from('x')])
    createHash('sha1').update('x').digest().copy(good, 9)
    const image = flooded(Buffer.concat([header(1, 1, 1), Buffer.from('x'), good]), 'counts it')
    await judge(image)
    const partition = await openArenaPartition(memorySource(image))
    const { damage } = await surveyArena(partition, partition.entries[0]!, { check: true })
    expect(damage.length).toBeLessThan(1100)
    expect(damage.at(-1)).toMatchObject({ kind: 'lost-region' })
    expect(damage.at(-1)!.detail).toMatch(/^\d+ more damaged places from here on/)
  })
})

test('there were at least 10 000 cases', () => {
  expect(cases).toBeGreaterThanOrEqual(10_000)
})
