// npm run bench: how fast and with how much memory a partition of real size is read and mirrored, and an archive checked
// on a target; how soon the window's host answers meanwhile, and whether its page stays responsive. Runs the built command
// in processes of its own and reads their peak memory from the kernel (Linux). Figures go to standard output; nothing here
// fails on a slow machine.

import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { benchHost } from './bench-host.ts'
import { benchPage } from './bench-page.ts'
import { benchVerify } from './bench-verify.ts'
import { makePartition } from './make-partition.ts'
import { measure, peakOf, startServer, stopServer, type Measured } from './measure.ts'

const mebibyte = 1024 * 1024

function row(name: string, measured: Measured, bytes: number, expected: readonly number[]): void {
  const rate = (bytes / mebibyte / measured.seconds).toFixed(0)
  const status = expected.includes(measured.status ?? -1) ? '' : `  (exit status ${measured.status})`
  process.stdout.write(
    `${name.padEnd(44)}${measured.seconds.toFixed(2).padStart(9)} s${rate.padStart(8)} MiB/s${String(measured.peakMiB ?? '?').padStart(7)} MiB peak${status}\n`,
  )
}

async function benchMirror(cli: string, sizeMiB: number, folder: string): Promise<void> {
  const run = (args: readonly string[]): Promise<Measured> => measure(process.execPath, [cli, ...args])
  let server: ChildProcess | null = null
  try {
    const source = join(folder, 'source.img')
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
      await run(['arenas', source, '--check', '--json']),
      made.bytes,
      [0],
    )
    const size = `${Math.ceil(made.bytes / mebibyte) + 1024}m`
    const serve = ['--size', size, '--arena-size', '512m', '--no-compress']
    const started = await startServer(cli, join(folder, 'target.img'), serve)
    server = started.process
    const state = join(folder, 'state')
    const sync = ['sync', source, '--to', started.dial, '--state', state, '--json']
    row('sync: bulk copy to the embedded server', await run(sync), made.bytes, [0])
    const again = await run(sync)
    row('sync: nothing new', again, 0, [0])
    const { bytesRead } = JSON.parse(again.stdout) as { bytesRead: number }
    process.stdout.write(`${''.padEnd(44)}${bytesRead} bytes read\n`)
    await rm(state, { recursive: true })
    row('sync: cursors lost, target complete', await run(sync), made.bytes, [0])
    process.stdout.write(
      `${'embedded server'.padEnd(72)}${String(Math.round(await peakOf(server.pid as number))).padStart(7)} MiB peak\n\n`,
    )
  } finally {
    if (server !== null) await stopServer(server)
  }
}

async function main(): Promise<void> {
  const [cli, ...args] = process.argv.slice(2)
  if (cli === undefined)
    throw new Error(
      'usage: bench CLI [--only mirror|verify|host|page] [--size MIB] [--blocks N] [--rounds N] [--traces DIR] [--folder DIR]',
    )
  const option = (name: string): string | undefined => {
    const at = args.indexOf(name)
    return at < 0 ? undefined : args[at + 1]
  }
  const parts = {
    mirror: (folder: string) => benchMirror(cli, Number(option('--size') ?? 2200), folder),
    verify: (folder: string) =>
      benchVerify(
        { cli, fullBlocks: Number(option('--blocks') ?? 60_000), rounds: Number(option('--rounds') ?? 5) },
        folder,
      ),
    host: (folder: string) =>
      benchHost({ cli, sizeMiB: Number(option('--size') ?? 1024), rounds: Number(option('--rounds') ?? 3) }, folder),
    page: (folder: string) =>
      benchPage({ cli, arenas: 4000, entries: 100_000, traces: option('--traces') ?? null }, folder),
  }
  const only = option('--only')
  // Ends as any failure does: folders are removed, and servers are stopped as the process exits.
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => reject(new Error(`interrupted: ${signal}`)))
  })
  interrupted.catch(() => undefined)
  process.stdout.write(`machine: ${cpus().length} x ${cpus()[0]?.model ?? '?'}, Node ${process.version}\n`)
  for (const [name, part] of Object.entries(parts)) {
    if (only !== undefined && only !== name) continue
    // Each in a folder of its own that goes at once: they are large.
    const folder = await mkdtemp(join(option('--folder') ?? tmpdir(), 'venti-mirror-bench-'))
    try {
      await Promise.race([part(folder), interrupted])
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

await main()
