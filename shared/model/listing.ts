// What `ls` found in an archive on a venti: JSON-safe; `ls --json` prints a TreeListing as it is. The root score is masked
// (R10).

import type { TreeProblem } from './verify.ts'

export type ListedFile = {
  /** From what was listed; for a file by itself its name. As stored: escape it before it is shown. */
  readonly path: string
  readonly kind: 'directory' | 'file' | 'symlink' | 'device' | 'pipe'
  /** As ls of Plan 9 shows them: d-rwxr-xr-x. */
  readonly letters: string
  /** Permissions, octal. */
  readonly mode: string
  readonly uid: string
  readonly gid: string
  /** Who changed it last. */
  readonly mid: string
  /** 0 for directories. */
  readonly size: number
  /** Seconds since 1970. */
  readonly mtime: number
}

export type TreeListing = {
  readonly root: string
  readonly path: string
  readonly entries: readonly ListedFile[]
  readonly problems: readonly TreeProblem[]
  /** There is more than a document should hold. */
  readonly isCut: boolean
}
