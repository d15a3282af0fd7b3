// Why a volume could not be opened for writing, as an error with everything that words for it need. What to do is said for
// the command line; the window has its own words for a disk that is refused.

import { AppError } from '../../../shared/errors.ts'
import { errnoOf } from '../errno.ts'
import { isRefusal, refusalOf, type RefusalSystem } from '../source/disk-refusal.ts'
import type { Place } from '../source/place.ts'

const nextForCommandLine: Partial<Record<string, string>> = {
  win32: 'Run it as administrator.',
  darwin: 'Run it with sudo, and unmount the disk (diskutil unmountDisk).',
}
const nextElsewhere = 'Add the user to the group that owns it (often "disk"), or run it as one who may.'

/** Why it could not be opened for writing. */
export async function openError(
  place: Place,
  error: unknown,
  isFile: boolean,
  refusing: RefusalSystem,
): Promise<AppError> {
  const { platform } = refusing
  const code = errnoOf(error)
  const isRefused = !isFile && isRefusal(refusing, code)
  const data = isRefused
    ? await refusalOf(refusing, { path: place.file, code, access: 'write' })
    : { path: place.file, code }
  if (code === 'EBUSY') {
    return new AppError(
      'mounted-9fat',
      `${place.name}: the system says it is in use (EBUSY): mounted, or open elsewhere`,
      {
        cause: error,
        data,
      },
    )
  }
  const help: Readonly<Record<string, string>> = {
    EACCES: 'this user may not write it',
    EPERM: 'this user may not write it',
    EROFS: 'it is write-protected, or lies on a file system that is mounted read-only',
  }
  return new AppError('read-only-9fat', `cannot open ${place.file} for writing: ${help[code] ?? code}`, {
    cause: error,
    data: isRefused ? { ...data, next: nextForCommandLine[platform] ?? nextElsewhere } : data,
  })
}
