// How fast a whole archive is checked on a target, in both depths, beside venti/copy of the same archive to nowhere (the
// way to walk one with plan9port). The compared commands take turns, because machines are noisy: ratios are of one round,
// and what is printed is the median over all rounds.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { RootScore } from '../../shared/model/score.ts'
import { connectVenti } from '../../electron/engine/venti/client/client.ts'
import { parseDial } from '../../electron/engine/venti/client/dial.ts'
import { realVenti, type RealVenti, type VentiServer } from '../helpers/real-venti.ts'
import { makeArchive, type BenchArchive } from './make-archive.ts'
import { measure, peakOf, startServer, stopServer, type Measured } from './measure.ts'
import { NullVenti } from './null-venti.ts'
import { middle } from './turns.ts'

const mebibyte = 1024 * 1024

export type VerifyBench = { readonly cli: string; readonly fullBlocks: number; readonly rounds: number }

type Command = { readonly name: string; readonly run: () => Promise<Measured> }

type Place = { readonly title: string; readonly commands: readonly Command[] }

function verifyOf(
  bench: VerifyBench,
  folder: string,
  dial: string,
  archive: BenchArchive,
  depth: readonly string[],
): Command {
  const args = ['verify', archive.root, '--at', dial, ...depth, '--state', join(folder, 'state'), '--json']
  return {
    name: ['verify', ...depth].join(' '),
    run: async () => {
      const measured = await measure(process.execPath, [bench.cli, ...args])
      const { ok, blocks } = JSON.parse(measured.stdout) as { ok: boolean; blocks: number }
      // A check of less than everything says nothing about speed.
      if (!ok || blocks !== archive.blocks) throw new Error(`verify at ${dial}: ok ${ok}, ${blocks} blocks`)
      return measured
    },
  }
}

function copyOf(venti: RealVenti, nowhere: NullVenti, dial: string, root: RootScore, blocks: number): Command {
  // Without the second process that plan9port's programs start, memory is that of the one that copies.
  const environment = { ...venti.environment, NOLIBTHREADDAEMONIZE: '1' }
  return {
    name: 'venti/copy to nowhere',
    run: async () => {
      const before = nowhere.writes
      const args = [dial, nowhere.dial, `vac:${root}`]
      const measured = await measure(venti.toolPath('copy'), args, environment)
      const copied = nowhere.writes - before
      if (measured.status !== 0 || copied !== blocks) {
        throw new Error(`venti/copy from ${dial}: status ${measured.status}, ${copied} blocks of ${blocks}`)
      }
      return measured
    },
  }
}

/** `rounds`: what the commands of the place took in each. */
function report(place: Place, rounds: readonly (readonly Measured[])[], blocks: number): void {
  process.stdout.write(`\n${place.title}\n`)
  const copies = place.commands.length > 2 ? rounds.map((round) => (round.at(-1) as Measured).seconds) : null
  for (const [at, { name }] of place.commands.entries()) {
    const runs = rounds.map((round) => round[at] as Measured)
    const seconds = runs.map((run) => run.seconds)
    const median = middle(seconds)
    const span = `${Math.min(...seconds).toFixed(2)} to ${Math.max(...seconds).toFixed(2)}`
    const rate = Math.round(blocks / median)
    const peaks = runs.flatMap((run) => run.peakMiB ?? [])
    const peak = peaks.length === 0 ? '?' : String(Math.max(...peaks))
    const ratio = copies?.map((copy, round) => copy / (seconds[round] as number))
    const faster =
      ratio === undefined || at === place.commands.length - 1 ? '' : ` ${middle(ratio).toFixed(1)} x as fast`
    process.stdout.write(
      `  ${name.padEnd(24)}${median.toFixed(2).padStart(7)} s (${span})`.padEnd(54) +
        `${String(rate).padStart(7)} blocks/s${peak.padStart(6)} MiB peak${faster}\n`,
    )
  }
}

/** Each round asks everything of everyone once. */
async function takeTurns(places: readonly Place[], rounds: number): Promise<readonly (readonly Measured[])[][]> {
  const results = places.map((): (readonly Measured[])[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [at, { commands }] of places.entries()) {
      const measured: Measured[] = []
      for (const command of commands) measured.push(await command.run())
      results[at]?.push(measured)
    }
  }
  return results
}

async function fill(dials: readonly string[], fullBlocks: number): Promise<BenchArchive> {
  const clients = await Promise.all(dials.map((dial) => connectVenti(parseDial(dial), { replyTimeoutMs: 120_000 })))
  const archive = await makeArchive(clients, { fullBlocks, compressiblePart: 0.4, seed: 20190314 })
  await Promise.all(clients.map((client) => client.close()))
  return archive
}

export async function benchVerify(bench: VerifyBench, folder: string): Promise<void> {
  const real = realVenti()
  const sizeMiB = Math.ceil((bench.fullBlocks * 8192 * 1.5) / mebibyte) + 256
  const embedded = await startServer(bench.cli, join(folder, 'archive.img'), ['--size', `${sizeMiB}m`])
  const nowhere = await NullVenti.listen()
  let original: VentiServer | null = null
  try {
    if (real !== null) {
      await mkdir(join(folder, 'original'))
      const format = { partitionSizeBytes: sizeMiB * mebibyte, arenaSize: '512M' }
      original = await real.start(join(folder, 'original'), format)
    }
    const archive = await fill([embedded.dial, ...(original === null ? [] : [original.dial])], bench.fullBlocks)
    if (real !== null && original !== null) {
      // Left alone it writes its index for minutes; built in one go, what is measured begins with a settled server.
      await original.stop()
      original = await real.serve(join(folder, 'original', 'again'), join(folder, 'original', 'arenas'))
    }
    process.stdout.write(
      `archive: ${archive.blocks} blocks, ${archive.fullBlocks} of them 8 KiB of a file; ${archive.files} files, ` +
        `${(archive.bytes / mebibyte).toFixed(0)} MiB; medians of ${bench.rounds} rounds\n`,
    )
    const place = (title: string, dial: string): Place => {
      const verify = (depth: readonly string[]): Command => verifyOf(bench, folder, dial, archive, depth)
      const copy = real === null ? [] : [copyOf(real, nowhere, dial, archive.root, archive.blocks)]
      return { title, commands: [verify([]), verify(['--full']), ...copy] }
    }
    const places = [place('at the embedded server', embedded.dial)]
    if (original !== null) places.push(place("at plan9port's venti", original.dial))
    const results = await takeTurns(places, bench.rounds)
    for (const [at, one] of places.entries()) report(one, results[at] ?? [], archive.blocks)
    const peak = Math.round(await peakOf(embedded.process.pid as number))
    process.stdout.write(`\n  ${'embedded server'.padEnd(68)}${String(peak).padStart(6)} MiB peak\n`)
    if (original !== null) return
    process.stdout.write(
      "  plan9port's venti and venti/copy: not measured, PLAN9 does not name a built plan9port tree\n",
    )
  } finally {
    await nowhere.close()
    await original?.stop()
    await stopServer(embedded.process)
  }
}
