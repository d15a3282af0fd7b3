// Is a wrcmd right for this source? Pure over a small map of the arenas; whether an offset is a clump boundary is asked of
// the caller, who can read the log. Checks of plan9-disks.md 6.4; the ways they fail are told in its 6.3.

import type { WrarenaCommand, WrcmdProblem } from '../../../shared/model/bookkeeping.ts'
import { countOf, formatBytes } from '../../../shared/text/format.ts'
import { hexNumber } from '../bytes/hex.ts'
import { parseRangePath } from '../source/path-forms.ts'
import { proposeWrcmd, type WrcmdPosition } from './wrcmd.ts'

export type MappedArena = {
  readonly name: string
  /** Byte address of the head block: what -o means. */
  readonly start: number
  /** One past the tail block. */
  readonly stop: number
  /** Address of clump offset 0. */
  readonly dataBase: number
  /** What the tail counts as written; null when the tail cannot be used. */
  readonly used: number | null
  /** It takes no more blocks. */
  readonly full: boolean
  /** Why wrarena could not read it (its head is damaged); null when it can. */
  readonly problem: string | null
}

/** Arenas of one partition in the order of its table, which is fill order. */
export type ArenaMap = { readonly partition: string; readonly arenas: readonly MappedArena[] }

export type BoundaryAnswer = {
  readonly isBoundary: boolean
  /** The last clump boundary at or before the offset. */
  readonly before: number
}
export type AskBoundary = (arena: MappedArena, offset: number) => Promise<BoundaryAnswer>

export type WrcmdCheck = {
  /** The arena that -o means; null when none starts there. */
  readonly arena: MappedArena | null
  readonly problems: readonly WrcmdProblem[]
  /** The line that would put it right; null when nothing has to be, or nobody can know. */
  readonly proposal: string | null
}

/** Where -o leads: beside the partition itself, wrarena can be given a range of it (FILE:START-STOP), and -o counts from there. */
export function arenaAddressOf({ partition, arenaOffset }: WrarenaCommand): number | null {
  return arenaOffset === null ? null : (parseRangePath(partition)?.low ?? 0) + arenaOffset
}

/** What to change in `command` so that it means `clumpOffset` in `arena`, in the form its owner writes partitions. */
export function positionIn(command: WrarenaCommand, arena: MappedArena, clumpOffset: number): WrcmdPosition {
  const range = parseRangePath(command.partition)
  if (range === null) return { arenaOffset: arena.start, clumpOffset }
  const { file, low, high } = range
  if (arena.start >= low && arena.stop <= (high ?? Infinity)) return { arenaOffset: arena.start - low, clumpOffset }
  return { arenaOffset: 0, clumpOffset, partition: `${file}:${arena.start}-${arena.stop}` }
}

/** Characters to insert, delete, replace or swap with their neighbour to get from `a` to `b`. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const above = rows[i - 1] as number[]
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min((above[j] as number) + 1, (row[j - 1] as number) + 1, (above[j - 1] as number) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (rows[i - 2] as number[])[j - 2]! + 1)
      }
      row.push(best)
    }
    rows.push(row)
  }
  return (rows[a.length] as number[])[b.length] as number
}

/** At most so many slips of the finger in a number are a typing mistake. */
const mistypedDigits = 2
/** Largest block of a partition or an index: an offset derived with the wrong one is off by less. */
const blockSlack = 64 * 1024

/**
 * The arena somebody probably meant by an address where none starts: off by a block (it was computed with another block
 * size, or is the base), mistyped, inside it, or nearest; in this order.
 */
export function probableArena(address: number, arenas: readonly MappedArena[]): MappedArena | null {
  const distance = (arena: MappedArena): number => Math.abs(arena.start - address)
  const nearest = (some: readonly MappedArena[]): MappedArena | null =>
    some.reduce<MappedArena | null>((best, one) => (best === null || distance(one) < distance(best) ? one : best), null)
  const close = nearest(arenas.filter((arena) => distance(arena) <= blockSlack))
  if (close !== null) return close
  const slips = arenas.map((arena) => editDistance(String(address), String(arena.start)))
  const fewest = slips.reduce((least, one) => Math.min(least, one), Infinity)
  if (fewest <= mistypedDigits) return nearest(arenas.filter((_, index) => slips[index] === fewest))
  return arenas.find((arena) => address > arena.start && address < arena.stop) ?? nearest(arenas)
}

/** "no arena starts there; arenas1 starts at 537665536" */
export function noArenaStarts(address: number, arenas: readonly MappedArena[]): string {
  const meant = probableArena(address, arenas)
  return meant === null
    ? 'no arena starts there; there is none in this partition'
    : `no arena starts there; ${meant.name} starts at ${meant.start}`
}

type Finding = { readonly problems: readonly WrcmdProblem[]; readonly position: WrcmdPosition | null }

const fine: Finding = { problems: [], position: null }
const error = (message: string, position: WrcmdPosition | null = null): Finding => ({
  problems: [{ severity: 'error', message }],
  position,
})
const warning = (message: string): Finding => ({ problems: [{ severity: 'warning', message }], position: null })

/** `command` is what `parseWrcmd` understood. A proposal keeps everything but -o, the last word and a range. */
export async function checkWrcmd(
  command: WrarenaCommand,
  map: ArenaMap,
  askBoundary: AskBoundary,
): Promise<WrcmdCheck> {
  const address = arenaAddressOf(command)
  // Without -o the text itself is wrong already, and says so.
  if (address === null) return { arena: null, problems: [], proposal: null }
  const index = map.arenas.findIndex(({ start }) => start === address)
  const arena = map.arenas[index]
  const found =
    arena === undefined
      ? wrongAddress(command, address, map)
      : await checkOffset(command, map, index, arena, askBoundary)
  const unreadable =
    arena === undefined || arena.problem === null
      ? []
      : [{ severity: 'error', message: `wrarena cannot read ${arena.name}: ${arena.problem}` } as const]
  return {
    arena: arena ?? null,
    problems: [...unreadable, ...found.problems],
    proposal: found.position === null ? null : proposeWrcmd(command, found.position),
  }
}

function wrongAddress(command: WrarenaCommand, address: number, map: ArenaMap): Finding {
  const meant = probableArena(address, map.arenas)
  // The offset was written for the arena that was meant, if that is what was mistyped; else it says nothing about it.
  const position =
    meant === null || command.clumpOffset > (meant.used ?? 0) ? null : positionIn(command, meant, command.clumpOffset)
  return error(noArenaStarts(address, map.arenas), position)
}

async function checkOffset(
  command: WrarenaCommand,
  map: ArenaMap,
  index: number,
  arena: MappedArena,
  askBoundary: AskBoundary,
): Promise<Finding> {
  const offset = command.clumpOffset
  const at = (where: MappedArena, to: number): WrcmdPosition => positionIn(command, where, to)
  if (arena.used === null) {
    return warning(`the tail of ${arena.name} cannot be read, so nobody can say whether ${hexNumber(offset)} is right`)
  }
  if (offset > arena.used) {
    // How far it really got nobody knows; from the beginning nothing is left out, and what is there is met again.
    const text = `${hexNumber(offset)} is past the end: ${arena.name} is written up to ${hexNumber(arena.used)}, and nothing would be sent`
    return error(text, arena.used === 0 ? null : at(arena, 0))
  }
  const { isBoundary, before } = await askBoundary(arena, offset)
  if (!isBoundary) {
    const text = `${hexNumber(offset)} is inside a block of ${arena.name}, which would be skipped; the block begins at ${hexNumber(before)}`
    return error(text, at(arena, before))
  }
  if (offset < arena.used) return fine
  return atTheEnd(map, index, arena, at)
}

/** The offset is where the log ends: right in an arena in use, but a full one never gets further, and an empty one is a trap. */
function atTheEnd(
  map: ArenaMap,
  index: number,
  arena: MappedArena,
  at: (arena: MappedArena, offset: number) => WrcmdPosition,
): Finding {
  const later = map.arenas.slice(index + 1)
  const next = later.find(({ used }) => used !== null && used > 0)
  if (arena.full || next !== undefined) {
    if (next !== undefined) {
      const why = arena.full ? `${arena.name} is full and all of it was sent` : `all of ${arena.name} was sent`
      return error(`${why}; new blocks are in ${next.name}, which this line never reaches`, at(next, 0))
    }
    const wait = later[0]
    if (wait === undefined) return warning(`${arena.name} is full, all of it was sent, and it is the last arena`)
    return warning(
      `${arena.name} is full and all of it was sent; go on with -o ${at(wait, 0).arenaOffset} and 0x0 once ${wait.name} holds a block, and not before`,
    )
  }
  if (arena.used !== 0) return fine
  const last = map.arenas.slice(0, index).findLast(({ used }) => used !== null && used > 0)
  const text = `${arena.name} holds no block yet: some wrarenas print "end offset 0" for it, and ventiprog would leave wrcmd blank`
  return last === undefined || last.used === null ? warning(text) : error(text, at(last, last.used))
}

/** What the line does, in a sentence, where it is right. */
export function explainWrcmd(command: WrarenaCommand, arena: MappedArena): string {
  const { clumpOffset, host } = command
  const to = host === null ? '$venti' : host
  const left = arena.used === null ? null : arena.used - clumpOffset
  const what =
    left === null
      ? `what ${arena.name} holds from ${hexNumber(clumpOffset)} on`
      : left === 0
        ? `whatever comes into ${arena.name} behind ${hexNumber(clumpOffset)}; nothing is there now`
        : `${formatBytes(left)} of ${arena.name}, from ${hexNumber(clumpOffset)} to ${hexNumber(arena.used as number)}`
  return `It sends ${what}, to ${to}.`
}

/** A note for arenas in front: the line says nothing of them. */
export function earlierArenas(map: ArenaMap, arena: MappedArena): string | null {
  const index = map.arenas.findIndex(({ start }) => start === arena.start)
  const written = map.arenas.slice(0, Math.max(0, index)).filter(({ used }) => used === null || used > 0)
  if (written.length === 0) return null
  return `It takes for granted that ${countOf(written.length, 'earlier arena')} (${written[0]?.name}${
    written.length > 1 ? ` to ${written.at(-1)?.name}` : ''
  }) ${written.length > 1 ? 'were' : 'was'} sent there before.`
}
