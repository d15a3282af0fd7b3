// sync --dry-run: what a sync would do, without doing any of it.

import { asAppError } from '../../../shared/errors.ts'
import type { SyncPlan, TargetPlan } from '../../../shared/model/run.ts'
import { connectVenti } from '../venti/client/client.ts'
import type { Dial } from '../venti/client/dial.ts'
import { clumpHeaderBytes } from '../venti/format/clump.ts'
import { clumpInfoBytes } from '../venti/format/clump-info.ts'
import { DamageBook } from './damage-book.ts'
import { planTarget } from './plan.ts'
import { cursorsOf, withPrepared, type Prepared, type SyncOptions } from './prepare.ts'
import { reportDamage } from './report-damage.ts'
import { freeBytesOf, refuseSourceServer } from './same-server.ts'

async function planOne(options: SyncOptions, prepared: Prepared, dial: Dial): Promise<TargetPlan> {
  const cursors = options.audit === true ? {} : cursorsOf(prepared.mirror, dial)
  const plan = planTarget(prepared.view.arenas, cursors)
  let freeBytes: number | null = null
  let error: string | null = null
  try {
    const { connectTimeoutMs, signal } = options
    const client = await connectVenti(dial, { signal, ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }) })
    try {
      await refuseSourceServer(prepared.view, client, dial.text, options)
      freeBytes = freeBytesOf(client)
    } finally {
      await client.close()
    }
  } catch (thrown) {
    error = asAppError(thrown).message
  }
  // Header and directory entry of each clump; compression at the target can only make it less.
  const needed = plan.bytes + plan.blocks * (clumpHeaderBytes + clumpInfoBytes)
  return { dial: dial.text, error, ...plan, freeBytes, fits: freeBytes === null ? null : needed <= freeBytes }
}

/** What a sync would do. Reads the source and greets the targets; writes nothing anywhere. */
export async function planSync(options: SyncOptions): Promise<SyncPlan> {
  const began = performance.now()
  return await withPrepared(options, false, async (prepared) => {
    const { view, mirror } = prepared
    const targets = await Promise.all(prepared.dials.map(async (dial) => await planOne(options, prepared, dial)))
    const book = new DamageBook(mirror.damage)
    for (const one of [...view.damage, ...view.arenas.flatMap((arena) => arena.damage)]) book.found(one, [], '')
    return {
      dryRun: true,
      mirror: mirror.name,
      source: view.spec,
      targets,
      damage: book.all().map(reportDamage),
      warnings: prepared.warnings,
      bytesRead: view.count.bytes,
      durationMs: Math.round(performance.now() - began),
    }
  })
}
