// history/NAME.jsonl: one line per run and per rollover, appended and never rewritten. A line cut off by a crash is
// skipped when reading.

import { join } from 'node:path'
import { appendLine } from './atomic-write.ts'
import { readLineLog } from './line-log.ts'

export type HistoryTarget = {
  readonly dial: string
  readonly ok: boolean
  readonly error: string | null
  readonly blocks: number
  readonly sent: number
  readonly present: number
  readonly bytesSent: number
}

export type HistoryLine =
  | {
      readonly kind: 'run'
      readonly at: string
      readonly durationMs: number
      readonly bytesRead: number
      /** Bytes of arena room in use when the run began; lines of older versions lack it. */
      readonly usedBytes?: number
      readonly damage: number
      readonly cancelled: boolean
      readonly targets: readonly HistoryTarget[]
      /** Absent in lines of older versions, and without a 9fat. */
      readonly bookkeeping?: {
        readonly written: boolean
        readonly error: string | null
        /** The target that wrcmd follows, and its line before and after; lines of older versions lack these. */
        readonly dial?: string | null
        readonly before?: string | null
        readonly after?: string | null
      }
    }
  | {
      readonly kind: 'rollover'
      readonly at: string
      readonly dial: string
      readonly fromArena: string
      readonly fromOffset: number
      readonly toArena: string
      readonly toArenaOffset: number
    }

export function historyPath(stateDir: string, name: string): string {
  return join(stateDir, 'history', `${name}.jsonl`)
}

export async function appendHistory(stateDir: string, name: string, line: HistoryLine): Promise<void> {
  await appendLine(historyPath(stateDir, name), JSON.stringify(line))
}

function decodeLine(document: unknown): HistoryLine | null {
  const kind = (document as { kind?: unknown } | null)?.kind
  return kind === 'run' || kind === 'rollover' ? (document as HistoryLine) : null
}

/** Oldest first; empty when there is none yet. Rejects with `state-missing` when it cannot be read. */
export async function readHistory(stateDir: string, name: string): Promise<readonly HistoryLine[]> {
  return await readLineLog(historyPath(stateDir, name), decodeLine)
}
