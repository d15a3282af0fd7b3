// What several looks at one target share: the leaves found so far, kept in memory from look to look and in the state folder
// for the run after an interruption. Only leaves of data are spared a second question; whatever leads to other blocks
// is read in every look, so the root of trust stays the score that was asked for.

import { asAppError } from '../../../shared/errors.ts'
import type { RootScore, Score } from '../../../shared/model/score.ts'
import type { VerifyDepth } from '../../../shared/model/verify.ts'
import { toHex } from '../bytes/hex.ts'
import { sweepUnfinished, UnfinishedCheck } from '../state/unfinished-check.ts'
import { wireData, wireRoot } from '../venti/format/block-type.ts'
import { scoreBytes } from '../venti/format/constants.ts'
import { faultKind } from './block-reader.ts'
import { SeenBlocks } from './seen.ts'
import type { TargetStore } from './target-store.ts'

/** Of what the interrupted check found; asked for again before any of it is believed. */
const sampled = 64

type Leaf = { readonly score: Score; readonly lengthBytes: number }

export type LooksOptions = {
  readonly root: RootScore
  readonly dial: string
  readonly depth: VerifyDepth
  /** Null: nothing is kept between runs. */
  readonly stateDir: string | null
  /** Forgets what an interrupted check found. */
  readonly fromStart: boolean
  readonly now: Date
  readonly warn: (line: string) => void
}

export class Looks {
  /** When the check was begun that this one goes on with. */
  readonly since: Date | null
  readonly seen: SeenBlocks
  readonly #unfinished: UnfinishedCheck | null
  #looks = 0

  private constructor(seen: SeenBlocks, unfinished: UnfinishedCheck | null, since: Date | null) {
    this.seen = seen
    this.#unfinished = unfinished
    this.since = since
  }

  static async begin(target: TargetStore, options: LooksOptions): Promise<Looks> {
    const { root, dial, depth, stateDir, fromStart, now, warn } = options
    if (stateDir === null) return new Looks(new SeenBlocks(), null, null)
    await sweepUnfinished(stateDir, now)
    const unfinished = new UnfinishedCheck(stateDir, { root, dial, depth }, now, warn)
    const seen = new SeenBlocks()
    const sample = new Sample()
    const state = depth === 'full' ? 'good' : 'present'
    const since = fromStart
      ? null
      : await unfinished.load(now, ({ bytes, at, lengthBytes }) => {
          seen.addEarlier(bytes, at, wireData, state, lengthBytes)
          sample.offer(bytes, at, lengthBytes)
        })
    if (since !== null && sample.leaves.length > 0) {
      if (await areAllThere(target, root, sample.leaves, depth)) return new Looks(seen, unfinished, since)
      warn(`${dial} lacks blocks that it had when the check was interrupted: the check begins again`)
    }
    await unfinished.discard()
    return new Looks(new SeenBlocks(), unfinished, null)
  }

  /** Before each walk. */
  next(): void {
    if (this.#looks > 0) this.seen.lookAgain()
    this.#looks++
  }

  found(score: Score, lengthBytes: number): void {
    this.#unfinished?.note(score, lengthBytes)
  }

  async end(isFinished: boolean): Promise<void> {
    if (isFinished) await this.#unfinished?.discard()
    else await this.#unfinished?.keep()
  }
}

/** Any so many of a stream of unknown length, each with the same chance. */
class Sample {
  readonly leaves: Leaf[] = []
  #offered = 0

  offer(bytes: Uint8Array, at: number, lengthBytes: number): void {
    this.#offered++
    const place = this.leaves.length < sampled ? this.leaves.length : Math.floor(Math.random() * this.#offered)
    if (place >= sampled) return
    this.leaves[place] = { score: toHex(bytes.subarray(at, at + scoreBytes)) as Score, lengthBytes }
  }
}

async function areAllThere(
  target: TargetStore,
  root: RootScore,
  leaves: readonly Leaf[],
  depth: VerifyDepth,
): Promise<boolean> {
  const has = async ({ score, lengthBytes }: Leaf): Promise<boolean> => {
    try {
      if (depth === 'full') return (await target.read(score, wireData)).length === lengthBytes
      return (await target.probe(score, wireData)) === lengthBytes
    } catch (thrown) {
      if (faultKind(asAppError(thrown)) === null) throw thrown
      return false
    }
  }
  try {
    // Probes are believed of a server only after it gave a block that can be asked for both ways.
    await target.read(root as string as Score, wireRoot)
  } catch (thrown) {
    if (faultKind(asAppError(thrown)) === null) throw thrown
    return false
  }
  return (await Promise.all(leaves.map(has))).every(Boolean)
}
