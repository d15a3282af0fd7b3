// What the log of checks says of a root: the newest check of it on each target, and whether its whole tree was read back
// from one.

import type { RootScore } from '../../shared/model/score.ts'
import type { VerifyRecord } from '../../shared/model/verify.ts'
import type { RootView } from '../../shared/model/window.ts'
import { isRecordOf } from '../engine/state/verify-log.ts'

/** Interrupted ones say nothing. */
export function checksOf(records: readonly VerifyRecord[], root: RootScore): RootView['checks'] {
  const newest = new Map<string, VerifyRecord>()
  for (const record of records) {
    if (!record.cancelled && isRecordOf(record, root, false)) newest.set(record.dial, record)
  }
  return [...newest.values()].map(({ dial, at, ok, depth, missing, corrupt }) => {
    return { dial, at, ok, depth, missing, corrupt }
  })
}

/** Whether a root can be brought back from a target, as its checks have it. */
export type ReadBack =
  | { readonly kind: 'whole'; readonly at: string }
  /** The newest check found less than all of it. */
  | { readonly kind: 'failed'; readonly at: string }
  | { readonly kind: 'never' }

/** Of this very root: a record that only looks alike is not enough. */
export function readBackOf(records: readonly VerifyRecord[], root: RootScore, dial: string): ReadBack {
  const own = records.filter((one) => one.dial === dial && !one.cancelled && isRecordOf(one, root, true))
  const newest = own.at(-1)
  if (newest?.ok === false) return { kind: 'failed', at: newest.at }
  const full = own.findLast(({ ok, depth }) => ok && depth === 'full')
  return full === undefined ? { kind: 'never' } : { kind: 'whole', at: full.at }
}
