// What measurements of mirroring have in common: the built command and wrarena as contenders, and where figures are kept.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RealVenti } from '../helpers/real-venti.ts'
import { command, compare, printRows, type Contender, type Part, type Row } from './turns.ts'

/** Of every partition that is made for a measurement. */
export const mixture = { compressiblePart: 0.4, seed: 20190314, lastFill: 0.7, isMixed: true }

/** Where the first arena of a partition made here is. */
const firstArena = 794_624

export type MirrorBench = { readonly cli: string; readonly sizeMiB: number; readonly rounds: number }

/** What a sync says of itself. */
export type Said = { readonly bytesRead: number; readonly targets: readonly { readonly bytesSent: number }[] }

export class MirrorContenders {
  readonly settings: MirrorBench
  readonly real: RealVenti | null
  readonly parts: Part[] = []
  readonly #folder: string

  constructor(settings: MirrorBench, folder: string, real: RealVenti | null) {
    this.settings = settings
    this.#folder = folder
    this.real = real
  }

  path(name: string): string {
    return join(this.#folder, name)
  }

  async compare(
    title: string,
    contenders: readonly Contender[],
    options: { readonly bytes: number | null; readonly hasPeer: boolean; readonly rounds?: number },
  ): Promise<readonly Row[]> {
    const rows = await compare(contenders, { rounds: this.settings.rounds, ...options })
    this.parts.push({ title, rows })
    printRows(title, rows)
    return rows
  }

  ours(name: string, args: readonly string[]): Contender {
    return command(name, process.execPath, [this.settings.cli, ...args])
  }

  /** wrarena of every arena. Its sync fails at a host that is none. */
  wrarena(source: string, dial: string, statuses: readonly number[] = [0]): readonly Contender[] {
    const { real } = this
    if (real === null) return []
    const args = ['-h', dial, '-o', String(firstArena), source]
    // Without the second process that plan9port's programs start, time and memory are those of the one that copies.
    const environment = { ...real.environment, NOLIBTHREADDAEMONIZE: '1' }
    return [command('wrarena', real.toolPath('wrarena'), args, { environment, statuses })]
  }

  /** A first sync, or one that has lost its cursors: without a state. */
  sync(
    name: string,
    source: string,
    dials: readonly string[],
    told: (said: Said) => void = () => undefined,
  ): Contender {
    const state = this.path('state')
    const to = dials.flatMap((dial) => ['--to', dial])
    const { run } = this.ours(name, ['sync', source, ...to, '--state', state, '--json'])
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
}
