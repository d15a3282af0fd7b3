// Why a file or a disk could not be opened for reading, as an error with everything that words for it need.

import { AppError } from '../../../shared/errors.ts'
import { errnoOf } from '../errno.ts'
import { isDenied, isRefusal, refusalOf, thisRefusalSystem, type RefusalSystem } from './disk-refusal.ts'

const help: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file. Check the path',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a folder. Name the arenas partition or an image of it',
  EBUSY: 'another program holds it exclusively',
}

const nextForCommandLine = 'Add the user to the group that owns the disk (often "disk"), or run it as one who may.'

/** `source-open` */
export async function openError(
  path: string,
  error: unknown,
  isDisk: boolean,
  system: RefusalSystem = thisRefusalSystem,
): Promise<AppError> {
  const code = errnoOf(error)
  const isRefused = isDisk && isRefusal(system, code)
  const data = isRefused ? await refusalOf(system, { path, code, access: 'read' }) : { path, code }
  const next = isRefused && isDenied({ code }) ? { next: nextForCommandLine } : {}
  return new AppError('source-open', `cannot open ${path} for reading: ${help[code] ?? code}`, {
    data: { ...data, ...next },
    cause: error,
  })
}
