// The 9fat as the rest of the program knows it: read the two texts that the scripts keep there, change them safely, put
// back what an edit replaced. Everything below (region, plan, backup) is reached through here only.

import { AppError, asAppError, cancelledError } from '../../../shared/errors.ts'
import { parseSshPath } from '../ssh/address.ts'
import { borrowMachine } from '../ssh/machines.ts'
import type { BlockSource } from '../source/block-source.ts'
import { openFileSource } from '../source/any-file.ts'
import { resolvePlace, type Place } from '../source/place.ts'
import { rangeSource } from '../source/range-source.ts'
import { backupFolderPath, discardBackup, listBackupIds, readBackupText, saveBackup } from '../state/backup-folder.ts'
import { decodeBackup, encodeBackup, sectorsOf, type Backup, type BackupStep } from './backup.ts'
import type { EditPlan, FileChange } from './edit.ts'
import { editVolume, readTexts, type NinefatTexts, type VolumeChanged } from './edit-volume.ts'
import { lockNinefat, ninefatKey } from './ninefat-lock.ts'
import { openFileRegion } from './open-region.ts'
import { openRemoteRegion } from './open-remote-region.ts'
import type { WritableRegion } from './region.ts'
import { restoreEdit, volumeIdentityOf } from './restore-edit.ts'
import { openVolume } from './volume.ts'

export { bytesText, shownText, textBytes, typedText } from './ninefat-text.ts'
export type { NinefatFile } from './edit-volume.ts'

export type Ninefat = NinefatTexts & { readonly place: Place }

/** From what is there now (under the lock) to what shall be. An empty list changes nothing. */
export type MakeChanges = (current: Ninefat) => readonly FileChange[] | Promise<readonly FileChange[]>

export type NinefatOptions = {
  readonly stateDir: string
  /** For the file's modification time and the name of the backup. */
  readonly now: Date
  readonly signal?: AbortSignal
}

export type NinefatChanged = VolumeChanged

export type NinefatBackup = {
  /** Names the backup for `restoreNinefat`; begins with a running number. */
  readonly id: string
  /** ISO 8601. */
  readonly at: string
  /** What the run did: an edit, or putting an edit's sectors back. */
  readonly kind: Backup['kind']
  /** For kind restore: the backup that was put back. */
  readonly restored: string | null
  readonly files: Backup['files']
  readonly sectors: number
}

export type NinefatBackups = {
  /** Newest first; empty when there is none. */
  readonly backups: readonly NinefatBackup[]
  /** Files in the folder that cannot be used, and why. */
  readonly problems: readonly string[]
}

export type NinefatRestored = {
  /** False when everything is as before the edit already. */
  readonly written: boolean
  /** The backup that was put back. */
  readonly restored: string
  /** Id of the backup made of what the restore replaced; null when nothing was written. */
  readonly backup: string | null
  /** What could not be made sure of. */
  readonly warnings: readonly string[]
}

export type RestoreOptions = NinefatOptions & {
  /** Without it, the newest edit is undone. */
  readonly backup?: string
  /** Puts sectors back that somebody else has changed since; nothing is promised of the states on the way (R6). */
  readonly force?: boolean
}

async function openPlace({ name, file, offset, sizeBytes }: Place): Promise<BlockSource> {
  const whole = await openFileSource(file)
  try {
    return rangeSource(whole, offset, sizeBytes ?? Math.max(0, whole.sizeBytes - offset), name)
  } catch (error) {
    await whole.close()
    throw error
  }
}

/** Here or on another machine; what cannot be made sure of there is added to `warnings`. */
async function openForWriting(
  place: Place,
  signal: AbortSignal | undefined,
  warnings: string[],
): Promise<WritableRegion> {
  const file = parseSshPath(place.file)
  if (file === null) return await openFileRegion(place)
  const remote = await openRemoteRegion({ ...place, file }, borrowMachine, signal)
  warnings.push(...remote.warnings)
  return remote.region
}

/** Reads only, also a mounted or damaged volume as far as it can be read. A wrcmd above 64 KiB is refused (bad-wrcmd). */
export async function readNinefat(path: string): Promise<Ninefat> {
  const place = await resolvePlace(path)
  const source = await openPlace(place)
  try {
    return { place, ...(await readTexts(await openVolume(source))) }
  } finally {
    await source.close()
  }
}

type Locked = { readonly place: Place; readonly folder: string }

async function underLock<T>(path: string, options: NinefatOptions, work: (locked: Locked) => Promise<T>): Promise<T> {
  if (options.signal?.aborted === true) throw cancelledError()
  const place = await resolvePlace(path)
  const folder = backupFolderPath(options.stateDir, await ninefatKey(place))
  const lock = await lockNinefat(folder, place.name, options.signal)
  try {
    return await work({ place, folder })
  } finally {
    await lock.release()
  }
}

type BackupOf = {
  readonly region: WritableRegion
  readonly plan: EditPlan
  readonly steps: readonly BackupStep[]
  readonly restored: string | null
}

async function keepBackup({ place, folder }: Locked, now: Date, of: BackupOf): Promise<string> {
  const volume = await volumeIdentityOf(of.region)
  const { restored, steps } = of
  const files = of.plan.files.map(({ name, procedure }) => ({ name, procedure }))
  const kind = restored === null ? 'edit' : 'restore'
  const at = now.toISOString()
  return await saveBackup(folder, now, (id) => encodeBackup({ id, at, kind, restored, place, volume, files, steps }))
}

/**
 * Locks, reads, plans all files together, writes with a backup first, reads back. Nothing is written unless all of it can
 * be. What an earlier edit left unfinished is cleared away in the same run.
 */
export async function changeNinefat(
  path: string,
  makeChanges: MakeChanges,
  options: NinefatOptions,
): Promise<NinefatChanged> {
  return await underLock(path, options, async (locked) => {
    const { place } = locked
    const { now, signal } = options
    const source = await openPlace(place)
    const warnings: string[] = []
    try {
      const changed = await editVolume(source, (current) => makeChanges({ place, ...current }), {
        now,
        signal,
        openRegion: () => openForWriting(place, signal, warnings),
        saveBackup: (region, plan, steps) => keepBackup(locked, now, { region, plan, steps, restored: null }),
        discardBackup: (id) => discardBackup(locked.folder, id),
      })
      return warnings.length === 0 ? changed : { ...changed, warnings: [...changed.warnings, ...warnings] }
    } finally {
      await source.close()
    }
  })
}

async function readBackups(folder: string): Promise<{ backups: readonly Backup[]; problems: readonly string[] }> {
  const backups: Backup[] = []
  const problems: string[] = []
  for (const id of await listBackupIds(folder)) {
    try {
      backups.push(decodeBackup(await readBackupText(folder, id), `${folder}/${id}.json`))
    } catch (error) {
      problems.push(asAppError(error).message)
    }
  }
  return { backups, problems }
}

/** What can be put back. */
export async function listNinefatBackups(path: string, stateDir: string): Promise<NinefatBackups> {
  const folder = backupFolderPath(stateDir, await ninefatKey(await resolvePlace(path)))
  const { backups, problems } = await readBackups(folder)
  return {
    backups: backups.map(({ id, at, kind, restored, files, steps }) => {
      return { id, at, kind, restored, files, sectors: sectorsOf(steps).length }
    }),
    problems,
  }
}

async function chooseBackup({ place, folder }: Locked, id: string | undefined): Promise<Backup> {
  if (id !== undefined) return decodeBackup(await readBackupText(folder, id), `${folder}/${id}.json`)
  const { backups, problems } = await readBackups(folder)
  const newest = backups.find(({ kind }) => kind === 'edit')
  if (newest !== undefined) return newest
  const why = problems.length === 0 ? `there is none in ${folder}` : problems.join('. ')
  throw new AppError('no-backup', `${place.name}: no backup of an edit to put back: ${why}`)
}

/** Puts back every sector that an edit (or a restore) replaced; itself backed up. */
export async function restoreNinefat(path: string, options: RestoreOptions): Promise<NinefatRestored> {
  return await underLock(path, options, async (locked) => {
    const { now, signal, force = false } = options
    const backup = await chooseBackup(locked, options.backup)
    const source = await openPlace(locked.place)
    const warnings: string[] = []
    try {
      const { written, made } = await restoreEdit(source, backup, {
        force,
        signal,
        openRegion: () => openForWriting(locked.place, signal, warnings),
        saveBackup: (region, plan, steps) => keepBackup(locked, now, { region, plan, steps, restored: backup.id }),
        discardBackup: (id) => discardBackup(locked.folder, id),
      })
      return { written, restored: backup.id, backup: made, warnings }
    } finally {
      await source.close()
    }
  })
}
