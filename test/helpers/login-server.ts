// An SSH server in this process, on 127.0.0.1, that lets people in as a test says and writes down who came how far: what it
// heard before a key was refused is nothing but the exchange of keys. It forwards to ports of 127.0.0.1 if told to.

import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import ssh2, { type AuthContext, type Connection, type ServerConfig } from 'ssh2'

export type LoginWays = {
  /** User and password. */
  readonly password?: readonly [user: string, password: string]
  /** Questions and the answers to them. */
  readonly interactive?: readonly { readonly prompt: string; readonly answer: string; readonly echo?: boolean }[]
  /** Public halves as in authorized_keys. */
  readonly publicKeys?: readonly string[]
  /** Both a key and a password or answers are wanted. */
  readonly wantsBoth?: boolean
  readonly forwards?: boolean
  readonly algorithms?: ServerConfig['algorithms']
}

export class LoginServer {
  readonly #listener: Server
  readonly #ways: LoginWays
  readonly #sockets = new Set<Socket>()
  /** Of every attempt, in order: METHOD USER. */
  readonly attempts: string[] = []
  /** Connections that got as far as saying a user name. */
  users = 0
  connections = 0
  tunnels = 0

  private constructor(hostKeys: readonly (string | Buffer)[], ways: LoginWays) {
    this.#ways = ways
    const { algorithms } = ways
    const server = new ssh2.Server(
      { hostKeys: [...hostKeys], ...(algorithms === undefined ? {} : { algorithms }) },
      (connection) => this.#serve(connection),
    )
    this.#listener = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      server.injectSocket(socket)
    })
  }

  static async start(hostKeys: readonly (string | Buffer)[], ways: LoginWays): Promise<LoginServer> {
    const server = new LoginServer(hostKeys, ways)
    await new Promise<void>((resolve) => server.#listener.listen(0, '127.0.0.1', resolve))
    return server
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port
  }

  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.dropConnections()
    await new Promise<void>((resolve) => this.#listener.close(() => resolve()))
  }

  #serve(connection: Connection): void {
    this.connections++
    let hasKey = false
    let isFirst = true
    connection.on('error', () => undefined)
    connection.on('authentication', (context) => {
      if (isFirst) this.users++
      isFirst = false
      this.attempts.push(`${context.method} ${context.username}`)
      const verdict = this.#judge(context, hasKey)
      if (verdict === 'key') hasKey = true
      if (verdict === 'yes') context.accept()
      else if (verdict === 'key') context.reject(this.#left(), true)
      else if (verdict === 'no') context.reject(this.#left(), false)
    })
    connection.on('tcpip', (accept, reject, info) => {
      if (this.#ways.forwards !== true) {
        reject()
        return
      }
      const socket = connect(info.destPort, info.destIP)
      socket.once('error', () => reject())
      socket.once('connect', () => {
        this.tunnels++
        const channel = accept()
        channel.pipe(socket).pipe(channel)
        socket.on('error', () => channel.destroy())
        channel.on('error', () => socket.destroy())
        channel.on('close', () => socket.destroy())
      })
    })
  }

  #left(): ('password' | 'keyboard-interactive' | 'publickey')[] {
    const { password, interactive, publicKeys } = this.#ways
    return [
      ...(publicKeys === undefined ? [] : (['publickey'] as const)),
      ...(interactive === undefined ? [] : (['keyboard-interactive'] as const)),
      ...(password === undefined ? [] : (['password'] as const)),
    ]
  }

  /** `later`: it answers by itself. */
  #judge(context: AuthContext, hasKey: boolean): 'yes' | 'no' | 'key' | 'later' {
    const { password, interactive, publicKeys, wantsBoth = false } = this.#ways
    const isEnough = (): 'yes' | 'no' => (wantsBoth && !hasKey ? 'no' : 'yes')
    switch (context.method) {
      case 'password':
        return context.username === password?.[0] && context.password === password[1] ? isEnough() : 'no'
      case 'publickey': {
        const offered = context.key.data.toString('base64')
        if (publicKeys?.some((line) => line.split(' ')[1] === offered) !== true) return 'no'
        // Without a signature it only asks whether the key would do.
        if (context.signature === undefined) return 'yes'
        return wantsBoth ? 'key' : 'yes'
      }
      case 'keyboard-interactive': {
        if (interactive === undefined) return 'no'
        const prompts = interactive.map(({ prompt, echo = false }) => ({ prompt, echo }))
        context.prompt(prompts, 'Who goes there', '', (answers) => {
          const isRight = interactive.every(({ answer }, i) => answers[i] === answer)
          if (isRight && isEnough() === 'yes') context.accept()
          else context.reject(this.#left(), false)
        })
        return 'later'
      }
      default:
        return 'no'
    }
  }
}
