// The daily workflow in one: a sync, then the root that matters checked on every target that is up to date. Which root that
// is: fossil's last one, else the newest line of rootscor, else the newest root block in the arenas.

import { asAppError } from '../../../shared/errors.ts'
import { exitStatusOf, type SyncResult, type VerifiedSync, type VerifiedTarget } from '../../../shared/model/run.ts'
import { maskScore, zeroScore, type RootScore } from '../../../shared/model/score.ts'
import type { VerifyResult, VerifySnapshot } from '../../../shared/model/verify.ts'
import { newestScoreLine } from '../bookkeeping/rootscor.ts'
import { readNinefat } from '../fat/ninefat.ts'
import { fossilInfoOf } from '../ninefat/collect-roots.ts'
import { findRoots } from '../ninefat/find-roots.ts'
import { runSync } from '../sync/job.ts'
import type { SyncOptions } from '../sync/prepare.ts'
import { openSourceView } from '../sync/source-view.ts'
import { parseDial } from '../venti/client/dial.ts'
import { apiTypeOf, wireRoot } from '../venti/format/block-type.ts'
import { runVerify } from './run-verify.ts'

export type SyncAndVerifyOptions = SyncOptions & {
  readonly onVerifyProgress?: (snapshot: VerifySnapshot) => void
}

type Chosen = { readonly root: RootScore; readonly from: string }

/** Before the sync: an archive made meanwhile is the next run's. Null when it was never archived. */
async function fossilRoot(path: string): Promise<Chosen | null> {
  const { last, isEmpty } = await fossilInfoOf(path)
  return isEmpty ? null : { root: last, from: `the last archive of ${path}` }
}

async function recordedRoot(ninefat: string): Promise<Chosen | null> {
  const { rootscor } = await readNinefat(ninefat)
  const line = newestScoreLine(rootscor.text ?? '')
  if (line === null || (line.score as string) === zeroScore) return null
  return { root: line.score, from: `the newest line of rootscor on ${ninefat}` }
}

async function newestInArenas(source: string, signal: AbortSignal | undefined): Promise<Chosen | null> {
  const view = await openSourceView(source)
  try {
    const newest = (await findRoots(view, signal)).roots[0]
    return newest === undefined ? null : { root: newest.score, from: `the newest root in the arenas of ${source}` }
  } finally {
    await view.close()
  }
}

async function chooseRoot(
  { fossil, signal }: SyncOptions,
  ofFossil: Chosen | null,
  { bookkeeping, source }: SyncResult,
): Promise<Chosen | string> {
  if (fossil !== undefined) return ofFossil ?? `nothing was archived from ${fossil} yet: there is no root to check`
  const recorded = bookkeeping === null ? null : await recordedRoot(bookkeeping.path)
  return recorded ?? (await newestInArenas(source, signal)) ?? `there is no root in the arenas of ${source} to check`
}

function problemOf(result: VerifyResult): string | null {
  if (result.ok) return null
  if (result.cancelled) return 'interrupted, not verified'
  const root = [...result.missing, ...result.corrupt].find(({ type }) => type === apiTypeOf(wireRoot))
  const flush = 'have its venti write what is new to disk (--source-venti, --flush-source), and sync again'
  if (root?.reason === 'not-on-disk-yet') return `the root block is not on the disk of the source yet: ${flush}`
  if (root?.reason === 'nowhere') {
    return `the root block is in no arena of the source; if it is new, it is not on disk there yet: ${flush}`
  }
  const [problem] = result.problems
  if (problem !== undefined) return `${problem.path}: ${problem.message}`
  const [fault] = [...result.missing, ...result.corrupt]
  return fault === undefined ? 'not all of it could be looked at' : `${fault.path}: ${fault.reason}`
}

async function verifyOn(
  dial: string,
  { root, from }: Chosen,
  source: string,
  options: SyncAndVerifyOptions,
): Promise<VerifiedTarget> {
  const { stateDir, environment, signal, sourceVenti, connectTimeoutMs, replyTimeoutMs, onVerifyProgress } = options
  const base = { dial, root: maskScore(root), from }
  try {
    const result = await runVerify({
      root,
      dial: parseDial(dial, environment),
      depth: 'present',
      source,
      sourceVenti: sourceVenti ?? null,
      stateDir,
      connection: {
        ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
        ...(replyTimeoutMs === undefined ? {} : { replyTimeoutMs }),
      },
      environment,
      signal,
      ...(onVerifyProgress === undefined ? {} : { onProgress: onVerifyProgress }),
    })
    const { ok, blocks, missing, corrupt } = result
    return { ...base, ok, blocks, missing: missing.length, corrupt: corrupt.length, problem: problemOf(result) }
  } catch (thrown) {
    return { ...base, ok: false, blocks: 0, missing: 0, corrupt: 0, problem: asAppError(thrown).message }
  }
}

/** Rejects as runSync does, and when the fossil cannot be read; whatever becomes of the check is in the result. */
export async function syncAndVerify(options: SyncAndVerifyOptions): Promise<VerifiedSync> {
  const { fossil } = options
  const ofFossil = fossil === undefined ? null : await fossilRoot(fossil)
  const result = await runSync(options)
  if (exitStatusOf(result) === 1) return { ...result, verified: [] }
  const chosen = await chooseRoot(options, ofFossil, result).catch((thrown: unknown) => asAppError(thrown).message)
  const verified: VerifiedTarget[] = []
  for (const { dial } of result.targets.filter(({ ok }) => ok)) {
    verified.push(
      typeof chosen === 'string'
        ? { dial, root: null, from: null, ok: false, blocks: 0, missing: 0, corrupt: 0, problem: chosen }
        : await verifyOn(dial, chosen, result.source, options),
    )
  }
  return { ...result, verified, cancelled: options.signal?.aborted === true }
}
