// Root scores out of whatever a path leads to: a 9fat's rootscor, a fossil's super block, the arenas of a venti, or all of
// these on a whole disk. Read only; nothing found is executed.

import type { RootOnTarget, RootRecord, RootsReport } from '../../../shared/model/bookkeeping.ts'
import { maskScore, type RootScore } from '../../../shared/model/score.ts'
import { asAppError, cancelledError } from '../../../shared/errors.ts'
import { decodeRootscor, rootsOf } from '../bookkeeping/rootscor.ts'
import { maskScoresIn, shown } from '../bookkeeping/wrcmd-words.ts'
import { listDisk } from '../disk/discover.ts'
import { readNinefat, shownText } from '../fat/ninefat.ts'
import { readFossilLast, type FossilInfo } from '../fossil/fossil-last.ts'
import { deviceSectorBytes } from '../source/file-source.ts'
import { openPath } from '../source/open-source.ts'
import { resolvePlace } from '../source/place.ts'
import { openSourceView } from '../sync/source-view.ts'
import { findRoots } from './find-roots.ts'

export type Collected = Omit<RootsReport, 'path' | 'appended'>
export type CollectOptions = {
  /** In full: asked for by the user (R10). */
  readonly showScores: boolean
  readonly signal?: AbortSignal
  /** Asks a venti what it has of a root; null when interrupted. */
  readonly onTarget?: (root: RootScore) => Promise<RootOnTarget | null>
}

/** A record before anybody may see it: its score is in full, and no venti was asked. */
type FoundRecord = Omit<RootRecord, 'score' | 'onTarget'> & { readonly root: RootScore }

type Part = Pick<Collected, 'roots' | 'problems' | 'notes'>

/** Odd lines of a rootscor told one by one. */
const maxNotes = 20

const scoreText = (score: RootScore, { showScores }: CollectOptions): string =>
  showScores ? `vac:${score}` : maskScore(score)

/** As reports show them, with what the venti has of each, the newest asked for first. */
async function recordsOf(found: readonly FoundRecord[], options: CollectOptions): Promise<readonly RootRecord[]> {
  const records: RootRecord[] = []
  for (const { root, ...rest } of found) {
    const onTarget = rest.isEmpty ? null : ((await options.onTarget?.(root)) ?? null)
    if (options.signal?.aborted === true) throw cancelledError()
    records.push({ score: scoreText(root, options), ...rest, onTarget })
  }
  return records
}

const fieldText = (text: string | null, { showScores }: CollectOptions): string | null =>
  text === null ? null : showScores ? shownText(text) : maskScoresIn(shownText(text))

async function ofNinefat(path: string, options: CollectOptions): Promise<Part> {
  const { rootscor, problems, warnings } = await readNinefat(path)
  const notes = warnings.map((one) => `${path}: ${one}`)
  if (rootscor.text === null) {
    return { roots: [], problems, notes: [...notes, `${path}: there is no rootscor on this 9fat`] }
  }
  const odd = decodeRootscor(rootscor.text).filter((line) => line.kind === 'note' && line.text !== '')
  for (const line of odd.slice(0, maxNotes)) {
    if (line.kind === 'note')
      notes.push(`line ${line.line} of rootscor is neither root nor command: ${shown(line.text)}`)
  }
  if (odd.length > maxNotes) notes.push(`${odd.length - maxNotes} more lines of rootscor are neither root nor command`)
  const found = rootsOf(rootscor.text).map((root): FoundRecord => {
    return {
      root: root.score,
      where: 'rootscor',
      place: `line ${root.line} of rootscor`,
      partition: fieldText(root.partition, options),
      venti: fieldText(root.venti, options),
      name: null,
      type: null,
      at: null,
      isEmpty: root.isEmpty,
      times: root.times,
    }
  })
  return { roots: await recordsOf(found, options), problems, notes }
}

export async function fossilInfoOf(path: string): Promise<FossilInfo> {
  const source = await openPath(path)
  try {
    return await readFossilLast(source)
  } finally {
    await source.close()
  }
}

async function ofFossil(path: string, options: CollectOptions): Promise<Part> {
  const info = await fossilInfoOf(path)
  const found: FoundRecord = {
    root: info.last,
    where: 'fossil',
    place: 'super block',
    partition: path,
    venti: null,
    name: null,
    type: null,
    at: null,
    isEmpty: info.isEmpty,
    times: 1,
  }
  const notes = info.warnings.map((one) => `${path}: ${one}`)
  if (info.archiving) notes.push(`${path}: an archive is in progress; its root will take the place of this one`)
  return { roots: await recordsOf([found], options), problems: [], notes }
}

/** 0 and times out of the range of a date are no times. */
const timeText = (seconds: number): string | null => (seconds === 0 ? null : new Date(seconds * 1000).toISOString())

async function ofArenas(path: string, options: CollectOptions): Promise<Part> {
  const view = await openSourceView(path)
  try {
    const { roots, problems } = await findRoots(view, options.signal)
    const found = roots.map(({ arena, offset, score, time, name, type, times }): FoundRecord => {
      return {
        root: score,
        where: 'arenas',
        place: `${arena} at 0x${offset.toString(16)}`,
        partition: null,
        venti: null,
        name: fieldText(name, options),
        type: fieldText(type, options),
        at: timeText(time),
        isEmpty: false,
        times,
      }
    })
    const records = await recordsOf(found, options)
    return { roots: records, problems: problems.map((one) => `${path}: ${one}`), notes: [] }
  } finally {
    await view.close()
  }
}

async function ofDisk(
  partitions: readonly { readonly kind: string; readonly path: string }[],
  options: CollectOptions,
): Promise<Part> {
  const parts: Part[] = []
  for (const { kind, path } of partitions) {
    const read = kind === '9fat' ? ofNinefat : kind === 'fossil' ? ofFossil : kind === 'arenas' ? ofArenas : null
    if (read === null) continue
    try {
      parts.push(await read(path, options))
    } catch (error) {
      const { code, message } = asAppError(error)
      if (code === 'cancelled' || code === 'bug') throw error
      parts.push({ roots: [], problems: [message], notes: [] })
    }
  }
  return {
    roots: parts.flatMap(({ roots }) => roots),
    problems: parts.flatMap(({ problems }) => problems),
    notes: parts.flatMap(({ notes }) => notes),
  }
}

/** Recognised by content. Rejects with what opening and reading it rejects with; on a whole disk that is a problem listed. */
export async function collectRoots(path: string, options: CollectOptions): Promise<Collected> {
  const { file, offset } = await resolvePlace(path)
  const sectorBytes = await deviceSectorBytes(file)
  const source = await openPath(path)
  let listing
  try {
    listing = await listDisk(source, {
      ...(sectorBytes === null ? {} : { sectorBytes }),
      ...(file === path ? {} : { within: { file, offset } }),
    })
  } finally {
    await source.close()
  }
  const { scheme, partitions, problems } = listing
  if (scheme !== 'bare') {
    const found = await ofDisk(partitions, options)
    return { kind: 'disk', ...found, problems: [...problems, ...found.problems] }
  }
  const kind = partitions[0]?.kind
  if (kind === '9fat' || kind === 'fat') return { kind: '9fat', ...(await ofNinefat(path, options)) }
  if (kind === 'fossil') return { kind, ...(await ofFossil(path, options)) }
  // Anything else is for the arenas' reader to take or to refuse: a venti configuration is a text.
  return { kind: 'arenas', ...(await ofArenas(path, options)) }
}
