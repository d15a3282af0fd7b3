// Runs the serve command until SIGTERM: what server-process.ts bundles and starts. FILE SIZE ARENASIZE

import { runServe } from '../../electron/cli/commands/serve.ts'

const [file, size, arenaSize] = process.argv.slice(2) as [string, string, string]
const ended = new AbortController()
process.on('SIGTERM', () => ended.abort())

try {
  await runServe({
    file,
    listen: '127.0.0.1:0',
    size: Number(size),
    arenaSize: Number(arenaSize),
    compress: true,
    signal: ended.signal,
    report: (line) => process.stdout.write(`${line}\n`),
  })
} catch (error) {
  process.stderr.write(`${String(error)}\n`)
  process.exitCode = 1
}
