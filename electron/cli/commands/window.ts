// venti-mirror window: the window in a browser. Takes the state folder, starts the service in its worker and the host before
// it, prints a link, and runs until the signal fires; then every job comes to its checkpoint first.

import { homedir, hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../../shared/errors.ts'
import { takeInstance } from '../../host/instance.ts'
import { hasScreen, openBrowser } from '../../host/open-browser.ts'
import { readPageFiles } from '../../host/page-files.ts'
import { startHost, type Host, type HostOptions } from '../../host/server.ts'
import { startServiceWorker } from '../../service/worker-client.ts'
import type { WindowCommand } from '../args.ts'
import type { CommandContext, ExitStatus } from '../context.ts'
import { defaultWindowPort } from '../help.ts'
import { version } from '../version.ts'
import { stateDirOf } from './sync.ts'

/** Where the built page and the sample partition lie: beside the program. */
const programDir = dirname(fileURLToPath(import.meta.url))

/** The usual port may be taken by another user's window; one that was asked for is taken or refused. */
async function startHostOn(wanted: number | null, options: Omit<HostOptions, 'port'>): Promise<Host> {
  if (wanted !== null) return await startHost({ ...options, port: wanted })
  try {
    return await startHost({ ...options, port: defaultWindowPort })
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'listen-failed') throw error
    return await startHost({ ...options, port: 0 })
  }
}

/** The same link by every name the host answers to. */
function linksOf({ address }: Host, allowedHosts: readonly string[], token: string): readonly string[] {
  return [address, ...allowedHosts.map((host) => `http://${host}/`)].map((start) => `${start}#${token}`)
}

const isTerminal = (): boolean => process.stdin.isTTY && process.stdout.isTTY

function opensBrowser({ open }: WindowCommand, { environment }: CommandContext): boolean {
  const isRoot = process.getuid?.() === 0
  return open ?? hasScreen({ platform: process.platform, environment, isTerminal: isTerminal(), isRoot })
}

/** Prints a link for every Enter. Returns what ends it. */
function watchEnter(print: () => void): () => void {
  const lines = createInterface({ input: process.stdin })
  lines.on('line', print)
  // A terminal that went away; the window goes on.
  process.stdin.on('error', () => lines.close())
  return () => lines.close()
}

async function showLinks(
  host: Host,
  command: WindowCommand,
  context: CommandContext,
  folder: string,
): Promise<() => Promise<void>> {
  const { report } = context
  const [link, ...others] = linksOf(host, command.allowedHosts, host.newToken()) as [string, ...string[]]
  report.document({ link, address: host.address, port: host.port, stateDir: folder, pid: process.pid })
  report.line(`The window is at ${link}`)
  report.lines(others.map((other) => `              or ${other}`))
  const opens = opensBrowser(command, context)
  const opened = opens ? await openBrowser(`${host.address}#${host.newToken()}`, folder) : null
  if (opened?.started === true) report.line('It is opening in your browser; if nothing comes up there, open the link.')
  else if (opens) report.line('No browser could be started: open the link in one on this computer.')
  else {
    report.line(
      `From another computer: ssh -L ${host.port}:127.0.0.1:${host.port} ${hostname()}, then open the link there.`,
    )
  }
  report.line(
    'The link works once. Enter prints a new one; Ctrl-C ends the window and keeps everything that was confirmed.',
  )
  return opened?.forget ?? (() => Promise.resolve())
}

/** Runs until the signal fires. */
export async function runWindow(command: WindowCommand, context: CommandContext): Promise<ExitStatus> {
  const { report, signal, environment } = context
  const files = await readPageFiles(join(programDir, 'renderer'))
  const instance = await takeInstance(resolve(stateDirOf(command.stateDir, context)))
  const { stateDir } = instance
  const closers: (() => Promise<void>)[] = [() => instance.release()]
  try {
    const sampleDir = join(programDir, 'sample')
    const link = startServiceWorker({ stateDir, home: homedir(), environment: { ...environment }, version, sampleDir })
    closers.push(() => link.close())
    const host = await startHostOn(command.port, { link, files, allowedHosts: command.allowedHosts })
    // Pages see how the jobs come to their checkpoints: the service goes first, the host after it.
    closers.splice(1, 0, () => host.close())
    await instance.tellAddress(host.address)
    closers.push(await showLinks(host, command, context, stateDir))
    const stopWatching = watchEnter(() => {
      const links = linksOf(host, command.allowedHosts, host.newToken())
      if (report.json) for (const one of links) report.warn(one)
      else report.lines(links)
    })
    if (!signal.aborted) {
      await new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }))
    }
    stopWatching()
    report.note('Ending; what is running stops at its next checkpoint …')
  } finally {
    for (const close of closers.toReversed()) await close()
  }
  return 0
}
