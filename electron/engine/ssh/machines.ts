// The machines this process is logged in to. Whoever reads a disk of one, edits its 9fat or reaches a venti through it
// borrows the same connection; the last to give it back leaves it open for a moment, because the next one often comes at
// once. A connection that broke is nobody's any more: who still needs the machine borrows it again.

import { homedir } from 'node:os'
import { join } from 'node:path'
import { AppError, cancelledError } from '../../../shared/errors.ts'
import { setRemoteFiles } from '../source/any-file.ts'
import { placeOf } from './address.ts'
import type { connectSsh, Destination } from './connect.ts'
import { HostKeys } from './host-keys.ts'
import { LiveMachine } from './live-machine.ts'
import { LoginMemory } from './login-memory.ts'
import type { BorrowMachine, Machine } from './machine.ts'
import type { SshQuestions } from './questions.ts'
import { openSftpSource, sftpFileExists } from './sftp-source.ts'
import { readConfigFiles } from './ssh-config-file.ts'
import type { SshSettings } from './ssh-config.ts'
import { routeTo } from './ssh-route.ts'

export type SshSurroundings = {
  /** connectSsh of connect.ts, got when a machine is wanted: ssh2 takes longer to load than most commands take in all. */
  readonly connector: () => Promise<typeof connectSsh>
  /** Keys accepted here, in the format of known_hosts; null: none are kept. */
  readonly trustFile: string | null
  /** Further files of known keys, read only. */
  readonly alsoTrusted?: readonly string[]
  readonly questions: SshQuestions | null
  readonly acceptNew?: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Of the user, with .ssh in it. Default: the system's answer. */
  readonly home?: string
  /** The system's ssh_config and ssh_known_hosts. Default: /etc/ssh. */
  readonly systemFolder?: string
  readonly timeoutMs?: number
  /** How long a connection nobody uses stays open. Default 3 s. */
  readonly lingerMs?: number
  /** Passwords that were right, where others share them. Default: one of its own. */
  readonly memory?: LoginMemory
}

const defaultLingerMs = 3_000

type Shared = {
  readonly connecting: Promise<LiveMachine>
  readonly stop: AbortController
  isConnected: boolean
  /** Borrowers, and those who wait for it to become one. */
  users: number
  linger: NodeJS.Timeout | null
}

export class Machines {
  readonly #surroundings: SshSurroundings
  readonly #home: string
  readonly #memory: LoginMemory
  readonly #shared = new Map<string, Shared>()

  constructor(surroundings: SshSurroundings) {
    this.#surroundings = surroundings
    this.#memory = surroundings.memory ?? new LoginMemory()
    this.#home = surroundings.home ?? homedir()
  }

  readonly borrow: BorrowMachine = async (address, signal) => {
    const home = this.#home
    const config = await readConfigFiles([join(home, '.ssh', 'config'), this.#system('ssh_config')], home)
    const local = { home, environment: this.#surroundings.environment }
    return await this.#borrow(routeTo(config, address, local), signal)
  }

  /** Ends what is being connected; connections that are there stay, for whoever still has to put something in order. */
  cancel(): void {
    for (const { stop } of this.#shared.values()) stop.abort()
  }

  /** Ends every connection, used or not. */
  async close(): Promise<void> {
    const all = [...this.#shared.values()]
    this.#shared.clear()
    for (const { stop, linger } of all) {
      if (linger !== null) clearTimeout(linger)
      stop.abort()
    }
    await Promise.all(all.map(async ({ connecting }) => (await connecting.catch(() => null))?.end()))
  }

  /** The last machine of the route, reached through those before it. */
  async #borrow(route: readonly SshSettings[], signal: AbortSignal | undefined): Promise<Machine> {
    if (signal?.aborted === true) throw cancelledError()
    const key = JSON.stringify(
      route.map(({ user, hostName, port, hostKeyName }) => [user, hostName, port, hostKeyName.host]),
    )
    const shared = this.#shared.get(key) ?? this.#begin(key, route)
    shared.users++
    if (shared.linger !== null) clearTimeout(shared.linger)
    shared.linger = null
    let released = false
    const release = (): void => {
      if (released) return
      released = true
      this.#leave(key, shared)
    }
    try {
      const connection = await unlessAborted(shared.connecting, signal)
      return connection.lend(release)
    } catch (error) {
      release()
      throw error
    }
  }

  #begin(key: string, route: readonly SshSettings[]): Shared {
    const stop = new AbortController()
    const connecting = this.#connect(route, stop.signal)
    const shared: Shared = { connecting, stop, isConnected: false, users: 0, linger: null }
    this.#shared.set(key, shared)
    const forget = (): void => {
      if (this.#shared.get(key) === shared) this.#shared.delete(key)
    }
    connecting.then((connection) => {
      shared.isConnected = true
      void connection.lost.then(forget)
    }, forget)
    return shared
  }

  async #connect(route: readonly SshSettings[], signal: AbortSignal): Promise<LiveMachine> {
    const { questions, acceptNew = false, trustFile, timeoutMs } = this.#surroundings
    const settings = route.at(-1) as SshSettings
    const to = this.#destination(settings)
    const usual = ['known_hosts', 'known_hosts2'].map((name) => join(this.#home, '.ssh', name))
    const files = [
      ...(settings.userKnownHostsFiles ?? usual),
      ...(this.#surroundings.alsoTrusted ?? []),
      ...(settings.systemKnownHostsFiles ?? [this.#system('ssh_known_hosts'), this.#system('ssh_known_hosts2')]),
    ]
    const hop = route.length === 1 ? null : await this.#borrow(route.slice(0, -1), signal)
    try {
      const connect = await this.#surroundings.connector()
      const client = await connect(to, {
        hostKeys: new HostKeys({ files, trustFile }),
        questions,
        acceptNew,
        memory: this.#memory,
        through: hop === null ? null : await hop.tunnel(to.host, to.port),
        signal,
        timeoutMs: timeoutMs ?? settings.connectTimeoutMs ?? undefined,
      })
      return new LiveMachine(client, to.machine, hop)
    } catch (error) {
      hop?.release()
      throw error
    }
  }

  #system(name: string): string {
    return join(this.#surroundings.systemFolder ?? '/etc/ssh', name)
  }

  #destination(settings: SshSettings): Destination {
    const { hostName: host, port, user, hostKeyName, identityFiles, identitiesOnly } = settings
    // The service of Windows listens on a pipe that no variable names.
    const usual = process.platform === 'win32' ? String.raw`\\.\pipe\openssh-ssh-agent` : null
    const agent = settings.identityAgent ?? this.#surroundings.environment['SSH_AUTH_SOCK'] ?? usual
    return {
      machine: `${user}@${placeOf({ host, port })}`,
      user,
      host,
      port,
      hostKeyName,
      keyFiles: identityFiles,
      identitiesOnly,
      agentSocket: agent === 'none' || agent === '' ? null : agent,
    }
  }

  #leave(key: string, shared: Shared): void {
    shared.users--
    if (shared.users > 0) return
    const end = (): void => {
      if (this.#shared.get(key) === shared) this.#shared.delete(key)
      shared.stop.abort()
      void shared.connecting.then(
        (connection) => connection.end(),
        () => undefined,
      )
    }
    // Nobody waits for the answer to a question any more.
    if (!shared.isConnected) end()
    else shared.linger = setTimeout(end, this.#surroundings.lingerMs ?? defaultLingerMs)
  }
}

/** Waits no longer than the signal says; what was begun goes on for others. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work
  return await new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(cancelledError())
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort)
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

let current: Machines | null = null

/** For the composition roots: how this process reaches other machines from now on, for their disks and through them. */
export function setMachines(machines: Machines | null): void {
  current = machines
  setRemoteFiles({
    open: async (path) => await openSftpSource(path, borrowMachine),
    exists: async (path) => await sftpFileExists(path, borrowMachine),
  })
}

/** Rejects with `ssh-refused` where nobody said how. */
export const borrowMachine: BorrowMachine = async (address, signal) => {
  if (current === null)
    throw new AppError('ssh-refused', 'this program was started without a way to reach other machines')
  return await current.borrow(address, signal)
}
