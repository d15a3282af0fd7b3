// What `recover` found and what brings the files back; `recover --json` prints a RecoverResult as it is. Its commands hold
// the root score in full, which is what they are asked for; the verification in it masks the score as always (R10).

import type { VerifyResult } from './verify.ts'

/** How an archive becomes files again. */
export type RestoreWay =
  /** fossil/flfmt -v makes a fossil of it. */
  | { readonly kind: 'fossil'; readonly blockSize: number }
  /** Only as files, those of the directory `under`: flfmt does not take it, or fossil not what comes of it. */
  | { readonly kind: 'files'; readonly under: '' | '/active'; readonly why: string }

export type RecoverCommands = {
  /** For rc on the Plan 9 machine, in order. */
  readonly plan9: readonly string[]
  /** For this computer. */
  readonly here: readonly string[]
  readonly notes: readonly string[]
}

export type RecoverResult = {
  readonly verified: VerifyResult
  /** Null unless the whole tree was read back and is good. */
  readonly way: RestoreWay | null
  readonly commands: RecoverCommands | null
}
