// A file or disk by its path, on this machine or, as ssh://[user@]host[:port]/path, on another one. How other machines are
// reached is told from outside (ssh/machines.ts): what only ever reads here need not carry it.

import { AppError } from '../../../shared/errors.ts'
import { parseSshPath, type SshPath } from '../ssh/address.ts'
import type { BlockSource } from './block-source.ts'
import { localFileExists, openLocalFile } from './file-source.ts'

export type RemoteFiles = {
  open(path: SshPath): Promise<BlockSource>
  exists(path: SshPath): Promise<boolean>
}

let remoteFiles: RemoteFiles | null = null

export function setRemoteFiles(files: RemoteFiles | null): void {
  remoteFiles = files
}

function reached(): RemoteFiles {
  if (remoteFiles !== null) return remoteFiles
  throw new AppError('ssh-refused', 'this program was started without a way to reach other machines')
}

/** Opens read-only (R1). Rejects with `source-open`; on another machine also with what logging in there rejects with. */
export async function openFileSource(path: string): Promise<BlockSource> {
  const remote = parseSshPath(path)
  return remote === null ? await openLocalFile(path) : await reached().open(remote)
}

/** Rejects where the machine itself cannot be asked: that is no answer. */
export async function fileExists(path: string): Promise<boolean> {
  const remote = parseSshPath(path)
  return remote === null ? await localFileExists(path) : await reached().exists(remote)
}
