// Threads of the service for what keeps a processor busy: each runs one thing to its end, so that the service's own loop
// answers at once whatever is copied. Errors cross as what an AppError is made of: threads drop the rest.

import { Worker } from 'node:worker_threads'
import { AppError, asAppError, type ErrorCode, type ErrorData } from '../../shared/errors.ts'
import { isErrorCode } from '../../shared/text/explain-error.ts'

export type SentError = { readonly code: string; readonly message: string; readonly data: ErrorData }

export function sentError(thrown: unknown): SentError {
  const { code, message, data } = asAppError(thrown)
  return { code, message, data }
}

export function receivedError({ code, message, data }: SentError): AppError {
  const known: ErrorCode = isErrorCode(code) ? code : 'bug'
  return new AppError(known, message, { data })
}

/** Where the threads of a service come from: the program that worker.js is. */
export type ThreadRole = 'service' | 'sync' | 'store'

export type Thread<Out> = {
  send(message: Out): void
  /** Resolves when the thread is gone, however that came. */
  readonly gone: Promise<void>
}

export function startThread<Out>(
  path: string,
  role: ThreadRole,
  data: object,
  onMessage: (message: never) => void,
): Thread<Out> {
  const worker = new Worker(path, { workerData: { role, ...data }, name: role })
  worker.on('message', onMessage as (message: unknown) => void)
  const gone = new Promise<void>((resolve) => {
    // An exit follows an error.
    worker.on('error', () => undefined)
    worker.on('exit', () => resolve())
  })
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of our own, not a window
    send: (message) => worker.postMessage(message),
    gone,
  }
}
