// sync --dry-run: what a sync would do, without doing any of it.

import { asAppError } from '../../../shared/errors.ts'
import type { SyncPlan, TargetPlan } from '../../../shared/model/run.ts'
import { connectVenti, type VentiClient } from '../venti/client/client.ts'
import type { Dial } from '../venti/client/dial.ts'
import { clumpHeaderBytes } from '../venti/format/clump.ts'
import { clumpInfoBytes } from '../venti/format/clump-info.ts'
import type { ClaimOutcome } from './bookkeeping.ts'
import { tryClaim, type ClaimVerdict } from './claim-trial.ts'
import { DamageBook } from './damage-book.ts'
import { foretellBookkeeping } from './finish-bookkeeping.ts'
import { planTarget } from './plan.ts'
import { cursorsOf, withPrepared, type Prepared, type SyncOptions } from './prepare.ts'
import { reportDamage } from './report-damage.ts'
import { freeBytesOf, refuseSourceServer } from './same-server.ts'
import { probesWork } from './take-over.ts'

type Planned = { readonly plan: TargetPlan; readonly claim: ClaimOutcome | null; readonly note: string | null }

/** As the sync would try it, with nothing taken over in the end. */
async function claimFor(
  options: SyncOptions,
  prepared: Prepared,
  client: VentiClient,
  dial: string,
): Promise<ClaimVerdict | null> {
  const { bookkeeping, mirror, view } = prepared
  const claim = bookkeeping?.claim ?? null
  if (claim === null || bookkeeping?.dial !== dial || options.audit === true) return null
  const trial = {
    claim,
    dial,
    cursors: mirror.targets.find((target) => target.dial === dial)?.cursors ?? {},
    damage: [...mirror.damage.map(({ damage }) => damage), ...view.damage],
    isDoubted: mirror.bookkeeping?.doubted === dial,
    random: options.random ?? Math.random,
  }
  return await tryClaim(trial, client, await probesWork(client))
}

async function planOne(options: SyncOptions, prepared: Prepared, dial: Dial): Promise<Planned> {
  const own = options.audit === true ? {} : cursorsOf(prepared.mirror, dial)
  let verdict: ClaimVerdict | null = null
  let freeBytes: number | null = null
  let error: string | null = null
  try {
    const { connectTimeoutMs, signal } = options
    const client = await connectVenti(dial, { signal, ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }) })
    try {
      await refuseSourceServer(prepared.view, client, dial.text, options)
      freeBytes = freeBytesOf(client)
      verdict = await claimFor(options, prepared, client, dial.text)
    } finally {
      await client.close()
    }
  } catch (thrown) {
    error = asAppError(thrown).message
  }
  const plan = planTarget(prepared.view.arenas, verdict?.kind === 'taken' ? { ...own, ...verdict.cursors } : own)
  // Header and directory entry of each clump; compression at the target can only make it less.
  const needed = plan.bytes + plan.blocks * (clumpHeaderBytes + clumpInfoBytes)
  const fits = freeBytes === null ? null : needed <= freeBytes
  return {
    plan: { dial: dial.text, error, ...plan, freeBytes, fits },
    claim: verdict?.outcome ?? null,
    note: verdict?.note ?? null,
  }
}

/** What a sync would do. Reads the source and greets the targets; writes nothing anywhere. */
export async function planSync(options: SyncOptions): Promise<SyncPlan> {
  const began = performance.now()
  return await withPrepared(options, false, async (prepared) => {
    const { view, mirror } = prepared
    const planned = await Promise.all(
      prepared.dials.map(async (dial) => await planOne(prepared.options, prepared, dial)),
    )
    const claim = planned.find((one) => one.claim !== null)?.claim ?? null
    const notes = planned.flatMap(({ note }) => (note === null ? [] : [note]))
    const { bookkeeping, sourceServer, dials } = prepared
    const book = new DamageBook(mirror.damage)
    for (const one of [...view.damage, ...view.arenas.flatMap((arena) => arena.damage)]) book.found(one, [], '')
    return {
      dryRun: true,
      mirror: mirror.name,
      source: view.spec,
      targets: planned.map((one) => one.plan),
      damage: book.all().map(reportDamage),
      bookkeeping: bookkeeping === null ? null : foretellBookkeeping(bookkeeping, view, dials, claim),
      sourceServer,
      warnings: [...prepared.warnings, ...notes],
      bytesRead: view.count.bytes,
      durationMs: Math.round(performance.now() - began),
    }
  })
}
