// One change of a 9fat from beginning to end: read, ask what shall be, plan all of it, write it, read it back. Reading goes
// through a BlockSource; only a plan that has something to write opens the region.

import { AppError, cancelledError } from '../../../shared/errors.ts'
import type { BlockSource } from '../source/block-source.ts'
import { applyEdit } from './apply-edit.ts'
import type { BackupStep } from './backup.ts'
import { checkVolume, harmlessFindings } from './check.ts'
import type { EditPlan, FileChange } from './edit.ts'
import { bytesText } from './ninefat-text.ts'
import { planEdit } from './plan-edit.ts'
import type { WritableRegion } from './region.ts'
import { openVolume, type FatVolume } from './volume.ts'

/** A command line of some hundred bytes is expected; more is no wrcmd, and would be split into words. */
const maxWrcmdBytes = 64 * 1024

export type NinefatFile = {
  /** One character per byte; null: there is no such file. What a damaged volume gives is said in `problems`. */
  readonly text: string | null
}

export type NinefatTexts = {
  readonly wrcmd: NinefatFile
  readonly rootscor: NinefatFile
  /** What is wrong with the volume: a change of it may be refused. In words, without any content of a file (R10). */
  readonly problems: readonly string[]
  /** A dirty flag and the like: no reason to refuse. */
  readonly warnings: readonly string[]
}

/** From what is there now (under the lock) to what shall be. An empty list changes nothing. */
export type ChangesFor = (current: NinefatTexts) => readonly FileChange[] | Promise<readonly FileChange[]>

export type VolumeChanged = {
  /** False when every file had its content already: then nothing was opened for writing. */
  readonly written: boolean
  /** Id of the backup; null when nothing was written. */
  readonly backup: string | null
  readonly warnings: readonly string[]
  /** What an interrupted earlier edit had left and this run cleared away. */
  readonly recovered: readonly string[]
}

export type EditVolumeOptions = {
  readonly now: Date
  readonly signal?: AbortSignal | undefined
  readonly openRegion: () => Promise<WritableRegion>
  readonly saveBackup: (region: WritableRegion, plan: EditPlan, steps: readonly BackupStep[]) => Promise<string>
  readonly discardBackup: (id: string) => Promise<void>
}

async function readText(volume: FatVolume, name: string, maxBytes: number): Promise<NinefatFile> {
  const reading = await volume.examineFile(name)
  if (reading === null) return { text: null }
  if (reading.bytes.length > maxBytes) {
    throw new AppError(
      'bad-wrcmd',
      `${volume.name}: ${name} has ${reading.bytes.length} bytes, more than ${maxBytes}: that is no wrarena command`,
    )
  }
  return { text: bytesText(reading.bytes) }
}

/** Of a damaged volume, as much as can be read. Rejects when a file is there and nothing can be said of its text. */
export async function readTexts(volume: FatVolume): Promise<NinefatTexts> {
  const { findings } = checkVolume(volume)
  const isHarmless = (finding: (typeof findings)[number]): boolean => harmlessFindings.has(finding.kind)
  return {
    wrcmd: await readText(volume, 'wrcmd', maxWrcmdBytes),
    rootscor: await readText(volume, 'rootscor', Number.MAX_SAFE_INTEGER),
    problems: findings.filter((finding) => !isHarmless(finding)).map(({ message }) => message),
    warnings: findings.filter(isHarmless).map(({ message }) => message),
  }
}

/** The caller holds the lock of this 9fat. Nothing is written unless all of it can be. */
export async function editVolume(
  source: BlockSource,
  changesFor: ChangesFor,
  { now, signal, openRegion, saveBackup, discardBackup }: EditVolumeOptions,
): Promise<VolumeChanged> {
  const volume = await openVolume(source)
  const changes = await changesFor(await readTexts(volume))
  const plan = planEdit(volume, changes, { now })
  if (signal?.aborted === true) throw cancelledError()
  const { warnings, recovered } = plan
  if (changes.length === 0 || plan.steps.length === 0) return { written: false, backup: null, warnings, recovered: [] }
  const region = await openRegion()
  try {
    const backup = await applyEdit(region, plan, {
      saveBackup: (steps) => saveBackup(region, plan, steps),
      discardBackup,
      ...(signal === undefined ? {} : { signal }),
    })
    return { written: true, backup, warnings, recovered }
  } finally {
    await region.close()
  }
}
