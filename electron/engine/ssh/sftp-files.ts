// The calls of SFTP that are needed here, as promises. What a machine answers becomes the system's own word for it (ENOENT,
// EACCES …) as Node has it, so that those who make messages of them need not know where a file lies; SFTP has one word,
// EFAILED here, for everything else. All calls reject with `connection-lost` when the connection or the SFTP session ends.

import type { SFTPWrapper, Stats } from 'ssh2'
import { AppError } from '../../../shared/errors.ts'
import { errnoOf } from '../errno.ts'
import type { Machine } from './machine.ts'
import { keepWindowOpen, largestReadBytes } from './sftp-channel.ts'

export type RemoteKind = 'file' | 'block device' | 'character device' | 'folder' | 'other'

export type RemoteStatus = {
  readonly kind: RemoteKind
  /** 0 for devices. */
  readonly sizeBytes: number
  /** Permission bits. */
  readonly mode: number
}

export type RemoteHandle = Buffer

/** Bytes on their way to us at the most, however many requests there are. */
export const windowBytes = 8 * 1024 * 1024

const words: Readonly<Record<number, string>> = {
  2: 'ENOENT',
  3: 'EACCES',
  4: 'EFAILED',
  5: 'EINVAL',
  6: 'connection-lost',
  7: 'connection-lost',
  8: 'ENOSYS',
}

type Done<T> = (error: Error | null | undefined, value?: T) => void

function kindOf(status: Stats): RemoteKind {
  // A server need not tell the mode; then it is a file until reading says otherwise.
  if (status.mode === undefined || status.isFile()) return 'file'
  if (status.isBlockDevice()) return 'block device'
  if (status.isCharacterDevice()) return 'character device'
  return status.isDirectory() ? 'folder' : 'other'
}

/** ssh://host/~/x is x in the folder the user lands in. */
const onServer = (path: string): string => (path.startsWith('/~/') ? path.slice(3) : path)

export class SftpFiles {
  /** USER@HOST, for messages. */
  readonly machine: string
  readonly largestReadBytes: number
  readonly #sftp: SFTPWrapper
  readonly #pending = new Set<(error: AppError) => void>()
  #lost: AppError | null = null

  private constructor(machine: string, sftp: SFTPWrapper) {
    this.machine = machine
    this.#sftp = sftp
    this.largestReadBytes = largestReadBytes(sftp)
    const ended = (why: string): void =>
      this.#end(new AppError('connection-lost', `the SFTP session on ${machine} ended: ${why}`, { data: { machine } }))
    sftp.on('error', (error: Error) => ended(error.message))
    sftp.on('close', () => ended('the machine closed it'))
    sftp.on('end', () => ended('the machine closed it'))
  }

  /** One for each SFTP session, whoever asks: they are shared. Rejects with `ssh-refused` or `connection-lost`. */
  static async on(machine: Machine): Promise<SftpFiles> {
    const sftp = await machine.sftp()
    const known = sessions.get(sftp)
    if (known !== undefined) return known
    const files = new SftpFiles(machine.name, sftp)
    sessions.set(sftp, files)
    void machine.lost.then((reason) => files.#end(reason))
    return files
  }

  async status(path: string): Promise<RemoteStatus> {
    const status = await this.#call<Stats>((done) => this.#sftp.stat(onServer(path), done))
    return { kind: kindOf(status), sizeBytes: status.size ?? 0, mode: status.mode ?? 0o666 }
  }

  async statusOf(handle: RemoteHandle): Promise<RemoteStatus> {
    const status = await this.#call<Stats>((done) => this.#sftp.fstat(handle, done))
    return { kind: kindOf(status), sizeBytes: status.size ?? 0, mode: status.mode ?? 0o666 }
  }

  /** Free of symbolic links. */
  async realPath(path: string): Promise<string> {
    return await this.#call<string>((done) => this.#sftp.realpath(onServer(path), done))
  }

  async names(folder: string): Promise<readonly string[]> {
    const list = await this.#call<{ readonly filename: string }[]>((done) => this.#sftp.readdir(folder, done))
    return list.map(({ filename }) => filename).filter((name) => name !== '.' && name !== '..')
  }

  async openForReading(path: string): Promise<RemoteHandle> {
    return await this.#call<RemoteHandle>((done) => this.#sftp.open(onServer(path), 'r', done))
  }

  /** What is there, for reading and writing: nothing is made and nothing is cut. The 9fat is the only one who may (R1). */
  async openForChanging(path: string): Promise<RemoteHandle> {
    return await this.#call<RemoteHandle>((done) => this.#sftp.open(onServer(path), 'r+', done))
  }

  /** How many bytes came; 0 at the end. `into` is written to until then, also when the call has rejected. */
  async read(handle: RemoteHandle, into: Buffer, offset: number): Promise<number> {
    return await this.#call<number>((done) =>
      this.#sftp.read(handle, into, 0, into.length, offset, (error: Error | undefined, count: number) => {
        keepWindowOpen(this.#sftp, windowBytes)
        done(error, count)
      }),
    )
  }

  /** All of them, acknowledged. */
  async write(handle: RemoteHandle, bytes: Buffer, offset: number): Promise<void> {
    await this.#call<unknown>((done) => this.#sftp.write(handle, bytes, 0, bytes.length, offset, done))
  }

  /** Rejects with ENOSYS where the server cannot. */
  async sync(handle: RemoteHandle): Promise<void> {
    await this.#call<unknown>((done) => this.#sftp.ext_openssh_fsync(handle, done))
  }

  /** Bytes that this user may still write to the file system of an open file; null where the server does not tell. */
  async freeBytes(handle: RemoteHandle): Promise<number | null> {
    type Told = { readonly f_frsize?: unknown; readonly f_bavail?: unknown }
    const told = await this.#call<Told>((done) => this.#sftp.ext_openssh_fstatvfs(handle, done)).catch(() => null)
    return told === null ? null : Number(told.f_frsize) * Number(told.f_bavail)
  }

  async close(handle: RemoteHandle): Promise<void> {
    await this.#call<unknown>((done) => this.#sftp.close(handle, done))
  }

  /** A call on a connection that is gone would never be answered. */
  #call<T>(begin: (done: Done<T>) => unknown): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#lost !== null) {
        reject(this.#lost)
        return
      }
      this.#pending.add(reject)
      const done: Done<T> = (error, value) => {
        this.#pending.delete(reject)
        if (error === undefined || error === null) resolve(value as T)
        else reject(this.#translated(error))
      }
      try {
        begin(done)
      } catch (error) {
        // ssh2 throws where an extension is not offered.
        done(/not support/.test(String(error)) ? Object.assign(error as Error, { code: 8 }) : (error as Error))
      }
    })
  }

  #translated(error: Error): Error {
    const status = (error as { code?: unknown }).code
    // ssh2 has no code for requests that were not answered before the channel was closed.
    const code = typeof status === 'number' ? (words[status] ?? `SFTP status ${status}`) : 'connection-lost'
    if (code !== 'connection-lost') return Object.assign(new Error(error.message, { cause: error }), { code })
    const text = `the SFTP session on ${this.machine} ended: ${error.message}`
    return this.#lost ?? new AppError('connection-lost', text, { data: { machine: this.machine }, cause: error })
  }

  #end(reason: AppError): void {
    if (this.#lost !== null) return
    this.#lost = reason
    for (const reject of this.#pending) reject(reason)
    this.#pending.clear()
  }
}

/** Sessions are shared by all borrowers of a machine, and so are the listeners on them. */
const sessions = new WeakMap<SFTPWrapper, SftpFiles>()

export const isLost = (error: unknown): boolean => errnoOf(error) === 'connection-lost'
