// Runs a program to its end in a process of its own, with its time and its peak memory from the kernel (Linux); and the
// embedded server, as a user starts it.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'

export type Measured = {
  readonly status: number | null
  readonly seconds: number
  /** Of all its threads; null where the system does not tell. */
  readonly cpuSeconds: number | null
  readonly peakMiB: number | null
  readonly stdout: string
  /** Told when something went wrong. */
  readonly stderr: string
}

async function memoryOf(pid: number, pattern: RegExp): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '')
  return Number(pattern.exec(status)?.[1] ?? 0) / 1024
}

/** MiB at the most so far, and at this moment. */
export const peakOf = (pid: number): Promise<number> => memoryOf(pid, /VmHWM:\s+(\d+) kB/)
export const residentOf = (pid: number): Promise<number> => memoryOf(pid, /VmRSS:\s+(\d+) kB/)

/** The kernel counts in hundredths on every Linux there is (USER_HZ). */
const ticksPerSecond = 100

/** Of a process that still runs, or was not waited for yet. */
export async function cpuOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  // Behind the name, which may hold anything: utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticksPerSecond
}

export async function measure(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
  folder?: string,
): Promise<Measured> {
  const began = performance.now()
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment, cwd: folder })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  let peak = 0
  let cpu = 0
  const watch = setInterval(() => {
    void peakOf(child.pid as number).then((value) => (peak = Math.max(peak, value)))
    void cpuOf(child.pid as number).then((value) => (cpu = Math.max(cpu, value)))
  }, 20)
  const [status] = (await once(child, 'close')) as [number | null]
  clearInterval(watch)
  return {
    status,
    seconds: (performance.now() - began) / 1000,
    cpuSeconds: cpu === 0 ? null : cpu,
    peakMiB: peak === 0 ? null : Math.round(peak),
    stdout,
    stderr,
  }
}

/** Starts a command of ours that goes on, and resolves with what it says of where it is. */
async function startUntil(
  args: readonly string[],
  pattern: RegExp,
): Promise<{ readonly said: string; readonly process: ChildProcess }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const killAtExit = (): void => void child.kill('SIGKILL')
  process.on('exit', killAtExit)
  child.on('close', () => process.off('exit', killAtExit))
  // Its output is read to the end: a server whose reader went away would be told so at its next line.
  let text = ''
  const said = await new Promise<string | null>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      const found = pattern.exec(text)?.[0]
      if (found !== undefined) resolve(found)
    })
    child.on('close', () => resolve(null))
  })
  if (said !== null) return { said, process: child }
  throw new Error(`${args[1]} did not start: ${text}`)
}

export async function startServer(
  cli: string,
  file: string,
  options: readonly string[],
): Promise<{ dial: string; process: ChildProcess }> {
  const args = [cli, 'serve', file, '--listen', 'tcp!127.0.0.1!0', ...options]
  const { said, process: child } = await startUntil(args, /tcp!127\.0\.0\.1!\d+/)
  return { dial: said, process: child }
}

/** A venti that keeps nothing, in a process of its own: this measuring program, started another way (bench.ts). */
export async function startSink(): Promise<{ dial: string; process: ChildProcess }> {
  const { said, process: child } = await startUntil([process.argv[1] as string, '--sink'], /tcp!127\.0\.0\.1!\d+/)
  return { dial: said, process: child }
}

export type StartedWindow = { readonly link: string; readonly address: string; readonly process: ChildProcess }

/** The window's host with its state in that folder, for a browser that is not opened. */
export async function startWindow(cli: string, stateDir: string): Promise<StartedWindow> {
  const args = [cli, 'window', '--port', '0', '--no-open', '--state', stateDir]
  const { said: link, process: child } = await startUntil(args, /http:\/\/\S+#\S+(?=\s)/)
  return { link, address: link.slice(0, link.indexOf('#')), process: child }
}

/** The one or the other, and waits for its end. */
export async function stopServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const closed = once(server, 'close')
  server.kill('SIGTERM')
  await closed
}
