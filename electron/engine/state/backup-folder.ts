// 9fat/PLACE/NUMBER-TIME.json: what edits of one 9fat replaced, newest kept. Numbered, because a clock that was set back
// must not make the newest backup look like the oldest. Sectors of rootscor are in here: 0600 in folders of 0700 (R10).

import { readFile, readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../../shared/errors.ts'
import { errnoOf } from '../errno.ts'
import { makeFolder } from '../make-folder.ts'
import { temporarySuffix, writeAtomically } from './atomic-write.ts'

/** Kept per 9fat. */
export const backupsKept = 20
/** An edit of two small files is a few hundred kilobytes at the very most. */
const largestBackup = 64 * 2 ** 20
const idPattern = /^\d{6,15}-\d{8}T\d{6}Z$/

const numberOf = (id: string): number => Number(id.slice(0, id.indexOf('-')))

export function backupFolderPath(stateDir: string, key: string): string {
  return join(stateDir, '9fat', key)
}

/** Rejects with `state-write`. */
export async function makeBackupFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder, 0o700)
  } catch (error) {
    const code = errnoOf(error)
    throw new AppError('state-write', `cannot make the folder of backups ${folder}: ${code}. Nothing was written`, {
      cause: error,
      data: { path: folder, code },
    })
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw new AppError('no-backup', `cannot read the folder of backups ${folder}: ${errnoOf(error)}`, { cause: error })
  }
}

/** Ids, newest first. */
export async function listBackupIds(folder: string): Promise<readonly string[]> {
  return (await namesIn(folder))
    .filter((name) => name.endsWith('.json') && idPattern.test(name.slice(0, -5)))
    .map((name) => name.slice(0, -5))
    .toSorted((a, b) => numberOf(b) - numberOf(a) || (a < b ? 1 : -1))
}

/** The text of a backup. Rejects with `no-backup`. */
export async function readBackupText(folder: string, id: string): Promise<string> {
  const path = join(folder, `${id}.json`)
  if (!idPattern.test(id))
    throw new AppError('no-backup', `"${id}" is no id of a backup: they look like 000012-20240131T235959Z`)
  try {
    const { size } = await stat(path)
    if (size > largestBackup)
      throw new AppError('no-backup', `${path} has ${size} bytes: that is no backup of a 9fat edit`)
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof AppError) throw error
    const why = errnoOf(error) === 'ENOENT' ? 'there is none of that id' : errnoOf(error)
    throw new AppError('no-backup', `cannot read the backup ${path}: ${why}`, { cause: error })
  }
}

/**
 * Saves a backup under the next number and returns its id; on disk when this resolves. The caller holds the lock of the
 * 9fat, so that numbers are not given twice and unfinished writes found here are nobody's.
 */
export async function saveBackup(folder: string, now: Date, textFor: (id: string) => string): Promise<string> {
  const before = await listBackupIds(folder)
  const number = before[0] === undefined ? 1 : numberOf(before[0]) + 1
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const id = `${String(number).padStart(6, '0')}-${time}`
  await writeAtomically(join(folder, `${id}.json`), textFor(id))
  for (const old of before.slice(backupsKept - 1)) await unlink(join(folder, `${old}.json`)).catch(() => undefined)
  for (const name of await namesIn(folder)) {
    if (name.endsWith(temporarySuffix)) await unlink(join(folder, name)).catch(() => undefined)
  }
  return id
}

/** Of an edit that wrote nothing. A backup that cannot be removed does no harm. */
export async function discardBackup(folder: string, id: string): Promise<void> {
  await unlink(join(folder, `${id}.json`)).catch(() => undefined)
}
