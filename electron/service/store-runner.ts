// An embedded server: in this thread, or in one of its own, because storing is as much work as sending.

import type { MessagePort } from 'node:worker_threads'
import { AppError } from '../../shared/errors.ts'
import { receivedError, sentError, type SentError } from '../../shared/sent-error.ts'
import { dropOwnLock } from '../engine/state/file-lock.ts'
import { startServer } from '../engine/venti/server/server.ts'
import { startThread } from './thread.ts'

export const storeHost = '127.0.0.1'

export type StoreAsked = { readonly file: string; readonly port: number }

export type ServedStore = {
  readonly sizeBytes: number
  /** Answers what is in flight and flushes. Never rejects. */
  close(): Promise<void>
}

type FromThread = { readonly sizeBytes: number } | { readonly error: SentError }

/** Rejects as startServer does. */
export async function serveHere({ file, port }: StoreAsked): Promise<ServedStore> {
  const server = await startServer({ path: file, listen: { host: storeHost, port } })
  return { sizeBytes: server.stats().sizeBytes, close: async () => await server.close().catch(() => undefined) }
}

/** The same in a thread of the program at `path`. `onDied`: it ended although nobody closed it. */
export async function serveInThread(path: string, asked: StoreAsked, onDied: () => void): Promise<ServedStore> {
  let isServed = false
  let onReady: (message: FromThread) => void = () => undefined
  const ready = new Promise<FromThread>((resolve) => {
    onReady = resolve
  })
  const thread = startThread<{ readonly close: true }>(path, 'store', { asked }, onReady)
  const gone = thread.gone.then(async () => {
    // Nothing, where it was ready before.
    onReady({ error: sentError(new AppError('bug', `the thread that serves ${asked.file} ended unexpectedly`)) })
    if (!isServed) return
    await dropOwnLock(asked.file)
    onDied()
  })
  const first = await ready
  if ('error' in first) throw receivedError(first.error)
  isServed = true
  return {
    sizeBytes: first.sizeBytes,
    close: async () => {
      isServed = false
      thread.send({ close: true })
      await gone
    },
  }
}

/** What the thread does. */
export function storeThread(port: MessagePort, asked: StoreAsked): void {
  const send = (message: FromThread): void => port.postMessage(message)
  void serveHere(asked).then(
    (served) => {
      port.on('message', () => void served.close().then(() => port.close()))
      send({ sizeBytes: served.sizeBytes })
    },
    (error: unknown) => {
      send({ error: sentError(error) })
      port.close()
    },
  )
}
