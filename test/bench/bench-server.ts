// How fast the embedded server takes blocks, beside plan9port's venti with the same load in the same round; how soon it
// opens a store again, beside one scan of it; and what its table costs in memory for each block. A goal of the project each.

import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { realVenti, type RealVenti } from '../helpers/real-venti.ts'
import { wireData } from '../../electron/engine/venti/format/block-type.ts'
import { scoreBytes } from '../../electron/engine/venti/format/constants.ts'
import { ScoreTable } from '../../electron/engine/venti/server/score-table.ts'
import type { Loaded, LoadKind } from './load.ts'
import { makePartition } from './make-partition.ts'
import { mixture } from './mirror-contenders.ts'
import { seeded } from './seeded-blocks.ts'
import { cpuOf, measure, peakOf, residentOf, startServer, stopServer, type Measured } from './measure.ts'
import { command, compare, mebibyte, middle, printRows, type Contender, type Part } from './turns.ts'

export type ServerBench = {
  readonly cli: string
  readonly loadMiB: number
  readonly storeMiB: number
  readonly tinyBlocks: number
  readonly rounds: number
}

/** The load, and what the server whose process that is spent on it. */
async function loadServer(dial: string, pid: number, kind: LoadKind, amount: number) {
  const before = await cpuOf(pid)
  const run = await measure(process.execPath, [process.argv[1] as string, '--load', dial, kind, String(amount)])
  if (run.status !== 0) throw new Error(`the load ended with ${run.status}\n${run.stderr}`)
  const loaded = JSON.parse(run.stdout) as Loaded
  const cpuSeconds = (await cpuOf(pid)) - before
  const peakMiB = Math.round(await peakOf(pid))
  return { loaded, measured: { ...run, seconds: loaded.seconds, cpuSeconds, peakMiB } satisfies Measured }
}

class Bench {
  readonly #bench: ServerBench
  readonly #folder: string
  readonly #real: RealVenti | null
  readonly parts: Part[] = []

  constructor(bench: ServerBench, folder: string, real: RealVenti | null) {
    this.#bench = bench
    this.#folder = folder
    this.#real = real
  }

  async run(): Promise<void> {
    await this.#ingest()
    await this.#reopen()
    await this.#memory()
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }

  async #compare(
    title: string,
    contenders: readonly Contender[],
    { bytes = null, hasPeer = true }: { readonly bytes?: number | null; readonly hasPeer?: boolean } = {},
  ): Promise<void> {
    const rows = await compare(contenders, { rounds: this.#bench.rounds, bytes, hasPeer })
    this.parts.push({ title, rows })
    printRows(title, rows)
  }

  /** Both compress, as they do by default; each run into an empty server. */
  async #ingest(): Promise<void> {
    const { loadMiB } = this.#bench
    const load: Loaded[] = []
    const take = async (dial: string, pid: number): Promise<Measured> => {
      const { loaded, measured } = await loadServer(dial, pid, 'mixed', loadMiB)
      load.push(loaded)
      return measured
    }
    const real = this.#real
    const peer: Contender[] = real === null ? [] : [{ name: "plan9port's venti", run: () => this.#atReal(real, take) }]
    const ours = (name: string, options: readonly string[]): Contender => ({
      name,
      run: () => this.#atEmbedded(options, take),
    })
    const contenders = [ours('embedded', []), ours('embedded, --no-compress', ['--no-compress']), ...peer]
    const bytes = loadMiB * mebibyte
    await this.#compare('taken from one client, first write to sync; processor and memory of the server', contenders, {
      bytes,
      hasPeer: peer.length > 0,
    })
    const cpu = middle(load.map(({ cpuSeconds }) => cpuSeconds))
    process.stdout.write(`  ${load[0]?.blocks} blocks; the client itself: ${cpu.toFixed(2)} s CPU\n`)
  }

  async #atEmbedded(
    options: readonly string[],
    take: (dial: string, pid: number) => Promise<Measured>,
  ): Promise<Measured> {
    const store = this.#path('store.img')
    await rm(store, { force: true })
    const size = ['--size', `${this.#bench.loadMiB + 1024}m`, '--arena-size', '512m']
    const server = await startServer(this.#bench.cli, store, [...size, ...options])
    try {
      return await take(server.dial, server.process.pid as number)
    } finally {
      await stopServer(server.process)
    }
  }

  async #atReal(real: RealVenti, take: (dial: string, pid: number) => Promise<Measured>): Promise<Measured> {
    const folder = this.#path('real')
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder)
    const partitionSizeBytes = (this.#bench.loadMiB + 1024) * mebibyte
    const server = await real.start(folder, { partitionSizeBytes, arenaSize: '512M' })
    try {
      return await take(server.dial, server.processes[0] as number)
    } finally {
      await server.stop()
    }
  }

  /** From its start until the server listens, beside the two ways to read all of the file. */
  async #reopen(): Promise<void> {
    const { storeMiB, cli } = this.#bench
    const store = this.#path('full.img')
    const { blocks } = await makePartition(store, {
      ...mixture,
      sizeBytes: storeMiB * mebibyte,
      arenaBytes: 512 * mebibyte,
    })
    const reopened: Contender = {
      name: 'serve, until it listens',
      run: async () => {
        const began = performance.now()
        const server = await startServer(cli, store, [])
        const seconds = (performance.now() - began) / 1000
        const pid = server.process.pid as number
        const [cpuSeconds, peakMiB] = [await cpuOf(pid), Math.round(await peakOf(pid))]
        await stopServer(server.process)
        return { status: 0, seconds, cpuSeconds, peakMiB, stdout: '', stderr: '' }
      },
    }
    const read = command('read to the end (dd)', 'dd', [`if=${store}`, 'of=/dev/null', 'bs=1M', 'status=none'])
    const scan = command('arenas --check', process.execPath, [cli, 'arenas', store, '--check', '--json'])
    await this.#compare(`a store of ${storeMiB} MiB with ${blocks} blocks opened again, and scanned`, [
      reopened,
      read,
      scan,
    ])
    await rm(store)
  }

  /** What many tiny blocks add to the server's memory: while they come, and after it was started again. */
  async #memory(): Promise<void> {
    const { cli, tinyBlocks } = this.#bench
    const store = this.#path('tiny.img')
    const size = ['--size', `${Math.ceil((tinyBlocks * 128) / mebibyte) + 64}m`]
    const start = async () => {
      const server = await startServer(cli, store, size)
      return { ...server, mebibytes: await residentOf(server.process.pid as number) }
    }
    const filled = await start()
    const pid = filled.process.pid as number
    // What any load costs is there after the first half; the second sends it once more, and as many new ones.
    await loadServer(filled.dial, pid, 'tiny', tinyBlocks / 2)
    const half = await residentOf(pid)
    const { loaded } = await loadServer(filled.dial, pid, 'tiny', tinyBlocks)
    const grown = await residentOf(pid)
    await stopServer(filled.process)
    const again = await start()
    await stopServer(again.process)
    const table = new ScoreTable()
    const score = new Uint8Array(scoreBytes)
    const random = seeded(1)
    for (let number = 0; number < tinyBlocks; number++) {
      for (let i = 0; i < scoreBytes; i++) score[i] = random() >>> 11
      table.add(score, 0, wireData, 0, number, 1)
    }
    const each = (mebibytes: number): string => `${((mebibytes * mebibyte) / tinyBlocks).toFixed(1)} bytes`
    process.stdout.write(
      `\nmemory of ${tinyBlocks} blocks of 1 to 64 bytes (taken in ${loaded.seconds.toFixed(1)} s), each; limit: 48 bytes\n` +
        `  the table itself: ${each(table.memoryBytes / mebibyte)}\n` +
        `  resident in the server that took them, for each of the second half: ${each(2 * (grown - half))}\n` +
        `  resident in one started again, all that it has above an empty one: ${each(again.mebibytes - filled.mebibytes)}\n`,
    )
    await rm(store)
  }
}

export async function benchServer(bench: ServerBench, folder: string): Promise<readonly Part[]> {
  const all = new Bench(bench, folder, realVenti())
  await all.run()
  return all.parts
}
