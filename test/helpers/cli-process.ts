// The built program as a process of its own, to be killed and restarted at any instant. Whatever is still running when
// the test file ends is killed, by the ids of the processes started here.

import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const cliPath = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const buildScript = fileURLToPath(new URL('../../build/scripts/build.mjs', import.meta.url))

/** dist/cli.js as the sources are now; costs a tenth of a second when it is. For beforeAll. */
export async function buildCli(): Promise<void> {
  await promisify(execFile)(process.execPath, [buildScript])
}

export type Ended = {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export class CliProcess {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  #stdout = ''
  #stderr = ''
  #onOutput: (() => void)[] = []

  constructor(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    stdin: 'ignore' | 'pipe' = 'ignore',
  ) {
    const child = spawn(process.execPath, [cliPath, ...args], {
      stdio: [stdin, 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    })
    this.child = child
    running.add(child)
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
      this.#tell()
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
      this.#tell()
    })
    this.ended = new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (status, signal) => {
        running.delete(child)
        resolve({ status, signal, stdout: this.#stdout, stderr: this.#stderr })
        this.#tell()
      })
    })
  }

  get pid(): number {
    return this.child.pid as number
  }

  get isOver(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  get output(): string {
    return this.#stdout + this.#stderr
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name)
  }

  async kill(): Promise<Ended> {
    this.child.kill('SIGKILL')
    return await this.ended
  }

  /** Resolves when its output matches; rejects when it ends before that. */
  async says(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.output)) {
      if (this.isOver) throw new Error(`it ended without saying ${pattern}:\n${this.output}`)
      await new Promise<void>((resolve) => this.#onOutput.push(resolve))
    }
  }

  #tell(): void {
    for (const listener of this.#onOutput.splice(0)) listener()
  }
}

export function startCli(args: readonly string[], environment: Readonly<Record<string, string>> = {}): CliProcess {
  return new CliProcess(args, environment)
}

/** Runs to the end. */
export async function runCli(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return await new CliProcess(args, environment).ended
}

/**
 * What something promised within `promisedMs` may take at this moment. On a loaded machine everything takes longer, and a
 * start of the program shows how much: it takes a tenth of a second on an idle one.
 */
export async function allowedMs(promisedMs: number): Promise<number> {
  const began = performance.now()
  await runCli(['--version'])
  return promisedMs + 10 * (performance.now() - began)
}

/**
 * A port nobody uses, for a server that has to come back on it. It is below those that systems give out by themselves:
 * while the server is down, no other test's server or connection is given its port.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}

/** venti-mirror serve FILE on a fixed port, up and answering. */
export async function startServe(file: string, port: number, args: readonly string[] = []): Promise<CliProcess> {
  const server = startCli(['serve', file, '--listen', `127.0.0.1:${port}`, ...args])
  await server.says(/^serving /m)
  return server
}
