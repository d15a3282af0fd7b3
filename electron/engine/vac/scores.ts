// Scores inside tree blocks. Both spellings of "nothing here" (SHA-1 of the empty block, and 20 zero bytes) become null,
// so that nobody asks a server for either (vac-and-fossil.md 3).

import { zeroScore, type Score } from '../../../shared/model/score.ts'
import { toHex } from '../bytes/hex.ts'
import { scoreBytes } from '../venti/format/constants.ts'

const nullScore = '0'.repeat(2 * scoreBytes)

/** The score at `at`, or null where it stands for an empty block. */
export function scoreAt(bytes: Uint8Array, at: number): Score | null {
  const score = toHex(bytes.subarray(at, at + scoreBytes))
  return score === zeroScore || score === nullScore ? null : (score as Score)
}
