// For tests that spoil an image: what was in it before, by arena and clump, and the comparison of a scan with that. Whatever
// was done, every clump that was not touched must arrive exactly once, and those that were must be named.

import { expect } from 'vitest'
import { losesBlocks, type Damage } from '../../shared/model/damage.ts'
import type { BlockSource } from '../../electron/engine/source/block-source.ts'
import { fixture, healthyPartition, loadFixture } from './fixtures.ts'
import { entryBytes, headerBytes, type BuiltPartition } from './image-builder.ts'
import { scanSource, type Scanned, type ScannedArena } from './scan-calls.ts'

export type Clump = {
  readonly index: number
  readonly offset: number
  readonly nextOffset: number
  readonly type: number
  readonly score: string
}

export type IntactArena = {
  readonly name: string
  readonly start: number
  readonly stop: number
  readonly dataBase: number
  readonly tailAt: number
  readonly clumps: readonly Clump[]
  readonly entryAddress: (index: number) => number
}

export type Intact = { readonly sizeBytes: number; readonly blockSize: number; readonly arenas: readonly IntactArena[] }

/** Read with the manifest's numbers and the format's offsets alone, not with the engine. */
function readArena(image: Buffer, id: string, position: number): IntactArena {
  const { blockSize, arenas } = healthyPartition(id)
  const { name, start, stop, dataBase, clumps: count } = arenas[position]!
  const tailAt = stop - blockSize
  const perBlock = Math.floor(blockSize / entryBytes)
  const clumps: Clump[] = []
  let offset = 0
  for (let index = 0; index < count; index++) {
    const at = dataBase + offset
    const nextOffset = offset + headerBytes + image.readUInt16BE(at + 5)
    clumps.push({ index, offset, nextOffset, type: image[at + 4]!, score: image.toString('hex', at + 9, at + 29) })
    offset = nextOffset
  }
  const entryAddress = (index: number): number =>
    tailAt - (Math.floor(index / perBlock) + 1) * blockSize + (index % perBlock) * entryBytes
  return { name, start, stop, dataBase, tailAt, clumps, entryAddress }
}

const known = new Map<string, Intact>()

export function intactFixture(id: string): Intact {
  const before = known.get(id)
  if (before !== undefined) return before
  const image = loadFixture(id)
  const { blockSize, arenas } = healthyPartition(id)
  const all = arenas.map((_, position) => readArena(image, id, position))
  const intact = { sizeBytes: fixture(id).size, blockSize, arenas: all }
  known.set(id, intact)
  return intact
}

export function intactBuilt({ bytes, blockSize, arenas }: BuiltPartition): Intact {
  return { sizeBytes: bytes.length, blockSize, arenas }
}

export function arenaOf({ arenas }: Intact, name: string): IntactArena {
  const found = arenas.find((arena) => arena.name === name)
  if (found === undefined) throw new Error(`no arena ${name}`)
  return found
}

/** Clumps of which a byte lies in [from, to), clump offsets. */
export function touched({ clumps }: IntactArena, from: number, to: number): number[] {
  return clumps.filter((clump) => clump.offset < to && clump.nextOffset > from).map(({ index }) => index)
}

function placeKeys(arena: IntactArena, without: ReadonlySet<number>): string[] {
  return arena.clumps.filter(({ index }) => !without.has(index)).map(({ offset, score }) => `${offset} ${score}`)
}

/** Everything but `lost` arrived, once and in order, in this arena and in all others scanned; its result is returned. */
export function expectLost(scanned: Scanned, intact: Intact, name: string, lost: readonly number[]): ScannedArena {
  for (const arena of intact.arenas) {
    const found = scanned.arenas.find((one) => one.name === arena.name)
    if (found === undefined) continue
    const expected = placeKeys(arena, new Set(arena.name === name ? lost : []))
    expect(found.blocks.map(({ offset, score }) => `${offset} ${score}`)).toEqual(expected)
    if (arena.name !== name) expect([arena.name, found.damage]).toEqual([arena.name, []])
  }
  const one = scanned.arenas.find((arena) => arena.name === name)!
  const intactOne = arenaOf(intact, name)
  // Each lost clump lies inside a recorded loss, and a record names no good one.
  for (const index of lost) {
    const { offset, nextOffset } = intactOne.clumps[index]!
    const covered = one.losses.some((loss) => loss.offset <= offset && loss.nextOffset >= nextOffset)
    expect([index, covered]).toEqual([index, true])
  }
  if (lost.length === 0) expect(one.losses.map(({ damage }) => damage)).toEqual([])
  return one
}

/** A scan of a damaged image reads its logs twice at most, and each directory thrice. */
export function expectBoundedReads({ count }: Scanned, { sizeBytes }: Intact): void {
  expect(count.bytes).toBeLessThan(3 * sizeBytes + 4 * 2 ** 20)
}

const pristine = new Map<string, { readonly image: Buffer; readonly working: Buffer }>()

/** Spoils one arena of a copy of the image, scans that arena and compares. */
export async function expectOnlyLost(
  id: string,
  name: string,
  spoil: (image: Buffer, arena: IntactArena) => readonly number[],
  wrap: (image: Buffer) => BlockSource | Uint8Array = (image) => image,
): Promise<{ arena: ScannedArena; intact: IntactArena; lost: readonly number[]; scanned: Scanned }> {
  const { image, working } = pristine.get(id) ?? { image: loadFixture(id), working: loadFixture(id) }
  pristine.set(id, { image, working })
  const whole = intactFixture(id)
  const intact = arenaOf(whole, name)
  try {
    const lost = spoil(working, intact)
    const scanned = await scanSource(wrap(working), name)
    expectBoundedReads(scanned, whole)
    return { arena: expectLost(scanned, whole, name, lost), intact, lost, scanned }
  } finally {
    image.copy(working, intact.start, intact.start, intact.stop)
  }
}

/** kind, clump offset, number and score of what loses blocks. */
export function lossKeys(damage: readonly Damage[]): string[] {
  return damage.filter(losesBlocks).map((one) => `${one.kind} ${one.clumpOffset} ${one.index} ${one.score}`)
}

export function clumpKeys(kind: string, { clumps }: IntactArena, indexes: readonly number[]): string[] {
  return indexes.map((index) => `${kind} ${clumps[index]!.offset} ${index} ${clumps[index]!.score}`)
}
