// The original: plan9port's venti server and tools from the tree that $PLAN9 names, on loopback and in scratch folders only.
// Without it tests skip and say why; REQUIRE_REAL_VENTI=1 makes that an error. Nothing of plan9port is part of this project.
//
// plan9port forks: the process that was started only waits for the one that serves. So "stopped" means that the process
// listening on our port is gone, and nothing is ever ended that does not listen there and run from this very tree.

import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, readlinkSync, realpathSync } from 'node:fs'
import { lstat, mkdir, open, readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join, relative } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { TreeEntry } from './fixtures.ts'

const serverTools = [
  'fmtarenas',
  'fmtisect',
  'fmtindex',
  'buildindex',
  'venti',
  'wrarena',
  'copy',
  'sync',
  'read',
  'write',
]
const archiveTools = ['vac', 'unvac']

export type ToolResult = {
  readonly status: number | null
  readonly stdout: string
  readonly stdoutBytes: Buffer
  readonly stderr: string
}

export type ToolOptions = { readonly cwd?: string; readonly input?: Uint8Array; readonly timeoutMs?: number }

export type FormatOptions = {
  readonly partitionSizeBytes?: number
  /** As fmtarenas -a takes it: 8M. */
  readonly arenaSize?: string
  /** As fmtarenas -b takes it: 32k. */
  readonly blockSize?: string
  readonly version4?: boolean
}

let told = false

/** The tree in $PLAN9, or null (with the reason on standard error, once) when tests that want it have to be skipped. */
export function realVenti(): RealVenti | null {
  const missing = whatIsMissing(process.env['PLAN9'])
  if (missing === null) return new RealVenti(realpathSync(process.env['PLAN9'] as string))
  if (process.env['REQUIRE_REAL_VENTI'] === '1') throw new Error(`REQUIRE_REAL_VENTI=1, but ${missing}`)
  if (!told) process.stderr.write(`real venti: skipped, ${missing}\n`)
  told = true
  return null
}

function whatIsMissing(plan9: string | undefined): string | null {
  if (plan9 === undefined || plan9 === '') return 'PLAN9 does not name a plan9port tree'
  if (process.platform !== 'linux') return 'the launcher finds processes in /proc, which only Linux has'
  for (const tool of [...serverTools, ...archiveTools]) {
    try {
      accessSync(toolPath(plan9, tool), constants.X_OK)
    } catch {
      return `${toolPath(plan9, tool)} cannot be run`
    }
  }
  return null
}

const toolPath = (plan9: string, tool: string): string =>
  join(plan9, 'bin', archiveTools.includes(tool) ? '' : 'venti', tool)

export class RealVenti {
  readonly plan9: string

  constructor(plan9: string) {
    this.plan9 = plan9
  }

  get environment(): NodeJS.ProcessEnv {
    return { ...process.env, PLAN9: this.plan9, PATH: `${join(this.plan9, 'bin')}:${process.env['PATH']}` }
  }

  toolPath(tool: string): string {
    return toolPath(this.plan9, tool)
  }

  /** Runs one of its tools to the end. Mind that several of them report trouble on standard error and still exit 0. */
  run(tool: string, args: readonly string[], options: ToolOptions = {}): Promise<ToolResult> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.toolPath(tool), args, {
        cwd: options.cwd,
        env: this.environment,
        timeout: options.timeoutMs ?? 60_000,
        killSignal: 'SIGKILL',
      })
      const [out, err]: [Buffer[], Buffer[]] = [[], []]
      child.stdout.on('data', (bytes: Buffer) => out.push(bytes))
      child.stderr.on('data', (bytes: Buffer) => err.push(bytes))
      // A tool may end before it has read everything.
      child.stdin.on('error', () => {})
      child.stdin.end(options.input)
      child.on('error', reject)
      child.on('close', (status) => {
        const stdoutBytes = Buffer.concat(out)
        resolve({ status, stdoutBytes, stdout: stdoutBytes.toString(), stderr: Buffer.concat(err).toString() })
      })
    })
  }

  /** The same, and a failure is an error with everything the tool said. */
  async runOk(tool: string, args: readonly string[], options?: ToolOptions): Promise<ToolResult> {
    const result = await this.run(tool, args, options)
    if (result.status === 0) return result
    throw new Error(`${tool} ${args.join(' ')}: status ${result.status}\n${result.stdout}${result.stderr}`)
  }

  /** An arena partition as fmtarenas makes it, never used. */
  async formatArenas(path: string, options: FormatOptions = {}): Promise<void> {
    await makeSparse(path, options.partitionSizeBytes ?? 64 * 2 ** 20)
    const flags = ['-a', options.arenaSize ?? '8M', ...(options.version4 === true ? ['-4'] : [])]
    if (options.blockSize !== undefined) flags.push('-b', options.blockSize)
    await this.runOk('fmtarenas', [...flags, 'arenas', path])
  }

  /** A server on a new partition in `folder`. */
  async start(folder: string, options?: FormatOptions): Promise<VentiServer> {
    const partition = join(folder, 'arenas')
    await this.formatArenas(partition, options)
    return this.#serve(folder, partition, false)
  }

  /**
   * A server on an arena partition that exists already, used in place; configuration and a fresh index go to `folder`.
   * The index is rebuilt from the arenas first, because the server by itself indexes only what their tails call new.
   */
  serve(folder: string, partition: string): Promise<VentiServer> {
    return this.#serve(folder, partition, true)
  }

  async #serve(folder: string, partition: string, rebuild: boolean): Promise<VentiServer> {
    await mkdir(folder, { recursive: true })
    const index = join(folder, 'isect')
    const configuration = join(folder, 'venti.conf')
    await makeSparse(index, 32 * 2 ** 20)
    await this.runOk('fmtisect', ['-Z', 'isect', index])
    let last: unknown
    for (let attempt = 0; attempt < 3; attempt++) {
      const [port, httpPort] = await freePorts()
      const address = (number: number): string => `tcp!127.0.0.1!${number}`
      const parts = ['index main', `isect ${index}`, `arenas ${partition}`, 'mem 4M', 'bcmem 16M', 'icmem 16M']
      const lines = [...parts, `addr ${address(port)}`, `httpaddr ${address(httpPort)}`]
      await writeFile(configuration, `${lines.join('\n')}\n`)
      if (attempt === 0) {
        await this.runOk('fmtindex', [configuration])
        // Its default buffer overruns a small index section.
        if (rebuild) await this.runOk('buildindex', ['-M', '1M', configuration])
      }
      const server = new VentiServer(this, folder, configuration, port, httpPort)
      try {
        await server.run()
        return server
      } catch (error) {
        last = error
        // Somebody else may have taken the port in between.
        if (!String(error).includes("can't announce")) break
      }
    }
    throw last
  }

  /**
   * The tree under a root score as unvac restores it from the server at `dial`, in the form of a trees/*.json manifest's
   * `entries`: contents, sizes and times from the restored files, modes and owners from the archive's listing. `into` must
   * be an empty folder. (unvac exits 0 when blocks are missing: only the comparison tells.)
   */
  async restoreTree(dial: string, score: string, into: string, under = '/'): Promise<Record<string, TreeEntry>> {
    const wanted = under === '/' ? [] : [under]
    const listing = await this.runOk('unvac', ['-t', '-v', '-h', dial, score, ...wanted])
    await this.runOk('unvac', ['-T', '-h', dial, score, ...wanted], { cwd: into })
    const owners = new Map(listing.stdout.split('\n').flatMap((line) => listedEntry(line)))
    const base = join(into, ...wanted)
    const found: Record<string, TreeEntry> = {}
    for (const file of await readdir(base, { recursive: true, withFileTypes: true })) {
      const path = join(file.parentPath, file.name)
      const name = relative(base, path)
      const { mode, uid, gid } = owners.get(relative(into, path)) ?? { mode: '?', uid: '?', gid: '?' }
      const about = await lstat(path)
      const common = { mode, uid, gid, mtime: Math.floor(about.mtimeMs / 1000) }
      if (about.isDirectory()) found[name] = { kind: 'dir', ...common }
      else {
        const sha256 = createHash('sha256')
          .update(await readFile(path))
          .digest('hex')
        found[name] = { kind: 'file', size: about.size, sha256, ...common }
      }
    }
    return found
  }
}

type Owner = { readonly mode: string; readonly uid: string; readonly gid: string }

/** One line of unvac -tv: mode, owner, group, size, date, time, path. */
function listedEntry(line: string): [string, Owner][] {
  const match = /^\S\S([-rwxst]{9}) (\S+) +(\S+) +\d+ \d+-\d+-\d+ \d+:\d+ (.*)$/.exec(line)
  if (match === null) return []
  const [, letters, uid, gid, path] = match as unknown as [string, string, string, string, string]
  const bits = letters.replaceAll('-', '0').replaceAll(/[^0]/g, '1')
  return [[path, { mode: Number.parseInt(bits, 2).toString(8), uid, gid }]]
}

export class VentiServer {
  readonly dial: string
  readonly port: number
  readonly httpPort: number
  readonly configuration: string
  readonly #venti: RealVenti
  readonly #logFile: string
  #started: ChildProcess | null = null
  /** The processes that serve, known once the server answers. */
  #serving: readonly number[] = []

  constructor(venti: RealVenti, folder: string, configuration: string, port: number, httpPort: number) {
    this.#venti = venti
    this.#logFile = join(folder, 'venti.log')
    this.configuration = configuration
    this.port = port
    this.httpPort = httpPort
    this.dial = `tcp!127.0.0.1!${port}`
  }

  /** The processes that serve; none while it is stopped. */
  get processes(): readonly number[] {
    return this.#serving
  }

  log(): Promise<string> {
    return readFile(this.#logFile, 'utf8')
  }

  /** Starts it and returns when it answers; rejects when it exits before that, with what it said. */
  async run(timeoutMs = 20_000): Promise<void> {
    const log = await open(this.#logFile, 'a')
    const child = spawn(this.#venti.toolPath('venti'), ['-s', '-c', this.configuration], {
      env: this.#venti.environment,
      stdio: ['ignore', log.fd, log.fd],
    })
    await log.close()
    this.#started = child
    const over = new AbortController()
    const exited = new Promise<string>((resolve) => {
      child.on('error', (error) => resolve(`could not be started: ${error.message}`))
      child.on('exit', (status, signal) => resolve(`ended early (${signal ?? `status ${status}`})`))
    })
    const outcome = await Promise.race([
      exited,
      this.#answers(over.signal).then(() => 'ready' as const),
      pause(timeoutMs, `did not answer within ${timeoutMs} ms`, { signal: over.signal }),
    ])
    over.abort()
    if (outcome === 'ready') {
      this.#serving = await this.#listeners()
      process.on('exit', this.#killAtExit)
      return
    }
    await this.#end('SIGKILL')
    throw new Error(`venti ${outcome}:\n${await this.log()}`)
  }

  /** Ends it in order. What no client synced may be lost, as with any venti. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Has the server write its caches to disk: the blocks first, then the index. */
  async flush(): Promise<void> {
    for (const what of ['flushdcache', 'flushicache']) {
      const reply = await fetch(`http://127.0.0.1:${this.httpPort}/${what}`)
      await reply.text()
    }
  }

  async #answers(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (await saysVenti(this.port)) return
      // There is no event to wait for.
      await pause(20)
    }
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#started
    if (child === null) return
    const serving = new Set([...this.#serving, ...(await this.#listeners())])
    for (const pid of serving) this.#signal(pid, signal)
    const waits = child.exitCode === null && child.signalCode === null
    if (waits && serving.size === 0) child.kill(signal)
    const deadline = Date.now() + 5_000
    while ([...serving].some((pid) => this.#isOurs(pid)) || (child.exitCode === null && child.signalCode === null)) {
      if (Date.now() > deadline) {
        for (const pid of serving) this.#signal(pid, 'SIGKILL')
        child.kill('SIGKILL')
      }
      await pause(10)
    }
    this.#serving = []
    this.#started = null
    process.off('exit', this.#killAtExit)
  }

  readonly #killAtExit = (): void => {
    for (const pid of this.#serving) this.#signal(pid, 'SIGKILL')
  }

  #signal(pid: number, signal: NodeJS.Signals): void {
    if (!this.#isOurs(pid)) return
    try {
      process.kill(pid, signal)
    } catch {
      // Gone in between.
    }
  }

  #isOurs(pid: number): boolean {
    try {
      return readlinkSync(`/proc/${pid}/exe`) === realpathSync(this.#venti.toolPath('venti'))
    } catch {
      return false
    }
  }

  async #listeners(): Promise<number[]> {
    return (await listenersOn(this.port)).filter((pid) => this.#isOurs(pid))
  }
}

/** Processes with a listening TCP socket on this port of 127.0.0.1. */
async function listenersOn(port: number): Promise<number[]> {
  const table = await readFile('/proc/net/tcp', 'utf8')
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const listening = '0A'
  const inodes = table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1] === local && fields[3] === listening)
    .map((fields) => `socket:[${fields[9]}]`)
  if (inodes.length === 0) return []
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const holds = await Promise.all(
    processes.map(async (pid) => {
      const fds = await readdir(`/proc/${pid}/fd`).catch(() => [])
      const targets = await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
      return targets.some((target) => inodes.includes(target))
    }),
  )
  return processes.filter((_, index) => holds[index]).map(Number)
}

/** Whether a venti greets on the port: it sends its version line first. */
function saysVenti(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.setTimeout(1_000, () => socket.destroy())
    socket.once('data', (bytes) => {
      resolve(bytes.toString('latin1').startsWith('venti-'))
      socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(false))
  })
}

/** Two ports nobody uses at the moment. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()] as const
  const [first, second] = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.on('error', reject)
          server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return [first!, second!]
}

async function makeSparse(path: string, sizeBytes: number): Promise<void> {
  const file = await open(path, 'w')
  await file.truncate(sizeBytes)
  await file.close()
}
