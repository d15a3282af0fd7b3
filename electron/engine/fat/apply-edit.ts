// Makes a planned edit on the disk: compares with what was examined, keeps a backup, writes sector by sector with the plan's
// flushes, reads everything back. It never tries a failed write or flush again: after a failed flush nobody knows what the
// disk holds, and saying so is worth more than a second try that seems to work (R6, plan9-disks.md 3.6).

import { AppError, asAppError, cancelledError } from '../../../shared/errors.ts'
import { hexNumber } from '../bytes/hex.ts'
import { backupSteps, sectorsOf, type BackupStep } from './backup.ts'
import type { EditPlan, PlannedFile } from './edit.ts'
import type { WritableRegion } from './region.ts'
import { openVolume } from './volume.ts'

export type ApplyOptions = {
  /** Called once before the first write, with what the edit will replace; what it resolves to names the backup. */
  readonly saveBackup: (steps: readonly BackupStep[]) => Promise<string>
  /** Called when nothing was written after all: the backup of nothing would be in the way of one that can be put back. */
  readonly discardBackup: (id: string) => Promise<void>
  /** Heeded until the first write; from there on the edit is finished, which takes milliseconds. */
  readonly signal?: AbortSignal
}

const newline = 0x0a
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

async function readSector(region: WritableRegion, plan: EditPlan, sector: number): Promise<Uint8Array> {
  return await region.read(sector * plan.sectorBytes, plan.sectorBytes)
}

type Sectors = ReadonlyMap<number, Uint8Array>

async function requireUnchanged(region: WritableRegion, plan: EditPlan, known: Sectors): Promise<void> {
  for (const [sector, examined] of known) {
    if (same(await readSector(region, plan, sector), examined)) continue
    throw new AppError(
      'changed-9fat',
      `${region.name}: sector ${hexNumber(sector)} changed between being read and being written: somebody else writes to this 9fat. Nothing was written`,
      { data: { sector } },
    )
  }
}

function withoutBlankEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === newline) end--
  return bytes.subarray(0, end)
}

/** As a stranger would read it: through the FAT and the directory as they are on the disk now. */
async function readBack(region: WritableRegion, name: string): Promise<Uint8Array | null> {
  const volume = await openVolume(region, { load: [], walk: false })
  const reading = await volume.examineFile(name)
  if (reading !== null && !reading.isComplete)
    throw new AppError('write-9fat', `${name} cannot be read back: ${reading.problems.join('; ')}`)
  return reading?.bytes ?? null
}

/** After a failure: which text a file has now, in words. Never throws and never shows the text. */
async function describeFile(region: WritableRegion, file: PlannedFile): Promise<string> {
  try {
    const now = await readBack(region, file.name)
    if (now === null) return file.before === null ? `${file.name} is not there yet` : `${file.name} is gone`
    if (same(now, file.after)) return `${file.name} has its new text`
    if (file.before !== null && same(withoutBlankEnd(now), withoutBlankEnd(file.before)))
      return `${file.name} still has its old text`
    return `${file.name} has neither its old nor its new text`
  } catch {
    return `what ${file.name} holds now cannot be read`
  }
}

async function failure(
  region: WritableRegion,
  plan: EditPlan,
  { what, cause, backup }: { what: string; cause: unknown; backup: string },
): Promise<AppError> {
  const files: string[] = []
  for (const file of plan.files) files.push(await describeFile(region, file))
  const state = files.length === 0 ? '' : ` As far as it can be read now, ${files.join(', ')}.`
  return new AppError(
    'write-9fat',
    `${region.name}: ${what}: ${asAppError(cause).message}.${state} The next run finishes what was begun; the sectors as they were are kept as backup ${backup}`,
    { cause, data: { backup } },
  )
}

/** Every sector that was written, then every file. */
async function requireAsPlanned(region: WritableRegion, plan: EditPlan): Promise<void> {
  const last = new Map<number, Uint8Array>()
  for (const step of plan.steps) if (step.kind === 'write') last.set(step.sector, step.bytes)
  for (const [sector, bytes] of last) {
    if (!same(await readSector(region, plan, sector), bytes))
      throw new AppError('write-9fat', `sector ${hexNumber(sector)} does not hold what was written to it`)
  }
  for (const { name, after } of plan.files) {
    const now = await readBack(region, name)
    if (now === null || !same(now, after)) throw new AppError('write-9fat', `${name} does not read back as written`)
  }
}

async function write(region: WritableRegion, plan: EditPlan, backup: string): Promise<void> {
  let what = ''
  let isBegun = false
  try {
    for (const step of plan.steps) {
      what =
        step.kind === 'flush' ? 'flushing failed' : `writing sector ${hexNumber(step.sector)} (${step.what}) failed`
      if (step.kind === 'flush') await region.flush()
      else await region.write(step.sector * plan.sectorBytes, step.bytes)
      isBegun = true
    }
    what = 'flushing failed'
    if (plan.steps.at(-1)!.kind !== 'flush') await region.flush()
    what = 'reading back after the edit failed'
    await requireAsPlanned(region, plan)
  } catch (cause) {
    // Refused by the system as a whole: the disk is as it was, and not in doubt.
    if (!isBegun && cause instanceof AppError && cause.code === 'mounted-9fat') throw cause
    throw await failure(region, plan, { what, cause, backup })
  }
}

/** Returns the backup's id; null when the plan has nothing to write. */
export async function applyEdit(
  region: WritableRegion,
  plan: EditPlan,
  { saveBackup, discardBackup, signal }: ApplyOptions,
): Promise<string | null> {
  if (plan.steps.length === 0) return null
  const known = new Map(plan.examined)
  for (const sector of sectorsOf(plan.steps))
    if (!known.has(sector)) known.set(sector, await readSector(region, plan, sector))
  await requireUnchanged(region, plan, known)
  if (signal?.aborted === true) throw cancelledError()
  const backup = await saveBackup(backupSteps(plan.steps, (sector) => known.get(sector)!))
  try {
    // Again, because saving took its time, and what the backup holds must be what is replaced.
    await requireUnchanged(region, plan, known)
    await write(region, plan, backup)
  } catch (error) {
    const nothingWritten = error instanceof AppError && ['changed-9fat', 'mounted-9fat'].includes(error.code)
    if (nothingWritten) await discardBackup(backup)
    throw error
  }
  return backup
}
