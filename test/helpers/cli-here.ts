// Commands of the command line without a process of their own: the same words, report and exit status as cli.ts gives them,
// for tests that run many. That the program itself is put together like this is what program.test.ts checks.

import { Writable } from 'node:stream'
import { parseCommand } from '../../electron/cli/args.ts'
import { runCat } from '../../electron/cli/commands/cat.ts'
import { runExtract } from '../../electron/cli/commands/extract.ts'
import { runLs } from '../../electron/cli/commands/ls.ts'
import { runRecover } from '../../electron/cli/commands/recover.ts'
import { runRoots } from '../../electron/cli/commands/roots.ts'
import { runSyncCommand } from '../../electron/cli/commands/sync.ts'
import { runVerifyCommand } from '../../electron/cli/commands/verify.ts'
import { runWrcmd } from '../../electron/cli/commands/wrcmd.ts'
import { Report } from '../../electron/cli/report.ts'
import { asAppError } from '../../shared/errors.ts'

export type RanHere = {
  readonly status: number
  readonly stdout: string
  readonly stdoutBytes: Buffer
  readonly stderr: string
}

class Text extends Writable {
  readonly #chunks: Buffer[] = []
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(Buffer.from(chunk))
    done()
  }
}

/** `now` is asked just before something is written, which is the moment for a test to interfere. */
export async function runHere(args: readonly string[], now: () => Date = () => new Date()): Promise<RanHere> {
  const [stdout, stderr] = [new Text(), new Text()]
  const report = new Report({ json: args.includes('--json'), progress: false, stdout, stderr })
  const context = { report, signal: new AbortController().signal, environment: {}, now }
  let status: number
  try {
    const command = parseCommand(args)
    if (command.command === 'wrcmd') status = await runWrcmd(command, context)
    else if (command.command === 'roots') status = await runRoots(command, context)
    else if (command.command === 'verify') status = await runVerifyCommand(command, context)
    else if (command.command === 'ls') status = await runLs(command, context)
    else if (command.command === 'cat') status = await runCat(command, context)
    else if (command.command === 'extract') status = await runExtract(command, context)
    else if (command.command === 'recover') status = await runRecover(command, context)
    else if (command.command === 'sync') status = await runSyncCommand(command, context)
    else throw new Error(`${command.command} is not run here`)
  } catch (thrown) {
    const error = asAppError(thrown)
    if (error.code === 'bug') throw thrown
    report.error(error)
    status = error.code === 'usage' || error.code === 'dial-string' ? 2 : 1
  }
  await report.flush()
  const stdoutBytes = stdout.bytes
  return { status, stdout: stdoutBytes.toString(), stdoutBytes, stderr: stderr.bytes.toString() }
}

export async function jsonHere(
  args: readonly string[],
  now?: () => Date,
): Promise<RanHere & { readonly document: unknown }> {
  const ran = await runHere([...args, '--json'], now)
  return { ...ran, document: JSON.parse(ran.stdout) as unknown }
}
