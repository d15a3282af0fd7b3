// Checks many arenas of a source on several cores: each thread takes the next arena and reads, decompresses and hashes it by
// itself. What comes of it is what the engine's survey gives for one after the other.

import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { ArenaSummary } from '../../shared/model/arena.ts'
import { AppError, cancelledError } from '../../shared/errors.ts'
import { receivedError, type SentError } from '../../shared/sent-error.ts'
import type { TableEntry } from '../engine/venti/format/arena-table.ts'

export type SurveyStart = { readonly spec: string }
export type SurveyJob = { readonly id: number; readonly partition: number; readonly entry: TableEntry }
export type SurveyAnswer = {
  /** Of the thread, since it began. */
  readonly bytesRead: number
  readonly id?: number
  readonly summary?: ArenaSummary
  readonly error?: SentError
}

export type SurveyOptions = {
  readonly signal: AbortSignal
  readonly onBegin: (entry: TableEntry) => void
  readonly onRead: (bytes: number) => void
}

/** Each has a window of log and a heap of its own (R9), and more than these wait for the disk. */
const mostThreads = 3

/** A thread is there in a twentieth of a second: what is read sooner is not worth it. */
const leastBytes = 64 * 1024 * 1024

/** Threads worth having to check these; below 2, none. */
export function threadsFor(entries: readonly Pick<TableEntry, 'start' | 'stop'>[], path = threadPath()): number {
  const bytes = entries.reduce((sum, { start, stop }) => sum + stop - start, 0)
  if (bytes < leastBytes || !existsSync(path)) return 1
  return Math.min(mostThreads, entries.length, availableParallelism())
}

/** Beside the program that this is bundled into. */
const threadPath = (): string => fileURLToPath(new URL('survey.js', import.meta.url))

/**
 * In the order of the jobs. `spec`: what openSource takes, and what the entries were read from. Rejects with what the first
 * arena that cannot be surveyed rejects with, or with cancelled.
 */
export async function surveyInThreads(
  spec: string,
  jobs: readonly Omit<SurveyJob, 'id'>[],
  threads: number,
  { signal, onBegin, onRead }: SurveyOptions,
  path = threadPath(),
): Promise<readonly ArenaSummary[]> {
  const summaries: ArenaSummary[] = []
  const workers: Worker[] = []
  let next = 0
  const runThread = async (): Promise<void> => {
    const worker = new Worker(path, { workerData: { spec } satisfies SurveyStart, name: 'survey' })
    workers.push(worker)
    let read = 0
    await new Promise<void>((resolve, reject) => {
      const takeNext = (): void => {
        const job = jobs[next]
        if (job === undefined) return resolve()
        onBegin(job.entry)
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of our own, not a window
        worker.postMessage({ ...job, id: next++ } satisfies SurveyJob)
      }
      worker.on('message', ({ id, bytesRead, summary, error }: SurveyAnswer) => {
        onRead(bytesRead - read)
        read = bytesRead
        if (error !== undefined) return reject(receivedError(error))
        if (id === undefined || summary === undefined) return
        summaries[id] = summary
        takeNext()
      })
      worker.on('error', reject)
      worker.on('exit', () => reject(new AppError('bug', 'a thread that checks arenas ended')))
      signal.addEventListener('abort', () => reject(cancelledError()), { once: true })
      if (signal.aborted) reject(cancelledError())
      else takeNext()
    })
  }
  try {
    await Promise.all(Array.from({ length: threads }, runThread))
    return summaries
  } finally {
    await Promise.all(workers.map(async (worker) => await worker.terminate()))
  }
}
