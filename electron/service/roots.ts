// Root scores by id (R10): the window gets them masked, and in full only where it asks for one by name of its id.

import { randomUUID } from 'node:crypto'
import { AppError } from '../../shared/errors.ts'
import type { RootScore } from '../../shared/model/score.ts'
import type { RootId } from '../../shared/model/window.ts'

export class RootBook {
  readonly #scores = new Map<RootId, RootScore>()
  readonly #ids = new Map<RootScore, RootId>()

  idOf(score: RootScore): RootId {
    const id = this.#ids.get(score) ?? (randomUUID() as string as RootId)
    this.#ids.set(score, id)
    this.#scores.set(id, score)
    return id
  }

  /** Rejects with usage. */
  scoreOf(id: RootId): RootScore {
    const score = this.#scores.get(id)
    if (score !== undefined) return score
    throw new AppError('usage', 'this root is not known in this session', {
      data: { safe: 'Nothing was asked of any venti.', next: 'List the roots again, or paste the score.' },
    })
  }
}
