// A wrcmd judged in full: its text, and, where a source can be had, the place it points to. Opens and closes the source;
// nothing is written and nothing is run.

import { asAppError } from '../../../shared/errors.ts'
import type { WrarenaCommand, WrcmdProblem } from '../../../shared/model/bookkeeping.ts'
import { proposeWrcmd, parseWrcmd } from '../bookkeeping/wrcmd.ts'
import { arenaAddressOf, checkWrcmd, earlierArenas, explainWrcmd, type ArenaMap } from '../bookkeeping/wrcmd-check.ts'
import { partitionOf } from '../sync/arena-map.ts'
import { openSourceView, type SourceView } from '../sync/source-view.ts'
import type { ArenaPartition } from '../venti/arena/arena-partition.ts'
import { boundariesOf, readArenaMap } from './arena-map.ts'
import { arenasBeside } from './beside.ts'

export type Judged = {
  readonly command: WrarenaCommand | null
  readonly arena: string | null
  readonly problems: readonly WrcmdProblem[]
  readonly proposal: string | null
  readonly checkedAgainst: string | null
  readonly remarks: readonly string[]
}

/** Where the arenas are looked up: a source by name, or whatever stands beside the 9fat. */
export type JudgeOptions = { readonly ninefat: string; readonly source: string | null; readonly signal?: AbortSignal }

/**
 * The source a wrcmd speaks of, opened; null with the reason where none is known. A source that was named must open; one
 * that was only found beside the 9fat may fail to, and then nothing is checked. The caller closes it.
 */
export async function openSourceOf(
  partition: string | null,
  { ninefat, source }: JudgeOptions,
): Promise<{ view: SourceView; why: null } | { view: null; why: string }> {
  if (source !== null) return { view: await openSourceView(source), why: null }
  const { path, why } = await arenasBeside(ninefat, partition)
  if (path === null) return { view: null, why: `Not checked against a source: ${why}; name it with --source.` }
  try {
    return { view: await openSourceView(path), why: null }
  } catch (error) {
    return { view: null, why: `Not checked against ${path}: ${asAppError(error).message}.` }
  }
}

/** As much of a source as a wrcmd is about; null with the reason when it has several partitions and none is meant. */
export async function mapFor(
  view: SourceView,
  command: WrarenaCommand,
): Promise<{ map: ArenaMap; partition: ArenaPartition; why: null } | { map: null; why: string }> {
  const partition = partitionOf(view, command)
  if (partition === null) {
    const names = view.partitions.map(({ source }) => source.name).join(', ')
    return { map: null, why: `Not checked against ${view.spec}: which of ${names} it means is not known.` }
  }
  return { map: await readArenaMap(view, partition, arenaAddressOf(command)), partition, why: null }
}

export async function judgeAgainst(
  view: SourceView,
  command: WrarenaCommand,
  signal?: AbortSignal,
): Promise<Pick<Judged, 'arena' | 'problems' | 'proposal' | 'checkedAgainst' | 'remarks'>> {
  const found = await mapFor(view, command)
  if (found.map === null) {
    return { arena: null, problems: [], proposal: null, checkedAgainst: null, remarks: [found.why] }
  }
  const { map, partition } = found
  const { arena, problems, proposal } = await checkWrcmd(command, map, boundariesOf(view, partition, signal))
  const remarks =
    arena === null || problems.length > 0
      ? []
      : [explainWrcmd(command, arena), earlierArenas(map, arena)].filter((remark) => remark !== null)
  return { arena: arena?.name ?? null, problems, proposal, checkedAgainst: map.partition, remarks }
}

/** The text alone, with the line that would put it right. */
export function judgeText(text: string): Judged {
  const { command, problems } = parseWrcmd(text)
  const place = command === null ? null : command.arenaOffset
  const proposal =
    command === null || place === null || problems.length === 0
      ? null
      : proposeWrcmd(command, { arenaOffset: place, clumpOffset: command.clumpOffset })
  const isNew = proposal !== null && proposal.trimEnd() !== command?.words.join(' ')
  return { command, arena: null, problems, proposal: isNew ? proposal : null, checkedAgainst: null, remarks: [] }
}

/** Rejects with what opening and reading a named source rejects with, or `cancelled`. */
export async function judgeWrcmd(text: string, options: JudgeOptions): Promise<Judged> {
  const own = judgeText(text)
  const { command, problems } = own
  if (command === null) return own
  const { view, why } = await openSourceOf(command.partition, options)
  if (view === null) return { ...own, remarks: [why] }
  try {
    const judged = await judgeAgainst(view, command, options.signal)
    const proposal = judged.proposal ?? own.proposal
    return { ...judged, command, problems: [...problems, ...judged.problems], proposal }
  } finally {
    await view.close()
  }
}
