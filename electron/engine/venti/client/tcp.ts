// The TCP (and Unix socket) transport. Errors of the system become AppErrors here, with the dial string and what a
// person can do. Nagle's delay is off: requests are gathered by corking, and a lone Tsync must not wait.

import net from 'node:net'
import { AppError, type ErrorCode } from '../../../../shared/errors.ts'
import type { Dial } from './dial.ts'
import { StreamTransport } from './stream-transport.ts'
import type { Transport } from './transport.ts'

type Called = Exclude<Dial, { kind: 'ssh' }>

export interface ConnectLimits {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

const keepAliveMs = 60_000
/** Node gives each address of a host 250 ms before it tries the next one, too little for a satellite link. */
const attemptTimeoutMs = 1_500

export function connectTcp(dial: Called, limits: ConnectLimits): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const { signal, timeoutMs } = limits
    if (signal?.aborted) {
      reject(new AppError('cancelled', `${dial.text}: cancelled`))
      return
    }
    const socket = net.connect(
      dial.kind === 'unix'
        ? { path: dial.path }
        : { host: dial.host, port: dial.port, noDelay: true, autoSelectFamilyAttemptTimeout: attemptTimeoutMs },
    )
    const finish = (error: AppError | null): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      socket.off('connect', onConnect)
      socket.off('error', onError)
      if (error === null) {
        resolve(new SocketTransport(socket, dial))
        return
      }
      // A second error of a socket nobody listens to would end the process.
      socket.on('error', () => undefined)
      socket.destroy()
      reject(error)
    }
    const onConnect = (): void => finish(null)
    const onError = (error: Error): void => finish(connectError(dial, error))
    const onAbort = (): void => finish(new AppError('cancelled', `${dial.text}: cancelled`))
    const timer = setTimeout(() => finish(connectTimeout(dial, timeoutMs)), timeoutMs)
    socket.once('connect', onConnect)
    socket.once('error', onError)
    signal?.addEventListener('abort', onAbort)
  })
}

class SocketTransport extends StreamTransport {
  readonly remoteAddress: string
  readonly remotePort: number
  readonly #socket: net.Socket

  constructor(socket: net.Socket, dial: Called) {
    super(socket, (error) => {
      const data = { dial: dial.text, errno: errnoOf(error) }
      const text = `${dial.text}: connection lost: ${describe(error)}`
      return new AppError('connection-lost', text, { data, cause: error })
    })
    this.#socket = socket
    this.remoteAddress = dial.kind === 'unix' ? dial.path : (socket.remoteAddress ?? dial.host)
    this.remotePort = dial.kind === 'unix' ? 0 : (socket.remotePort ?? dial.port)
    socket.setKeepAlive(true, keepAliveMs)
  }

  cork(): void {
    this.#socket.cork()
  }

  uncork(): void {
    this.#socket.uncork()
  }

  write(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes)
  }

  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

function connectTimeout(dial: Called, timeoutMs: number): AppError {
  const text = `${dial.text}: no connection within ${timeoutMs} ms; is the machine on, and does a firewall drop the port?`
  return new AppError('connect-timeout', text, { data: { dial: dial.text, timeoutMs } })
}

const advice: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; is venti running, and is it the right port (usually 17034)?',
  ENOTFOUND: 'the host name is not known; check the spelling, or write the IP address',
  EAI_AGAIN: 'the name service does not answer; check the network, or write the IP address',
  EHOSTUNREACH: 'the host cannot be reached; is it switched on and on this network?',
  ENETUNREACH: 'the network cannot be reached; is this machine connected?',
  EADDRNOTAVAIL: 'the address cannot be used from this machine',
  ETIMEDOUT: 'no answer; is the machine on, and does a firewall drop the port?',
  ECONNRESET: 'the connection was reset at once; does something else listen there?',
  ENOENT: 'there is no such socket file; is venti running?',
  EACCES: 'no permission to open it',
}

function connectError(dial: Called, error: Error): AppError {
  const errno = errnoOf(error)
  const code: ErrorCode = errno === 'ETIMEDOUT' ? 'connect-timeout' : 'connect-failed'
  const where = dial.kind === 'tcp' ? `host ${dial.host} port ${dial.port}` : `socket ${dial.path}`
  const text = `${dial.text}: cannot connect to ${where}: ${advice[errno] ?? describe(error)}`
  const place = dial.kind === 'tcp' ? { host: dial.host, port: dial.port } : { path: dial.path }
  return new AppError(code, `${text} (${errno})`, { data: { dial: dial.text, errno, ...place }, cause: error })
}

function errnoOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
}

function describe(error: Error): string {
  const errno = errnoOf(error)
  if (errno === 'ECONNRESET') return 'reset by the server (ECONNRESET)'
  if (errno === 'EPIPE') return 'the server closed it while we were sending (EPIPE)'
  return error.message || errno
}
