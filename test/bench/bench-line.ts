// How well a long line is used, and how soon a target that has everything is known to, over a line of 10 Mbit/s made here.

import { SlowLine } from '../helpers/slow-line.ts'
import { makePartition } from './make-partition.ts'
import { startServer, startSink, stopServer } from './measure.ts'
import { mixture, type MirrorContenders } from './mirror-contenders.ts'
import { mebibyte, type Row } from './turns.ts'

/** 10 Mbit/s. */
const bytesPerSecond = 1_250_000
const sizeMiB = 64

/** 80 Mbit/s: slower than what keeps nothing and shares the processor with us. */
const ownBytesPerSecond = 10_000_000

/** Each at the end of a line of its own, which is what limits it. */
async function benchThree(bench: MirrorContenders, source: string, bytes: number): Promise<void> {
  const sinks = [await startSink(), await startSink(), await startSink()]
  const lines: SlowLine[] = []
  try {
    for (const { dial } of sinks) {
      lines.push(await SlowLine.to(portOf(dial), { bytesPerSecond: ownBytesPerSecond, roundTripMs: 1 }))
    }
    const dials = lines.map(({ dial }) => dial)
    const contenders = [
      bench.sync('sync to three', source, dials),
      bench.sync('sync to one', source, dials.slice(0, 1)),
    ]
    await bench.compare('80 Mbit/s to each of three targets, and one', contenders, { bytes, hasPeer: true })
  } finally {
    for (const line of lines) await line.close()
    for (const sink of sinks) await stopServer(sink.process)
  }
}

const portOf = (dial: string): number => Number(/!(\d+)$/.exec(dial)?.[1])

export async function benchLine(bench: MirrorContenders): Promise<void> {
  const source = bench.path('small.img')
  const { bytes } = await makePartition(source, { ...mixture, sizeBytes: sizeMiB * mebibyte, arenaBytes: 8 * mebibyte })
  const server = await startServer(bench.settings.cli, bench.path('line.img'), [
    '--size',
    '256m',
    '--arena-size',
    '32m',
  ])
  const port = portOf(server.dial)
  const far = await SlowLine.to(port, { bytesPerSecond, roundTripMs: 200 })
  const near = await SlowLine.to(port, { bytesPerSecond, roundTripMs: 50 })
  try {
    const once = { bytes, rounds: 1 }
    const [row] = await bench.compare(
      '10 Mbit/s, 200 ms round trip',
      [bench.sync('sync, a first copy', source, [far.dial])],
      {
        ...once,
        hasPeer: false,
      },
    )
    const used = far.bytesSent / bytesPerSecond / (row as Row).seconds
    process.stdout.write(`  ${(100 * used).toFixed(0)} % of the line used\n`)
    const peer = bench.wrarena(source, near.dial)
    const lost = [bench.sync('sync, cursors lost', source, [near.dial]), ...peer]
    await bench.compare('10 Mbit/s, 50 ms round trip, everything there', lost, { ...once, hasPeer: peer.length > 0 })
    await benchThree(bench, source, bytes)
  } finally {
    await far.close()
    await near.close()
    await stopServer(server.process)
  }
}
