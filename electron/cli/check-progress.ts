// Progress of "arenas --check": how much of the logs has been read. The engine counts bytes as it reads them; this looks at
// the count twice a second. The total comes from a quick survey: a sealed arena is read whole (its seal), another one up to
// the end of its log.

import type { ArenaSummary } from '../../shared/model/arena.ts'
import { formatBytes, formatDuration, formatRateOf, percentOf } from '../../shared/text/format.ts'
import type { ReadCount } from '../engine/source/counting-source.ts'
import type { Report } from './report.ts'

const intervalMs = 500
const directoryEntryBytes = 25

function expectedBytes(arena: ArenaSummary): number {
  return arena.sealScore === null ? arena.used + arena.clumps * directoryEntryBytes : arena.stop - arena.offset
}

export class CheckProgress {
  readonly #count: ReadCount
  readonly #report: Report
  readonly #totalBytes: number
  readonly #startBytes: number
  readonly #startMs = performance.now()
  readonly #timer: NodeJS.Timeout
  readonly #arenas: number
  #number = 0
  #name = ''

  constructor(survey: readonly ArenaSummary[], count: ReadCount, report: Report) {
    this.#count = count
    this.#report = report
    this.#arenas = survey.length
    this.#startBytes = count.bytes
    this.#totalBytes = survey.reduce((sum, arena) => sum + expectedBytes(arena), 0)
    this.#timer = setInterval(() => this.#show(), intervalMs)
    this.#timer.unref()
  }

  begin(name: string): void {
    this.#number++
    this.#name = name
  }

  end(): void {
    clearInterval(this.#timer)
    this.#report.clearProgress()
  }

  #show(): void {
    const bytes = this.#count.bytes - this.#startBytes
    const elapsedMs = performance.now() - this.#startMs
    const done = Math.min(bytes, this.#totalBytes)
    const leftMs = done === 0 ? null : ((this.#totalBytes - done) * elapsedMs) / done
    const left = leftMs === null ? '' : `, ${formatDuration(leftMs)} left`
    this.#report.progress([
      `${formatBytes(done)} of ${formatBytes(this.#totalBytes)}, ${percentOf(done, this.#totalBytes)} %, ` +
        `${formatRateOf(bytes, elapsedMs)}${left}, ${this.#name} (${this.#number} of ${this.#arenas})`,
    ])
  }
}
