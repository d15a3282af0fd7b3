// How fast a partition is read, decompressed and hashed beside wrarena; how near that comes to what the machine hashes when
// it does nothing else; and that four times the data take no more memory.

import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { makePartition, type BenchPartition } from './make-partition.ts'
import { startSink, stopServer } from './measure.ts'
import { mixture, type MirrorContenders } from './mirror-contenders.ts'
import { mebibyte, type Row } from './turns.ts'

const arenaBytes = 512 * mebibyte

export async function benchScan(bench: MirrorContenders, source: string, { bytes }: BenchPartition): Promise<void> {
  const ours = bench.ours('arenas --check', ['arenas', source, '--check', '--json'])
  const peer = bench.wrarena(source, '/dev/null', [0, 1])
  await bench.compare('scan, decode, check; no target', [ours, ...peer], { bytes, hasPeer: peer.length > 0 })
}

/** Bytes of blocks of 8 KiB that OpenSSL hashes in a second on all cores; null where there is no openssl. */
async function bytesHashedPerSecond(): Promise<number | null> {
  const args = ['speed', '-seconds', '2', '-multi', String(availableParallelism()), '-bytes', '8192', 'sha1']
  const run = await promisify(execFile)('openssl', args).catch(() => null)
  const thousands = /^sha1\s+([\d.]+)k/m.exec(run?.stdout ?? '')?.[1]
  return thousands === undefined ? null : Number(thousands) * 1000
}

/** Nothing to decompress, so that hashing is all there is to do. */
export async function benchHash(bench: MirrorContenders): Promise<void> {
  const source = bench.path('plain.img')
  const sizeBytes = bench.settings.sizeMiB * mebibyte
  const { bytes } = await makePartition(source, { ...mixture, sizeBytes, arenaBytes, compressiblePart: 0 })
  const check = bench.ours('arenas --check', ['arenas', source, '--check', '--json'])
  const [row] = await bench.compare('the same, nothing compressed', [check], { bytes, hasPeer: false })
  const machine = await bytesHashedPerSecond()
  await rm(source)
  if (machine === null) return void process.stdout.write('  beside openssl speed: not measured, there is no openssl\n')
  // Once for the block's score, once for the arena's seal.
  const rate = (2 * bytes) / (row as Row).seconds
  const part = `${((100 * rate) / machine).toFixed(0)} % of openssl speed`
  process.stdout.write(`  every byte is hashed twice: ${(rate / mebibyte).toFixed(0)} MiB/s, ${part} on all cores\n`)
}

/** Peak memory with a quarter of the data, to be held beside that of the whole. */
export async function benchQuarter(bench: MirrorContenders): Promise<void> {
  const source = bench.path('quarter.img')
  const sizeBytes = Math.ceil(bench.settings.sizeMiB / 4) * mebibyte
  const { bytes } = await makePartition(source, { ...mixture, sizeBytes, arenaBytes })
  const sink = await startSink()
  try {
    const check = bench.ours('arenas --check', ['arenas', source, '--check', '--json'])
    const contenders = [check, bench.sync('sync to a venti that keeps nothing', source, [sink.dial])]
    await bench.compare('a quarter of the data', contenders, { bytes, hasPeer: false, rounds: 1 })
  } finally {
    await stopServer(sink.process)
    await rm(source)
  }
}
