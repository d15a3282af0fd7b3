// Commands that are compared take turns, because machines are noisy: ratios are of one round, and what is told is the median
// over all rounds, with the spread.

import { measure, type Measured } from './measure.ts'

export const mebibyte = 1024 * 1024

export type Contender = {
  readonly name: string
  /** Rejects when what came of it is not what was to be measured. */
  readonly run: () => Promise<Measured>
}

export type Row = {
  readonly name: string
  readonly seconds: number
  readonly fastest: number
  readonly slowest: number
  /** Of the processor, where the system tells. */
  readonly cpuSeconds: number | null
  readonly peakMiB: number | null
  readonly mibPerSecond: number | null
  /** How many times as fast as the last contender, which is the peer; null for itself, or without one. */
  readonly timesPeer: number | null
}

/** One comparison, as it goes into the file of figures. */
export type Part = { readonly title: string; readonly rows: readonly Row[] }

/** The median; of an even number the mean of the two in the middle, because the larger one would flatter a ratio. */
export function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const at = sorted.length >> 1
  const upper = sorted[at] as number
  return sorted.length % 2 === 1 ? upper : ((sorted[at - 1] as number) + upper) / 2
}

/** `hasPeer`: the last contender is what the others are compared with. `bytes`: what each moves. */
export async function compare(
  contenders: readonly Contender[],
  { rounds, bytes, hasPeer }: { readonly rounds: number; readonly bytes: number | null; readonly hasPeer: boolean },
): Promise<readonly Row[]> {
  const results = contenders.map((): Measured[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [at, { run }] of contenders.entries()) results[at]?.push(await run())
  }
  const peer = hasPeer ? results.at(-1) : undefined
  return contenders.map(({ name }, at) => {
    const runs = results[at] as readonly Measured[]
    const seconds = runs.map((run) => run.seconds)
    const median = middle(seconds)
    const cpu = runs.flatMap((run) => run.cpuSeconds ?? [])
    const peaks = runs.flatMap((run) => run.peakMiB ?? [])
    const ratios = peer?.map((one, round) => one.seconds / (seconds[round] as number))
    return {
      name,
      seconds: median,
      fastest: Math.min(...seconds),
      slowest: Math.max(...seconds),
      cpuSeconds: cpu.length === 0 ? null : middle(cpu),
      peakMiB: peaks.length === 0 ? null : Math.max(...peaks),
      mibPerSecond: bytes === null ? null : bytes / mebibyte / median,
      timesPeer: ratios === undefined || at === contenders.length - 1 ? null : middle(ratios),
    }
  })
}

const cell = (text: string, width: number): string => text.padStart(width)

export function printRows(title: string, rows: readonly Row[]): void {
  process.stdout.write(`\n${title}\n`)
  for (const row of rows) {
    const span = `${row.fastest.toFixed(2)} to ${row.slowest.toFixed(2)}`
    process.stdout.write(
      `  ${row.name.padEnd(44)}${cell(row.seconds.toFixed(2), 8)} s (${span})`.padEnd(76) +
        cell(row.mibPerSecond === null ? '' : `${row.mibPerSecond.toFixed(0)} MiB/s`, 12) +
        cell(row.cpuSeconds === null ? '' : `${row.cpuSeconds.toFixed(2)} s CPU`, 13) +
        cell(row.peakMiB === null ? '' : `${row.peakMiB} MiB peak`, 14) +
        `${row.timesPeer === null ? '' : `  ${row.timesPeer.toFixed(2)} x as fast`}\n`,
    )
  }
}

/** A run of a program that has to end with one of these. */
export function command(
  name: string,
  program: string,
  args: readonly string[],
  options: { readonly environment?: NodeJS.ProcessEnv; readonly statuses?: readonly number[] } = {},
): Contender {
  const { environment = process.env, statuses = [0] } = options
  return {
    name,
    run: async () => {
      const measured = await measure(program, args, environment)
      if (!statuses.includes(measured.status ?? -1))
        throw new Error(`${name} ended with ${measured.status}\n${measured.stderr}`)
      return measured
    },
  }
}
