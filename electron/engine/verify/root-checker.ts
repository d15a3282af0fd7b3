// Which of many roots are whole on one target. Archives share most of their blocks, and a root of fossil holds all earlier
// ones: a subtree that was found whole under one root is not walked again under the next, so the newest go first. As soon as
// a root has a fault nothing of that is believed any more, except that its leaves were found.

import { asAppError } from '../../../shared/errors.ts'
import type { RootOnTarget } from '../../../shared/model/bookkeeping.ts'
import { maskScore, type RootScore } from '../../../shared/model/score.ts'
import type { VerifySnapshot } from '../../../shared/model/verify.ts'
import { verifyTree, type TreeCheck } from './check.ts'
import { SeenBlocks, SeenKeys } from './seen.ts'
import type { TargetStore } from './target-store.ts'

export type RootCheckerOptions = {
  readonly signal?: AbortSignal | undefined
  /** `root` is masked (R10); roots are counted from 1. */
  readonly onProgress?: (snapshot: VerifySnapshot, root: string, number: number) => void
}

function onTargetOf(check: TreeCheck): RootOnTarget {
  const { ok, faults, problems, unlisted, unwalked } = check
  const of = (kind: 'missing' | 'corrupt'): number => faults.filter((fault) => fault.kind === kind).length
  const [problem] = problems
  return {
    complete: ok,
    missing: of('missing') + unlisted,
    corrupt: of('corrupt'),
    isKnownBelow: unwalked === 0,
    problem: problem === undefined ? null : `${problem.path}: ${problem.message}`,
  }
}

export class RootChecker {
  readonly #target: TargetStore
  readonly #options: RootCheckerOptions
  readonly #results = new Map<RootScore, RootOnTarget>()
  readonly #seen = new SeenBlocks()
  #wholeTrees = new SeenKeys()

  constructor(target: TargetStore, options: RootCheckerOptions = {}) {
    this.#target = target
    this.#options = options
  }

  /** Null when interrupted. Rejects when the target itself fails. */
  async check(root: RootScore): Promise<RootOnTarget | null> {
    const known = this.#results.get(root)
    if (known !== undefined) return known
    const result = await this.#walk(root)
    if (result !== null) this.#results.set(root, result)
    return result
  }

  async #walk(root: RootScore): Promise<RootOnTarget | null> {
    const { signal, onProgress } = this.#options
    const number = this.#results.size + 1
    let result: RootOnTarget
    try {
      const check = await verifyTree(this.#target, root, {
        depth: 'present',
        signal,
        seen: this.#seen,
        wholeTrees: this.#wholeTrees,
        ...(onProgress === undefined
          ? {}
          : { onProgress: (snapshot) => onProgress(snapshot, maskScore(root), number) }),
      })
      if (check.cancelled) return null
      result = onTargetOf(check)
    } catch (thrown) {
      const error = asAppError(thrown)
      if (error.code !== 'not-a-tree') throw error
      result = { complete: false, missing: 0, corrupt: 0, isKnownBelow: false, problem: error.message }
    }
    if (!result.complete) {
      this.#wholeTrees = new SeenKeys()
      this.#seen.lookAgain()
    }
    return result
  }
}
