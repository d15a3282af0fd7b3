// Checks of our own reasoning: a failure is a bug of this program, never bad input.

import { AppError } from './errors.ts'

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AppError('bug', `internal check failed: ${message}`)
}

export function assertNever(value: never, what: string): never {
  throw new AppError('bug', `internal check failed: unexpected ${what} ${JSON.stringify(value)}`)
}
