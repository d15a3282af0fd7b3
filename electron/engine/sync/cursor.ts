// The advance rule of cursors (R2), pure: what was acknowledged, in log order, up to the first thing that was not, and
// never beyond what the tail counted before the scan or a last clump that may still be completed.

import type { Cursor } from '../../../shared/model/mirror.ts'
import type { Score } from '../../../shared/model/score.ts'

/** A place between two clumps of an arena, with what is below it. */
export type Position = {
  readonly offset: number
  readonly clumps: number | null
  readonly uncompressed: number | null
  readonly last: { readonly offset: number; readonly score: Score } | null
}

export const logStart: Position = { offset: 0, clumps: 0, uncompressed: 0, last: null }

/** The arena as it was when its scan began. */
export type ArenaAtScan = {
  readonly name: string
  readonly start: number
  readonly version: 4 | 5
  readonly clumpMagic: number
  /** mem.used of the tail read before the scan; 0 without a usable tail, so that no cursor moves. */
  readonly countedUsed: number
}

/** How far one target has one arena, in this connection. */
export type ArenaTrack = {
  readonly arena: ArenaAtScan
  cursor: Position
  seenTo: number
  held: boolean
}

export function startTrack(arena: ArenaAtScan, from: Position, seenTo: number): ArenaTrack {
  return { arena, cursor: from, seenTo: Math.max(seenTo, from.offset), held: false }
}

/** Everything below `position` was acknowledged. `holds`: it was passed, but may not be left behind. */
export function advance(track: ArenaTrack, position: Position, holds: boolean): void {
  if (holds) track.held = true
  if (position.offset <= track.seenTo && position.offset <= track.cursor.offset) return
  track.seenTo = Math.max(track.seenTo, position.offset)
  if (!track.held && position.offset <= track.arena.countedUsed && position.offset > track.cursor.offset)
    track.cursor = position
}

/** The cursor to save after a sync that followed everything in `track`. */
export function cursorOf(track: ArenaTrack): Cursor {
  const { arena, cursor } = track
  return {
    start: arena.start,
    version: arena.version,
    clumpMagic: arena.clumpMagic,
    offset: cursor.offset,
    clumps: cursor.clumps,
    uncompressed: cursor.uncompressed,
    last: cursor.last,
    seenTo: track.seenTo,
  }
}

/** Cursors of one target by arena. */
export type Cursors = Readonly<Record<string, Cursor>>

/** Arenas are named by the disk: one called `constructor` is an arena like any other. */
export function cursorAt(cursors: Cursors, arena: string): Cursor | undefined {
  return Object.hasOwn(cursors, arena) ? cursors[arena] : undefined
}

/**
 * Where a scan for this cursor begins. A cursor right behind damage (it does not know its number) may stand where no clump
 * begins, because the tail or the directory that led there was damaged too: its scan begins with the last good clump.
 */
export function positionOf(cursor: Cursor | undefined): Position {
  if (cursor === undefined) return logStart
  if (cursor.clumps === null) {
    if (cursor.last === null) return logStart
    return { offset: cursor.last.offset, clumps: null, uncompressed: null, last: null }
  }
  return { offset: cursor.offset, clumps: cursor.clumps, uncompressed: cursor.uncompressed, last: cursor.last }
}
