// What a request rejects with: the problem in three sentences, as the service explained it.

import type { Problem } from '../shared/model/window.ts'

export class ServiceError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.happened)
    this.name = 'ServiceError'
    this.problem = problem
  }
}

/** Whatever a request rejected with, as a problem to show. */
export function problemFrom(thrown: unknown): Problem {
  if (thrown instanceof ServiceError) return thrown.problem
  const happened = thrown instanceof Error ? thrown.message : String(thrown)
  return {
    code: 'bug',
    happened,
    safe: 'Nothing was changed that was not shown.',
    next: 'Reload the page. If it happens again, please report it.',
  }
}
