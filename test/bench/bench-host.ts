// How soon the window's host answers while it copies at full speed, and how often it tells. Asked at a fixed rate whatever
// the last answer took, so that a stall is seen in every request it held up. How late a timer of the asking process is says
// how busy the machine was by itself.

import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cookieOf, HostRequests } from '../e2e/host-requests.ts'
import { prepareMirror } from '../e2e/setup-by-request.ts'
import { makePartition } from './make-partition.ts'
import { startServer, startWindow, stopServer } from './measure.ts'
import { mebibyte } from './turns.ts'

const everyMs = 10

export type HostBench = { readonly cli: string; readonly sizeMiB: number; readonly rounds: number }

type Round = {
  readonly seconds: number
  /** Milliseconds of each, by what was asked. */
  readonly answers: ReadonlyMap<string, readonly number[]>
  readonly lateP99: number
  /** In the second that had most. */
  readonly eventsPerSecond: number
}

/** `part` from 0 to 1. */
function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0
}

/** Most events in any span of one second. */
function mostInASecond(times: readonly number[]): number {
  let [most, from] = [0, 0]
  for (const [to, ms] of times.entries()) {
    while ((times[from] as number) <= ms - 1000) from++
    most = Math.max(most, to - from + 1)
  }
  return most
}

async function askWhileCopying(requests: HostRequests, isOver: () => boolean, mirror: string) {
  // What a page asks for by itself while it shows a copy.
  const asks = {
    'app.view': () => requests.ask('app.view', {}),
    'activity.list': () => requests.ask('activity.list', { mirror: null, kinds: [], from: 0, count: 50 }),
    'mirror.arenas': () => requests.ask('mirror.arenas', { mirror }),
  }
  const names = Object.keys(asks) as (keyof typeof asks)[]
  const answers = new Map(names.map((name): [string, number[]] => [name, []]))
  const late: number[] = []
  const open: Promise<void>[] = []
  for (let next = performance.now(), turn = 0; !isOver(); turn++) {
    next += everyMs
    await sleep(Math.max(0, next - performance.now()))
    late.push(Math.max(0, performance.now() - next))
    const asked = performance.now()
    const name = names[turn % names.length] as keyof typeof asks
    open.push(asks[name]().then(() => void answers.get(name)?.push(performance.now() - asked)))
  }
  await Promise.all(open)
  return { answers, late }
}

async function oneRound(bench: HostBench, source: string, folder: string): Promise<Round> {
  const size = [`--size`, `${bench.sizeMiB * 2 + 512}m`, '--arena-size', '512m', '--no-compress']
  const store = await startServer(bench.cli, join(folder, 'store.img'), size)
  const host = await startWindow(bench.cli, join(folder, 'state'))
  try {
    const requests = await HostRequests.open(host, await cookieOf(host))
    await prepareMirror(requests, { source, targets: { store: store.dial }, ninefat: null })
    const began = performance.now()
    const { job, draft } = await requests.ask('setup.copy', {})
    let isOver = false
    const ended = requests.ended(job).then((view) => {
      isOver = true
      return view
    })
    const from = requests.events.length
    const { answers, late } = await askWhileCopying(requests, () => isOver, draft.mirror ?? draft.name)
    const { result, targets } = await ended
    if (targets.some(({ error }) => error !== null)) throw new Error(`the copy came to ${result}`)
    const times = requests.events.slice(from).map(({ ms }) => ms)
    const seconds = (performance.now() - began) / 1000
    await requests.close()
    return {
      seconds,
      answers,
      lateP99: percentile(late, 0.99),
      eventsPerSecond: mostInASecond(times),
    }
  } finally {
    await stopServer(host.process)
    await stopServer(store.process)
  }
}

export async function benchHost(bench: HostBench, folder: string): Promise<void> {
  const source = join(folder, 'arenas.img')
  const sizeBytes = bench.sizeMiB * mebibyte
  const mixture = { compressiblePart: 0.4, seed: 20190314, lastFill: 0.7 }
  const { bytes } = await makePartition(source, { sizeBytes, arenaBytes: 128 * mebibyte, ...mixture })
  process.stdout.write(
    `\nthe window's host during a copy of ${(bytes / mebibyte).toFixed(0)} MiB, asked every ${everyMs} ms; limit: p99 20 ms, 10 events a second\n`,
  )
  for (let round = 0; round < bench.rounds; round++) {
    const own = join(folder, `round-${round}`)
    await mkdir(own)
    const one = await oneRound(bench, source, own)
    await rm(own, { recursive: true })
    const ms = (value: number): string => `${value.toFixed(1)} ms`
    process.stdout.write(
      `  copy ${one.seconds.toFixed(1)} s, ${(bytes / mebibyte / one.seconds).toFixed(0)} MiB/s; at most ${one.eventsPerSecond} events in a second; a timer here was late by ${ms(one.lateP99)} (p99)\n`,
    )
    for (const [name, times] of [['all', [...one.answers.values()].flat()] as const, ...one.answers]) {
      process.stdout.write(
        `    ${name.padEnd(14)}${String(times.length).padStart(5)} answers: p50 ${ms(percentile(times, 0.5))}, p99 ${ms(percentile(times, 0.99))}, longest ${ms(Math.max(...times))}\n`,
      )
    }
  }
}
