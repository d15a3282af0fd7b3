// A way to borrow a machine that takes any host key, for tests and measurements of what is done once somebody is logged in.

import { Client, type ConnectConfig, type SFTPWrapper } from 'ssh2'
import { AppError, cancelledError } from '../../shared/errors.ts'
import type { BorrowMachine, Machine } from '../../electron/engine/ssh/machine.ts'

export class TestMachines {
  /** Connections made so far, and how many of them are still borrowed. */
  connections = 0
  borrowed = 0
  readonly #config: ConnectConfig
  readonly #clients = new Set<Client>()

  /** `config` says where and who. */
  constructor(config: ConnectConfig) {
    this.#config = config
  }

  /** A connection for each borrower, gone when it is released. */
  readonly borrow: BorrowMachine = async (address, signal) => {
    if (signal?.aborted === true) throw cancelledError()
    const client = new Client()
    const user = address.user ?? this.#config.username ?? 'glenda'
    const lost = new Promise<AppError>((resolve) => {
      client.once('close', () => {
        this.#clients.delete(client)
        resolve(new AppError('connection-lost', `the connection to ${user}@${address.host} was lost`))
      })
    })
    await new Promise<void>((resolve, reject) => {
      const failed = (error: Error): void =>
        reject(new AppError('connect-failed', `${address.host}: ${error.message}`, { cause: error }))
      client.on('error', failed)
      client.once('close', () => failed(new Error('it was closed')))
      client.once('connect', () => client.setNoDelay(true))
      client.once('ready', () => resolve())
      // aes128-gcm is the cheapest there is in JavaScript.
      const algorithms = { cipher: ['aes128-gcm@openssh.com' as const] }
      client.connect({ algorithms, ...this.#config, username: user })
    })
    this.connections++
    this.borrowed++
    this.#clients.add(client)
    return this.#machine(client, `${user}@${address.host}`, lost)
  }

  /** Breaks every connection from this side. */
  drop(): void {
    for (const client of this.#clients) client.destroy()
  }

  #machine(client: Client, name: string, lost: Promise<AppError>): Machine {
    let sftp: Promise<SFTPWrapper> | null = null
    let isReleased = false
    const open = (): Promise<SFTPWrapper> =>
      new Promise((resolve, reject) => {
        client.sftp((error, wrapper) => {
          if (error === undefined) resolve(wrapper)
          else reject(new AppError('ssh-refused', `${name} offers no SFTP: ${error.message}`, { cause: error }))
        })
      })
    return {
      name,
      sftp: async () => await (sftp ??= open()),
      tunnel: () => Promise.reject(new AppError('bug', 'no tunnels here')),
      lost,
      release: () => {
        if (isReleased) return
        isReleased = true
        this.borrowed--
        client.end()
      },
    }
  }
}
