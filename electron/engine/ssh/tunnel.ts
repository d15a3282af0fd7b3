// A venti connection through a machine somebody is logged in to: one SSH channel as a Transport. Many of them share one SSH
// connection, and when that breaks each of them is a broken target and nothing more (R7).

import type { ClientChannel } from 'ssh2'
import { AppError, asAppError, cancelledError } from '../../../shared/errors.ts'
import { StreamTransport } from '../venti/client/stream-transport.ts'
import type { Transport } from '../venti/client/transport.ts'
import { sshAddressText, type SshAddress } from './address.ts'
import type { BorrowMachine, Machine } from './machine.ts'

export type TunnelDial = {
  readonly hop: SshAddress
  readonly host: string
  readonly port: number
  readonly text: string
}

/** What leaves in one SSH packet at the most; more in one piece is only copied for nothing. */
const gatherBytes = 32 * 1024

/** Rejects with what logging in rejects with, with connect-failed for the last stretch, and cancelled. */
export async function connectTunnel(dial: TunnelDial, borrow: BorrowMachine, signal?: AbortSignal): Promise<Transport> {
  for (let isFirst = true; ; isFirst = false) {
    let machine: Machine | null = null
    try {
      machine = await borrow(dial.hop, signal)
      const channel = await machine.tunnel(dial.host, dial.port)
      if (signal?.aborted !== true) return new ChannelTransport(channel, machine, dial)
      channel.destroy()
      throw cancelledError()
    } catch (thrown) {
      machine?.release()
      const error = asAppError(thrown)
      // A connection that others had, and that broke before anybody knew.
      if (isFirst && error.code === 'connection-lost') continue
      if (error.code === 'cancelled') throw error
      const data = { ...error.data, dial: dial.text }
      throw new AppError(error.code, `${dial.text}: ${error.message}`, { data, cause: error })
    }
  }
}

/** An address as seen from the hop: 127.0.0.1 there is not this machine. */
export function addressBehind({ hop, host }: Pick<TunnelDial, 'hop' | 'host'>): string {
  return `${host} behind ${sshAddressText(hop)}`
}

class ChannelTransport extends StreamTransport {
  readonly remoteAddress: string
  readonly remotePort: number
  readonly #channel: ClientChannel
  readonly #machine: Machine
  #corked = 0
  #gathered: Uint8Array[] = []
  #gatheredBytes = 0

  constructor(channel: ClientChannel, machine: Machine, dial: TunnelDial) {
    const lost = ({ message }: Error): AppError =>
      new AppError('connection-lost', `${dial.text}: connection lost: ${message}`, {
        data: { dial: dial.text, errno: 'tunnel' },
      })
    super(channel, lost)
    this.#channel = channel
    this.#machine = machine
    this.remoteAddress = addressBehind(dial)
    this.remotePort = dial.port
    void machine.lost.then((reason) => {
      this.fail(lost(reason))
      this.close()
    })
  }

  cork(): void {
    this.#corked++
  }

  uncork(): void {
    this.#corked--
    if (this.#corked === 0) this.#flush()
  }

  write(bytes: Uint8Array): void {
    if (this.isClosed || bytes.length === 0) return
    this.#gathered.push(bytes)
    this.#gatheredBytes += bytes.length
    if (this.#corked === 0 || this.#gatheredBytes >= gatherBytes) this.#flush()
  }

  end(): void {
    this.#flush()
    this.#channel.end()
  }

  destroy(): void {
    this.#channel.destroy()
    // Destroying a channel waits for the machine to agree; whoever destroys does not want to.
    queueMicrotask(() => this.close())
  }

  protected override released(): void {
    this.#machine.release()
  }

  /** ssh2 makes a packet of every write, however short, so what was collected goes as one. */
  #flush(): void {
    if (this.#gatheredBytes === 0) return
    const [first] = this.#gathered
    const bytes =
      this.#gathered.length === 1 ? (first as Uint8Array) : Buffer.concat(this.#gathered, this.#gatheredBytes)
    this.#gathered = []
    this.#gatheredBytes = 0
    if (!this.isClosed && this.#channel.writable) this.#channel.write(bytes)
  }
}
