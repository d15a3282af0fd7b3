// Debian's OpenSSH server on a free port of 127.0.0.1, as the user the tests run as, with keys and configuration of its own
// in a scratch folder: nothing of the machine's own sshd or of the user's ~/.ssh is used. Without it tests skip and say why.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, connect, type AddressInfo } from 'node:net'
import { userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const serverPaths = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/opt/homebrew/sbin/sshd']
const clientTools = ['ssh', 'ssh-keygen', 'ssh-agent', 'ssh-add', 'sftp']
const patienceMs = 10_000

export type OpenSshPrograms = { readonly sshd: string; readonly tool: (name: string) => string }

let told = false

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Null, with the reason on standard error once, where tests that want it have to be skipped. */
export function openSshPrograms(): OpenSshPrograms | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const find = (name: string): string | undefined => folders.map((folder) => join(folder, name)).find(isProgram)
  const sshd = serverPaths.find(isProgram) ?? find('sshd')
  const missing = clientTools.filter((name) => find(name) === undefined)
  if (sshd !== undefined && missing.length === 0) return { sshd, tool: (name) => find(name) as string }
  if (!told) process.stderr.write(`OpenSSH: skipped, no ${sshd === undefined ? 'sshd' : missing.join(', ')} here\n`)
  told = true
  return null
}

export type KeyOptions = { readonly type?: 'ed25519' | 'ecdsa' | 'rsa'; readonly passphrase?: string }

/** Makes a key pair at `path` and `path`.pub. */
export function makeKey(
  programs: OpenSshPrograms,
  path: string,
  { type = 'ed25519', passphrase = '' }: KeyOptions = {},
): void {
  const bits = type === 'rsa' ? ['-b', '2048'] : []
  const args = ['-q', '-t', type, ...bits, '-N', passphrase, '-C', 'made for a test', '-f', path]
  execFileSync(programs.tool('ssh-keygen'), args, { stdio: 'ignore' })
}

export type OpenSshOptions = {
  /** Types of its host keys, in the order it has them. Default: ed25519 alone. */
  readonly hostKeys?: readonly NonNullable<KeyOptions['type']>[]
  /** What serves SFTP. Default: the one within sshd. */
  readonly sftp?: string
  /** Further lines of its configuration; the first of a name counts, and these come first. */
  readonly config?: readonly string[]
}

export class OpenSsh {
  readonly programs: OpenSshPrograms
  readonly folder: string
  readonly user = userInfo().username
  readonly port: number
  #process: ChildProcess | null = null
  #log = ''

  private constructor(programs: OpenSshPrograms, folder: string, port: number) {
    this.programs = programs
    this.folder = folder
    this.port = port
  }

  /** In `folder`, which must not be there; `close()` ends it. Logs in with the key at `clientKey` and no other way. */
  static async start(programs: OpenSshPrograms, folder: string, options: OpenSshOptions = {}): Promise<OpenSsh> {
    const { hostKeys = ['ed25519'], config = [], sftp = 'internal-sftp' } = options
    await mkdir(folder, { mode: 0o700 })
    const server = new OpenSsh(programs, folder, await freePort())
    for (const type of hostKeys) makeKey(programs, server.hostKey(type), { type })
    makeKey(programs, server.clientKey)
    await writeFile(join(folder, 'authorized_keys'), await readFile(`${server.clientKey}.pub`))
    const lines = [
      ...config,
      'ListenAddress 127.0.0.1',
      `Port ${server.port}`,
      ...hostKeys.map((type) => `HostKey ${server.hostKey(type)}`),
      `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
      `PidFile ${join(folder, 'pid')}`,
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'LogLevel VERBOSE',
      `Subsystem sftp ${sftp}`,
    ]
    await writeFile(server.#configPath, `${lines.join('\n')}\n`)
    await server.restart()
    return server
  }

  get #configPath(): string {
    return join(this.folder, 'sshd_config')
  }

  /** Private key of the client; its public half may log in. */
  get clientKey(): string {
    return join(this.folder, 'client')
  }

  hostKey(type: NonNullable<KeyOptions['type']> = 'ed25519'): string {
    return join(this.folder, `host_${type}`)
  }

  /** One line of known_hosts for it. */
  async knownHostsLine(type: NonNullable<KeyOptions['type']> = 'ed25519'): Promise<string> {
    const [kind = '', key = ''] = (await readFile(`${this.hostKey(type)}.pub`, 'utf8')).split(' ')
    return `[127.0.0.1]:${this.port} ${kind} ${key}\n`
  }

  /** What it logged so far. */
  get log(): string {
    return this.#log
  }

  /** Listens again, on the same port with the same keys. */
  async restart(): Promise<void> {
    // As root it separates privileges in a folder that only the system's start scripts make.
    if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
    const child = spawn(this.programs.sshd, ['-D', '-e', '-f', this.#configPath], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#process = child
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#log += text))
    for (const began = Date.now(); !(await answers(this.port)); await pause(20)) {
      if (child.exitCode !== null || Date.now() - began > patienceMs) {
        throw new Error(`sshd does not listen on port ${this.port}: ${this.#log}`)
      }
    }
  }

  /** Ends the listener and every connection of it at once, as a machine that goes down does. */
  async kill(): Promise<void> {
    const child = this.#process
    this.#process = null
    if (child?.pid === undefined || child.exitCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    for (const pid of [...descendants(child.pid), child.pid]) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It went by itself.
      }
    }
    await gone
  }

  /** Ends every connection and goes on listening. */
  dropConnections(): void {
    if (this.#process?.pid === undefined) return
    for (const pid of descendants(this.#process.pid)) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It went by itself.
      }
    }
  }

  async close(): Promise<void> {
    await this.kill()
  }
}

/** Children and their children of a process of ours: sshd has one or two for every connection. */
function descendants(parent: number): number[] {
  const text = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  const children = new Map<number, number[]>()
  for (const line of text.split('\n')) {
    const [pid = 0, ppid = 0] = line.trim().split(/\s+/).map(Number)
    children.set(ppid, [...(children.get(ppid) ?? []), pid])
  }
  const found: number[] = []
  const walk = (pid: number): void => {
    for (const child of children.get(pid) ?? []) {
      walk(child)
      found.push(child)
    }
  }
  walk(parent)
  return found
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
