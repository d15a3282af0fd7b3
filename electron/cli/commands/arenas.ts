// venti-mirror arenas: the arena map of a source. Quick it reads the tails, sixteen arenas at a time because their latency
// is all it costs; with --check it reads every log, a few arenas at a time, as there are cores to decompress and hash them.

import { cancelledError } from '../../../shared/errors.ts'
import type { ArenaSummary } from '../../../shared/model/arena.ts'
import { damageKinds } from '../../../shared/model/damage.ts'
import type { DamageReport } from '../../../shared/model/run.ts'
import { countOf, formatBytes, formatDuration, formatRateOf } from '../../../shared/text/format.ts'
import { countingSource, type ReadCount } from '../../engine/source/counting-source.ts'
import { isSshText } from '../../engine/ssh/address.ts'
import { openSource } from '../../engine/source/open-source.ts'
import { reportDamage } from '../../engine/sync/report-damage.ts'
import { inParallel } from '../../engine/sync/source-view.ts'
import { openArenaPartition, type ArenaPartition } from '../../engine/venti/arena/arena-partition.ts'
import { surveyArena } from '../../engine/venti/arena/survey.ts'
import type { TableEntry } from '../../engine/venti/format/arena-table.ts'
import {
  arenaRows,
  damageLines,
  offsetLine,
  partitionHeading,
  type ListedPartition,
  type Listing,
} from '../arena-listing.ts'
import type { ArenasCommand } from '../args.ts'
import { CheckProgress } from '../check-progress.ts'
import type { CommandContext, ExitStatus } from '../context.ts'
import { surveyInThreads, threadsFor } from '../survey-threads.ts'

export type Listed = { readonly listing: Listing; readonly bytesRead: number; readonly durationMs: number }

type Slot = { readonly partition: ArenaPartition; readonly number: number; readonly entry: TableEntry }

function listedPartition({ source, header }: ArenaPartition): ListedPartition {
  const { version, blockSize, arenaBase } = header
  return { version, blockSize, arenaBase, size: source.sizeBytes, path: source.name }
}

/** Damage of the table that no listed arena carries already: lines whose arena is left out, a wrong count. */
function tableDamage(partition: ArenaPartition): readonly DamageReport[] {
  const listed = new Set(partition.entries.map(({ name }) => name))
  return partition.damage.filter(({ arena }) => !listed.has(arena)).map(reportDamage)
}

function listingOf(partitions: readonly ArenaPartition[], summaries: readonly ArenaSummary[]): Listing {
  const arenas = summaries.map((summary) => ({ ...summary, damage: summary.damage.map(reportDamage) }))
  const listed = partitions.map(listedPartition)
  return {
    partition: listed[0] as ListedPartition,
    partitions: listed,
    arenas,
    damage: [...partitions.flatMap(tableDamage), ...arenas.flatMap(({ damage }) => damage)],
  }
}

async function quickSurvey(slots: readonly Slot[], signal: AbortSignal): Promise<ArenaSummary[]> {
  return await inParallel(slots, async ({ partition, entry }) => {
    if (signal.aborted) throw cancelledError()
    return await surveyArena(partition, entry, { check: false, signal })
  })
}

async function checkedSurvey(
  spec: string,
  slots: readonly Slot[],
  count: ReadCount,
  context: CommandContext,
): Promise<readonly ArenaSummary[]> {
  const { report, signal } = context
  const progress = report.showsProgress ? new CheckProgress(await quickSurvey(slots, signal), count, report) : null
  // A disk of another machine is read over one connection, which is the limit.
  const threads = isSshText(spec) ? 1 : threadsFor(slots.map(({ entry }) => entry))
  const summaries: ArenaSummary[] = []
  try {
    if (threads > 1) {
      const jobs = slots.map(({ number, entry }) => ({ partition: number, entry }))
      return await surveyInThreads(spec, jobs, threads, {
        signal,
        onBegin: ({ name }) => progress?.begin(name),
        onRead: (bytes) => (count.bytes += bytes),
      })
    }
    for (const { partition, entry } of slots) {
      progress?.begin(entry.name)
      summaries.push(await surveyArena(partition, entry, { check: true, signal }))
    }
    return summaries
  } finally {
    progress?.end()
  }
}

function closingLine({ listing, bytesRead, durationMs }: Listed, command: ArenasCommand): string {
  if (!command.check) {
    return listing.damage.length > 0
      ? 'Only heads, tails and the ends of the logs were read; --check reads every block.'
      : 'No damage in heads, tails and the ends of the logs; --check reads every block.'
  }
  const blocks = listing.arenas.reduce((sum, arena) => sum + arena.clumps, 0)
  const effort = `${formatBytes(bytesRead)} in ${formatDuration(durationMs)} (${formatRateOf(bytesRead, durationMs)})`
  // Zero blocks checked is not a pass (R8).
  if (blocks === 0) return `There is no block to check; read ${effort}.`
  const lost = listing.damage.some(({ kind }) => damageKinds[kind].loses)
  const verdict = lost ? 'all but those above match their scores' : 'every one matches its score'
  return `Checked ${countOf(blocks, 'block')}, ${verdict}; read ${effort}.`
}

function print(listed: Listed, command: ArenasCommand, { report }: CommandContext): void {
  const { listing } = listed
  if (command.offsets) {
    report.lines(listing.arenas.map(offsetLine))
    // Standard output is for scripts here.
    if (!report.json) for (const line of damageLines(listing.damage)) report.warn(line)
    return
  }
  for (const partition of listing.partitions) {
    const own = listing.arenas.filter((arena) => arena.partition === partition.path)
    report.lines([partitionHeading(partition, own), '', ...arenaRows(own), ''])
  }
  report.lines([...damageLines(listing.damage), closingLine(listed, command)])
}

/** Rejects with source-open, source-read, not-arena-partition or bad-config. */
export async function listSource(spec: string, check: boolean, context: CommandContext): Promise<Listed> {
  const started = performance.now()
  const opened = await openSource(spec)
  try {
    const count: ReadCount = { reads: 0, bytes: 0 }
    const partitions: ArenaPartition[] = []
    for (const source of opened.partitions) partitions.push(await openArenaPartition(countingSource(source, count)))
    const slots = partitions.flatMap((partition, number) =>
      partition.entries.map((entry) => ({ partition, number, entry })),
    )
    const summaries = check
      ? await checkedSurvey(spec, slots, count, context)
      : await quickSurvey(slots, context.signal)
    const listing = listingOf(partitions, summaries)
    return { listing, bytesRead: count.bytes, durationMs: performance.now() - started }
  } finally {
    await Promise.all(opened.partitions.map(async (source) => await source.close()))
  }
}

export async function runArenas(command: ArenasCommand, context: CommandContext): Promise<ExitStatus> {
  const listed = await listSource(command.source, command.check, context)
  context.report.document(listed.listing)
  print(listed, command, context)
  return listed.listing.damage.length > 0 ? 3 : 0
}
