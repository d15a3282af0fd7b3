// The keys of machines that are trusted: the known_hosts files of the user and of the system, which are read and never
// written, and one file of our own in the same format for what was accepted here. Files are read anew at each question, since
// people mend them meanwhile. A file that is there and cannot be read is an error: a refusal must not become "unknown".

import { readFile, stat } from 'node:fs/promises'
import { AppError } from '../../../shared/errors.ts'
import { errnoOf } from '../errno.ts'
import { appendLine } from '../state/atomic-write.ts'
import { keyTypeOf } from './key-blob.ts'
import {
  decodeKnownHosts,
  judgeKey,
  knownHostName,
  knownTypesOf,
  type BadLine,
  type KnownHosts,
  type Verdict,
} from './known-hosts.ts'

export type HostKeyFiles = {
  /** In the order in which they are searched. */
  readonly files: readonly string[]
  /** Ours; null where nothing is ever accepted. */
  readonly trustFile: string | null
}

const heading =
  '# Machines that were accepted in Venti Mirror, in the format of known_hosts. Remove a line to be asked again.'
const maxFileBytes = 32 * 2 ** 20

export class HostKeys {
  readonly #files: readonly string[]
  readonly #trustFile: string | null

  constructor({ files, trustFile }: HostKeyFiles) {
    this.#files = [...new Set(trustFile === null ? files : [...files, trustFile])]
    this.#trustFile = trustFile
  }

  /** `host` as dialled, or the HostKeyAlias with port 22. Rejects with `ssh-host-key`. */
  async judge(host: string, port: number, key: Uint8Array): Promise<Verdict> {
    const type = wholeKey(host, port, key)
    return judgeKey((await this.#read()).entries, host, port, key, type)
  }

  /** Types of the keys known for it, for knownTypesFirst of key-blob.ts. Rejects with `ssh-host-key`. */
  async knownTypes(host: string, port: number): Promise<string[]> {
    return knownTypesOf((await this.#read()).entries, host, port)
  }

  /** Lines that are no entries, for a look at what is wrong. Rejects with `ssh-host-key`. */
  async badLines(): Promise<readonly BadLine[]> {
    return (await this.#read()).badLines
  }

  /** Keeps a key that was accepted, on disk when it resolves. Rejects with `ssh-host-key` or `state-write`. */
  async trust(host: string, port: number, key: Uint8Array): Promise<void> {
    const type = wholeKey(host, port, key)
    const path = this.#trustFile
    if (path === null)
      throw new AppError(
        'ssh-host-key',
        `the key of ${knownHostName(host, port)} cannot be kept: there is no file for it`,
      )
    // What would be read as a pattern, a marker or another field is never written (as ssh: sshconnect.c).
    if (host === '' || /[@?*#[\]|'"\\,!\s\p{Cc}]/u.test(host))
      throw new AppError('ssh-host-key', `${JSON.stringify(host)} is not a name under which a key can be kept`)
    const line = `${knownHostName(host, port)} ${type} ${Buffer.from(key).toString('base64')}`
    await appendLine(path, (await textOf(path)) === '' ? `${heading}\n${line}` : line)
  }

  async #read(): Promise<KnownHosts> {
    const all = await Promise.all(this.#files.map(async (file) => decodeKnownHosts(await textOf(file), file)))
    return { entries: all.flatMap(({ entries }) => entries), badLines: all.flatMap(({ badLines }) => badLines) }
  }
}

function wholeKey(host: string, port: number, key: Uint8Array): string {
  const type = keyTypeOf(key)
  if (type !== null) return type
  throw new AppError('ssh-host-key', `what ${knownHostName(host, port)} sent as its host key is not a key`, {
    data: { next: 'Check that an SSH server answers on that port.' },
  })
}

/** Empty where there is none. */
async function textOf(path: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size <= maxFileBytes) return await readFile(path, 'utf8')
  } catch (error) {
    const code = errnoOf(error)
    // ENOTDIR: something else stands where the folder would be.
    if (code === 'ENOENT' || code === 'ENOTDIR') return ''
    throw unreadable(path, code, error)
  }
  throw unreadable(path, `larger than ${maxFileBytes} bytes`)
}

function unreadable(path: string, reason: string, cause?: unknown): AppError {
  return new AppError('ssh-host-key', `cannot read ${path}, which says which host keys are trusted: ${reason}`, {
    data: { path, next: `Let this user read ${path}, or move it away; then try again.` },
    cause,
  })
}
