// A file or disk on another machine, open for reading through connections that may break: the machine is borrowed again, the
// file opened again and looked at, and what was asked is asked again. Callers notice nothing but time, until too many tries
// in a row got nowhere, the file is another one, or somebody cancels. After that every call is refused.

import { AppError, asAppError, cancelledError } from '../../../shared/errors.ts'
import { pause as realPause } from '../pause.ts'
import { sshAddressText, type SshPath } from './address.ts'
import type { BorrowMachine, Machine } from './machine.ts'
import { isLost, SftpFiles, type RemoteHandle, type RemoteStatus } from './sftp-files.ts'
import { remoteOpenError } from './sftp-open-error.ts'

/** Before each try to come back, in milliseconds; they begin anew when anything was read. */
const pausesMs = [500, 1000, 2000, 4000, 8000, 8000] as const

export type SftpLinkOptions = {
  /** Ends everything at once. */
  readonly signal?: AbortSignal | undefined
  readonly pause?: (ms: number, signal: AbortSignal | undefined) => Promise<void>
}

export type RemoteFile = {
  readonly files: SftpFiles
  readonly handle: RemoteHandle
  readonly status: RemoteStatus
  readonly machine: Machine
}

/** Rejects where it is not the file it was; what is read in it does not come back from a lost connection. */
export type RequireSame = (file: RemoteFile) => Promise<void>

export class SftpLink {
  readonly name: string
  readonly #path: SshPath
  readonly #borrow: BorrowMachine
  readonly #options: SftpLinkOptions
  readonly #waiting = new Set<(error: AppError) => void>()
  #requireSame: RequireSame = () => Promise.resolve()
  #opening: Promise<RemoteFile> | null = null
  #open: RemoteFile | null = null
  #ended: AppError | null = null
  #triesInVain = 0
  /** Ends pauses and logins once nobody wants them any more. */
  readonly #stop = new AbortController()

  private constructor(path: SshPath, borrow: BorrowMachine, options: SftpLinkOptions) {
    this.name = `${sshAddressText(path.address)}${path.path}`
    this.#path = path
    this.#borrow = borrow
    this.#options = options
    options.signal?.addEventListener('abort', this.#onAbort)
  }

  /** Rejects with `source-open`, what borrowing rejects with, and `cancelled`. The first opening is tried once. */
  static async open(path: SshPath, borrow: BorrowMachine, options: SftpLinkOptions): Promise<[SftpLink, RemoteStatus]> {
    if (options.signal?.aborted === true) throw cancelledError()
    const link = new SftpLink(path, borrow, options)
    try {
      link.#opening = link.#openOnce()
      const { status } = await link.#untilEnded(link.#opening)
      return [link, status]
    } catch (error) {
      await link.close()
      throw error
    }
  }

  /** Asked of every file that is opened from now on. */
  onReopen(requireSame: RequireSame): void {
    this.#requireSame = requireSame
  }

  /** `work` is begun again when the connection breaks under it. */
  async use<T>(work: (file: RemoteFile) => Promise<T>): Promise<T> {
    if (this.#ended !== null) throw this.#ended
    return await this.#untilEnded(this.#persist(work))
  }

  /** What is being opened right now is left as soon as it is open. */
  async close(): Promise<void> {
    this.#end(new AppError('source-read', `${this.name}: it is closed`))
    const file = this.#open
    this.#open = null
    if (file !== null) await leave(file)
  }

  async #persist<T>(work: (file: RemoteFile) => Promise<T>): Promise<T> {
    for (;;) {
      const file = await (this.#opening ??= this.#reopen())
      try {
        const result = await work(file)
        this.#triesInVain = 0
        return result
      } catch (error) {
        if (!isLost(error) || this.#ended !== null) throw error
        this.#drop(file)
      }
    }
  }

  /** Many requests break at once, and the first that notices drops the file for all of them. */
  #drop(file: RemoteFile): void {
    if (this.#open !== file) return
    this.#open = null
    this.#opening = null
    file.machine.release()
  }

  async #reopen(): Promise<RemoteFile> {
    const { pause = realPause } = this.#options
    let cause: AppError | null = null
    for (;;) {
      const wait = pausesMs[this.#triesInVain]
      if (wait === undefined) {
        const text = `${this.name}: the connection was lost and did not come back in ${pausesMs.length} tries`
        const because = cause === null ? '' : `: ${cause.message}`
        const data = {
          path: this.name,
          safe: 'That machine was only read, and what targets have confirmed is kept.',
          next: 'See whether it can be reached again, then run it again: it goes on from the last confirmed block.',
        }
        throw this.#end(new AppError('connection-lost', `${text}${because}`, { data, cause }))
      }
      this.#triesInVain++
      await pause(wait, this.#stop.signal)
      if (this.#ended !== null) throw this.#ended
      try {
        return await this.#openOnce(this.#requireSame)
      } catch (error) {
        cause = asAppError(error)
        if (!cause.retriable) throw this.#end(cause)
      }
    }
  }

  async #openOnce(requireSame?: RequireSame): Promise<RemoteFile> {
    const machine = await this.#borrow(this.#path.address, this.#stop.signal)
    let kind: RemoteStatus['kind'] | null = null
    try {
      const files = await SftpFiles.on(machine)
      const status = await files.status(this.#path.path)
      kind = status.kind
      // Opening a pipe waits for somebody to write to it, perhaps for ever.
      if (kind === 'folder' || kind === 'other')
        throw Object.assign(new Error(kind), { code: kind === 'folder' ? 'EISDIR' : 'not a file or a disk' })
      const handle = await files.openForReading(this.#path.path)
      const file = { files, handle, status, machine }
      try {
        await requireSame?.(file)
        if (this.#ended !== null) throw this.#ended
      } catch (error) {
        await files.close(handle).catch(() => undefined)
        throw error
      }
      this.#open = file
      return file
    } catch (error) {
      machine.release()
      throw remoteOpenError({ name: this.name, machine: machine.name, access: 'reading', kind }, error)
    }
  }

  async #untilEnded<T>(work: Promise<T>): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      this.#waiting.add(reject)
      void work.then(resolve, reject).finally(() => this.#waiting.delete(reject))
    })
  }

  #end(reason: AppError): AppError {
    this.#ended ??= reason
    this.#stop.abort()
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
    for (const reject of this.#waiting) reject(this.#ended)
    this.#waiting.clear()
    return this.#ended
  }

  readonly #onAbort = (): void => void this.#end(cancelledError())
}

async function leave({ files, handle, machine }: RemoteFile): Promise<void> {
  await files.close(handle).catch(() => undefined)
  machine.release()
}
