// Checks on one store that everything below a root is there: the walk with its limits, progress and cancelling. The root of
// trust is the score asked for: every block that is read is compared with the score that led to it.

import { AppError, asAppError, cancelledError } from '../../../shared/errors.ts'
import { maskScore, type RootScore, type Score } from '../../../shared/model/score.ts'
import type { TreeProblem, VerifyDepth, VerifySnapshot } from '../../../shared/model/verify.ts'
import { countOf } from '../../../shared/text/format.ts'
import type { BlockStore } from '../vac/block-store.ts'
import { wireData, wireDirectory, wireRoot } from '../venti/format/block-type.ts'
import { maxLumpBytes } from '../venti/format/constants.ts'
import { BlockReader, faultKind } from './block-reader.ts'
import { FaultList, type Fault } from './faults.ts'
import { SeenKeys, type SeenBlocks } from './seen.ts'
import { pathText } from './tree-path.ts'
import { TreeWalk } from './walk.ts'

export type CheckOptions = {
  readonly depth: VerifyDepth
  readonly signal?: AbortSignal | undefined
  /** Requests made before the first of them is answered. Default 255. */
  readonly concurrency?: number
  /** At most ten times a second. */
  readonly onProgress?: (snapshot: VerifySnapshot) => void
  /** What earlier looks at the same store found. */
  readonly seen?: SeenBlocks
  /** Subtrees that earlier walks in this same look found whole; those of this walk are added. */
  readonly wholeTrees?: SeenKeys
  /** Told of every leaf of data that was asked for and found. */
  readonly onFound?: (score: Score, lengthBytes: number) => void
}

export type TreeCheck = {
  /** Everything below the root was found, and makes sense. */
  readonly ok: boolean
  /** Different blocks (score and type) reached, the root included, and how many of them were found. */
  readonly blocks: number
  readonly good: number
  readonly bytes: number
  /** Of the good ones, those that an earlier look found and this one did not ask for. */
  readonly earlier: number
  readonly faults: readonly Fault[]
  readonly problems: readonly TreeProblem[]
  /** Faults and problems beyond the ones listed. */
  readonly unlisted: number
  /** Blocks that lead to others and are not to be had: what is below them is not known. */
  readonly unwalked: number
  /** Names met; what several directories share is counted once. */
  readonly files: number
  readonly directories: number
  readonly cancelled: boolean
  readonly warnings: readonly string[]
}

/** As many as one connection has tags for: a question takes less time than a round trip, even on one machine. */
const defaultConcurrency = 255
const progressMs = 100

const kinds: readonly (readonly [type: number, name: string])[] = [
  [wireData, 'a block of data'],
  [wireDirectory, 'a directory block'],
  ...[3, 4, 5, 6, 7, 8, 9].map((type) => [type, 'a pointer block'] as const),
]

/** A score of another kind of block is a mistake of whoever gave it, not a fault of the store. */
async function refuseOtherType(store: BlockStore, score: Score): Promise<void> {
  for (const [type, name] of kinds) {
    const found = await store.read(score, type, maxLumpBytes).then(
      () => true,
      (error: unknown) => {
        if (faultKind(asAppError(error)) === null) throw error
        return false
      },
    )
    if (!found) continue
    const text = `${store.name} has ${maskScore(score)} as ${name}, not as the root of an archive: give the score that vac or fossil printed`
    throw new AppError('not-a-tree', text)
  }
}

function warningsOf(unwalked: number, zeroMeta: number): readonly string[] {
  const warnings: string[] = []
  if (unwalked > 0) {
    const what = unwalked === 1 ? 'a block that leads' : `${unwalked} blocks that lead`
    warnings.push(`${what} to others cannot be read: what is below is not known, and may be missing too`)
  }
  if (zeroMeta > 0) {
    warnings.push(
      `${countOf(zeroMeta, 'block')} of names hold nothing but zeros: names there were lost before the archive`,
    )
  }
  return warnings
}

/** Rejects with not-a-tree, and with a code of the client when the store itself fails. */
export async function verifyTree(store: BlockStore, root: RootScore, options: CheckOptions): Promise<TreeCheck> {
  const { depth, signal, onProgress, seen, onFound, wholeTrees = new SeenKeys() } = options
  const faults = new FaultList()
  const reader = new BlockReader(store, depth, faults, {
    ...(seen === undefined ? {} : { seen }),
    ...(onFound === undefined ? {} : { onFound }),
  })
  const metBefore = reader.seen.count
  const walk = new TreeWalk(reader, faults, options.concurrency ?? defaultConcurrency, wholeTrees)
  const startMs = performance.now()
  const show = (): void => {
    const checked = reader.good + faults.blockCount
    const seconds = (performance.now() - startMs) / 1000
    onProgress?.({
      known: reader.seen.count - metBefore,
      checked,
      faults: faults.count,
      // Of what was asked for: what an earlier look found costs no time.
      blocksPerSecond: seconds > 0 ? Math.round((checked - reader.earlier) / seconds) : 0,
      path: pathText(walk.at),
    })
  }
  const timer = onProgress === undefined ? null : setInterval(show, progressMs)
  const onAbort = (): void => walk.stop(cancelledError())
  signal?.addEventListener('abort', onAbort)
  let cancelled = signal?.aborted === true
  try {
    if (!cancelled) await walk.run(root)
  } catch (thrown) {
    const error = asAppError(thrown)
    cancelled = signal?.aborted === true
    if (error.code === 'bad-tree') faults.problem(walk.at, error.message)
    else if (!cancelled) throw error
  } finally {
    if (timer !== null) clearInterval(timer)
    signal?.removeEventListener('abort', onAbort)
  }
  show()
  const rootScore = root as string as Score
  if (!cancelled && reader.seen.state(rootScore, wireRoot) === 'missing') await refuseOtherType(store, rootScore)
  return {
    ok: reader.good > 0 && faults.count === 0 && faults.unwalked === 0 && !cancelled,
    blocks: reader.seen.count - metBefore,
    good: reader.good,
    bytes: reader.bytes,
    earlier: reader.earlier,
    faults: faults.faults,
    problems: faults.problems,
    unlisted: faults.unlisted + faults.unlistedProblems,
    unwalked: faults.unwalked,
    files: walk.counts.files,
    directories: walk.counts.directories,
    cancelled,
    warnings: warningsOf(faults.unwalked, walk.zeroMetaBlocks),
  }
}
