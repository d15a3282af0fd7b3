// The line that `wrcmd set` writes: what is there with the named parts replaced, or a new one, judged against the arenas
// before anything is written. Reads the source; writes nothing.

import { AppError } from '../../../shared/errors.ts'
import type { WrarenaCommand, WrcmdProblem } from '../../../shared/model/bookkeeping.ts'
import { newestCommandLine } from '../bookkeeping/rootscor.ts'
import { nextWrcmd, parseWrcmd } from '../bookkeeping/wrcmd.ts'
import { positionIn, type MappedArena } from '../bookkeeping/wrcmd-check.ts'
import { typedText } from '../fat/ninefat-text.ts'
import type { SourceView } from '../sync/source-view.ts'
import type { Environment } from '../venti/client/dial.ts'
import { judgeAgainst, mapFor, openSourceOf } from './judge-wrcmd.ts'
import { wrcmdHost } from './wrcmd-host.ts'

/** What a person named; null: leave it as it is. */
export type WrcmdWish = {
  readonly ninefat: string
  readonly source: string | null
  readonly host: string | null
  readonly arena: string | null
  readonly arenaOffset: number | null
  readonly clumpOffset: number | null
  readonly partition: string | null
}

export type PlannedWrcmd = {
  readonly line: string
  readonly arena: string | null
  readonly checkedAgainst: string | null
  /** Warnings only: an error is a refusal. */
  readonly problems: readonly WrcmdProblem[]
  readonly remarks: readonly string[]
}

type Texts = { readonly wrcmd: string | null; readonly rootscor: string | null }
type Named = { readonly host: string | null; readonly partition: string | null }

/** Rejects with `bad-wrcmd` (it would be wrong), `usage` (something is missing), `dial-string`, or what opening a source does. */
export async function planWrcmd(
  wish: WrcmdWish,
  texts: Texts,
  { environment, signal }: { environment: Environment; signal?: AbortSignal },
): Promise<PlannedWrcmd> {
  const host = wish.host === null ? null : typedText(wrcmdHost(wish.host, environment))
  const partition = wish.partition === null ? null : typedText(wish.partition)
  const base = baseCommand(texts, { host, partition })
  const { view, why } = await openSourceOf(base.partition, wish)
  try {
    const line = await lineFor(wish, base, { host, partition }, view, why)
    return await judged(line, view, why, signal)
  } finally {
    await view?.close()
  }
}

/** What is there, as far as it can be understood; else a new line, whose position the caller must name. */
function baseCommand({ wrcmd, rootscor }: Texts, { host, partition }: Named): WrarenaCommand {
  const there = wrcmd === null ? null : parseWrcmd(wrcmd).command
  if (there !== null) return there
  const why = wrcmd === null || wrcmd.trim() === '' ? 'there is no wrcmd yet' : 'the wrcmd there cannot be understood'
  const last = newestCommandLine(rootscor ?? '')
  const path = partition ?? (last === null ? null : (parseWrcmd(last).command?.partition ?? null))
  if (host === null) throw new AppError('usage', `--host is missing: ${why} to take it from`)
  if (path === null) {
    throw new AppError('usage', `--partition is missing: ${why}, and no command in rootscor, to take it from`)
  }
  // The place is put in with the rest; -o stands where everybody writes it.
  const words = ['venti/wrarena', '-h', host, '-o', '0', path]
  return { words, program: 'venti/wrarena', host, arenaOffset: null, partition: path, clumpOffset: Number.NaN }
}

async function lineFor(
  wish: WrcmdWish,
  base: WrarenaCommand,
  { host, partition }: Named,
  view: SourceView | null,
  why: string | null,
): Promise<string> {
  const clumpOffset = wish.clumpOffset ?? base.clumpOffset
  const named = { ...(host === null ? {} : { host }), ...(partition === null ? {} : { partition }) }
  const command = partition === null ? base : { ...base, partition }
  const arena = wish.arena === null ? null : await namedArena(wish.arena, command, view, why)
  const arenaOffset = arena === null ? (wish.arenaOffset ?? base.arenaOffset) : null
  if (arena === null && arenaOffset === null) {
    throw new AppError('usage', '--arena or --offset is missing: no command is there to take the place from')
  }
  if (Number.isNaN(clumpOffset))
    throw new AppError('usage', '--at is missing: no command is there to take the offset from')
  const position =
    arena === null
      ? { arenaOffset: arenaOffset as number, clumpOffset, ...named }
      : { ...named, ...positionIn(command, arena, clumpOffset) }
  return nextWrcmd(base, position)
}

async function namedArena(
  name: string,
  command: WrarenaCommand,
  view: SourceView | null,
  why: string | null,
): Promise<MappedArena> {
  if (view === null) {
    throw new AppError('usage', `--arena ${name}: where it starts is not known here. ${why} Or give --offset`)
  }
  const found = await mapFor(view, command)
  if (found.map === null) throw new AppError('usage', `--arena ${name}: ${found.why}`)
  const arena = found.map.arenas.find((one) => one.name === name)
  if (arena !== undefined) return arena
  const names = found.map.arenas.map((one) => one.name)
  const list = names.length > 12 ? `${names.slice(0, 6).join(', ')} … ${names.at(-1)}` : names.join(', ')
  throw new AppError('usage', `--arena ${name}: there is none of that name in ${found.map.partition}, there is ${list}`)
}

async function judged(
  line: string,
  view: SourceView | null,
  why: string | null,
  signal: AbortSignal | undefined,
): Promise<PlannedWrcmd> {
  const { command, problems } = parseWrcmd(line)
  if (command === null || view === null) {
    return { line, arena: null, checkedAgainst: null, problems, remarks: why === null ? [] : [why] }
  }
  const { arena, checkedAgainst, remarks, ...found } = await judgeAgainst(view, command, signal)
  const wrong = found.problems.filter(({ severity }) => severity === 'error')
  if (wrong.length > 0) {
    const message = `this wrcmd would be wrong: ${wrong.map((one) => one.message).join('; ')}`
    const next = found.proposal === null ? {} : { next: `This line would be right: ${found.proposal.trimEnd()}` }
    throw new AppError('bad-wrcmd', message, { data: { line: line.trimEnd(), ...next } })
  }
  return { line, arena, checkedAgainst, problems: [...problems, ...found.problems], remarks }
}
