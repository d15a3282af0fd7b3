// How well a long line is used, and how soon a target that has everything is known to, over a line of 10 Mbit/s made here.

import { SlowLine } from '../helpers/slow-line.ts'
import { makePartition } from './make-partition.ts'
import { startServer, stopServer } from './measure.ts'
import { mebibyte, mixture, type MirrorContenders } from './mirror-contenders.ts'
import type { Row } from './turns.ts'

/** 10 Mbit/s. */
const bytesPerSecond = 1_250_000
const sizeMiB = 64

export async function benchLine(bench: MirrorContenders): Promise<void> {
  const source = bench.path('small.img')
  const { bytes } = await makePartition(source, { ...mixture, sizeBytes: sizeMiB * mebibyte, arenaBytes: 8 * mebibyte })
  const server = await startServer(bench.settings.cli, bench.path('line.img'), [
    '--size',
    '256m',
    '--arena-size',
    '32m',
  ])
  const port = Number(/!(\d+)$/.exec(server.dial)?.[1])
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
  } finally {
    await far.close()
    await near.close()
    await stopServer(server.process)
  }
}
