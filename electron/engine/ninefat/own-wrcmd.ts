// The line that the program itself puts into wrcmd where nobody says more than which server it is for: what is right stays,
// what is wrong becomes what it should be, and where nothing there says how far that server is, the copy begins with the
// first arena, which claims nothing and so loses nothing. Reads the source; writes nothing.

import { AppError, asAppError } from '../../../shared/errors.ts'
import type { WrarenaCommand } from '../../../shared/model/bookkeeping.ts'
import { newestCommandLine, newestScoreLine } from '../bookkeeping/rootscor.ts'
import { parseWrcmd } from '../bookkeeping/wrcmd.ts'
import { shownText } from '../fat/ninefat-text.ts'
import { parseNamePath } from '../source/path-forms.ts'
import { partitionOf, viewsOf } from '../sync/arena-map.ts'
import { openSourceView } from '../sync/source-view.ts'
import type { Environment } from '../venti/client/dial.ts'
import { judgeWrcmd } from './judge-wrcmd.ts'
import { planWrcmd, type PlannedWrcmd } from './plan-wrcmd.ts'
import { wrcmdHost } from './wrcmd-host.ts'

export type OwnWrcmdWish = {
  readonly ninefat: string
  readonly source: string
  /** As typed; null: the one that the line names. */
  readonly host: string | null
}

type Texts = { readonly wrcmd: string | null; readonly rootscor: string | null }
type Options = { readonly environment: Environment; readonly signal?: AbortSignal }

export type OwnWrcmd = PlannedWrcmd & {
  /** It says nothing of what is on the server yet. */
  readonly fromTheStart: boolean
  /** The partition is called as Plan 9 usually does, because nothing on the 9fat says what it is called there. */
  readonly isPartitionGuessed: boolean
}

const usualDisk = '/dev/sdE0'
const unchanged = { arena: null, arenaOffset: null, clumpOffset: null, partition: null } as const

/** What the machine of a 9fat calls its arenas partition: as its commands did, else beside the fossil of its roots. */
export function partitionThere(
  { wrcmd, rootscor }: Texts,
  source: string | null,
): { readonly path: string; readonly isGuessed: boolean } {
  const last = newestCommandLine(rootscor ?? '')
  for (const line of [wrcmd, last]) {
    const command = line === null ? null : parseWrcmd(line).command
    if (command !== null) return { path: command.partition, isGuessed: false }
  }
  const name = (source === null ? null : parseNamePath(source)?.name) ?? 'arenas'
  const fossil = newestScoreLine(rootscor ?? '')?.partition ?? null
  const slash = fossil?.lastIndexOf('/') ?? -1
  if (fossil !== null && slash > 0) return { path: `${fossil.slice(0, slash)}/${name}`, isGuessed: false }
  return { path: `${usualDisk}/${name}`, isGuessed: true }
}

/** Whether a line is about this server, so that its place says something of it. */
function isFor(command: WrarenaCommand, host: string | null, environment: Environment): boolean {
  if (host === null) return true
  try {
    return command.host !== null && wrcmdHost(command.host, environment) === wrcmdHost(host, environment)
  } catch {
    return false
  }
}

/** The line there, or what it should be; null when it cannot be followed, or speaks of another server. */
async function fromThere(wish: OwnWrcmdWish, texts: Texts, options: Options): Promise<PlannedWrcmd | null> {
  const { ninefat, source, host } = wish
  const { wrcmd, rootscor } = texts
  if (wrcmd === null || wrcmd.trim() === '') return null
  const { signal } = options
  const judged = await judgeWrcmd(wrcmd, { ninefat, source, ...(signal === undefined ? {} : { signal }) })
  if (judged.command === null || !isFor(judged.command, host, options.environment)) return null
  const isWrong = judged.problems.some(({ severity }) => severity === 'error')
  if (isWrong && judged.proposal === null) return null
  return await plannedOrNull({ ...wish, ...unchanged }, { wrcmd: judged.proposal ?? wrcmd, rootscor }, options)
}

/** Null when the words there allow no good line. */
async function plannedOrNull(...asked: Parameters<typeof planWrcmd>): Promise<PlannedWrcmd | null> {
  try {
    return await planWrcmd(...asked)
  } catch (thrown) {
    if (asAppError(thrown).code !== 'bad-wrcmd') throw thrown
    return null
  }
}

async function firstArena(source: string, partition: string): Promise<string> {
  const view = await openSourceView(source)
  try {
    const meant = partitionOf(view, { partition }) ?? view.partitions[0]
    const first = meant === undefined ? undefined : viewsOf(view, meant)[0]
    if (first !== undefined) return first.name
    throw new AppError('not-arena-partition', `${source}: there is no arena in it`)
  } finally {
    await view.close()
  }
}

/** Rejects with `usage` (no server is named), `dial-string`, `bad-wrcmd`, or what opening a source does. */
export async function ownWrcmd(wish: OwnWrcmdWish, texts: Texts, options: Options): Promise<OwnWrcmd> {
  const there = await fromThere(wish, texts, options)
  if (there !== null) return { ...there, fromTheStart: false, isPartitionGuessed: false }
  const { path, isGuessed } = partitionThere(texts, wish.source)
  const start = { arena: await firstArena(wish.source, path), arenaOffset: null, clumpOffset: 0 }
  const command = texts.wrcmd === null ? null : parseWrcmd(texts.wrcmd).command
  // Its program and further options stay as its owner wrote them, where they can.
  const kept = command === null ? null : await plannedOrNull({ ...wish, ...start, partition: null }, texts, options)
  if (kept !== null) return { ...kept, fromTheStart: true, isPartitionGuessed: false }
  const host = wish.host ?? (command === null || command.host === null ? null : shownText(command.host))
  if (host === null) {
    throw new AppError('usage', `${wish.ninefat}: no line is there that names a server, and none was named`, {
      data: { safe: 'Nothing on the 9fat was changed.', next: 'Choose the venti that the line should send to.' },
    })
  }
  const fresh = { ...wish, ...start, host, partition: shownText(path) }
  const planned = await planWrcmd(fresh, { wrcmd: null, rootscor: texts.rootscor }, options)
  return { ...planned, fromTheStart: true, isPartitionGuessed: isGuessed }
}
