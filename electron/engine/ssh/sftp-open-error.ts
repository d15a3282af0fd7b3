// Why a file or a disk on another machine could not be opened, as an error with everything that words for it need.

import { AppError } from '../../../shared/errors.ts'
import { errnoOf } from '../errno.ts'
import type { RemoteKind } from './sftp-files.ts'

export type RemoteAccess = 'reading' | 'writing'

function whyNot(machine: string, access: RemoteAccess, code: string): string {
  const verb = access === 'reading' ? 'read' : 'write'
  if (code === 'ENOENT') return `there is no such file on that machine. Check the path`
  if (code === 'EACCES') return `the user ${machine} may not ${verb} it`
  if (code === 'EISDIR') return 'it is a folder. Name the arenas partition or an image of it'
  if (code === 'EFAILED') return 'the machine gives no reason (it may be in use, write-protected, or without a medium)'
  return code
}

function nextStep(machine: string, access: RemoteAccess, kind: RemoteKind | null): string {
  const user = machine.replace(/@.*$/, '')
  const verb = access === 'reading' ? 'read' : 'write'
  return kind === 'block device' || kind === 'character device'
    ? `On that machine, add the user to the group that owns the disk (often "disk": sudo usermod -aG disk ${user}), or log in as one who may ${verb} it.`
    : `On that machine, let ${user} ${verb} the file and enter the folders above it, or log in as one who may.`
}

export type RemoteOpen = {
  /** ssh:// text. */
  readonly name: string
  /** USER@HOST */
  readonly machine: string
  readonly access: RemoteAccess
  /** Null where not even that is known. */
  readonly kind: RemoteKind | null
}

/** `source-open`, or `read-only-9fat` for what is there and cannot be written; errors of ours stay as they are. */
export function remoteOpenError({ name, machine, access, kind }: RemoteOpen, error: unknown): AppError {
  if (error instanceof AppError) return error
  const code = errnoOf(error)
  const text = `cannot open ${name} for ${access}: ${whyNot(machine, access, code)}`
  const next = code === 'EACCES' ? { next: nextStep(machine, access, kind) } : {}
  const data = { path: name, code, machine, ...next }
  return new AppError(access === 'reading' || code === 'ENOENT' ? 'source-open' : 'read-only-9fat', text, {
    data,
    cause: error,
  })
}
