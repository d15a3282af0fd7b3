// Threads of the service for what keeps a processor busy: each runs one thing to its end, so that the service's own loop
// answers at once whatever is copied.

import { Worker } from 'node:worker_threads'

/** Where the threads of a service come from: the program that worker.js is. */
export type ThreadRole = 'service' | 'sync' | 'store'

export type Thread<Out> = {
  send(message: Out): void
  /** Resolves when the thread is gone, however that came. */
  readonly gone: Promise<void>
}

export function startThread<Out>(
  path: string,
  role: ThreadRole,
  data: object,
  onMessage: (message: never) => void,
): Thread<Out> {
  const worker = new Worker(path, { workerData: { role, ...data }, name: role })
  worker.on('message', onMessage as (message: unknown) => void)
  const gone = new Promise<void>((resolve) => {
    // An exit follows an error.
    worker.on('error', () => undefined)
    worker.on('exit', () => resolve())
  })
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of our own, not a window
    send: (message) => worker.postMessage(message),
    gone,
  }
}
