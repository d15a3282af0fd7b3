// Builds arena partitions of any block size, version and state from given blocks, for what the fixtures do not have. Written
// straight from venti-arenas.md with its own field offsets, not with the engine's encoders: what both sides get wrong would
// otherwise pass. test/helpers/image-builder.test.ts compares it with an arena the real server wrote, byte for byte.

import { createHash } from 'node:crypto'
import { createWhackEncoder } from '../../electron/engine/venti/format/whack.ts'
import { randomNumbers } from './faulty-source.ts'

export type BlockPlan = {
  readonly data: Uint8Array
  /** Disk code; data (13) by default. */
  readonly type?: number
  /** smallest is what the server does: whack where it helps. */
  readonly encoding?: 'smallest' | 'plain'
  readonly time?: number
}

/**
 * open: takes more clumps. full: a clump was refused, which only the stored counters say yet. flushed: the indexed counters
 * say so too, the seal is still missing. sealed: with its seal.
 */
export type ArenaPlanState = 'open' | 'full' | 'flushed' | 'sealed'

export type ArenaPlan = {
  readonly name?: string
  readonly version?: 4 | 5
  readonly clumpMagic?: number
  /** Head to tail; as small as the blocks allow by default. */
  readonly sizeBytes?: number
  readonly blocks?: readonly BlockPlan[]
  /** So many of the last blocks are not in the tail's counters yet. */
  readonly uncounted?: number
  /** So many clumps are in the index; all by default, and then the tail has no extension. */
  readonly indexed?: number
  readonly state?: ArenaPlanState
  /** Version 5 is formatted without zeroing: fill what nobody wrote with old bytes. */
  readonly oldBytes?: boolean
}

export type PartitionPlan = {
  readonly blockSize?: number
  readonly arenas: readonly ArenaPlan[]
  readonly tableBytes?: number
  /** Bytes behind the last arena. */
  readonly slackBytes?: number
}

export type BuiltCounters = {
  readonly clumps: number
  readonly compressedClumps: number
  readonly used: number
  readonly uncompressed: number
}

export type BuiltClump = {
  readonly index: number
  readonly offset: number
  readonly nextOffset: number
  /** Address of its header in the partition. */
  readonly address: number
  readonly type: number
  readonly score: string
  readonly data: Uint8Array
  readonly storedSize: number
}

export type BuiltArena = {
  readonly name: string
  readonly version: 4 | 5
  readonly clumpMagic: number
  readonly start: number
  readonly stop: number
  readonly dataBase: number
  readonly sizeBytes: number
  readonly tailAt: number
  readonly clumps: readonly BuiltClump[]
  /** What the tail says is in the arena. */
  readonly counted: BuiltCounters
  /** Address of directory entry `index`. */
  readonly entryAddress: (index: number) => number
}

export type BuiltPartition = {
  readonly bytes: Buffer
  readonly blockSize: number
  readonly tableBase: number
  readonly arenaBase: number
  readonly arenas: readonly BuiltArena[]
}

export const headerBytes = 38
export const entryBytes = 25
const partitionHeaderAt = 262144
const magicV4 = 0xd15cb10c
const encoder = createWhackEncoder()

const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple
const sha1 = (bytes: Uint8Array): Buffer => createHash('sha1').update(bytes).digest()

/** Bytes that do not compress. */
export function noise(length: number, seed: number): Buffer {
  const random = randomNumbers(seed * 2654435761 + 1)
  const bytes = Buffer.alloc(length)
  for (let i = 0; i < length; i++) bytes[i] = random(256)
  return bytes
}

/** Bytes that do. */
export function prose(length: number, seed: number): Buffer {
  const words = ['venti', 'arena', 'clump', 'score', 'fossil', 'archive', 'mirror', 'block']
  const random = randomNumbers(seed + 77)
  let text = ''
  while (text.length < length) text += `${words[random(words.length)]} ${random(1000)} `
  return Buffer.from(text.slice(0, length), 'latin1')
}

type StoredBlock = { readonly plan: BlockPlan; readonly stored: Buffer; readonly compressed: boolean }

function store(plan: BlockPlan): StoredBlock {
  const room = Buffer.alloc(plan.data.length)
  const length = plan.encoding === 'plain' ? -1 : encoder.encode(plan.data, room)
  if (length < 0) return { plan, stored: Buffer.from(plan.data), compressed: false }
  return { plan, stored: room.subarray(0, length), compressed: true }
}

/** The 25 bytes that header and directory share. */
function infoOf({ plan, stored }: StoredBlock): Buffer {
  const info = Buffer.alloc(entryBytes)
  info.writeUInt8(plan.type ?? 13, 0)
  info.writeUInt16BE(stored.length, 1)
  info.writeUInt16BE(plan.data.length, 3)
  sha1(plan.data).copy(info, 5)
  return info
}

function countersOf(blocks: readonly StoredBlock[]): BuiltCounters {
  return {
    clumps: blocks.length,
    compressedClumps: blocks.filter((block) => block.compressed).length,
    used: blocks.reduce((sum, { stored }) => sum + headerBytes + stored.length, 0),
    uncompressed: blocks.reduce((sum, { plan }) => sum + plan.data.length, 0),
  }
}

function writeCounters(into: Buffer, at: number, counters: BuiltCounters, sealed: boolean): void {
  into.writeUInt32BE(counters.clumps, at)
  into.writeUInt32BE(counters.compressedClumps, at + 4)
  into.writeBigUInt64BE(BigInt(counters.used), at + 8)
  into.writeBigUInt64BE(BigInt(counters.uncompressed), at + 16)
  into.writeUInt8(sealed ? 1 : 0, at + 24)
}

const directoryBytes = (clumps: number, blockSize: number): number =>
  (Math.floor(clumps / Math.floor(blockSize / entryBytes)) + 1) * blockSize

type ArenaPlace = { readonly name: string; readonly start: number; readonly stop: number; readonly blockSize: number }

function writeArena(image: Buffer, place: ArenaPlace, plan: ArenaPlan, blocks: readonly StoredBlock[]): BuiltArena {
  const { name, start, stop, blockSize } = place
  const version = plan.version ?? 5
  const clumpMagic =
    version === 4 ? magicV4 : (plan.clumpMagic ?? sha1(Buffer.from(`${name} ${start}`)).readUInt32BE(0))
  const dataBase = start + blockSize
  const tailAt = stop - blockSize
  if (plan.oldBytes === true) noise(tailAt - dataBase, start + 7).copy(image, dataBase)

  image.fill(0, start, start + blockSize)
  image.writeUInt32BE(0xd15c4ead, start)
  image.writeUInt32BE(version, start + 4)
  image.write(name, start + 8, 'latin1')
  image.writeUInt32BE(blockSize, start + 72)
  image.writeBigUInt64BE(BigInt(stop - start), start + 76)
  if (version === 5) image.writeUInt32BE(clumpMagic, start + 84)

  const perBlock = Math.floor(blockSize / entryBytes)
  const entryAddress = (index: number): number =>
    tailAt - (Math.floor(index / perBlock) + 1) * blockSize + (index % perBlock) * entryBytes
  const clumps: BuiltClump[] = []
  let offset = 0
  for (const [index, block] of blocks.entries()) {
    const { plan: blockPlan, stored, compressed } = block
    const info = infoOf(block)
    const address = dataBase + offset
    image.writeUInt32BE(clumpMagic, address)
    info.copy(image, address + 4)
    image.writeUInt8(compressed ? 2 : 1, address + 29)
    image.writeUInt32BE(0, address + 30)
    image.writeUInt32BE(blockPlan.time ?? 1552593600, address + 34)
    stored.copy(image, address + headerBytes)
    info.copy(image, entryAddress(index))
    const nextOffset = offset + headerBytes + stored.length
    const { data, type = 13 } = blockPlan
    const score = info.subarray(5).toString('hex')
    clumps.push({ index, offset, nextOffset, address, type, score, data, storedSize: stored.length })
    offset = nextOffset
  }
  if (dataBase + offset + 4 <= tailAt) image.fill(0, dataBase + offset, dataBase + offset + 4)

  const state = plan.state ?? 'open'
  const countedBlocks = blocks.slice(0, blocks.length - (plan.uncounted ?? 0))
  const counted = countersOf(countedBlocks)
  const indexed = countersOf(countedBlocks.slice(0, plan.indexed ?? countedBlocks.length))
  const indexedSealed = state === 'flushed' || state === 'sealed'
  const fixedAt = tailAt + (version === 5 ? 92 : 88)
  image.fill(0, tailAt, stop)
  image.writeUInt32BE(0xf2a14ead, tailAt)
  image.writeUInt32BE(version, tailAt + 4)
  image.write(name, tailAt + 8, 'latin1')
  image.writeUInt32BE(indexed.clumps, tailAt + 72)
  image.writeUInt32BE(indexed.compressedClumps, tailAt + 76)
  image.writeUInt32BE(countedBlocks[0]?.plan.time ?? (countedBlocks.length > 0 ? 1552593600 : 0), tailAt + 80)
  image.writeUInt32BE(countedBlocks.at(-1)?.plan.time ?? (countedBlocks.length > 0 ? 1552593600 : 0), tailAt + 84)
  if (version === 5) image.writeUInt32BE(clumpMagic, tailAt + 88)
  image.writeBigUInt64BE(BigInt(indexed.used), fixedAt)
  image.writeBigUInt64BE(BigInt(indexed.uncompressed), fixedAt + 8)
  image.writeUInt8(indexedSealed ? 1 : 0, fixedAt + 16)
  if (indexed.clumps !== counted.clumps || state === 'full') {
    image.writeUInt8(1, fixedAt + 17)
    writeCounters(image, fixedAt + 18, counted, state !== 'open')
  }
  if (state === 'sealed') sha1(image.subarray(start, stop)).copy(image, stop - 20)

  const sizeBytes = tailAt - dataBase
  return { name, version, clumpMagic, start, stop, dataBase, sizeBytes, tailAt, clumps, counted, entryAddress }
}

export function buildPartition(plan: PartitionPlan): BuiltPartition {
  const blockSize = plan.blockSize ?? 8192
  const tableBase = roundUp(partitionHeaderAt + 512, blockSize)
  const places: ArenaPlace[] = []
  const stored = plan.arenas.map(({ blocks = [] }) => blocks.map(store))
  const tableBytes = roundUp(plan.tableBytes ?? 128 * (plan.arenas.length + 1), blockSize)
  const arenaBase = tableBase + tableBytes
  let start = arenaBase
  for (const [index, arena] of plan.arenas.entries()) {
    const { used, clumps } = countersOf(stored[index]!)
    const least = roundUp(used + 8 + directoryBytes(clumps + 1, blockSize), blockSize) + 2 * blockSize
    const size = arena.sizeBytes ?? least
    if (size < least) throw new Error(`arena ${index} needs ${least} bytes, its plan says ${size}`)
    places.push({ name: arena.name ?? `arenas${index}`, start, stop: start + size, blockSize })
    start += size
  }
  const bytes = Buffer.alloc(start + (plan.slackBytes ?? 0))
  bytes.writeUInt32BE(0xa9e4a5e7, partitionHeaderAt)
  bytes.writeUInt32BE(3, partitionHeaderAt + 4)
  bytes.writeUInt32BE(blockSize, partitionHeaderAt + 8)
  bytes.writeUInt32BE(arenaBase, partitionHeaderAt + 12)
  const lines = places.map((place) => `${place.name}\t${place.start}\t${place.stop}\n`)
  bytes.write(`${places.length}\n${lines.join('')}`, tableBase, 'latin1')
  const arenas = places.map((place, index) => writeArena(bytes, place, plan.arenas[index]!, stored[index]!))
  return { bytes, blockSize, tableBase, arenaBase, arenas }
}
