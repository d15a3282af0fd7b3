// The restore drill: some files, drawn by a seed, read whole from a target as a restore would read them, and compared with
// the same files in the arenas of the source. Root and entries come from the target: they are named by their hashes, so
// that the source can only have the same. Of the source only the blocks of these files are indexed, so many at a time (R9).

import { asAppError } from '../../../shared/errors.ts'
import { maskScore, type RootScore, type Score } from '../../../shared/model/score.ts'
import type { DrilledFile, DrillResult } from '../../../shared/model/verify.ts'
import { openSourceView } from '../sync/source-view.ts'
import { openArenaBlocks } from '../vac/arena-blocks.ts'
import { isTreeFault } from '../vac/block-faults.ts'
import type { BlockStore } from '../vac/block-store.ts'
import type { VacEntry } from '../vac/entry.ts'
import { HashTree } from '../vac/stream.ts'
import { openTree } from '../vac/tree.ts'
import { chooseFiles, seededRandom, type Choice } from './drill-choice.ts'
import { compareSpan, type Span } from './drill-compare.ts'

/** Blocks of the source indexed at a time; about 200 bytes each. */
const defaultMaxIndexed = 500_000
/** Of directories on the way down: every level of the tree has its own. */
const listReadAhead = 8

/** Blocks of the source, these at least, for as long as `work` takes. */
export type WithSource = <T>(wanted: ReadonlySet<Score>, work: (blocks: BlockStore) => Promise<T>) => Promise<T>

export type DrillOptions = {
  readonly files: number
  /** 0 to 2^32 - 1. */
  readonly seed: number
  /** Null: every block is checked against its score, and that is all. */
  readonly source: WithSource | null
  readonly maxIndexed?: number
  readonly signal?: AbortSignal | undefined
}

export type Drill = { readonly result: DrillResult; readonly warnings: readonly string[] }

/** The arenas of a source, opened anew each time: a live one grows. */
export function arenasOf(spec: string, signal?: AbortSignal): WithSource {
  return async (wanted, work) => {
    const view = await openSourceView(spec)
    try {
      return await work(await openArenaBlocks(spec, view.partitions, { wanted, signal }))
    } finally {
      await view.close()
    }
  }
}

type Part = Span & { readonly number: number; readonly entry: VacEntry }
type Group = { readonly parts: readonly Part[]; readonly wanted: ReadonlySet<Score> }

/** The files in parts that need at most so many blocks of the source together, pointer blocks aside. */
async function* groupsOf(
  target: BlockStore,
  chosen: Choice['chosen'],
  maxIndexed: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Group, void, void> {
  let parts: Part[] = []
  let wanted = new Set<Score>()
  let leaves = 0
  const recorded = (): BlockStore => {
    const own = wanted
    return {
      name: target.name,
      read: async (score, type, maxBytes) => {
        own.add(score)
        return await target.read(score, type, maxBytes)
      },
      close: () => Promise.resolve(),
    }
  }
  for (const [number, { entry }] of chosen.entries()) {
    if (entry === null) continue
    let from = 0
    let tree = new HashTree(recorded(), entry, { signal })
    for (let n = 0; n < tree.leafCount;) {
      let found: Awaited<ReturnType<HashTree['leafScore']>>
      try {
        found = await tree.leafScore(n)
      } catch (error) {
        // The target cannot give it: the reading says so, and gets no further than this.
        if (!isTreeFault(error)) throw error
        break
      }
      if (found.score !== null) wanted.add(found.score)
      leaves++
      n += found.leaves
      if (leaves < maxIndexed || n >= tree.leafCount) continue
      const to = n * entry.dsize
      yield { parts: [...parts, { number, entry, from, to }], wanted }
      ;[parts, wanted, leaves, from] = [[], new Set(), 0, to]
      tree = new HashTree(recorded(), entry, { signal })
    }
    parts.push({ number, entry, from, to: entry.size })
    if (leaves < maxIndexed) continue
    yield { parts, wanted }
    ;[parts, wanted, leaves] = [[], new Set(), 0]
  }
  if (parts.length > 0) yield { parts, wanted }
}

async function chosenFrom(target: BlockStore, root: RootScore, options: DrillOptions): Promise<Choice> {
  const { files, seed, signal } = options
  try {
    const tree = await openTree(target, root, { signal, readAhead: listReadAhead })
    return await chooseFiles(tree, files, seededRandom(seed))
  } catch (error) {
    if (!isTreeFault(error)) throw error
    return { chosen: [], files: 0, unlisted: [`${maskScore(root)}: ${error.message}`], unlistedCount: 1 }
  }
}

/** `treeFiles`: files that the walk met. Rejects with `cancelled`, `not-a-tree`, and when the target or the source fails. */
export async function drill(
  target: BlockStore,
  root: RootScore,
  treeFiles: number,
  options: DrillOptions,
): Promise<Drill> {
  const { seed, source, signal, maxIndexed = defaultMaxIndexed } = options
  const { chosen, unlisted, unlistedCount } = await chosenFrom(target, root, options)
  const read = chosen.map(({ problem }) => ({ bytes: 0, problem, stopped: problem !== null }))
  const readParts = async (parts: readonly Part[], blocks: BlockStore | null): Promise<void> => {
    for (const part of parts) {
      const file = read[part.number] as (typeof read)[number]
      if (file.stopped) continue
      const { bytes, problem, stopped } = await compareSpan({ target, source: blocks }, part.entry, part, { signal })
      file.bytes += bytes
      file.problem ??= problem
      file.stopped = stopped
    }
  }
  if (source === null) {
    const whole = chosen.flatMap(({ entry }, number) =>
      entry === null ? [] : [{ number, entry, from: 0, to: entry.size }],
    )
    await readParts(whole, null)
  } else {
    for await (const { parts, wanted } of groupsOf(target, chosen, maxIndexed, signal)) {
      await source(wanted, async (blocks) => await readParts(parts, blocks))
    }
  }
  const files = chosen.map(({ path }, i): DrilledFile => {
    const { bytes, problem } = read[i] as (typeof read)[number]
    return { path, bytes, ok: problem === null, problem }
  })
  const isTold = files.length > 0 || (treeFiles === 0 && unlistedCount === 0)
  const result = {
    seed,
    compared: source !== null,
    files,
    bytes: files.reduce((sum, one) => sum + one.bytes, 0),
    ok: isTold && unlistedCount === 0 && files.every((one) => one.ok),
  }
  const more = unlistedCount - unlisted.length
  const warnings = unlisted.map((text) => `drill: nothing below could be chosen: ${text}`)
  return { result, warnings: more > 0 ? [...warnings, `drill: and ${more} more such places`] : warnings }
}

/** Null when it was interrupted. */
export async function drillUnlessCancelled(...args: Parameters<typeof drill>): Promise<Drill | null> {
  try {
    return await drill(...args)
  } catch (thrown) {
    if (asAppError(thrown).code === 'cancelled') return null
    throw thrown
  }
}
