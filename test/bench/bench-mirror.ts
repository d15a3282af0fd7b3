// How fast a partition is read, and mirrored to whom, beside plan9port's wrarena on the same image in the same round. Each
// measurement is one of the goals of the project; what is measured is the built command, from its start to its end.

import { mkdir, rm } from 'node:fs/promises'
import { realVenti, type VentiServer } from '../helpers/real-venti.ts'
import { benchLine } from './bench-line.ts'
import { benchHash, benchQuarter, benchScan } from './bench-scan.ts'
import { makePartition, type BenchPartition } from './make-partition.ts'
import { peakOf, startServer, startSink, stopServer, type Measured } from './measure.ts'
import { mixture, MirrorContenders, type MirrorBench, type Said } from './mirror-contenders.ts'
import { mebibyte, middle, type Contender, type Part } from './turns.ts'

async function toSink(bench: MirrorContenders, source: string, { bytes }: BenchPartition): Promise<void> {
  const sink = await startSink()
  try {
    const peer = bench.wrarena(source, sink.dial)
    await bench.compare('to a venti that keeps nothing', [bench.sync('sync', source, [sink.dial]), ...peer], {
      bytes,
      hasPeer: peer.length > 0,
    })
  } finally {
    await stopServer(sink.process)
  }
}

async function toThree(bench: MirrorContenders, source: string, { bytes }: BenchPartition): Promise<void> {
  const sinks = [await startSink(), await startSink(), await startSink()]
  const read = new Map<string, number>()
  try {
    const sync = (name: string, dials: readonly string[]): Contender =>
      bench.sync(name, source, dials, ({ bytesRead }) => read.set(name, bytesRead))
    const [first] = sinks
    const contenders = [
      sync(
        'sync to three',
        sinks.map(({ dial }) => dial),
      ),
      sync('sync to one', [(first as { dial: string }).dial]),
    ]
    await bench.compare('three targets that keep nothing, and one', contenders, { bytes, hasPeer: true })
    process.stdout.write(`  bytes read: ${[...read].map(([name, count]) => `${name} ${count}`).join(', ')}\n`)
  } finally {
    for (const sink of sinks) await stopServer(sink.process)
  }
}

/** Into empty servers, a new one for each run; then again without the cursors. */
async function toServers(bench: MirrorContenders, source: string, { bytes, stored }: BenchPartition): Promise<void> {
  const sizeMiB = Math.ceil(bytes / mebibyte) + 1024
  let server: VentiServer | null = null
  const sent: number[] = []
  const note = ({ targets }: Said): void => void sent.push(targets[0]?.bytesSent ?? 0)
  /** Runs it at a fresh server of the other kind. */
  const atReal = (make: (dial: string) => Contender): readonly Contender[] => {
    const real = bench.real
    if (real === null) return []
    return [
      {
        name: make('').name,
        run: async () => {
          await server?.stop()
          await rm(bench.path('real'), { recursive: true, force: true })
          await mkdir(bench.path('real'))
          const format = { partitionSizeBytes: sizeMiB * mebibyte, arenaSize: '512M' }
          server = await real.start(bench.path('real'), format)
          return await make(server.dial).run()
        },
      },
    ]
  }
  try {
    const peer = atReal((dial) => bench.wrarena(source, dial)[0] as Contender)
    const embedded: Contender = { name: 'sync to the embedded server', run: () => toEmbedded(bench, source, sizeMiB) }
    const contenders = [embedded, ...atReal((dial) => bench.sync("sync to plan9port's venti", source, [dial])), ...peer]
    await bench.compare('a first copy', contenders, { bytes, hasPeer: peer.length > 0 })
    if (server !== null) {
      const { dial } = server as VentiServer
      const again = [bench.sync('sync', source, [dial], note), ...bench.wrarena(source, dial)]
      await bench.compare("cursors lost, plan9port's venti has everything", again, { bytes: null, hasPeer: true })
      const part = (100 * middle(sent)) / stored
      process.stdout.write(`  ${middle(sent)} bytes of blocks sent: ${part.toFixed(2)} % of all\n`)
    }
  } finally {
    await (server as VentiServer | null)?.stop()
  }
}

async function toEmbedded(bench: MirrorContenders, source: string, sizeMiB: number): Promise<Measured> {
  const store = bench.path('target.img')
  await rm(store, { force: true })
  const serve = ['--size', `${sizeMiB}m`, '--arena-size', '512m', '--no-compress']
  const server = await startServer(bench.settings.cli, store, serve)
  try {
    const measured = await bench.sync('', source, [server.dial]).run()
    const peak = Math.round(await peakOf(server.process.pid as number))
    process.stdout.write(`  embedded server: ${peak} MiB peak\n`)
    return measured
  } finally {
    await stopServer(server.process)
  }
}

async function nothingNew(bench: MirrorContenders): Promise<void> {
  const source = bench.path('many.img')
  const sizes = { sizeBytes: 4002 * mebibyte, arenaBytes: mebibyte, sealedFill: 0.02 }
  await makePartition(source, { ...mixture, ...sizes, isMixed: false })
  const sink = await startSink()
  let read = 0
  try {
    await bench.sync('', source, [sink.dial]).run()
    const again = bench.ours('sync, nothing new', [
      'sync',
      source,
      '--to',
      sink.dial,
      '--state',
      bench.path('state'),
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
    await bench.compare('nothing new in 4 000 arenas', [contender], { bytes: null, hasPeer: false })
    process.stdout.write(`  ${read} bytes read\n`)
  } finally {
    await stopServer(sink.process)
    await rm(source)
  }
}

export async function benchMirror(settings: MirrorBench, folder: string): Promise<readonly Part[]> {
  const real = realVenti()
  const bench = new MirrorContenders(settings, folder, real)
  const source = bench.path('source.img')
  const sizeBytes = settings.sizeMiB * mebibyte
  const made = await makePartition(source, { sizeBytes, arenaBytes: 512 * mebibyte, ...mixture })
  process.stdout.write(
    `partition: ${settings.sizeMiB} MiB, ${made.blocks} blocks of 1 byte to 56 KiB, ` +
      `${(made.bytes / mebibyte).toFixed(0)} MiB of data stored in ${(made.stored / mebibyte).toFixed(0)} MiB\n`,
  )
  await benchScan(bench, source, made)
  await toSink(bench, source, made)
  await toThree(bench, source, made)
  await toServers(bench, source, made)
  await rm(source)
  await benchHash(bench)
  await benchQuarter(bench)
  await nothingNew(bench)
  await benchLine(bench)
  if (real === null) process.stdout.write('\nbeside plan9port: not measured, PLAN9 does not name a built tree\n')
  return bench.parts
}
