// One edit of a 9fat at a time: a lock in the state folder, under a name made from where the volume is. It keeps apart the
// programs that share a state folder; that no other system uses the volume is open-region.ts's to find out.

import { createHash } from 'node:crypto'
import { realpath, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError, cancelledError } from '../../../shared/errors.ts'
import { linuxDeviceNumber } from '../source/file-source.ts'
import type { Place } from '../source/place.ts'
import { makeBackupFolder } from '../state/backup-folder.ts'
import { acquireFileLock, type FileLock } from '../state/file-lock.ts'
import { diskPosition, kernelFiles } from './mounted.ts'

/** An edit takes milliseconds: a lock held longer than this is not waited for. */
const patienceMs = 3000

/** Disk and byte, whichever of its names the device was given by. */
async function whereIs({ file, offset }: Place): Promise<{ readonly name: string; readonly start: number }> {
  const path = await realpath(file).catch(() => file)
  const status = await stat(path).catch(() => null)
  if (process.platform !== 'linux' || status?.isBlockDevice() !== true) return { name: path, start: offset }
  const position = await diskPosition(linuxDeviceNumber(status.rdev), kernelFiles)
  return position === null ? { name: path, start: offset } : { name: position.disk, start: position.start + offset }
}

/** A folder name for a 9fat, for people to recognise and the same at every run. */
export async function ninefatKey(place: Place): Promise<string> {
  const { name, start } = await whereIs(place)
  const readable = basename(name)
    .replaceAll(/[^A-Za-z0-9.-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 40)
  const hash = createHash('sha256').update(`${name}\0${start}`).digest('hex').slice(0, 12)
  return `${readable === '' ? 'volume' : readable}-${hash}`
}

/** Rejects with `state-locked` when another process keeps it; with `state-write` when the folder cannot be used. */
export async function lockNinefat(folder: string, name: string, signal?: AbortSignal): Promise<FileLock> {
  await makeBackupFolder(folder)
  for (const started = Date.now(); ;) {
    try {
      return await acquireFileLock(folder)
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'store-locked') {
        throw new AppError(
          'state-write',
          `cannot lock ${name}: ${error instanceof Error ? error.message : String(error)}`,
          {
            cause: error,
          },
        )
      }
      if (signal?.aborted === true) throw cancelledError()
      if (Date.now() - started < patienceMs) {
        await delay(20 + Math.random() * 40)
        continue
      }
      const holder = error.data['pid'] === undefined ? 'another process' : `process ${String(error.data['pid'])}`
      throw new AppError(
        'state-locked',
        `${name} is being changed by ${holder} (${folder}.lock). Nothing was written`,
        {
          cause: error,
          data: { ...error.data, next: 'Wait for it to end, or end it, then run this again.' },
        },
      )
    }
  }
}
