// The scanner against a reference that has no window, no reads and no budget: venti-arenas.md 7.4 and 7.5 written down line
// by line over an image in memory. Random healthy images and images with one damage must give the same blocks, the same lost
// regions and the same end.

import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { unwhack } from '../../electron/engine/venti/format/unwhack.ts'
import {
  buildPartition,
  entryBytes,
  headerBytes,
  noise,
  prose,
  type ArenaPlan,
  type BuiltArena,
  type BuiltPartition,
} from '../helpers/image-builder.ts'
import { scanSource, type ScannedArena } from '../helpers/scan-calls.ts'

type Outcome = {
  /** offset, types it is sent under, score */
  readonly blocks: readonly string[]
  /** Adjacent ones as one. */
  readonly lost: readonly (readonly [number, number])[]
  readonly end: number
}

type Check =
  | { readonly state: 'none' }
  | { readonly state: 'good' | 'bad' | 'corrupt'; readonly size: number; readonly type: number; readonly score: string }

const isLegal = (type: number): boolean => (type >= 1 && type <= 9) || type === 13

class Reference {
  readonly #image: Buffer
  readonly #arena: BuiltArena
  readonly #blockSize: number
  readonly #blocks: string[] = []
  readonly #lost: [number, number][] = []

  constructor({ bytes, blockSize }: { bytes: Buffer; blockSize: number }, arena: BuiltArena) {
    this.#image = bytes
    this.#arena = arena
    this.#blockSize = blockSize
  }

  run(): Outcome {
    const end = this.#uncounted(this.#counted())
    return { blocks: this.#blocks, lost: this.#lost, end }
  }

  /** The clump at `offset`, of which nothing at or behind `limit` can be a part. */
  #check(offset: number, limit: number, anyType = false): Check {
    const at = this.#arena.dataBase + offset
    if (offset + headerBytes > limit || this.#image.readUInt32BE(at) !== this.#arena.clumpMagic)
      return { state: 'none' }
    const [type, size, plainSize] = [
      this.#image[at + 4]!,
      this.#image.readUInt16BE(at + 5),
      this.#image.readUInt16BE(at + 7),
    ]
    const encoding = this.#image[at + 29]!
    const sound = encoding === 1 ? size === plainSize : encoding === 2 && size < plainSize
    if (!sound || size === 0 || plainSize > 57344 || offset + headerBytes + size > limit) return { state: 'none' }
    const score = this.#image.toString('hex', at + 9, at + 29)
    if (!isLegal(type) && !anyType) return { state: 'corrupt', size, type, score }
    let data = this.#image.subarray(at + headerBytes, at + headerBytes + size)
    if (encoding === 2) {
      const out = Buffer.alloc(plainSize)
      if (!unwhack(data, 0, size, out, plainSize)) return { state: 'bad', size, type, score }
      data = out
    }
    const good = createHash('sha1').update(data).digest('hex') === score
    return { state: good ? 'good' : 'bad', size, type, score }
  }

  #entry(index: number): { type: number; size: number; score: string; rest: string } {
    const at = this.#arena.entryAddress(index)
    const bytes = this.#image.subarray(at, at + entryBytes)
    return {
      type: bytes[0]!,
      size: bytes.readUInt16BE(1),
      score: bytes.toString('hex', 5),
      rest: bytes.toString('hex', 1),
    }
  }

  #headerRest(offset: number): string {
    const at = this.#arena.dataBase + offset
    return this.#image.toString('hex', at + 5, at + 29)
  }

  #yield(offset: number, types: readonly number[], score: string): void {
    this.#blocks.push(`${offset} ${types.join('+')} ${score}`)
  }

  #lose(from: number, to: number): void {
    const last = this.#lost.at(-1)
    if (last !== undefined && last[1] === from) last[1] = to
    else this.#lost.push([from, to])
  }

  /** 7.5, inside the counted region. */
  #counted(): number {
    const { clumps, used } = this.#arena.counted
    let offset = 0
    let index: number | null = 0
    while (offset < used) {
      const clump = this.#check(offset, used)
      const entry = index === null || index >= clumps ? null : this.#entry(index)
      const onlyTypeDiffers = entry !== null && entry.rest === this.#headerRest(offset) && isLegal(entry.type)
      if (clump.state === 'good') {
        // 1: trust the header; both types where only they differ.
        this.#yield(offset, onlyTypeDiffers ? [...new Set([clump.type, entry.type])] : [clump.type], clump.score)
      } else if (
        // A type no block has is one that differs too, unless a repair tool wrote it.
        clump.state === 'corrupt' &&
        clump.type !== 255 &&
        onlyTypeDiffers &&
        this.#check(offset, used, true).state === 'good'
      ) {
        this.#yield(offset, [entry.type], clump.score)
      } else {
        const next = this.#next(offset, index, clump, entry?.size ?? 0)
        this.#lose(offset, next.offset)
        offset = next.offset
        index = next.index
        continue
      }
      offset += headerBytes + clump.size
      if (index !== null) index++
    }
    return offset
  }

  #next(
    offset: number,
    index: number | null,
    clump: Check,
    entrySize: number,
  ): { offset: number; index: number | null } {
    const { clumps, used } = this.#arena.counted
    const verifies = (at: number): boolean => this.#check(at, used).state === 'good'
    // 2: the header's size, else the directory's.
    const size = clump.state === 'none' ? entrySize : clump.size
    const follower = offset + headerBytes + size
    if (size > 0 && (verifies(follower) || (follower === used && index !== null && index + 1 === clumps))) {
      return { offset: follower, index: index === null ? null : index + 1 }
    }
    // 3: the directory counted from its end.
    const offsets: number[] = []
    for (let j = clumps - 1, at = used; j >= 0; j--) {
      at -= headerBytes + this.#entry(j).size
      offsets[j] = at
    }
    let third: { offset: number; index: number } = { offset: used, index: clumps }
    for (let j = index === null ? clumps : index + 1; j < clumps; j++) {
      const at = offsets[j]!
      const found = at > offset ? this.#check(at, used) : null
      if (found?.state === 'good' && found.score === this.#entry(j).score) {
        third = { offset: at, index: j }
        break
      }
    }
    if (index !== null && third.index === index + 1) return third
    // 4: the magic, with a full check; the nearer of both.
    for (let at = offset + 1; at < third.offset; at++) {
      if (!verifies(at)) continue
      const known = offsets.indexOf(at)
      return { offset: at, index: known < 0 ? null : known }
    }
    return third
  }

  /** 7.4, behind the tail's counters. */
  #uncounted(from: number): number {
    const perBlock = Math.floor(this.#blockSize / entryBytes)
    const limitFor = (clumps: number): number =>
      this.#arena.sizeBytes - (Math.floor((clumps + 1) / perBlock) + 1) * this.#blockSize
    let offset = from
    for (let clumps = this.#arena.counted.clumps; ; clumps++) {
      const limit = limitFor(clumps)
      const clump = this.#check(offset, limit)
      if (clump.state === 'none') return offset
      const next = offset + headerBytes + clump.size
      if (clump.state === 'good') this.#yield(offset, [clump.type], clump.score)
      // A damaged one counts as damage where the log goes on behind it, else as the write the server was in.
      else if (this.#check(next, limit).state === 'good') this.#lose(offset, next)
      else return offset
      offset = next
    }
  }
}

function outcomeOf({ blocks, losses, end }: ScannedArena): Outcome {
  const lost: [number, number][] = []
  for (const loss of losses) {
    const last = lost.at(-1)
    if (last !== undefined && last[1] === loss.offset) last[1] = loss.nextOffset
    else lost.push([loss.offset, loss.nextOffset])
  }
  const keys = blocks.map(({ offset, type, alsoType, score }) => {
    return `${offset} ${alsoType === null ? type : `${type}+${alsoType}`} ${score}`
  })
  return { blocks: keys, lost, end: end!.offset }
}

const block = fc
  .record({
    size: fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 1, max: 900 }) },
      { weight: 1, arbitrary: fc.constantFrom(1, 8192, 57344) },
    ),
    seed: fc.nat(1000),
    compressible: fc.boolean(),
    type: fc.constantFrom(13, 13, 13, 1, 2, 3, 9),
    encoding: fc.constantFrom('smallest' as const, 'smallest' as const, 'plain' as const),
  })
  .map(({ size, seed, compressible, type, encoding }) => ({
    data: compressible ? prose(size, seed) : noise(size, seed),
    type,
    encoding,
  }))

const image: fc.Arbitrary<BuiltPartition> = fc
  .record({
    blockSize: fc.constantFrom(512, 512, 1024, 8192),
    blocks: fc.array(block, { maxLength: 45, size: 'max' }),
    version: fc.constantFrom(4 as const, 5 as const),
    behind: fc.nat(6),
    indexed: fc.nat(50),
    state: fc.constantFrom('open' as const, 'open' as const, 'full' as const, 'flushed' as const, 'sealed' as const),
    oldBytes: fc.boolean(),
  })
  .map(({ blockSize, blocks, version, behind, indexed, state, oldBytes }) => {
    const uncounted = state === 'open' ? Math.min(behind, blocks.length) : 0
    const plan: ArenaPlan = {
      version,
      blocks,
      uncounted,
      state,
      oldBytes: oldBytes && version === 5,
      ...(state === 'open' || state === 'full' ? { indexed: Math.min(indexed, blocks.length - uncounted) } : {}),
    }
    return buildPartition({ blockSize, arenas: [plan] })
  })

type Spoil = (bytes: Buffer, arena: BuiltArena, blockSize: number) => void

const damage: fc.Arbitrary<Spoil> = fc
  .record({
    kind: fc.nat(8),
    pick: fc.nat(10_000),
    within: fc.nat(10_000),
    bit: fc.nat(7),
    length: fc.integer({ min: 1, max: 6000 }),
  })
  .map(({ kind, pick, within, bit, length }): Spoil => {
    return (bytes, { clumps, dataBase, tailAt, entryAddress }, blockSize) => {
      const clump = clumps[pick % clumps.length]!
      const end = dataBase + clumps.at(-1)!.nextOffset
      const inClump = clump.address + (within % (clump.nextOffset - clump.offset))
      const entryAt = entryAddress(clump.index)
      if (kind === 0) bytes[inClump]! ^= 1 << bit
      else if (kind === 1) bytes.fill(0, clump.address, clump.address + 4)
      else if (kind === 2) bytes.fill(0, clump.address, clump.address + headerBytes)
      else if (kind === 3) bytes[clump.address + (within % headerBytes)] = pick & 255
      else if (kind === 4) bytes[clump.address + 4] = pick % 3 === 0 ? 255 : pick & 15
      else if (kind === 5) bytes.fill(pick % 2 === 0 ? 0 : 0x5a, inClump, Math.min(end, inClump + length))
      else if (kind === 6) noise(entryBytes, pick).copy(bytes, entryAt)
      else if (kind === 7) bytes[entryAt + (within % entryBytes)]! ^= 1 << bit
      else bytes.fill(0, tailAt - blockSize * (1 + (pick % 2)), tailAt)
    }
  })

let lossy = 0

async function expectSame(built: BuiltPartition, spoil: Spoil | null): Promise<void> {
  const arena = built.arenas[0]!
  if (spoil !== null && arena.clumps.length > 0) spoil(built.bytes, arena, built.blockSize)
  const expected = new Reference(built, arena).run()
  if (expected.lost.length > 0) lossy++
  const scanned = await scanSource(built.bytes)
  expect(outcomeOf(scanned.arenas[0]!)).toEqual(expected)
}

test('healthy images', async () => {
  await fc.assert(
    fc.asyncProperty(image, async (built) => await expectSame(built, null)),
    { numRuns: 400 },
  )
})

test('images with one damage', async () => {
  await fc.assert(
    fc.asyncProperty(image, damage, async (built, spoil) => await expectSame(built, spoil)),
    { numRuns: 4000 },
  )
  // The comparison would say little if hardly any block were lost.
  expect(lossy).toBeGreaterThan(1500)
})
