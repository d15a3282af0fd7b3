// npm run bench: how fast and with how much memory a partition of real size is read and mirrored. Runs the built command
// in processes of its own and reads their peak memory from the kernel (Linux). Figures go to standard output; nothing here
// fails on a slow machine.

import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { makePartition } from './make-partition.ts'

const mebibyte = 1024 * 1024

type Measured = {
  readonly status: number | null
  readonly seconds: number
  readonly peakMiB: number | null
  readonly stdout: string
}

async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024
}

async function measure(cli: string, args: readonly string[]): Promise<Measured> {
  const began = performance.now()
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  let peak = 0
  const watch = setInterval(() => {
    void peakOf(child.pid as number).then((value) => (peak = Math.max(peak, value)))
  }, 20)
  const [status] = (await once(child, 'close')) as [number | null]
  clearInterval(watch)
  return { status, seconds: (performance.now() - began) / 1000, peakMiB: peak === 0 ? null : Math.round(peak), stdout }
}

async function startServer(cli: string, file: string, size: string): Promise<{ dial: string; process: ChildProcess }> {
  const child = spawn(
    process.execPath,
    [cli, 'serve', file, '--listen', 'tcp!127.0.0.1!0', '--size', size, '--arena-size', '512m', '--no-compress'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  // Its output is read to the end: a server whose reader went away would be told so at its next line.
  let text = ''
  const dial = await new Promise<string | null>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      const found = /tcp!127\.0\.0\.1!\d+/.exec(text)?.[0]
      if (found !== undefined) resolve(found)
    })
    child.on('close', () => resolve(null))
  })
  if (dial !== null) return { dial, process: child }
  throw new Error(`the server did not start: ${text}`)
}

function row(name: string, measured: Measured, bytes: number, expected: readonly number[]): void {
  const rate = (bytes / mebibyte / measured.seconds).toFixed(0)
  const status = expected.includes(measured.status ?? -1) ? '' : `  (exit status ${measured.status})`
  process.stdout.write(
    `${name.padEnd(44)}${measured.seconds.toFixed(2).padStart(9)} s${rate.padStart(8)} MiB/s${String(measured.peakMiB ?? '?').padStart(7)} MiB peak${status}\n`,
  )
}

async function main(): Promise<void> {
  const [cli, ...args] = process.argv.slice(2)
  if (cli === undefined) throw new Error('usage: bench CLI [--size MIB] [--folder DIR]')
  const option = (name: string): string | undefined => {
    const at = args.indexOf(name)
    return at < 0 ? undefined : args[at + 1]
  }
  const sizeMiB = Number(option('--size') ?? 2200)
  const folder = await mkdtemp(join(option('--folder') ?? tmpdir(), 'venti-mirror-bench-'))
  let server: ChildProcess | null = null
  try {
    const source = join(folder, 'source.img')
    process.stdout.write(`machine: ${cpus().length} x ${cpus()[0]?.model ?? '?'}, Node ${process.version}\n`)
    const began = performance.now()
    const made = await makePartition(source, {
      sizeBytes: sizeMiB * mebibyte,
      arenaBytes: 512 * mebibyte,
      compressiblePart: 0.4,
      seed: 20190314,
      lastFill: 0.7,
    })
    process.stdout.write(
      `partition: ${sizeMiB} MiB, ${made.blocks} blocks of 8 KiB, ${(made.bytes / mebibyte).toFixed(0)} MiB of data stored in ${(made.stored / mebibyte).toFixed(0)} MiB (made in ${((performance.now() - began) / 1000).toFixed(0)} s)\n\n`,
    )
    row(
      'arenas --check (scan, decode, hash, seals)',
      await measure(cli, ['arenas', source, '--check', '--json']),
      made.bytes,
      [0],
    )
    const started = await startServer(cli, join(folder, 'target.img'), `${Math.ceil(made.bytes / mebibyte) + 1024}m`)
    server = started.process
    const state = join(folder, 'state')
    const sync = ['sync', source, '--to', started.dial, '--state', state, '--json']
    row('sync: bulk copy to the embedded server', await measure(cli, sync), made.bytes, [0])
    const again = await measure(cli, sync)
    row('sync: nothing new', again, 0, [0])
    const { bytesRead } = JSON.parse(again.stdout) as { bytesRead: number }
    process.stdout.write(`${''.padEnd(44)}${bytesRead} bytes read\n`)
    await rm(state, { recursive: true })
    row('sync: cursors lost, target complete', await measure(cli, sync), made.bytes, [0])
    process.stdout.write(
      `${'embedded server'.padEnd(72)}${String(Math.round(await peakOf(server.pid as number))).padStart(7)} MiB peak\n`,
    )
  } finally {
    if (server !== null && server.exitCode === null) {
      server.kill('SIGTERM')
      await once(server, 'close')
    }
    await rm(folder, { recursive: true, force: true })
  }
}

await main()
