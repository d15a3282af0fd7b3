// wrcmd at the beginning of a sync: what it says is checked against the arenas, and a line that cannot be right ends the run
// before anything is sent. Nothing is written here; finish-bookkeeping.ts moves it on at the end.

import { AppError, asAppError } from '../../../shared/errors.ts'
import type { BookkeepingResult, WrarenaCommand } from '../../../shared/model/bookkeeping.ts'
import { hexNumber } from '../bytes/hex.ts'
import { isUsable, parseWrcmd } from '../bookkeeping/wrcmd.ts'
import { arenaAddressOf, noArenaStarts } from '../bookkeeping/wrcmd-check.ts'
import { maskScoresIn } from '../bookkeeping/wrcmd-words.ts'
import { readNinefat, shownText, type Ninefat } from '../fat/ninefat.ts'
import { boundariesOf } from '../ninefat/arena-map.ts'
import type { ArenaPartition } from '../venti/arena/arena-partition.ts'
import { parseDial, type Dial, type Environment } from '../venti/client/dial.ts'
import { arenaMapOf, mappedArena, partitionOf, viewsOf } from './arena-map.ts'
import { cursorAt, type Cursors } from './cursor.ts'
import type { FossilRoot } from './fossil-root.ts'
import type { SourceView } from './source-view.ts'
import type { Claim } from './wrcmd-claim.ts'

export type Bookkeeping = {
  readonly path: string
  /** As it was at the beginning: another text at the end is somebody else's. */
  readonly wrcmd: string | null
  readonly rootscor: string | null
  readonly command: WrarenaCommand | null
  /** The partition of the source that wrcmd means. */
  readonly partition: ArenaPartition | null
  /** The one target that wrcmd names. */
  readonly dial: string | null
  readonly claim: Claim | null
  /** Why wrcmd will be left alone; null when it will be moved on. */
  readonly note: string | null
  /** To be recorded in rootscor, as fossilize does. */
  readonly fossil: FossilRoot | null
  /** The 9fat could not be read: reported with the result. */
  readonly error: AppError | null
}

export type ClaimOutcome = NonNullable<BookkeepingResult['claim']>

export const leftAlone = (why: string): string => `wrcmd is left alone: ${why}`

const isBlank = (text: string): boolean => text.trim() === ''

/** A line for people: bytes as characters, without its newline, and never a root score (R10). */
export const shownLine = (text: string): string => maskScoresIn(shownText(text)).trimEnd()

/** Canonical text of the server that a wrcmd names; null when there is none that can be known here. */
function namedServer(command: WrarenaCommand, environment: Environment): string | null {
  try {
    return parseDial(command.host ?? '$venti', environment).text
  } catch {
    return null
  }
}

function badWrcmd(path: string, line: string, what: string): AppError {
  return new AppError(
    'bad-wrcmd',
    `${path}: wrcmd says ${JSON.stringify(shownLine(line))}: ${what}. Nothing was sent and no saved position moved`,
  )
}

/** The arena that -o means, with the offset checked. Rejects with `bad-wrcmd`. */
async function claimOf(
  path: string,
  line: string,
  command: WrarenaCommand,
  view: SourceView,
  partition: ArenaPartition,
  own: readonly Cursors[],
  signal?: AbortSignal,
): Promise<Claim | null> {
  const views = viewsOf(view, partition)
  const address = arenaAddressOf(command)
  const index = views.findIndex(({ entry }) => entry.start === address)
  const claimed = views[index]
  if (address === null || claimed === undefined) {
    throw badWrcmd(path, line, noArenaStarts(address ?? 0, arenaMapOf(views, partition).arenas))
  }
  const { clumpOffset } = command
  const used = claimed.arena?.counted?.used ?? null
  // Without a tail nobody can say whether the offset is right; no cursor moves in such an arena either.
  if (used === null) return null
  const offset = hexNumber(clumpOffset)
  if (clumpOffset > used) {
    throw badWrcmd(path, line, `${offset} is past the end: ${claimed.name} is written up to ${hexNumber(used)}`)
  }
  const known = clumpOffset === used || own.some((cursors) => cursorAt(cursors, claimed.name)?.offset === clumpOffset)
  if (!known) {
    const { isBoundary, before } = await boundariesOf(view, partition, signal)(mappedArena(claimed), clumpOffset)
    if (!isBoundary) {
      const what = `${offset} is inside a block of ${claimed.name}, which begins at ${hexNumber(before)}`
      throw badWrcmd(path, line, what)
    }
  }
  return { views: views.slice(0, index + 1), arena: claimed.name, offset: clumpOffset }
}

export type BookkeepingWish = {
  readonly path: string
  /** Named in this call, not remembered: what cannot be read ends the run. */
  readonly asked: boolean
  readonly fossil: FossilRoot | null
  readonly environment: Environment
  readonly signal?: AbortSignal
}

/** Reads only. Rejects with `bad-wrcmd` when wrcmd cannot be right, and with what was wrong with a 9fat that was named. */
export async function beginBookkeeping(
  wish: BookkeepingWish,
  view: SourceView,
  dials: readonly Dial[],
  cursorsOf: (dial: string) => Cursors,
  warnings: string[],
): Promise<Bookkeeping> {
  const { path, fossil } = wish
  const base = {
    path,
    wrcmd: null,
    rootscor: null,
    command: null,
    partition: null,
    dial: null,
    claim: null,
    fossil,
    error: null,
  }
  let ninefat: Ninefat
  try {
    ninefat = await readNinefat(path)
  } catch (thrown) {
    const error = asAppError(thrown)
    if (wish.asked || error.code === 'bad-wrcmd') throw error
    return { ...base, fossil: null, note: 'the 9fat that this mirror keeps its wrcmd on could not be read', error }
  }
  warnings.push(...[...ninefat.problems, ...ninefat.warnings].map((line) => `${path}: ${line}`))
  const text = ninefat.wrcmd.text
  const start = { ...base, wrcmd: text, rootscor: ninefat.rootscor.text }
  if (text === null) return { ...start, note: 'there is no wrcmd there yet' }
  // As some failures of the script leave it: it claims nothing.
  if (isBlank(text)) return { ...start, note: 'wrcmd is empty, and claims nothing' }
  const parsed = parseWrcmd(text)
  if (!isUsable(parsed)) {
    const problem = parsed.problems.find(({ severity }) => severity === 'error')
    throw badWrcmd(path, text, problem?.message ?? 'it is no command for wrarena')
  }
  const { command } = parsed
  const partition = partitionOf(view, command)
  if (partition === null) {
    return {
      ...start,
      command,
      note: leftAlone(
        `it names ${shownLine(command.partition)}, and none or several partitions of this source could be that`,
      ),
    }
  }
  const server = namedServer(command, wish.environment)
  const dial = dials.find((one) => one.text === server)?.text ?? null
  const own = dial === null ? [] : [cursorsOf(dial)]
  const claim = await claimOf(path, text, command, view, partition, own, wish.signal)
  const note =
    dial !== null
      ? null
      : leftAlone(`it names ${shownLine(command.host ?? '$venti')}, which is none of the targets of this run`)
  return { ...start, command, partition, dial, claim: dial === null ? null : claim, note }
}
