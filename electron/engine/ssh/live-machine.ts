// One live SSH connection, lent to any number of borrowers: its SFTP session, the streams through it, and why it ended.

import type { Client, ClientChannel, SFTPWrapper } from 'ssh2'
import { AppError, asAppError } from '../../../shared/errors.ts'
import type { Machine } from './machine.ts'

const administrativelyProhibited = 1
const leaveMs = 1_000

/** One live connection, lent to any number. */
export class LiveMachine {
  readonly lost: Promise<AppError>
  readonly #client: Client
  readonly #machine: string
  readonly #hop: Machine | null
  #sftp: Promise<SFTPWrapper> | null = null
  #failure: AppError | null = null

  constructor(client: Client, machine: string, hop: Machine | null) {
    this.#client = client
    this.#machine = machine
    this.#hop = hop
    client.on('error', (error: Error) => {
      this.#failure ??= this.#lostBecause(error.message)
    })
    this.lost = new Promise((resolve) => {
      client.once('close', () => {
        this.#hop?.release()
        resolve((this.#failure ??= this.#lostBecause('the machine ended it')))
      })
    })
  }

  lend(release: () => void): Machine {
    return {
      name: this.#machine,
      sftp: async () => await (this.#sftp ??= this.#openSftp()),
      tunnel: async (host, port) => await this.#tunnel(host, port),
      lost: this.lost,
      release,
    }
  }

  end(): void {
    this.#client.end()
    // A machine that is gone takes no leave, and nothing may wait for it.
    setTimeout(() => this.#client.destroy(), leaveMs).unref()
  }

  #openSftp(): Promise<SFTPWrapper> {
    return new Promise((resolve, reject) => {
      this.#begin(reject, () =>
        this.#client.sftp((error, sftp) => {
          if (error === undefined) {
            // The session can end alone, and is opened anew for whoever comes back.
            sftp.once('close', () => (this.#sftp = null))
            resolve(sftp)
          } else {
            this.#sftp = null
            const text = `${this.#machine} lets this user log in but offers no SFTP (${error.message})`
            reject(
              this.#failure ?? new AppError('ssh-refused', text, { data: { machine: this.#machine }, cause: error }),
            )
          }
        }),
      )
    })
  }

  #tunnel(host: string, port: number): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      this.#begin(reject, () =>
        this.#client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
          if (error === undefined) resolve(channel)
          else reject(this.#failure ?? tunnelError(this.#machine, `${host} port ${port}`, error))
        }),
      )
    })
  }

  /** ssh2 throws at once when the connection is gone. */
  #begin(reject: (error: AppError) => void, work: () => unknown): void {
    try {
      work()
    } catch (error) {
      reject(this.#failure ?? this.#lostBecause(asAppError(error).message))
    }
  }

  #lostBecause(why: string): AppError {
    const text = `the SSH connection to ${this.#machine} was lost: ${why}`
    return new AppError('connection-lost', text, { data: { machine: this.#machine, errno: 'ssh' } })
  }
}

function tunnelError(machine: string, where: string, error: Error): AppError {
  const data = { machine, errno: 'tunnel' }
  // RFC 4254 5.1; the words differ from server to server.
  if ('reason' in error && error.reason === administrativelyProhibited) {
    const text = `${machine} does not let this user through to ${where} (its SSH server forbids forwarding)`
    return new AppError('ssh-refused', text, { data, cause: error })
  }
  const text = `${machine} cannot connect to ${where}: ${error.message.replace(/^\(SSH\) Channel open failure: /, '')}; is venti running there, and is it the right port (usually 17034)?`
  return new AppError('connect-failed', text, { data, cause: error })
}
