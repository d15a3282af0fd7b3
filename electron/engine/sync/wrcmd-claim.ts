// What a wrcmd claims: everything below an offset of an arena, and every arena of that partition before it, is on the one
// target it names. A claim is not a fact. Here it is checked against the source (R5: identity, boundary, whole clumps), and
// turned into the cursors it would mean and the blocks to ask that target for; take-over.ts does the asking.

import { losesBlocks, type Damage } from '../../../shared/model/damage.ts'
import type { Cursor } from '../../../shared/model/mirror.ts'
import type { Score } from '../../../shared/model/score.ts'
import { hexNumber, toHex } from '../bytes/hex.ts'
import { readOrBadPlace } from '../source/bad-place.ts'
import { openArena, type Arena } from '../venti/arena/arena.ts'
import { examineClump } from '../venti/arena/clump-check.ts'
import { ClumpDirectory } from '../venti/arena/clump-directory.ts'
import { clumpHeaderBytes } from '../venti/format/clump.ts'
import { infoScoreAt, infoStoredSize, infoUncompressedSize } from '../venti/format/clump-info.ts'
import { cursorAt, type Cursors } from './cursor.ts'
import { inParallel, type ArenaView } from './source-view.ts'

export type Claim = {
  /** Arenas of the named partition in fill order, up to and with the one claimed. */
  readonly views: readonly ArenaView[]
  readonly arena: string
  readonly offset: number
}

export type ClaimedBlock = {
  readonly arena: string
  readonly offset: number
  readonly score: Score
  readonly type: number
}

export type ExaminedClaim =
  /** Nothing in it goes beyond our own cursors: they stand. */
  | { readonly kind: 'behind' }
  /** The source does not bear it out; copying begins at our own cursors. */
  | { readonly kind: 'doubtful'; readonly why: string }
  | {
      readonly kind: 'to-probe'
      /** What the target's cursors become, if it has the blocks. */
      readonly cursors: Cursors
      readonly blocks: readonly ClaimedBlock[]
      /** Blocks between our own cursors and the claim, of which `blocks` is a sample. */
      readonly total: number
    }

/** Beside the first, the last, and the last of each arena. */
export const claimSample = 64

type Region = {
  readonly arena: Arena
  /** Numbers of the clumps that are claimed and that no cursor of ours covers. */
  readonly from: number
  readonly to: number
  readonly end: number
  readonly uncompressed: number
}

class Doubt extends Error {}

/** True when the claim reaches further than these cursors anywhere: without reading anything. */
export function goesBeyond(claim: Claim, own: Cursors): boolean {
  return claim.views.some((view) => endIn(claim, view) > (cursorAt(own, view.name)?.offset ?? 0))
}

function endIn(claim: Claim, view: ArenaView): number {
  return view.name === claim.arena ? claim.offset : (view.arena?.counted?.used ?? 0)
}

/** Made anew for each use: one for each of thousands of arenas would fill the memory (R9). */
function directoryOf(arena: Arena): ClumpDirectory {
  return new ClumpDirectory(arena, arena.counted?.clumps ?? 0, arena.counted?.used ?? 0)
}

async function regionOf(claim: Claim, view: ArenaView, own: Cursor | undefined): Promise<Region | null> {
  const { arena, damage } = await openArena(view.partition, view.entry, { head: true, seal: false })
  const [first] = damage
  if (arena === null || arena.counted === null) throw new Doubt(`the tail of ${view.name} cannot be read`)
  if (first !== undefined) throw new Doubt(`${view.name} is damaged: ${first.detail}`)
  const { counted } = arena
  const end = view.name === claim.arena ? claim.offset : counted.used
  if (end === 0 || (own !== undefined && own.offset >= end)) return null
  if (end > counted.used) throw new Doubt(`${view.name} ends at ${hexNumber(counted.used)}`)
  let to: number | null = counted.clumps
  let { uncompressed } = counted
  if (end < counted.used) {
    const directory = directoryOf(arena)
    to = await directory.indexAtOffset(end)
    if (to === null || to === 0) throw new Doubt(`no block of ${view.name} ends at ${hexNumber(end)}`)
    uncompressed = 0
    for (let index = 0; index < to; index++) uncompressed += infoUncompressedSize(await directory.entryAt(index), 0)
  }
  if (to === 0) throw new Doubt(`the tail of ${view.name} counts bytes and no blocks`)
  return { arena, from: Math.min(own?.clumps ?? 0, to - 1), to, end, uncompressed }
}

/** `count` different numbers below `total`, each set as likely as any other (Floyd). */
function randomNumbers(count: number, total: number, random: () => number): ReadonlySet<number> {
  const chosen = new Set<number>()
  for (let next = Math.max(0, total - count); next < total; next++) {
    const pick = Math.min(next, Math.floor(random() * (next + 1)))
    chosen.add(chosen.has(pick) ? next : pick)
  }
  return chosen
}

/** The clump of a number, read whole: the block must be its score's, and the directory must say the same. */
async function claimedBlock(
  region: Region,
  directory: ClumpDirectory,
  index: number,
): Promise<ClaimedBlock & { readonly behind: number }> {
  const { arena, to, end } = region
  const entry = await directory.entryAt(index)
  const score = toHex(entry.subarray(infoScoreAt)) as Score
  const size = clumpHeaderBytes + infoStoredSize(entry, 0)
  let offset = end - size
  if (index < to - 1) {
    if (!(await directory.addsUp())) throw new Doubt(`the clump directory of ${arena.name} does not add up`)
    offset = await directory.offsetFromEnd(index)
  }
  const place = `the block of ${arena.name} at ${hexNumber(offset)}`
  if (offset < 0 || offset + size > arena.readableBytes) throw new Doubt(`${place} is not on the disk`)
  const bytes = await readOrBadPlace(arena.partition.source, arena.dataBase + offset, size)
  if (!(bytes instanceof Uint8Array)) throw new Doubt(`${place} cannot be read`)
  const clump = examineClump(bytes, 0, bytes.length, arena.clumpMagic)
  const agrees = clump.state === 'good' && clump.score === score && clumpHeaderBytes + clump.storedSize === size
  if (!agrees) throw new Doubt(`${place} is damaged`)
  return { arena: arena.name, offset, score, type: clump.type, behind: offset + size }
}

function cursorBehind(region: Region, last: ClaimedBlock): Cursor {
  const { arena, to, end, uncompressed } = region
  return {
    start: arena.start,
    version: arena.version,
    clumpMagic: arena.clumpMagic,
    offset: end,
    clumps: to,
    uncompressed,
    last: { offset: last.offset, score: last.score },
    seenTo: end,
  }
}

/** The blocks of these numbers (counted in the region), the last of them its last. */
async function blocksIn(
  region: Region,
  numbers: readonly number[],
): Promise<{ readonly blocks: readonly ClaimedBlock[]; readonly cursor: Cursor }> {
  const directory = directoryOf(region.arena)
  const blocks: ClaimedBlock[] = []
  let end = 0
  for (const number of numbers) {
    const { behind, ...block } = await claimedBlock(region, directory, region.from + number)
    blocks.push(block)
    end = behind
  }
  if (end !== region.end) throw new Doubt(`no block of ${region.arena.name} ends at ${hexNumber(region.end)}`)
  return { blocks, cursor: cursorBehind(region, blocks.at(-1) as ClaimedBlock) }
}

async function sampleOf(
  regions: readonly Region[],
  random: () => number,
): Promise<{ blocks: readonly ClaimedBlock[]; cursors: Cursors; total: number }> {
  const total = regions.reduce((sum, { from, to }) => sum + to - from, 0)
  const chosen = [0, ...randomNumbers(claimSample, total, random)].toSorted((a, b) => a - b)
  let next = 0
  let base = 0
  const work = regions.map((region) => {
    const last = region.to - region.from - 1
    const numbers = new Set<number>()
    for (; next < chosen.length && (chosen[next] as number) <= base + last; next++)
      numbers.add((chosen[next] as number) - base)
    base += last + 1
    return { region, numbers: [...numbers.add(last)] }
  })
  const read = await inParallel(work, async ({ region, numbers }) => await blocksIn(region, numbers))
  // Without a prototype any name can be assigned.
  const cursors = Object.create(null) as Record<string, Cursor>
  for (const [index, { cursor }] of read.entries()) cursors[(regions[index] as Region).arena.name] = cursor
  return { blocks: read.flatMap(({ blocks }) => blocks), cursors, total }
}

/** Known damage that a jump over it would leave behind for good: nobody would owe that block to the target. */
function knownLoss(damage: readonly Damage[], regions: readonly Region[], own: Cursors): Damage | undefined {
  return damage.find((one) => {
    const region = regions.find(({ arena }) => arena.name === one.arena)
    if (region === undefined || !losesBlocks(one)) return false
    const begins = cursorAt(own, one.arena)?.offset ?? 0
    return one.clumpOffset === null || (one.clumpOffset < region.end && (one.nextOffset ?? Infinity) > begins)
  })
}

/** Reads the source only. `own`: the saved cursors of the target that the claim names. */
export async function examineClaim(
  claim: Claim,
  own: Cursors,
  damage: readonly Damage[],
  random: () => number,
): Promise<ExaminedClaim> {
  if (!goesBeyond(claim, own)) return { kind: 'behind' }
  try {
    const ahead = claim.views.filter((view) => endIn(claim, view) > (cursorAt(own, view.name)?.offset ?? 0))
    const found = await inParallel(ahead, async (view) => await regionOf(claim, view, cursorAt(own, view.name)))
    const regions = found.filter((region) => region !== null)
    if (regions.length === 0) return { kind: 'behind' }
    const lost = knownLoss(damage, regions, own)
    if (lost !== undefined) {
      return {
        kind: 'doubtful',
        why: `${lost.arena} is damaged below it (${lost.kind}), and its blocks are looked at one by one`,
      }
    }
    return { kind: 'to-probe', ...(await sampleOf(regions, random)) }
  } catch (error) {
    if (error instanceof Doubt) return { kind: 'doubtful', why: error.message }
    throw error
  }
}
