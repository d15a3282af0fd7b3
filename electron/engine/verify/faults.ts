// What a walk finds wrong. Listed up to a bound (R9), counted beyond it.

import { maskScore, type Score } from '../../../shared/model/score.ts'
import type { FaultyBlock, TreeProblem } from '../../../shared/model/verify.ts'
import { apiTypeOf, wireRoot } from '../venti/format/block-type.ts'
import { pathText, type TreePath } from './tree-path.ts'

/** A block that is not there, or cannot be given back. */
export type Fault = {
  readonly score: Score
  /** Wire code. */
  readonly type: number
  readonly kind: 'missing' | 'corrupt'
  readonly path: string
  /** What the server said, beyond "no block". */
  readonly detail: string | null
}

const maxFaults = 10_000
const maxProblems = 1000

export class FaultList {
  readonly #faults = new Map<string, Fault>()
  readonly #problems: TreeProblem[] = []
  /** Faults beyond the ones kept. */
  unlisted = 0
  unlistedProblems = 0
  /** Interior blocks among the faults: nobody knows what is below them. */
  unwalked = 0

  get faults(): readonly Fault[] {
    return [...this.#faults.values()]
  }

  get problems(): readonly TreeProblem[] {
    return this.#problems
  }

  get count(): number {
    return this.#faults.size + this.unlisted + this.#problems.length + this.unlistedProblems
  }

  get blockCount(): number {
    return this.#faults.size + this.unlisted
  }

  add(fault: Omit<Fault, 'path'>, path: TreePath): void {
    const key = `${fault.score}/${fault.type}`
    if (this.#faults.size >= maxFaults && !this.#faults.has(key)) this.unlisted++
    else this.#faults.set(key, { ...fault, path: pathText(path) })
  }

  problem(path: TreePath, message: string): void {
    if (this.#problems.length >= maxProblems) this.unlistedProblems++
    else this.#problems.push({ path: pathText(path), message })
  }
}

/** As a report shows it before anybody looked into the source. */
export function faultyBlock(fault: Fault, showScores: boolean): FaultyBlock {
  const { score, type, path, detail } = fault
  return {
    score: type === wireRoot && !showScores ? maskScore(score) : score,
    type: apiTypeOf(type),
    path,
    arena: null,
    offset: null,
    reason: 'unknown',
    detail,
    repaired: false,
  }
}
