// The root that matters, checked on one target after a sync: what was found, and whether waiting can make it whole.

import { asAppError } from '../../../shared/errors.ts'
import type { VerifiedTarget } from '../../../shared/model/run.ts'
import { maskScore, type RootScore } from '../../../shared/model/score.ts'
import type { FaultyBlock, VerifyResult, VerifySnapshot } from '../../../shared/model/verify.ts'
import { countOf } from '../../../shared/text/format.ts'
import type { SyncOptions } from '../sync/prepare.ts'
import { parseDial } from '../venti/client/dial.ts'
import { apiTypeOf, wireRoot } from '../venti/format/block-type.ts'
import { isOnItsWay } from './on-its-way.ts'
import { runVerify } from './run-verify.ts'

export type RootToCheck = {
  readonly root: RootScore
  /** Where it comes from, in words. */
  readonly from: string
}

export type TargetCheck = {
  readonly verified: VerifiedTarget
  /** The blocks that it lacks, in words, if it lacks nothing but blocks that are on their way. */
  readonly awaited: string | null
  /** The target, or the source, failed in the middle: nobody knows what is there. */
  readonly failed: boolean
}

export type CheckSyncedOptions = SyncOptions & {
  readonly onVerifyProgress?: (snapshot: VerifySnapshot) => void
}

const faultsOf = ({ missing, corrupt }: VerifyResult): readonly FaultyBlock[] => [...missing, ...corrupt]
const isRoot = ({ type }: FaultyBlock): boolean => type === apiTypeOf(wireRoot)

function problemOf(result: VerifyResult): string | null {
  if (result.ok) return null
  if (result.cancelled) return 'interrupted, not verified'
  const root = faultsOf(result).find(isRoot)
  const flush =
    'have its venti write what is new to disk (--source-venti, --flush-source), and sync again, or let it --wait'
  if (root?.reason === 'not-on-disk-yet') return `the root block is not on the disk of the source yet: ${flush}`
  if (root?.reason === 'nowhere') {
    return `the root block is in no arena of the source; if it is new, it is not on disk there yet: ${flush}`
  }
  const [problem] = result.problems
  if (problem !== undefined) return `${problem.path}: ${problem.message}`
  const [fault] = faultsOf(result)
  return fault === undefined ? 'not all of it could be looked at' : `${fault.path}: ${fault.reason}`
}

function awaitedBlocks(result: VerifyResult, root: RootScore, serverNamed: boolean): string | null {
  const faults = faultsOf(result)
  if (result.ok || result.cancelled || result.problems.length > 0 || faults.length === 0) return null
  if (!faults.every(({ reason }) => isOnItsWay(reason, serverNamed))) return null
  const shown = maskScore(root)
  return faults.some(isRoot)
    ? `the root block ${shown}`
    : `${countOf(faults.length + result.unlisted, 'block')} of ${shown}`
}

/** Never rejects: what could not be checked is a problem of that target. */
export async function checkSynced(
  dial: string,
  { root, from }: RootToCheck,
  source: string,
  options: CheckSyncedOptions,
): Promise<TargetCheck> {
  const { stateDir, environment, signal, sourceVenti, mirrorName, onVerifyProgress } = options
  const { connectTimeoutMs, replyTimeoutMs } = options
  const base = { dial, root: maskScore(root), from }
  try {
    const result = await runVerify({
      root,
      dial: parseDial(dial, environment),
      depth: 'present',
      source,
      sourceVenti: sourceVenti ?? null,
      stateDir,
      // Its own log, where other mirrors have the same source and target.
      ...(mirrorName === undefined ? {} : { mirrorName }),
      connection: {
        ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
        ...(replyTimeoutMs === undefined ? {} : { replyTimeoutMs }),
      },
      environment,
      signal,
      ...(onVerifyProgress === undefined ? {} : { onProgress: onVerifyProgress }),
    })
    const { ok, blocks, missing, corrupt } = result
    return {
      verified: {
        ...base,
        ok,
        blocks,
        missing: missing.length,
        corrupt: corrupt.length,
        rootReason: faultsOf(result).find(isRoot)?.reason ?? null,
        problem: problemOf(result),
      },
      awaited: awaitedBlocks(result, root, sourceVenti !== undefined),
      failed: false,
    }
  } catch (thrown) {
    const { message } = asAppError(thrown)
    return {
      verified: { ...base, ok: false, blocks: 0, missing: 0, corrupt: 0, rootReason: null, problem: message },
      awaited: null,
      failed: true,
    }
  }
}
