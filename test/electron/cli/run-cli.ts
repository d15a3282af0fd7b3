// Runs the built program as people do: `node dist/cli.js …`. npm test builds it first.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const cliPath = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url))

export type Ended = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

export type RunOptions = {
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Sees standard error grow; may kill. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void
}

export async function runCli(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = spawn(process.execPath, [cliPath, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.environment },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    options.onStderr?.(stderr, (signal) => child.kill(signal))
  })
  return await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, stdout, stderr }))
  })
}

/** The one document on standard output; anything else there fails. */
export async function runJson(
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ended & { document: unknown }> {
  const ended = await runCli([...args, '--json'], options)
  return { ...ended, document: JSON.parse(ended.stdout) as unknown }
}
