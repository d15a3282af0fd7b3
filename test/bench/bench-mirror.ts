// How fast a partition is read, and mirrored to whom, beside plan9port's wrarena on the same image in the same round. Each
// measurement is one of the goals of the project; what is measured is the built command, from its start to its end.

import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { realVenti, type RealVenti, type VentiServer } from '../helpers/real-venti.ts'
import { SlowLine } from '../helpers/slow-line.ts'
import { makePartition, type BenchPartition } from './make-partition.ts'
import { peakOf, startServer, startSink, stopServer, type Measured } from './measure.ts'
import { command, compare, middle, printRows, type Contender, type Row } from './turns.ts'

const mebibyte = 1024 * 1024

export type MirrorBench = { readonly cli: string; readonly sizeMiB: number; readonly rounds: number }

export type Part = { readonly title: string; readonly rows: readonly Row[] }

const mixture = { compressiblePart: 0.4, seed: 20190314, lastFill: 0.7, isMixed: true }

/** What a sync says of itself. */
type Said = { readonly bytesRead: number; readonly targets: readonly { readonly bytesSent: number }[] }

class Bench {
  readonly #bench: MirrorBench
  readonly #folder: string
  readonly #real: RealVenti | null
  readonly parts: Part[] = []

  constructor(bench: MirrorBench, folder: string, real: RealVenti | null) {
    this.#bench = bench
    this.#folder = folder
    this.#real = real
  }

  async run(): Promise<void> {
    const source = this.#path('source.img')
    const sizeBytes = this.#bench.sizeMiB * mebibyte
    const made = await makePartition(source, { sizeBytes, arenaBytes: 512 * mebibyte, ...mixture })
    process.stdout.write(
      `partition: ${this.#bench.sizeMiB} MiB, ${made.blocks} blocks of 1 byte to 56 KiB, ` +
        `${(made.bytes / mebibyte).toFixed(0)} MiB of data stored in ${(made.stored / mebibyte).toFixed(0)} MiB\n`,
    )
    await this.#scan(source, made)
    await this.#toSink(source, made)
    await this.#toThree(source, made)
    await this.#toServers(source, made)
    await rm(source)
    await this.#nothingNew()
    await this.#longLine()
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }

  async #compare(
    title: string,
    contenders: readonly Contender[],
    options: { readonly bytes: number | null; readonly hasPeer: boolean; readonly rounds?: number },
  ): Promise<readonly Row[]> {
    const rows = await compare(contenders, { rounds: this.#bench.rounds, ...options })
    this.parts.push({ title, rows })
    printRows(title, rows)
    return rows
  }

  #ours(name: string, args: readonly string[]): Contender {
    return command(name, process.execPath, [this.#bench.cli, ...args])
  }

  /** wrarena of every arena. Its sync fails at a host that is none. */
  #wrarena(source: string, dial: string, statuses: readonly number[] = [0]): readonly Contender[] {
    const real = this.#real
    if (real === null) return []
    const args = ['-h', dial, '-o', String(firstArena), source]
    // Without the second process that plan9port's programs start, time and memory are those of the one that copies.
    const environment = { ...real.environment, NOLIBTHREADDAEMONIZE: '1' }
    return [command('wrarena', real.toolPath('wrarena'), args, { environment, statuses })]
  }

  /** A first sync, or one that has lost its cursors: without a state. */
  #sync(
    name: string,
    source: string,
    dials: readonly string[],
    told: (said: Said) => void = () => undefined,
  ): Contender {
    const state = this.#path('state')
    const to = dials.flatMap((dial) => ['--to', dial])
    const { run } = this.#ours(name, ['sync', source, ...to, '--state', state, '--json'])
    return {
      name,
      run: async () => {
        await rm(state, { recursive: true, force: true })
        const measured = await run()
        told(JSON.parse(measured.stdout) as Said)
        return measured
      },
    }
  }

  async #scan(source: string, { bytes }: BenchPartition): Promise<void> {
    const ours = this.#ours('arenas --check', ['arenas', source, '--check', '--json'])
    const peer = this.#wrarena(source, '/dev/null', [0, 1])
    await this.#compare('scan, decode, check; no target', [ours, ...peer], { bytes, hasPeer: peer.length > 0 })
  }

  async #toSink(source: string, { bytes }: BenchPartition): Promise<void> {
    const sink = await startSink()
    try {
      const peer = this.#wrarena(source, sink.dial)
      await this.#compare('to a venti that keeps nothing', [this.#sync('sync', source, [sink.dial]), ...peer], {
        bytes,
        hasPeer: peer.length > 0,
      })
    } finally {
      await stopServer(sink.process)
    }
  }

  async #toThree(source: string, { bytes }: BenchPartition): Promise<void> {
    const sinks = [await startSink(), await startSink(), await startSink()]
    const read = new Map<string, number>()
    try {
      const sync = (name: string, dials: readonly string[]): Contender =>
        this.#sync(name, source, dials, ({ bytesRead }) => read.set(name, bytesRead))
      const [first] = sinks
      const contenders = [
        sync(
          'sync to three',
          sinks.map(({ dial }) => dial),
        ),
        sync('sync to one', [(first as { dial: string }).dial]),
      ]
      await this.#compare('three targets that keep nothing, and one', contenders, { bytes, hasPeer: true })
      process.stdout.write(`  bytes read: ${[...read].map(([name, count]) => `${name} ${count}`).join(', ')}\n`)
    } finally {
      for (const sink of sinks) await stopServer(sink.process)
    }
  }

  /** Into empty servers, a new one for each run; then again without the cursors. */
  async #toServers(source: string, { bytes, stored }: BenchPartition): Promise<void> {
    const sizeMiB = Math.ceil(bytes / mebibyte) + 1024
    let server: VentiServer | null = null
    const sent: number[] = []
    const note = ({ targets }: Said): void => void sent.push(targets[0]?.bytesSent ?? 0)
    /** Runs it at a fresh server of the other kind. */
    const atReal = (make: (dial: string) => Contender): readonly Contender[] => {
      const real = this.#real
      if (real === null) return []
      return [
        {
          name: make('').name,
          run: async () => {
            await server?.stop()
            await rm(this.#path('real'), { recursive: true, force: true })
            await mkdir(this.#path('real'))
            const format = { partitionSizeBytes: sizeMiB * mebibyte, arenaSize: '512M' }
            server = await real.start(this.#path('real'), format)
            return await make(server.dial).run()
          },
        },
      ]
    }
    try {
      const peer = atReal((dial) => this.#wrarena(source, dial)[0] as Contender)
      const embedded: Contender = { name: 'sync to the embedded server', run: () => this.#toEmbedded(source, sizeMiB) }
      const contenders = [
        embedded,
        ...atReal((dial) => this.#sync("sync to plan9port's venti", source, [dial])),
        ...peer,
      ]
      await this.#compare('a first copy', contenders, { bytes, hasPeer: peer.length > 0 })
      if (server !== null) {
        const { dial } = server as VentiServer
        const again = [this.#sync('sync', source, [dial], note), ...this.#wrarena(source, dial)]
        await this.#compare("cursors lost, plan9port's venti has everything", again, { bytes: null, hasPeer: true })
        const part = (100 * middle(sent)) / stored
        process.stdout.write(`  ${middle(sent)} bytes of blocks sent: ${part.toFixed(2)} % of all\n`)
      }
    } finally {
      await (server as VentiServer | null)?.stop()
    }
  }

  async #toEmbedded(source: string, sizeMiB: number): Promise<Measured> {
    const store = this.#path('target.img')
    await rm(store, { force: true })
    const serve = ['--size', `${sizeMiB}m`, '--arena-size', '512m', '--no-compress']
    const server = await startServer(this.#bench.cli, store, serve)
    try {
      const measured = await this.#sync('', source, [server.dial]).run()
      const peak = Math.round(await peakOf(server.process.pid as number))
      process.stdout.write(`  embedded server: ${peak} MiB peak\n`)
      return measured
    } finally {
      await stopServer(server.process)
    }
  }

  async #nothingNew(): Promise<void> {
    const source = this.#path('many.img')
    const sizes = { sizeBytes: 4002 * mebibyte, arenaBytes: mebibyte, sealedFill: 0.02 }
    await makePartition(source, { ...mixture, ...sizes, isMixed: false })
    const sink = await startSink()
    let read = 0
    try {
      await this.#sync('', source, [sink.dial]).run()
      const again = this.#ours('sync, nothing new', [
        'sync',
        source,
        '--to',
        sink.dial,
        '--state',
        this.#path('state'),
        '--json',
      ])
      const contender = {
        name: again.name,
        run: async () => {
          const measured = await again.run()
          read = (JSON.parse(measured.stdout) as Said).bytesRead
          return measured
        },
      }
      await this.#compare('nothing new in 4 000 arenas', [contender], { bytes: null, hasPeer: false })
      process.stdout.write(`  ${read} bytes read\n`)
    } finally {
      await stopServer(sink.process)
      await rm(source)
    }
  }

  /** 10 Mbit/s. */
  async #longLine(): Promise<void> {
    const source = this.#path('small.img')
    const { bytes } = await makePartition(source, { ...mixture, sizeBytes: 24 * mebibyte, arenaBytes: 8 * mebibyte })
    const bytesPerSecond = 1_250_000
    const server = await startServer(this.#bench.cli, this.#path('line.img'), ['--size', '128m', '--arena-size', '32m'])
    const port = Number(/!(\d+)$/.exec(server.dial)?.[1])
    const far = await SlowLine.to(port, { bytesPerSecond, roundTripMs: 200 })
    const near = await SlowLine.to(port, { bytesPerSecond, roundTripMs: 50 })
    try {
      const once = { bytes, rounds: 1 }
      const [row] = await this.#compare(
        '10 Mbit/s, 200 ms round trip',
        [this.#sync('sync, a first copy', source, [far.dial])],
        {
          ...once,
          hasPeer: false,
        },
      )
      const used = far.bytesSent / bytesPerSecond / (row as Row).seconds
      process.stdout.write(`  ${(100 * used).toFixed(0)} % of the line used\n`)
      const peer = this.#wrarena(source, near.dial)
      const lost = [this.#sync('sync, cursors lost', source, [near.dial]), ...peer]
      await this.#compare('10 Mbit/s, 50 ms round trip, everything there', lost, { ...once, hasPeer: peer.length > 0 })
    } finally {
      await far.close()
      await near.close()
      await stopServer(server.process)
    }
  }
}

/** Where the first arena of a partition made here is. */
const firstArena = 794_624

export async function benchMirror(bench: MirrorBench, folder: string): Promise<readonly Part[]> {
  const real = realVenti()
  const all = new Bench(bench, folder, real)
  await all.run()
  if (real === null) process.stdout.write('\nbeside plan9port: not measured, PLAN9 does not name a built tree\n')
  return all.parts
}
