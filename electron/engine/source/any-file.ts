// A file or disk by its path, on this machine or, as ssh://[user@]host[:port]/path, on another one.

import { borrowMachine } from '../ssh/machines.ts'
import { parseSshPath } from '../ssh/address.ts'
import { openSftpSource, sftpFileExists } from '../ssh/sftp-source.ts'
import type { BlockSource } from './block-source.ts'
import { localFileExists, openLocalFile } from './file-source.ts'

/** Opens read-only (R1). Rejects with `source-open`; on another machine also with what logging in there rejects with. */
export async function openFileSource(path: string): Promise<BlockSource> {
  const remote = parseSshPath(path)
  return remote === null ? await openLocalFile(path) : await openSftpSource(remote, borrowMachine)
}

/** Rejects where the machine itself cannot be asked: that is no answer. */
export async function fileExists(path: string): Promise<boolean> {
  const remote = parseSshPath(path)
  return remote === null ? await localFileExists(path) : await sftpFileExists(remote, borrowMachine)
}
