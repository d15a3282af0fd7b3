// R5: a cursor is used only if the source still is the partition it came from. Arena name and place, clump magic, and the
// last mirrored clump at its offset must all be as they were; otherwise the sync refuses and says what differs.

import { AppError } from '../../../shared/errors.ts'
import type { Cursor } from '../../../shared/model/mirror.ts'
import { hexNumber, toHex } from '../bytes/hex.ts'
import { badPlace } from '../source/bad-place.ts'
import { openArena, type Arena } from '../venti/arena/arena.ts'
import { ClumpDirectory } from '../venti/arena/clump-directory.ts'
import { clumpHeaderBytes, clumpMagicOf, clumpScoreAt, clumpStoredSize } from '../venti/format/clump.ts'
import { infoScoreAt } from '../venti/format/clump-info.ts'
import { scoreBytes } from '../venti/format/constants.ts'
import type { ArenaView, SourceView } from './source-view.ts'

function headerProblem(
  bytes: Uint8Array,
  arena: Arena,
  cursor: Cursor & { last: NonNullable<Cursor['last']> },
): string | null {
  const { last } = cursor
  const place = `at clump offset ${hexNumber(last.offset)}`
  if (clumpMagicOf(bytes, 0) !== arena.clumpMagic) return `no clump stands ${place}, where the last mirrored one was`
  if (toHex(bytes.subarray(clumpScoreAt, clumpScoreAt + scoreBytes)) !== last.score)
    return `another clump stands ${place}`
  const behind = last.offset + clumpHeaderBytes + clumpStoredSize(bytes, 0)
  // Right behind damage the cursor does not know its number, and stands further on than the last good clump reaches.
  if (cursor.clumps === null ? behind > cursor.offset : behind !== cursor.offset)
    return `the clump ${place} has another size`
  return null
}

/** The directory still has the last mirrored clump: its header may just have been damaged. */
async function directoryConfirms(arena: Arena, cursor: Cursor): Promise<boolean> {
  const { counted } = arena
  if (counted === null || cursor.last === null || cursor.clumps === null || cursor.clumps === 0) return false
  if (cursor.clumps > counted.clumps) return false
  const directory = new ClumpDirectory(arena, counted.clumps, counted.used)
  const entry = await directory.entryAt(cursor.clumps - 1)
  return toHex(entry.subarray(infoScoreAt)) === cursor.last.score
}

const isOfArena = (arena: Arena, cursor: Cursor): boolean =>
  arena.version === cursor.version && arena.clumpMagic === cursor.clumpMagic

/** The quick look trusts the tail alone. Where it contradicts the cursor, head and first clump are asked: it may be damaged. */
async function arenaFor(view: ArenaView, cursor: Cursor): Promise<Arena | null> {
  if (view.arena === null || isOfArena(view.arena, cursor)) return view.arena
  const { arena } = await openArena(view.partition, view.entry, { head: true, seal: false })
  return arena ?? view.arena
}

/** What differs between the arena and the one the cursor came from; null when nothing does. */
export async function cursorProblem(view: ArenaView, cursor: Cursor): Promise<string | null> {
  const arena = await arenaFor(view, cursor)
  if (view.entry.start !== cursor.start) return `it starts at ${view.entry.start}, it was at ${cursor.start}`
  // Unreadable now: damage, reported elsewhere. Nothing is read at the cursor, so nothing can go wrong with it.
  if (arena === null) return null
  if (!isOfArena(arena, cursor)) {
    return `its clump magic is ${hexNumber(arena.clumpMagic)} (version ${arena.version}), it was ${hexNumber(cursor.clumpMagic)} (version ${cursor.version})`
  }
  // Right behind damage the cursor may stand where a damaged tail said the log ends; its last good clump tells.
  const reached = cursor.clumps === null ? (cursor.last?.offset ?? 0) : cursor.offset
  if (arena.counted !== null && reached > arena.counted.used) {
    return `it ends at ${hexNumber(arena.counted.used)}, but was mirrored up to ${hexNumber(cursor.offset)}: this is an older state of it`
  }
  const { last } = cursor
  if (last === null) return null
  if (last.offset + clumpHeaderBytes > arena.readableBytes) return 'it is shorter than what was mirrored of it'
  // A disk that cannot read this place is damage, and the directory may still answer for the clump.
  const bytes = await arena.partition.source.read(arena.dataBase + last.offset, clumpHeaderBytes).catch(badPlace)
  const problem =
    bytes === null
      ? `the last mirrored clump, at clump offset ${hexNumber(last.offset)}, cannot be read, and neither can its directory entry`
      : headerProblem(bytes, arena, { ...cursor, last })
  return problem === null || (await directoryConfirms(arena, cursor)) ? null : problem
}

/** Rejects with `wrong-partition`. `cursors` are those of one target; checks are shared by callers through `seen`. */
export async function checkCursors(
  view: SourceView,
  cursors: Readonly<Record<string, Cursor>>,
  mirror: string,
  statePath: string,
  each: (items: readonly [string, Cursor][], work: (item: [string, Cursor]) => Promise<void>) => Promise<unknown>,
): Promise<void> {
  const refuse = (arena: string, what: string): never => {
    throw new AppError(
      'wrong-partition',
      `${view.spec} is not the partition that mirror ${mirror} came from: arena ${arena}: ${what}. Nothing was sent and no cursor moved. ` +
        `If this is another venti, sync it with --name OTHER; if the mirror should begin anew, move ${statePath} away`,
      { data: { mirror, arena } },
    )
  }
  const disabled = new Set(view.damage.filter((one) => one.kind === 'table-line').map((one) => one.arena))
  await each(Object.entries(cursors), async ([name, cursor]) => {
    const arena = view.byName.get(name)
    if (arena === undefined) {
      // A table line that cannot be read disables its arena; that is damage and not another partition.
      if (disabled.size === 0) refuse(name, 'it is no longer in the arena table')
      return
    }
    const problem = await cursorProblem(arena, cursor)
    if (problem !== null) refuse(name, problem)
  })
}
