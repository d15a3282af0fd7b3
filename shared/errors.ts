// The one error class of the program and its table of codes. A code says who has to act and whether trying again can
// help; the message names structure, place, expected and found. Words for people live in explain-error.ts.

export type Severity = 'expected' | 'damage' | 'admin' | 'bug'

type CodeTraits = { readonly retriable: boolean; readonly severity: Severity }

export const errorCodes = {
  usage: { retriable: false, severity: 'expected' },
  cancelled: { retriable: false, severity: 'expected' },
  'source-open': { retriable: false, severity: 'admin' },
  'source-read': { retriable: false, severity: 'damage' },
  'not-arena-partition': { retriable: false, severity: 'admin' },
  'bad-config': { retriable: false, severity: 'admin' },
  'wrong-partition': { retriable: false, severity: 'admin' },
  'dial-string': { retriable: false, severity: 'expected' },
  'connect-failed': { retriable: true, severity: 'admin' },
  'connect-timeout': { retriable: true, severity: 'admin' },
  handshake: { retriable: false, severity: 'admin' },
  protocol: { retriable: true, severity: 'admin' },
  'reply-timeout': { retriable: true, severity: 'admin' },
  'connection-lost': { retriable: true, severity: 'admin' },
  'target-full': { retriable: false, severity: 'admin' },
  'target-read-only': { retriable: false, severity: 'admin' },
  'target-refused': { retriable: false, severity: 'admin' },
  'target-is-source': { retriable: false, severity: 'admin' },
  'state-locked': { retriable: true, severity: 'admin' },
  'state-write': { retriable: false, severity: 'admin' },
  'state-missing': { retriable: false, severity: 'expected' },
  'store-open': { retriable: false, severity: 'admin' },
  'store-locked': { retriable: true, severity: 'admin' },
  'store-write': { retriable: false, severity: 'admin' },
  'listen-failed': { retriable: false, severity: 'admin' },
  'file-exists': { retriable: false, severity: 'admin' },
  'no-such-partition': { retriable: false, severity: 'admin' },
  'not-fossil': { retriable: false, severity: 'admin' },
  'not-9fat': { retriable: false, severity: 'admin' },
  'damaged-9fat': { retriable: false, severity: 'damage' },
  'mounted-9fat': { retriable: true, severity: 'admin' },
  'full-9fat': { retriable: false, severity: 'admin' },
  'read-only-9fat': { retriable: false, severity: 'admin' },
  'changed-9fat': { retriable: true, severity: 'admin' },
  'write-9fat': { retriable: false, severity: 'admin' },
  'no-wrcmd': { retriable: false, severity: 'admin' },
  'bad-wrcmd': { retriable: false, severity: 'admin' },
  'no-backup': { retriable: false, severity: 'expected' },
  'no-root': { retriable: false, severity: 'expected' },
  'block-missing': { retriable: false, severity: 'damage' },
  'block-corrupt': { retriable: false, severity: 'damage' },
  'not-a-tree': { retriable: false, severity: 'admin' },
  'bad-tree': { retriable: false, severity: 'damage' },
  'no-such-path': { retriable: false, severity: 'expected' },
  'verify-failed': { retriable: false, severity: 'damage' },
  'extract-refused': { retriable: false, severity: 'admin' },
  'extract-write': { retriable: false, severity: 'admin' },
  'ssh-address': { retriable: false, severity: 'expected' },
  'ssh-host-key': { retriable: false, severity: 'admin' },
  'ssh-login': { retriable: false, severity: 'admin' },
  'ssh-refused': { retriable: false, severity: 'admin' },
  'secret-refused': { retriable: false, severity: 'admin' },
  'update-feed': { retriable: true, severity: 'expected' },
  'decode-failed': { retriable: false, severity: 'damage' },
  bug: { retriable: false, severity: 'bug' },
} as const satisfies Record<string, CodeTraits>

export type ErrorCode = keyof typeof errorCodes

export type ErrorData = Readonly<Record<string, string | number | boolean | null>>

/** The only error class thrown on purpose. `data` is JSON-safe and never holds a root score (R10). */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly data: ErrorData

  constructor(code: ErrorCode, message: string, options: { data?: ErrorData; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.data = options.data ?? {}
  }

  get retriable(): boolean {
    return errorCodes[this.code].retriable
  }

  get severity(): Severity {
    return errorCodes[this.code].severity
  }
}

/** Any thrown value as an AppError; what is not ours is our own mistake until proven otherwise. */
export function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new AppError('bug', message, { cause: error })
}

/** The one form of cancelling: every wait rejects with this once its AbortSignal fires. */
export function cancelledError(): AppError {
  return new AppError('cancelled', 'cancelled')
}
