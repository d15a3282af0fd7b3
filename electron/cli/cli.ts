// The command line's composition root: arguments to a command, signals to one AbortController, whatever comes out to one
// report and one exit status (design.md section 6). Importing this file runs it; everything testable is beside it.

import { AppError, asAppError, type ErrorCode } from '../../shared/errors.ts'
import { speaksOfPositions } from '../../shared/text/explain-error.ts'
import { acceptsNewKeys, asksForJson, parseCommand, type Command } from './args.ts'
import { runArenas } from './commands/arenas.ts'
import { runCat } from './commands/cat.ts'
import { runExtract } from './commands/extract.ts'
import { runLs } from './commands/ls.ts'
import { runPartitions } from './commands/partitions.ts'
import { runRecover } from './commands/recover.ts'
import { runRoots } from './commands/roots.ts'
import { runServe } from './commands/serve.ts'
import { runStatus } from './commands/status.ts'
import { runSyncCommand } from './commands/sync.ts'
import { runVerifyCommand } from './commands/verify.ts'
import { runWrcmd } from './commands/wrcmd.ts'
import type { CommandContext, ExitStatus } from './context.ts'
import { commandNames, helpText, type CommandName } from './help.ts'
import { Report } from './report.ts'
import { reachMachines } from './reach-machines.ts'
import { version } from './version.ts'
import { usageError } from './words.ts'

/** Mistakes in the words of the command line; everything else that fails is 1. */
const usageCodes: ReadonlySet<ErrorCode> = new Set(['usage', 'dial-string'])

/** As a shell reports a program that this signal ended. */
const statusOfSignal = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

async function run(command: Command, context: CommandContext): Promise<ExitStatus> {
  switch (command.command) {
    case 'help':
      context.report.lines(helpText(command.topic).split('\n'))
      return 0
    case 'version':
      context.report.line(version)
      return 0
    case 'arenas':
      return await runArenas(command, context)
    case 'sync':
      return await runSyncCommand(command, context)
    case 'status':
      return await runStatus(command, context)
    case 'serve': {
      const { file, listen, sizeBytes, arenaBytes, compress } = command
      const sizes = {
        ...(sizeBytes === null ? {} : { size: sizeBytes }),
        ...(arenaBytes === null ? {} : { arenaSize: arenaBytes }),
      }
      const { signal, report } = context
      await runServe({ file, listen, ...sizes, compress, signal, report: (line) => report.line(line) })
      return 0
    }
    case 'partitions':
      return await runPartitions(command, context)
    case 'wrcmd':
      return await runWrcmd(command, context)
    case 'roots':
      return await runRoots(command, context)
    case 'verify':
      return await runVerifyCommand(command, context)
    case 'ls':
      return await runLs(command, context)
    case 'cat':
      return await runCat(command, context)
    case 'extract':
      return await runExtract(command, context)
    case 'recover':
      return await runRecover(command, context)
    // What only these two need would make every other command start later.
    case 'window': {
      const { runWindow } = await import('./commands/window.ts')
      return await runWindow(command, context)
    }
    case 'demo': {
      const { runDemo } = await import('./commands/demo.ts')
      return await runDemo(command, context)
    }
  }
}

/** The engine finds some usage errors itself and does not know which command was called. */
function withUsage(error: AppError, name: CommandName | null): AppError {
  return error.code === 'usage' && error.data['next'] === undefined ? usageError(name, error.message) : error
}

/** The words for a venti that fails are those of a sync; these commands keep no position there. */
const safeForReaders: ReadonlyMap<CommandName | null, string> = new Map([
  ['ls', 'Nothing was changed on that venti: it was only asked.'],
  ['cat', 'Nothing was changed on that venti: it was only asked.'],
  ['recover', 'Nothing was changed on that venti: it was only asked.'],
  ['verify', 'Nothing was changed on that venti, but for blocks that --repair may have sent.'],
  ['extract', 'Nothing was changed on that venti; files that were restored in full stay.'],
])

function withReaderWords(error: AppError, name: CommandName | null): AppError {
  const safe = safeForReaders.get(name)
  if (safe === undefined || !speaksOfPositions(error.code)) return error
  return new AppError(error.code, error.message, { data: { ...error.data, safe }, cause: error.cause })
}

function commandName(word: string | undefined): CommandName | null {
  return commandNames.find((name) => name === word) ?? null
}

/** A terminal gives Ctrl-C to npm, which the window is begun by, and to us, and npm passes its own on: one wish, not two. */
const sameWishOfWindowMs = 500

function abortOnSignals(controller: AbortController, sameWishMs: number): void {
  let firstMs: number | null = null
  for (const [signal, status] of Object.entries(statusOfSignal)) {
    process.on(signal, () => {
      const nowMs = performance.now()
      firstMs ??= nowMs
      // Whoever asks twice does not want to wait for a clean end; what was confirmed is safe all the same.
      if (controller.signal.aborted && nowMs - firstMs > sameWishMs) process.exit(status)
      controller.abort()
    })
  }
}

async function main(argv: readonly string[]): Promise<number> {
  const controller = new AbortController()
  abortOnSignals(controller, argv[0] === 'window' ? sameWishOfWindowMs : 0)
  let command: Command | AppError
  try {
    command = parseCommand(argv)
  } catch (error) {
    command = asAppError(error)
  }
  const asked = command instanceof AppError ? { json: asksForJson(argv), progress: false } : command
  const report = new Report({
    json: asked.json,
    progress: asked.progress,
    stdout: process.stdout,
    stderr: process.stderr,
    canRedraw: process.env['TERM'] !== 'dumb',
    onClosed: () => controller.abort(),
  })
  let status: number
  try {
    if (command instanceof AppError) throw command
    const context = { report, signal: controller.signal, environment: process.env, now: () => new Date() }
    const machines = reachMachines(command, acceptsNewKeys(argv), context, () => controller.abort())
    try {
      status = await run(command, context)
    } finally {
      await machines.close()
    }
  } catch (thrown) {
    const name = commandName(argv[0])
    const error = withReaderWords(withUsage(asAppError(thrown), name), name)
    report.error(error)
    if (error.code === 'bug' && error.cause instanceof Error) {
      for (const line of (error.cause.stack ?? '').split('\n')) report.warn(line)
    }
    status = usageCodes.has(error.code) ? 2 : 1
  }
  await report.flush(controller.signal)
  return status
}

// Explicit, because a socket that an unreachable target keeps open must not hold up cron.
process.exit(await main(process.argv.slice(2)))
