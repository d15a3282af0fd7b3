// Errors between threads: as what an AppError is made of, because threads drop the rest.

import { AppError, asAppError, type ErrorCode, type ErrorData } from './errors.ts'
import { isErrorCode } from './text/explain-error.ts'

export type SentError = { readonly code: string; readonly message: string; readonly data: ErrorData }

export function sentError(thrown: unknown): SentError {
  const { code, message, data } = asAppError(thrown)
  return { code, message, data }
}

export function receivedError({ code, message, data }: SentError): AppError {
  const known: ErrorCode = isErrorCode(code) ? code : 'bug'
  return new AppError(known, message, { data })
}
