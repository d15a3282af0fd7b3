// The service in a worker thread of this program: what the browser host runs.

import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { ServiceOptions } from './context.ts'
import type { ServiceLink } from './link.ts'
import { ServiceClient, type ServiceClientOptions } from './service-client.ts'

export type WorkerOptions = ServiceClientOptions & {
  /** Default: worker.js beside the program. */
  readonly workerPath?: string
}

function ownWorkerPath(): string {
  return join(dirname(fileURLToPath(import.meta.url)), 'worker.js')
}

export function startServiceWorker(
  options: ServiceOptions,
  { workerPath = ownWorkerPath(), ...client }: WorkerOptions = {},
): ServiceLink {
  return new ServiceClient(({ onMessage, onGone }, isRestart) => {
    const worker = new Worker(workerPath, { workerData: { role: 'service', ...options, isRestart }, name: 'service' })
    worker.on('message', onMessage)
    // An exit follows.
    worker.on('error', () => undefined)
    worker.on('exit', onGone)
    return {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of our own, not a window
      send: (message) => worker.postMessage(message),
      kill: () => void worker.terminate(),
    }
  }, client)
}
