// npm run bench: how fast and with how much memory a partition of real size is read and mirrored, and an archive checked
// on a target; how soon the window's host answers meanwhile, and whether its page stays responsive. Runs the built command
// in processes of its own and reads their peak memory from the kernel (Linux). Figures go to standard output; nothing here
// fails on a slow machine.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { benchHost } from './bench-host.ts'
import { benchMirror } from './bench-mirror.ts'
import { benchPage } from './bench-page.ts'
import { benchServer } from './bench-server.ts'
import { benchSsh } from './bench-ssh.ts'
import { benchVerify } from './bench-verify.ts'
import { load, type LoadKind } from './load.ts'
import { NullVenti } from './null-venti.ts'
import type { Part } from './turns.ts'

async function main(): Promise<void> {
  const [cli, ...args] = process.argv.slice(2)
  if (cli === '--sink') {
    process.stdout.write(`${(await NullVenti.listen()).dial}\n`)
    return
  }
  if (cli === '--load') {
    const [dial = '', kind, amount] = args
    process.stdout.write(`${JSON.stringify(await load(dial, kind as LoadKind, Number(amount)))}\n`)
    return
  }
  if (cli === undefined)
    throw new Error(
      'usage: bench CLI [--only mirror|server|verify|host|page|ssh] [--size MIB] [--large] [--json FILE] [--blocks N] [--rounds N] [--traces DIR] [--folder DIR]',
    )
  const option = (name: string): string | undefined => {
    const at = args.indexOf(name)
    return at < 0 ? undefined : args[at + 1]
  }
  const measured: Part[] = []
  const parts = {
    mirror: async (folder: string) => {
      const sizeMiB = Number(option('--size') ?? (args.includes('--large') ? 8200 : 1100))
      measured.push(...(await benchMirror({ cli, sizeMiB, rounds: Number(option('--rounds') ?? 3) }, folder)))
    },
    server: async (folder: string) => {
      const storeMiB = Number(option('--size') ?? (args.includes('--large') ? 8200 : 2048))
      const tinyBlocks = Number(option('--blocks') ?? 1_000_000)
      const rounds = Number(option('--rounds') ?? 3)
      const loadMiB = Math.ceil(storeMiB / 8)
      measured.push(...(await benchServer({ cli, storeMiB, loadMiB, tinyBlocks, rounds }, folder)))
    },
    verify: async (folder: string) => {
      const fullBlocks = Number(option('--blocks') ?? 60_000)
      measured.push(...(await benchVerify({ cli, fullBlocks, rounds: Number(option('--rounds') ?? 5) }, folder)))
    },
    ssh: async (folder: string) => {
      const sizeMiB = Number(option('--size') ?? 512)
      measured.push(...(await benchSsh({ sizeMiB, rounds: Number(option('--rounds') ?? 5) }, folder)))
    },
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
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? '?'}, Node ${process.version}`
  process.stdout.write(`machine: ${machine}\n`)
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
  const json = option('--json')
  if (json !== undefined) await writeFile(json, `${JSON.stringify({ machine, parts: measured }, null, 2)}\n`)
}

await main()
