// What a command gets from the composition root instead of reaching for the process itself.

import type { Report } from './report.ts'

export type ExitStatus = 0 | 1 | 2 | 3

export type CommandContext = {
  readonly report: Report
  /** Fires on SIGINT, SIGTERM, SIGHUP, and when nobody reads the output any more. */
  readonly signal: AbortSignal
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly now: () => Date
}
