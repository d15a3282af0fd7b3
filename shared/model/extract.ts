// What a restore of files from a venti did: JSON-safe; `extract --json` prints an ExtractResult as it is. The root score is
// masked (R10).

export type ExtractFailure = {
  /** In the archive, from its root. Names are as they are stored: escape them before they are shown. */
  readonly path: string
  readonly reason: string
}

export type ExtractResult = {
  readonly root: string
  /** What was asked for, in the archive. */
  readonly path: string
  readonly folder: string
  /** Written in this run, symbolic links included. */
  readonly files: number
  /** Made or entered, the folder named not counted. */
  readonly directories: number
  /** Sizes of the files written. */
  readonly bytes: number
  /** Files that were there already with the same size, time and content. */
  readonly skipped: number
  readonly failed: readonly ExtractFailure[]
  /** Failures beyond the ones listed. */
  readonly unlisted: number
  /** Restored under the name given here because the stored one is not UTF-8 (a thousand of them at most). */
  readonly renamed: readonly string[]
  readonly durationMs: number
}

export type ExtractSnapshot = Pick<ExtractResult, 'files' | 'directories' | 'bytes' | 'skipped'> & {
  readonly failures: number
  readonly path: string
}
